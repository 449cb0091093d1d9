// Keeps every element with data-live="URL" fresh: its content is replaced by the HTML fragment that
// the URL answers, every two seconds while the page is visible. An answer with the header
// "Live: done" is the last one, and reloads the page once if the element says data-live-reload.
(() => {
  "use strict";
  const PAUSE_MS = 2000;
  // Whoever pressed a button is on the way to another page, from which a reload would bring them back.
  let isLeaving = false;

  // Whoever moves by keyboard stays on the same link.
  const replace = (element, html) => {
    const focused = element.contains(document.activeElement) && document.activeElement.getAttribute("href");
    element.innerHTML = html;
    if (focused) element.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  };

  const refresh = async (element) => {
    if (document.hidden || isLeaving) return true;
    const answer = await fetch(element.dataset.live, {
      headers: { "X-Requested-With": "fetch" },
      credentials: "same-origin",
    });
    if (!answer.ok || answer.redirected) return answer.status >= 500;
    if (isLeaving) return true;
    const done = answer.headers.get("Live") === "done";
    if (done && "liveReload" in element.dataset) {
      window.location.reload();
      return false;
    }
    replace(element, await answer.text());
    return !done;
  };

  const follow = async (element) => {
    let goesOn = true;
    try {
      goesOn = await refresh(element);
    } catch {
      // The server is away for a moment: ask again later.
    }
    if (goesOn) window.setTimeout(follow, PAUSE_MS, element);
  };

  // Minutes and seconds until the first mail; each refresh of the numbers corrects it.
  const countDown = () => {
    document.querySelectorAll("[data-countdown]").forEach((element) => {
      const left = Math.max(0, Number(element.dataset.countdown) - 1);
      element.dataset.countdown = left;
      element.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    window.setInterval(countDown, 1000);
    document.addEventListener("submit", () => (isLeaving = true));
    window.addEventListener("pageshow", () => (isLeaving = false));
    document.querySelectorAll("[data-live]").forEach((element) => window.setTimeout(follow, PAUSE_MS, element));
  });
})();

// Rebuilds the rules of a segment on the spot, and counts who belongs to it while they are written. Everything goes
// through the form of the page, which works without this, too.
(() => {
  "use strict";
  const PAUSE_MS = 600;
  document.documentElement.classList.add("segment-scripted");

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector(".segment-form");
    const rules = document.getElementById("segment-rules");
    const people = document.getElementById("segment-people");
    if (!form) return;
    let counting = null;
    let waiting = 0;
    // One change after the other: the second begins with what the first made of the form.
    let last = Promise.resolve();

    const ask = async (change, signal) => {
      const body = new FormData(form);
      body.set("change", change);
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        signal,
        headers: { "X-Requested-With": "fetch" },
        credentials: "same-origin",
      });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      return answer.text();
    };

    const count = async () => {
      counting?.abort();
      counting = new AbortController();
      people.setAttribute("aria-busy", "true");
      try {
        people.innerHTML = await ask("count", counting.signal);
        people.removeAttribute("aria-busy");
      } catch (error) {
        if (error.name !== "AbortError") people.removeAttribute("aria-busy");
      }
    };

    const countSoon = () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(count, PAUSE_MS);
    };

    // Whoever moves by keyboard goes on where something has just appeared, or where something was.
    const focus = (name) => {
      const field = name && rules.querySelector(`[name="${CSS.escape(name)}"]`);
      const place = document.getElementById("segment-focus")?.dataset.name;
      (field || (place && document.getElementById(place)) || rules.querySelector("select"))?.focus();
    };

    const rebuild = (change, name) => {
      last = last.then(async () => {
        try {
          rules.innerHTML = await ask(change);
          focus(name);
          countSoon();
        } catch {
          // The server is away, or nobody is logged in any more: as without a script, the page itself says so.
          form.insertAdjacentHTML("beforeend", '<input type="hidden" name="change">');
          form.lastElementChild.value = change;
          form.submit();
        }
      });
    };

    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (button?.name !== "change") return;
      event.preventDefault();
      rebuild(button.value);
    });
    rules.addEventListener("change", (event) => {
      const { name } = event.target;
      if ("rebuild" in event.target.dataset) rebuild("look", name);
      else countSoon();
    });
    rules.addEventListener("input", countSoon);
    count();
  });
})();

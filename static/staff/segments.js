// Rebuilds the rules of a segment on the spot, and counts who belongs to it while they are written. Everything goes
// through the form of the page, which works without this, too.
(() => {
  "use strict";
  const PAUSE_MS = 600;
  // Letters that come faster than that choose one option together.
  const LETTERS_MS = 1000;
  document.documentElement.classList.add("segment-scripted");

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector(".segment-form");
    const rules = document.getElementById("segment-rules");
    const people = document.getElementById("segment-people");
    if (!form) return;
    let counting = null;
    let waiting = 0;
    let looking = 0;
    let keyAt = -LETTERS_MS;
    let isComposing = false;
    // One change after the other: the second begins with what the first made of the form.
    let last = Promise.resolve();

    const filledIn = () => new URLSearchParams(new FormData(form)).toString();

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

    // Who belongs to it.

    const count = async () => {
      counting?.abort();
      const own = new AbortController();
      counting = own;
      people.setAttribute("aria-busy", "true");
      try {
        const html = await ask("count", own.signal);
        // Whatever was asked before the last question is answered too late.
        if (own === counting) showPeople(html);
      } catch {
        // The server is away, or a later question has taken over: the figures stay as they are.
      }
      if (own === counting) people.removeAttribute("aria-busy");
    };

    // Whoever moves by keyboard stays on the same link.
    const showPeople = (html) => {
      const focused = people.contains(document.activeElement) && document.activeElement.getAttribute("href");
      people.innerHTML = html;
      if (focused) people.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    };

    const countSoon = () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(count, PAUSE_MS);
    };

    // The rules.

    const named = (name) => [...rules.querySelectorAll(`[name="${CSS.escape(name)}"]`)];

    // In which field somebody is: of several with one name, in which of them, and there where.
    const spot = () => {
      const field = document.activeElement;
      if (!field?.name || !rules.contains(field)) return null;
      const caret = field.type === "text" ? [field.selectionStart, field.selectionEnd] : null;
      return { name: field.name, at: named(field.name).indexOf(field), caret };
    };

    const goBackTo = ({ name, at, caret }) => {
      const same = named(name);
      const field = same[at] || same[0] || rules.querySelector("select");
      field?.focus({ preventScroll: true });
      if (caret && field?.type === "text") field.setSelectionRange(...caret);
    };

    // Where something has just appeared, or where something was.
    const goOn = () => {
      const name = document.getElementById("segment-focus")?.dataset.name;
      ((name && document.getElementById(name)) || rules.querySelector("select"))?.focus();
    };

    const composed = () =>
      isComposing
        ? new Promise((done) => rules.addEventListener("compositionend", () => window.setTimeout(done), { once: true }))
        : null;

    // What somebody writes while the answer is on its way is not in it, so it is asked for once more.
    const answerTo = async (change) => {
      for (;;) {
        const before = filledIn();
        const html = await ask(change);
        await composed();
        if (filledIn() === before) return html;
      }
    };

    const rebuild = (change, isButton) => {
      last = last.then(async () => {
        try {
          const html = await answerTo(change);
          const here = spot();
          rules.innerHTML = html;
          if (isButton) goOn();
          else if (here) goBackTo(here);
          countSoon();
        } catch {
          // The server is away, or nobody is logged in any more: as without a script, the page itself says so.
          form.insertAdjacentHTML("beforeend", '<input type="hidden" name="change">');
          form.lastElementChild.value = change;
          form.submit();
        }
      });
    };

    const look = () => {
      window.clearTimeout(looking);
      looking = 0;
      rebuild("look", false);
    };

    // A new field in place of the one in which somebody spells an option would take the next letter for the first.
    const lookSoon = () => {
      window.clearTimeout(looking);
      looking = window.setTimeout(look, LETTERS_MS);
    };

    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (button?.name !== "change") return;
      event.preventDefault();
      window.clearTimeout(looking);
      looking = 0;
      rebuild(button.value, true);
    });
    rules.addEventListener("keydown", (event) => {
      if (event.target.tagName !== "SELECT") return;
      keyAt = event.timeStamp;
      if (looking) lookSoon();
    });
    rules.addEventListener("change", (event) => {
      if (!("rebuild" in event.target.dataset)) countSoon();
      else if (event.timeStamp - keyAt < LETTERS_MS) lookSoon();
      else look();
    });
    rules.addEventListener("focusout", () => looking && look());
    rules.addEventListener("input", countSoon);
    rules.addEventListener("compositionstart", () => (isComposing = true));
    rules.addEventListener("compositionend", () => (isComposing = false));
    count();
  });
})();

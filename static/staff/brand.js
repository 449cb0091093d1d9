// Refreshes what readers see while somebody chooses colours and words, by pressing the button that is there anyway.
(() => {
  "use strict";
  const PAUSE_MS = 300;
  const COLOUR = /(#[0-9a-f]{6})/;

  document.addEventListener("DOMContentLoaded", () => {
    const preview = document.querySelector("[data-brand-preview]");
    if (!preview) return;
    const button = preview.querySelector("[data-refresh]");
    const frame = preview.querySelector("iframe");
    const notes = preview.querySelector("[data-notes]");
    const form = button.form;
    let waiting = 0;

    // The page's own "you have unsaved changes" must not take this for leaving.
    const refresh = () => form.requestSubmit(button);
    const soon = () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(refresh, PAUSE_MS);
    };
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    preview.querySelector("[data-phone]").addEventListener("change", (event) => {
      event.stopPropagation();
      preview.classList.toggle("is-phone", event.target.checked);
    });
    frame.addEventListener("load", () => {
      const found = frame.contentDocument ? [...frame.contentDocument.querySelectorAll("meta[name=note]")] : [];
      notes.replaceChildren(...found.map((meta) => note(meta.content)));
    });
  });

  // Colours in the words are shown beside their names.
  function note(words) {
    const line = document.createElement("li");
    for (const part of words.split(COLOUR)) {
      if (!COLOUR.test(part)) {
        line.append(part);
        continue;
      }
      const name = document.createElement("code");
      const swatch = document.createElement("span");
      swatch.className = "brand-swatch";
      swatch.style.background = part;
      name.append(swatch, part);
      line.append(name);
    }
    return line;
  }
})();

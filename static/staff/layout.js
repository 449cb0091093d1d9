// Refreshes the preview of a layout while its source is written, by pressing the button that is there anyway.
(() => {
  "use strict";
  const PAUSE_MS = 700;

  document.addEventListener("DOMContentLoaded", () => {
    const preview = document.querySelector("[data-layout-preview]");
    const source = document.querySelector("[data-source]");
    if (!preview || !source) return;
    const button = preview.querySelector("[data-refresh]");
    const form = button.form;
    let waiting = 0;

    // The page's own "you have unsaved changes" must not take this for leaving.
    const refresh = () => form.requestSubmit(button);
    source.addEventListener("input", () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(refresh, PAUSE_MS);
    });
    preview.querySelectorAll("[data-try]").forEach((box) => box.addEventListener("change", refresh));
    preview.querySelector('[name="dark"]').addEventListener("change", (event) => {
      preview.classList.toggle("is-dark", event.target.checked);
    });
    preview.querySelector("[data-phone]").addEventListener("change", (event) => {
      preview.classList.toggle("is-phone", event.target.checked);
    });
    refresh();
  });
})();

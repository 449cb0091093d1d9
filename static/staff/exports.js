// Moves columns at once. Without it the same buttons ask the server.
(() => {
  "use strict";
  const list = document.querySelector("[data-columns]");

  const move = (button) => {
    const item = button.closest("li");
    if (button.name === "up" && item.previousElementSibling) item.previousElementSibling.before(item);
    else if (button.name === "down" && item.nextElementSibling) item.nextElementSibling.after(item);
    else return;
    // At either end the button that was pressed is hidden.
    button.focus();
    if (document.activeElement !== button) item.querySelector(button.name === "up" ? "[name=down]" : "[name=up]").focus();
  };

  list?.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=up], button[name=down]");
    if (!button) return;
    event.preventDefault();
    move(button);
  });
})();

// Offers the time zone of the person who schedules, and makes the choice that the fields below it belong to.
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const zone = document.querySelector("select[name=time_zone][data-untouched]");
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone && [...zone.options].some((option) => option.value === here)) zone.value = here;
    document.querySelectorAll(".choice-more :is(input, select)").forEach((field) => {
      const choice = field.closest(".choice-more").previousElementSibling.querySelector("input[type=radio]");
      field.addEventListener("focus", () => {
        choice.checked = true;
      });
    });
  });
})();

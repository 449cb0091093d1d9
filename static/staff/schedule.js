// Offers the time zone of the person who schedules, and chooses "at a time" when one is entered.
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const zone = document.querySelector("select[name=time_zone][data-untouched]");
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone && [...zone.options].some((option) => option.value === here)) zone.value = here;
    const later = document.querySelector("input[name=when][value=later]");
    document.querySelectorAll(".choice-more :is(input, select)").forEach((field) => {
      field.addEventListener("focus", () => {
        later.checked = true;
      });
    });
  });
})();

/* Ticks all families shown at once. Without JavaScript each is ticked by itself. */
(() => {
  "use strict";
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-tick-all]");
    if (!all) return;
    for (const box of all.closest("form").querySelectorAll("input[name=families]")) box.checked = all.checked;
  });
  for (const row of document.querySelectorAll("[data-tick-row]")) row.hidden = false;
})();

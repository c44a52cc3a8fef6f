/* A table of fields like a spreadsheet: up, down and Enter go along a column. The form works without it. */
(function () {
  "use strict";
  document.querySelectorAll("[data-cells]").forEach((table) => {
    const rows = [...table.tBodies[0].rows];
    table.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
      const cell = event.target.closest("td");
      if (!step || !cell || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const next = rows[rows.indexOf(cell.parentNode) + step];
      const field = next && next.cells[cell.cellIndex].querySelector("input");
      if (field) { field.focus(); field.select(); }
    });
  });
})();

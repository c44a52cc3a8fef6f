/* Marking attendance faster: arrows between cells, one key for a mark, a whole date at once. The form works without it. */
(function () {
  "use strict";
  const KEYS = { "+": "present", "=": "present", "1": "present", "-": "absent", "–": "absent", "0": "absent",
    "у": "excused", "e": "excused", "Delete": "", "Backspace": "" };
  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [1, 0] };
  const changed = (field) => {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  document.querySelectorAll("[data-grid]").forEach((grid) => {
    const rows = [...grid.tBodies[0].rows];
    const cell = (row, column) => rows[row] && rows[row].querySelector('[data-column="' + column + '"]');
    grid.addEventListener("keydown", (event) => {
      const mark = event.target.closest(".sv-mark");
      if (!mark || event.ctrlKey || event.metaKey || event.altKey) return;
      const step = STEPS[event.key];
      const value = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!step && value === undefined) return;
      event.preventDefault();
      let [row, column] = [rows.indexOf(mark.closest("tr")), Number(mark.dataset.column)];
      if (step) {
        const last = grid.tHead.rows[0].cells.length;
        do { row += step[0]; column += step[1]; } while (row >= 0 && row < rows.length && column >= 0 && column < last && !cell(row, column));
        const next = cell(row, column);
        if (next) next.focus();
        return;
      }
      mark.value = value;
      changed(mark);
    });
    grid.querySelectorAll("[data-all]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => {
        rows.forEach((_row, index) => {
          const mark = cell(index, button.dataset.all);
          if (mark && !mark.value) { mark.value = "present"; changed(mark); }
        });
      });
    });
  });

  document.querySelectorAll("[data-all-day]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      document.querySelectorAll(".sv-day__row").forEach((row) => {
        const [chosen, present] = [row.querySelector("input:checked"), row.querySelector('input[value="present"]')];
        if (!chosen || !chosen.value) { present.checked = true; changed(present); }
      });
    });
  });
})();

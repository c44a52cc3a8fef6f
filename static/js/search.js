/* The list under the search box: a combobox with a listbox. Without this file Enter opens the page of results. */
(function () {
  "use strict";
  const form = document.querySelector("[data-search]");
  const box = form && form.querySelector("[role=combobox]");
  const list = document.getElementById("suggest");
  const status = form && form.querySelector("[data-suggest-status]");
  if (!box || !list || !box.hasAttribute("hx-post")) return;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector('[aria-selected="true"]');

  function show() {
    const open = list.childElementCount > 0 && box.value.trim().length > 1;
    list.hidden = !open;
    box.setAttribute("aria-expanded", String(open));
    if (!open) choose(null);
  }
  function hide() {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    choose(null);
  }
  function choose(option) {
    const before = chosen();
    if (before) before.setAttribute("aria-selected", "false");
    if (!option) {
      box.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    box.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }
  function move(step) {
    const all = options();
    if (!all.length) return;
    const at = all.indexOf(chosen());
    // Up from the first option goes back to the text; down from the last one stays.
    choose(at < 0 ? all[step > 0 ? 0 : all.length - 1] : all[Math.min(at + step, all.length - 1)] || null);
  }

  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) show();
      if (!list.hidden) move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && open && chosen()) {
      event.preventDefault();
      chosen().click();
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      hide();
    }
  });
  box.addEventListener("focus", show);
  box.addEventListener("input", () => {
    choose(null);
    if (box.value.trim().length < 2) {
      list.replaceChildren();
      hide();
    }
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) hide();
  });
  // A press on an option must not take the focus from the box before the click arrives.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("htmx:afterSwap", () => {
    // An answer that comes after the text was cleared or the box was left is not shown.
    if (form.contains(document.activeElement)) show();
    const foot = list.querySelector(".suggest__foot");
    status.textContent = !list.hidden && foot ? foot.textContent.trim() : "";
  });
  // The page of results takes over: a late answer must not open the list again.
  form.addEventListener("submit", hide);
})();

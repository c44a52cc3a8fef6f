/* The catalogue beside a form of one's own is searched as one types; without JavaScript its groups open one by one. */
(function () {
  "use strict";
  const box = document.querySelector("[data-own-find]");
  if (!box) return;
  const field = box.querySelector("input"), none = document.querySelector("[data-own-none]");
  const plain = (text) => text.toLowerCase().replaceAll("ё", "е");
  const groups = [...document.querySelectorAll("[data-own-group]")];
  let opened = null; // groups that stood open before one began to search
  box.hidden = false;
  field.addEventListener("input", () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    if (words.length && !opened) opened = groups.filter((group) => group.open);
    let found = 0;
    groups.forEach((group) => {
      let inside = 0;
      group.querySelectorAll("[data-own-choice]").forEach((line) => {
        line.hidden = !words.every((word) => plain(line.textContent).includes(word));
        if (!line.hidden) inside += 1;
      });
      group.hidden = !inside;
      group.open = words.length ? inside > 0 : opened ? opened.includes(group) : group.open;
      found += inside;
    });
    if (!words.length) opened = null;
    none.hidden = found > 0;
  });
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
})();

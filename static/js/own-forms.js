/* The catalogue beside a form of one's own is searched as one types; without JavaScript its groups open one by one. */
(function () {
  "use strict";
  const box = document.querySelector("[data-own-find]");
  if (!box) return;
  const field = box.querySelector("input"), none = document.querySelector("[data-own-none]");
  const plain = (text) => text.toLowerCase().replaceAll("ё", "е");
  box.hidden = false;
  field.addEventListener("input", () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    let found = 0;
    document.querySelectorAll("[data-own-group]").forEach((group) => {
      let inside = 0;
      group.querySelectorAll("[data-own-choice]").forEach((line) => {
        line.hidden = !words.every((word) => plain(line.textContent).includes(word));
        if (!line.hidden) inside += 1;
      });
      group.hidden = !inside;
      if (words.length) group.open = inside > 0;
      found += inside;
    });
    none.hidden = found > 0;
  });
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
})();

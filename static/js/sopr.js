/* What HTML cannot do alone. Every page works without this file. */
(function () {
  "use strict";
  document.documentElement.classList.add("js");

  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
  const each = (root, selector, act) => root.querySelectorAll(selector).forEach(act);

  // «/» goes to the search of the whole system.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const form = document.querySelector("[data-search]");
    if (!form) return;
    event.preventDefault();
    form.classList.add("is-open");
    form.querySelector("input[type=search]").focus();
  });

  // Menus close by Esc and by a click outside; Esc gives the focus back.
  document.addEventListener("click", (event) => {
    each(document, "details.menu[open], details.drawer[open]", (menu) => {
      const backdrop = menu.matches(".drawer") && event.target === menu;
      if (backdrop || !menu.contains(event.target)) menu.open = false;
    });
    const toggle = event.target.closest("[data-search-toggle]");
    if (toggle) {
      const form = document.querySelector("[data-search]");
      const open = form.classList.toggle("is-open");
      toggle.setAttribute("aria-expanded", String(open));
      if (open) form.querySelector("input[type=search]").focus();
    }
    const filters = event.target.closest("[data-filters-toggle]");
    if (filters) filters.setAttribute("aria-expanded", String(filters.form.classList.toggle("is-open")));
    if (event.target.closest("[data-print]")) window.print();
    const reveal = event.target.closest("[data-reveal]");
    if (reveal) {
      const field = document.getElementById(reveal.dataset.reveal);
      const hidden = field.type === "password";
      field.type = hidden ? "text" : "password";
      reveal.textContent = hidden ? "Скрыть" : "Показать";
      field.focus();
    }
    const add = event.target.closest("[data-formset-add]");
    if (add) addRow(add.closest("[data-formset]"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    each(document, "details.menu[open], details.drawer[open]", (menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // A formset grows by cloning its template.
  function addRow(set) {
    const total = set.querySelector('[name$="-TOTAL_FORMS"]');
    const row = set.querySelector("template").content.cloneNode(true);
    const holder = document.createElement("div");
    holder.append(row);
    const parts = holder.querySelectorAll("*");
    parts.forEach((part) => {
      for (const attribute of [...part.attributes]) {
        if (attribute.value.includes("__prefix__")) {
          part.setAttribute(attribute.name, attribute.value.replaceAll("__prefix__", total.value));
        }
      }
    });
    const added = holder.firstElementChild;
    added.setAttribute("aria-label", "Строка " + (Number(total.value) + 1));
    set.querySelector(".formset__rows").append(added);
    total.value = Number(total.value) + 1;
    if (window.htmx) window.htmx.process(added);
    const first = added.querySelector("input:not([type=hidden]), select, textarea");
    if (first) first.focus();
  }
  document.addEventListener("change", (event) => {
    if (event.target.name && event.target.name.endsWith("-DELETE")) {
      event.target.closest("[data-formset-row]").classList.toggle("formset__row--gone", event.target.checked);
    }
  });

  // Text typed is not lost by a stray click; a form is sent once.
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (form) form.dataset.dirty = "";
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-guard][data-dirty]:not([data-sent])")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-leave]")) each(document, "form[data-guard]", (form) => delete form.dataset.dirty);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const elsewhere = event.submitter && event.submitter.formTarget === "_blank";
    if (event.defaultPrevented || form.method !== "post" || form.target === "_blank" || elsewhere) return;
    if ("sent" in form.dataset) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "";
    // The button keeps its name and value in what is sent: it is marked after the browser has read the form.
    setTimeout(() => each(form, "button[type=submit]", (button) => button.setAttribute("aria-busy", "true")));
  });
  window.addEventListener("pageshow", () => {
    each(document, "form[data-sent]", (form) => {
      delete form.dataset.sent;
      each(form, "[aria-busy]", (button) => button.removeAttribute("aria-busy"));
    });
  });

  // htmx: say what went wrong, and let a form be sent again after its part was replaced.
  const say = (text) => {
    const live = document.getElementById("live");
    live.textContent = text;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => { live.textContent = ""; }, 12000);
  };
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    say(status === 403 ? "Нет доступа или вход устарел. Обновите страницу и войдите снова, набранное скопируйте."
      : "Не получилось: сервер ответил ошибкой " + status + ". Повторите через минуту.");
  });
  document.addEventListener("htmx:sendError", () => say("Нет связи с сервером. Набранное осталось на странице, повторите позже."));
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest("form[data-sent]");
    if (!form) return;
    delete form.dataset.sent;
    each(form, "[aria-busy]", (button) => button.removeAttribute("aria-busy"));
    if (event.detail.successful) delete form.dataset.dirty;
  });
  // A word of search is often a surname: it must not stay in the browser's history. Empty filters only lengthen it.
  document.addEventListener("htmx:beforeHistoryUpdate", (event) => {
    const kept = event.detail.history;
    if (!kept || !kept.path) return;
    const url = new URL(kept.path, location.href);
    for (const [name, value] of [...url.searchParams]) {
      if (!value || name === "q") url.searchParams.delete(name);
    }
    kept.path = url.pathname + url.search;
  });
  document.addEventListener("htmx:afterSwap", (event) => prepare(event.target));

  function prepare(root) {
    each(root, "[data-formset-add], [data-print], [data-reveal]", (button) => { button.hidden = false; });
    const summary = root.querySelector("[data-focus]");
    if (summary) summary.focus();
  }
  prepare(document);
})();

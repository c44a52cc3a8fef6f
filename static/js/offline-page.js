/* The page that opens without a connection: writes a contact down by the number of the case, shows what waits. */
(function () {
  "use strict";
  const later = window.sopr.later;
  const page = document.querySelector("[data-shell]");
  const form = page.querySelector("[data-offline-form]");
  const list = page.querySelector("[data-list]");
  const state = page.querySelector("[data-state]");
  const TEXTS = ["summary", "notified", "progress", "changes", "purpose", "next_purpose"]; // what a person typed

  if (!later.user) {
    page.querySelector("[data-nobody]").hidden = false;
    state.hidden = true;
    return;
  }
  const cases = later.cases();
  for (const [id, number] of cases) form.elements.case.add(new Option("№\u00a0" + number, id));
  form.hidden = !cases.length;
  page.querySelector("[data-nocases]").hidden = Boolean(cases.length);
  startAnew();
  draw(later.kept());
  document.addEventListener("later:changed", (event) => draw(event.detail.texts));
  page.querySelector("[data-send]").addEventListener("click", later.flush);
  window.addEventListener("online", () => say("Связь появилась."));

  function say(text) { state.textContent = text; }

  function startAnew() {
    form.reset();
    const now = new Date();
    now.setMinutes(now.getMinutes() - now.getTimezoneOffset());
    form.elements.at.value = now.toISOString().slice(0, 16);
    ask();
  }

  // What is asked only at times is needed then.
  function ask() {
    const attempt = form.elements.kind.value === "attempt";
    [...form.elements.tried].forEach((radio) => { radio.required = attempt; });
    form.elements.notified.required = form.elements.threat.value === "on";
    form.elements.summary.required = form.elements.at.required = true;
  }
  form.addEventListener("change", ask);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    const chosen = form.elements.case.selectedOptions[0];
    const entry = later.entryOf(form, { token: later.uuid(), path: "/cases/" + chosen.value + "/contacts/new/", title: "Записать контакт", about: "Случай " + chosen.text });
    entry.fields = entry.fields.filter(([name]) => name !== "case");
    try {
      later.put(entry);
    } catch {
      say("В браузере не осталось места: запись не сохранена. Скопируйте текст.");
      return;
    }
    startAnew();
    say("Сохранено до связи. Отправится само.");
    window.scrollTo(0, 0);
    later.flush();
  }, true);

  function draw(texts) {
    list.hidden = !texts.length;
    page.querySelector("[data-number]").textContent = texts.length;
    page.querySelector("[data-rows]").replaceChildren(...texts.map(row));
  }

  function row(entry) {
    const holder = page.querySelector("[data-row]").content.firstElementChild.cloneNode(true);
    const text = entry.fields.filter(([name, value]) => TEXTS.includes(name) && value).map(([, value]) => value).join("\n");
    const refused = entry.state === "refused";
    holder.querySelector("h3").textContent = entry.title + (entry.about ? ": " + entry.about : "");
    holder.querySelector(".hint").textContent = new Date(entry.at).toLocaleString("ru", { dateStyle: "short", timeStyle: "short" }) + ", " + (refused ? "сервер не принял" : "ждёт отправки");
    holder.querySelector(".off__text").textContent = text;
    holder.querySelector("ul").replaceChildren(...entry.reasons.map((reason) => Object.assign(document.createElement("li"), { textContent: reason })));
    const mend = holder.querySelector("[data-mend]");
    mend.href = entry.path + "#later=" + entry.token;
    mend.hidden = !refused;
    holder.querySelector("[data-copy]").addEventListener("click", (event) => {
      navigator.clipboard.writeText(text).then(() => { event.target.textContent = "Скопировано"; });
    });
    holder.querySelector("[data-drop]").addEventListener("click", () => {
      if (!window.confirm("Удалить запись из браузера? Она не отправлена, вернуть её будет нельзя.")) return;
      later.drop(entry);
      draw(later.kept());
    });
    return holder;
  }
})();

/* The page of a running meeting: what is typed is kept, also without a connection; a colleague's words are merged in.

   Every change is stored in this browser under its author's id before it is sent, and removed when the server has it.
   A field nobody types into takes over what a colleague wrote; a field that both changed shows both texts and waits
   for a choice. Without this file «Сохранить запись» keeps the texts, and the page shows both texts when it is loaded. */
(function () {
  "use strict";
  const PAUSE = 1500; // milliseconds without typing after which the text is sent
  const AGAIN = 8000; // milliseconds until the next attempt without a connection
  const PATIENCE = 15000; // milliseconds for one answer
  const KEPT = "sopr.meeting."; // + user + "." + item
  const FIELDS = { heard: "Слушали", spoke: "Выступили", draft: "Решение" };

  const form = document.querySelector("form[data-meeting]");
  const saved = document.getElementById("saved"); // names the user

  function say(text, tone) {
    if (!saved) return;
    const line = document.createElement("span");
    line.className = "saved" + (tone ? " " + tone : "");
    line.textContent = text;
    saved.replaceChildren(line);
  }

  // --- the pulse must not cry at every beat without a connection -------------------------------------------------------

  document.body.addEventListener("htmx:sendError", (event) => {
    if (event.target.id !== "pulse") return;
    event.stopPropagation();
    if (!form) say("Нет связи с сервером", "bad");
  });
  document.body.addEventListener("htmx:responseError", (event) => { if (event.target.id === "pulse") event.stopPropagation(); });

  // What has not changed is left alone: the focus, an open list, a number being typed stay as they are.
  document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    const next = fragment.firstElementChild;
    if (!target || !next) return;
    const same = target.id === "votes" ? target.dataset.key === next.dataset.key : target.innerHTML.trim() === next.innerHTML.trim();
    if (same && target.id !== "colleague") event.detail.shouldSwap = false;
  });

  // --- going by keyboard ----------------------------------------------------------------------------------------------

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter" && form) {
      const button = form.querySelector("[data-key=decide]");
      if (button) { event.preventDefault(); form.requestSubmit(button); }
      return;
    }
    if (!event.altKey || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const lines = [...document.querySelectorAll(".agenda__i")];
    const line = lines[lines.findIndex((one) => one.matches(".is-now")) + (event.key === "ArrowDown" ? 1 : -1)];
    if (line) { event.preventDefault(); line.click(); }
  });

  // --- what other questions' pages left unsent: sent from here --------------------------------------------------------

  const OLDEST = 30 * 24 * 3600 * 1000; // milliseconds after which a text nobody came back for is dropped
  const mine = KEPT + (saved ? saved.dataset.user : "") + ".";

  function post(url, texts, itemVersion) {
    return fetch(url, {
      method: "POST", redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE),
      body: new URLSearchParams({ ...texts, item_version: itemVersion, auto: "1" }),
      headers: { "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value, Accept: "application/json" },
    });
  }

  async function sendOthers() {
    if (!saved || !document.querySelector("[name=csrfmiddlewaretoken]")) return;
    const others = Object.keys(localStorage).filter((name) => name.startsWith(mine) && !(form && name === mine + form.dataset.item));
    for (const name of others) {
      const kept = JSON.parse(localStorage.getItem(name));
      try {
        const answer = await post(kept.url, kept.typed, kept.version);
        // A question closed by our own button has its text; one that a colleague wrote in is asked about on its page.
        const closed = answer.status === 422 && kept.sent && !(await answer.json()).stored.open;
        if (answer.ok || closed || Date.now() - kept.at > OLDEST) localStorage.removeItem(name);
      } catch {
        return;
      }
    }
  }
  sendOthers();
  window.addEventListener("online", sendOthers);

  if (!form) return;

  // --- votes typed stay typed when the number of those who vote changes ------------------------------------------------

  const votes = new Map();
  form.addEventListener("input", (event) => {
    if (!event.target.closest("#votes")) return;
    const { name, type, checked, value } = event.target;
    votes.set(name, type === "checkbox" ? checked : value);
  });
  const putVotesBack = () => {
    for (const [name, value] of votes) {
      form.querySelectorAll("#votes [name='" + name + "']").forEach((one) => {
        if (one.type === "radio") one.checked = one.value === value;
        else if (one.type === "checkbox") one.checked = value;
        else one.value = value;
      });
    }
  };
  document.body.addEventListener("htmx:oobAfterSwap", (event) => { if (event.target.id === "votes") putVotesBack(); });
  document.body.addEventListener("htmx:afterSettle", putVotesBack);

  // --- the texts ------------------------------------------------------------------------------------------------------

  const texts = form.querySelector("#texts");
  const key = mine + form.dataset.item;
  const field = (name) => form.elements[name];
  const typed = () => Object.fromEntries(Object.keys(FIELDS).map((name) => [name, field(name).value]));
  const prepared = JSON.parse(texts.dataset.base);
  let base = { ...prepared }; // what the server had when the fields were last in step with it
  let timer = null;
  let sending = false;
  let closed = false; // the question has been decided or postponed by somebody
  const conflicts = new Set();

  const unix = (text) => text.replace(/\r\n/g, "\n");
  for (const name of Object.keys(base)) base[name] = unix(base[name]);
  const version = () => form.elements.item_version;
  const changed = () => Object.keys(FIELDS).some((name) => field(name).value !== base[name]);
  const later = (delay) => { clearTimeout(timer); timer = setTimeout(save, delay); };

  function keep(sent) {
    try {
      localStorage.setItem(key, JSON.stringify({ typed: typed(), base, version: version().value, url: texts.dataset.save, at: Date.now(), sent: Boolean(sent) }));
    } catch { /* no room in this browser: the page and the server still have it */ }
  }
  const forget = () => localStorage.removeItem(key);

  async function save() {
    clearTimeout(timer);
    if (sending || closed || conflicts.size || !changed()) return;
    sending = true;
    const now = typed();
    try {
      const answer = await post(texts.dataset.save, now, version().value);
      if (answer.type === "opaqueredirect" || answer.status === 403) {
        say("Вход устарел. Текст хранится в этом браузере: войдите в новой вкладке, он сохранится.", "bad");
        return;
      }
      if (answer.ok) return done(now, await answer.json());
      if (answer.status !== 422) throw new Error(String(answer.status));
      const said = await answer.json();
      if (said.stored.open && String(said.stored.version) !== version().value) return merge(said.stored);
      closed = !said.stored.open;
      say(said.trouble, "bad");
    } catch {
      say("Нет связи. Текст хранится в этом браузере и сохранится, когда связь вернётся.", "bad");
      later(AGAIN);
    } finally {
      sending = false;
    }
  }

  function done(now, said) {
    base = now;
    version().value = said.version;
    say("Сохранено в " + said.saved);
    if (changed()) { keep(); return later(PAUSE); }
    forget();
    delete form.dataset.dirty;
  }

  // A colleague has written: fields he changed and we did not are taken over, fields both changed are asked about.
  function merge(stored) {
    const theirs = Object.fromEntries(Object.keys(FIELDS).map((name) => [name, unix(stored.texts[name] || (name === "draft" ? unix(prepared.draft) : ""))]));
    for (const name of Object.keys(FIELDS)) {
      const mine = field(name).value;
      if (theirs[name] === base[name] || theirs[name] === mine) { base[name] = theirs[name]; continue; }
      if (mine === base[name]) field(name).value = base[name] = theirs[name];
      else ask(name, theirs[name], stored);
    }
    version().value = stored.version;
    if (!conflicts.size && changed()) later(PAUSE);
    else if (!changed()) forget();
  }

  function ask(name, text, stored) {
    conflicts.add(name);
    const id = "both-" + name;
    const before = document.getElementById(id);
    if (before) before.remove();
    const box = document.createElement("div");
    box.className = "callout both";
    box.id = id;
    box.setAttribute("role", "alert");
    const head = document.createElement("p");
    head.textContent = "«" + FIELDS[name] + "» одновременно с Вами записывает " + (stored.by || "другой сотрудник") + ", записано:";
    const other = document.createElement("blockquote");
    other.textContent = text || "пусто";
    box.append(head, other, choice("Оставить мой текст", () => settle(name, text, box)),
      choice("Взять записанный", () => { field(name).value = text; settle(name, text, box); }),
      choice("Соединить оба", () => { field(name).value = text + "\n" + field(name).value; settle(name, text, box); }));
    field(name).after(box);
    say("Записано двумя сотрудниками: выберите текст", "bad");
  }

  function choice(title, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-line btn-sm";
    button.textContent = title;
    button.addEventListener("click", act);
    return button;
  }

  function settle(name, text, box) {
    base[name] = text;
    conflicts.delete(name);
    box.remove();
    keep();
    if (!conflicts.size) changed() ? save() : forget();
  }

  texts.addEventListener("input", (event) => {
    if (!(event.target.name in FIELDS)) return;
    keep();
    later(PAUSE);
  });
  texts.addEventListener("focusout", () => { if (changed()) save(); });
  window.addEventListener("online", save);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });

  // The pulse has brought what is kept now.
  document.body.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.target.id !== "colleague") return;
    const colleague = document.getElementById("colleague");
    if ("gone" in colleague.dataset) { closed = true; return; }
    const found = colleague.querySelector("[data-stored]");
    if (!found || sending) return;
    const stored = JSON.parse(found.dataset.stored);
    if (String(stored.version) !== version().value) merge(stored);
  });

  // --- a button is pressed: is there a connection, is the sign-in alive? -----------------------------------------------

  document.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    if ("alive" in form.dataset) {
      delete form.dataset.alive;
      clearTimeout(timer);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if ("asking" in form.dataset) return;
    form.dataset.asking = "";
    const button = event.submitter;
    reach().then((trouble) => {
      delete form.dataset.asking;
      if (trouble) return say(trouble, "bad");
      form.dataset.alive = "";
      form.requestSubmit(button);
    });
  }, true);

  async function reach() {
    try {
      const answer = await fetch(form.dataset.tokenUrl, { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE), headers: { Accept: "application/json" } });
      if (answer.type === "opaqueredirect" || answer.status === 403) return "Вход устарел. Войдите в новой вкладке, затем повторите: текст останется на странице.";
      if (!answer.ok) throw new Error(String(answer.status));
      const { user, token } = await answer.json();
      if (String(user) !== form.dataset.user) return "В этом браузере вошёл другой сотрудник: ничего не отправлено. Скопируйте свой текст.";
      form.elements.csrfmiddlewaretoken.value = token;
      return "";
    } catch {
      return "Нет связи с сервером: ничего не отправлено, набранное осталось на странице. Повторите, когда связь вернётся.";
    }
  }
  form.addEventListener("submit", () => { if (changed()) keep(true); }); // until the next page has heard of it

  // --- what an earlier visit left without a connection -------------------------------------------------------------------

  function restore() {
    const early = Object.keys(FIELDS).filter((name) => field(name).value !== base[name]); // typed before this file came
    const kept = JSON.parse(localStorage.getItem(key) || "null");
    if (!kept) return;
    const shown = { texts: { ...base }, version: version().value, by: "", open: true };
    for (const name of Object.keys(FIELDS)) if (!early.includes(name)) field(name).value = kept.typed[name];
    base = kept.base;
    merge(shown);
    if (changed() && !conflicts.size) say("Восстановлен текст, набранный без связи");
  }
  if (!("dirty" in form.dataset)) restore();
  if (changed() && !conflicts.size) { keep(); later(PAUSE); } // typed before this file came, or sent back by the server
  window.addEventListener("pageshow", () => { delete form.dataset.alive; delete form.dataset.asking; });
})();

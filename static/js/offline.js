/* What is written without a connection waits in this browser and is sent when it returns, in order, each once.

   A text is stored before it is sent, under its author's id and the form's submit token, and removed when the server has
   said that it acted. Sent again with the same token it acts once, so a lost answer, a closed tab or a second click
   lose nothing and double nothing. Nobody but the author, signed in, sees it or sends it. Without this file the forms
   work as all others do. */
(function () {
  "use strict";
  const TEXT = "sopr.later."; // + user + "." + token
  const CASES = "sopr.cases."; // + user: [[id, number], …] for the page without a connection
  const HERE = "sopr_here"; // session cookie «user.until»: whose texts the page without a connection may show
  const HOURS_HERE = 12; // as long as a sign-in lasts
  const PATIENCE = 20000; // milliseconds for one answer
  const AGAIN = 30000; // milliseconds until the next attempt
  const TRIES = 5; // times that a failing server is asked about one text: it must not hold up the others for ever
  const OLDEST = 30 * 24 * 3600 * 1000; // the server remembers tokens for longer than that

  const bar = document.querySelector("[data-waiting]"); // on pages of those who are signed in
  const shell = document.querySelector("[data-shell]"); // the page that opens without a connection
  const user = bar ? bar.dataset.user : shell ? whoIsHere() : null;
  const went = new Map(); // token → where the server led after acting

  // --- what is kept ---------------------------------------------------------------------------------------------------

  const keyOf = (entry) => TEXT + entry.user + "." + entry.token;
  const put = (entry) => localStorage.setItem(keyOf(entry), JSON.stringify(entry));
  const drop = (entry) => localStorage.removeItem(keyOf(entry));
  const find = (token) => JSON.parse(localStorage.getItem(TEXT + user + "." + token) || "null");

  function kept() {
    if (!user) return [];
    return Object.keys(localStorage).filter((key) => key.startsWith(TEXT + user + "."))
      .map((key) => JSON.parse(localStorage.getItem(key))).sort((one, other) => one.at - other.at);
  }

  function whoIsHere() {
    const found = document.cookie.match(/(?:^|; )sopr_here=(\d+)\.(\d+)/);
    return found && Number(found[2]) > Date.now() ? found[1] : null;
  }

  function stay() {
    const until = Date.now() + HOURS_HERE * 3600 * 1000;
    document.cookie = HERE + "=" + user + "." + until + "; path=/; SameSite=Strict" + (location.protocol === "https:" ? "; Secure" : "");
    const own = document.getElementById("own-cases");
    if (own) localStorage.setItem(CASES + user, own.textContent);
    forget(CASES + user);
  }

  // Numbers of cases are for who is signed in: another person's, and everybody's after signing out, are wiped.
  function forget(except) {
    Object.keys(localStorage).filter((key) => key.startsWith(CASES) && key !== except).forEach((key) => localStorage.removeItem(key));
  }

  function leave() {
    document.cookie = HERE + "=; path=/; Max-Age=0; SameSite=Strict";
    forget(null);
  }

  // --- sending --------------------------------------------------------------------------------------------------------

  const call = (url, options) => fetch(url, { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE), ...options });

  // The token of who is signed in now; null when that is not the author. Throws without a connection.
  async function askToken() {
    const answer = await call("/accounts/drafts/token/", { headers: { Accept: "application/json" } });
    if (answer.type === "opaqueredirect" || answer.status === 403) return null;
    if (!answer.ok) throw new Error(String(answer.status));
    const said = await answer.json();
    return String(said.user) === user ? said.token : null;
  }

  async function read(answer) {
    try { return await answer.json(); } catch { return {}; }
  }

  // true: go on with the next one; false: stop here, the rest waits too.
  async function send(entry) {
    if (Date.now() - entry.at > OLDEST) return refuse(entry, { reasons: ["Запись ждала больше 30 дней. Проверьте, не внесена ли она уже, и отправьте её заново."] });
    const csrf = await askToken();
    if (csrf === null) return false;
    const body = new URLSearchParams(entry.fields);
    body.set("csrfmiddlewaretoken", csrf);
    body.set("submit_token", entry.token);
    const answer = await call(entry.path, { method: "POST", body, headers: { "X-Kept-For": user } });
    if (answer.status >= 500 && entry.tries < TRIES) {
      put({ ...entry, tries: entry.tries + 1 });
      throw new Error(String(answer.status));
    }
    const said = await read(answer);
    if (answer.status === 401 || said.state === "other") return false;
    if (answer.ok && said.done) {
      went.set(entry.token, said.done);
      const now = find(entry.token);
      if (now && now.at === entry.at) drop(entry); // unless it was written anew meanwhile
      return true;
    }
    if (answer.status === 404) said.reasons = ["Случая больше нет среди Ваших: его передали другому куратору. Скопируйте текст и отдайте ему."];
    if (answer.status === 403) said.reasons = ["У Вашей учётной записи нет доступа к этой форме."];
    return refuse(entry, said);
  }

  function refuse(entry, said) {
    put({ ...entry, state: "refused", reasons: said.reasons || ["Сервер не принял запись."], next: said.token || entry.token, again: Boolean(said.again) });
    return true;
  }

  // One tab at a time; the others wait for their turn and find less to do.
  const inTurn = (act) => (navigator.locks ? navigator.locks.request("sopr-later", act) : act());

  let timer = null;
  async function flush() {
    clearTimeout(timer);
    await inTurn(async () => {
      for (const entry of kept().filter((one) => one.state === "waiting")) {
        const now = find(entry.token); // another tab may have sent it meanwhile
        if (!now || now.state !== "waiting") continue;
        let goesOn = false;
        try { goesOn = await send(now); } catch { goesOn = false; }
        if (!goesOn) break;
      }
    });
    show();
    if (kept().some((one) => one.state === "waiting")) timer = setTimeout(flush, AGAIN);
  }

  // --- what is seen ---------------------------------------------------------------------------------------------------

  function show() {
    const texts = kept();
    const refused = texts.filter((one) => one.state === "refused").length;
    const waiting = texts.length - refused;
    if (bar) {
      bar.hidden = !texts.length;
      bar.classList.toggle("waiting--bad", Boolean(refused));
      const words = [];
      if (waiting) words.push("ждёт отправки (" + waiting + ")");
      if (refused) words.push("не принято (" + refused + ")");
      bar.querySelector("[data-waiting-words]").textContent = words.join(", ");
    }
    document.dispatchEvent(new CustomEvent("later:changed", { detail: { texts, went } }));
  }

  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  function entryOf(form, about) {
    const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && name !== "submit_token" && typeof value === "string");
    return { user, at: Date.now(), state: "waiting", reasons: [], tries: 0, fields, ...about };
  }

  // --- forms that may wait --------------------------------------------------------------------------------------------

  // Heard before drafts.js and sopr.js: they take over only what goes to the server in the usual way.
  window.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-later]") || !user || (event.submitter && event.submitter.name)) return;
    if ("alive" in form.dataset) return;
    if ("through" in form.dataset) {
      delete form.dataset.through;
      return;
    }
    const entry = entryOf(form, { token: form.elements.submit_token.value, path: location.pathname + location.search, title: form.dataset.later, about: form.dataset.about });
    try {
      put(entry);
      if (form.dataset.mends && form.dataset.mends !== entry.token) drop({ user, token: form.dataset.mends });
    } catch {
      return; // no room in this browser: the usual way
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if ("sent" in form.dataset) return;
    deliver(form, entry, event.submitter);
  }, true);

  async function deliver(form, entry, button) {
    form.dataset.sent = ""; // no second click, no draft while it is under way
    delete form.dataset.dirty; // it is kept: the page may be left
    if (button) button.setAttribute("aria-busy", "true");
    await flush();
    const now = find(entry.token);
    if (went.has(entry.token)) return location.assign(went.get(entry.token));
    delete form.dataset.sent;
    if (button) button.removeAttribute("aria-busy");
    const lapsed = now && now.state === "waiting" && await isLapsed();
    if (now && now.state === "waiting" && !lapsed) return wait(form, entry);
    if (now && now.state === "refused") drop(now); // the server shows its errors on the form itself
    form.dataset.through = "";
    form.requestSubmit(button);
  }

  async function isLapsed() {
    try { return (await askToken()) === null; } catch { return false; }
  }

  function wait(form, entry) {
    const box = document.getElementById("later-note").content.firstElementChild.cloneNode(true);
    form.before(box);
    form.hidden = true;
    box.querySelector("[data-later-mend]").addEventListener("click", () => {
      box.remove();
      form.hidden = false;
      form.querySelector("textarea").focus();
    });
    box.querySelector("[data-later-send]").addEventListener("click", flush);
    box.focus();
    document.addEventListener("later:changed", () => {
      if (box.isConnected && went.has(entry.token)) location.assign(went.get(entry.token));
    });
  }

  // «Исправить»: the form is filled with what the server did not take.
  function mend(form) {
    const token = (location.hash.match(/^#later=([\w-]+)$/) || [])[1];
    const entry = token && find(token);
    if (!entry) return;
    fill(form, entry.fields);
    form.dataset.mends = token;
    form.elements.submit_token.value = entry.next || token;
    if (entry.again && !form.elements.again) {
      const again = document.createElement("input");
      Object.assign(again, { type: "hidden", name: "again", value: "1" });
      form.append(again);
    }
    const box = document.createElement("div");
    box.className = "callout";
    box.setAttribute("role", "alert");
    for (const reason of ["Это Ваша запись, которую сервер не принял:", ...entry.reasons]) {
      const line = document.createElement("p");
      line.textContent = reason;
      box.append(line);
    }
    form.before(box);
  }

  function fill(form, fields) {
    const values = new Map();
    for (const [name, value] of fields) values.set(name, [...(values.get(name) || []), value]);
    for (const element of form.elements) {
      if (!element.name || element.type === "hidden") continue;
      const typed = values.get(element.name) || [];
      if (element.type === "radio" || element.type === "checkbox") element.checked = typed.includes(element.value);
      else if (typed.length) element.value = typed[0];
    }
  }

  // --- coming and going -----------------------------------------------------------------------------------------------

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-sign-out]")) return;
    const waiting = kept().length;
    const question = "В этом браузере ждёт отправки записей: " + waiting + ". Они останутся здесь и отправятся, когда Вы снова войдёте; другим сотрудникам они не видны. Выйти?";
    if (waiting && !window.confirm(question)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    leave();
  }, true);

  window.sopr = { later: { user, kept, put, drop, flush, entryOf, uuid, cases: () => JSON.parse((user && localStorage.getItem(CASES + user)) || "[]") } };
  if (bar) stay();
  else if (document.querySelector("[data-signed-out]")) leave();
  document.querySelectorAll("form[data-later]").forEach(mend);
  window.addEventListener("online", flush);
  window.addEventListener("storage", show);
  show();
  if (user) flush();
  if (bar && "serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
})();

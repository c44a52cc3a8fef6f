/* A long form is kept on the server while it is typed, and is not sent while nobody is signed in.
   Without this file the button «Сохранить черновик» does the first, and the server keeps the text for the second. */
(function () {
  "use strict";
  const PAUSE = 2000; // milliseconds without typing after which the text is kept
  const AGAIN = 15000; // milliseconds until a failed attempt is repeated
  const KEEPALIVE_LIMIT = 60000; // bytes a browser sends for a page that is going away

  document.querySelectorAll("form[data-draft]").forEach(keep);

  function keep(form) {
    const status = form.querySelector("[data-draft-status]");
    let typed = 0; // grows with each change
    let kept = 0; // what the server has
    let timer = null;
    let asking = false;
    let attempt = null;

    const say = (text) => { if (status && status.textContent !== text) status.textContent = text; };
    const later = (delay) => { clearTimeout(timer); timer = setTimeout(save, delay); };
    const onChange = (event) => {
      if (event.target.name === "take") return;
      typed += 1;
      later(PAUSE);
    };
    form.addEventListener("input", onChange);
    form.addEventListener("change", onChange);
    form.addEventListener("focusout", () => save());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") save();
      else if (banner.shown) ask().catch(() => {});
    });
    window.addEventListener("pagehide", () => save());
    window.addEventListener("focus", () => { if (banner.shown) ask().catch(() => {}); });

    function fields() {
      const data = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (typeof value === "string" && name !== "take") data.append(name, value);
      data.set("keep_draft", "auto");
      return data;
    }

    async function save() {
      clearTimeout(timer);
      if (typed === kept || attempt || "sent" in form.dataset) return;
      const now = typed;
      const body = fields().toString();
      attempt = new AbortController();
      try {
        const answer = await fetch(location.href, {
          method: "POST", body, redirect: "manual", signal: attempt.signal, keepalive: body.length < KEEPALIVE_LIMIT,
          headers: { "Content-Type": "application/x-www-form-urlencoded" },
        });
        if (answer.type === "opaqueredirect" || answer.status === 403) {
          if (await ask()) later(0); // signed in again meanwhile: the token was the old one
          return;
        }
        if (!answer.ok) throw new Error(String(answer.status));
        const { saved } = await answer.json();
        kept = now;
        say(saved ? "Черновик сохранён в " + saved : "");
        if (typed === kept && ![...form.querySelectorAll("input[type=file]")].some((file) => file.value)) delete form.dataset.dirty;
      } catch (error) {
        if (error.name === "AbortError") return;
        say("Черновик пока не сохранён: нет связи с сервером. Текст остаётся на странице.");
        later(AGAIN);
      } finally {
        attempt = null;
        if (typed !== kept && kept === now) later(PAUSE);
      }
    }

    // Who is signed in now; takes over his token, for a new sign-in makes the page's one void.
    async function ask() {
      const answer = await fetch(form.dataset.draft, { redirect: "manual", headers: { Accept: "application/json" }, cache: "no-store" });
      if (answer.type === "opaqueredirect" || answer.status === 403) {
        banner.show("Вход устарел. Войдите в новой вкладке, затем продолжайте: текст останется на странице.", true);
        return false;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const { user, token } = await answer.json();
      if (String(user) !== form.dataset.user) {
        banner.show("В этом браузере вошёл другой сотрудник, поэтому форма не отправлена. Скопируйте свой текст или попросите его выйти и войдите сами.", false);
        return false;
      }
      document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = token; });
      if (document.body.hasAttribute("hx-headers")) document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
      if (banner.hide()) { say("Вход восстановлен, можно продолжать."); if (typed !== kept) later(0); }
      return true;
    }

    const banner = {
      shown: null,
      show(text, mayEnter) {
        this.hide();
        const box = document.createElement("div");
        box.className = "lapsed";
        box.setAttribute("role", "alert");
        const words = document.createElement("p");
        words.textContent = text;
        box.append(words);
        if (mayEnter) {
          const link = document.createElement("a");
          link.href = form.dataset.login;
          link.target = "_blank";
          link.className = "btn btn-primary";
          link.textContent = "Войти в новой вкладке";
          box.append(link);
        }
        form.prepend(box);
        this.shown = box;
        say("");
        release();
      },
      hide() {
        if (!this.shown) return false;
        this.shown.remove();
        this.shown = null;
        return true;
      },
    };

    function release() {
      asking = false;
      form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    }

    // Before the form goes: is the sign-in alive? Heard before the page's own listener, which marks the form as sent.
    document.addEventListener("submit", (event) => {
      if (event.target !== form) return;
      if ("alive" in form.dataset) {
        delete form.dataset.alive;
        clearTimeout(timer);
        if (attempt) attempt.abort();
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      if (asking || "sent" in form.dataset) return;
      asking = true;
      const button = event.submitter;
      if (button) button.setAttribute("aria-busy", "true");
      ask().then((alive) => {
        if (!alive) {
          banner.shown.scrollIntoView({ block: "center" });
          return;
        }
        release();
        form.dataset.alive = "";
        form.requestSubmit(button);
      }).catch(() => {
        release();
        say("Нет связи с сервером. Текст остался на странице, отправьте его через минуту.");
      });
    }, true);

    // Shown again by «Назад»: what is typed from now on is kept again.
    window.addEventListener("pageshow", () => { asking = false; delete form.dataset.alive; });
  }
})();

/* The QR code carries the code behind «#», which browsers send to nobody: take it, forget it, open the form. */
(function () {
  "use strict";
  const code = decodeURIComponent(location.hash.slice(1));
  const form = document.querySelector("[data-survey-code]");
  if (!code || !form) return;
  history.replaceState(null, "", location.pathname);
  form.querySelector("input[name=code]").value = code;
  form.requestSubmit();
})();

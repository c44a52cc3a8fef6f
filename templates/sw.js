/* Keeps the page «Без связи» and files of the interface, nothing else: no page of a family is ever in its cache. */
"use strict";
const CACHE = "sopr-{{ version }}";
const OFFLINE = "{{ offline }}";
const ASSETS = [{% for asset in assets %}"{{ asset }}",{% endfor %}];
const STATIC = "{{ static }}";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([OFFLINE, ...ASSETS])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("sopr-") && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim())
  );
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (url.pathname.startsWith(STATIC)) {
    event.respondWith(fetch(request).then(keep(request)).catch(() => caches.match(request).then((found) => found || Response.error())));
  }
});

// Fonts and pictures that style sheets name are met on the way.
function keep(request) {
  return (answer) => {
    if (answer.ok && answer.type === "basic") {
      const copy = answer.clone();
      caches.open(CACHE).then((cache) => cache.put(request, copy)).catch(() => {});
    }
    return answer;
  };
}

// Keeps every file of one build, so that the page works without a network; a new build takes the place of the old.
// BUILD, with its version and files, is written above by `make app`.
const NAME = `examcard-${BUILD.version}`;

addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const kept = await caches.open(NAME);
    await kept.addAll(BUILD.files.map((file) => new Request(file, { cache: "no-cache" })));
    await skipWaiting();
  })());
});

addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("examcard-") && name !== NAME);
    await Promise.all(old.map((name) => caches.delete(name)));
    await clients.claim();
  })());
});

addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== location.origin) return;
  if (address.pathname.endsWith("/")) address.pathname += "index.html";
  address.search = address.hash = "";
  event.respondWith((async () => (await (await caches.open(NAME)).match(address.href)) ?? fetch(event.request))());
});

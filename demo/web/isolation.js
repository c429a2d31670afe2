// A service worker that adds the two headers without which a browser gives WebAssembly one thread.
// It stores nothing. A server that sends the headers itself makes it needless.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (new URL(event.request.url).origin === self.location.origin) {
    event.respondWith(isolated(event.request));
  }
});

async function isolated(request) {
  const answer = await fetch(request);
  const headers = new Headers(answer.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  const { status, statusText } = answer;
  const empty = [101, 204, 205, 304].includes(status); // these may have no body
  return new Response(empty ? null : answer.body, { status, statusText, headers });
}

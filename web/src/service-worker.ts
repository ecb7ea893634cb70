// Keeps the site's files, so that the page works without a network. Built as a script of its own, beside index.html.
export {};

declare const __FILES__: string[];
declare const __BUILD__: string;

const scope = self as unknown as ServiceWorkerGlobalScope;
const files = __FILES__;
const PREFIX = `moonlet ${scope.registration.scope} `;
const NAME = `${PREFIX}${__BUILD__}`;

async function keepFile(cache: Cache, file: string): Promise<void> {
  // Past the browser's own cache, which may hold a file of an older build under the same name.
  const response = await fetch(new Request(file, { cache: "no-cache" }));
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  // Some servers send index.html's askers elsewhere, and a response that says so answers no navigation.
  const { status, headers } = response;
  await cache.put(file, response.redirected ? new Response(await response.blob(), { status, headers }) : response);
}

async function keep(): Promise<void> {
  const cache = await caches.open(NAME);
  await Promise.all(files.map((file) => keepFile(cache, file)));
}

async function forget(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== NAME).map((name) => caches.delete(name)));
}

/** The path of a request below the scope; `undefined` for what is not below it. */
function nameOf({ url }: Request): string | undefined {
  const { origin, pathname } = new URL(url);
  const { origin: ours, pathname: folder } = new URL(scope.registration.scope);
  return origin === ours && pathname.startsWith(folder) ? pathname.slice(folder.length) : undefined;
}

async function answer(request: Request, name: string): Promise<Response> {
  const cache = await caches.open(NAME);
  const known = await cache.match(name || "index.html");
  if (known) return known;
  const response = await fetch(request);
  // What was left out of the list, being large and seldom used, is kept from its first use on.
  if (response.status === 200) await cache.put(name, response.clone());
  return response;
}

scope.addEventListener("install", (event) => event.waitUntil(keep()));
scope.addEventListener("activate", (event) => event.waitUntil(forget().then(() => scope.clients.claim())));
scope.addEventListener("fetch", (event) => {
  const name = nameOf(event.request);
  // All but the page and the build's files is the server's.
  if (event.request.method !== "GET" || name === undefined) return;
  if (name === "" || name.startsWith("assets/") || files.includes(name)) event.respondWith(answer(event.request, name));
});

/** What answers a URL. */
export function load(url: URL | string): Promise<Response> {
  return fetch(url);
}

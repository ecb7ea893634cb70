import { readFile } from "node:fs/promises";

/** What answers a URL; the platform's `fetch` knows no files. */
export async function load(url: URL | string): Promise<Response | Uint8Array<ArrayBuffer>> {
  if (!URL.canParse(url)) {
    throw new TypeError(`the option module is no URL: ${String(url)}; for a file, pass its bytes or pathToFileURL(path)`);
  }
  const parsed = new URL(url);
  return parsed.protocol === "file:" ? readFile(parsed) : fetch(parsed);
}

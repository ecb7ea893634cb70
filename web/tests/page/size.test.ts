import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

import { DIST, test } from "./harness.js";

const FOLDER = "/some/folder/";

function compressed(path: string): number {
  const name = path.slice(FOLDER.length) || "index.html";
  return brotliCompressSync(readFileSync(join(DIST, name)), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}

const sum = (paths: Set<string>) => [...paths].reduce((total, path) => total + compressed(path), 0);

test("the first load is small, and smaller before the editor", async ({ page, site }, context) => {
  site.asked.length = 0;
  // What comes before the editor: all that the page asks for when the editor's file does not come.
  await page.context().route(/\/(editor|language)-[^/]*\.js$/, () => undefined);
  await page.goto(site.url, { waitUntil: "domcontentloaded" });
  await page.locator("#run").waitFor();
  await page.waitForTimeout(1000);
  const isEditor = (path: string) => /\/(editor|language|extras|dist)-[^/]*\.js$/.test(path);
  const isModule = (path: string) => path.endsWith(".wasm");
  const isLater = (path: string) => /service-worker|webmanifest|icon/.test(path);
  const before = new Set(site.asked.filter((path) => !isEditor(path) && !isLater(path)));
  await page.context().unrouteAll();

  site.asked.length = 0;
  const fresh = await page.context().browser()!.newContext({ serviceWorkers: "block" });
  const other = await fresh.newPage();
  await other.goto(site.url);
  await other.locator("#editor .cm-content").waitFor();
  await other.waitForTimeout(1000);
  const all = new Set(site.asked.filter((path) => !isLater(path)));
  await fresh.close();

  const shell = new Set([...before].filter((path) => !isModule(path)));
  context.diagnostic(`before the editor ${sum(shell)} bytes, with the module ${sum(before)}, all ${sum(all)}: ${[...all].map((path) => `${path.slice(FOLDER.length) || "index.html"} ${compressed(path)}`).join(", ")}`);
  assert.ok([...before].some(isModule) && [...all].some(isEditor));
  assert.ok(sum(shell) < 90_000, `${sum(shell)} bytes before the editor`);
  const withEditor = new Set([...all].filter((path) => !isModule(path)));
  assert.ok(sum(withEditor) < 137_000, `${sum(withEditor)} bytes with the editor, without the module`);
  assert.ok(sum(all) < 250_000, `${sum(all)} bytes in all`);
  assert.equal([...all].filter(isModule).length, 1, "the other Lua is loaded when it is chosen");
}, { serviceWorkers: "block", isClosed: true });

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { DIST, settled, test, write, written } from "./harness.js";
import { serve } from "./server.js";

/** Waits until the service worker has the page's files. */
async function kept(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

test("all of the page opens without a server: examples, bytecode, links, and the formatter once it was used", async ({ page, expect }) => {
  const site = await serve(DIST);
  // This test's own site is another one than the harness's.
  expect(new RegExp(`a request to ${site.url}`));
  expect(/Failed to load resource/);
  try {
    await page.goto(site.url);
    await settled(page);
    await kept(page);
    await write(page, "x=1");
    await page.keyboard.press("Shift+Alt+F");
    await page.locator("#status", { hasText: "Formatted." }).waitFor();
    await site.close();

    await page.goto(`${site.url}?anything=1#tour=calculator`);
    await settled(page);
    await page.locator(".example", { hasText: "cuts a text into tokens" }).waitFor();
    await page.locator("#run").click();
    await page.locator(".console", { hasText: "(1 + 2) * 3  = 9" }).waitFor();
    await page.locator("#tab-bytecode").click();
    await page.locator(".bytecode tr", { hasText: "LOADK" }).first().waitFor();
    await page.getByRole("button", { name: "Menu" }).click();
    await page.locator("#action-share").click();
    await page.locator("dialog textarea").waitFor();
    await page.keyboard.press("Escape");
    await write(page, "y=2");
    await page.keyboard.press("Shift+Alt+F");
    await page.locator("#status", { hasText: "Formatted." }).waitFor();
    assert.equal(await written(page), "y = 2\n");
  } finally {
    await site.close().catch(() => undefined);
  }
}, { isClosed: true });

test("what was not loaded before the network went says so", async ({ page, expect }) => {
  const site = await serve(DIST);
  expect(new RegExp(`a request to ${site.url}`));
  // However the browser puts it.
  expect(/Failed to (fetch|load)|NetworkError|ERR_|could not be loaded|ServiceWorker/);
  await page.goto(site.url);
  await settled(page);
  await kept(page);
  await site.close();
  await write(page, "x=1");
  await page.keyboard.press("Shift+Alt+F");
  await page.locator("#status", { hasText: "could not be loaded" }).waitFor();
  assert.equal(await written(page), "x=1");
}, { isClosed: true });

test("a newer build waits until the tabs of the older are closed", async ({ page, context, expect }) => {
  const folder = mkdtempSync(join(tmpdir(), "moonlet-"));
  cpSync(DIST, folder, { recursive: true });
  const site = await serve(folder);
  expect(new RegExp(`a request to ${site.url}`));
  try {
    await page.goto(site.url);
    await settled(page);
    await kept(page);

    const change = (name: string, from: RegExp, to: string): void => {
      const text = readFileSync(join(folder, name), "utf8");
      const changed = text.replace(from, to);
      assert.notEqual(changed, text);
      writeFileSync(join(folder, name), changed);
    };
    change("index.html", /<title>.*<\/title>/, "<title>The newer one</title>");
    change("service-worker.js", /[0-9a-f]{16}/, "0123456789abcdef");
    await page.reload();
    await page.locator("#status", { hasText: "A newer playground is here" }).waitFor();
    assert.notEqual(await page.title(), "The newer one");
    await page.close();
    const next = await context.newPage();
    await next.goto(site.url);
    await next.waitForFunction(() => document.title === "The newer one");
    const names = await next.evaluate(async () => caches.keys());
    assert.deepEqual(names.map((name) => name.slice(-16)), ["0123456789abcdef"]);
  } finally {
    await site.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, { isClosed: true });

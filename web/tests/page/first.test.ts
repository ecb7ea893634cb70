import assert from "node:assert/strict";

import { run, settled, test, written } from "./harness.js";

test("runs what is written, in both versions", async ({ page, picture }) => {
  assert.match(await written(page), /print/);
  await run(page, 'print("sum", 1 + 2, _VERSION)', "sum\t3\tLua 5.4");
  await page.locator("#version").selectOption("5.5");
  await run(page, "global x = 7 print(x, _VERSION) global print", /./);
  await picture("first");
});

test("opens again without a network", async ({ page, context, picture }) => {
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active!.state);
  // The worker takes the page over once its files are kept.
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await context.setOffline(true);
  await page.reload();
  await settled(page);
  await run(page, 'print("still", "here")', "still\there");
  await page.locator("#version").selectOption("5.5");
  await run(page, "print(_VERSION)", "Lua 5.5");
  await picture("offline");
});

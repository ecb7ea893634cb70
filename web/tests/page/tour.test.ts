import assert from "node:assert/strict";

import { settled, test, write, written } from "./harness.js";

test("the tour leads through twelve examples, apart from the user's files", async ({ page, open, picture }) => {
  await write(page, 'print("mine")');
  await page.locator("#tab-tour").click();
  const examples = page.locator(".tour ol > li > button");
  await examples.first().waitFor();
  assert.equal(await examples.count(), 12);
  await examples.first().click();
  await page.locator(".example", { hasText: "one structure" }).waitFor();
  await picture("tour");
  await page.locator("#run").click();
  await page.locator(".console", { hasText: "Venus has no moon" }).waitFor();
  await page.locator("#tab-tour").click();
  for (let place = 1; place < 12; place++) {
    await page.locator(".example .primary").click();
    await page.locator(".tour ol > li", { has: page.locator(".example") }).nth(0).waitFor();
    await page.waitForFunction((index) => document.querySelectorAll(".tour ol > li")[index]!.querySelector(".example"), place);
  }
  assert.deepEqual(await page.locator("#files [role=tab]").allTextContents(), ["calculator.lua", "tokens.lua"]);
  await page.locator("#run").click();
  await page.locator(".console", { hasText: "(1 + 2) * 3  = 9" }).waitFor();

  // What is changed of an example stays, and can be taken back.
  await write(page, "print(1)");
  await page.waitForTimeout(500);
  await open("#tour=calculator");
  await page.locator("#editor .cm-line", { hasText: "print(1)" }).waitFor();
  await page.locator(".example button", { hasText: "As it was" }).click();
  await page.locator("#editor .cm-line", { hasText: "a language is made of" }).waitFor();
  await page.locator(".example button", { hasText: "My files" }).click();
  await page.locator("#editor .cm-line", { hasText: "mine" }).waitFor();
  assert.equal(await page.evaluate(() => location.hash), "");
  await open("#tour=nonsense");
  await page.locator("#notice.bad", { hasText: "no example nonsense" }).waitFor();
  assert.equal(await written(page), 'print("mine")');
});

test("the bytecode stands beside its lines, of both versions", async ({ page, picture }) => {
  await write(page, "local a = 1\nlocal function double(x)\n  return x * 2\nend\nprint(double(a))");
  await page.locator("#tab-bytecode").click();
  const panel = page.locator(".bytecode");
  await panel.locator("tr", { hasText: "a := 1" }).waitFor();
  await panel.locator(".source", { hasText: "return x * 2" }).waitFor();
  assert.match((await panel.textContent())!, /string\.dump of Lua 5\.4: \d+ bytes, 2 functions/);
  await picture("bytecode");
  await panel.locator(".source button", { hasText: /^3$/ }).click();
  await panel.locator("tr.here", { hasText: "MULK" }).waitFor();
  await page.locator("#version").selectOption("5.5");
  await page.locator(".bytecode", { hasText: "string.dump of Lua 5.5" }).waitFor();
  await write(page, "x = ");
  await panel.locator("p", { hasText: "unexpected symbol near <eof>" }).waitFor();
  await write(page, Array.from({ length: 700 }, (_, i) => `x = ${i}`).join("\n"));
  await panel.locator("button", { hasText: /\d+ more/ }).click();
  await panel.locator("td", { hasText: /^702$/ }).waitFor();
  await settled(page);
});

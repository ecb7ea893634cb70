import assert from "node:assert/strict";

import type { Page } from "playwright-core";

import { run, test, write } from "./harness.js";

/** Types a statement, and waits for its moment. */
async function type(page: Page, statement: string): Promise<void> {
  const count = await page.locator(".moment.statement").count();
  await page.locator(".repl textarea").fill(statement);
  await page.keyboard.press("Enter");
  await page.locator(".moment.statement").nth(count).waitFor();
}

/** Types an expression whose value is awaited. */
async function value(page: Page, expression: string, awaited: string): Promise<void> {
  await type(page, expression);
  assert.equal(await page.locator(".console .results").last().textContent(), awaited);
}

/** Chooses a moment by its number. */
async function choose(page: Page, number: number): Promise<void> {
  await page.locator(`.moment[data-number="${number}"]`).click();
  await page.locator(".detail .what", { hasText: `${number} ` }).waitFor();
}

test("goes back to each statement, and begins a branch there", async ({ page, picture }) => {
  await run(page, "x = 1 print('ready')", "ready");
  await type(page, "x = x + 1");
  await type(page, "x = x * 10");
  await value(page, "x", "20");
  await choose(page, 3);
  await page.getByRole("button", { name: "Go back here" }).click();
  await value(page, "x", "2");
  await type(page, "x = 'another'");
  await value(page, "x", '"another"');
  await choose(page, 4);
  await page.getByRole("button", { name: "Go back here" }).click();
  await value(page, "x", "20");
  await page.locator(".figures", { hasText: "branches" }).waitFor();
  await picture("timeline");
});

test("goes back to a question that was answered, and answers otherwise", async ({ page }) => {
  await write(page, 'local name = prompt("Who?")\nprint("Hello", name)\nlocal line = io.read("n")\nprint("number", line)');
  await page.locator("#run").click();
  await page.getByRole("textbox", { name: "Who?" }).fill("Ada");
  await page.keyboard.press("Enter");
  await page.getByLabel("Input for the script").fill("12");
  await page.keyboard.press("Enter");
  await page.locator(".console .out", { hasText: "number\t12" }).waitFor();
  await page.locator('.moment[title*="prompt"]').click();
  await page.getByRole("button", { name: "Go back here" }).click();
  await page.locator('#phase[data-phase="paused"]').waitFor();
  await page.locator("#editor .cm-current-line", { hasText: "prompt" }).waitFor();
  await page.locator("#pause").click();
  await page.getByRole("textbox", { name: "Who?" }).fill("Bob");
  await page.keyboard.press("Enter");
  await page.locator(".console .out", { hasText: "Hello\tBob" }).waitFor();
  // The number is asked for again, too.
  await page.getByLabel("Input for the script").waitFor();
  await page.locator("#stop").click();
  await page.locator('#phase[data-phase="idle"]').waitFor();
  assert.equal(await page.getByLabel("Input for the script").count(), 0);
});

test("compares two moments", async ({ page, picture }) => {
  await run(page, "t = {a = 1, deep = {b = 'x'}} gone = true print('ready')", "ready");
  await type(page, "t.deep.b = 'y'; t.c = 3; gone = nil");
  await page.getByRole("button", { name: "What changed since 2" }).click();
  const rows = page.locator(".compare tbody tr");
  await rows.first().waitFor();
  assert.deepEqual(await rows.evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent))), [
    ["gone", "true", ""],
    ["t.c", "", "3"],
    ["t.deep.b", '"x"', '"y"'],
  ]);
  assert.match((await page.locator(".pages p").textContent())!, /^[1-9]\d* of \d+ pages of memory differ, in [1-9][\d,]* bytes$/);
  await picture("compare");
  await page.getByRole("button", { name: "Close" }).click();
  await choose(page, 1);
  await page.getByRole("button", { name: "Compare…" }).click();
  await choose(page, 3);
  await page.getByRole("button", { name: "Compare with 1" }).click();
  await page.locator(".compare th", { hasText: "t.deep.b" }).waitFor();
});

test("makes 200 forks, whose states are their own", async ({ page, picture }) => {
  await run(page, "n = 7 print('ready')", "ready");
  for (let i = 0; i < 200; i++) {
    await page.getByRole("button", { name: "Fork", exact: true }).click();
    await page.locator(`.moment.fork[data-number="${i + 3 + Number(i > 100)}"][aria-current]`).waitFor();
    if (i === 100) await type(page, "n = 'changed'").then(() => choose(page, 50));
  }
  await value(page, "n", "7");
  // Forks share their pages: this is what two snapshots and some have, not two hundred.
  const figures = (await page.locator(".figures").textContent())!;
  const [, moments, size] = /^(\d+) moments.* ([\d.]+) [KM]iB/.exec(figures)!;
  assert.ok(Number(moments) > 200 && Number(size) < 1500, figures);
  await picture("forks");
});

test("bounds the memory of its moments, and keeps those that matter", async ({ page }) => {
  // Each turn changes 8 MiB; fifty of them would be 400.
  await write(page, "local s = {}\nfor i = 1, 50 do\n  s = {}\n  for k = 1, 80 do s[k] = (string.char(33 + i + k % 3)):rep(100000) end\n  prompt('turn ' .. i)\nend");
  await page.locator("#run").click();
  for (let i = 1; i <= 30; i++) {
    await page.getByRole("textbox", { name: `turn ${i}`, exact: true }).waitFor();
    await page.keyboard.press("Enter");
  }
  await page.locator(".figures", { hasText: "older ones given up" }).waitFor();
  const [, size] = / ([\d.]+) MiB/.exec((await page.locator(".figures").textContent())!)!;
  assert.ok(Number(size) <= 160, size);
  assert.equal(await page.locator(".moment.start").count(), 1);
});

test("goes along the moments by keys", async ({ page }) => {
  await run(page, "x = 1 print('ready')", "ready");
  await type(page, "x = 2");
  await choose(page, 1);
  await page.locator('.moment[data-number="1"]').focus();
  await page.keyboard.press("ArrowRight");
  await page.locator('.moment[data-number="2"][aria-pressed="true"]:focus').waitFor();
  await page.keyboard.press("End");
  await page.locator('.moment[data-number="3"][aria-pressed="true"]:focus').waitFor();
});

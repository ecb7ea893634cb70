import assert from "node:assert/strict";

import type { Page } from "playwright-core";

import { run, test, write } from "./harness.js";

/** Waits until the page says that it does this. */
async function phase(page: Page, name: string): Promise<void> {
  await page.locator(`#phase[data-phase="${name}"]`).waitFor();
}

/** Types a statement. */
async function type(page: Page, statement: string): Promise<void> {
  await page.locator(".repl textarea").fill(statement);
  await page.keyboard.press("Enter");
}

/** The line where the program stands. */
async function current(page: Page): Promise<string> {
  return (await page.locator("#editor .cm-current-line").textContent())!;
}

test("stops an endless loop, and keeps the page and the state", async ({ page }) => {
  await write(page, "count = 0\nwhile true do count = count + 1 end");
  await page.locator("#run").click();
  await page.locator("#fuel", { hasText: "M units" }).waitFor();
  await page.locator("#stop").click();
  await phase(page, "idle");
  await page.locator(".console", { hasText: "stopped" }).waitFor();
  await type(page, "count > 1000");
  await page.locator(".console .results", { hasText: "true" }).waitFor();
});

test("stops where no slice ends, and goes back to the last state without it", async ({ page }) => {
  await run(page, "x = 41 print('kept')", "kept");
  // The handler of a task that is cancelled runs to its end in one piece.
  await type(page, "local a <close> = setmetatable({}, {__close = function() while true do end end}) while true do end");
  await phase(page, "running");
  await page.locator("#stop").click();
  await phase(page, "idle");
  await page.locator(".console", { hasText: "stopped within a call that lets nobody in" }).waitFor();
  await type(page, "x + 1");
  await page.locator(".console .results", { hasText: "42" }).waitFor();
});

test("runs again while it runs, also where no slice ends", async ({ page }) => {
  await write(page, "local a <close> = setmetatable({}, {__close = function() while true do end end}) while true do end");
  await page.locator("#run").click();
  await phase(page, "running");
  await run(page, "print('another')", "another");
  await phase(page, "idle");
});

test("pauses, takes statements meanwhile, and goes on", async ({ page, picture }) => {
  await write(page, "done = false\nlocal n = 0\nwhile not done do\n  n = n + 1\nend\nprint('went on', n > 0)");
  await page.locator("#run").click();
  await page.locator("#fuel", { hasText: "M units" }).waitFor();
  await page.keyboard.press("F8");
  await phase(page, "paused");
  assert.match(await current(page), /while not done do|n = n \+ 1/);
  await page.locator("#tab-values").click();
  await page.locator(".values .row", { hasText: /^n = \d+$/ }).waitFor();
  await picture("paused");
  await page.locator("#tab-console").click();
  await type(page, "done = true");
  await page.locator(".moment.statement").waitFor();
  await page.keyboard.press("F8");
  await page.locator(".console", { hasText: "went on\ttrue" }).waitFor();
  await phase(page, "idle");
});

test("steps by line, into and over calls, in coroutines too", async ({ page }) => {
  const source = ["local function f(a)", "  local b = a + 1", "  return b", "end", "local x = f(1)", "local y = f(2)", "local co = coroutine.wrap(function()", "  local z = 3", "  coroutine.yield(z)", "end)", "print(x, y, co())"];
  await write(page, source.join("\n"));
  await page.locator("#step").click();
  await phase(page, "paused");
  const seen = [await current(page)];
  for (const button of ["step", "step", "step", "over", "over", "step", "step", "step", "step", "step"]) {
    const line = page.locator("#editor .cm-current-line");
    const before = await page.locator(".moment").count();
    await page.locator(`#${button}`).click();
    await page.locator(".moment").nth(before).waitFor();
    await phase(page, "paused");
    seen.push((await line.textContent())!);
  }
  const [, b, r, end, x, y, co, z, yields, endCo, print] = source;
  // The closures are made at the lines of their `end`.
  assert.deepEqual(seen, [end, x, b, r, y, co, endCo, co, print, z, yields]);
  await page.locator("#pause").click();
  await page.locator(".console .out", { hasText: "2\t3\t3" }).waitFor();
});

test("stops at a line with a mark, in each turn", async ({ page, picture }) => {
  await write(page, "local sum = 0\nfor i = 1, 3 do\n  sum = sum + i\nend\nprint(sum)");
  await page.locator("#editor .cm-line", { hasText: "sum = sum + i" }).click();
  await page.keyboard.press("F9");
  await page.locator("#editor .cm-stop", { hasText: "●" }).last().waitFor();
  await page.locator("#tab-values").click();
  await page.locator("#run").click();
  for (const sum of [0, 1, 3]) {
    await page.locator(".values .row", { hasText: new RegExp(`^sum = ${sum}$`) }).waitFor();
    assert.match(await current(page), /sum = sum \+ i/);
    if (sum === 1) await picture("mark");
    await page.locator("#pause").click();
  }
  await page.locator("#tab-console").click();
  await page.locator(".console .out", { hasText: "6" }).waitFor();
});

test("stops at a line that gets its mark while the program runs", async ({ page }) => {
  await write(page, "local n = 0\nwhile true do\n  n = n + 1\n  n = n - 1\nend");
  await page.locator("#run").click();
  await page.locator("#fuel", { hasText: "M units" }).waitFor();
  await page.locator("#editor .cm-line", { hasText: "n = n - 1" }).click();
  await page.keyboard.press("F9");
  await phase(page, "paused");
  assert.match(await current(page), /n = n - 1/);
  await page.keyboard.press("F9");
  await page.locator("#pause").click();
  await phase(page, "running");
  await page.locator("#stop").click();
  await phase(page, "idle");
});

test("keeps the state between runs when it is to", async ({ page }) => {
  await run(page, "n = (n or 0) + 1 print('n is', n)", "n is\t1");
  await run(page, "n = (n or 0) + 1 print('n is', n)", "n is\t1");
  await page.locator("#keep").check();
  await run(page, "n = (n or 0) + 1 print('n is', n)", "n is\t2");
  await page.locator("#menu-button").click();
  await page.locator("#action-reset").click();
  await type(page, "n");
  await page.locator(".console .results", { hasText: "nil" }).waitFor();
});

test("runs both versions side by side", async ({ page, picture }) => {
  await page.locator("#version").selectOption("both");
  await run(page, "print(_VERSION)\nreturn table.create ~= nil", "Lua 5.5");
  const columns = page.locator(".column");
  await columns.nth(0).filter({ hasText: "Lua 5.4" }).filter({ hasText: "false" }).waitFor();
  await columns.nth(1).filter({ hasText: "Lua 5.5" }).filter({ hasText: "true" }).waitFor();
  await type(page, "2^53");
  await columns.nth(0).locator(".results", { hasText: "9.007199254741e+15" }).waitFor();
  await columns.nth(1).locator(".results", { hasText: "9007199254740992.0" }).waitFor();
  await picture("both");
});

test("holds scripts to their limits", async ({ page }) => {
  await page.locator("#menu-button").click();
  await page.locator("#action-limits").click();
  // By keys: to Firefox's fields of numbers Playwright's fill only adds.
  for (const [label, value] of [["Memory, in MiB", "4"], ["Fuel of a run", "2"]] as const) {
    await page.getByLabel(label).press("ControlOrMeta+a");
    await page.getByLabel(label).pressSequentially(value);
  }
  await page.getByRole("button", { name: "Set" }).click();
  await run(page, "local t = {} for i = 1, 1e9 do t[i] = {} end", "not enough memory");
  await run(page, "while true do end", "fuel");
  await page.reload();
  await run(page, "while true do end", "fuel");
});

test("goes by keys alone", async ({ page }) => {
  await write(page, "print('by key')\nwhile true do end");
  await page.keyboard.press("ControlOrMeta+Enter");
  await page.locator(".console", { hasText: "by key" }).waitFor();
  await page.keyboard.press("ControlOrMeta+.");
  await phase(page, "idle");
  await page.keyboard.press("F10");
  await phase(page, "paused");
  // Out of the editor, along the tabs of the panels.
  await page.locator("#editor .cm-content").focus();
  // Once for the list of names, if it is open.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator("#splitter").getAttribute("aria-valuenow"), "52");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator("#tab-values").getAttribute("aria-selected"), "true");
});

test("says that a version could not be loaded, and loads it once it can be", async ({ page, context, expect }) => {
  expect(/ERR_FAILED|net::/);
  await context.route("**/lua55*.wasm", (route) => route.abort());
  await page.locator("#version").selectOption("5.5");
  await run(page, "print(_VERSION)", "Lua 5.5 could not be loaded");
  await phase(page, "idle");
  await context.unroute("**/lua55*.wasm");
  await run(page, "print('now', _VERSION)", "now\tLua 5.5");
}, { serviceWorkers: "block" });

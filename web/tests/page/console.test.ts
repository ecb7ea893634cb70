import assert from "node:assert/strict";

import { run, test, write } from "./harness.js";

test("shows output, errors and results as what they are", async ({ page, picture }) => {
  await run(page, 'print("one")\nio.stderr:write("two\\n")\nreturn {1, 2, x = "y"}, nil', "{1, 2, x = \"y\"}");
  assert.equal(await page.locator(".console .out").textContent(), "one\n");
  assert.equal(await page.locator(".console .err").textContent(), "two\n");
  await page.locator(".console details > summary").click();
  await page.locator(".console details .row", { hasText: 'x = "y"' }).waitFor();
  await picture("console");
});

test("marks the line of an error, and goes to the places of its traceback", async ({ page, picture }) => {
  await run(page, 'local function f(x)\n  return x + {}\nend\n\nlocal function g()\n  local y = f(1)\n  return y\nend\nprint(g())', "arithmetic on a table value");
  await page.locator("#editor .cm-error-line", { hasText: "return x + {}" }).waitFor();
  await page.locator("#editor .cm-failure", { hasText: "arithmetic on a table value" }).waitFor();
  const traceback = page.locator(".console .traceback");
  assert.match((await traceback.textContent())!, /^stack traceback:\n(.*\n)*.*main\.lua:9: in main chunk$/);
  await picture("failure");
  await traceback.locator("button", { hasText: "main.lua:6" }).click();
  await page.locator("#editor .cm-activeLine", { hasText: "local y = f(1)" }).waitFor();
  await write(page, "x = = 1");
  await page.locator("#run").click();
  await page.locator("#editor .cm-error-line", { hasText: "x = = 1" }).waitFor();
});

test("takes statements of several lines, completes names, and has what was typed before", async ({ page }) => {
  const line = page.locator(".repl textarea");
  await line.click();
  await page.keyboard.type("for i = 1, 2 do");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("textarea")!.value.endsWith("\n"));
  await page.keyboard.type("print('line', i) end");
  await page.keyboard.press("Enter");
  await page.locator(".console .out", { hasText: "line\t1\nline\t2" }).waitFor();
  await page.keyboard.type("string.for");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.querySelector("textarea")!.value === "string.format");
  await page.keyboard.press("ArrowUp");
  assert.match(await line.inputValue(), /^for i = 1, 2 do\nprint/);
  await line.fill("1 +");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("1");
  await page.keyboard.press("Enter");
  await page.locator(".console .results", { hasText: "2" }).waitFor();
  await line.fill("error('no', 0)");
  await page.keyboard.press("Enter");
  await page.locator(".console .failure", { hasText: "no" }).waitFor();
});

test("caps output, says how much is left out, and keeps drawing frames", async ({ page }) => {
  await write(page, "local i = 0 while true do i = i + 1 print(i, ('x'):rep(40)) end");
  await page.locator("#run").click();
  await page.locator(".console .note", { hasText: "are left out" }).waitFor();
  const frames = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let count = 0;
        const tick = (): void => void (count++ < 60 ? requestAnimationFrame(tick) : resolve(document.querySelector(".console")!.textContent!.length));
        tick();
      }),
  );
  assert.ok(frames < 300_000, `${frames} characters on the page`);
  await page.locator("#stop").click();
  await page.locator('#phase[data-phase="idle"]').waitFor();
});

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

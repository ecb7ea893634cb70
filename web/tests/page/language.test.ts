import assert from "node:assert/strict";

import { run, test, write, written } from "./harness.js";

test("Lua has colours, completion, and indentation as it is typed", async ({ page, picture }) => {
  await write(page, "local x <const> = 'text' -- why\nfunction f(a) return a.b, 0x10 end\n");
  const colourOf = (text: string | RegExp) => page.locator("#editor .cm-line span", { hasText: text }).first().evaluate((element) => getComputedStyle(element).color);
  const colours = await Promise.all(["local", "'text'", "why", "0x10", /^f$/].map(colourOf));
  assert.equal(new Set(colours).size, 5, colours.join());
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("string.fo");
  await page.locator("#editor .cm-tooltip-autocomplete li", { hasText: "format" }).waitFor();
  await page.locator("#editor .cm-completionInfo", { hasText: "Formats its arguments" }).waitFor();
  await picture("completion");
  await page.keyboard.press("Enter");
  assert.match(await written(page), /string\.format$/);

  await write(page, "");
  // Word by word, as no completion is to take the line's end.
  for (const line of ["for i = 1, 2 do", "print(i)", "end"]) {
    await page.keyboard.type(line);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Enter");
  }
  assert.equal(await written(page), "for i = 1, 2 do\n  print(i)\nend\n");
});

test("the formatter is loaded when it is asked for, and its work can be undone", async ({ page, site, picture }) => {
  await write(page, "local t={1,2,\n3}\nif t then print( t [1] )end");
  assert.ok(!site.asked.some((path) => path.includes("stylua")));
  await page.keyboard.press("Shift+Alt+F");
  await page.locator("#status", { hasText: "Formatted." }).waitFor();
  assert.equal(await written(page), "local t = { 1, 2, 3 }\nif t then\n  print(t[1])\nend\n");
  assert.ok(site.asked.some((path) => /stylua.*\.wasm$/.test(path)));
  await picture("formatted");
  await page.locator("#editor .cm-content").click();
  await page.keyboard.press("ControlOrMeta+z");
  assert.equal(await written(page), "local t={1,2,\n3}\nif t then print( t [1] )end");

  // Numbers of 64 bits, which the formatter's own comparison breaks down on.
  await write(page, "x=0xcbf29ce484222325 y='a'");
  await page.keyboard.press("Shift+Alt+F");
  await page.locator("#editor .cm-line", { hasText: 'y = "a"' }).waitFor();
  await write(page, "if x then");
  await page.keyboard.press("Shift+Alt+F");
  await page.locator("#status", { hasText: "Not formatted" }).waitFor();
  assert.equal(await written(page), "if x then");
  await page.locator("#version").selectOption("5.5");
  await write(page, "local a\nglobal b");
  await page.keyboard.press("Shift+Alt+F");
  await page.locator("#status", { hasText: "line 2 has `global`" }).waitFor();
  await run(page, "global x = 5\nglobal print\nprint(x)", "5");
});

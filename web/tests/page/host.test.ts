import assert from "node:assert/strict";

import { run, test, write } from "./harness.js";

test("gives scripts timers, questions, files of the site, and no others", async ({ page }) => {
  await run(
    page,
    'local from = os.clock()\nsleep(0.2)\nprint("slept", os.clock() - from >= 0.19)\nprint(fetch("icon.svg"):match("<svg"))\nprint(pcall(fetch, "https://example.org/"))\nprint(pcall(fetch, "no/such.txt"))\nprint(pcall(host.call, "nothing"))\nprint("end")',
    /\nend/,
  );
  const text = (await page.locator(".console .out").allTextContents()).join("");
  assert.match(text, /^slept\ttrue\n<svg\nfalse\tfetch reads files of this site only.*\nfalse\tno\/such.txt: the site answers 404\nfalse\tthere is no host function nothing/);
});

test("draws frames on a canvas, and hears keys", async ({ page, picture }) => {
  await write(
    page,
    'canvas.size(200, 100)\nfor i = 1, 30 do\n  canvas.clear("#102040")\n  canvas.color("rgb(255, 0, 0)")\n  canvas.rect(10, 10, 50, 50)\n  local dt, keys = canvas.frame()\nend\nprint("key", key())',
  );
  await page.locator("#run").click();
  await page.locator('#phase[data-phase="waiting"]').waitFor();
  const pixel = await page.locator("canvas[role=img]").evaluate((canvas: HTMLCanvasElement) => [...canvas.getContext("2d")!.getImageData(20, 20, 1, 1).data]);
  assert.deepEqual(pixel, [255, 0, 0, 255]);
  await picture("canvas");
  await page.keyboard.press("ArrowLeft");
  await page.locator("#tab-console").click();
  await page.locator(".console .out", { hasText: "key\tArrowLeft" }).waitFor();
});

test("shows what was drawn without a frame at the end", async ({ page }) => {
  await write(page, 'canvas.color("rgb(0, 0, 255)")\ncanvas.circle(50, 50, 40)');
  await page.locator("#run").click();
  await page.waitForFunction(() => document.querySelector<HTMLCanvasElement>("canvas[role=img]")!.getContext("2d")!.getImageData(50, 50, 1, 1).data[2] === 255);
});

test("reads standard input to its end", async ({ page }) => {
  await write(page, 'for line in io.lines() do print("got", line) end\nprint("end")');
  await page.locator("#run").click();
  for (const line of ["one", "two"]) {
    await page.getByLabel("Input for the script").fill(line);
    await page.keyboard.press("Enter");
    await page.locator(".console .out", { hasText: `got\t${line}` }).waitFor();
  }
  await page.getByRole("button", { name: "End of input" }).click();
  await page.locator(".console .out", { hasText: "end" }).waitFor();
});

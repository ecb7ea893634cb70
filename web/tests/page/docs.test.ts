import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { test, write } from "./harness.js";

test("the guide's animation runs, and hears keys", async ({ page }) => {
  const guide = readFileSync(join(process.cwd(), "../docs/using-the-playground.md"), "utf8");
  const [, source] = /```lua\n([\s\S]*?)```/.exec(guide)!;
  await write(page, source!);
  await page.locator("#run").click();
  /** Where the ball is, by its colour. */
  const ball = (): Promise<number> =>
    page.locator("canvas[role=img]").evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext("2d")!.getImageData(0, 100, canvas.width, 1);
      const columns = Array.from({ length: canvas.width }, (_, x) => x).filter((x) => data[4 * x] === 255);
      return columns.length > 0 ? columns[columns.length >> 1]! : -1;
    });
  await page.waitForFunction(() => document.querySelector<HTMLCanvasElement>("canvas[role=img]")!.height === 200);
  await page.keyboard.down("ArrowLeft");
  await page.waitForTimeout(300);
  const before = await ball();
  await page.waitForTimeout(300);
  const after = await ball();
  // It goes left, and comes in again at the right.
  assert.ok(after < before || before < 60, `from ${before} to ${after}`);
  await page.keyboard.up("ArrowLeft");
  await page.locator("#stop").click();
  await page.locator('#phase[data-phase="idle"]').waitFor();
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { fragmentOf } from "../../src/project/share.js";
import { run, settled, test } from "./harness.js";

const AXE = readFileSync(join(process.cwd(), "node_modules/axe-core/axe.min.js"), "utf8");

interface Finding {
  id: string;
  impact: string;
  help: string;
  nodes: { target: unknown[]; failureSummary: string }[];
}

/** What axe has against the page as it is. */
async function findings(page: Page, where: string): Promise<string[]> {
  // By the debugger, which no policy of the page holds back.
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(context: Document, options: object): Promise<{ violations: Finding[] }> } };
    return (await axe.run(document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })).violations;
  });
  return found.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) => `${where}: ${id}: ${help}: ${JSON.stringify(target)}: ${failureSummary}`));
}

/** Looks at each panel and each dialog. */
async function everywhere(page: Page, where: string): Promise<string[]> {
  const found: string[] = [];
  const look = async (what: string): Promise<void> => void found.push(...(await findings(page, `${where}, ${what}`)));
  await run(page, 'local t = {1, x = "y"}\nprint(t.x, 12)\nio.stderr:write("warned\\n")\nlocal function f()\n  error("wrong")\nend\nf() -- why', "stack traceback");
  for (const tab of await page.locator("#tabs [role=tab]").all()) {
    await tab.click();
    await page.waitForTimeout(400);
    await look((await tab.textContent())!);
  }
  await page.locator("#menu-button").click();
  await look("menu");
  await page.keyboard.press("Escape");
  for (const id of ["share", "new-file", "limits"]) {
    await page.locator("#menu-button").click();
    await page.locator(`#action-${id}`).click();
    await page.locator("dialog").waitFor();
    await look(id);
    await page.keyboard.press("Escape");
  }
  return found;
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe has nothing against the page, ${colorScheme}`, async ({ page, picture }) => {
    assert.deepEqual(await everywhere(page, colorScheme), []);
    await picture(`access ${colorScheme}`);
  }, { colorScheme });
}

test("axe has nothing against the page on a phone, a frame, and a notice", async ({ page, open, picture }) => {
  const found: string[] = [];
  for (const part of ["code", "side", "timeline"]) {
    await page.locator(`#parts [data-part=${part}]`).click();
    found.push(...(await findings(page, part)));
    await picture(`phone ${part}`);
  }
  await open("#code=1damaged");
  await page.locator("#notice").waitFor();
  found.push(...(await findings(page, "notice")));
  await picture("phone notice");
  const fragment = await fragmentOf({ lua: "5.4", main: "main.lua", files: [["main.lua", "print(1)"]] }, { embed: true });
  await open(fragment);
  found.push(...(await findings(page, "frame")));
  assert.deepEqual(found, []);
  // Nothing is wider than the screen.
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
}, { viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true });

test("the page is used by keys alone", async ({ page }) => {
  const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);
  await page.locator("#run").focus();
  const passed: (string | null | undefined)[] = [];
  // Not beyond the last: there the keys are the browser's own.
  while (passed.length < 30 && passed.at(-1) !== "tab-console") {
    passed.push(await focused());
    await page.keyboard.press("Tab");
    // Tab indents in the editor; Escape lets it go on.
    if ((await focused()) === "editor") {
      passed.push("editor");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Tab");
    }
  }
  for (const id of ["run", "step", "keep", "version", "menu-button", "new-file", "editor", "splitter", "tab-console"]) assert.ok(passed.includes(id), `${id} in ${passed.join(" ")}`);
  await page.locator("#menu-button").focus();
  await page.keyboard.press("Enter");
  await page.locator("#menu").waitFor();
  await page.keyboard.press("ArrowDown");
  assert.match((await focused())!, /^action-/);
  await page.keyboard.press("Escape");
  assert.equal(await focused(), "menu-button");
  await settled(page);
});

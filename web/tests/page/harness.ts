// What every test of the page stands on: the built site under the strict policy, and a real browser.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test as nodeTest, type TestContext } from "node:test";

import { chromium, firefox, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";

import { serve, type Site } from "./server.js";

/** The built site. */
export const DIST = join(process.cwd(), "dist");

const SCREENSHOTS = join(process.cwd(), "tests/screenshots");

/** The first of these commands that is installed. */
function commandOf(...names: string[]): string | undefined {
  for (const name of names) {
    const found = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
    if (found.status === 0) return found.stdout.trim();
  }
  return undefined;
}

/** What a test works with. */
export interface Desk {
  page: Page;
  context: BrowserContext;
  site: Site;
  /** Opens the page anew, with a fragment if one is given, and waits for the editor. */
  open(fragment?: string): Promise<Page>;
  /** Leaves a picture in `tests/screenshots`. */
  picture(name: string, page?: Page): Promise<void>;
  /** Lets one message of the console, one failed request or one refusal of the policy pass, which the test provokes. */
  expect(pattern: RegExp): void;
}

/** How a test's browser is set up. */
export interface DeskOptions extends BrowserContextOptions {
  /** Whether the test opens the page itself. */
  isClosed?: boolean;
}

/** Debian's Firefox where `BROWSER=firefox` asks for it, else its Chromium. */
export const IS_FIREFOX = process.env.BROWSER === "firefox";

async function launch(): Promise<Browser> {
  const [name, ...others] = IS_FIREFOX ? ["firefox-esr", "firefox"] : ["chromium", "chromium-browser"];
  const executablePath = commandOf(name!, ...others);
  assert.ok(executablePath, `${name} is not there: apt-get install ${name}`);
  if (IS_FIREFOX) return firefox.launch({ executablePath, channel: "moz-firefox" });
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}

let browser: Browser;
let site: Site;

before(async () => {
  assert.ok(existsSync(join(DIST, "index.html")), "dist/ is not there: npm run build");
  site = await serve(DIST);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await site?.close();
});

/** Waits until the editor and the first Lua are there. */
export async function settled(page: Page): Promise<void> {
  // On a small screen another part of the page may be seen.
  await page.locator("#editor .cm-content").waitFor({ state: "attached" });
}

/**
 * A test in a context of its own, with nothing stored. It fails when the page writes an error to its console, when something escapes unhandled,
 * when the policy refuses something, or when anything is asked of another place than the site.
 */
export function test(name: string, body: (desk: Desk, context: TestContext) => Promise<void>, options: DeskOptions = {}): void {
  nodeTest(name, { timeout: 120_000 }, async (testContext) => {
    const { isClosed = false, ...contextOptions } = options;
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...contextOptions });
    context.setDefaultTimeout(20_000);
    const complaints: string[] = [];
    const expected: RegExp[] = [];
    context.on("console", (message) => message.type() === "error" && complaints.push(`console: ${message.text()}`));
    context.on("weberror", (error) => complaints.push(`unhandled: ${error.error().stack}`));
    context.on("request", (request) => {
      if (!request.url().startsWith(site.url) && !/^(blob|data):/.test(request.url())) complaints.push(`a request to ${request.url()}`);
    });
    // The icon that browsers ask for by themselves where a page names none.
    const page = await context.newPage();
    const desk: Desk = {
      page,
      context,
      site,
      async open(fragment = "") {
        // A fragment alone would not load the page again.
        await page.goto("about:blank");
        await page.goto(site.url + fragment);
        await settled(page);
        return page;
      },
      async picture(name, shown = page) {
        mkdirSync(SCREENSHOTS, { recursive: true });
        const before = complaints.length;
        // To hide the caret a style would be put in, which the policy refuses; in Firefox one is in any case.
        await shown.screenshot({ path: join(SCREENSHOTS, `${name}.png`), caret: "initial" });
        if (!IS_FIREFOX) return;
        await shown.waitForTimeout(50);
        complaints.splice(before, Infinity, ...complaints.slice(before).filter((complaint) => !/blocked an inline style/.test(complaint)));
      },
      expect: (pattern) => void expected.push(pattern),
    };
    try {
      if (!isClosed) await desk.open();
      await body(desk, testContext);
      const left = complaints.filter((complaint) => !expected.some((pattern) => pattern.test(complaint)) && !complaint.includes("about:blank"));
      assert.deepEqual(left, []);
    } catch (error) {
      await desk.picture(`failed ${name.replace(/\W+/g, " ").slice(0, 60)}`).catch(() => undefined);
      throw error;
    } finally {
      await context.close();
    }
  });
}

/** Puts a text into the editor in the place of what is there. */
export async function write(page: Page, text: string): Promise<void> {
  const content = page.locator("#editor .cm-content");
  await content.click();
  await page.keyboard.press("ControlOrMeta+a");
  // Chromium gives what replaces coloured text a style of its own, which the policy refuses, and tells of it.
  await page.keyboard.press("Backspace");
  // As a paste, which nothing indents or completes.
  await page.keyboard.insertText(text);
}

/** The text in the editor. It must be short enough to be seen whole. */
export async function written(page: Page): Promise<string> {
  return (await page.locator("#editor .cm-line").allTextContents()).join("\n");
}

/** Runs what is in the editor, and waits for a text in the console. */
export async function run(page: Page, text: string, awaited: string | RegExp): Promise<void> {
  await write(page, text);
  await page.locator("#run").click();
  await page.locator(".console").filter({ hasText: awaited }).waitFor();
}

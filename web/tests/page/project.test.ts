import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import type { Page } from "playwright-core";

import { codeOf, type Shared } from "../../src/project/address.js";
import { fragmentOf, sharedIn } from "../../src/project/share.js";
import { archiveOf, filesIn } from "../../src/project/zip.js";
import { IS_FIREFOX, run, settled, test, write, written } from "./harness.js";

const tabs = (page: Page) => page.locator("#files [role=tab]").allTextContents();
const console = (page: Page, text: string) => page.locator(".console", { hasText: text }).waitFor();

async function act(page: Page, id: string): Promise<void> {
  await page.locator("#menu-button").click();
  await page.locator(`#action-${id}`).click();
}

async function make(page: Page, name: string, text: string): Promise<void> {
  await page.locator("#new-file").click();
  await page.locator("dialog input[type=text]").fill(name);
  await page.locator("dialog button[type=submit]").click();
  await page.locator("#files [role=tab][aria-selected=true]", { hasText: name }).waitFor();
  await write(page, text);
}

/** Waits until what was changed is stored. */
const stored = (page: Page) => page.waitForTimeout(500);

const SHARED: Shared = { lua: "5.5", main: "main.lua", files: [["main.lua", 'print("shared", require("part"))'], ["part.lua", "return _VERSION"]] };

test("what is typed first stays, however long the stored files take to be read", async ({ page, open }) => {
  await page.addInitScript(() => {
    const { get, set } = Object.getOwnPropertyDescriptor(IDBRequest.prototype, "onsuccess")!;
    Object.defineProperty(IDBRequest.prototype, "onsuccess", {
      get: get!,
      set(this: IDBRequest, heard: (event: Event) => void) {
        set!.call(this, (event: Event) => setTimeout(() => heard.call(this, event), 300));
      },
    });
  });
  await open();
  await write(page, "print('typed')");
  await page.waitForTimeout(1000);
  assert.equal(await written(page), "print('typed')");
}, { isClosed: true });

test("several files require each other, and are there again after a reload", async ({ page, picture }) => {
  await make(page, "lib/part.lua", 'return {name = "part"}');
  await make(page, "gone.lua", "return 1");
  await page.locator("#files [role=tab]", { hasText: "main.lua" }).click();
  await run(page, 'print("has", require("lib.part").name, require("gone"))', "has\tpart\t1");
  await picture("files");

  // By keys alone: to the last tab, deleted, then the one before renamed.
  await page.locator("#files [aria-selected=true]").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Delete");
  await page.locator("dialog button[type=submit]").click();
  await page.locator("#files [aria-selected=true]", { hasText: "lib/part.lua" }).waitFor();
  await page.keyboard.press("F2");
  await page.locator("dialog input[type=text]").fill("main.lua");
  await page.locator("dialog button[type=submit]").click();
  assert.equal(await page.locator("dialog input:invalid").count(), 1, "a name that is taken is refused");
  await page.locator("dialog input[type=text]").fill("../up.lua");
  assert.equal(await page.locator("dialog input:invalid").count(), 1, "a name that leads out is refused");
  await page.locator("dialog input[type=text]").fill("other.lua");
  await page.keyboard.press("Enter");
  await page.locator("#files [aria-selected=true]", { hasText: "other.lua" }).waitFor();
  assert.deepEqual(await tabs(page), ["main.lua", "other.lua"]);

  await page.locator("#version").selectOption("5.5");
  await stored(page);
  await page.reload();
  await settled(page);
  await page.locator("#files [role=tab]", { hasText: "other.lua" }).waitFor();
  assert.deepEqual(await tabs(page), ["main.lua", "other.lua"]);
  assert.equal(await written(page), 'return {name = "part"}');
  assert.equal(await page.locator("#version").inputValue(), "5.5");
});

test("a project goes out and comes in as a zip archive", async ({ page, picture }) => {
  await make(page, "a/b.lua", "return 'é 🌙'");
  await page.locator("#files [role=tab]", { hasText: "main.lua" }).click();
  // Playwright hears of no downloads of a Firefox as Debian has it.
  if (!IS_FIREFOX) {
    const [download] = await Promise.all([page.waitForEvent("download"), act(page, "export")]);
    const { files } = filesIn(await readFile((await download.path())!));
    assert.deepEqual(files.map(([name]) => name), ["main.lua", "a/b.lua"]);
    assert.equal(files[1]![1], "return 'é 🌙'");
  }

  const choose = async (name: string, buffer: Buffer): Promise<void> => {
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), act(page, "import")]);
    await chooser.setFiles([{ name, mimeType: "application/octet-stream", buffer }]);
    await page.locator("#notice:not([hidden])").waitFor();
  };
  await choose("p.zip", Buffer.from(archiveOf([["main.lua", "print('came in')"], ["new.lua", "return 2"]])));
  assert.match((await page.locator("#notice").textContent())!, /Imported 2 files\. Replaced: main\.lua\./);
  assert.deepEqual(await tabs(page), ["main.lua", "a/b.lua", "new.lua"]);
  assert.equal(await written(page), "print('came in')");
  await picture("import");
  await page.locator("#notice button", { hasText: "Undo" }).click();
  assert.deepEqual(await tabs(page), ["main.lua", "a/b.lua"]);
  assert.match(await written(page), /Hello from/);

  await choose("bad.zip", Buffer.from("PK and nothing of an archive"));
  assert.match((await page.locator("#notice").textContent())!, /no zip archive.*Nothing was imported/);
  await choose("picture.lua", Buffer.from([0xff, 0xfe, 0]));
  assert.match((await page.locator("#notice").textContent())!, /Imported 0 files.*no text in UTF-8/);
  assert.match(await written(page), /Hello from/);
  await choose("single.lua", Buffer.from("return 'single'"));
  assert.equal(await written(page), "return 'single'");
});

test("files come in by being dropped", async ({ page }) => {
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["return 'dropped'"], "dropped.lua"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  });
  await page.locator("#notice", { hasText: "Imported one file" }).waitFor();
  await page.locator("#editor .cm-line", { hasText: "dropped" }).waitFor();
});

test("a link holds the project, which is apart from the user's own", async ({ page, context, open, picture }) => {
  // Firefox has no such permission, and asks no one who has just clicked.
  if (!IS_FIREFOX) await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await write(page, 'print("mine")');
  await make(page, "part.lua", "return 'part of it'");
  await act(page, "share");
  await page.locator("dialog textarea").waitFor();
  const link = await page.locator("dialog textarea").inputValue();
  const shared = await sharedIn(codeOf(new URL(link).hash)!);
  assert.deepEqual(shared, { lua: "5.4", main: "part.lua", files: [["main.lua", 'print("mine")'], ["part.lua", "return 'part of it'"]] });
  await page.locator("dialog button", { hasText: "Copy" }).click();
  await page.locator("dialog", { hasText: "Copied." }).waitFor();
  if (!IS_FIREFOX) assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
  await picture("share");
  await page.locator("dialog input[type=checkbox]").nth(1).check();
  await page.waitForFunction(() => document.querySelector<HTMLTextAreaElement>("dialog textarea")!.value.startsWith("<iframe "));
  await page.keyboard.press("Escape");
  await stored(page);

  await open(await fragmentOf(SHARED));
  await page.locator("#notice", { hasText: "Opened from a link" }).waitFor();
  assert.equal(await page.locator("#version").inputValue(), "5.5");
  await page.locator("#run").click();
  await console(page, "shared\tLua 5.5");
  await picture("opened link");
  await write(page, 'print("changed")');
  await stored(page);
  await page.reload();
  await settled(page);
  await page.locator("#notice", { hasText: "with your changes" }).waitFor();
  assert.equal(await written(page), 'print("changed")');
  await page.locator("#notice button", { hasText: "As it was sent" }).click();
  await page.locator("#editor .cm-line", { hasText: "shared" }).waitFor();

  await open(await fragmentOf(SHARED));
  await page.getByRole("button", { name: "My files", exact: true }).click();
  await page.locator("#editor .cm-line", { hasText: "part of it" }).waitFor();
  assert.deepEqual(await tabs(page), ["main.lua", "part.lua"]);
  assert.equal(await page.evaluate(() => location.hash), "");

  await page.evaluate((hash) => (location.hash = hash), await fragmentOf(SHARED));
  await page.locator("#notice button", { hasText: "Copy into my files" }).click();
  await page.locator("#files [role=tab]", { hasText: "main-2.lua" }).waitFor();
  assert.deepEqual(await tabs(page), ["main.lua", "part.lua", "main-2.lua", "part-2.lua"]);
});

test("a link that is damaged says so, and the text stays", async ({ page, open, picture }) => {
  await write(page, 'print("precious")');
  await stored(page);
  const fragment = await fragmentOf(SHARED);
  await open(fragment.slice(0, -3));
  await page.locator("#notice.bad", { hasText: "This link is damaged" }).waitFor();
  assert.equal(await written(page), 'print("precious")');
  await picture("damaged link");

  // While the page is open, with something that no one has stored yet.
  await write(page, 'print("still precious")');
  await page.evaluate((hash) => (location.hash = hash), fragment.replace(/.{5}$/, "AAAAA"));
  await page.locator("#notice.bad", { hasText: "This link is damaged" }).waitFor();
  assert.equal(await written(page), 'print("still precious")');
  await page.evaluate(() => (location.hash = "#code=9abc"));
  await page.locator("#notice.bad", { hasText: "newer playground" }).waitFor();
  assert.equal(await written(page), 'print("still precious")');
  await page.evaluate((hash) => (location.hash = hash), fragment);
  await page.locator("#editor .cm-line", { hasText: "shared" }).waitFor();
  await page.goBack();
  await page.locator("#notice.bad").waitFor();
});

test("a frame is small, runs by itself, and keeps nothing", async ({ page, open, picture }) => {
  await write(page, 'print("own")');
  await stored(page);
  await page.setViewportSize({ width: 700, height: 420 });
  await open(await fragmentOf(SHARED, { embed: true, run: true }));
  await console(page, "shared\tLua 5.5");
  await picture("embed");
  assert.equal(await page.locator("#timeline").isVisible(), false);
  const whole = await page.locator("a.whole").getAttribute("href");
  assert.match(whole!, /\/some\/folder\/#code=1/);
  await page.goto(new URL(whole!, page.url()).href);
  await settled(page);
  await page.getByRole("button", { name: "My files", exact: true }).click();
  await page.locator("#editor .cm-line", { hasText: "own" }).waitFor();
});

test("another tab that has the same files open hears of a change", async ({ page, context, site }) => {
  const other = await context.newPage();
  await other.goto(site.url);
  await settled(other);
  await write(page, 'print("newer")');
  await other.locator("#notice", { hasText: "changed in another tab" }).waitFor();
  await other.locator("#notice button", { hasText: "Show those" }).click();
  await other.locator("#editor .cm-line", { hasText: "newer" }).waitFor();
});

test("a browser that stores nothing, or has no room left, loses nothing while the page is open", async ({ page, open }) => {
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, "indexedDB", { value: { open: () => { throw new DOMException("not here", "SecurityError"); } } });
  });
  await open();
  await make(page, "kept.lua", "return 'kept'");
  await page.locator("#files [role=tab]", { hasText: "main.lua" }).click();
  await run(page, 'print(require("kept"))', "kept");
});

test("a browser without room says so, once", async ({ page, open, picture }) => {
  await page.addInitScript(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await open();
  await write(page, 'print("large")');
  await page.locator("#notice.bad", { hasText: "no room left for your files: export them as a zip" }).waitFor();
  await picture("no room");
  await page.locator("#notice button", { hasText: "Close" }).click();
  await write(page, 'print("larger")');
  await stored(page);
  assert.equal(await page.locator("#notice").isVisible(), false);
  await run(page, 'print("runs")', "runs");
});

import { after, before, test } from "node:test";
import { join } from "node:path";

import { fragmentOf } from "../../src/project/share.js";
import { serve, type Site } from "../page/server.js";
import { WebKit } from "./driver.js";

let webkit: WebKit;
let site: Site;

before(async () => {
  site = await serve(join(process.cwd(), "dist"));
  webkit = await WebKit.start();
});

after(async () => {
  await webkit?.close();
  await site?.close();
});

const consoleHas = (text: string) => `document.querySelector(".console").textContent.includes(${JSON.stringify(text)})`;
const isIdle = `document.querySelector("#phase").dataset.phase === "idle"`;
const editorHas = (text: string) => `!!document.querySelector("#editor").shadowRoot?.textContent.includes(${JSON.stringify(text)})`;

/** Opens a link that holds a script, and waits for the editor. */
async function open(source: string, lua: "5.4" | "5.5" = "5.4"): Promise<void> {
  await webkit.open(site.url + (await fragmentOf({ lua, main: "main.lua", files: [["main.lua", source]] })));
  await webkit.until(editorHas(source.split("\n")[0]!));
}

test("WebKit opens a shared link and runs it, in both versions", async () => {
  for (const lua of ["5.4", "5.5"] as const) {
    await open("print('I am ' .. _VERSION)", lua);
    await webkit.click("#run");
    await webkit.until(consoleHas(`I am Lua ${lua}`));
  }
});

test("WebKit stops an endless loop", async () => {
  await open("print('begun') while true do end");
  await webkit.click("#run");
  await webkit.until(consoleHas("begun"));
  await webkit.click("#stop");
  await webkit.until(isIdle);
  await webkit.until(consoleHas("stopped"));
});

test("WebKit marks the line of an error", async () => {
  await open("local x\nx()");
  await webkit.click("#run");
  await webkit.until(consoleHas("main.lua:2: attempt to call a nil value"));
  await webkit.until(`document.querySelector("#editor").shadowRoot.querySelector(".cm-error-line")?.textContent === "x()"`);
});

test("WebKit opens the page without a network", async () => {
  await webkit.open(site.url);
  await webkit.until(editorHas("primes"));
  await webkit.until(`!!navigator.serviceWorker.controller`);
  // All that the worker keeps is there once it is active.
  await site.close();
  await webkit.open(`${site.url}?without=network`);
  await webkit.until(editorHas("primes"));
  await webkit.click("#run");
  await webkit.until(consoleHas("primes below 50"));
});

import assert from "node:assert/strict";

import { test, write } from "./harness.js";

/** Scripts that would take the page with them, if they could. */
const HOSTILE: Record<string, string> = {
  "an endless loop": "while true do end",
  "an endless loop past pcall": "while true do pcall(function() while true do end end) end",
  "an endless recursion": "local function f() return 1 + f() end print(pcall(f)) while true do end",
  "an endless close": "local a <close> = setmetatable({}, {__close = function() while true do end end}) while true do end",
  "an endless finalizer": "setmetatable({}, {__gc = function() while true do end end}) collectgarbage()",
  "an endless message handler": "xpcall(error, function() while true do end end)",
  "an endless pattern": 'local s = ("a"):rep(40) while true do s:find(("a*"):rep(30) .. "b") end',
  "all memory": "local t = {} while true do pcall(function() while true do t[#t + 1] = ('x'):rep(1e6) .. #t end end) end",
  "endless output": "while true do print(('x'):rep(1000)) end",
  "one endless line": "while true do io.write('xxxxxxxxxxxxxxxx') end",
  "endless errors on the error stream": "while true do io.stderr:write('no\\n') end",
  "endless host calls": "while true do sleep(0) end",
  "host calls that fail": "while true do pcall(host.call, 'nothing', {1, 2, 3}) end",
  "endless pictures": "while true do for i = 1, 1000 do canvas.rect(i, i, 5, 5) end canvas.frame() end",
  "a picture without end": "while true do pcall(canvas.rect, 1, 1, 1, 1) end",
  "endless coroutines": "local t = {} while true do t[#t + 1] = coroutine.wrap(function() coroutine.yield() end) t[#t]() if #t > 1e5 then t = {} end end",
  "a library taken apart": "local G = _G for k in pairs(G) do G[k] = nil end while true do end",
  "metamethods everywhere": "setmetatable(_G, {__index = function(t, k) while true do end end, __newindex = error}) local x = y",
  "hooks of its own": "debug.sethook(function() while true do end end, 'l')\nlocal x = 1\nx = 2",
};

test("stops hostile scripts one after another, and runs a good one after each", async ({ page }) => {
  for (const [name, source] of Object.entries(HOSTILE)) {
    await write(page, source);
    await page.locator("#run").click();
    await page.locator('#phase[data-phase="running"]').waitFor();
    await page.waitForTimeout(150);
    const stopped = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const from = performance.now();
          const phase = document.getElementById("phase")!;
          // It may have come to its end by itself, without memory.
          if (phase.dataset.phase === "idle") return resolve(0);
          new MutationObserver((_, observer) => {
            if (phase.dataset.phase !== "idle") return;
            observer.disconnect();
            resolve(performance.now() - from);
          }).observe(phase, { attributes: true });
          document.getElementById("stop")!.click();
        }),
    );
    console.log(`${name}: stopped in ${stopped.toFixed(0)} ms`);
    await write(page, `print("good", 2 + 2, "${name}")`);
    await page.locator("#run").click();
    await page.locator("#tab-console").click();
    await page.locator(".console .out", { hasText: `good\t4\t${name}` }).waitFor();
  }
  assert.equal(await page.locator(".column").count(), 1);
});

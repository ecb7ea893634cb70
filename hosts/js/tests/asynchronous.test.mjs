import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { Lua, LuaCancelledError } from "moonlet";

const SPIN = "while true do end";

test("a host function may answer by a promise, wherever the script is", async () => {
  const lua = await Lua.create();
  lua.define("later", async (value) => (await sleep(1), value));
  assert.equal(await lua.run("return later(1) + later(2)"), 3);
  assert.deepEqual([...(await lua.run("return pcall(coroutine.wrap(function() return later(5) end))"))], [true, 5]);
  assert.equal(await lua.run("local t = {3, 1, 2} table.sort(t, function(a, b) return later(a) < later(b) end) return table.concat(t)"), "123");
  lua.eval("function sum(...) local n = 0 for _, v in ipairs{...} do n = n + later(v) end return n end");
  assert.equal(await lua.callAsync("sum", [1, 2, 3]), 6);
  assert.equal(await lua.callAsync(lua.get("sum"), [1]), 1);
});

test("many evaluations wait at once and end in any order", async () => {
  const lua = await Lua.create();
  lua.define("wait", (ms) => sleep(ms, ms));
  const order = [];
  const runs = Array.from({ length: 50 }, async (_, i) => {
    const ms = (i * 7) % 20;
    order.push(await lua.run("return wait(...)", { args: [ms] }));
  });
  assert.equal(lua.stats.tasks, 50);
  assert.equal(lua.tasks.length, 0, "they go on by themselves");
  await Promise.all(runs);
  assert.equal(order.length, 50);
  assert.equal(lua.stats.tasks, 0);
});

test("a rejection is an error of the script, and the cause of what comes out", async () => {
  const lua = await Lua.create();
  const reason = new Error("no answer");
  lua.define("fail", () => Promise.reject(reason));
  assert.deepEqual([...(await lua.run("return pcall(fail)"))], [false, "no answer"]);
  await assert.rejects(lua.run("fail()"), (error) => error.kind === "runtime" && error.cause === reason);
});

test("eval and call refuse a function that answers by a promise", async () => {
  const lua = await Lua.create();
  lua.define("later", async () => {
    throw new Error("unseen");
  });
  assert.throws(() => lua.eval("later()"), { message: /later is asynchronous; use run\(\)/ });
  assert.equal(lua.stats.tasks, 0);
  await sleep(1);
});

test("a running script lets the event loop in", async () => {
  const lua = await Lua.create();
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await lua.run("for i = 1, 3e7 do end");
  assert.ok(turns >= 2, `${turns} turns`);
  // Host calls that are answered at once pause no slice.
  lua.define("now", () => performance.now());
  turns = 0;
  await lua.run("local start = now() while now() - start < 60 do end");
  clearInterval(timer);
  assert.ok(turns >= 2, `${turns} turns`);
});

/** Keeps the process alive for signals of `AbortSignal.timeout`, which do not. */
function alive(t) {
  const timer = setInterval(() => {}, 1000);
  t.after(() => clearInterval(timer));
}

test("a signal ends a script that runs, and one that waits", async (t) => {
  alive(t);
  const lua = await Lua.create();
  lua.define("forever", () => new Promise(() => {}));
  const handlers = "local x <close> = setmetatable({}, {__close = function() closed = (closed or 0) + 1 end}) ";
  for (const source of [SPIN, "forever()", "while true do pcall(forever) end"]) {
    const reason = new Error("enough");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 20);
    await assert.rejects(lua.run(handlers + source, { signal: controller.signal }), (error) => {
      return error instanceof LuaCancelledError && error.kind === "cancelled" && error.status === 19 && error.cause === reason;
    });
    assert.equal(lua.stats.tasks, 0);
  }
  assert.equal(lua.get("closed"), 3);
  await assert.rejects(lua.run(SPIN, { signal: AbortSignal.timeout(10) }), { kind: "cancelled" });
  await assert.rejects(lua.run("ran = true", { signal: AbortSignal.abort() }), { kind: "cancelled" });
  assert.equal(lua.get("ran"), undefined);
  assert.equal(await lua.run("return 2 + 2", { signal: AbortSignal.timeout(1000) }), 4);
  await assert.rejects(lua.callAsync("forever", [], { signal: AbortSignal.timeout(5) }), { kind: "cancelled" });
});

test("an answer that comes after the end is nobody's", async () => {
  const lua = await Lua.create();
  let answer;
  lua.define("wait", () => new Promise((resolve, reject) => (answer = { resolve, reject })));
  for (const how of ["resolve", "reject"]) {
    const controller = new AbortController();
    const run = lua.run("return wait()", { signal: controller.signal });
    controller.abort();
    await assert.rejects(run, { kind: "cancelled" });
    answer[how](1);
    await sleep(1);
    assert.equal(lua.eval("return 2 + 2"), 4);
  }
});

test("close and restore end what waits", async () => {
  const lua = await Lua.create();
  lua.define("forever", () => new Promise(() => {}));
  const before = lua.snapshot();
  const first = lua.run("forever()");
  lua.restore(before);
  // A task of the same number, of which the end of the first takes nothing.
  const second = lua.run("forever()");
  await assert.rejects(first, { kind: "refused", message: /restored/ });
  assert.deepEqual([lua.stats.tasks, lua.tasks], [1, []]);
  lua.close();
  await assert.rejects(second, { kind: "refused", message: /closed/ });
});

test("no more evaluations wait than the option tasks lets", async () => {
  const lua = await Lua.create({ tasks: 3 });
  lua.define("wait", () => sleep(5));
  const runs = [1, 2, 3].map(() => lua.run("wait()"));
  await assert.rejects(lua.run("return 1"), { kind: "refused", status: 33 });
  await Promise.all(runs);
  assert.equal(await lua.run("return 1"), 1);
});

test("an evaluation that nests too deep is refused, and the state goes on", async () => {
  const lua = await Lua.create();
  let deepest = 0;
  lua.define("again", (depth) => {
    deepest = Math.max(deepest, depth);
    return lua.eval("return again(... + 1)", { args: [depth] });
  });
  assert.throws(() => lua.eval("return again(1)"), { message: /nest 17 deep.*nesting/ });
  assert.equal(deepest, 17);
  assert.equal(lua.stats.tasks, 0);
  const more = await Lua.create({ nesting: 40 });
  more.define("again", (depth) => (depth === 40 ? "end" : more.call("again", depth + 1)));
  assert.equal(more.call("again", 1), "end");
});

test("10,000 evaluations within asynchronous host functions end in an error", async () => {
  const lua = await Lua.create({ tasks: 500 });
  let calls = 0;
  lua.define("again", async () => {
    if (++calls > 10_000) return;
    await null;
    return lua.run("return again()");
  });
  await assert.rejects(lua.run("return again()"), { message: /tasks|wait/ });
  assert.ok(calls < 10_000);
  assert.equal(lua.stats.tasks, 0);
  assert.equal(lua.eval("return 2 + 2"), 4);
});

test("an evaluation whose clock fails ends", async () => {
  let isBroken;
  const lua = await Lua.create({ clock: () => (isBroken ? NaN : 1) });
  lua.define({ now: () => void (isBroken = true), later: async () => void (isBroken = true) });
  for (const run of [async () => lua.eval("now()"), () => lua.run("later()")]) {
    await assert.rejects(run, { name: "TypeError", message: /clock/ });
    isBroken = false;
    assert.equal(lua.stats.tasks, 0);
  }
});

test("an error of onOutput ends the evaluation and comes out", async () => {
  const lua = await Lua.create({ output: 16, onOutput: () => { throw new Error("no room"); } });
  await assert.rejects(lua.run("while true do print('x') end"), { message: "no room" });
  assert.throws(() => lua.eval("while true do print('x') end"), { message: "no room" });
  assert.equal(lua.stats.tasks, 0);
});

test("wrong arguments are rejections", async () => {
  const lua = await Lua.create();
  await assert.rejects(lua.run(5), TypeError);
  await assert.rejects(lua.callAsync(5), TypeError);
  await assert.rejects(lua.run("return 1", { args: [Symbol("x")] }), TypeError);
});

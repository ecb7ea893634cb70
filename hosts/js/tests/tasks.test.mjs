import assert from "node:assert/strict";
import { test } from "node:test";

import { Lua } from "moonlet";

test("a task waits for its host, is answered and ends", async () => {
  const lua = await Lua.create();
  lua.define("ask");
  const task = lua.start("local a, b = ask('name', {1}) local _, e = pcall(ask) return a, b, e", { args: [] });
  assert.deepEqual([task.kind, task.name, task.arguments, task.result], ["call", "ask", ["name", [1]], undefined]);
  assert.deepEqual(lua.tasks, [task]);
  task.resume(1, "x");
  assert.deepEqual([task.kind, task.arguments], ["call", []]);
  task.fail(new Error("no"));
  assert.deepEqual([task.kind, task.name, [...task.result], task.error], ["done", undefined, [1, "x", "no"], undefined]);
  assert.deepEqual(lua.tasks, []);
  assert.throws(() => task.resume(), { kind: "refused", message: /done/ });
  task.cancel();
});

test("a function that nobody defined waits too, and defined ones answer", async () => {
  const lua = await Lua.create();
  lua.define("add", (a, b) => a + b);
  const task = lua.start("return host.call('who', add(1, 2))");
  assert.deepEqual([task.name, task.arguments], ["who", [3]]);
  assert.equal(task.resume("me").result, "me");
  assert.throws(() => lua.eval("host.call('who')"), { message: /no host function who/ });
  lua.define("ask");
  assert.throws(() => lua.eval("ask()"), { message: /ask waits for its host.*start/ });
});

test("a task pauses at the end of a slice", async () => {
  const lua = await Lua.create({ slice: 10_000 });
  const task = lua.start("local n = 0 for i = 1, 50000 do n = n + i end return n");
  let pauses = 0;
  for (; task.kind === "paused"; task.resume()) {
    pauses++;
    assert.equal(lua.eval("return 1 + 1"), 2);
    assert.throws(() => task.resume(5), { kind: "refused" });
    assert.throws(() => task.fail(new Error("x")), { kind: "refused" });
  }
  assert.equal(task.result, 1250025000);
  assert.ok(pauses > 1);
});

test("a task that asks without end lets its host in", async () => {
  let printed = 0;
  const lua = await Lua.create({ slice: 10_000, onOutput: (text) => void (printed += text.length), onErrorOutput: () => undefined });
  let calls = 0;
  lua.define("tick", () => ++calls);
  for (const source of ["while true do print('some text') end", "while true do io.stderr:write('some text') end", "while true do tick() end"]) {
    const task = lua.start(source);
    for (let i = 0; i < 5; i++) {
      assert.deepEqual([task.kind, task.name, task.arguments], ["paused", undefined, []]);
      task.resume();
    }
    task.cancel();
  }
  assert.ok(printed > 0 && calls > 0);
  // The answer that is owed comes as the host goes on, whichever way.
  const count = lua.start("local last for i = 1, 2000 do last = tick() end return last");
  calls = 0;
  assert.equal(count.kind, "paused");
  while (count.kind === "paused") count.resume();
  assert.equal(count.result, calls);
  const run = lua.start("local last for i = 1, 2000 do last = tick() end return last");
  assert.equal(await run.run(), calls);
  // Without slices nobody is let in.
  const whole = await Lua.create({ slice: 0 });
  whole.define("tick", () => ++calls);
  assert.equal(whole.start("for i = 1, 2000 do tick() end return 'done'").result, "done");
});

test("a task waits for input and for room for output", async () => {
  const lua = await Lua.create({ input: true, output: 4 });
  const task = lua.start("local a = io.read() print('12345678') return a, io.read('a')");
  assert.equal(task.kind, "input");
  assert.throws(() => task.resume(5), { name: "TypeError", message: /input is a text/ });
  assert.equal(task.kind, "input");
  task.resume("line\n");
  assert.equal(task.kind, "output");
  let printed = "";
  for (; task.kind === "output"; task.resume()) printed += lua.output();
  assert.equal(printed + lua.output(), "12345678\n");
  task.resume("rest");
  assert.equal(task.kind, "input");
  assert.deepEqual([...task.resume().result], ["line", "rest"]);
});

test("an answer that Lua cannot have leaves the task as it was", async () => {
  const lua = await Lua.create({ memory: 1 << 20 });
  lua.define("ask");
  const task = lua.start("return ask()");
  assert.throws(() => task.resume(Symbol("x")), TypeError);
  assert.throws(() => task.resume(new Uint8Array(1 << 21)), { kind: "refused" });
  assert.equal(task.kind, "call");
  assert.equal(task.resume("fine").result, "fine");
});

test("an error of the script ends its task", async () => {
  const lua = await Lua.create();
  lua.define("ask");
  const task = lua.start("ask() error({code = 1})");
  assert.throws(() => task.resume(), { kind: "runtime" });
  assert.deepEqual([task.kind, task.error.value, task.result], ["done", { code: 1 }, undefined]);
  assert.throws(() => lua.start("error('at once')"), { kind: "runtime" });
});

test("cancel runs the handlers, and throws what one of them ends with", async () => {
  const lua = await Lua.create();
  lua.define("ask");
  const source = "local x <close> = setmetatable({}, {__close = function() closed = true if fails then error('in close') end end}) ask()";
  const task = lua.start(source);
  task.cancel();
  assert.equal(task.kind, "done");
  assert.equal(lua.get("closed"), true);
  const failing = lua.start(source);
  lua.set("fails", true);
  assert.throws(() => failing.cancel(), { message: /in close/ });
  assert.equal(lua.stats.tasks, 0);
});

test("tasks of a restored snapshot go on, by hand or by themselves", async () => {
  const lua = await Lua.create();
  lua.define({ ask: undefined, twice: async (x) => 2 * x });
  lua.start("return 'by hand ' .. ask('first')");
  const running = lua.run("return 'by itself ' .. twice(21)");
  const bytes = lua.snapshot();
  lua.close();
  await assert.rejects(running);

  const next = await Lua.create();
  next.define({ ask: undefined, twice: async (x) => 2 * x });
  next.restore(bytes);
  const [first, second] = next.tasks;
  assert.deepEqual([first.name, first.arguments, second.name, second.arguments], ["ask", ["first"], "twice", [21]]);
  assert.equal(next.tasks[0], first);
  assert.equal(await second.run(), "by itself 42");
  assert.equal(second.result, "by itself 42");
  assert.equal(first.resume("Ada").result, "by hand Ada");
  const never = next.start("ask()");
  await assert.rejects(never.run({ signal: AbortSignal.abort() }), { kind: "cancelled" });
  assert.deepEqual([never.kind, never.error.kind, next.stats.tasks], ["done", "cancelled", 0]);
  await assert.rejects(first.run(), { kind: "refused" });
});

test("tasks that another host has started with results as text are left to it", async () => {
  const module = await WebAssembly.compile(await (await import("node:fs/promises")).readFile(new URL("../dist/lua54.wasm", import.meta.url)));
  const { exports } = await WebAssembly.instantiate(module, {});
  const source = new TextEncoder().encode("local x = host.call('ask') if x then return x, 1 end error('no')");
  for (let i = 0; i < 2; i++) {
    const ptr = exports.alloc(source.length);
    new Uint8Array(exports.memory.buffer).set(source, ptr);
    exports.compute(ptr, source.length);
    exports.dealloc(ptr, source.length);
  }
  const lua = await Lua.create();
  const { save } = await import("../build/src/snapshot.js");
  const { Instance } = await import("../build/src/instance.js");
  lua.restore(save(new Instance({ exports })));
  assert.equal(lua.stats.tasks, 2);
  assert.deepEqual(lua.tasks, []);
  assert.equal(lua.eval("return 2 + 2"), 4);
});

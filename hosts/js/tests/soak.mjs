// What a host does for ever: evaluations in one state, and states made and dropped. Figures of memory after a half, and at the end.
import { setImmediate as turn } from "node:timers/promises";

import { Lua } from "moonlet";

const collect = async () => {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await turn();
  }
};

/** Calls `act` so often; what `measure` tells after a half of them, and at the end. */
async function repeat(count, act, measure) {
  const told = [];
  for (let i = 1; i <= count; i++) {
    await act(i);
    if (i === Math.ceil(count / 2) || i === count) {
      await collect();
      told.push(await measure());
    }
    // Finalizers come after a collection, between turns of the event loop. The engine sees none of Lua's memory, and collects seldom.
    if (i % 1000 === 0) {
      globalThis.gc?.();
      await turn();
    }
  }
  return told;
}

/** Evaluations of every kind: with values, callbacks, functions of Lua, errors, promises, tasks. */
export async function evaluations(count) {
  const lua = await Lua.create();
  lua.define({ add: (a, b) => a + b, later: async (x) => x, fail: () => { throw new Error("no"); }, ask: undefined });
  lua.eval("function echo(...) return ... end");
  const kinds = [
    () => lua.eval("return add(1, 2)"),
    () => lua.call("echo", { list: [1, 2, 3], text: "é".repeat(40) }),
    () => lua.eval("return (...)(1)", { args: [(x) => x] }),
    () => lua.eval("return function() return 1 end")(),
    () => lua.eval("return pcall(fail)"),
    () => { try { lua.eval("error({code = 1})"); } catch {} },
    () => lua.run("return later(1)"),
    () => lua.start("return ask(print)").resume(1),
    () => lua.start("ask()").cancel(),
    () => { lua.set("x", [1]); return lua.get("x"); },
  ];
  return repeat(count, (i) => kinds[i % kinds.length](), () => {
    lua.compact();
    lua.eval("");
    const { memoryUsed, pages, handles, references, tasks } = lua.stats;
    return { rss: process.memoryUsage().rss, memoryUsed, pages, handles, references, tasks };
  });
}

/** States made, used and dropped, some of them without close. */
export function states(count) {
  const made = [];
  const make = async (i) => {
    const lua = await Lua.create({ memory: 4 << 20 });
    made.push(new WeakRef(lua));
    lua.define("f", () => lua);
    lua.eval("kept = ... return f ~= nil", { args: [() => lua] });
    if (i % 10 !== 0) lua.close();
  };
  return repeat(count, make, () => ({ rss: process.memoryUsage().rss, alive: made.filter((state) => state.deref()).length }));
}

import assert from "node:assert/strict";
import { test } from "node:test";

import { Lua as Full } from "moonlet";
import { Lua as Mini55 } from "moonlet/lua55/mini";
import { Lua as Mini54, LuaRefusedError, LuaRuntimeError } from "moonlet/mini";

const leftOut = (error) => {
  assert.ok(error instanceof LuaRefusedError, error.stack);
  assert.equal(error.status, 33);
  assert.match(error.message, /^the module leaves this out; use moonlet$/);
  return true;
};

for (const [version, Lua] of [["5.4", Mini54], ["5.5", Mini55]]) {
  test(`Lua ${version}, mini: values, host functions, limits and tasks are as in the full module`, async () => {
    let output = "";
    const lua = await Lua.create({ fuel: 1_000_000, seed: 7, clock: 5, onOutput: (text) => (output += text) });
    lua.define({ async later(n) { return n + 1; }, now: (n) => n * 2 });
    assert.equal(lua.eval("return _VERSION"), `Lua ${version}`);
    assert.equal(await lua.run("print(later(20), now(4)) return later(1)"), 2);
    assert.equal(output, "21\t8\n");
    assert.throws(() => lua.eval("while true do end"), { kind: "budget" });
    assert.deepEqual(lua.eval("return {1, {a = 'b'}}"), [1, { a: "b" }]);
    const copy = lua.fork ? await lua.fork() : lua;
    assert.equal(copy.eval("return now(3)"), 6);
  });

  test(`Lua ${version}, mini: what it leaves out says so`, async () => {
    const lua = await Lua.create({ deterministic: true });
    assert.throws(() => lua.eval("io.write('x')"), (error) => {
      assert.ok(error instanceof LuaRuntimeError);
      assert.match(error.message, /global 'io', which the mini variant leaves out/);
      return true;
    });
    assert.throws(() => lua.files.set("a.lua", "return 1"), leftOut);
    assert.throws(() => lua.files.get("a.lua"), leftOut);
    assert.throws(() => lua.files.has("a.lua"), leftOut);
    assert.throws(() => lua.files.delete("a.lua"), leftOut);
    assert.throws(() => lua.files.size, leftOut);
    for (const options of [{ libraries: ["base", "io"] }, { binaryChunks: true }, { input: "text" }, { input: () => "more" }, { timeZone: "CET-1" }, { timeZone: 60 }]) {
      await assert.rejects(Lua.create(options), leftOut, JSON.stringify(options));
    }
    assert.equal((await Lua.create({ libraries: ["base", "math"] })).eval("return string"), undefined);
  });

  test(`Lua ${version}, mini: its snapshots are for it alone`, async () => {
    const lua = await Lua.create();
    lua.eval("n = 41");
    const snapshot = lua.snapshot();
    const other = await Lua.create();
    other.restore(snapshot);
    assert.equal(other.eval("return n + 1"), 42);
    const full = await Full.create();
    assert.throws(() => full.restore(snapshot), { kind: "refused" });
    assert.equal(full.eval("return n"), undefined);
  });
}

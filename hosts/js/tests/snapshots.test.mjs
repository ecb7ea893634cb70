import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { Lua } from "moonlet";
import { Lua as Lua55 } from "moonlet/lua55";

import { sha256 } from "../build/src/sha256.js";

test("the hash is SHA-256, at every length around its blocks", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) & 255);
  for (let length = 0; length <= 300; length++) {
    const part = bytes.subarray(300 - length);
    assert.deepEqual(Buffer.from(sha256(part)), createHash("sha256").update(part).digest());
  }
});

test("a snapshot is the state, in another instance or in an older time of its own", async () => {
  const lua = await Lua.create();
  lua.define("host", () => "answer");
  lua.files.set("x.txt", "contents");
  lua.eval("n = 1 co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) co()");
  const bytes = lua.snapshot();
  lua.eval("n = 2 co()");
  const other = await Lua.create();
  other.define("host", () => "another answer");
  other.restore(bytes);
  assert.deepEqual([...other.eval("return n, co(), host()")], [1, 2, "another answer"]);
  assert.equal(other.files.text("x.txt"), "contents");
  lua.restore(bytes);
  assert.deepEqual([...lua.eval("return n, co(), host()")], [1, 2, "answer"]);
});

test("equal states give equal snapshots, and saving changes nothing", async () => {
  const make = async () => {
    const lua = await Lua.create({ deterministic: true });
    lua.eval("t = {} for i = 1, 1000 do t[i] = {i} end");
    return lua;
  };
  const [a, b] = [await make(), await make()];
  const bytes = a.snapshot();
  assert.deepEqual(bytes, b.snapshot());
  assert.deepEqual(a.snapshot({ compact: false }), bytes);
  a.eval("t = nil");
  a.restore(bytes);
  assert.deepEqual(a.snapshot({ compact: false }), bytes);
});

test("the options are those of the Lua that restores", async () => {
  const free = await Lua.create({ strings: "bytes" });
  const bytes = free.snapshot();
  const lua = await Lua.create({ fuel: 100_000, nulls: true });
  lua.restore(bytes);
  assert.throws(() => lua.eval("while true do end"), { kind: "budget" });
  assert.equal(lua.eval("return 'text'"), "text");
  assert.equal(lua.eval("return (...)[1] == host.null", { args: [[null]] }), true);
});

test("functions, references and tasks of before a restore are void", async () => {
  const lua = await Lua.create();
  lua.define("ask");
  lua.set("callback", () => 1);
  const task = lua.start("ask()");
  const print = lua.get("print");
  const bytes = lua.snapshot();
  lua.restore(bytes);
  assert.throws(() => print(), { kind: "refused", message: /restore/ });
  assert.throws(() => task.resume(), { kind: "refused", message: /restore/ });
  assert.throws(() => lua.eval("callback()"), { message: /before a restore/ });
  const lost = lua.get("callback");
  assert.equal(lua.eval("return (...) == callback", { args: [lost] }), true);
  assert.equal(lua.eval("return (...)()", { args: [() => "fresh"] }), "fresh");
  assert.equal(lua.eval("return (...) == callback", { args: [() => 2] }), false);
  assert.equal(lua.tasks.length, 1);
});

test("a fork goes its own way, with the same host", async () => {
  const lua = await Lua.create();
  const callback = () => "called";
  lua.define({ ask: undefined, add: (a, b) => a + b });
  lua.eval("n, callback = 1, ...", { args: [callback] });
  lua.start("return ask(print) + n");
  const held = lua.get("string.format");
  const copy = await lua.fork();
  copy.eval("n = 10");
  assert.deepEqual([lua.get("n"), copy.get("n"), copy.eval("return add(n, 1)"), copy.call("callback")], [1, 10, 11, "called"]);
  assert.equal(copy.get("callback"), callback);
  assert.equal(copy.tasks[0].resume(5).result, 15);
  assert.equal(lua.tasks[0].resume(5).result, 6);
  assert.equal(held("%d", 5), "5");
  assert.throws(() => copy.set("x", held), TypeError);
  assert.deepEqual([lua.stats.handles, copy.stats.handles], [2, 1]);
});

test("a poisoned Lua says so until it is restored", async () => {
  const lua = await Lua.create();
  lua.eval("n = 5");
  const bytes = lua.snapshot();
  poison(lua);
  for (const act of [() => lua.eval("return 1"), () => lua.get("n"), () => lua.snapshot(), () => lua.compact(), () => lua.files.get("x"), () => lua.files.set("x", ""), () => lua.tasks]) {
    assert.throws(act, { kind: "poisoned", status: 36 });
  }
  lua.restore(bytes);
  assert.equal(lua.get("n"), 5);
});

/** Lets the engine tear down a call, by so little stack that deep C recursion runs out of it. */
function poison(lua) {
  const deep = "local function f(n) return n == 0 and 0 or string.gsub('x', 'x', function() return f(n - 1) end) end return f(150)";
  let found;
  for (let room = 1; found?.kind !== "poisoned"; room += 7) {
    assert.ok(room < 20_000, "no call was torn down");
    try {
      within(room, () => lua.eval(deep));
    } catch (error) {
      found = error;
    }
  }
}

/** Calls `act` when about `room` more of such calls would use up the stack. */
function within(room, act) {
  let left = -1;
  const fill = () => {
    let depth;
    try {
      depth = fill();
    } catch (error) {
      if (left !== -1) throw error;
      depth = 0;
      left = room;
    }
    if (left-- === 0) act();
    return depth + 1;
  };
  fill();
}

test("damage is refused, and nothing is touched", async () => {
  const lua = await Lua.create();
  lua.eval("n = 1");
  const bytes = lua.snapshot();
  lua.eval("n = 2");
  const changed = (at, value = bytes[at] ^ 1) => {
    const copy = bytes.slice();
    copy[at] = value;
    return copy;
  };
  for (let at = 0; at < 128; at++) assert.throws(() => lua.restore(changed(at)), { kind: "refused" }, `byte ${at}`);
  for (const at of [128, 131, 200, 70000, bytes.length - 1]) assert.throws(() => lua.restore(changed(at)), { kind: "refused" });
  for (const length of [0, 7, 127, 128, 129, 65668, bytes.length - 1]) {
    assert.throws(() => lua.restore(bytes.subarray(0, length)), { kind: "refused" });
  }
  assert.throws(() => lua.restore(new Uint8Array([...bytes, 0])), { kind: "refused" });
  assert.throws(() => lua.restore(sealed(bytes, (view) => view.setUint32(20, 1000, true))), { message: /damaged/ });
  assert.throws(() => lua.restore(sealed(bytes, (view) => view.setUint32(8, 3, true))), { message: /newer/ });
  assert.throws(() => lua.restore(sealed(bytes, (view) => view.setUint8(24, 1 ^ view.getUint8(24)))), { message: /another build/ });
  assert.throws(() => lua.restore(sealed(bytes, (view) => view.setUint32(128, 70, true))), { message: /damaged/ });
  assert.throws(() => lua.restore("text"), TypeError);
  assert.throws(() => lua.restore(), TypeError);
  assert.equal(lua.get("n"), 2);
  lua.restore(bytes);
  assert.equal(lua.get("n"), 1);
});

/** A snapshot with a change, and hashes that agree with it. */
function sealed(bytes, change) {
  const copy = bytes.slice();
  change(new DataView(copy.buffer));
  copy.set(sha256(copy.subarray(128)), 64);
  copy.set(sha256(copy.subarray(0, 96)), 96);
  return copy;
}

test("a snapshot of another Lua is refused by name", async () => {
  const [old, young] = [await Lua.create(), await Lua55.create()];
  assert.throws(() => old.restore(young.snapshot()), { kind: "refused", message: /Lua 5\.5, and this is Lua 5\.4/ });
  assert.throws(() => young.restore(old.snapshot()), { kind: "refused", message: /Lua 5\.4, and this is Lua 5\.5/ });
  assert.equal(young.eval("return _VERSION"), "Lua 5.5");
});

test("a snapshot that needs more memory than there is gets it", async () => {
  const large = await Lua.create();
  large.eval("s = ('x'):rep(3e6)");
  const lua = await Lua.create();
  lua.restore(large.snapshot());
  assert.equal(lua.eval("return #s"), 3e6);
  assert.ok(lua.stats.pages > 45);
  // Twice as often as it would be if each hop left something.
  const sizes = new Set();
  for (let hop = 0; hop < 20; hop++) {
    const bytes = lua.snapshot();
    sizes.add(bytes.length);
    lua.restore(bytes);
  }
  assert.equal(sizes.size, 1);
});

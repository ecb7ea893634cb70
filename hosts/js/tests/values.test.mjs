import assert from "node:assert/strict";
import { before, test } from "node:test";

import fc from "fast-check";
import { Lua, Results } from "moonlet";

let lua, exact;

before(async () => {
  lua = await Lua.create();
  exact = await Lua.create({ integers: "bigint", nulls: true });
  for (const state of [lua, exact]) state.eval("function echo(...) return ... end function kind(x) return math.type(x) or type(x) end");
});

const echo = (value, state = lua) => state.call("echo", value);

test("numbers keep their value, and whole ones are integers", () => {
  const cases = [
    [1, "integer"], [-0, "float"], [0, "integer"], [1.5, "float"], [2 ** 53 - 1, "integer"], [-(2 ** 53) + 1, "integer"],
    [2 ** 53, "float"], [1e300, "float"], [Infinity, "float"], [NaN, "float"], [2n ** 63n - 1n, "integer"], [-(2n ** 63n), "integer"],
    [Date.now(), "integer"],
  ];
  for (const [value, kind] of cases) {
    assert.deepEqual(echo(value), value);
    assert.equal(lua.call("kind", value), kind, String(value));
  }
  assert.equal(echo(5n), 5);
  assert.equal(lua.eval("return 2^53 // 1 | 0"), 9007199254740992n);
  assert.equal(lua.eval("return 1.0"), 1);
});

test("with bigints no type depends on a value", () => {
  for (const value of [1n, -1n, 2n ** 62n, 1, 1.5, -0, 2 ** 60]) {
    assert.ok(Object.is(echo(value, exact), value), String(value));
    assert.equal(exact.call("kind", value), typeof value === "bigint" ? "integer" : "float");
  }
});

test("strings are text where they are UTF-8, and bytes where not", async () => {
  for (const text of ["", "abc", "é€🌙", "\ufeffmark", "a\0b", "x".repeat(70000), "é".repeat(20)]) assert.equal(echo(text), text);
  for (const bytes of [[255], [0xe2, 0x82], Array(300).fill(200)]) assert.deepEqual(echo(new Uint8Array(bytes)), new Uint8Array(bytes));
  assert.equal(echo(new Uint8Array([97, 98])), "ab");
  assert.equal(echo(new Uint8Array([97, 98]).buffer), "ab");
  assert.equal(echo(Buffer.from("ab")), "ab");
  const bytes = await Lua.create({ strings: "bytes" });
  assert.deepEqual(bytes.eval("return 'ab', {key = 'v', ['\\xff'] = 'w'}"), Results.of(new Uint8Array([97, 98]), new Map([
    ["key", new Uint8Array([118])], [new Uint8Array([255]), new Uint8Array([119])]])));
});

test("tables are arrays, objects, or maps", () => {
  assert.deepEqual(lua.eval("return {}, {1, 2}, {a = 1}, {[1] = 'a', x = 'b'}, {[true] = 1}, msgpack.map({})"), Results.of(
    [], [1, 2], { a: 1 }, new Map([[1, "a"], ["x", "b"]]), new Map([[true, 1]]), {}));
  assert.deepEqual(echo({ a: undefined, b: null }), { });
  assert.deepEqual(echo([1, null, 3]), new Map([[1, 1], [3, 3]]));
  assert.deepEqual(exact.call("echo", [1n, null, { a: null }]), [1n, null, { a: null }]);
  assert.deepEqual(echo(new Float64Array([1.5, 2.5])), [1.5, 2.5]);
  assert.deepEqual(echo(Object.create(null, { k: { value: 1, enumerable: true } })), { k: 1 });
  assert.equal(lua.eval("local t = ... return t.x + #t.list", { args: [{ x: 1, list: Results.of(1, 2) }] }), 3);
});

test("keys of every kind are taken and given", () => {
  const keys = ["__proto__", "constructor", "toString", "", "1", 1, 1.5, true, 2n ** 60n, new Uint8Array([255]), Infinity];
  for (const key of keys) {
    const [, value] = [...echo(new Map([[key, "v"], ["other", 1]])).entries?.() ?? Object.entries(echo(new Map([[key, "v"], ["other", 1]])))].find(([, v]) => v === "v");
    assert.equal(value, "v");
  }
  const object = lua.eval("return {__proto__ = {polluted = true}, constructor = 1}");
  assert.ok(Object.hasOwn(object, "__proto__"));
  assert.equal(object.polluted, undefined);
  assert.equal({}.polluted, undefined);
  assert.equal(lua.eval("local t = ... return t['__proto__']", { args: [JSON.parse('{"__proto__": 5}')] }), 5);
  const odd = lua.eval("return {[{}] = 1, [print] = 2, [1.5] = 3}");
  assert.equal(odd.size, 3);
  assert.deepEqual(lua.eval("return {[{}] = 1}").keys().next().value, []);
});

test("what Lua cannot have is an error that says so, and nothing else happens", () => {
  class Point {}
  const cycle = [];
  cycle.push(cycle);
  const deep = (levels) => (levels === 0 ? 1 : [deep(levels - 1)]);
  const cases = [
    [Symbol("x"), /symbol/], [2n ** 63n, /64 bits/], [-(2n ** 63n) - 1n, /64 bits/], [new Point(), /Point is no plain data.*lua\.reference/],
    [new Date(), /Date is no plain data/], [new Set(), /Set.*copy/], [Promise.resolve(), /Promise.*await/], [/x/, /RegExp/],
    [cycle, /cycle/], [deep(129), /128/], ["\ud800", /surrogate/], [["ok", { name: "x".repeat(40) + "\udc00" }], /\[1\]\.name: .*surrogate/],
    [new Map([[NaN, 1]]), /NaN/], [new Map([[null, 1]]), /nil/], [new Map([[undefined, 1]]), /nil/], [{ "\ud800": 1 }, /surrogate/],
    [new DataView(new ArrayBuffer(1)), /DataView/],
  ];
  for (const [value, message] of cases) {
    assert.throws(() => echo(value), (error) => error instanceof TypeError && message.test(error.message), String(message));
    assert.throws(() => echo({ at: [value] }), TypeError);
  }
  assert.throws(() => echo({ a: [1, Symbol("x")] }), { message: /^argument 1\.a\[1\]: a symbol/ });
  assert.deepEqual(echo(deep(128)), deep(128));
  assert.equal(lua.stats.references, 0);
  assert.equal(lua.eval("return 2 + 2"), 4);
});

test("what a host function answers that Lua cannot have is an error of the script with its reason", async () => {
  lua.define("odd", () => Symbol("x"));
  assert.match(lua.eval("local _, message = pcall(odd) return message"), /^the result of odd: a symbol/);
  assert.throws(() => lua.eval("odd()"), ({ kind, cause }) => kind === "runtime" && cause instanceof TypeError);
  const thrown = new RangeError("mine");
  const failing = () => { throw thrown; };
  lua.define({ getter: () => ({ get x() { return failing(); } }), late: async () => ({ get x() { return failing(); } }), thenable: () => ({ get then() { return failing(); } }) });
  for (const name of ["getter", "thenable"]) assert.throws(() => lua.eval(`${name}()`), { kind: "runtime", message: "mine", cause: thrown });
  await assert.rejects(lua.run("late()"), { kind: "runtime", message: "mine", cause: thrown });
  assert.equal(lua.stats.tasks, 0);
});

test("a getter that calls Lua while its object is encoded does no harm", () => {
  const object = { before: "x".repeat(2000), get inner() { return lua.eval("return {1, 2, 3}"); }, after: [1] };
  assert.deepEqual(echo(object), { before: object.before, inner: [1, 2, 3], after: [1] });
  const failing = { get inner() { throw new Error("mine"); } };
  assert.throws(() => echo(failing), { message: "mine" });
  assert.equal(echo(1), 1);
});

/** Values as `integers: "bigint"` and `nulls` have them, which come back as they went. */
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double(),
    fc.string({ unit: "grapheme", maxLength: 80 }),
    fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Uint8Array.of(255, ...bytes)),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(fc.string({ unit: "grapheme" }), tie("value"), { maxKeys: 20 }),
    fc.array(fc.tuple(fc.bigInt({ min: 5n, max: 1n << 50n }), tie("value")), { minLength: 1, maxLength: 5 }).map((entries) => new Map(entries)),
  ),
})).value;

/** The same with the keys of tables in one order, as Lua keeps none. */
function sorted(given) {
  if (Array.isArray(given)) return given.map(sorted);
  if (given instanceof Uint8Array || given === null || typeof given !== "object") return given;
  const entries = (given instanceof Map ? [...given] : Object.entries(given)).map(([key, item]) => [key, sorted(item)]);
  return [given instanceof Map, entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))];
}

test("random values come back from Lua as they went", () => {
  fc.assert(
    fc.property(value, (given) => {
      assert.deepEqual(sorted(echo(given, exact) ?? null), sorted(given));
    }),
    { numRuns: 2000 },
  );
});

test("random integers and floats are to Lua what they are here", () => {
  fc.assert(
    fc.property(fc.oneof(fc.double({ noNaN: true }), fc.maxSafeInteger()), (given) => {
      assert.equal(lua.eval("local a, b = ... return a == tonumber(b) * 1.0", { args: [given, given === 0 ? "0" : `${given}`.replace("Infinity", "1e999")] }), true);
    }),
  );
});

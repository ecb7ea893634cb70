import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import * as lua54 from "moonlet";
import * as lua55 from "moonlet/lua55";
import * as lua55Mini from "moonlet/lua55/mini";
import * as mini from "moonlet/mini";

import { runVectors } from "./vectors.mjs";

const read = (path) => readFile(new URL(path, import.meta.url));
const names = ["values", "calls", "malformed", "conversations"];
const files = Object.fromEntries(
  await Promise.all(names.map(async (name) => [name, JSON.parse(await read(`../../../tests/vectors/${name}.json`))])),
);
/** Those for modules that hold no more than a mini variant. */
const forMini = Object.fromEntries(names.map((name) => [name, files[name].filter(({ needs }) => !needs)]));

for (const [name, { Lua, Results }] of Object.entries({ lua54, lua55, "lua54-mini": mini, "lua55-mini": lua55Mini })) {
  test(`${name}: all vectors, by the ABI and by the package`, async () => {
    const module = await WebAssembly.compile(await read(`../dist/${name}.wasm`));
    const vectors = name.endsWith("mini") ? forMini : files;
    const report = await runVectors({ Lua, Results, module, files: vectors });
    assert.deepEqual(report.failed, []);
    assert.equal(report.raw, names.reduce((sum, name) => sum + vectors[name].length, 0));
    assert.ok(report.packaged > 130, `${report.packaged} by the package`);
  });
}

/** The option of the package that sets an option of the module. */
const OPTIONS = { 1: "memory", 2: "fuel", 5: "result" };

test("the vectors of errors, by the package", async (t) => {
  const vectors = JSON.parse(await read("../../../tests/vectors/errors.json"));
  for (const [name, { Lua }] of Object.entries({ lua54, lua55 })) {
    for (const vector of vectors) {
      await t.test(`${name}: ${vector.name}`, async () => {
        const options = Object.entries(vector.options ?? {}).map(([number, value]) => [OPTIONS[number], value]);
        const lua = await Lua.create(Object.fromEntries(options));
        const error = await lua.run(vector.source, { name: vector.chunk }).then(assert.fail, (reason) => reason);
        const { status, message, chunk, line, value, traceback } = error;
        const fields = Object.entries({ message, chunk, line, value }).filter(([, field]) => field !== undefined);
        assert.deepEqual({ status, error: Object.fromEntries(fields) }, { status: vector.status, error: vector.error });
        if (vector.traceback) {
          const lines = traceback.split("\n").map((level) => level.trim());
          assert.deepEqual(lines.filter((level) => vector.traceback.includes(level)), vector.traceback);
        }
      });
    }
  }
});

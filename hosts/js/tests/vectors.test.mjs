import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import * as lua54 from "moonlet";
import * as lua55 from "moonlet/lua55";
import * as lua55Mini from "moonlet/lua55/mini";
import * as mini from "moonlet/mini";

import { runErrors, runVectors } from "./vectors.mjs";

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

test("the vectors of errors, by the package", async () => {
  const vectors = JSON.parse(await read("../../../tests/vectors/errors.json"));
  for (const [name, { Lua }] of Object.entries({ lua54, lua55 })) {
    const module = await WebAssembly.compile(await read(`../dist/${name}.wasm`));
    assert.deepEqual(await runErrors({ Lua, module, vectors }), { passed: vectors.length, failed: [] });
  }
});

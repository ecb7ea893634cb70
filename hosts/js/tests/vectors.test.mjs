import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import * as lua54 from "moonlet";
import * as lua55 from "moonlet/lua55";

import { runVectors } from "./vectors.mjs";

const read = (path) => readFile(new URL(path, import.meta.url));
const names = ["values", "calls", "malformed", "conversations"];
const files = Object.fromEntries(
  await Promise.all(names.map(async (name) => [name, JSON.parse(await read(`../../../tests/vectors/${name}.json`))])),
);
const count = names.reduce((sum, name) => sum + files[name].length, 0);

for (const [name, { Lua, Results }] of Object.entries({ lua54, lua55 })) {
  test(`${name}: all vectors, by the ABI and by the package`, async () => {
    const module = await WebAssembly.compile(await read(`../dist/${name}.wasm`));
    const report = await runVectors({ Lua, Results, module, files });
    assert.deepEqual(report.failed, []);
    assert.equal(report.raw, count);
    assert.ok(report.packaged > 130, `${report.packaged} by the package`);
  });
}

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const example = (name) => fileURLToPath(new URL(`../examples/${name}.mjs`, import.meta.url));

for (const name of ["hello", "errors", "host-calls", "hostile", "pause", "snapshot"]) {
  test(`${name} prints what it prints in every language`, async () => {
    const { stdout, stderr } = await run(process.execPath, [example(name)]);
    assert.equal(stdout, await readFile(new URL(`../../programs/${name}.txt`, import.meta.url), "utf8"));
    assert.equal(stderr, "");
  });
}

test("the chain goes from process to process", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "moonlet-"));
  t.after(() => rm(folder, { recursive: true }));
  const chain = async (...words) => (await run(process.execPath, [example("chain"), ...words])).stdout;
  const at = (number) => join(folder, `${number}.snapshot`);
  assert.equal(await chain("start", at(0)), "");
  assert.equal(await chain("go", "python", at(0), at(1)), "");
  assert.equal(await chain("go", "rust", at(1), at(2)), "");
  assert.equal(await chain("go", "javascript", at(2), at(3)), "python, rust, javascript; closed 3 times\n");
  await assert.rejects(stat(at(3)));
  for (const words of [[], ["go"], ["start"], ["start", at(3), "more"], ["stop", at(3)], ["constructor"], ["--name", "python"]]) {
    await assert.rejects(chain(...words), ({ code, stderr }) => code === 2 && stderr.startsWith("usage: chain start OUT"));
  }
});

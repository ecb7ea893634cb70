import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const folder = fileURLToPath(new URL("../build/docs/", import.meta.url));

for (const [page, least] of [["../../../docs/using-from-javascript.md", 7], ["../README.md", 1]]) {
  test(`each program of ${page.split("/").at(-1)} prints what stands below it`, async () => {
    const text = await readFile(new URL(page, import.meta.url), "utf8");
    const programs = [...text.matchAll(/```js\n([\s\S]*?)```\n(?:\n```text\n([\s\S]*?)```)?/g)];
    assert.ok(programs.length >= least);
    // Within the package its own name is found.
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const [i, [, source, expected]] of programs.entries()) {
      const file = `${folder}${i}.mjs`;
      await writeFile(file, source);
      const { stdout, stderr } = await run(process.execPath, [file]);
      assert.equal(stderr, "", source);
      assert.equal(stdout, expected ?? "Hello Lua\n", source);
    }
  });
}

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";

import { build } from "esbuild";

const dist = new URL("../dist/", import.meta.url);
const read = (name) => readFile(new URL(name, dist), "utf8");

const bundle = async (entry, options = {}) => {
  const { outputFiles, metafile } = await build({
    entryPoints: [new URL(entry, dist).pathname], bundle: true, minify: true, format: "esm", write: false, metafile: true, logLevel: "silent", ...options,
  });
  return { bytes: outputFiles[0].contents, files: Object.keys(metafile.inputs), imports: Object.values(metafile.outputs)[0].imports };
};

test("the glue is under 12 kB, compressed", async () => {
  const { bytes } = await bundle("index.js");
  const size = brotliCompressSync(bytes).length;
  assert.ok(size < 12_000, `${size} bytes`);
});

test("nothing of a platform is on a path that browsers and workers load", async () => {
  for (const entry of ["index.js", "lua55.js", "mini.js", "lua55-mini.js", "inline.js"]) {
    const { imports, bytes } = await bundle(entry, { platform: "browser" });
    assert.deepEqual(imports, [], entry);
    const found = new TextDecoder().decode(bytes).match(/node:|require\(|\bFunction\(/);
    assert.equal(found?.[0], undefined, entry);
  }
  for (const [entry, module] of [["index", "lua54"], ["lua55", "lua55"], ["mini", "lua54-mini"], ["lua55-mini", "lua55-mini"]]) {
    const { imports } = await bundle(`${entry}.workerd.js`, { external: ["*.wasm"] });
    assert.deepEqual(imports.map(({ path }) => path), [`./${module}.wasm`]);
  }
});

test("the manifest names files that are there", async () => {
  const { exports, sideEffects, dependencies } = JSON.parse(await readFile(new URL("../package.json", import.meta.url)));
  assert.equal(sideEffects, false);
  assert.equal(dependencies, undefined);
  const files = Object.values(exports).flatMap((target) => (typeof target === "string" ? [target] : Object.values(target)));
  for (const file of files) await readFile(new URL(`../${file}`, import.meta.url));
  const modules = await readFile(new URL("../../../dist/SHA256SUMS", import.meta.url), "utf8");
  for (const line of modules.trim().split("\n")) {
    const [hash, name] = line.split(/\s+/);
    if (!name.endsWith(".wasm")) continue;
    assert.equal(createHash("sha256").update(await readFile(new URL(name, dist))).digest("hex"), hash, name);
  }
});

test("the declared types are those that were looked at", async () => {
  const parts = [];
  for (const name of ["public", "lua", "options", "module", "task", "table", "functions", "references", "files", "errors"]) {
    const text = await read(`${name}.d.ts`);
    parts.push(`// ${name}.d.ts\n${text.replace(/^\s*\/\*\*[\s\S]*?\*\/\n?|^\s*\/\/.*\n/gm, "")}`);
  }
  const found = parts.join("\n");
  const golden = new URL("api.golden.txt", import.meta.url);
  if (process.env.BLESS) await writeFile(golden, found);
  assert.equal(found, await readFile(golden, "utf8"), "BLESS=1 writes it anew");
});

test("the types say what they are to say", async () => {
  const require = createRequire(import.meta.url);
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
  const compile = (...words) => promisify(execFile)(process.execPath, [tsc, ...words], { cwd: folder }).catch(({ stdout }) => assert.fail(stdout));
  const folder = fileURLToPath(new URL(".", import.meta.url));
  await compile("--project", "tsconfig.json");
  // A page's project with nothing of Node, and none of the newest names.
  const page = "--noEmit --strict --target ES2022 --module ESNext --moduleResolution Bundler --lib ES2022,DOM,DOM.Iterable --types".split(" ");
  await compile(...page, "", "--ignoreConfig", "page-types.ts");
});

test("the version is the repository's", async () => {
  const cargo = await readFile(new URL("../../../Cargo.toml", import.meta.url), "utf8");
  const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url)));
  assert.equal(version, cargo.match(/^version = "(.*)"/m)[1]);
});

test("no source file is long", async () => {
  const folder = new URL("../src/", import.meta.url);
  for (const name of await readdir(folder)) {
    assert.ok((await readFile(new URL(name, folder), "utf8")).split("\n").length <= 450, name);
  }
});

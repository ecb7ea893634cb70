// Compiles src/ into dist/, and puts the modules of the repository's dist/ beside it.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "../../dist");
const dist = join(root, "dist");

const names = ["lua54", "lua55", "lua54-mini", "lua55-mini"].map((name) => `${name}.wasm`);
for (const name of names) {
  if (!existsSync(join(modules, name))) {
    console.error(`dist/${name} is missing at the repository's root: run \`make dist\` first`);
    process.exit(1);
  }
}

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
rmSync(dist, { recursive: true, force: true });
rmSync(join(root, "build/src"), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, "--project", root], { stdio: "inherit" });

// What the entries share is one file: a page has two to fetch, and Node reads them in half the time.
const entries = ["index", "lua55", "mini", "lua55-mini"].flatMap((name) => [name, `${name}.node`, `${name}.workerd`]);
await build({
  absWorkingDir: root,
  entryPoints: [...entries, "inline"].map((name) => `build/src/${name}.js`),
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  target: "esnext",
  chunkNames: "shared-[hash]",
  external: ["*.wasm", "*.base64.js", "node:*"],
  logLevel: "warning",
});

for (const name of names) copyFileSync(join(modules, name), join(dist, name));
const base64 = readFileSync(join(modules, "lua54.wasm")).toString("base64");
writeFileSync(join(dist, "lua54.base64.js"), `export default "${base64}";\n`);
copyFileSync(join(root, "../../LICENSE"), join(root, "LICENSE"));

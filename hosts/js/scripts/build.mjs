// Compiles src/ into dist/, and puts the modules of the repository's dist/ beside it.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "../../dist");
const dist = join(root, "dist");

for (const name of ["lua54.wasm", "lua55.wasm"]) {
  if (!existsSync(join(modules, name))) {
    console.error(`dist/${name} is missing at the repository's root: run \`make dist\` first`);
    process.exit(1);
  }
}

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [tsc, "--project", root], { stdio: "inherit" });
for (const name of ["lua54.wasm", "lua55.wasm"]) copyFileSync(join(modules, name), join(dist, name));
copyFileSync(join(root, "../../LICENSE"), join(root, "LICENSE"));
const base64 = readFileSync(join(modules, "lua54.wasm")).toString("base64");
writeFileSync(join(dist, "lua54.base64.js"), `export default "${base64}";\n`);

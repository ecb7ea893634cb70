// Lua's official test suites and its own sources, where `cargo xtask` has put them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Version } from "../../src/protocol.js";

/** The folder of Lua's own sources of a version; `undefined` where it is not there. */
export function sources(version: Version): string | undefined {
  const tools = process.env.MOONLET_TOOLS ?? join(process.cwd(), "../target/tools");
  const name = existsSync(tools) && readdirSync(tools).find((found) => found.startsWith("testes-"));
  return name ? join(tools, name, "third-party", `lua${version.replace(".", "")}`) : undefined;
}

/** Each file of the suite of a version as [name, text, a character for each byte]; empty where the suites are not there. */
export function suite(version: Version): [string, string][] {
  const folder = sources(version);
  if (!folder) return [];
  const files = readdirSync(join(folder, "testes")).filter((file) => file.endsWith(".lua"));
  return files.map((file) => [file, readFileSync(join(folder, "testes", file), "latin1")]);
}

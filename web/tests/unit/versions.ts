import type { Lua as Lua54 } from "moonlet";

import type { Version } from "../../src/protocol.js";

/** Both versions, for tests that hold for each. */
export const VERSIONS: Version[] = ["5.4", "5.5"];

/** The package's `Lua` of a version. */
export async function luaOf(version: Version): Promise<typeof Lua54> {
  const { Lua } = version === "5.5" ? await import("moonlet/lua55") : await import("moonlet");
  return Lua as typeof Lua54;
}

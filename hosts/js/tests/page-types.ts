// The types in a page's project, which knows neither Node nor `using` (tests/package.test.mjs).
import { Lua, type LuaFunction } from "moonlet";

const lua: Lua = await Lua.create({ module: fetch("lua54.wasm") });
const double = lua.eval<LuaFunction>("return function(x) return 2 * x end");
export const answer: number = double(21);
double.release();

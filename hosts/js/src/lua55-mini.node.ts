import { luaOf, type Lua as State } from "./lua.js";
import { once } from "./module.js";
import { load } from "./node.js";

export * from "./public.js";

/** One Lua 5.5 state of the mini variant, in an instance of its own. `Lua.create` makes one. */
export type Lua = State;
export const Lua = /* @__PURE__ */ luaOf({ load, module: /* @__PURE__ */ once(() => new URL("./lua55-mini.wasm", import.meta.url), load) });

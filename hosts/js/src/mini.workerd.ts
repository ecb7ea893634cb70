import { luaOf, type Lua as State } from "./lua.js";
import { once } from "./module.js";
import module from "./lua54-mini.wasm";
import { load } from "./web.js";

export * from "./public.js";

/** One Lua 5.4 state of the mini variant, in an instance of its own. `Lua.create` makes one. */
export type Lua = State;
export const Lua = /* @__PURE__ */ luaOf({ load, module: /* @__PURE__ */ once(() => module, load) });

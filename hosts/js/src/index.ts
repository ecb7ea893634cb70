import { Lua as Base } from "./lua.js";
import { once } from "./module.js";
import { load } from "./web.js";

export * from "./public.js";

/** One Lua 5.4 state, in an instance of its own. `Lua.create` makes one. */
export class Lua extends Base {
  /** @internal */
  protected static override readonly source = { load: load, module: once(() => new URL("./lua54.wasm", import.meta.url), load) };
}

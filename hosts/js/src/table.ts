import { toText } from "./decoder.js";
import type { LuaFunction } from "./functions.js";

/** What the proxy of a table asks Lua by: the function that this chunk returns for a table. Each answers whether the value is a table, and it. */
export const ACCESS = `
local type, next = type, next
local function access(t)
  return function(what, key, value)
    if what == "get" then
      local found = t[key]
      if type(found) == "table" then return true, access(found) end
      return false, found
    elseif what == "set" then
      t[key] = value
    elseif what == "has" then
      return t[key] ~= nil
    end
    local keys = {}
    for found in next, t do
      local kind = type(found)
      if kind == "string" or kind == "number" then keys[#keys + 1] = found end
    end
    return keys
  end
end
`;

/**
 * A table that stays in Lua: each access goes there. Fields that are tables come as the like, other values as `get` answers them. Keys that
 * are whole numbers are numbers to Lua (`t[1]`), all others texts.
 */
export type LuaTable = { [key: string | number]: any } & {
  /** Lets go of the table; using it is an error from then on. */
  [Symbol.dispose](): void;
};

function keyOf(key: string): string | number {
  const number = Number(key);
  return String(number) === key && Number.isSafeInteger(number) ? number : key;
}

function nameOf(key: string | Uint8Array | number | bigint): string {
  return key instanceof Uint8Array ? toText(key) : String(key);
}

/** The proxy of a table, by the function that gives access to it. */
export function tableOf(access: LuaFunction, exact: boolean): LuaTable {
  const keyed = (key: string): unknown => {
    const known = keyOf(key);
    return exact && typeof known === "number" ? BigInt(known) : known;
  };
  const get = (key: string): unknown => {
    const [isTable, value] = access("get", keyed(key));
    return isTable ? tableOf(value, exact) : value;
  };
  const has = (key: string | symbol): boolean => typeof key === "string" && access("has", keyed(key));
  return new Proxy(Object.create(null) as LuaTable, {
    get: (_, key) => {
      if (typeof key === "string") return get(key);
      return Symbol.dispose && key === Symbol.dispose ? () => access.release() : undefined;
    },
    set: (_, key, value) => {
      if (typeof key !== "string") return false;
      access("set", keyed(key), value);
      return true;
    },
    has: (_, key) => has(key),
    deleteProperty: (_, key) => {
      if (typeof key === "string") access("set", keyed(key), undefined);
      return true;
    },
    // A text that reads as a number and that number are one key here.
    ownKeys: () => [...new Set((access("keys") as (string | Uint8Array | number | bigint)[]).map(nameOf))],
    getOwnPropertyDescriptor: (_, key) =>
      has(key) ? { value: get(key as string), writable: true, enumerable: true, configurable: true } : undefined,
    defineProperty: () => false,
  });
}

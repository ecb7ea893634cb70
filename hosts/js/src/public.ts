export { Results } from "./decoder.js";
export {
  LuaBudgetError,
  LuaCancelledError,
  LuaError,
  LuaExitError,
  LuaMemoryError,
  LuaPoisonedError,
  LuaRefusedError,
  LuaRuntimeError,
  LuaSyntaxError,
} from "./errors.js";
export type { LuaErrorDetails, LuaErrorKind } from "./errors.js";
export type { LuaFiles } from "./files.js";
export { LuaFunction } from "./functions.js";
export type { EvalOptions, HostFunctions, Path, RunOptions, Stats } from "./lua.js";
export type { ModuleSource } from "./module.js";
export type { InputSource, LibraryName, LuaOptions } from "./options.js";
export type { ReferenceOptions } from "./references.js";
export type { HostFunction } from "./state.js";
export type { LuaTable } from "./table.js";
export type { Task, TaskKind } from "./task.js";

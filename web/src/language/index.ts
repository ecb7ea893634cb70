import type { Extension } from "@codemirror/state";

import type { Version } from "../protocol.js";

/** What the editor knows of Lua of that version: colours, indentation, folding, completion, comments. */
export function luaLanguage(_version: Version): Extension {
  return [];
}

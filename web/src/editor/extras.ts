import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { foldKeymap } from "@codemirror/language";
import { searchKeymap, highlightSelectionMatches, search } from "@codemirror/search";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";

import { typeOver } from "./typing.js";

/** What is of use to who edits, and is loaded once someone does: keys, undoing, completion, brackets that close, keys to fold, search. */
export const extras: Extension = [
  history(),
  autocompletion({ icons: false }),
  closeBrackets(),
  typeOver,
  search({ top: true }),
  highlightSelectionMatches(),
  keymap.of([...closeBracketsKeymap, ...searchKeymap, ...foldKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
];

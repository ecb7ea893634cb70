import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldKeymap } from "@codemirror/language";
import { searchKeymap, highlightSelectionMatches, search } from "@codemirror/search";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";

import { typeOver } from "./typing.js";

/** What is of use to who edits, and is loaded once someone does: keys, undoing, completion, brackets that close and that match, keys to fold, search. */
export const extras: Extension = [
  history(),
  autocompletion({ icons: false }),
  closeBrackets(),
  bracketMatching(),
  typeOver,
  search({ top: true }),
  highlightSelectionMatches(),
  keymap.of([...closeBracketsKeymap, ...searchKeymap, ...foldKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
];

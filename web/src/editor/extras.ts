import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { foldGutter, foldKeymap } from "@codemirror/language";
import { searchKeymap, highlightSelectionMatches, search } from "@codemirror/search";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";

import { typeOver } from "./typing.js";

/** What is of use to who types, and is loaded once someone does: completion, brackets that close, folding, search. */
export const extras: Extension = [
  autocompletion({ icons: false }),
  closeBrackets(),
  typeOver,
  foldGutter(),
  search({ top: true }),
  highlightSelectionMatches(),
  keymap.of([...closeBracketsKeymap, ...searchKeymap, ...foldKeymap, ...completionKeymap]),
];

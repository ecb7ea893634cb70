import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import type { Extension } from "@codemirror/state";
import { tags } from "@lezer/highlight";

// Colours are custom properties of the page, light and dark in one.
const STYLE = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.definitionKeyword, tags.operatorKeyword], color: "var(--keyword)" },
  { tag: [tags.string, tags.escape], color: "var(--string)" },
  { tag: tags.escape, fontWeight: "600" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--number)" },
  { tag: [tags.lineComment, tags.blockComment], color: "var(--comment)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--call)" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.function(tags.definition(tags.propertyName))], color: "var(--call)", fontWeight: "600" },
  { tag: tags.propertyName, color: "var(--property)" },
  { tag: [tags.labelName, tags.modifier], color: "var(--now)" },
  { tag: tags.invalid, color: "var(--bad)", textDecoration: "underline wavy" },
]);

const TOOLTIPS = EditorView.theme({
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "13px", maxHeight: "16em" },
  ".cm-completionDetail": { fontStyle: "normal", color: "var(--faint)" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-tooltip.cm-completionInfo": { padding: "4px 8px", maxWidth: "24em" },
  ".completion-info": { margin: "0", fontFamily: "var(--sans)", fontSize: "13px" },
});

/** How Lua looks in the editor. */
export const colours: Extension = [syntaxHighlighting(STYLE), TOOLTIPS];

import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { delimitedIndent, foldInside, foldNodeProp, indentNodeProp, indentOnInput, LanguageSupport, LRLanguage, type TreeIndentContext } from "@codemirror/language";
import type { EditorState, Extension } from "@codemirror/state";
import { Tree, type Input, type PartialParse, type SyntaxNode } from "@lezer/common";

import type { Version } from "../protocol.js";
import { colours } from "./colours.js";
import { parser } from "./parser.js";

const BLOCK_ENDS = /^\s*(end|else|elseif|until)\b/;

/** One step deeper than the line on which the statement begins, but for the words that end its block. */
function indentBlock(context: TreeIndentContext): number {
  return context.baseIndent + (BLOCK_ENDS.test(context.textAfter) ? 0 : context.unit);
}

/** Lines on which a statement goes on stand deeper than the first. */
function indentContinued(context: TreeIndentContext): number {
  return context.baseIndent + context.unit;
}

/** What stands between the word that opens a block and the one that ends it. */
function foldBlock(node: SyntaxNode): { from: number; to: number } | null {
  const block = node.getChild("Block");
  const opening = block?.prevSibling;
  const closing = node.lastChild;
  if (!opening || !closing || closing.type.isError || closing.name === "Block") return null;
  return { from: opening.to, to: node.name === "RepeatStatement" ? (node.getChild("until")?.from ?? closing.from) : closing.from };
}

/** A long bracket but for its first line. */
function foldLong(node: SyntaxNode, state: EditorState): { from: number; to: number } | null {
  const { to } = state.doc.lineAt(node.from);
  return to < node.to ? { from: to, to: node.to } : null;
}

const BLOCKS =
  "DoStatement WhileStatement RepeatStatement IfStatement ForStatement FunctionDeclaration LocalFunction GlobalFunction FunctionExpression";

/** A text that is nested deeper than the engine's stack is no program of Lua, either: it gets a tree of nothing, where the editor would break. */
function bounded(inner: PartialParse, input: Input): PartialParse {
  return {
    get parsedPos() {
      return inner.parsedPos;
    },
    get stoppedAt() {
      return inner.stoppedAt;
    },
    stopAt: (pos) => inner.stopAt(pos),
    advance() {
      try {
        return inner.advance();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        return new Tree(parser.topNode, [], [], input.length);
      }
    },
  };
}

const configured = parser.configure({
  wrap: bounded,
  props: [
    indentNodeProp.add({
      [BLOCKS]: indentBlock,
      "Assignment LocalDeclaration GlobalDeclaration CallStatement ReturnStatement": indentContinued,
      TableConstructor: delimitedIndent({ closing: "}", align: false }),
      "Arguments Parameters ParenthesizedExpression": delimitedIndent({ closing: ")", align: false }),
      "String LongString BlockComment": () => null,
    }),
    foldNodeProp.add({
      [BLOCKS]: foldBlock,
      "TableConstructor Arguments": foldInside,
      "LongString BlockComment": foldLong,
    }),
  ],
});

const languageData = {
  commentTokens: { line: "--", block: { open: "--[[", close: "]]" } },
  closeBrackets: { brackets: ["(", "[", "{", '"', "'"] },
  indentOnInput: /^\s*(end|else|elseif|until|[})\]])$/,
};

/** Lua 5.4 as a language of CodeMirror. */
export const lua54 = LRLanguage.define({ name: "Lua 5.4", parser: configured, languageData });

/** Lua 5.5 as a language of CodeMirror. */
export const lua55 = LRLanguage.define({ name: "Lua 5.5", parser: configured.configure({ dialect: "lua55" }), languageData });

/** What the editor knows of Lua of that version: colours, indentation, folding, completion, comments. */
export function luaLanguage(version: Version): Extension {
  const language = version === "5.5" ? lua55 : lua54;
  // The words and what they mean are loaded when they are first asked for.
  const autocomplete = async (context: CompletionContext): Promise<CompletionResult | null> => (await import("./completion.js")).complete(context, version);
  return new LanguageSupport(language, [language.data.of({ autocomplete }), colours, indentOnInput()]);
}

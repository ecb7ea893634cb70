import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import type { EditorState } from "@codemirror/state";
import type { SyntaxNode } from "@lezer/common";

import type { Version } from "../protocol.js";
import { entriesOf, type Entry } from "./library.js";

const KEYWORDS =
  "and break do else elseif end false for function goto if in local nil not or repeat return then true until while".split(" ");

const WORD = /^\w*$/;

const known = new Map<Version, Entry[]>();

function entries(version: Version): Entry[] {
  const made = known.get(version) ?? entriesOf(version);
  known.set(version, made);
  return made;
}

function completionOf({ name, kind, signature, text }: Entry): Completion {
  const dot = Math.max(name.lastIndexOf("."), name.lastIndexOf(":"));
  const made: Completion = { label: name.slice(dot + 1), type: kind, detail: signature };
  // A node, as CodeMirror writes a text into an element without a style of its own.
  return { ...made, info: () => Object.assign(document.createElement("p"), { textContent: text, className: "completion-info" }) };
}

const text = (state: EditorState, node: SyntaxNode): string => state.sliceDoc(node.from, node.to);

/** Names that declarations bring into view at a place: locals, parameters, loop variables, and globals that the file declares or assigns. */
function namesInView(state: EditorState, at: number): Completion[] {
  const found = new Map<string, Completion>();
  const add = (node: SyntaxNode, type: string): void => {
    const label = text(state, node);
    if (node.to < at && !found.has(label)) found.set(label, { label, type, boost: 1 });
  };
  const addDeclared = (parent: SyntaxNode, type: string): void => parent.getChildren("VariableDefinition").forEach((node) => add(node, type));

  let node: SyntaxNode | null = syntaxTree(state).resolveInner(at, -1);
  for (; node; node = node.parent) {
    addDeclared(node, "variable");
    const parameters = node.getChild("Parameters");
    if (parameters && parameters.to <= at) addDeclared(parameters, "variable");
    for (let before = node.prevSibling; before; before = before.prevSibling) {
      if (before.name === "LocalDeclaration") addDeclared(before, "variable");
      else if (before.name === "LocalFunction") addDeclared(before, "function");
    }
  }
  syntaxTree(state).iterate({
    enter(found) {
      if (found.name === "Assignment") found.node.getChildren("VariableName").forEach((name) => add(name, "variable"));
      else if (found.name === "GlobalDeclaration") addDeclared(found.node, "variable");
      else if (found.name === "GlobalFunction") addDeclared(found.node, "function");
      else if (found.name === "FunctionName" && !found.node.getChild("PropertyName")) add(found.node, "function");
      return found.name !== "String";
    },
  });
  return [...found.values()];
}

/** Names of fields that the file uses. */
function fieldsOf(state: EditorState, at: number): Completion[] {
  const found = new Set<string>();
  syntaxTree(state).iterate({
    enter(node) {
      if (node.name === "PropertyName" && (node.to < at || node.from > at)) found.add(text(state, node.node));
    },
  });
  return [...found].map((label) => ({ label, type: "property" }));
}

function members(context: CompletionContext, version: Version, base: string, separator: string): Completion[] {
  const { state, pos } = context;
  const found = entries(version).filter(({ name }) => name.startsWith(`${base}${separator}`));
  if (found.length > 0) return found.map(completionOf);
  const fields = fieldsOf(state, pos);
  if (separator === ".") return fields;
  // A method may be one of a string or of a file.
  const methods = entries(version).filter(({ name, signature }) => name.startsWith("file:") || (name.startsWith("string.") && signature.startsWith("(s")));
  const labels = new Set(fields.map(({ label }) => label));
  return [...fields, ...methods.map(completionOf).filter(({ label }) => !labels.has(label))];
}

/** What may stand at the place of the cursor. */
export function complete(context: CompletionContext, version: Version): CompletionResult | null {
  const { state, pos } = context;
  const inside = syntaxTree(state).resolveInner(pos, -1);
  if (/String|Comment|Shebang|Number|Escape/.test(inside.name)) return null;

  const member = context.matchBefore(/[\w\])"']+\s*[.:]\s*\w*/);
  const parts = member && /^(.*?)\s*([.:])\s*(\w*)$/s.exec(member.text);
  if (parts && !/^\d+$/.test(parts[1]!)) {
    const options = members(context, version, parts[1]!, parts[2]!);
    return options.length > 0 ? { from: pos - parts[3]!.length, options, validFor: WORD } : null;
  }

  const word = context.matchBefore(/[A-Za-z_]\w*/);
  if ((!word && !context.explicit) || ["VariableDefinition", "LabelName", "AttributeName"].includes(inside.name)) return null;
  const keywords = version === "5.5" ? [...KEYWORDS, "global"] : KEYWORDS;
  const globals = entries(version).filter(({ name }) => /^\w+$/.test(name));
  const local = namesInView(state, word?.from ?? pos);
  const labels = new Set(local.map(({ label }) => label));
  const options = [
    ...local,
    ...keywords.map((label) => ({ label, type: "keyword" })),
    ...globals.map(completionOf).filter(({ label }) => !labels.has(label)),
  ];
  return { from: word?.from ?? pos, options, validFor: WORD };
}

// Tokens that a regular expression cannot tell: brackets of any level, the first line of a script, and places that only 5.5 has.
import { ExternalTokenizer, type InputStream } from "@lezer/lr";

import { BlockComment, Dialect_lua55, LongString, Shebang, beforeAttribute, beforeName } from "./parser.terms.js";

const NEWLINE = 10;
const RETURN = 13;
const HASH = 35;
const MINUS = 45;
const LESS = 60;
const EQUALS = 61;
const OPEN = 91;
const CLOSE = 93;
const BYTE_ORDER_MARK = 0xfeff;

/** Takes a long bracket with all in it, to the end of the text where it is not closed; `false` where there is none. */
function takeLong(input: InputStream): boolean {
  if (input.next !== OPEN) return false;
  let level = 0;
  while (input.peek(level + 1) === EQUALS) level++;
  if (input.peek(level + 1) !== OPEN) return false;
  let char = input.advance(level + 2);
  while (char >= 0) {
    if (char !== CLOSE) {
      char = input.advance();
      continue;
    }
    let found = 0;
    while ((char = input.advance()) === EQUALS) found++;
    if (found === level && char === CLOSE) {
      input.advance();
      return true;
    }
  }
  return true;
}

function takeLine(input: InputStream): void {
  while (input.next >= 0 && input.next !== NEWLINE && input.next !== RETURN) input.advance();
}

/** Long strings, long comments, and a first line that begins with `#`. */
export const brackets = new ExternalTokenizer((input) => {
  if (input.next === OPEN) {
    if (takeLong(input)) input.acceptToken(LongString);
  } else if (input.next === MINUS && input.peek(1) === MINUS && input.peek(2) === OPEN) {
    input.advance(2);
    if (takeLong(input)) input.acceptToken(BlockComment);
  } else if (input.pos === 0) {
    if (input.next === BYTE_ORDER_MARK) input.advance();
    if (input.next !== HASH) return;
    takeLine(input);
    input.acceptToken(Shebang);
  }
});

function isNameStart(char: number): boolean {
  return (char >= 65 && char <= 90) || (char >= 97 && char <= 122) || char === 95;
}

/** Empty tokens where 5.5 takes something that 5.4 refuses: an attribute before names, a name after `...`. */
export const versions = new ExternalTokenizer(
  (input, stack) => {
    if (!stack.dialectEnabled(Dialect_lua55)) return;
    const token = input.next === LESS ? beforeAttribute : beforeName;
    if ((input.next === LESS || isNameStart(input.next)) && stack.canShift(token)) input.acceptToken(token);
  },
  { contextual: true },
);

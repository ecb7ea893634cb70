import type { Version } from "../protocol.js";

/** A name of Lua's libraries. */
export interface Entry {
  /** As scripts write it: `string.format`; methods of files as `file:read`. */
  name: string;
  kind: "function" | "namespace" | "constant" | "variable";
  /** The parameters in parentheses; of a constant its value or type. */
  signature: string;
  /** One sentence on what it does. */
  text: string;
}

// A line for each name: the name with its parameters, or with a colon and what it is, then what it does.
const ALL = `
assert (v [, message]) | Raises an error when v is false or nil; otherwise returns all its arguments.
collectgarbage ([opt [, arg]]) | Controls the garbage collector: "collect", "count", "step", "stop", "restart", "isrunning", "incremental", "generational".
dofile ([filename]) | Runs a file and returns what it returns.
error (message [, level]) | Raises an error; level 1 adds the place of the call, 2 that of the caller, 0 none.
getmetatable (object) | Returns the metatable of an object, or its field __metatable.
ipairs (t) | Iterates over t[1], t[2], ... up to the first nil.
load (chunk [, chunkname [, mode [, env]]]) | Compiles a chunk, a string or a function that returns its pieces; returns a function, or nil and a message.
loadfile ([filename [, mode [, env]]]) | As load, from a file.
next (table [, index]) | Returns the next key of a table with its value; nil after the last.
pairs (t) | Iterates over all keys and values of a table, in no order.
pcall (f [, arg1, ···]) | Calls f in protected mode: returns true and its results, or false and the error.
print (···) | Prints its arguments, made strings by tostring, with tabs between and a newline.
rawequal (v1, v2) | Whether two values are equal, without metamethods.
rawget (table, index) | The value of a key, without metamethods.
rawlen (v) | The length of a table or string, without metamethods.
rawset (table, index, value) | Sets a key, without metamethods; returns the table.
require (modname) | Loads a module once and returns its value; "a.b" is found in the file a/b.lua.
select (n, ···) | Returns the arguments from the n-th on; with "#" their number.
setmetatable (table, metatable) | Sets the metatable of a table, or removes it with nil; returns the table.
tonumber (e [, base]) | Converts to a number; nil where that cannot be.
tostring (v) | Converts any value to a string, by __tostring or __name where there is one.
type (v) | The type of a value, as a string.
warn (msg1, ···) | Emits a warning made of its arguments; "@on" and "@off" switch warnings.
xpcall (f, msgh [, arg1, ···]) | As pcall, with a function that handles the message while the stack is still there.
_G : table | The global environment.
_VERSION : string | The version of Lua.
coroutine : library | Coroutines.
coroutine.close (co) | Closes a suspended coroutine and its variables; returns true, or false and the error.
coroutine.create (f) | Makes a coroutine with a function as its body.
coroutine.isyieldable ([co]) | Whether a coroutine can yield.
coroutine.resume (co [, val1, ···]) | Starts or continues a coroutine: true and what it yields or returns, or false and the error.
coroutine.running () | The running coroutine, and whether it is the main one.
coroutine.status (co) | "running", "suspended", "normal" or "dead".
coroutine.wrap (f) | Makes a coroutine and returns a function that resumes it, raising its errors.
coroutine.yield (···) | Suspends the running coroutine; its arguments are results of the resume.
debug : library | What a script may ask about itself.
debug.gethook ([thread]) | The hook in force: function, mask, count.
debug.getinfo ([thread,] f [, what]) | A table of facts on a function or a level of the stack.
debug.getlocal ([thread,] f, local) | Name and value of a local variable.
debug.getupvalue (f, up) | Name and value of an upvalue.
debug.sethook ([thread,] hook, mask [, count]) | Calls a function on events: "c" calls, "r" returns, "l" lines, or every count instructions.
debug.traceback ([thread,] [message [, level]]) | The stack of calls as a text.
debug.upvalueid (f, n) | An identity of an upvalue.
host : library | What Moonlet's host offers.
host.budget () | The units of fuel and the bytes of memory that may still be used; nil where nothing limits.
host.call (name, ···) | Asks the host by name and waits for its answer.
host.define (name) | A function that asks the host under that name.
host.null : userdata | A null that is no nil, for data that come and go.
io : library | Files, input and output.
io.close ([file]) | Closes a file, or the default output.
io.flush () | Writes what is held back of the default output.
io.input ([file]) | Sets or returns the default input.
io.lines ([filename, ···]) | Iterates over the lines of a file, or by the formats given.
io.open (filename [, mode]) | Opens a file: "r", "w", "a", "r+", "w+", "a+", with "b"; nil and a message when it fails.
io.output ([file]) | Sets or returns the default output.
io.popen (prog [, mode]) | Not available here: raises an error.
io.read (···) | Reads from the default input: "l", "L", "n", "a" or a number of bytes.
io.stderr : file | The error output.
io.stdin : file | The standard input.
io.stdout : file | The standard output.
io.tmpfile () | A new file without a name.
io.type (obj) | "file", "closed file", or nil for what is no file.
io.write (···) | Writes its arguments to the default output; returns the file.
file:close () | Closes the file.
file:flush () | Writes what is held back.
file:lines (···) | Iterates over the file by lines, or by the formats given.
file:read (···) | Reads by formats: "l", "L", "n", "a" or a number of bytes.
file:seek ([whence [, offset]]) | Sets and returns the place in the file, from "set", "cur" or "end".
file:setvbuf (mode [, size]) | How output is held back: "no", "full", "line".
file:write (···) | Writes its arguments; returns the file.
math : library | Mathematical functions.
math.abs (x) | The absolute value; of an integer an integer.
math.acos (x) | The arc cosine in radians.
math.asin (x) | The arc sine in radians.
math.atan (y [, x]) | The arc tangent of y/x in radians, in the quadrant of both.
math.ceil (x) | The smallest integer not below x.
math.cos (x) | The cosine of x in radians.
math.deg (x) | Radians to degrees.
math.exp (x) | e to the power x.
math.floor (x) | The largest integer not above x.
math.fmod (x, y) | The rest of x/y, rounded towards zero.
math.frexp (x) | The fraction and the exponent of two that make x.
math.huge : float | More than any other number.
math.ldexp (m, e) | m times two to the power e.
math.log (x [, base]) | The logarithm, natural unless a base is given.
math.max (x, ···) | The largest of its arguments.
math.maxinteger : integer | The largest integer.
math.min (x, ···) | The smallest of its arguments.
math.mininteger : integer | The smallest integer.
math.modf (x) | The integral and the fractional part.
math.pi : float | The number pi.
math.rad (x) | Degrees to radians.
math.random ([m [, n]]) | A float in [0,1); with bounds an integer from 1 to m, or from m to n.
math.randomseed ([x [, y]]) | Seeds math.random; returns the seed.
math.sin (x) | The sine of x in radians.
math.sqrt (x) | The square root.
math.tan (x) | The tangent of x in radians.
math.tointeger (x) | The integer equal to x, or nil.
math.type (x) | "integer", "float", or nil for what is no number.
math.ult (m, n) | Whether m is below n as unsigned integers.
msgpack : library | MessagePack, the form of values that hosts use.
msgpack.array (t) | Marks a table to be encoded as an array; returns it.
msgpack.decode (s [, i]) | The value that starts at a position of a string, and the position after it.
msgpack.encode (···) | Its arguments as one string of MessagePack.
msgpack.map (t) | Marks a table to be encoded as a map; returns it.
os : library | Time, and names of files.
os.clock () | Seconds of work so far.
os.date ([format [, time]]) | A time as text by a format, or as a table with "*t"; "!" for UTC.
os.difftime (t2, t1) | Seconds from t1 to t2.
os.execute ([command]) | Not available here: there is no shell.
os.exit ([code [, close]]) | Ends the script.
os.getenv (varname) | Always nil here.
os.remove (filename) | Removes a file.
os.rename (oldname, newname) | Renames a file.
os.setlocale ([locale [, category]]) | The locale; there is only "C".
os.time ([table]) | The time now, or that of a table, in seconds.
os.tmpname () | A name for a file that is not there yet.
package : library | How require finds modules.
package.config : string | The separators of paths and templates.
package.cpath : string | Not used here: there are no C libraries.
package.loaded : table | The modules that are loaded.
package.loadlib (libname, funcname) | Not available here: there are no C libraries.
package.path : string | The templates by which require looks for files.
package.preload : table | Loaders by the name of their module.
package.searchers : table | The functions that require asks for a loader.
package.searchpath (name, path [, sep [, rep]]) | The first file of the templates that can be read.
string : library | Strings and patterns.
string.byte (s [, i [, j]]) | The bytes from i to j as numbers.
string.char (···) | The string of these bytes.
string.dump (function [, strip]) | A function as precompiled chunk.
string.find (s, pattern [, init [, plain]]) | Where a pattern is first found, and its captures; nil when it is not.
string.format (formatstring, ···) | Formats its arguments: %d, %5.2f, %s, %q, %x, ...
string.gmatch (s, pattern [, init]) | Iterates over all matches of a pattern.
string.gsub (s, pattern, repl [, n]) | Replaces matches by a string, by a table's value or by a function's result; also how many.
string.len (s) | The length in bytes.
string.lower (s) | All letters made small.
string.match (s, pattern [, init]) | The captures of the first match, or the whole match.
string.pack (fmt, v1, v2, ···) | Packs values as bytes by a format.
string.packsize (fmt) | The length of what string.pack makes.
string.rep (s, n [, sep]) | n copies of a string, with a separator between.
string.reverse (s) | The bytes in reverse.
string.sub (s, i [, j]) | The part from i to j; negative numbers count from the end.
string.unpack (fmt, s [, pos]) | The values that a format finds in a string, and the position after them.
string.upper (s) | All letters made capitals.
table : library | Tables as sequences.
table.concat (list [, sep [, i [, j]]]) | The elements in one string, with a separator between.
table.insert (list, [pos,] value) | Inserts a value, at the end unless a position is given.
table.move (a1, f, e, t [, a2]) | Copies a1[f] to a1[e] to the position t of a2, or of a1.
table.pack (···) | A table of its arguments, with their number in the field n.
table.remove (list [, pos]) | Removes the element of a position, or the last, and returns it.
table.sort (list [, comp]) | Sorts in place, by < or by a function that says whether a comes before b.
table.unpack (list [, i [, j]]) | The elements from i to j.
utf8 : library | Text as UTF-8.
utf8.char (···) | The string of these code points.
utf8.charpattern : string | A pattern that matches one character.
utf8.codepoint (s [, i [, j [, lax]]]) | The code points of the characters from byte i to j.
utf8.codes (s [, lax]) | Iterates over positions and code points.
utf8.len (s [, i [, j [, lax]]]) | The number of characters; nil and the place of the first byte that is wrong.
utf8.offset (s, n [, i]) | The byte where the n-th character begins.
`;

const ONLY_54 = `
math.atan2 (y, x) | As math.atan(y, x); kept for older scripts.
math.cosh (x) | The hyperbolic cosine; kept for older scripts.
math.log10 (x) | The logarithm to base 10; kept for older scripts.
math.pow (x, y) | As x ^ y; kept for older scripts.
math.sinh (x) | The hyperbolic sine; kept for older scripts.
math.tanh (x) | The hyperbolic tangent; kept for older scripts.
`;

const ONLY_55 = `
table.create (nseq [, nrec]) | An empty table with room for so many elements and fields.
`;

function entryOf(line: string): Entry {
  const [head = "", text = ""] = line.split(" | ");
  const space = head.indexOf(" ");
  const name = head.slice(0, space);
  const rest = head.slice(space + 1);
  if (rest.startsWith("(")) return { name, kind: "function", signature: rest, text };
  const what = rest.slice(2);
  const kind = what === "library" ? "namespace" : what === "table" || what === "file" ? "variable" : "constant";
  return { name, kind, signature: what, text };
}

/** All names of the libraries of a version. */
export function entriesOf(version: Version): Entry[] {
  const own = version === "5.5" ? ONLY_55 : ONLY_54;
  return (ALL + own).split("\n").filter(Boolean).map(entryOf);
}

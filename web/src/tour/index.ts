import calculator from "./calculator.lua?raw";
import closures from "./closures.lua?raw";
import errors from "./errors.lua?raw";
import generators from "./generators.lua?raw";
import guess from "./guess.lua?raw";
import life from "./life.lua?raw";
import numbers from "./numbers.lua?raw";
import objects from "./objects.lua?raw";
import queens from "./queens.lua?raw";
import tasks from "./tasks.lua?raw";
import text from "./text.lua?raw";
import tokens from "./tokens.lua?raw";
import values from "./values.lua?raw";

/** An example of the tour. */
export interface Example {
  id: string;
  title: string;
  /** What it shows, in a few sentences. */
  about: string;
  /** What to do with it. */
  tasks: string[];
  /** The first is the one that is run. */
  files: [string, string][];
}

/** The tour, from easy to hard. */
export const TOUR: Example[] = [
  {
    id: "values",
    title: "Values and tables",
    about: "Lua has one structure, the table: it is list, record and dictionary. Here are the others of its values too: strings, numbers, functions.",
    tasks: ["Run it, then type planets[1].name below the console: planets is local, so it is gone. Take the word local away and try again.", "Sort the planets by the length of their year."],
    files: [["values.lua", values]],
  },
  {
    id: "closures",
    title: "Functions that remember",
    about: "A function keeps the variables around it alive. That gives counters, function factories and a memory for slow functions, without any class.",
    tasks: ["Take memoize away and make the number 25: how many calls are there now?", "Open the panel Bytecode: what a function remembers are its upvalues."],
    files: [["closures.lua", closures]],
  },
  {
    id: "objects",
    title: "Objects and operators",
    about: "Lua has no classes, but metatables, of which classes are made in a few lines: where a table lacks something, its metatable says where to look, and what +, == and tostring mean.",
    tasks: ["Give Vector an operator - by __sub and __unm.", "Look at a and Vector in the panel Values while the program is held after a step."],
    files: [["objects.lua", objects]],
  },
  {
    id: "generators",
    title: "Generators",
    about: "A coroutine is a function that waits in its middle. A chain of them is a sieve that finds primes, and a recursion becomes an iterator.",
    tasks: ["Print the words from the end of the alphabet to its beginning.", "Step through the sieve, and see how the stack of calls grows with each prime."],
    files: [["generators.lua", generators]],
  },
  {
    id: "text",
    title: "Text and patterns",
    about: "Patterns find and replace in text. They are smaller than regular expressions, and need no backslashes.",
    tasks: ["Count letters in the place of words.", "Let the template take {who:upper} as well."],
    files: [["text.lua", text]],
  },
  {
    id: "errors",
    title: "When things go wrong",
    about: "Errors are values, raised by error and caught by pcall. What has to be closed, closes itself. The last line fails on purpose.",
    tasks: ["Click a line of the traceback.", "Catch the last error as well, and print its message."],
    files: [["errors.lua", errors]],
  },
  {
    id: "numbers",
    title: "Numbers to the last bit",
    about: "Integers of 64 bits, floats, bits and bytes: what is exact, what wraps around, and what rounds.",
    tasks: ["Choose 5.4 and 5.5 at the top: both run side by side and print the same.", "Which integer does 2^63 become? Ask math.tointeger below the console."],
    files: [["numbers.lua", numbers]],
  },
  {
    id: "queens",
    title: "Eight queens",
    about: "A search that goes forward while it can and back when it must, in thirty lines. The meters below show what it costs.",
    tasks: ["Try sizes up to 10, and watch the units of fuel.", "Set a limit of fuel in the menu: past it the search ends, whatever it does."],
    files: [["queens.lua", queens]],
  },
  {
    id: "life",
    title: "The Game of Life",
    about: "A canvas to draw on, and canvas.frame() that waits for the screen. Each frame is a moment that one can go back to.",
    tasks: ["Pause, go back in the timeline, and fork: two futures of the same cells.", "Begin with other cells: three in a row blink."],
    files: [["life.lua", life]],
  },
  {
    id: "tasks",
    title: "Many things at once",
    about: "A scheduler in twenty lines. Tasks sleep by themselves, and one that fails takes no other with it.",
    tasks: ["Let two tasks wait for each other.", "Go back in the timeline to a sleep in the middle: the tasks that wait are part of the moment."],
    files: [["tasks.lua", tasks]],
  },
  {
    id: "guess",
    title: "Questions and answers",
    about: "prompt asks in the page and waits as long as it takes: a script that waits is data, which can be stored, copied, and gone back to.",
    tasks: ["Answer, then go back to an earlier question and answer it in another way.", "Do it by halves: how many questions does it take for 1000 numbers?"],
    files: [["guess.lua", guess]],
  },
  {
    id: "calculator",
    title: "A language of one's own",
    about: "A calculator that cuts a text into tokens, and makes functions of them that compute. It is in two files, one of which requires the other.",
    tasks: ["Add the operator %.", "Add functions: sqrt(2) is a name, then an expression in brackets."],
    files: [
      ["calculator.lua", calculator],
      ["tokens.lua", tokens],
    ],
  },
];

// Names of files: paths below the project's folder, as scripts, zip archives and links may all have them.

const LONGEST = 200;

/** Says what is wrong with a name; `undefined` when nothing is. */
export function faultOf(name: string): string | undefined {
  if (name === "") return "A file needs a name.";
  if (name.length > LONGEST) return `A name may have ${LONGEST} characters.`;
  if (/[\\\x00-\x1f\x7f:*?"<>|]/.test(name)) return "A name may not have any of \\ : * ? \" < > | in it.";
  const parts = name.split("/");
  if (parts.some((part) => part === "")) return "A folder needs a name, too: write folder/file.lua.";
  if (parts.some((part) => part === "." || part === "..")) return "A name may not lead out of the project: leave . and .. out.";
  if (parts.some((part) => part !== part.trim())) return "A name may not begin or end with a space.";
  return undefined;
}

/** A name that is not taken, made from one that is: `main-2.lua`. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  const dot = name.lastIndexOf(".");
  const [stem, end] = dot > name.lastIndexOf("/") + 1 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  let free = name;
  for (let number = 2; isTaken(free); number++) free = `${stem}-${number}${end}`;
  return free;
}

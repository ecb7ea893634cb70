// What the fragment of the page's address asks for.
import type { Project, Version } from "../protocol.js";

/** A project as links carry it. */
export interface Shared extends Project {
  lua: Version;
}

/** How a link asks the page to be. */
export interface Wishes {
  /** The small layout, for frames in other pages. */
  embed?: boolean;
  /** Run as soon as it is there. */
  run?: boolean;
}

function fieldsOf(fragment: string): Map<string, string> {
  const fields = fragment.replace(/^#/, "").split("&").filter(Boolean);
  return new Map(fields.map((field) => [field.replace(/=.*/s, ""), field.includes("=") ? field.slice(field.indexOf("=") + 1) : ""]));
}

/** What a fragment asks for beside its project. */
export function wishesOf(fragment: string): Wishes {
  const fields = fieldsOf(fragment);
  return { embed: fields.has("embed"), run: fields.has("run") };
}

/** The part of a fragment that holds the project, which names it among what is stored; `undefined` when there is none. */
export function codeOf(fragment: string): string | undefined {
  return fieldsOf(fragment).get("code");
}

/** The example of the tour that a fragment names. */
export function tourOf(fragment: string): string | undefined {
  return fieldsOf(fragment).get("tour");
}

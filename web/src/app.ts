import type { Editor } from "./editor/editor.js";
import type { Files } from "./files.js";
import type { Version } from "./protocol.js";
import type { Session } from "./session.js";

/** A tab at the right of the page. */
export interface Panel {
  id: string;
  title: string;
  element: HTMLElement;
  /** Called each time the panel comes to be seen. */
  shown?(): void;
}

/** Something that the menu and a key can do. */
export interface Action {
  id: string;
  title: string;
  /** As `Mod-Shift-F`, where Mod is the key of the system. */
  key?: string;
  run(): void | Promise<void>;
}

/** What the parts of the page may ask of each other. */
export interface App {
  readonly files: Files;
  /** The Lua that the page shows; another one after the version has changed. */
  readonly session: Session;
  readonly version: Version;
  /** The file that is seen in the editor. */
  readonly file: string;
  /** The editor, once it is loaded. */
  readonly editor: Promise<Editor>;
  /** Shows a file, at a line if one is given. */
  open(file: string, line?: number): void;
  /** Calls `listener` whenever a file comes to be seen, or the version has changed. */
  onOpen(listener: () => void): void;
  /** Runs the file that is seen. */
  run(): Promise<void>;
  /** Changes the version; what ran ends. */
  setVersion(version: Version): void;
  addPanel(panel: Panel): void;
  showPanel(id: string): void;
  addAction(action: Action): void;
  /** Says something in the line at the bottom, and to screen readers. */
  say(text: string): void;
}

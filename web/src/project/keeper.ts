import type { App } from "../app.js";
import { byId } from "../dom.js";
import type { Project, Version } from "../protocol.js";
import { codeOf, tourOf, wishesOf, type Shared } from "./address.js";
import first from "./first.lua?raw";
import { freeName } from "./names.js";
import { clearNotice, notify } from "./notice.js";
import { openStorage, type Storage } from "./storage.js";

const OWN = "own";
/** Milliseconds without a change after which the project is stored. */
const PAUSE = 200;

/** What the page has when it is opened for the first time. */
export const FIRST: Shared = {
  lua: "5.4",
  main: "main.lua",
  files: [["main.lua", first]],
};

/** Under which name a link's project is stored, with what was changed of it. */
function linkName(code: string): string {
  return `link ${code.length} ${code.slice(0, 24)} ${code.slice(-24)}`;
}

/** Keeps the project of the page: the user's own, or that of the link that was opened, each apart from the other. */
export class Keeper {
  readonly #app: App;
  readonly #storage: Promise<Storage>;
  #name = OWN;
  /** What was sent or shown first, where the project is not the user's own. */
  #original: Shared | undefined;
  #isLoaded = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasFailed = false;
  /** Whether there is something that other tabs do not know of. */
  #isChanged = false;
  readonly #tabs = new BroadcastChannel("moonlet-projects");

  constructor(app: App) {
    this.#app = app;
    this.#storage = openStorage();
    const changed = (): void => this.#later();
    app.files.on("change", changed);
    app.files.on("list", changed);
    byId("version").addEventListener("change", changed);
    addEventListener("hashchange", () => void this.load());
    this.#tabs.onmessage = ({ data }: MessageEvent<string>) => data === this.#name && this.#isLoaded && this.#changedElsewhere();
    // The last moment that a page is sure to get.
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.#isChanged && void this.#save());
  }

  /** The project as it is now. */
  get project(): Shared {
    return { lua: this.#app.version, main: this.#app.file, files: this.#app.files.entries() };
  }

  /** Shows the project that the address asks for. One that cannot be read leaves what is there as it is, and says so. */
  async load(): Promise<void> {
    if (this.#isChanged) await this.#save();
    const code = codeOf(location.hash);
    const { embed = false, run = false } = wishesOf(location.hash);
    document.body.toggleAttribute("data-embed", embed);
    document.querySelector<HTMLAnchorElement>(".whole")!.href = `${location.pathname}#code=${code ?? ""}`;
    const tour = tourOf(location.hash);
    if (code === undefined && tour !== undefined) return this.#loadExample(tour);
    let shared: Shared | undefined;
    try {
      // What reads links is loaded for those who open one.
      shared = code === undefined ? undefined : await (await import("./share.js")).sharedIn(code);
    } catch (error) {
      // What is seen stays; on a page that was just opened that is the user's own project.
      if (!this.#isLoaded) await this.#loadOwn();
      const { message } = error as Error;
      const said = (error as Error).name === "ShareError" ? message : "This link could not be opened: a part of the playground is missing. Look whether the network is there.";
      notify(`${said} ${this.#name === OWN ? "Your own files" : "The files"} are as they were.`, "bad");
      return;
    }
    clearNotice();
    if (shared === undefined) {
      await this.#loadOwn();
      return;
    }
    await this.#loadShared(code!, shared, embed);
    if (run) await this.#app.run();
  }

  async #loadOwn(): Promise<void> {
    const stored = await this.#read(OWN);
    this.#show(OWN, stored ?? FIRST);
  }

  async #loadShared(code: string, shared: Shared, isEmbedded: boolean): Promise<void> {
    const name = linkName(code);
    // A frame shows what its page wrote, whatever was typed there before.
    const stored = isEmbedded ? undefined : await this.#read(name);
    const isChanged = stored !== undefined && JSON.stringify(stored.files) !== JSON.stringify(shared.files);
    this.#original = shared;
    this.#show(name, stored ?? shared);
    if (isEmbedded) return;
    notify(isChanged ? "Opened from a link, with your changes. Your own files are kept apart." : "Opened from a link. Your own files are kept apart.", "plain", [
      ...(isChanged ? [{ title: "As it was sent", run: () => this.restore() }] : []),
      { title: "Copy into my files", run: () => void this.#adopt() },
      { title: "My files", run: () => this.goHome() },
    ]);
  }

  async #loadExample(id: string): Promise<void> {
    const { TOUR } = await import("../tour/index.js");
    const example = TOUR.find((one) => one.id === id);
    if (!example) {
      if (!this.#isLoaded) await this.#loadOwn();
      notify(`There is no example ${id} in the tour. Its panel lists all.`, "bad");
      return;
    }
    clearNotice();
    this.#original = { lua: this.#app.version, main: example.files[0]![0], files: example.files };
    const name = `tour ${id}`;
    this.#show(name, (await this.#read(name)) ?? this.#original);
  }

  /** Brings an example or a link's project back to what it was. */
  restore(): void {
    if (!this.#original || this.#name === OWN) return;
    this.#show(this.#name, this.#original);
    this.#later();
  }

  async #read(name: string): Promise<(Project & { lua: Version }) | undefined> {
    const storage = await this.#storage;
    const stored = await storage.load(name).catch(() => undefined);
    return stored && stored.files.length > 0 ? stored : undefined;
  }

  /** Puts a project into the page. */
  #show(name: string, { files, main, lua }: Shared): void {
    const { names } = this.#app.files;
    void this.#app.editor.then((editor) => names.forEach((one) => editor.forget(one)));
    this.#name = name;
    this.#isLoaded = false;
    this.#app.files.replace(files);
    if (lua !== this.#app.version) {
      byId<HTMLSelectElement>("version").value = lua;
      this.#app.setVersion(lua);
    }
    this.#app.open(files.some(([one]) => one === main) ? main : files[0]![0]);
    this.#isLoaded = true;
  }

  /** Adds the files of a link to the user's own, under other names where those are taken. */
  async #adopt(): Promise<void> {
    const { files, main, lua } = this.project;
    const own = (await this.#read(OWN)) ?? { ...FIRST, files: [] };
    const all = new Map(own.files);
    let seen = main;
    for (const [name, text] of files) {
      const free = all.get(name) === text ? name : freeName(name, (one) => all.has(one));
      all.set(free, text);
      if (name === main) seen = free;
    }
    this.#show(OWN, { files: [...all], main: seen, lua });
    await this.#save();
    this.goHome();
    this.#app.say(`Copied ${files.length === 1 ? "one file" : `${files.length} files`} into your own.`);
  }

  /** Goes to the user's own files. */
  goHome(): void {
    history.pushState(null, "", location.pathname + location.search);
    // Which an address without a fragment does not do by itself.
    dispatchEvent(new HashChangeEvent("hashchange"));
  }

  #changedElsewhere(): void {
    notify("These files were changed in another tab. What is changed last is kept.", "bad", [{ title: "Show those", run: () => void this.#read(this.#name).then((stored) => stored && this.#show(this.#name, stored)) }]);
  }

  #later(): void {
    if (!this.#isLoaded) return;
    this.#isChanged = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#save(), PAUSE);
  }

  async #save(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#isLoaded || document.body.hasAttribute("data-embed")) return;
    const [name, { files, main, lua }] = [this.#name, this.project];
    try {
      await (await this.#storage).save(name, { files, main, lua, changed: Date.now() });
      if (this.#isChanged) this.#tabs.postMessage(name);
      this.#isChanged = false;
    } catch {
      if (!this.#hasFailed) notify("The browser has no room left for your files: export them as a zip before you close this page.", "bad");
      this.#hasFailed = true;
    }
  }
}

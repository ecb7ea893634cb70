import type { Version } from "../protocol.js";

/** A project as the browser keeps it. */
export interface Stored {
  files: [string, string][];
  /** The file that was seen. */
  main: string;
  lua: Version;
  /** When it was changed last, in milliseconds since 1970. */
  changed: number;
}

/** Where projects are kept, each under a name. */
export interface Storage {
  load(name: string): Promise<Stored | undefined>;
  save(name: string, stored: Stored): Promise<void>;
  remove(name: string): Promise<void>;
  /** Whether they are still there after the page is closed. */
  readonly lasts: boolean;
}

const DATABASE = "moonlet-projects";
const STORE = "projects";
const PATIENCE = 1000;
/** Projects of links that are kept; older ones make room. */
const LINKS = 30;

function ask<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the database refused"));
  });
}

function ended(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("the database is full"));
  });
}

class Database implements Storage {
  readonly lasts = true;

  constructor(readonly database: IDBDatabase) {
    // Another tab has a newer page, which asks for a newer form: this one must not hold it up.
    database.onversionchange = () => database.close();
  }

  #store(mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(STORE, mode).objectStore(STORE);
  }

  load(name: string): Promise<Stored | undefined> {
    return ask(this.#store("readonly").get(name) as IDBRequest<Stored | undefined>);
  }

  async save(name: string, stored: Stored): Promise<void> {
    const store = this.#store("readwrite");
    const done = ended(store.transaction);
    store.put(stored, name);
    const names = (await ask(store.getAllKeys())).filter((key): key is string => typeof key === "string" && key.startsWith("link "));
    if (names.length > LINKS) {
      const all = await Promise.all(names.map(async (key) => ({ key, stored: (await ask(store.get(key) as IDBRequest<Stored>)) })));
      all.sort((one, other) => other.stored.changed - one.stored.changed);
      for (const { key } of all.slice(LINKS)) store.delete(key);
    }
    await done;
  }

  async remove(name: string): Promise<void> {
    await ask(this.#store("readwrite").delete(name));
  }
}

/** For browsers that keep nothing: it lasts as long as the page. */
class Memory implements Storage {
  readonly lasts = false;
  readonly #stored = new Map<string, Stored>();

  async load(name: string): Promise<Stored | undefined> {
    return structuredClone(this.#stored.get(name));
  }

  async save(name: string, stored: Stored): Promise<void> {
    this.#stored.set(name, structuredClone(stored));
  }

  async remove(name: string): Promise<void> {
    this.#stored.delete(name);
  }
}

async function openDatabase(): Promise<Storage> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return new Database(await ask(request));
}

/** The browser's own storage, or where it has none, memory. */
export function openStorage(): Promise<Storage> {
  const late = new Promise<Storage>((resolve) => setTimeout(() => resolve(new Memory()), PATIENCE));
  const opened = new Promise<Storage>((resolve) => resolve(openDatabase())).catch(() => new Memory());
  return Promise.race([opened, late]);
}

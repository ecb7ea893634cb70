/** A set of listeners by the name of what they listen to. */
export class Events<Map extends object> {
  readonly #listeners = new Map<keyof Map, Set<(value: never) => void>>();

  /** Calls `listener` whenever `name` happens; answers what takes it away. */
  on<K extends keyof Map>(name: K, listener: (value: Map[K]) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set);
    set.add(listener);
    return () => set.delete(listener);
  }

  /** Tells all who listen. */
  protected emit<K extends keyof Map>(name: K, value: Map[K]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) (listener as (value: Map[K]) => void)(value);
  }
}

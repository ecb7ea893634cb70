/** Where a module comes from: compiled, its bytes, a response, a promise of one of these, or its URL. */
export type ModuleSource = Source | Promise<Source>;

type Source = WebAssembly.Module | BufferSource | Response | URL | string;

/** What answers a URL; platforms that fetch no files have their own. */
export type Load = (url: URL | string) => Promise<Response | BufferSource>;

/** The compiled module of a source. */
export async function compile(source: ModuleSource, load: Load): Promise<WebAssembly.Module> {
  let given: unknown = await source;
  if (typeof given === "string" || given instanceof URL) given = await load(given);
  // Not every engine takes a DataView.
  if (ArrayBuffer.isView(given)) given = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  if (given instanceof ArrayBuffer || given instanceof Uint8Array) return WebAssembly.compile(given as BufferSource);
  if (given instanceof WebAssembly.Module) return given;
  // Not by its class: to name that costs Node 20 ms, in which it loads what fetches.
  if (typeof (given as Response | undefined)?.arrayBuffer === "function") return compileResponse(given as Response);
  throw new TypeError(
    `the option module is a WebAssembly.Module, bytes, a Response or a URL, not ${String(given)}`,
  );
}

async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) {
    throw new TypeError(`${response.url} answers ${response.status}; serve the package's module there, or pass the option module`);
  }
  // Servers that do not know the type of .wasm files are common, and streaming refuses what they send.
  const streams = response.headers.get("content-type") === "application/wasm" && WebAssembly.compileStreaming;
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

/** Throws when `module` is not one that this package can use. */
export function checkModule(module: WebAssembly.Module): void {
  const [first] = WebAssembly.Module.imports(module);
  // What has these tells its version itself.
  const missing = ["abi_version", "info_ptr"].find((name) => !WebAssembly.Module.exports(module).some((known) => known.name === name));
  if (first || missing) {
    const why = first ? `it imports ${first.module}.${first.name}` : `it has no export ${missing}`;
    throw new TypeError(`the module is not Moonlet: ${why}; use the package's own`);
  }
}

/** The package's own module, compiled at the first call; a failure is tried again at the next. */
export function once(source: () => ModuleSource, load: Load): () => Promise<WebAssembly.Module> {
  let compiled: Promise<WebAssembly.Module> | undefined;
  return () =>
    (compiled ??= compile(source(), load).catch((error) => {
      compiled = undefined;
      throw error;
    }));
}

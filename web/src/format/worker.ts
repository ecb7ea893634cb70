// StyLua, which is WebAssembly too, in a worker of its own: a file of thousands of lines holds nothing up, and what fails takes nothing with it.
import init, { Config, formatCode, IndentType, LuaVersion, OutputVerification } from "@johnnymorganz/stylua/web";
import wasm from "@johnnymorganz/stylua/stylua_lib_bg.wasm?url";

import type { Formatted } from "./format.js";

const loaded = fetch(wasm).then(async (response) => init({ module_or_path: await response.arrayBuffer() }));

function format(source: string): Formatted {
  const config = Config.new();
  config.syntax = LuaVersion.Lua54;
  config.indent_type = IndentType.Spaces;
  config.indent_width = 2;
  config.column_width = 100;
  try {
    // Its own comparison breaks down on large numbers in hexadecimal; the page compares.
    return { text: formatCode(source, config, undefined, OutputVerification.None) };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

addEventListener("message", ({ data }: MessageEvent<string>) => {
  loaded.then(
    () => postMessage(format(data)),
    () => postMessage({ fault: "The formatter could not be loaded. It is loaded when it is first used, which needs the network once." } satisfies Formatted),
  );
});

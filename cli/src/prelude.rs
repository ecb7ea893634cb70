//! The state that all runs begin with, its own chunks loaded: made once, and kept with the compiled code.

use std::hash::{DefaultHasher, Hash, Hasher};

use moonlet::engine::{Engine, Runtime};
use moonlet::{Function, Libraries, Lua, LuaBuilder, Value, Version};

use crate::report::OWN;

const WORLD: &str = include_str!("lua/world.lua");
/// Chunks that stay in the registry as functions, with their names there.
const CHUNKS: [(&str, &str); 2] =
    [("moonlet.drive", include_str!("lua/driver.lua")), ("moonlet.close", include_str!("lua/closing.lua"))];
const KEEP: &str = "local name, source, chunk = ... debug.getregistry()[name] = assert(load(source, chunk))";
const BEGIN: &str = "return debug.getregistry()['moonlet.begin'](...)";
/// Ends a state.
pub const CLOSE: &str = "return debug.getregistry()['moonlet.close'](...)";

/// What a state has that is made for the command, whatever its limits are.
pub fn builder() -> LuaBuilder {
    Lua::builder()
        .memory(0)
        .tasks(0)
        .libraries(Libraries::SAFE | Libraries::DEBUG_FULL)
        .binary_chunks(true)
        .stream_input()
}

/// What the state is called in the cache; another one when any of its chunks is.
pub fn name(deterministic: bool) -> String {
    let mut hasher = DefaultHasher::new();
    (WORLD, CHUNKS, KEEP).hash(&mut hasher);
    let kind = if deterministic { "deterministic" } else { "seeded" };
    format!("command {:016x} {kind}", hasher.finish())
}

/// Its snapshot. With a seed from the system's entropy it is this machine's alone, unless it is to be deterministic.
pub fn snapshot(version: Version, deterministic: bool) -> moonlet::Result<Vec<u8>> {
    // Little runs here, and nothing is to be compiled twice.
    let engine = Engine::builder().version(version).runtime(Runtime::Wasmi).build()?;
    let builder = builder().engine(&engine);
    let lua = if deterministic { builder.deterministic() } else { builder }.build()?;
    lua.load(WORLD).name(OWN).exec()?;
    for (name, source) in CHUNKS {
        lua.load(KEEP).name(OWN).call::<()>((name, source, OWN))?;
    }
    lua.snapshot()
}

/// Gives a state what is this process's; what drives scripts in it.
pub fn begin(lua: &Lua, given: Value) -> moonlet::Result<Function> {
    lua.load(BEGIN).name(OWN).call((given,))
}

//! Source that is to be run.

use crate::run::Run;
use crate::state::Action;
use crate::{FromLuaMulti, IntoLuaMulti, Lua, LuaString, Result};

/// The name of a chunk that was given none.
const NAME: &str = "=eval";

/// A chunk of source: it is compiled when it is run. Made by [`Lua::load`].
///
/// ```
/// let lua = moonlet::Lua::new()?;
/// let chunk = lua.load("local a, b = ... return a .. b").name("@join.lua");
/// assert_eq!(chunk.call::<String>(("x", 1))?, "x1");
/// # Ok::<(), moonlet::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Chunk<'a> {
    lua: &'a Lua,
    source: LuaString,
    name: String,
}

impl<'a> Chunk<'a> {
    pub(crate) fn new(lua: &'a Lua, source: &[u8]) -> Self {
        Self { lua, source: source.into(), name: NAME.into() }
    }

    /// Its name in errors, as Lua's `load` takes it: `@game.lua` for a file, `=input` as it is.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// What runs it with arguments, which are its `...`.
    pub(crate) fn action(self, arguments: impl IntoLuaMulti) -> Result<Action> {
        Ok(Action::Eval(self.source, self.name, arguments.into_lua_multi()?))
    }

    /// Runs it, and waits for its results.
    ///
    /// # Errors
    /// As [`Lua::eval`].
    pub fn eval<R: FromLuaMulti>(self) -> Result<R> {
        self.call(())
    }

    /// Runs it for what it does.
    ///
    /// # Errors
    /// As [`Lua::eval`].
    pub fn exec(self) -> Result<()> {
        self.call(())
    }

    /// Runs it with arguments, which are its `...`, and waits for its results.
    ///
    /// # Errors
    /// As [`Lua::eval`].
    pub fn call<R: FromLuaMulti>(self, arguments: impl IntoLuaMulti) -> Result<R> {
        let lua = self.lua;
        let action = self.action(arguments)?;
        lua.take(Run::new(lua)?.finish(&action)?)
    }

    /// The state it runs in.
    pub(crate) fn lua(&self) -> &'a Lua {
        self.lua
    }
}

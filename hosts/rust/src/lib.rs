//! Reference Lua, the unmodified C, in a WebAssembly sandbox: with budgets, snapshots, and functions of the host that scripts call.
//!
//! ```
//! let lua = moonlet::Lua::builder().memory(16 << 20).fuel(10_000_000).build()?;
//! lua.define("add", |a: i64, b: i64| a + b)?;
//! let sum: i64 = lua.eval("return add(1, 2)")?;
//! assert_eq!(sum, 3);
//! # Ok::<(), moonlet::Error>(())
//! ```
//!
//! A [`Lua`] is one state. It has 64 MiB of memory, and **no limit on fuel unless one is set**: see [`LuaBuilder::fuel`] and
//! [`LuaBuilder::timeout`]. Scripts reach nothing of the host but the functions and objects that it gives them.
//!
//! | to | see |
//! |---|---|
//! | run source, call functions, read and assign globals | [`Lua::eval`], [`Lua::load`], [`Lua::call`], [`Lua::get`], [`Lua::set`] |
//! | give scripts functions and objects | [`Lua::define`], [`Functions`], [`Class`], [`Object`] |
//! | convert values | [`FromLua`], [`IntoLua`], [`Value`], and by serde `Serde` |
//! | limit scripts | [`LuaBuilder`], [`Canceller`] |
//! | wait for asynchronous functions | `Lua::eval_async`, `Lua::define_async`, with the feature `async` |
//! | let a script wait, save it, move it | [`Lua::start`], [`Task`], [`Lua::snapshot`], [`LuaBuilder::restore`], [`Lua::fork`] |
//! | give scripts files | [`Lua::files`] |
//! | choose an engine, cache compiled code | [`Engine`] |
//!
//! # Errors
//!
//! Each error is an [`Error`], whose [`kind`](Error::kind) tells what to do. After any but [`Poisoned`](ErrorKind::Poisoned) and
//! [`Closed`](ErrorKind::Closed) the state goes on. What scripts do cannot crash the process.
//!
//! # Features
//!
//! | feature | |
//! |---|---|
//! | `wasmtime` (default) | the engine that compiles the module to machine code |
//! | `wasmi` | the engine that interprets it, which starts at once and runs some ten times slower |
//! | `serde` (default) | values by serde |
//! | `async` | asynchronous host functions, on any executor |
//! | `pooling` | wasmtime's pooling allocator, for many short-lived states |

#![warn(missing_docs)]

mod builder;
mod chunk;
mod codec;
mod convert;
pub mod engine;
mod error;
mod files;
mod function;
mod host;
#[cfg(feature = "async")]
mod later;
mod lua;
mod machine;
mod nesting;
pub mod numbers;
mod object;
mod run;
#[cfg(feature = "serde")]
mod serial;
mod settings;
mod snapshot;
mod state;
mod task;
mod value;

pub use builder::{Libraries, LuaBuilder};
pub use chunk::Chunk;
pub use convert::{Arguments, FromLua, FromLuaMulti, IntoLua, IntoLuaMulti, Variadic};
pub use engine::{Engine, EngineBuilder, Version};
pub use error::{BoxError, Error, ErrorKind, Raise, Result};
pub use files::Files;
pub use function::Function;
#[cfg(feature = "async")]
pub use host::AsyncHostFunction;
pub use host::{Functions, HostFunction, HostResult, Method};
#[cfg(feature = "async")]
pub use later::Evaluation;
pub use lua::{Canceller, Lua, Stats};
pub use object::{Class, Object};
#[cfg(feature = "serde")]
pub use serial::{Serde, from_value, to_value};
pub use task::{Task, TaskKind};
pub use value::{LuaString, Map, Value};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/using-from-rust.md")]
mod guide {}

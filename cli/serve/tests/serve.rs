//! The server, as its clients and whoever runs it meet it.

#[path = "serve/harness.rs"]
mod harness;

#[path = "serve/bad_input.rs"]
mod bad_input;
#[path = "serve/database.rs"]
mod database;
#[path = "serve/guide.rs"]
mod guide;
#[path = "serve/limits.rs"]
mod limits;
#[path = "serve/postgres.rs"]
mod postgres;
#[path = "serve/process.rs"]
mod process;
#[path = "serve/scripts.rs"]
mod scripts;
#[path = "serve/sessions.rs"]
mod sessions;
#[path = "serve/site.rs"]
mod site;
#[path = "serve/tokens.rs"]
mod tokens;

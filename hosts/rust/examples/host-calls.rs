//! Functions of the host, one of them asynchronous.

use std::error::Error;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moonlet::{Function, Lua};

const SOURCE: &str = include_str!("../../programs/host-calls.lua");

pub fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let printed = Arc::new(Mutex::new(Vec::new()));
    let sink = printed.clone();
    let keep =
        move |piece: &[u8]| sink.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(piece);
    let lua = Lua::builder().output(keep).build()?;

    lua.define("add", |a: i64, b: i64| a + b)?;
    lua.define("lookup", |name: String| Err::<(), _>(format!("no such name: {name}")))?;
    lua.define_async("twice", |f: Function, text: String| async move {
        let once: String = f.call_async(text).await?;
        f.call_async::<String>(once).await
    })?;
    lua.define_async("later", |text: String| async move {
        tokio::time::sleep(Duration::from_millis(10)).await;
        text
    })?;

    let executor = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    executor.block_on(lua.eval_async::<()>(SOURCE))?;
    out.write_all(&printed.lock().unwrap_or_else(PoisonError::into_inner))?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}

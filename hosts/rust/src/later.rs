//! Asynchronous evaluations: futures of the standard library, for any executor.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use crate::chunk::Chunk;
use crate::host::{AsyncHostFunction, Host};
use crate::lua::call;
use crate::run::{Reply, Run};
use crate::state::{Action, Event, Suspended, Wait};
use crate::{FromLuaMulti, Function, IntoLuaMulti, Lua, Result, Value};

/// An evaluation on its way. Nothing happens before it is polled. Dropping it ends the script: its `__close` handlers run, with
/// little fuel.
///
/// It gives way to the executor after each slice, and between the answers of host functions. While it waits for a host function, others can run in the same state.
pub type Evaluation<R> = Pin<Box<dyn Future<Output = Result<R>> + Send>>;

/// After so much time of host calls that are answered at once, which begin a slice each, the executor has its turn.
const TURN: Duration = Duration::from_millis(10);

/// Lets the executor run something else.
async fn give_way() {
    let mut polled = false;
    poll_fn(|context| {
        if polled {
            return Poll::Ready(());
        }
        polled = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Run {
    /// Drives a task to its end, waiting where it has to.
    async fn finish_later(mut self, action: Action) -> Result<Vec<Value>> {
        let mut event = self.step(&action)?;
        let mut turn = Instant::now();
        loop {
            event = match event {
                Event::Done(values) => return Ok(values),
                Event::Failed(error) => return Err(error),
                Event::Suspended(Suspended { task, wait: Wait::Call(request), .. }) => {
                    if turn.elapsed() > TURN {
                        give_way().await;
                        turn = Instant::now();
                    }
                    let outcome = match self.reply(request) {
                        Reply::Now(outcome) => outcome,
                        Reply::Later(future) => future.await,
                        Reply::Wait(name, _) => Err(self.unanswered(&name)),
                    };
                    self.answer(task, outcome)?
                }
                Event::Suspended(suspended) => {
                    give_way().await;
                    turn = Instant::now();
                    self.go_on(&suspended)?
                }
            };
        }
    }
}

fn evaluate<R: FromLuaMulti + 'static>(lua: &Lua, action: Result<Action>) -> Evaluation<R> {
    let lua = lua.clone();
    Box::pin(async move {
        let values = Run::new(&lua)?.finish_later(action?).await?;
        lua.take(values)
    })
}

impl Lua {
    /// As [`eval`](Self::eval), for scripts that may call asynchronous host functions.
    pub fn eval_async<R: FromLuaMulti + 'static>(&self, source: impl AsRef<[u8]>) -> Evaluation<R> {
        self.load(source).eval_async()
    }

    /// As [`call`](Self::call), for functions that may call asynchronous host functions.
    pub fn call_async<R: FromLuaMulti + 'static>(
        &self,
        path: &str,
        arguments: impl IntoLuaMulti,
    ) -> Evaluation<R> {
        evaluate(self, call(Value::String(path.into()), arguments).map(Action::Call))
    }

    /// As [`define`](Self::define), for a function that returns a future. Scripts call it as any other; the evaluation that does has to be
    /// an asynchronous one. It gets what it borrows by value: a parameter [`Lua`] is a clone of the state.
    ///
    /// # Errors
    /// As [`define`](Self::define).
    pub fn define_async<M>(&self, path: &str, function: impl AsyncHostFunction<M>) -> Result<()> {
        self.define_host(path, Host::new_async(function))
    }
}

impl Chunk<'_> {
    /// As [`eval`](Self::eval), for scripts that may call asynchronous host functions.
    pub fn eval_async<R: FromLuaMulti + 'static>(self) -> Evaluation<R> {
        self.call_async(())
    }

    /// As [`call`](Self::call), for scripts that may call asynchronous host functions.
    pub fn call_async<R: FromLuaMulti + 'static>(self, arguments: impl IntoLuaMulti) -> Evaluation<R> {
        let lua = self.lua();
        evaluate(lua, self.action(arguments))
    }
}

impl Function {
    /// As [`call`](Self::call), for functions that may call asynchronous host functions.
    pub fn call_async<R: FromLuaMulti + 'static>(&self, arguments: impl IntoLuaMulti) -> Evaluation<R> {
        match self.lua() {
            Ok(lua) => evaluate(&lua, call(Value::Function(self.clone()), arguments).map(Action::Call)),
            Err(error) => Box::pin(async move { Err(error) }),
        }
    }
}

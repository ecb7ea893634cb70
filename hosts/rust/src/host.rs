//! Functions of the host: closures of any types that values convert to and from.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

#[cfg(feature = "async")]
use crate::FromLuaMulti;
use crate::convert::Arguments;
use crate::error::BoxError;
use crate::{FromLua, IntoLuaMulti, Result, Value};

/// What a host function left: results, or the error that is raised in the script.
pub type Outcome = std::result::Result<Vec<Value>, BoxError>;

/// What a host function may return: values, or a `Result` of them with any error.
pub trait HostResult {
    /// The values or the error.
    #[doc(hidden)]
    fn outcome(self) -> Outcome;
}

impl<T: IntoLuaMulti> HostResult for T {
    fn outcome(self) -> Outcome {
        Ok(self.into_lua_multi()?)
    }
}

impl<T: IntoLuaMulti, E: Into<BoxError>> HostResult for Result<T, E> {
    fn outcome(self) -> Outcome {
        Ok(self.map_err(Into::into)?.into_lua_multi()?)
    }
}

/// A closure that scripts can call: up to eight parameters that implement [`FromLua`], the last of which may be a
/// [`Variadic`](crate::Variadic), and any of which may be a [`Lua`](crate::Lua), the state that calls.
pub trait HostFunction<Marker>: Send + Sync + 'static {
    /// Calls it.
    #[doc(hidden)]
    fn call(&self, arguments: Arguments) -> Outcome;
}

/// As [`HostFunction`], for methods, whose first parameter is a reference to the object's value.
pub trait Method<T, Marker>: Send + Sync + 'static {
    /// Calls it.
    #[doc(hidden)]
    fn call(&self, object: &T, arguments: Arguments) -> Outcome;
}

/// As [`HostFunction`], for a closure that returns a future.
#[cfg(feature = "async")]
pub trait AsyncHostFunction<Marker>: Send + Sync + 'static {
    /// Calls it.
    #[doc(hidden)]
    fn call(&self, arguments: Arguments) -> Later;
}

/// The outcome of an asynchronous host function.
#[cfg(feature = "async")]
pub type Later = std::pin::Pin<Box<dyn Future<Output = Outcome> + Send>>;

macro_rules! functions {
    ($(($($name:ident)*))*) => {
        $(
            impl<Call, R, $($name: FromLua),*> HostFunction<fn($($name),*) -> R> for Call
            where
                Call: Fn($($name),*) -> R + Send + Sync + 'static,
                R: HostResult,
            {
                #[allow(non_snake_case, unused_mut, unused_variables, reason = "the values are called as their types")]
                fn call(&self, mut arguments: Arguments) -> Outcome {
                    $(let $name = $name::from_arguments(&mut arguments)?;)*
                    self($($name),*).outcome()
                }
            }

            impl<T, Call, R, $($name: FromLua),*> Method<T, fn($($name),*) -> R> for Call
            where
                Call: Fn(&T, $($name),*) -> R + Send + Sync + 'static,
                R: HostResult,
            {
                #[allow(non_snake_case, unused_mut, unused_variables, reason = "the values are called as their types")]
                fn call(&self, object: &T, mut arguments: Arguments) -> Outcome {
                    $(let $name = $name::from_arguments(&mut arguments)?;)*
                    self(object, $($name),*).outcome()
                }
            }

            #[cfg(feature = "async")]
            impl<Call, U, $($name: FromLua),*> AsyncHostFunction<fn($($name),*) -> U> for Call
            where
                Call: Fn($($name),*) -> U + Send + Sync + 'static,
                U: Future<Output: HostResult> + Send + 'static,
            {
                #[allow(non_snake_case, unused_mut, unused_variables, reason = "the values are called as their types")]
                fn call(&self, mut arguments: Arguments) -> Later {
                    match <($($name,)*)>::from_lua_multi(&mut arguments) {
                        Ok(($($name,)*)) => {
                            let future = self($($name),*);
                            Box::pin(async move { future.await.outcome() })
                        }
                        Err(error) => Box::pin(std::future::ready(Err(error.into()))),
                    }
                }
            }
        )*
    };
}

functions! {
    () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
}

/// A host function of any kind.
#[derive(Clone)]
pub enum Host {
    /// Answers at once.
    Now(Arc<dyn Fn(Arguments) -> Outcome + Send + Sync>),
    /// Answers when its future does.
    #[cfg(feature = "async")]
    Later(Arc<dyn Fn(Arguments) -> Later + Send + Sync>),
    /// Waits for the host: the task is given to who started it.
    Waits,
}

impl Host {
    pub fn new<M>(function: impl HostFunction<M>) -> Self {
        Self::Now(Arc::new(move |arguments| function.call(arguments)))
    }

    #[cfg(feature = "async")]
    pub fn new_async<M>(function: impl AsyncHostFunction<M>) -> Self {
        Self::Later(Arc::new(move |arguments| function.call(arguments)))
    }

    pub fn method<T: Any, M>(class: &str, method: impl Method<T, M>) -> Self {
        let class = class.to_string();
        Self::Now(Arc::new(move |mut arguments| {
            let object = arguments.next_object(&class)?;
            match object.downcast_ref() {
                Some(value) => method.call(value, arguments),
                None => Err(format!("another class is called {class}, too").into()),
            }
        }))
    }
}

/// Host functions by their paths, to be defined in any number of states.
///
/// ```
/// use moonlet::{Functions, Lua};
///
/// let functions = Functions::new().with("add", |a: i64, b: i64| a + b).with("text.upper", |s: String| s.to_uppercase());
/// let lua = Lua::builder().functions(&functions).build()?;
/// assert_eq!(lua.eval::<String>("return text.upper('a' .. add(1, 2))")?, "A3");
/// # Ok::<(), moonlet::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Functions(pub(crate) HashMap<String, Host>);

impl Functions {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a function; [`Lua::define`](crate::Lua::define) says what a path is.
    pub fn with<M>(self, path: &str, function: impl HostFunction<M>) -> Self {
        self.add(path, Host::new(function))
    }

    /// Adds an asynchronous function.
    #[cfg(feature = "async")]
    pub fn with_async<M>(self, path: &str, function: impl AsyncHostFunction<M>) -> Self {
        self.add(path, Host::new_async(function))
    }

    /// Adds a function that waits for the host: a [`Task`](crate::Task) that calls it is suspended until it is answered.
    pub fn with_waiting(self, path: &str) -> Self {
        self.add(path, Host::Waits)
    }

    fn add(mut self, path: &str, function: Host) -> Self {
        self.0.insert(path.into(), function);
        self
    }
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

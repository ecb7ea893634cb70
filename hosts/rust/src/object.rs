//! Objects of the host in Lua.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::host::{Host, HostFunction, Method};
use crate::{Error, FromLua, IntoLua, Value};

/// An object of the host that Lua can hold, compare, and give back.
///
/// It is opaque to scripts unless it is of a [`Class`]. Lua keeps it as long as a script holds it; the host hears of the end by the value's own
/// `Drop`, where it has no clone itself.
#[derive(Clone)]
pub struct Object(Arc<Inner>);

struct Inner {
    value: Box<dyn Any + Send + Sync>,
    members: Arc<Members>,
}

/// What scripts can do with the objects of one class.
#[derive(Default)]
struct Members {
    name: String,
    /// What an object that is a function does.
    function: Option<Host>,
    /// What calling an object of the class does.
    call: Option<Host>,
    methods: HashMap<String, Object>,
    getters: HashMap<String, Host>,
    setters: HashMap<String, Host>,
}

impl Object {
    /// An object that scripts can only hold, compare and hand back.
    pub fn new<T: Any + Send + Sync>(value: T) -> Self {
        Class::new("object").object(value)
    }

    /// A function of the host as a value, without a name in the globals. To scripts it is userdata that can be called.
    pub fn function<M>(function: impl HostFunction<M>) -> Self {
        Self::callable("function of the host", Host::new(function))
    }

    /// As [`function`](Self::function), for an asynchronous one.
    #[cfg(feature = "async")]
    pub fn function_async<M>(function: impl crate::AsyncHostFunction<M>) -> Self {
        Self::callable("function of the host", Host::new_async(function))
    }

    fn callable(name: &str, function: Host) -> Self {
        let members = Members { name: name.into(), function: Some(function), ..Members::default() };
        Self(Arc::new(Inner { value: Box::new(()), members: Arc::new(members) }))
    }

    /// What stands for an object that another process had.
    pub(crate) fn lost() -> Self {
        Class::new("object that this host does not have").object(Lost)
    }

    /// The value, when it is of that type.
    pub fn downcast_ref<T: Any>(&self) -> Option<&T> {
        self.0.value.downcast_ref()
    }

    /// Whether it came with a snapshot of another process, which had it.
    pub fn is_lost(&self) -> bool {
        self.downcast_ref::<Lost>().is_some()
    }

    /// The name of its class.
    pub fn class_name(&self) -> &str {
        &self.0.members.name
    }

    /// Where it lies: one number for one object.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// What answers when a script calls it, and whether that takes the object first.
    pub(crate) fn call(&self) -> Result<(Host, bool), Error> {
        let members = &self.0.members;
        let own = members.function.clone().map(|function| (function, false));
        let found = own.or_else(|| members.call.clone().map(|call| (call, true)));
        found.ok_or_else(|| self.cannot("be called"))
    }

    /// What a script finds under a key: a method itself, or a function that makes a field of the object.
    pub(crate) fn index(&self, key: &Value) -> Result<Member, Error> {
        let members = &self.0.members;
        let name = key.as_str().unwrap_or_default();
        if let Some(method) = members.methods.get(name) {
            return Ok(Member::Method(method.clone()));
        }
        let getter = members.getters.get(name).cloned();
        getter.map(Member::Field).ok_or_else(|| self.cannot(&format!("be asked for {}", shown(key))))
    }

    /// What answers when a script assigns a field.
    pub(crate) fn assign(&self, key: &Value) -> Result<Host, Error> {
        let setter = self.0.members.setters.get(key.as_str().unwrap_or_default()).cloned();
        setter.ok_or_else(|| self.cannot(&format!("have {} assigned", shown(key))))
    }

    fn cannot(&self, what: &str) -> Error {
        Error::conversion(format!("the {} cannot {what}", self.class_name()))
    }
}

/// A key in a message.
fn shown(key: &Value) -> String {
    match key.as_str() {
        Some(name) => format!("'{name}'"),
        None => format!("a {} key", key.type_name()),
    }
}

/// What stands under a key of an object.
pub enum Member {
    Method(Object),
    Field(Host),
}

struct Lost;

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({})", self.class_name())
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Object {}

/// Methods and fields that scripts find in objects of one type of the host.
///
/// ```
/// use std::sync::atomic::{AtomicI64, Ordering};
///
/// let counter = moonlet::Class::<AtomicI64>::new("Counter")
///     .method("add", |counter: &AtomicI64, n: i64| counter.fetch_add(n, Ordering::Relaxed) + n)
///     .getter("value", |counter: &AtomicI64| counter.load(Ordering::Relaxed));
/// let lua = moonlet::Lua::new()?;
/// lua.set("counter", counter.object(AtomicI64::new(40)))?;
/// let (sum, value): (i64, i64) = lua.eval("return counter:add(2), counter.value")?;
/// assert_eq!((sum, value), (42, 42));
/// # Ok::<(), moonlet::Error>(())
/// ```
#[must_use]
pub struct Class<T> {
    members: Arc<Members>,
    of: PhantomData<fn(T)>,
}

impl<T: Any + Send + Sync> Class<T> {
    /// A class without members. The name is what error messages show.
    pub fn new(name: &str) -> Self {
        Self { members: Arc::new(Members { name: name.into(), ..Members::default() }), of: PhantomData }
    }

    fn with(mut self, add: impl FnOnce(&mut Members)) -> Self {
        add(Arc::get_mut(&mut self.members).expect("members are added before there are objects"));
        self
    }

    /// A method, which scripts call by `object:name(...)`.
    ///
    /// # Panics
    /// When there are objects of the class already.
    pub fn method<M>(self, name: &str, method: impl Method<T, M>) -> Self {
        let function = Object::callable(name, Host::method(&self.members.name, method));
        self.with(|members| {
            members.methods.insert(name.into(), function);
        })
    }

    /// A field that scripts can read.
    ///
    /// # Panics
    /// As [`method`](Self::method).
    pub fn getter<R: IntoLua>(self, name: &str, getter: impl Fn(&T) -> R + Send + Sync + 'static) -> Self {
        let function = Host::method(&self.members.name, getter);
        self.with(|members| {
            members.getters.insert(name.into(), function);
        })
    }

    /// A field that scripts can assign.
    ///
    /// # Panics
    /// As [`method`](Self::method).
    pub fn setter<V: FromLua>(self, name: &str, setter: impl Fn(&T, V) + Send + Sync + 'static) -> Self {
        let function = Host::method(&self.members.name, setter);
        self.with(|members| {
            members.setters.insert(name.into(), function);
        })
    }

    /// What happens when a script calls an object of the class.
    ///
    /// # Panics
    /// As [`method`](Self::method).
    pub fn call<M>(self, function: impl Method<T, M>) -> Self {
        let function = Host::method(&self.members.name, function);
        self.with(|members| members.call = Some(function))
    }

    /// An object of the class.
    pub fn object(&self, value: T) -> Object {
        Object(Arc::new(Inner { value: Box::new(value), members: self.members.clone() }))
    }
}

impl<T> fmt::Debug for Class<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Class({})", self.members.name)
    }
}

/// The objects that Lua may hold, by their numbers.
#[derive(Clone, Default)]
pub struct Objects {
    by_number: HashMap<u32, Object>,
    by_address: HashMap<usize, u32>,
    /// Those numbered for the call that is being made.
    fresh: Vec<u32>,
    next: u32,
}

impl Objects {
    /// Numbers from `next` on; which ones a snapshot of another process has in use cannot be asked.
    pub fn starting_at(next: u32) -> Self {
        Self { next, ..Self::default() }
    }

    fn insert(&mut self, number: u32, object: Object) {
        self.by_address.insert(object.address(), number);
        self.by_number.insert(number, object);
    }

    /// The number of an object, a new one if it has none.
    pub fn number(&mut self, object: &Object) -> u32 {
        if let Some(number) = self.by_address.get(&object.address()) {
            return *number;
        }
        while self.by_number.contains_key(&self.next) {
            self.next = self.next.wrapping_add(1);
        }
        let number = self.next;
        self.next = number.wrapping_add(1);
        self.insert(number, object.clone());
        self.fresh.push(number);
        number
    }

    /// The object of a number.
    pub fn object(&mut self, number: u32) -> Object {
        if let Some(object) = self.by_number.get(&number) {
            return object.clone();
        }
        let object = Object::lost();
        self.insert(number, object.clone());
        object
    }

    /// Ends a call: what was numbered for one that was refused never arrived, and is given back to be dropped.
    pub fn settle(&mut self, refused: bool) -> Vec<Object> {
        let fresh = std::mem::take(&mut self.fresh);
        if refused {
            fresh.into_iter().filter_map(|number| self.forget(number)).collect()
        } else {
            Vec::new()
        }
    }

    /// Takes an object out that Lua holds no more.
    pub fn forget(&mut self, number: u32) -> Option<Object> {
        let object = self.by_number.remove(&number)?;
        self.by_address.remove(&object.address());
        Some(object)
    }
}

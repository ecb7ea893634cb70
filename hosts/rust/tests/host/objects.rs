//! Objects of the host in Lua.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use moonlet::{Class, Lua, Object};

fn lua() -> Lua {
    Lua::new().expect("a state")
}

#[test]
fn an_opaque_object_comes_back_as_itself() {
    let lua = lua();
    let object = Object::new(String::from("mine"));
    lua.set("object", &object).expect("set");
    let back: Object = lua.get("object").expect("the object");
    assert_eq!(back, object);
    assert_eq!(back.downcast_ref::<String>().map(String::as_str), Some("mine"));
    assert_eq!(back.downcast_ref::<i64>(), None);
    let (same, kind): (bool, String) =
        lua.load("return ... == object, type(object)").call(&object).expect("compared");
    assert!(same && kind == "userdata");
    for (source, message) in [
        ("object()", "the object cannot be called"),
        ("return object.x", "the object cannot be asked for 'x'"),
        ("return object[1]", "the object cannot be asked for a integer key"),
        ("object.x = 1", "the object cannot have 'x' assigned"),
    ] {
        assert_eq!(lua.eval::<()>(source).expect_err(source).message(), message);
    }
}

fn counter() -> Class<AtomicI64> {
    Class::new("Counter")
        .method("add", |counter: &AtomicI64, n: i64| counter.fetch_add(n, Ordering::Relaxed) + n)
        .getter("value", |counter: &AtomicI64| counter.load(Ordering::Relaxed))
        .setter("value", |counter: &AtomicI64, n: i64| counter.store(n, Ordering::Relaxed))
        .call(|counter: &AtomicI64| counter.fetch_add(1, Ordering::Relaxed) + 1)
}

#[test]
fn a_class_gives_methods_and_fields() {
    let lua = lua();
    let object = counter().object(AtomicI64::new(1));
    lua.set("c", &object).expect("set");
    assert_eq!(lua.eval::<(i64, i64)>("return c:add(2), c.value").expect("values"), (3, 3));
    assert_eq!(lua.eval::<i64>("c.value = 10 return c()").expect("11"), 11);
    assert_eq!(object.downcast_ref::<AtomicI64>().map(|n| n.load(Ordering::Relaxed)), Some(11));
    assert!(lua.eval::<bool>("return c.add == c.add").expect("one method"));
    assert_eq!(
        lua.eval::<()>("c.add(1)").expect_err("no object").message(),
        "bad argument #1 to 'add' (Counter expected, got integer)"
    );
    assert_eq!(
        lua.eval::<()>("c:add('x')").expect_err("no integer").message(),
        "bad argument #2 to 'add' (integer expected, got string)"
    );
    assert_eq!(
        lua.eval::<()>("c.none()").expect_err("no member").message(),
        "the Counter cannot be asked for 'none'"
    );
    assert_eq!(lua.call::<i64>("c:add", 1).expect("12"), 12, "a path leads through objects");
}

struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn the_host_hears_when_lua_drops_an_object() {
    let lua = lua();
    let dropped = Arc::new(AtomicUsize::new(0));
    for _ in 0..10 {
        lua.load("kept = ...").call::<()>(Object::new(Counted(dropped.clone()))).expect("set");
    }
    lua.compact().expect("collected");
    lua.eval::<()>("").expect("a call, which hears of it");
    assert_eq!(dropped.load(Ordering::Relaxed), 9);
    assert!(lua.get::<Object>("kept").expect("the last").downcast_ref::<Counted>().is_some());
    drop(lua);
    assert_eq!(dropped.load(Ordering::Relaxed), 10);
}

#[test]
fn a_refused_call_keeps_no_object() {
    let lua = lua();
    let dropped = Arc::new(AtomicUsize::new(0));
    let deep = (0..200).fold(moonlet::Value::Nil, |inner, _| moonlet::Value::Sequence(vec![inner]));
    lua.load("").call::<()>((Object::new(Counted(dropped.clone())), deep)).expect_err("too deep");
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
}

#[test]
fn scripts_cannot_ask_in_the_name_of_what_they_do_not_hold() {
    let lua = lua();
    lua.set("c", counter().object(AtomicI64::new(1))).expect("set");
    for source in [
        "host.call('__index', 1, 'x')",
        "host.call('__call')",
        "host.call('__other', c)",
        "host.call('__newindex', c)",
    ] {
        assert!(lua.eval::<()>(source).is_err(), "{source}");
    }
    assert_eq!(lua.eval::<i64>("return host.call('__index', c, 'value')").expect("as c.value"), 1);
}

//! Errors of scripts, and errors of the host that go through scripts.

use std::error::Error as StdError;
use std::fmt;

use moonlet::{BoxError, Error, ErrorKind, Lua, Map, Raise, Value};

fn lua() -> Lua {
    Lua::builder().memory(8 << 20).build().expect("a state")
}

#[test]
fn an_error_tells_what_and_where() {
    let lua = lua();
    let error = lua
        .load("local function index(order)\n  return order.customer.name\nend\nindex({})")
        .name("@shop.lua")
        .exec()
        .expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Runtime);
    assert_eq!(error.message(), "shop.lua:2: attempt to index a nil value (field 'customer')");
    assert_eq!((error.chunk(), error.line()), (Some("shop.lua"), Some(2)));
    assert!(
        error.traceback().is_some_and(|traceback| traceback.contains("in local 'index'")
            || traceback.contains("in upvalue 'index'")
            || traceback.contains("function 'index'")),
        "{:?}",
        error.traceback()
    );
    assert_eq!(error.to_string(), error.message());
    assert_eq!(error.value(), None);
}

#[test]
fn each_end_has_its_kind() {
    let lua = lua();
    let kind = |source: &str| lua.eval::<()>(source).expect_err(source);
    assert_eq!(kind("return 1 +").kind(), ErrorKind::Syntax);
    assert_eq!(kind("error('no')").kind(), ErrorKind::Runtime);
    assert_eq!(kind("local t = {} while true do t[#t + 1] = ('x'):rep(1000) end").kind(), ErrorKind::Memory);
    let exit = kind("os.exit(7)");
    assert_eq!((exit.kind(), exit.exit_code()), (ErrorKind::Exit, Some(7)));
    let table = kind("error({code = 7})");
    assert_eq!(table.value().and_then(|value| value.get("code")), Some(&Value::Integer(7)));
    lua.set_fuel(100_000).expect("an option");
    let budget = kind("while true do pcall(error) end");
    assert_eq!((budget.kind(), budget.status()), (ErrorKind::Budget, 18));
    assert_eq!(lua.eval::<i64>("return 2 + 2").expect("usable"), 4);
}

#[derive(Debug)]
struct NotFound(String);

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no such name: {}", self.0)
    }
}

impl StdError for NotFound {}

#[test]
fn an_error_of_the_host_goes_through_the_script_and_comes_back() {
    let lua = lua();
    lua.define("lookup", |name: String| Err::<(), _>(NotFound(name))).expect("defined");
    let (ok, message): (bool, String) = lua.eval("return pcall(lookup, 'nobody')").expect("caught");
    assert_eq!((ok, message.as_str()), (false, "no such name: nobody"));
    for source in ["lookup('nobody')", "local ok, e = pcall(lookup, 'nobody') error(e, 0)"] {
        let error = lua.eval::<()>(source).expect_err("an error");
        assert_eq!(error.message(), "no such name: nobody");
        let source = error.source().and_then(|source| source.downcast_ref::<NotFound>());
        assert_eq!(source.map(|error| error.0.as_str()), Some("nobody"));
    }
    let other = lua.eval::<()>("pcall(lookup, 'x') error('other')").expect_err("an error");
    assert!(other.source().is_none(), "what was caught is not what ended the script");
}

#[test]
fn the_host_raises_any_value() {
    let lua = lua();
    lua.define("refuse", || {
        let table: Map = [(Value::String("code".into()), Value::Integer(7))].into_iter().collect();
        Err::<(), _>(Raise(Value::Map(table)))
    })
    .expect("defined");
    let code: i64 = lua.eval("local ok, e = pcall(refuse) return e.code").expect("caught");
    assert_eq!(code, 7);
    let error = lua.eval::<()>("refuse()").expect_err("an error");
    assert_eq!(error.value().and_then(|value| value.get("code")), Some(&Value::Integer(7)));
}

/// Lua has the entries of a table in an order of its own.
#[test]
fn a_table_that_the_host_raised_is_known_again_in_any_order() {
    let lua = lua();
    let table = || -> Map { (0..9).map(|n| (Value::from(format!("field {n}")), Value::from(n))).collect() };
    lua.define("refuse", move || Err::<(), _>(Raise(Value::Map(table())))).expect("defined");
    let error = lua.eval::<()>("refuse()").expect_err("an error");
    assert!(error.source().is_some_and(|source| source.downcast_ref::<Raise>().is_some()));
    let other = lua.eval::<()>("local _, e = pcall(refuse) e['field 0'] = 1 error(e)").expect_err("an error");
    assert!(other.source().is_none(), "what ended the script is another table");
}

#[test]
fn an_error_within_an_evaluation_of_a_host_function_is_raised_in_the_outer_script() {
    let lua = lua();
    lua.define("run", |lua: Lua, source: String| lua.eval::<Value>(source)).expect("defined");
    let (ok, message): (bool, String) = lua.eval("return pcall(run, 'error(\"inner\")')").expect("caught");
    assert_eq!((ok, message.as_str()), (false, "eval:1: inner"));
    let (ok, code): (bool, i64) =
        lua.eval("local ok, e = pcall(run, 'error({code = 3})') return ok, e.code").expect("caught");
    assert_eq!((ok, code), (false, 3));
    let error = lua.eval::<()>("run('error(\"inner\")')").expect_err("an error");
    let inner = error.source().and_then(|source| source.downcast_ref::<Error>()).expect("the inner error");
    assert!(inner.traceback().is_some());
}

#[test]
fn what_a_host_function_cannot_hand_over_is_an_error_in_the_script() {
    let lua = lua();
    lua.define("large", || u64::MAX).expect("defined");
    lua.define("deep", || (0..200).fold(Value::Nil, |inner, _| Value::Sequence(vec![inner])))
        .expect("defined");
    lua.define("nil_key", || -> Result<Value, BoxError> {
        Ok(Value::Map([(Value::Nil, Value::Nil)].into_iter().collect()))
    })
    .expect("defined");
    for name in ["large", "deep", "nil_key"] {
        let (ok, message): (bool, String) = lua.eval(format!("return pcall({name})")).expect("caught");
        assert!(!ok && !message.is_empty(), "{name}: {message}");
        let error = lua.eval::<()>(format!("{name}()")).expect_err("an error");
        assert!(
            error.source().is_some_and(|source| source.downcast_ref::<Error>().is_some()),
            "the host is told, too"
        );
    }
}

#[test]
fn a_function_that_nobody_defined_is_an_error_that_says_so() {
    let lua = lua();
    let error = lua.eval::<()>("host.call('fetch', 1)").expect_err("no function");
    assert_eq!(error.message(), "the host has no function 'fetch'; give it one by Lua::define");
    lua.define_waiting("ask").expect("defined");
    let error = lua.eval::<()>("ask()").expect_err("nobody waits");
    assert!(error.message().contains("Lua::start"), "{error}");
}

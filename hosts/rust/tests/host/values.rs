//! Values in both directions.

use std::collections::{BTreeMap, HashMap};

use moonlet::{ErrorKind, Function, Lua, LuaString, Map, Result, Value, Variadic};
use proptest::prelude::*;

fn lua() -> Lua {
    Lua::new().expect("a state")
}

/// What a value is after its way into Lua and back.
fn back(lua: &Lua, value: Value) -> Result<Value> {
    lua.load("return ...").call((value,))
}

#[test]
fn integers_keep_all_bits() {
    let lua = lua();
    for integer in
        [0, 1, -1, 127, 128, -32, -33, -128, -129, 65_535, 65_536, i64::from(u32::MAX), i64::MAX, i64::MIN]
    {
        assert_eq!(back(&lua, Value::Integer(integer)).expect("an integer"), Value::Integer(integer));
    }
    assert_eq!(lua.eval::<i64>("return math.mininteger").expect("an integer"), i64::MIN);
    assert_eq!(lua.load("return math.type(...)").call::<String>(7).expect("a type"), "integer");
    assert_eq!(lua.load("return math.type(...)").call::<String>(7.0).expect("a type"), "float");
}

#[test]
fn numbers_convert_only_without_loss() {
    let lua = lua();
    assert_eq!(lua.eval::<i64>("return 3.0").expect("whole"), 3);
    assert_eq!(lua.eval::<f64>("return 3").expect("a number"), 3.0);
    assert_eq!(lua.eval::<u8>("return 255").expect("in range"), 255);
    for (source, message) in [
        ("return 256", "result #1: 256 is out of the range of u8"),
        ("return -1", "result #1: -1 is out of the range of u8"),
        ("return 1.5", "result #1: integer expected, got 1.5"),
        ("return '1'", "result #1: integer expected, got string"),
        ("return 2^63", "result #1: integer expected, got 9.223372036854776e18"),
        ("return", "result #1: integer expected, got nil"),
    ] {
        let error = lua.eval::<u8>(source).expect_err(source);
        assert_eq!(error.kind(), ErrorKind::Conversion);
        assert_eq!(error.message(), message);
    }
    let error = lua.set("x", u64::MAX).expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::Conversion);
    assert!(error.message().contains("largest integer of Lua"), "{error}");
}

#[test]
fn strings_are_text_or_bytes_by_the_type_asked_for() {
    let lua = lua();
    assert_eq!(lua.eval::<String>("return 'Gr\\u{fc}\\u{df}e'").expect("text"), "Grüße");
    assert_eq!(lua.eval::<Vec<u8>>("return '\\0\\xff'").expect("bytes"), [0, 0xff]);
    assert_eq!(lua.eval::<Vec<u8>>("return 'abc'").expect("bytes"), b"abc");
    let error = lua.eval::<String>("return '\\xff'").expect_err("no UTF-8");
    assert!(error.message().contains("Vec<u8>"), "{error}");
    assert_eq!(lua.load("return #...").call::<i64>(vec![0u8, 0xff]).expect("a string"), 2);
    assert_eq!(lua.load("return #...").call::<i64>("Grüße").expect("a string"), 7);
    assert_eq!(lua.eval::<LuaString>("return 'x'").expect("a string").to_str(), Some("x"));
}

#[test]
fn tables_become_what_is_asked_for() {
    let lua = lua();
    assert_eq!(lua.eval::<Vec<i64>>("return {1, 2, 3}").expect("a sequence"), [1, 2, 3]);
    assert_eq!(lua.eval::<[f64; 2]>("return {1, 2}").expect("two"), [1.0, 2.0]);
    assert!(lua.eval::<[f64; 2]>("return {1}").is_err());
    let map: HashMap<String, i64> = lua.eval("return {a = 1, b = 2}").expect("a map");
    assert_eq!(map, HashMap::from([("a".into(), 1), ("b".into(), 2)]));
    let numbers: BTreeMap<i64, String> = lua.eval("return {'x', 'y'}").expect("a map");
    assert_eq!(numbers, BTreeMap::from([(1, "x".into()), (2, "y".into())]));
    let empty: BTreeMap<String, i64> = lua.eval("return {}").expect("an empty table is a map, too");
    assert!(empty.is_empty());
    assert_eq!(lua.eval::<Map>("return {'x'}").expect("a map").iter().len(), 1);
    assert!(lua.eval::<Map>("return {}").expect("an empty map").is_empty());
    let nested: Vec<Vec<Option<i64>>> = lua.eval("return {{1}, {2, 3}}").expect("nested");
    assert_eq!(nested, [vec![Some(1)], vec![Some(2), Some(3)]]);
    assert_eq!(
        lua.load("local t = ... return t.a[2]").call::<i64>(BTreeMap::from([("a", vec![1, 2])])).expect("2"),
        2
    );
}

#[test]
fn several_values_are_a_tuple() {
    let lua = lua();
    let (a, b, c): (i64, Option<String>, Value) = lua.eval("return 1, nil").expect("values");
    assert_eq!((a, b, c), (1, None, Value::Nil));
    let Variadic(all): Variadic<i64> = lua.eval("return 1, 2, 3").expect("values");
    assert_eq!(all, [1, 2, 3]);
    let (first, Variadic(rest)): (i64, Variadic<i64>) = lua.eval("return 1, 2, 3").expect("values");
    assert_eq!((first, rest), (1, vec![2, 3]));
    lua.eval::<()>("return 1, 2").expect("whatever there is");
    let error = lua.eval::<(i64, i64)>("return 1, 'x'").expect_err("the second is none");
    assert_eq!(error.message(), "result #2: integer expected, got string");
}

#[test]
fn keys_of_every_kind_arrive() {
    let lua = lua();
    let source = "local t = {} return {[{}] = 1, [true] = 2, [1.5] = 3, __proto__ = 4, ['\\xff'] = 5, [-1] = 6, [t] = 7, [print] = 8}";
    let Value::Map(map) = lua.eval(source).expect("a map") else { panic!("a map") };
    assert_eq!(map.len(), 8);
    assert_eq!(map.get("__proto__"), Some(&Value::Integer(4)));
    let found = |key: &dyn Fn(&Value) -> bool| {
        map.iter().find(|(found, _)| key(found)).map(|(_, value)| value.clone())
    };
    assert_eq!(found(&|key| *key == Value::Boolean(true)), Some(Value::Integer(2)));
    assert_eq!(found(&|key| matches!(key, Value::Function(_))), Some(Value::Integer(8)));
    assert_eq!(map.iter().filter(|(key, _)| matches!(key, Value::Sequence(_))).count(), 2);
    let error = lua.eval::<HashMap<String, i64>>("return {[{}] = 1}").expect_err("a key that is no string");
    assert_eq!(error.message(), "result #1: string expected, got table");
}

#[test]
fn what_lua_has_not_is_refused_before_anything_runs() {
    let lua = lua();
    let nan: Map = [(Value::Float(f64::NAN), Value::Nil)].into_iter().collect();
    let error = back(&lua, Value::Map(nan)).expect_err("no key");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Conversion, "NaN cannot be a table's key"));
    let nil: Map = [(Value::Nil, Value::Integer(1))].into_iter().collect();
    assert_eq!(back(&lua, Value::Map(nil)).expect_err("no key").kind(), ErrorKind::Refused);
    let nest = |depth| (0..depth).fold(Value::Nil, |inner, _| Value::Sequence(vec![inner]));
    assert!(back(&lua, nest(128)).is_ok());
    let error = back(&lua, nest(129)).expect_err("too deep");
    assert!(error.message().contains("128"), "{error}");
    let error = lua.eval::<Value>("local t = {} t[1] = t return t").expect_err("a cycle");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Runtime, 22));
    assert_eq!(lua.eval::<i64>("return 2 + 2").expect("usable"), 4);
}

#[test]
fn functions_are_called_and_released() {
    let lua = lua();
    let add: Function = lua.eval("return function(a, b) return a + b end").expect("a function");
    assert_eq!(add.call::<i64>((1, 2)).expect("3"), 3);
    assert_eq!(lua.stats().expect("figures").handles, 1);
    let same: (Function, Function) = lua.eval("local f = print return f, f").expect("functions");
    assert_eq!(same.0, same.1);
    assert_ne!(add, same.0);
    assert_eq!(lua.load("return ... == print").call::<bool>(&same.0).ok(), Some(true));
    drop((add, same));
    lua.eval::<()>("").expect("a call, which releases");
    assert_eq!(lua.stats().expect("figures").handles, 0);
    let thread: Function = lua.eval("return coroutine.create(print)").expect("a coroutine");
    assert_eq!(
        lua.load("return coroutine.status(...)").call::<String>(&thread).expect("a status"),
        "suspended"
    );
}

#[test]
fn many_functions_are_released_though_memory_is_full() {
    let lua = Lua::builder().memory(8 << 20).build().expect("a state");
    let held: Vec<Function> = lua
        .eval("local t = {} for i = 1, 20000 do t[i] = function() return i end end return t")
        .expect("functions");
    lua.eval::<()>(
        "kept = {} pcall(function() while true do kept[#kept + 1] = ('x'):rep(100) .. #kept end end)",
    )
    .expect("a full state");
    drop(held);
    lua.eval::<()>("kept = nil").expect("a call, which releases");
    assert_eq!(lua.stats().expect("figures").handles, 0);
}

#[test]
fn null_is_a_value_by_option() {
    let plain = lua();
    let values = || vec![Some(1), None, Some(3)];
    assert_eq!(plain.load("local t = ... return t[2] == nil").call::<bool>((values(),)).ok(), Some(true));
    let nulls = Lua::builder().nulls(true).build().expect("a state");
    assert_eq!(
        nulls.load("local t = ... return t[2] == host.null, #t").call::<(bool, i64)>((values(),)).ok(),
        Some((true, 3))
    );
    assert_eq!(nulls.load("return ...").call::<Vec<Option<i64>>>((values(),)).ok(), Some(values()));
}

/// Values that a table can hold, without maps, whose order is Lua's.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::Integer),
        (-200i64..200).prop_map(Value::Integer),
        any::<f64>().prop_filter("NaN has no payload", |f| !f.is_nan()).prop_map(Value::Float),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(|bytes| Value::String(bytes.into())),
        ".{0,40}".prop_map(|text| Value::String(text.into())),
    ];
    leaf.prop_recursive(4, 64, 20, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Value::Sequence),
            ("[a-z]{1,9}", inner).prop_map(|(key, value)| Value::Map(
                [(Value::String(key.into()), value)].into_iter().collect()
            )),
        ]
    })
}

thread_local! {
    static STATE: Lua = lua();
}

proptest! {
    #[test]
    fn any_value_comes_back_as_it_was(value in values()) {
        let returned = STATE.with(|lua| back(lua, value.clone())).expect("a value");
        prop_assert_eq!(returned, value);
    }

    #[test]
    fn floats_keep_their_bits(bits in any::<u64>()) {
        let float = f64::from_bits(bits);
        let returned: f64 = STATE.with(|lua| lua.load("return ...").call(float)).expect("a float");
        prop_assert!(returned.to_bits() == bits || float.is_nan() && returned.is_nan());
    }
}

//! Evaluations, calls, globals, and functions of the host.

use std::sync::{Arc, Mutex};

use moonlet::{BoxError, ErrorKind, Function, Functions, Lua, Object, Value, Variadic, Version};

fn lua() -> Lua {
    Lua::new().expect("a state")
}

#[test]
fn a_chunk_has_a_name_and_arguments() {
    let lua = lua();
    assert_eq!(
        lua.load("return select('#', ...), ...").call::<(i64, i64, String)>((1, "x")).ok(),
        Some((2, 1, "x".into()))
    );
    assert_eq!(lua.eval::<i64>("error('no')").expect_err("an error").message(), "eval:1: no");
    let error = lua.load("error('no')").name("@game.lua").exec().expect_err("an error");
    assert_eq!(error.message(), "game.lua:1: no");
    let error = lua.load("error('no')").name("=input").exec().expect_err("an error");
    assert_eq!(error.message(), "input:1: no");
}

#[test]
fn both_versions_are_there() {
    let lua = Lua::builder().version(Version::Lua55).build().expect("a state");
    assert_eq!(lua.eval::<String>("return _VERSION").expect("a version"), "Lua 5.5");
    assert_eq!(self::lua().eval::<String>("return _VERSION").expect("a version"), "Lua 5.4");
}

#[test]
fn functions_are_called_by_their_paths() {
    let lua = lua();
    lua.eval::<()>("game = {score = 1} function game.add(n) return game.score + n end function game:double() return self.score * 2 end")
        .expect("definitions");
    assert_eq!(lua.call::<i64>("game.add", 2).expect("3"), 3);
    assert_eq!(lua.call::<i64>("game:double", ()).expect("2"), 2);
    let error = lua.call::<()>("game.none", ()).expect_err("no such function");
    assert_eq!(error.kind(), ErrorKind::Runtime);
    assert!(error.message().contains("game.none"), "{error}");
    assert_eq!(lua.call::<String>("string.rep", ("ab", 2)).expect("a string"), "abab");
}

#[test]
fn globals_are_read_and_assigned_by_their_paths() {
    let lua = lua();
    lua.set("x", 5).expect("a global");
    assert_eq!(lua.eval::<i64>("return x").expect("5"), 5);
    lua.eval::<()>("game = {player = {}}").expect("tables");
    lua.set("game.player.name", "Ada").expect("a field");
    assert_eq!(lua.get::<String>("game.player.name").expect("a field"), "Ada");
    assert_eq!(lua.get::<Option<i64>>("game.none").expect("nil"), None);
    lua.set("x", None::<i64>).expect("nil");
    assert_eq!(lua.get::<Value>("x").expect("nil"), Value::Nil);
    let error = lua.get::<i64>("game.none.x").expect_err("no table");
    assert_eq!(error.message(), "game.none.x: there is no game.none");
    let error = lua.set("nowhere.x", 1).expect_err("no table");
    assert_eq!(error.message(), "nowhere.x: there is no nowhere");
    let error = lua.get::<i64>("game.player.name").expect_err("a string");
    assert_eq!(error.message(), "game.player.name: integer expected, got string");
}

/// What a script has done to its libraries does not concern the host's own access.
#[test]
fn globals_are_reached_whatever_a_script_replaced() {
    let lua = lua();
    lua.eval::<()>("for name in pairs(_G) do if name ~= '_G' then _G[name] = nil end end")
        .expect("an empty house");
    lua.set("x", 5).expect("a global");
    assert_eq!(lua.get::<i64>("x").expect("5"), 5);
}

#[test]
fn host_functions_take_and_return_any_values() {
    let lua = lua();
    lua.define("nothing", || ()).expect("defined");
    lua.define("add", |a: i64, b: i64| a + b).expect("defined");
    lua.define("swap", |a: Value, b: Value| (b, a)).expect("defined");
    lua.define("count", |Variadic(all): Variadic<Value>| all.len()).expect("defined");
    lua.define("tools.text.upper", |text: String| text.to_uppercase()).expect("defined");
    assert_eq!(lua.eval::<i64>("return select('#', nothing())").expect("none"), 0);
    assert_eq!(lua.eval::<i64>("return add(1, 2)").expect("3"), 3);
    assert_eq!(lua.eval::<(String, i64)>("return swap(1, 'x')").expect("swapped"), ("x".into(), 1));
    assert_eq!(lua.eval::<usize>("return count(nil, 1, nil)").expect("3"), 3);
    assert_eq!(lua.eval::<String>("return tools.text.upper('x')").expect("X"), "X");
    assert_eq!(lua.eval::<String>("return type(add)").expect("a type"), "function");
    let error = lua.eval::<()>("add(1, 'x')").expect_err("no integer");
    assert_eq!(error.message(), "bad argument #2 to 'add' (integer expected, got string)");
    lua.define("add", |a: i64, b: i64| a + b + 100).expect("defined anew");
    assert_eq!(lua.eval::<i64>("return add(1, 2)").expect("103"), 103);
}

#[test]
fn a_set_of_functions_serves_many_states() {
    let functions =
        Functions::new().with("add", |a: i64, b: i64| a + b).with("text.upper", |s: String| s.to_uppercase());
    for _ in 0..2 {
        let lua = Lua::builder().functions(&functions).build().expect("a state");
        assert_eq!(lua.eval::<String>("return text.upper('a' .. add(1, 2))").expect("A3"), "A3");
    }
}

#[test]
fn host_functions_use_the_state_that_calls_them() {
    let lua = lua();
    lua.define("twice", |f: Function, text: String| -> Result<String, BoxError> {
        let once: String = f.call(text)?;
        Ok(f.call(once)?)
    })
    .expect("defined");
    lua.define("deeper", |lua: Lua, n: i64| lua.eval::<i64>(format!("return {n} * 2"))).expect("defined");
    assert_eq!(
        lua.eval::<String>("return twice(function(s) return s .. '!' end, 'hey')").expect("hey!!"),
        "hey!!"
    );
    assert_eq!(lua.eval::<i64>("return deeper(21)").expect("42"), 42);
}

#[test]
fn callbacks_need_no_name() {
    let lua = lua();
    let add = Object::function(|a: i64, b: i64| a + b);
    assert_eq!(lua.load("local add = ... return add(1, 2)").call::<i64>(&add).expect("3"), 3);
    assert_eq!(
        lua.load("local add = ... return add(1)").call::<i64>(add).expect_err("no 2").message(),
        "bad argument #2 to 'function of the host' (integer expected, got nil)"
    );
}

#[test]
fn output_goes_where_the_host_says() {
    let (out, err) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
    let sink = |kept: &Arc<Mutex<Vec<u8>>>| {
        let kept = kept.clone();
        move |piece: &[u8]| kept.lock().expect("the output").extend_from_slice(piece)
    };
    let lua = Lua::builder().output(sink(&out)).error_output(sink(&err)).build().expect("a state");
    lua.eval::<()>("print('a') io.stderr:write('b') for i = 1, 100000 do io.write('xy') end error('no')")
        .expect_err("an error");
    let out = out.lock().expect("the output");
    assert_eq!(out.len(), 200_002);
    assert!(out.starts_with(b"a\nxyxy"));
    assert_eq!(*err.lock().expect("the output"), b"b");
}

#[test]
fn input_is_asked_for_when_a_script_waits() {
    let pieces = Mutex::new(vec![&b"two\nthr"[..], b"one\n"]);
    let input = move || pieces.lock().expect("the input").pop().map(<[u8]>::to_vec);
    let lua = Lua::builder().input(input).build().expect("a state");
    let lines: Vec<String> =
        lua.eval("local t = {} for line in io.lines() do t[#t + 1] = line end return t").expect("lines");
    assert_eq!(lines, ["one", "two", "thr"]);
    assert_eq!(self::lua().eval::<Option<String>>("return io.read()").expect("nothing to read"), None);
}

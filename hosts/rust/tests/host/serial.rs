//! Values by serde.

use std::collections::BTreeMap;

use moonlet::{ErrorKind, Lua, Serde, Value, from_value, to_value};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Empty,
    Circle(f64),
    Line(i64, i64),
    Box { width: u32, height: u32 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    flag: bool,
    small: i8,
    large: u64,
    float: f64,
    letter: char,
    text: String,
    maybe: Option<i64>,
    list: Vec<Shape>,
    pair: (i64, String),
    map: BTreeMap<String, Vec<i64>>,
    #[serde(default)]
    left_out: Vec<i64>,
}

fn example() -> Everything {
    Everything {
        flag: true,
        small: -5,
        large: 1 << 62,
        float: 0.1,
        letter: 'ß',
        text: "Grüße".into(),
        maybe: None,
        list: vec![Shape::Empty, Shape::Circle(1.0), Shape::Line(1, 2), Shape::Box { width: 3, height: 4 }],
        pair: (7, "seven".into()),
        map: BTreeMap::from([("a".into(), vec![1, 2]), ("empty".into(), Vec::new())]),
        left_out: Vec::new(),
    }
}

fn lua() -> Lua {
    Lua::new().expect("a state")
}

#[test]
fn a_struct_goes_there_and_back() {
    let lua = lua();
    lua.set("t", Serde(example())).expect("set");
    let source = "return t.list[4].Box.width + t.list[3].Line[2], t.list[1], t.pair[2], math.type(t.large)";
    let seen: (i64, String, String, String) = lua.eval(source).expect("values");
    assert_eq!(seen, (5, "Empty".into(), "seven".into(), "integer".into()));
    let Serde(back) = lua.get::<Serde<Everything>>("t").expect("back");
    assert_eq!(back, example());
    lua.define("double", |Serde(mut shape): Serde<Shape>| {
        if let Shape::Box { width, .. } = &mut shape {
            *width *= 2;
        }
        Serde(shape)
    })
    .expect("defined");
    assert_eq!(lua.eval::<i64>("return double({Box = {width = 2, height = 1}}).Box.width").expect("4"), 4);
}

#[test]
fn what_does_not_fit_is_told() {
    let lua = lua();
    for (source, message) in [
        ("return {}", "result #1: missing field `flag`"),
        ("return 5", "result #1: table expected, got integer"),
        ("return {flag = 1}", "result #1: invalid type: integer `1`, expected a boolean"),
        ("return {small = 1000}", "result #1: invalid value: integer `1000`, expected i8"),
        ("return {small = 1.5}", "result #1: integer expected, got 1.5"),
    ] {
        let error = lua.eval::<Serde<Everything>>(source).expect_err(source);
        assert_eq!((error.kind(), error.message()), (ErrorKind::Conversion, message));
    }
    assert!(from_value::<Shape>(lua.eval("return 'Round'").expect("a string")).is_err());
    assert!(from_value::<Shape>(lua.eval("return {Circle = 1, Line = 2}").expect("a table")).is_err());
    assert!(lua.eval::<Serde<serde_json::Value>>("return print").is_err(), "a function cannot be copied");
    assert!(to_value(&u64::MAX).is_err());
    assert_eq!(to_value(&Shape::Empty).ok(), Some(Value::from("Empty")));
}

#[test]
fn whole_floats_are_integers_where_those_are_asked_for() {
    let Serde(numbers) = lua().eval::<Serde<Vec<i64>>>("return {1, 2.0, 3}").expect("integers");
    assert_eq!(numbers, [1, 2, 3]);
    let Serde(numbers) = lua().eval::<Serde<Vec<f64>>>("return {1, 2.5}").expect("floats");
    assert_eq!(numbers, [1.0, 2.5]);
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        (-1e300..1e300).prop_map(serde_json::Value::from),
        ".{0,20}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 32, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..8).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-z]{1,6}", inner, 1..8)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_goes_there_and_back(json in json()) {
        thread_local! {
            static STATE: Lua = lua();
        }
        let Serde(back): Serde<serde_json::Value> =
            STATE.with(|lua| lua.load("return ...").call(Serde(json.clone()))).expect("a value");
        prop_assert_eq!(back, json);
    }
}

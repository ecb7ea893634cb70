//! The test vectors that every host package is tested with hold for the module itself.

use moonlet_tests::{Lua, Run, Version, option, status};
use rmpv::Value;

type Vector = serde_json::Map<String, serde_json::Value>;

fn vectors(json: &str) -> Vec<Vector> {
    serde_json::from_str(json).expect("an array of objects")
}

fn text<'a>(vector: &'a Vector, key: &str) -> &'a str {
    vector[key].as_str().expect("a string")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("two digits");
    (0..text.len()).step_by(2).map(digits).collect()
}

/// The instances that a vector asks for: of the full module, and of the mini variant where that holds what the vector needs.
fn instances(version: Version, vector: &Vector) -> impl Iterator<Item = Lua> {
    let mini = (!vector.contains_key("needs")).then(|| Lua::mini(version));
    [Lua::new(version)].into_iter().chain(mini).map(|lua| prepare(lua, vector))
}

fn prepare(mut lua: Lua, vector: &Vector) -> Lua {
    assert_eq!(lua.set(option::FORMAT, 1.0), status::OK);
    let options = vector.get("options").map(|options| options.as_object().expect("an object"));
    for (key, value) in options.into_iter().flatten() {
        let key = key.parse().expect("a number");
        assert_eq!(lua.set(key, value.as_f64().expect("a number")), status::OK, "{}", vector["name"]);
    }
    lua
}

/// Compares a run with what a vector, or a step of one, expects.
fn compare(name: &str, expected: &Vector, run: &Run) {
    let (status, result) = (expected.get("status"), expected.get("result"));
    assert!(status.or(result).is_some(), "{name} expects nothing");
    if let Some(status) = status {
        assert_eq!(Some(i64::from(run.status())), status.as_i64(), "{name}: {}", run.text());
    }
    if let Some(result) = result {
        assert_eq!(Some(hex(&run.result).as_str()), result.as_str(), "{name}");
    }
}

/// Takes one step of a conversation.
fn take(lua: &mut Lua, name: &str, step: &Vector) {
    let bytes = |key: &str| unhex(text(step, key));
    let task = lua.task();
    let action = step.keys().find(|key| !["status", "result"].contains(&key.as_str())).expect("an action");
    let run = match action.as_str() {
        "compute" => lua.run(text(step, "compute")),
        "call" => lua.call_function(&bytes("call")),
        "resume" => lua.resume(task, &bytes("resume")),
        "raise" => lua.raise(task, &bytes("raise")),
        "dropped" => lua.dropped(),
        "compact" => return assert!(!lua.call::<_, f64>("compact", ()).is_nan()),
        "set" => {
            let [key, value] = [0, 1].map(|at: usize| step["set"][at].as_f64().expect("a number"));
            return assert_eq!(lua.set(key as u32, value), status::OK, "{name}");
        }
        other => panic!("{name}: no step is called {other}"),
    };
    compare(name, step, &run);
}

/// The value that JSON shows.
fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Number(number) => Value::from(number.as_i64().expect("an integer")),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Object(map) => {
            Value::Map(map.iter().map(|(key, field)| (Value::from(key.as_str()), value(field))).collect())
        }
        other => panic!("no error has {other}"),
    }
}

/// Compares an error with what a vector expects.
fn compare_error(vector: &Vector, run: &Run) {
    let name = text(vector, "name");
    assert_eq!(Some(i64::from(run.status())), vector["status"].as_i64(), "{name}: {}", run.text());
    let Ok(Value::Map(mut told)) = rmpv::decode::read_value(&mut &run.result[..]) else {
        panic!("{name}: {} is no map", hex(&run.result))
    };
    let traceback = told.iter().position(|(field, _)| field.as_str() == Some("traceback"));
    let traceback = traceback.map(|at| told.swap_remove(at).1);
    if let Some(lines) = vector.get("traceback") {
        let traceback =
            traceback.as_ref().and_then(Value::as_str).unwrap_or_else(|| panic!("{name} has none"));
        let wanted = lines.as_array().expect("lines").iter().map(|line| line.as_str().expect("a line"));
        let mut found = traceback.lines().map(str::trim);
        wanted.for_each(|line| {
            assert!(found.any(|level| level == line), "{name}: {line} is not in {traceback}")
        });
    }
    let Value::Map(expected) = value(&vector["error"]) else { panic!("{name} expects no fields") };
    assert_eq!(told.len(), expected.len(), "{name}: {told:?}");
    expected.iter().for_each(|field| assert!(told.contains(field), "{name}: {field:?} is not in {told:?}"));
}

for_each_version! {
    fn errors_tell_what_they_should(version: Version) {
        for vector in vectors(include_str!("../vectors/errors.json")) {
            let data = Value::Array(["source", "chunk"].map(|key| Value::from(text(&vector, key))).to_vec());
            let mut bytes = Vec::new();
            rmpv::encode::write_value(&mut bytes, &data).expect("memory");
            for mut lua in instances(version, &vector) {
                compare_error(&vector, &lua.eval_data(&bytes));
            }
        }
    }

    fn values_leave_as_they_should(version: Version) {
        for vector in vectors(include_str!("../vectors/values.json")) {
            for mut lua in instances(version, &vector) {
                let run = lua.run(text(&vector, "source"));
                compare(text(&vector, "name"), &vector, &run);
            }
        }
    }

    fn values_come_in_and_leave_as_they_should(version: Version) {
        for vector in vectors(include_str!("../vectors/calls.json")) {
            for mut lua in instances(version, &vector) {
                assert!(lua.run(text(&vector, "define")).answer >= 0);
                let run = lua.call_function(&unhex(text(&vector, "arguments")));
                compare(text(&vector, "name"), &vector, &run);
            }
        }
    }

    fn malformed_data_is_refused(version: Version) {
        for vector in vectors(include_str!("../vectors/malformed.json")) {
            for mut lua in instances(version, &vector) {
                assert_eq!(lua.run("return host.call('x')").status(), status::YIELD);
                let waiting = lua.task();
                let run = lua.call_function(&unhex(text(&vector, "arguments")));
                compare(text(&vector, "name"), &vector, &run);
                assert_eq!(lua.run("return 2+2").result, [0x91, 4]);
                assert_eq!(lua.resume(waiting, &[0x91, 5]).result, [0x91, 5], "a refusal loses nothing");
            }
        }
    }

    fn conversations_go_as_they_should(version: Version) {
        for vector in vectors(include_str!("../vectors/conversations.json")) {
            let steps = vector["steps"].as_array().expect("an array");
            assert!(!steps.is_empty());
            for mut lua in instances(version, &vector) {
                for (number, step) in (1..).zip(steps) {
                    let name = format!("{}, step {number}", text(&vector, "name"));
                    take(&mut lua, &name, step.as_object().expect("an object"));
                }
            }
        }
    }
}

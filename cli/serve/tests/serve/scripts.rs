//! Scripts that are run, and what is told of them.

use serde_json::{Value, json};

use crate::harness::Running;

#[test]
fn a_script_is_answered_with_all_that_it_did() {
    let server = Running::new(&[]);
    let answer = server.client.lua("print('hello') io.stderr:write('careful') return 1, 'two', {3}");
    assert_eq!(answer.values(), json!([1, "two", [3]]));
    let answer = answer.json();
    assert_eq!((&answer["output"], &answer["error_output"]), (&json!("hello\n"), &json!("careful")));
    assert_eq!(answer["output_truncated"], false);
    assert!(answer["fuel_used"].as_u64().unwrap() > 10);
    assert!(answer["memory_peak"].as_u64() >= answer["memory_used"].as_u64());
}

#[test]
fn an_error_names_its_place() {
    let server = Running::new(&[]);
    let request = json!({"code": "local function f()\n  error('no')\nend\nf()", "name": "shop.lua"});
    let answer = server.client.post("/api/lua", &request).json();
    assert_eq!(answer["ok"], false);
    let error = &answer["error"];
    assert_eq!(error["kind"], "runtime");
    assert_eq!(error["message"], "shop.lua:2: no");
    assert_eq!((&error["chunk"], &error["line"]), (&json!("shop.lua"), &json!(2)));
    assert!(error["traceback"].as_str().unwrap().contains("shop.lua:4: in main chunk"));
}

#[test]
fn each_script_has_random_numbers_of_its_own() {
    let server = Running::new(&[]);
    let random = || server.client.lua("return math.random(1, 1 << 60)").values();
    assert_ne!(random(), random());
}

fn error(server: &Running, code: &str) -> Value {
    let answer = server.client.lua(code);
    assert_eq!(answer.status, 200);
    answer.json()["error"].clone()
}

#[test]
fn each_end_has_its_kind() {
    let server = Running::new(&["--fuel", "10000000", "--memory", "2M"]);
    let kind = |code| error(&server, code)["kind"].as_str().map(String::from);
    assert_eq!(kind("return 1").as_deref(), None);
    assert_eq!(kind("return return").as_deref(), Some("syntax"));
    assert_eq!(kind("nothing()").as_deref(), Some("runtime"));
    assert_eq!(
        kind("local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end").as_deref(),
        Some("memory")
    );
    assert_eq!(kind("while true do end").as_deref(), Some("budget"));
    assert_eq!(error(&server, "os.exit(3)")["exit_code"], 3);
    assert_eq!(error(&server, "error({code = 7})")["value"], json!({"code": 7}));
}

#[test]
fn what_a_request_asks_for_holds_within_the_servers_limits() {
    let server = Running::new(&["--fuel", "100000000000", "--timeout", "1s"]);
    let run = |limits: Value| {
        let mut request = json!({"code": "while true do end"});
        request.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
        server.client.post("/api/lua", &request).json()
    };
    let answer = run(json!({"fuel": 1000}));
    assert_eq!(answer["error"]["kind"], "budget");
    assert!(answer["fuel_used"].as_u64().unwrap() < 100_000);
    assert_eq!(run(json!({"timeout_ms": 10}))["error"]["kind"], "timeout");
    assert_eq!(run(json!({"timeout_ms": 1_000_000_000}))["error"]["kind"], "timeout");
    let grow = json!({"code": "local t = {} for i = 1, 1e6 do t[i] = i end", "memory": 1 << 20});
    assert_eq!(server.client.post("/api/lua", &grow).json()["error"]["kind"], "memory");
}

#[test]
fn the_smallest_limits_end_a_script_and_are_no_fault_of_the_server() {
    let server = Running::new(&[]);
    server.client.create("s");
    for limits in [json!({"fuel": 1}), json!({"memory": 1}), json!({"fuel": 1, "memory": 1, "timeout_ms": 1})]
    {
        for place in [json!({}), json!({"session": "s"}), json!({"session": "s", "input": "text"})] {
            let mut request = json!({"code": "print('hello') return 1 + 1"});
            for more in [&limits, &place] {
                request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            }
            let answer = server.client.post("/api/lua", &request);
            assert_eq!(answer.status, 200, "{request}");
            assert!(limits["fuel"].is_null() || answer.json()["ok"] == false, "{request}");
        }
    }
    assert_eq!(server.client.session("s", "return 2 + 2").values(), json!([4]));
}

#[test]
fn output_beyond_the_limit_is_dropped_and_told() {
    let server = Running::new(&["--output", "1K"]);
    let answer = server.client.lua("for i = 1, 1000 do print(i) end return 'end'");
    assert_eq!(answer.values(), json!(["end"]));
    let answer = answer.json();
    assert_eq!(answer["output"].as_str().unwrap().len(), 1024);
    assert_eq!(answer["output_truncated"], true);
}

#[test]
fn a_result_beyond_the_limit_is_an_error() {
    let server = Running::new(&["--result", "1K"]);
    assert_eq!(error(&server, "return ('x'):rep(2000)")["kind"], "runtime");
}

#[test]
fn both_versions_are_there() {
    let server = Running::new(&[]);
    let version =
        |lua: &str| server.client.post("/api/lua", &json!({"code": "return _VERSION", "lua": lua})).values();
    assert_eq!((version("5.4"), version("5.5")), (json!(["Lua 5.4"]), json!(["Lua 5.5"])));
}

#[test]
fn standard_input_is_what_the_request_brings() {
    let server = Running::new(&[]);
    let request = json!({"code": "return io.read('n', 'l', 'l')", "input": "12 a\nb"});
    assert_eq!(server.client.post("/api/lua", &request).values(), json!([12, " a", "b"]));
    assert_eq!(server.client.lua("return io.read()").values(), json!([null]));
}

#[test]
fn states_of_requests_have_nothing_of_each_other() {
    let server = Running::new(&[]);
    server.client.lua("x = 1 io.open('file', 'w'):write('secret'):close() string.rep = nil").values();
    let look = "return x, (io.open('file')), type(string.rep)";
    assert_eq!(server.client.lua(look).values(), json!([null, null, "function"]));
}

/// The events of a stream: their names and data.
fn events(text: &str) -> Vec<(String, Value)> {
    let event = |event: &str| {
        let mut lines = event.lines();
        let name = lines.next().unwrap().strip_prefix("event: ").unwrap();
        let data = lines.next().unwrap().strip_prefix("data: ").unwrap();
        (name.to_string(), serde_json::from_str(data).unwrap())
    };
    text.split_terminator("\n\n").filter(|text| *text != ":").map(event).collect()
}

#[test]
fn a_stream_has_output_as_it_comes_and_then_the_answer() {
    let server = Running::new(&[]);
    let code = "for i = 1, 3 do print(i) for _ = 1, 300000 do end end io.stderr:write('!') return 'end'";
    let headers = [("Content-Type", "application/json"), ("Accept", "text/event-stream")];
    let body = json!({"code": code}).to_string();
    let answer = server.client.request("POST", "/api/lua", &headers, body.as_bytes());
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    let events = events(answer.text());
    let (last, pieces) = events.split_last().unwrap();
    assert_eq!((last.0.as_str(), &last.1["values"]), ("answer", &json!(["end"])));
    let text = |name: &str| -> String {
        pieces.iter().filter(|piece| piece.0 == name).map(|piece| piece.1["text"].as_str().unwrap()).collect()
    };
    assert_eq!((text("output").as_str(), text("error_output").as_str()), ("1\n2\n3\n", "!"));
    assert!(pieces.len() > 2, "it came in pieces: {pieces:?}");
    assert_eq!(last.1["output"], "");
}

#[test]
fn a_refused_stream_is_a_problem_as_any_other() {
    let server = Running::new(&[]);
    let headers = [("Content-Type", "application/json"), ("Accept", "text/event-stream")];
    let answer = server.client.request("POST", "/api/lua", &headers, br#"{"code":"","session":"none"}"#);
    assert_eq!(answer.problem(), (404, "unknown_session".into()));
}

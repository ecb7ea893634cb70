//! Requests that are wrong: each has its answer, and the server goes on.

use std::io::Write;

use serde_json::json;

use crate::harness::{Running, read};

const JSON: (&str, &str) = ("Content-Type", "application/json");

#[test]
fn what_is_no_json_says_so() {
    let server = Running::new(&[]);
    for body in ["", "{", "lua", "{\"code\": \"\\x\"}", "\u{feff}{}"] {
        let answer = server.client.request("POST", "/api/lua", &[JSON], body.as_bytes());
        assert_eq!(answer.problem(), (400, "not_json".into()), "{body}");
    }
    let answer = server.client.request("POST", "/api/lua", &[JSON], b"{\"code\": \"\xff\"}");
    assert_eq!(answer.problem(), (400, "not_json".into()));
    let deep = "[".repeat(100_000);
    assert_eq!(server.client.request("POST", "/api/lua", &[JSON], deep.as_bytes()).status / 100, 4);
    assert_eq!(server.client.lua("return 1").values(), json!([1]));
}

#[test]
fn other_json_than_is_asked_for_says_so() {
    let server = Running::new(&[]);
    for body in [
        json!({}),
        json!([]),
        json!({"code": 1}),
        json!({"code": "", "sesion": "x"}),
        json!({"code": "", "lua": "5.3"}),
        json!({"code": "", "fuel": -1}),
        json!({"code": "", "fuel": 0}),
        json!({"code": "", "memory": 1.5}),
        json!({"code": "", "name": "x".repeat(201)}),
    ] {
        let answer = server.client.post("/api/lua", &body);
        assert_eq!(answer.problem(), (422, "wrong_fields".into()), "{body}");
    }
}

#[test]
fn another_type_than_json_is_refused() {
    let server = Running::new(&[]);
    // Pages of other origins can send these types without asking.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""] {
        let answer = server.client.request("POST", "/api/lua", &[("Content-Type", kind)], b"{\"code\":\"\"}");
        assert_eq!(answer.problem(), (415, "not_json_type".into()), "{kind}");
    }
    let kind = ("Content-Type", "application/json; charset=utf-8");
    assert_eq!(server.client.request("POST", "/api/lua", &[kind], b"{\"code\":\"\"}").status, 200);
}

#[test]
fn a_hundred_megabytes_of_code_are_refused_and_told() {
    let server = Running::new(&[]);
    let code = "-".repeat(100_000_000);
    assert_eq!(server.client.lua(&code).problem(), (413, "body_too_large".into()));
    // Without a length, too.
    let mut stream =
        server.client.begin("POST", "/api/lua", &[JSON, ("Transfer-Encoding", "chunked")], b"").unwrap();
    let piece = "-".repeat(1 << 20);
    for _ in 0..3 {
        write!(stream, "{:x}\r\n{piece}\r\n", piece.len()).unwrap();
    }
    write!(stream, "0\r\n\r\n").unwrap();
    assert_eq!(read(stream).unwrap().problem(), (413, "body_too_large".into()));
    // Who asks first need not send it.
    let asks = [JSON, ("Content-Length", "100000000"), ("Expect", "100-continue")];
    let stream = server.client.begin("POST", "/api/lua", &asks, b"").unwrap();
    assert_eq!(read(stream).unwrap().problem(), (413, "body_too_large".into()));
    assert_eq!(server.client.lua("return 1").values(), json!([1]));
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let server = Running::new(&["--body-time", "100ms"]);
    for headers in [("Content-Length", "1000"), ("Transfer-Encoding", "chunked")] {
        let begun = if headers.0 == "Content-Length" { "{\"code\":" } else { "8\r\n{\"code\":\r\n" };
        let stream = server.client.begin("POST", "/api/lua", &[JSON, headers], begun.as_bytes()).unwrap();
        assert_eq!(read(stream).unwrap().problem(), (408, "body_slow".into()));
    }
    assert_eq!(server.client.lua("return 1").values(), json!([1]));
}

#[test]
fn a_connection_that_ends_early_leaves_nothing() {
    let server = Running::new(&[]);
    for _ in 0..20 {
        let headers = [JSON, ("Content-Length", "1000")];
        drop(server.client.begin("POST", "/api/lua", &headers, b"{\"code\":").unwrap());
    }
    assert_eq!(server.client.lua("return 1").values(), json!([1]));
    crate::harness::until("only this connection is left", || {
        server.client.metric("moonlet_connections") <= 1.0
    });
}

#[test]
fn what_is_no_http_is_refused() {
    let server = Running::new(&[]);
    let mut stream = std::net::TcpStream::connect(server.client.0).unwrap();
    stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n").unwrap();
    let answer = read(stream);
    assert!(answer.is_err() || answer.unwrap().status == 400);
    assert_eq!(server.client.lua("return 1").values(), json!([1]));
}

#[test]
fn unknown_paths_methods_and_sessions_say_so() {
    let server = Running::new(&[]);
    assert_eq!(server.client.get("/api/nothing").problem(), (404, "no_path".into()));
    let answer = server.client.get("/api/lua");
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    assert_eq!(server.client.session("none", "").problem(), (404, "unknown_session".into()));
    assert_eq!(server.client.get("/api/sessions/none").problem(), (404, "unknown_session".into()));
    assert_eq!(server.client.get("/api/sessions/none/snapshot").problem(), (404, "unknown_session".into()));
    assert_eq!(server.client.delete("/api/sessions/none").problem(), (404, "unknown_session".into()));
    for name in ["%20", "a%2Fb", ".x", "%ff"] {
        let status = server.client.get(&format!("/api/sessions/{name}")).problem().0;
        assert!(matches!(status, 400 | 422), "{name}: {status}");
    }
    assert_eq!(server.client.session("a b", "").problem(), (422, "wrong_name".into()));
}

#[test]
fn code_that_is_binary_or_empty_is_a_script_as_any_other() {
    let server = Running::new(&[]);
    assert_eq!(server.client.lua("").values(), json!([]));
    assert_eq!(server.client.lua("return '\0\\0'").values(), json!(["\0\0"]));
    let dump = server.client.lua("\u{1b}Lua rest");
    assert_eq!(dump.json()["error"]["kind"], "syntax");
}

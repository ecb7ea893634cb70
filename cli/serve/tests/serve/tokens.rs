//! Tokens, and pages of other origins.

use serde_json::json;

use crate::harness::{Answer, Folder, Process, Running};

const ADA: &str = "ada-0123456789abcdef";
const BOB: &str = "bob-0123456789abcdef";

fn ask(server: &Running, token: &str, path: &str, body: &serde_json::Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("Content-Type", "application/json"), ("Authorization", bearer.as_str())];
    server.client.request("POST", path, &headers, body.to_string().as_bytes())
}

#[test]
fn only_who_bears_a_token_is_let_in() {
    let folder = Folder::new();
    let tokens = folder.write("tokens", &format!("# name token\n\nada {ADA}\n"));
    let server = Running::new(&["--tokens", &tokens]);
    assert_eq!(ask(&server, ADA, "/api/lua", &json!({"code": "return 1"})).values(), json!([1]));
    let refused = server.client.lua("return 1");
    assert_eq!(refused.problem(), (401, "token_missing".into()));
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    for wrong in [BOB, "", "ada"] {
        assert_eq!(
            ask(&server, wrong, "/api/lua", &json!({"code": ""})).problem(),
            (401, "token_wrong".into())
        );
    }
    assert_eq!(server.client.get("/metrics").problem(), (401, "token_missing".into()));
    assert_eq!(server.client.get("/api/nothing").problem(), (401, "token_missing".into()));
    for open in ["/healthz", "/readyz", "/", "/api/openapi.json"] {
        assert_eq!(server.client.get(open).status, 200, "{open}");
    }
}

#[test]
fn sessions_are_of_the_token_that_made_them() {
    let folder = Folder::new();
    let tokens = folder.write("tokens", &format!("ada {ADA}\nbob {BOB}\n"));
    let server = Running::new(&["--tokens", &tokens]);
    let run = |token, code: &str| ask(&server, token, "/api/lua", &json!({"code": code, "session": "s"}));
    assert_eq!(ask(&server, ADA, "/api/sessions", &json!({"name": "s"})).status, 201);
    run(ADA, "x = 'hers'").values();
    assert_eq!(run(BOB, "return x").problem(), (404, "unknown_session".into()));
    assert_eq!(ask(&server, BOB, "/api/sessions", &json!({"name": "s"})).status, 201);
    assert_eq!(run(BOB, "return x").values(), json!([null]));
    assert_eq!(run(ADA, "return x").values(), json!(["hers"]));
}

#[test]
fn a_file_of_tokens_that_is_wrong_says_where() {
    let folder = Folder::new();
    let start = |text: &str| {
        let tokens = folder.write("tokens", text);
        let ended = Process::new(&folder.file("sessions.db"), &["--tokens", &tokens]).err().unwrap();
        assert_eq!(ended.status.code(), Some(1));
        ended.log
    };
    assert!(start("").contains("has no token"));
    assert!(start("# nothing\nada\n").contains("tokens:2: write a name"));
    assert!(start("ada short\n").contains("tokens:1: the token of ada is shorter"));
    assert!(start(&format!("ada {ADA}\nbob {ADA}\n")).contains("tokens:2: two names"));
    let ended = Process::new(&folder.file("sessions.db"), &["--tokens", &folder.file("none")]).err().unwrap();
    assert!(ended.log.contains("cannot be read"), "{}", ended.log);
}

fn preflight(server: &Running, origin: &str) -> Answer {
    let headers = [
        ("Origin", origin),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "content-type"),
    ];
    server.client.request("OPTIONS", "/api/lua", &headers, b"")
}

#[test]
fn pages_of_other_origins_are_let_in_only_when_named() {
    let allowed = "access-control-allow-origin";
    let server = Running::new(&[]);
    assert_eq!(preflight(&server, "https://example.org").header(allowed), None);
    let server = Running::new(&["--cors", "https://example.org"]);
    assert_eq!(preflight(&server, "https://example.org").header(allowed), Some("https://example.org"));
    assert_eq!(preflight(&server, "https://example.com").header(allowed), None);
    let server = Running::new(&["--cors", "*"]);
    assert_eq!(preflight(&server, "https://example.com").header(allowed), Some("*"));
    let folder = Folder::new();
    let ended = Process::new(&folder.file("sessions.db"), &["--cors", "example.org"]).err().unwrap();
    assert!(ended.log.contains("write an origin"), "{}", ended.log);
}

#[test]
fn a_page_cannot_pass_for_this_machine_by_a_name_of_its_own() {
    let ask = |server: &Running, host: &str| {
        let headers = [("Host", host), ("Content-Type", "application/json")];
        server.client.request("POST", "/api/lua", &headers, b"{\"code\":\"\"}")
    };
    let server = Running::new(&[]);
    assert_eq!(ask(&server, "rebound.example.org").problem(), (403, "wrong_host".into()));
    assert_eq!(ask(&server, "localhost:1").status, 200);
    let server = Running::new(&["--forwarded"]);
    assert_eq!(ask(&server, "lua.example.org").status, 200);
}

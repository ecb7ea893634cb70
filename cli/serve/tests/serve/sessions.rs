//! Sessions: states that are kept.

use moonlet::Lua;
use serde_json::json;

use crate::harness::{Folder, Process, Running, until};

#[test]
fn a_session_keeps_its_state() {
    let server = Running::new(&[]);
    server.client.create("s");
    server
        .client
        .session("s", "x = 1 f = function() return x end io.open('a', 'w'):write('file'):close()")
        .values();
    let answer = server.client.session("s", "x = x + 1 return f(), io.open('a'):read('a')");
    assert_eq!(answer.values(), json!([2, "file"]));
    assert_eq!(answer.json()["session"], json!({"name": "s", "version": 2, "kept": true}));
    assert_eq!(server.client.lua("return x").values(), json!([null]));
}

#[test]
fn sessions_outlive_the_server() {
    let folder = Folder::new();
    let database = folder.file("sessions.db");
    let server = Process::new(&database, &[]).ok().unwrap();
    server.client.create("s");
    server
        .client
        .session("s", "co = coroutine.wrap(function() for i = 1, 9 do coroutine.yield(i) end end) co()")
        .values();
    server.signal("TERM");
    assert!(server.wait().status.success());
    let server = Process::new(&database, &[]).ok().unwrap();
    assert_eq!(server.client.session("s", "return co()").values(), json!([2]));
}

#[test]
fn a_session_is_made_once_and_of_a_version() {
    let server = Running::new(&[]);
    let answer = server.client.post("/api/sessions", &json!({"name": "s", "lua": "5.5"}));
    assert_eq!((answer.status, answer.header("location")), (201, Some("/api/sessions/s")));
    assert_eq!(
        server.client.post("/api/sessions", &json!({"name": "s"})).problem(),
        (409, "session_exists".into())
    );
    assert_eq!(server.client.session("s", "return _VERSION").values(), json!(["Lua 5.5"]));
    let other = json!({"code": "", "session": "s", "lua": "5.4"});
    assert_eq!(server.client.post("/api/lua", &other).problem(), (409, "session_lua".into()));
    let session = server.client.get("/api/sessions/s").json();
    assert_eq!((&session["lua"], &session["version"]), (&json!("5.5"), &json!(1)));
    assert!(session["expires_ms"].as_i64() > session["used_ms"].as_i64());
    assert_eq!(server.client.delete("/api/sessions/s").status, 204);
    assert_eq!(server.client.session("s", "").problem(), (404, "unknown_session".into()));
}

#[test]
fn a_session_without_a_name_gets_one_that_cannot_be_guessed() {
    let server = Running::new(&[]);
    let name =
        || server.client.post("/api/sessions", &json!({})).json()["name"].as_str().unwrap().to_string();
    let names = [name(), name()];
    assert!(names.iter().all(|name| name.len() == 32));
    assert_ne!(names[0], names[1]);
}

#[test]
fn what_fails_keeps_what_it_did_until_then() {
    let server = Running::new(&["--fuel", "1000000"]);
    server.client.create("s");
    for code in ["x = 1 error('no')", "x = x + 1 while true do end", "x = x + 1 os.exit(1)"] {
        let answer = server.client.session("s", code).json();
        assert_eq!((&answer["ok"], &answer["session"]["kept"]), (&json!(false), &json!(true)));
    }
    assert_eq!(server.client.session("s", "return x").values(), json!([3]));
}

#[test]
fn requests_of_one_session_at_once_are_refused() {
    let server = Running::new(&["--fuel", "1000000000000", "--timeout", "60s"]);
    server.client.create("s");
    let body = json!({"code": "while true do end", "session": "s"}).to_string();
    let length = body.len().to_string();
    let headers = [("Content-Type", "application/json"), ("Content-Length", length.as_str())];
    let running = server.client.begin("POST", "/api/lua", &headers, body.as_bytes()).unwrap();
    until("it runs", || server.client.metric("moonlet_running") == 1.0);
    let answer = server.client.session("s", "return 1");
    assert_eq!(answer.problem(), (409, "session_busy".into()));
    assert!(answer.header("retry-after").is_some());
    assert_eq!(server.client.delete("/api/sessions/s").problem(), (409, "session_busy".into()));
    // When the client goes its script is ended, and the session is free, and as it was before.
    drop(running);
    until("the session is free", || server.client.session("s", "return 1").status == 200);
}

#[test]
fn sessions_expire_by_age() {
    let server = Running::new(&["--session-age", "300ms"]);
    server.client.create("s");
    server.client.session("s", "x = 1").values();
    until("it has expired", || server.client.get("/api/sessions/s").status == 410);
    assert_eq!(server.client.session("s", "return x").problem(), (410, "expired_session".into()));
    assert_eq!(server.client.get("/api/sessions/s/snapshot").problem(), (410, "expired_session".into()));
    server.client.create("s");
    assert_eq!(server.client.session("s", "return x").values(), json!([null]));
}

#[test]
fn sessions_expire_by_number_the_longest_unused_first() {
    let server = Running::new(&["--sessions", "3"]);
    for name in ["a", "b", "c"] {
        server.client.create(name);
        // Times are in milliseconds.
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    server.client.session("a", "x = 1").values();
    server.client.create("d");
    let status = |name: &str| server.client.get(&format!("/api/sessions/{name}")).status;
    assert_eq!(["a", "b", "c", "d"].map(status), [200, 410, 200, 200]);
}

#[test]
fn a_client_may_have_so_many_sessions() {
    let server = Running::new(&["--client-sessions", "2"]);
    server.client.create("a");
    server.client.create("b");
    let answer = server.client.post("/api/sessions", &json!({"name": "c"}));
    assert_eq!(answer.problem(), (429, "client_sessions".into()));
    assert!(answer.header("retry-after").is_some());
    server.client.delete("/api/sessions/a");
    server.client.create("c");
}

#[test]
fn a_state_that_is_too_large_is_not_kept_and_that_is_told() {
    let server = Running::new(&["--session-bytes", "100K"]);
    server.client.create("s");
    server.client.session("s", "x = 1").values();
    let grow = "x = 2 t = {} for i = 1, 50000 do t[i] = math.random(1 << 60) end";
    let answer = server.client.session("s", grow);
    answer.values();
    let session = &answer.json()["session"];
    assert_eq!((&session["kept"], &session["version"]), (&json!(false), &json!(1)));
    assert!(session["reason"].as_str().unwrap().contains("102400"));
    assert_eq!(server.client.session("s", "return x, t").values(), json!([1, null]));
}

#[test]
fn a_snapshot_goes_on_elsewhere() {
    let server = Running::new(&[]);
    server.client.create("s");
    assert_eq!(server.client.get("/api/sessions/s/snapshot").status, 204);
    server.client.session("s", "x = 'from the server'").values();
    let answer = server.client.get("/api/sessions/s/snapshot");
    assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
    let lua = Lua::builder().restore(&answer.body).unwrap();
    assert_eq!(lua.get::<String>("x").unwrap(), "from the server");
}

#[test]
fn functions_that_are_returned_do_not_pile_up() {
    let server = Running::new(&[]);
    server.client.create("s");
    let mut sizes = Vec::new();
    for _ in 0..40 {
        let answer = server.client.session("s", "return print, {function() end}, coroutine.create(print)");
        sizes.push(answer.json()["memory_used"].as_u64().unwrap());
    }
    let lua = Lua::builder().restore(&server.client.get("/api/sessions/s/snapshot").body).unwrap();
    assert_eq!(lua.stats().unwrap().handles, 0);
    assert!(sizes[39] < sizes[9] + 1000, "{sizes:?}");
}

#[test]
fn input_is_that_of_the_request_and_no_other() {
    let server = Running::new(&[]);
    server.client.create("s");
    let request = json!({"code": "return io.read('a')", "session": "s", "input": "given"});
    assert_eq!(server.client.post("/api/lua", &request).values(), json!(["given"]));
    assert_eq!(server.client.session("s", "return io.read('a')").values(), json!([""]));
    assert_eq!(server.client.post("/api/lua", &request).values(), json!(["given"]));
}

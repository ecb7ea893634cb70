//! Load and hostile scripts: each has its limit, and nobody suffers for another.

use std::thread;

use serde_json::json;

use crate::harness::{Running, read, until};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Begins a script and does not wait for it.
fn begin(server: &Running, code: &str) -> std::net::TcpStream {
    let body = json!({"code": code}).to_string();
    let length = body.len().to_string();
    server.client.begin("POST", "/api/lua", &[JSON, ("Content-Length", &length)], body.as_bytes()).unwrap()
}

#[test]
fn a_client_may_have_so_many_requests_in_progress() {
    let server = Running::new(&["--client-running", "2", "--fuel", "1000000000000", "--timeout", "60s"]);
    let held = [begin(&server, "while true do end"), begin(&server, "while true do end")];
    until("both run", || server.client.metric("moonlet_running") == 2.0);
    let answer = server.client.lua("return 1");
    assert_eq!(answer.problem(), (429, "client_running".into()));
    assert!(answer.header("retry-after").is_some());
    drop(held);
    until("they are ended", || server.client.metric("moonlet_running") == 0.0);
    assert_eq!(server.client.lua("return 1").values(), json!([1]));
}

#[test]
fn a_client_may_send_so_many_requests_in_a_second() {
    let server = Running::new(&["--client-rate", "1"]);
    let answers: Vec<_> = (0..20).map(|_| server.client.lua("")).collect();
    let refused = answers.iter().find(|answer| answer.status != 200).unwrap();
    assert_eq!(refused.problem(), (429, "client_rate".into()));
    assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(server.client.get("/healthz").status, 200);
}

#[test]
fn what_a_proxy_says_of_the_client_is_heeded_when_it_may_be() {
    let ask = |server: &Running, address: &str| {
        let headers = [JSON, ("X-Forwarded-For", address)];
        server.client.request("POST", "/api/lua", &headers, b"{\"code\":\"\"}").status
    };
    let server = Running::new(&["--client-rate", "1", "--forwarded"]);
    assert!((0..20).any(|_| ask(&server, "1.1.1.1, 10.0.0.1") == 429));
    assert_eq!(ask(&server, "1.1.1.1, 10.0.0.2"), 200);
    // What the client itself says does not give it another limit.
    assert!((0..20).all(|number| ask(&server, &format!("9.9.9.{number}, 10.0.0.1")) != 500));
    let server = Running::new(&["--client-rate", "1"]);
    assert!((0..20).any(|number| ask(&server, &format!("10.0.0.{number}")) == 429));
}

#[test]
fn overload_is_refused_and_not_queued_for_ever() {
    let options = ["--running", "1", "--queue", "1", "--wait", "200ms", "--client-running", "0"];
    let server = Running::new(&[&options[..], &["--fuel", "1000000000000", "--timeout", "60s"]].concat());
    let held = begin(&server, "while true do end");
    until("it runs", || server.client.metric("moonlet_running") == 1.0);
    let answers: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| server.client.lua("return 1"))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for answer in answers {
        assert_eq!(answer.problem(), (503, "overloaded".into()));
        assert!(answer.header("retry-after").is_some());
    }
    drop(held);
    until("there is a place again", || server.client.lua("return 1").status == 200);
}

#[test]
fn connections_beyond_the_limit_are_told_so() {
    let server = Running::new(&["--connections", "2"]);
    let idle: Vec<_> = (0..2).map(|_| std::net::TcpStream::connect(server.client.0).unwrap()).collect();
    // Connections are taken in their order.
    let answer = server.client.get("/healthz");
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    drop(idle);
    until("there is a place again", || {
        server.client.try_request("GET", "/healthz", &[], b"").is_ok_and(|answer| answer.status == 200)
    });
}

#[test]
fn a_client_may_have_so_many_connections() {
    let server = Running::new(&["--client-connections", "2"]);
    let idle: Vec<_> = (0..2).map(|_| std::net::TcpStream::connect(server.client.0).unwrap()).collect();
    assert_eq!(server.client.get("/healthz").status, 503);
    drop(idle);
    until("there is a place again", || {
        server.client.try_request("GET", "/healthz", &[], b"").is_ok_and(|answer| answer.status == 200)
    });
}

/// Scripts that try to keep the processor, each in another way.
const HOSTILE: &[&str] = &[
    "while true do end",
    "while true do pcall(error) end",
    "local t = setmetatable({}, {__gc = function() while true do end end}) t = nil collectgarbage()",
    "coroutine.wrap(function() while true do end end)()",
    "string.rep('x', 1 << 24)",
    "local s = ('a'):rep(1000) return s:find(('.-'):rep(20) .. 'b')",
    "local t = {} while true do t[#t + 1] = ('x'):rep(10000) .. #t end",
    "return select('#', table.unpack({}, 1, 1e6))",
    "local function f() return f() end f()",
    "table.sort(setmetatable({}, {__len = function() return 1e6 end, __index = function() return 1 end}))",
    "for i = 1, 1e9 do print(i) end",
    "local f <close> = setmetatable({}, {__close = function() while true do end end}) while true do end",
];

#[test]
fn hostile_scripts_are_ended_and_the_good_are_answered_meanwhile() {
    let server = Running::new(&["--client-running", "0", "--timeout", "2s", "--fuel", "1000000000"]);
    thread::scope(|scope| {
        let hostile: Vec<_> =
            HOSTILE.iter().map(|code| scope.spawn(move || (code, server.client.lua(code)))).collect();
        for number in 0..50 {
            assert_eq!(server.client.lua(&format!("return {number}")).values(), json!([number]));
        }
        for thread in hostile {
            let (code, answer) = thread.join().unwrap();
            assert_eq!(answer.status, 200, "{code}: {}", answer.text());
        }
    });
    until("nothing is left", || server.client.metric("moonlet_running") == 0.0);
}

#[test]
fn a_script_whose_client_has_gone_is_ended() {
    let server = Running::new(&["--fuel", "1000000000000", "--timeout", "60s"]);
    let plain = begin(&server, "while true do end");
    let body = json!({"code": "print(1) while true do end"}).to_string();
    let length = body.len().to_string();
    let headers = [JSON, ("Accept", "text/event-stream"), ("Content-Length", length.as_str())];
    let streamed = server.client.begin("POST", "/api/lua", &headers, body.as_bytes()).unwrap();
    until("both run", || server.client.metric("moonlet_running") == 2.0);
    drop((plain, streamed));
    until("both are ended", || server.client.metric("moonlet_running") == 0.0);
}

#[test]
fn a_request_that_was_begun_before_others_is_answered_after_them_and_whole() {
    let server = Running::new(&["--threads", "1"]);
    let long = begin(&server, "local n = 0 for i = 1, 2e7 do n = n + i % 3 end return n");
    for number in 0..20 {
        assert_eq!(server.client.lua(&format!("return {number}")).values(), json!([number]));
    }
    assert_eq!(read(long).unwrap().values(), json!([20_000_001]));
}

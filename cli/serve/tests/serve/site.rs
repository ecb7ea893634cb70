//! The pages, the description of the API, and the figures.

use std::collections::BTreeSet;

use serde_json::json;

use crate::harness::Running;

#[test]
fn the_page_has_its_headers() {
    let server = Running::new(&[]);
    let answer = server.client.get("/");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(answer.text().contains("Moonlet"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("'wasm-unsafe-eval'"));
    assert!(!policy.contains("unsafe-inline"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(server.client.get("/nothing").status, 404);
    assert_eq!(server.client.get("/../Cargo.toml").status, 404);
    assert_eq!(server.client.request("POST", "/", &[], b"").status, 405);
}

#[test]
fn files_are_known_again_and_packed() {
    let server = Running::new(&[]);
    let plain = server.client.get("/");
    let Some(tag) = plain.header("etag") else {
        // It was built without the playground, which the page says.
        assert!(plain.text().contains("make web"));
        return;
    };
    let again = server.client.request("GET", "/", &[("If-None-Match", tag)], b"");
    assert_eq!((again.status, again.body.len()), (304, 0));
    let packed = server.client.request("GET", "/", &[("Accept-Encoding", "br, gzip")], b"");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < plain.body.len());
    assert_eq!(plain.header("cache-control"), Some("no-cache"));
}

#[test]
fn the_description_is_of_openapi_3_1_and_whole() {
    let server = Running::new(&[]);
    let description = server.client.get("/api/openapi.json").json();
    assert_eq!(description["openapi"], "3.1.0");
    let paths: BTreeSet<&str> =
        description["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = ["/api/lua", "/api/sessions", "/api/sessions/{name}", "/api/sessions/{name}/snapshot"];
    assert_eq!(paths, expected.into());
}

#[test]
fn figures_are_those_of_what_happened() {
    let server = Running::new(&[]);
    server.client.lua("return 1").values();
    server.client.lua("error()");
    server.client.lua("").values();
    server.client.session("none", "");
    assert_eq!(server.client.metric("moonlet_scripts_total{outcome=\"ok\"}"), 2.0);
    assert_eq!(server.client.metric("moonlet_scripts_total{outcome=\"runtime\"}"), 1.0);
    assert_eq!(server.client.metric("moonlet_refused_total{code=\"unknown_session\"}"), 1.0);
    assert_eq!(server.client.metric("moonlet_database_up"), 1.0);
    assert!(server.client.metric("moonlet_fuel_total") > 0.0);
    // Names in paths are no labels of their own.
    for name in ["a", "b", "c"] {
        server.client.get(&format!("/api/sessions/{name}"));
        server.client.get(&format!("/{name}"));
    }
    let text = server.client.get("/metrics").text().to_string();
    assert!(text.contains("path=\"/api/sessions/{name}\"") && !text.contains("path=\"/a\""), "{text}");
    assert_eq!(server.client.lua("return 1").values(), json!([1]));
}

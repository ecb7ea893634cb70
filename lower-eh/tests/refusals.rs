//! What cannot be lowered is refused, and the message says where it stands and what it is.

use lower_eh::{Error, Options, lower};

/// Lowers a module in text and expects the message to hold all of these pieces.
#[track_caller]
fn refused(wat: &str, pieces: &[&str]) {
    let wasm = wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}"));
    let error = match lower(&wasm, &Options::default()) {
        Ok(_) => panic!("lowered: {wat}"),
        Err(error @ Error::Refused(_)) => error.to_string(),
        Err(error) => panic!("not a refusal: {error}"),
    };
    assert!(error.contains(" at byte 0x"), "no offset: {error}");
    for piece in pieces {
        assert!(error.contains(piece), "no {piece:?} in: {error}");
    }
}

#[track_caller]
fn accepted(wat: &str) {
    let wasm = wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}"));
    if let Err(error) = lower(&wasm, &Options::default()) {
        panic!("{error}");
    }
}

#[test]
fn legacy_exceptions() {
    refused(
        "(module (tag $t) (func $old try throw $t catch $t end))",
        &["function 0 \"old\"", "`try`", "legacy", "final proposal"],
    );
    refused(
        "(module (tag $t) (func) (func $old try catch_all rethrow 0 end))",
        &["function 1 \"old\"", "`try`"],
    );
    refused("(module (func try try delegate 0 end))", &["function 0:", "`try`"]);
}

#[test]
fn imported_and_exported_tags() {
    refused(r#"(module (import "env" "t" (tag)))"#, &["imported tag", r#"(import "env" "t")"#, "link"]);
    refused(r#"(module (tag (export "t")))"#, &["tag 0", r#"(export "t")"#, "do not export"]);
}

#[test]
fn exnref_where_the_host_sees_it() {
    refused(
        r#"(module (func $f (export "g") (param exnref)))"#,
        &["function 0 \"f\"", r#"(export "g")"#, "several plain values"],
    );
    refused(r#"(module (func $f (export "g") (result exnref) unreachable))"#, &["function 0 \"f\""]);
    refused(
        r#"(module (import "a" "b" (func $f)) (import "a" "c" (func $g (param i32 (ref exn)))))"#,
        &["function 1 \"g\"", r#"(import "a" "c")"#],
    );
    refused(r#"(module (global (export "g") exnref (ref.null exn)))"#, &["global 0", r#"(export "g")"#]);
    refused(r#"(module (import "a" "b" (global exnref)))"#, &["imported global", r#"(import "a" "b")"#]);
}

#[test]
fn exnref_in_one_element() {
    refused("(module (table 1 exnref))", &["a table", "`exnref`", "local or a global"]);
    refused("(module (elem exnref (ref.null exn)))", &["element segment"]);
    refused("(module (type (struct (field i32) (field exnref))))", &["type 0", "(field exnref)"]);
    refused("(module (type (func)) (type (array exnref)))", &["type 1", "(array exnref)"]);
    refused("(module (tag (param i32)) (tag (param exnref)))", &["tag 1", "no fixed size"]);
}

#[test]
fn casts_of_exnref() {
    refused(
        "(module (func $f (param exnref) (result i32) (ref.test (ref exn) (local.get 0))))",
        &["function 0 \"f\"", "`ref.test`", "ref.is_null"],
    );
    refused(
        "(module (func $f (param exnref) (drop (ref.cast (ref exn) (local.get 0)))))",
        &["function 0 \"f\"", "`ref.cast`"],
    );
    refused(
        "(module (func $f (param exnref) (result exnref) (br_on_cast 0 exnref (ref exn) (local.get 0))))",
        &["function 0 \"f\"", "`br_on_cast`"],
    );
}

#[test]
fn results_without_a_default() {
    let body = "(if (local.get 0) (then (throw $t))) (ref.func $f)";
    refused(
        &format!("(module (tag $t) (func $f (param i32) (result (ref func)) {body}) (elem declare func $f))"),
        &["function 0 \"f\"", "(result (ref func))", "nullable"],
    );
    // Without a throw of its own the type is no hindrance.
    accepted(
        "(module (tag $t) (elem declare func $f)
           (func $f (param i32) (result (ref func))
             (block $h (try_table (catch_all $h) (throw $t)))
             (ref.func $f)))",
    );
}

#[test]
fn throwing_functions_in_tables_of_the_host() {
    let throws = "(tag $t) (func $f (throw $t)) (func $calm)";
    refused(
        &format!(r#"(module {throws} (table (export "t") 1 funcref) (elem (i32.const 0) func $f))"#),
        &["function 0 \"f\"", "(elem (table 0))", "--export-table"],
    );
    refused(
        &format!(r#"(module (import "a" "t" (table 1 funcref)) {throws} (elem (i32.const 0) func $f))"#),
        &["function 0 \"f\"", "(elem (table 0))"],
    );
    accepted(&format!(r#"(module {throws} (table (export "t") 1 funcref) (elem (i32.const 0) func $calm))"#));
    accepted(&format!("(module {throws} (table 1 funcref) (elem (i32.const 0) func $f))"));
}

#[test]
fn throwing_functions_written_to_where_the_host_sees_them() {
    let throws = "(tag $t) (func $f (throw $t)) (elem declare func $f)";
    refused(
        &format!(
            r#"(module {throws} (table $x (export "x") 1 funcref)
                 (func $put (table.set $x (i32.const 0) (ref.func $f))))"#
        ),
        &["function 1 \"put\"", "`table.set`", "function 0 \"f\""],
    );
    refused(
        &format!(
            r#"(module {throws} (global $x (export "x") (mut funcref) (ref.null func))
                 (func $put (global.set $x (ref.func $f))))"#
        ),
        &["function 1 \"put\"", "`global.set`", "function 0 \"f\""],
    );
    refused(
        &format!(r#"(module {throws} (global $x (export "x") funcref (ref.func $f)))"#),
        &["function 0 \"f\"", "(global 0)"],
    );
    accepted(&format!(
        r#"(module {throws} (global $x (export "x") (mut i32) (i32.const 0))
             (func $put (global.set $x (ref.is_null (ref.func $f)))))"#
    ));
}

#[test]
fn types_that_would_become_equal() {
    refused(
        "(module (type $a (func (param exnref))) (type $b (func (param i32))) (table 2 funcref)
           (elem (i32.const 0) func $f) (func $f (type $b))
           (func $calls (call_indirect (type $a) (ref.null exn) (i32.const 0))))",
        &["function 1 \"calls\"", "`call_indirect`", "function 0 \"f\"", "another parameter"],
    );
}

#[test]
fn stack_switching() {
    refused(
        "(module (type $f (func)) (tag $t) (func $s (suspend $t)))",
        &["function 0 \"s\"", "`suspend`", "stack switching"],
    );
    refused("(module (type $f (func)) (type $c (cont $f)))", &["type 1", "(cont)", "stack switching"]);
}

#[test]
fn object_files() {
    refused(r#"(module (@custom "linking" "\02"))"#, &["the module", "linking", "link it first"]);
}

#[test]
fn components_and_damaged_modules_are_not_valid() {
    let invalid = |bytes: &[u8]| match lower(bytes, &Options::default()) {
        Err(error @ Error::Invalid { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(invalid(b"\0asm\x0d\0\x01\0").contains("component"));
    assert!(invalid(b"not wasm at all").contains("at byte 0x0"));
    assert!(invalid(b"").contains("not a valid"));
    let wasm = wat::parse_str("(module (tag $t) (func (throw $t)))").expect("a module");
    for length in 0..wasm.len() {
        // A cut between two sections can leave a valid module; any other is an error and never a panic.
        let _ = lower(&wasm[..length], &Options::default());
    }
    let mistyped = wat::parse_str("(module (func (result i32) (f32.const 1)))").expect("a module");
    assert!(invalid(&mistyped).contains("type mismatch"));
}

#[test]
fn casts_between_types_that_would_become_equal() {
    let types = "(type $a (func (param exnref))) (type $b (func (param i32)))";
    let body = "(func $f (type $b)) (elem declare func $f)";
    refused(
        &format!("(module {types} {body} (func $asks (drop (ref.test (ref $a) (ref.func $f)))))")
            .replace("(ref.func $f)", "(block (result funcref) (ref.func $f))"),
        &["function 1 \"asks\"", "`ref.test`", "function 0 \"f\""],
    );
    // A subtype is rightly taken for its supertype.
    accepted(
        "(module (type $a (sub (func (param exnref)))) (type $b (sub $a (func (param exnref)))) (table 1 funcref)
           (elem (i32.const 0) func $f) (func $f (type $b))
           (func (call_indirect (type $a) (ref.null exn) (i32.const 0))))",
    );
}

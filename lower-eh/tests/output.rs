//! What the output module is made of: names, custom sections, added globals, equal bytes for equal input.

use lower_eh::{Options, Report, lower};

fn lowered(wat: &str, compare_switches: bool) -> (String, Report) {
    let wasm = wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}"));
    let (output, report) =
        lower(&wasm, &Options { compare_switches }).unwrap_or_else(|error| panic!("{error}"));
    (wasmprinter::print_bytes(output).expect("a valid module"), report)
}

const EXAMPLE: &str = r#"(module
  (tag $t (param i32 f64))
  (tag $u (param f64 (ref func)))
  (global $own (mut i32) (i32.const 5))
  (func $raise (param $code i32) (throw $t (local.get $code) (f64.const 1)))
  (func $calm (param $x i32) (result i32) (local.get $x))
  (func $run (export "run") (param $x i32) (result i32)
    (call $raise (call $calm (local.get $x)))
    (i32.const 1)))"#;

#[test]
fn names_and_globals() {
    let (text, report) = lowered(EXAMPLE, false);
    for piece in [
        "(global $own (;0;) (mut i32) i32.const 5)",
        "(global $unwinding (;1;) (mut i32) i32.const 0)",
        "(global $payload.0 (;2;) (mut i32) i32.const 0)",
        "(global $payload.1 (;3;) (mut f64) f64.const 0x0p+0 (;=0;))",
        "(global $payload.2 (;4;) (mut funcref) ref.null func)",
        "(func $raise (;0;) (type ",
        "(param $code i32)",
        "(func $run.uncaught_traps (;3;)",
        "(export \"run\" (func $run.uncaught_traps))",
    ] {
        assert!(text.contains(piece), "no {piece} in {text}");
    }
    assert!(!text.contains("(tag") && !text.contains("throw"), "{text}");
    let expected =
        Report { functions: 3, may_throw: 2, call_sites: 1, try_tables: 0, throws: 1, switches: 0 };
    assert_eq!(report, expected);
}

#[test]
fn a_module_without_exceptions_keeps_its_bytes() {
    let wasm = wat::parse_str(
        r#"(module $m (memory 1) (global (export "g") i32 (i32.const 3)) (table 1 funcref) (elem (i32.const 0) $f)
             (data (i32.const 0) "text") (@custom "anything" "kept") (@producers (language "Rust" "1"))
             (func $f (export "f") (param $x i32) (result i32)
               (block $b (br_table $b $b (local.get $x))) (unreachable) (i32.add)))"#,
    )
    .expect("a module");
    let (output, report) = lower(&wasm, &Options::default()).expect("nothing to refuse");
    assert_eq!(output, wasm);
    assert_eq!(report, Report { functions: 1, ..Report::default() });
}

#[test]
fn equal_input_gives_equal_bytes() {
    let wasm = wat::parse_str(EXAMPLE).expect("a module");
    let first = lower(&wasm, &Options::default()).expect("a module").0;
    assert_eq!(first, lower(&wasm, &Options::default()).expect("a module").0);
    // What comes out has nothing left to lower.
    assert_eq!(lower(&first, &Options::default()).expect("a module").0, first);
}

#[test]
fn modules_that_have_no_globals_get_them_in_the_right_place() {
    let (text, _) = lowered("(module (tag) (memory 1) (func (throw 0)) (data (i32.const 0) \"x\"))", false);
    assert!(text.contains("(global (;0;) (mut i32) i32.const 0)"), "{text}");
}

#[test]
fn target_features_lose_exceptions() {
    let features = r#"(@custom "target_features" "\02+\0amultivalue+\12exception-handling")"#;
    let wasm = wat::parse_str(format!("(module (tag $t) (func (throw $t)) {features})")).expect("a module");
    let output = lower(&wasm, &Options::default()).expect("a module").0;
    let has = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has(&wasm, "exception-handling") && !has(&output, "exception-handling"));
    assert!(has(&output, "\x01+\x0amultivalue"));
}

#[test]
fn sections_that_speak_of_code_offsets_go_if_code_moves() {
    let customs = r#"(@custom ".debug_line" "x") (@custom "sourceMappingURL" "x") (@custom "mine" "x")"#;
    let (text, _) = lowered(&format!("(module (tag $t) (func (throw $t)) {customs})"), false);
    assert!(
        !text.contains("debug_line") && !text.contains("sourceMapping") && text.contains("mine"),
        "{text}"
    );
    let (text, _) = lowered(&format!("(module (func) {customs})"), false);
    assert!(text.contains("debug_line") && text.contains("sourceMapping"), "{text}");
}

#[test]
fn only_what_may_throw_is_looked_after() {
    let (_, report) = lowered(
        r#"(module (import "a" "b" (func $host)) (type $f (func)) (type $g (func (param i32)))
             (tag $t) (table 2 funcref) (elem (i32.const 0) $raise)
             (func $raise (throw $t))
             (func $calm (call $host) (call $safe) (call_indirect (type $g) (i32.const 0) (i32.const 0)) (nop))
             (func $safe (block $h (try_table (catch_all $h) (call $raise) (nop))))
             (func $indirect (call_indirect (type $f) (i32.const 0)) (nop))
             (func $passes_on (call $raise)))"#,
        false,
    );
    // Looked after: the calls in `safe` and `indirect`. Behind the one in `passes_on` the function ends anyway.
    let expected =
        Report { functions: 5, may_throw: 3, call_sites: 2, try_tables: 1, throws: 1, switches: 0 };
    assert_eq!(report, expected);
}

#[test]
fn switches_become_compares_when_asked() {
    let switch = |entries: &str| {
        format!(
            "(module (func (param i32) (block $d (block $b (block $a (br_table {entries} $d (local.get 0))) nop) nop)))"
        )
    };
    let two = switch("$a $d $d $d $b");
    let (text, report) = lowered(&two, true);
    assert_eq!(report.switches, 1);
    assert!(!text.contains("br_table") && text.contains("i32.eqz") && text.contains("i32.const 4"), "{text}");
    assert!(text.contains("(local i32)"), "{text}");
    assert!(lowered(&two, false).0.contains("br_table"));
    // One way needs no local, three ways stay a table.
    let (text, report) = lowered(&switch("$d $a"), true);
    assert!(!text.contains("(local") && report.switches == 1, "{text}");
    let (text, report) = lowered(&switch("$a $b $a"), true);
    assert!(text.contains("br_table") && report.switches == 0, "{text}");
}

#[test]
fn more_tags_than_a_word_has_bits() {
    let tags: String = (0..130).map(|tag| format!("(tag $t{tag} (param i32))")).collect();
    let throws: String = (0..130)
        .map(|tag| {
            format!("(if (i32.eq (local.get 0) (i32.const {tag})) (then (throw $t{tag} (i32.const {tag}))))")
        })
        .collect();
    let (text, report) = lowered(
        &format!(
            r#"(module {tags} (func $raise (param i32) {throws})
                 (func (export "f") (param i32) (result i32)
                   (block $h (result i32) (try_table (catch $t129 $h) (catch $t3 $h) (call $raise (local.get 0)))
                   (i32.const 0))))"#
        ),
        false,
    );
    assert_eq!(report.throws, 130);
    // All tags share one slot.
    assert_eq!(text.matches("(global ").count(), 2, "{text}");
}

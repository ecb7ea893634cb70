//! What a module answers does not change when it is split, however far.

use wasmi::{Engine, Linker, Module, Store, Val};

use super::{Limits, module};

/// A small machine: its program is bytes in memory, and its switch has every form of arm.
const MACHINE: &str = r#"
(module
  (memory (export "memory") 1)
  (global $calls (export "calls") (mut i32) (i32.const 0))
  (func $count (param i32) (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.mul (local.get 0) (i32.const 3)))
  (func (export "run") (param $pc i32) (param $fuel i32)
    (local $op i32) (local $a i64) (local $b i64) (local $x f64) (local $t i32)
    (local.set $a (i64.const 1))
    (block $leave
      (block $out
        (loop $next
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
          (br_if $leave (i32.lt_s (local.get $fuel) (i32.const 0)))
          (local.set $op (i32.load8_u (local.get $pc)))
          (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
          (block $shared
            (block $l15 (block $l14 (block $l13 (block $l12 (block $l11 (block $l10 (block $l9 (block $l8
            (block $l7 (block $l6 (block $l5 (block $l4 (block $l3 (block $l2 (block $l1 (block $l0
              (br_table $l0 $l1 $l2 $l3 $l4 $l5 $l6 $l7 $l8 $l9 $l10 $l11 $l12 $l13 $l14 $l15 $l3 $out $leave
                (i32.and (local.get $op) (i32.const 31))))
            ;; 0: only the place
            (local.set $pc (i32.add (local.get $pc) (i32.and (i32.load8_u (local.get $pc)) (i32.const 3))))
            (br $next))
            ;; 1: an i64
            (local.set $a (i64.add (i64.mul (local.get $a) (i64.const 31)) (local.get $b)))
            (br $next))
            ;; 2: falls through into 3
            (local.set $b (i64.xor (local.get $b) (i64.extend_i32_u (local.get $op)))))
            ;; 3: two of them, on one way only
            (if (i64.eqz (i64.and (local.get $a) (i64.const 1)))
              (then (local.set $b (local.get $a)) (br $next)))
            (local.set $a (i64.const 7))
            (br $next))
            ;; 4: a float
            (local.set $x (f64.add (local.get $x) (f64.convert_i64_s (local.get $a))))
            (br $next))
            ;; 5: a loop of its own
            (local.set $t (i32.const 5))
            (loop $again
              (local.set $a (i64.add (local.get $a) (i64.extend_i32_u (local.get $t))))
              (local.set $t (i32.sub (local.get $t) (i32.const 1)))
              (br_if $again (local.get $t)))
            (br $next))
            ;; 6: leaves the loop with changes
            (local.set $a (i64.add (local.get $a) (i64.const 100)))
            (br_if $next (i32.and (local.get $op) (i32.const 32)))
            (local.set $b (i64.const -1))
            (br $out))
            ;; 7: to the code of another arm
            (local.set $b (i64.add (local.get $b) (i64.const 9)))
            (br $l9))
            ;; 8: a call
            (local.set $pc (i32.add (local.get $pc) (i32.and (call $count (local.get $op)) (i32.const 1))))
            (br $next))
            ;; 9
            (local.set $a (i64.rotl (local.get $a) (local.get $b)))
            (br $next))
            ;; 10: a switch of its own
            (block $inner
              (br_table $inner $next $l12 $shared $inner (i32.and (i32.load8_u (local.get $pc)) (i32.const 7))))
            (local.set $x (f64.neg (local.get $x)))
            (br $shared))
            ;; 11: returns
            (i64.store (i32.const 1024) (local.get $a))
            (br_if $next (i32.ge_u (local.get $pc) (i32.const 200)))
            (return))
            ;; 12: nothing changes
            (br_if $leave (i32.eqz (local.get $fuel)))
            (br $next))
            ;; 13: everything changes
            (local.set $a (i64.add (local.get $a) (i64.const 3)))
            (local.set $b (i64.sub (local.get $b) (local.get $a)))
            (local.set $x (f64.sub (local.get $x) (f64.const 0.5)))
            (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
            (br_if $l15 (i64.lt_s (local.get $b) (i64.const 0)))
            (local.set $t (i32.add (local.get $t) (i32.const 1)))
            (br $next))
            ;; 14: traps with some values
            (local.set $t (i32.div_u (i32.const 100) (i32.sub (local.get $op) (i32.const 14))))
            (br $next))
            ;; 15
            (i32.store (i32.const 1040) (i32.add (i32.load (i32.const 1040)) (local.get $t)))
            (br $next))
          ;; shared: comes back
          (local.set $b (i64.add (local.get $b) (i64.const 1)))
          (br $next)))
      (i32.store (i32.const 1044) (i32.const 1)))
    (i64.store (i32.const 1048) (local.get $a))
    (i64.store (i32.const 1056) (local.get $b))
    (f64.store (i32.const 1064) (local.get $x))
    (i32.store (i32.const 1072) (local.get $pc))
    (i32.store (i32.const 1076) (local.get $fuel))
    (i32.store (i32.const 1080) (local.get $t))))
"#;

/// What a program leaves: all of memory, the calls, and whether it trapped.
fn run(wasm: &[u8], program: &[u8]) -> (Vec<u8>, i32, bool) {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = Module::new(&engine, wasm).expect("a module");
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).expect("an instance");
    let memory = instance.get_memory(&store, "memory").expect("a memory");
    memory.write(&mut store, 0, program).expect("room for it");
    let run = instance.get_typed_func::<(i32, i32), ()>(&store, "run").expect("a function");
    let has_trapped = run.call(&mut store, (0, 500)).is_err();
    let calls = instance.get_global(&store, "calls").expect("a global").get(&store);
    let Val::I32(calls) = calls else { panic!("{calls:?}") };
    (memory.data(&store).to_vec(), calls, has_trapped)
}

/// Numbers as a linear congruential generator gives them.
fn programs() -> impl Iterator<Item = Vec<u8>> {
    let mut state = 1_u64;
    (0..60).map(move |_| {
        let next = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        (0..256).map(next).collect()
    })
}

#[test]
fn a_split_machine_does_the_same() {
    let wasm = wat::parse_str(MACHINE).expect("a text");
    for rest in [0, 200, 400, 600] {
        let (split, done) = module(&wasm, &Limits { whole: 100, rest }).expect("it can be split");
        assert_eq!(done.len(), 1);
        assert!(done[0].arms > 0, "arms for {rest}");
        for program in programs() {
            assert!(run(&wasm, &program) == run(&split, &program), "{program:?} with {rest}");
        }
    }
}

#[test]
fn every_arm_alone_does_the_same() {
    // The programs that hold one instruction alone, before the others, so that each way out is taken.
    let wasm = wat::parse_str(MACHINE).expect("a text");
    let (split, _) = module(&wasm, &Limits { whole: 100, rest: 0 }).expect("it can be split");
    for first in 0..=255 {
        for second in 0..32_u8 {
            let program = [first, second, second.wrapping_mul(7), 13, first, 11, 0, 250, 17];
            assert!(run(&wasm, &program) == run(&split, &program), "{program:?}");
        }
    }
}

#[test]
fn what_is_small_or_no_switch_stays_as_it_is() {
    let wasm = wat::parse_str(MACHINE).expect("a text");
    let (same, done) = module(&wasm, &Limits { whole: 100_000, rest: 0 }).expect("nothing to do");
    assert!(done.is_empty());
    assert_eq!(wasm, same);
    let plain = "(module (global i32 (i32.const 0)) (func (param i32) (local.set 0 (i32.const 1)) (drop (local.get 0))))";
    let plain = wat::parse_str(plain).expect("a text");
    assert_eq!(module(&plain, &Limits { whole: 0, rest: 0 }).expect("nothing to do").0, plain);
}

#[test]
fn what_is_no_module_is_refused() {
    assert!(module(b"\0asm", &Limits::default()).is_err());
}

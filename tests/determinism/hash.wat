;; A hash of another module's memory: the same instructions on every engine, so that only the memory can differ.
;; Four lanes of 64 bits, each word mixed in by xor, multiplication and rotation; the size is a multiple of 64 KiB.
(module
  (import "instance" "memory" (memory 0))
  (global $prime i64 (i64.const 0x9e3779b97f4a7c15))
  (func $mix (param $lane i64) (param $word i64) (result i64)
    (i64.rotl (i64.mul (i64.xor (local.get $lane) (local.get $word)) (global.get $prime)) (i64.const 29)))
  (func $hash (result i64)
    (local $at i32) (local $end i32) (local $a i64) (local $b i64) (local $c i64) (local $d i64)
    (local.set $end (i32.shl (memory.size) (i32.const 16)))
    (local.set $a (i64.const 1))
    (local.set $b (i64.const 2))
    (local.set $c (i64.const 3))
    (local.set $d (i64.const 4))
    (loop $words
      (local.set $a (call $mix (local.get $a) (i64.load (local.get $at))))
      (local.set $b (call $mix (local.get $b) (i64.load offset=8 (local.get $at))))
      (local.set $c (call $mix (local.get $c) (i64.load offset=16 (local.get $at))))
      (local.set $d (call $mix (local.get $d) (i64.load offset=24 (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 32)))
      (br_if $words (i32.lt_u (local.get $at) (local.get $end))))
    (call $mix (call $mix (call $mix (local.get $a) (local.get $b)) (local.get $c))
      (i64.xor (local.get $d) (i64.extend_i32_u (local.get $end)))))
  (global $last (mut i64) (i64.const 0))
  ;; In two halves, which every host can take: the low one, and then the other.
  (func (export "hash") (result i32) (global.set $last (call $hash)) (i32.wrap_i64 (global.get $last)))
  (func (export "high") (result i32) (i32.wrap_i64 (i64.shr_u (global.get $last) (i64.const 32)))))

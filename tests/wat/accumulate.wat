;; A client that keeps state in Lua: it adds 1 to 100 to a global, one call each, and reads the sum from the output.
;; The name of the number's file and the number itself go through the in-memory file system.
(module
  (import "moonlet" "memory" (memory 1))
  (import "moonlet" "alloc" (func $alloc (param i32) (result i32)))
  (import "moonlet" "dealloc" (func $dealloc (param i32 i32)))
  (import "moonlet" "compute" (func $compute (param i32 i32) (result i32)))
  (import "moonlet" "write_file" (func $write_file (param i32 i32 i32 i32) (result i32)))
  (import "moonlet" "output_ptr" (func $output_ptr (result i32)))
  (import "moonlet" "output_len" (func $output_len (result i32)))

  ;; a 64-byte buffer of ours in Moonlet's memory
  (global $buffer (mut i32) (i32.const 0))

  (func $byte (param $at i32) (param $value i32)
    (i32.store8 (i32.add (global.get $buffer) (local.get $at)) (local.get $value)))

  ;; "sum=(sum or 0)+io.open'n':read'n'": written once, run for every number
  (func $write_source
    (i64.store offset=16 (global.get $buffer) (i64.const 0x6d7573283d6d7573)) ;; sum=(sum
    (i64.store offset=24 (global.get $buffer) (i64.const 0x692b293020726f20)) ;;  or 0)+i
    (i64.store offset=32 (global.get $buffer) (i64.const 0x6e276e65706f2e6f)) ;; o.open'n
    (i64.store offset=40 (global.get $buffer) (i64.const 0x6e27646165723a27)) ;; ':read'n
    (i32.store8 offset=48 (global.get $buffer) (i32.const 0x27)))             ;; '

  ;; Writes $n as three decimal digits into the file "n" and runs the source; the answer of compute.
  (func $add (param $n i32) (result i32)
    (call $byte (i32.const 0) (i32.const 0x6e)) ;; n
    (call $byte (i32.const 1) (i32.add (i32.const 48) (i32.div_u (local.get $n) (i32.const 100))))
    (call $byte (i32.const 2)
      (i32.add (i32.const 48) (i32.rem_u (i32.div_u (local.get $n) (i32.const 10)) (i32.const 10))))
    (call $byte (i32.const 3) (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
    (drop (call $write_file
      (global.get $buffer) (i32.const 1) (i32.add (global.get $buffer) (i32.const 1)) (i32.const 3)))
    (call $compute (i32.add (global.get $buffer) (i32.const 16)) (i32.const 33)))

  (func (export "run") (result i32)
    (local $n i32) (local $at i32) (local $end i32) (local $sum i32)
    (global.set $buffer (call $alloc (i32.const 64)))
    (call $write_source)
    (local.set $n (i32.const 1))
    (loop $numbers
      (if (i32.lt_s (call $add (local.get $n)) (i32.const 0)) (then (return (i32.const -1))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $numbers (i32.le_u (local.get $n) (i32.const 100))))
    ;; "print(sum)"
    (i64.store offset=16 (global.get $buffer) (i64.const 0x757328746e697270))
    (i32.store16 offset=24 (global.get $buffer) (i32.const 0x296d))
    (if (i32.lt_s (call $compute (i32.add (global.get $buffer) (i32.const 16)) (i32.const 10)) (i32.const 0))
      (then (return (i32.const -2))))
    (call $dealloc (global.get $buffer) (i32.const 64))
    (local.set $at (call $output_ptr))
    (local.set $end (i32.add (local.get $at) (i32.sub (call $output_len) (i32.const 1))))
    (loop $digits
      (local.set $sum
        (i32.add (i32.mul (local.get $sum) (i32.const 10)) (i32.sub (i32.load8_u (local.get $at)) (i32.const 48))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $digits (i32.lt_u (local.get $at) (local.get $end))))
    (local.get $sum)))

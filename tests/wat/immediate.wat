;; A client without data of its own: it writes its source with two stores and reads two digits of the result.
(module
  (import "moonlet" "memory" (memory 1))
  (import "moonlet" "alloc" (func $alloc (param i32) (result i32)))
  (import "moonlet" "compute" (func $compute (param i32 i32) (result i32)))
  (import "moonlet" "result_ptr" (func $result_ptr (result i32)))
  (func (export "run") (result i32)
    (local $source i32) (local $answer i32)
    (local.set $source (call $alloc (i32.const 12)))
    ;; "return 6 * 7"
    (i64.store (local.get $source) (i64.const 0x36206e7275746572))
    (i32.store offset=8 (local.get $source) (i32.const 0x37202a20))
    (local.set $answer (call $compute (local.get $source) (i32.const 12)))
    (if (result i32) (i32.lt_s (local.get $answer) (i32.const 0))
      (then (local.get $answer))
      (else (i32.load16_u (call $result_ptr))))))

;; A start function that throws and catches.
(module
  (global $ran (export "ran") (mut i32) (i32.const 0))
  (tag $t (param i32))
  (func $main
    (block $h (result i32)
      (try_table (catch $t $h) (throw $t (i32.const 42)))
      (unreachable))
    (global.set $ran))
  (start $main)
  (func (export "ran_with") (result i32) (global.get $ran)))

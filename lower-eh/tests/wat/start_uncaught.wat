;; A start function that throws: the module cannot be instantiated.
(module
  (tag $t (param i32))
  (func $main (throw $t (i32.const 42)))
  (start $main)
  (func (export "never_runs") (result i32) (i32.const 1)))

;; Nothing to lower: loops, switches, memory and globals stay as they are.
(module
  (memory (export "memory") 1)
  (global (export "count") (mut i32) (i32.const 7))
  (func (export "switch") (param i32) (result i32)
    (block $d (block $c (block $b (block $a
      (br_table $a $b $c $c $a $d (local.get 0)))
      (return (i32.const 1))) (return (i32.const 2))) (return (i32.const 3)))
    (i32.const 4))
  (func (export "two_ways") (param i32) (result i32)
    (block $d (block $b (block $a
      (br_table $a $d $d $d $b $d (local.get 0)))
      (return (i32.const 1))) (return (i32.const 2)))
    (i32.const 3))
  (func (export "one_way") (param i32) (result i32)
    (block $d (block $a
      (br_table $d $d $a $d (local.get 0)))
      (return (i32.const 1)))
    (i32.const 3))
  (func (export "no_way") (param i32) (result i32)
    (block $d (br_table $d $d $d (local.get 0)))
    (i32.const 3))
  (func (export "ways_with_values") (param i32) (result i32)
    (block $d (result i32) (block $a (result i32)
      (br_table $a $d (i32.const 5) (local.get 0)))
      (i32.add (i32.const 10))))
  (func (export "loop_way") (param i32) (result i32)
    (local $n i32)
    (loop $again
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (block $out
        (br_table $out $again $out (i32.eq (local.get $n) (local.get 0)))))
    (local.get $n))
  (func (export "store") (param i32)
    (global.set 0 (i32.add (global.get 0) (i32.const 1)))
    (i32.store (i32.const 16) (i32.add (local.get 0) (i32.load (i32.const 16))))))

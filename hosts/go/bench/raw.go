package main

import (
	"log"
	"os"

	"github.com/tetratelabs/wazero"
)

// rawCall makes the call of an empty function by wazero alone: bytes into a buffer, the export, its answer.
func rawCall() func() {
	rt := wazero.NewRuntime(ctx)
	instance := check1(rt.Instantiate(ctx, check1(os.ReadFile("../lua54.wasm"))))
	stack := make([]uint64, 2)
	give := func(export string, data string) func() {
		function, memory := instance.ExportedFunction(export), instance.Memory()
		at := check1(instance.ExportedFunction("alloc").Call(ctx, uint64(len(data))))[0]
		return func() {
			memory.WriteString(uint32(at), data)
			stack[0], stack[1] = at, uint64(len(data))
			check(function.CallWithStack(ctx, stack))
			if int32(stack[0]) < 0 {
				log.Fatalf("%s answers %d", export, int32(stack[0]))
			}
		}
	}
	give("compute", "function empty() end")()
	// MessagePack of ["empty"].
	return give("call", "\x91\xa5empty")
}

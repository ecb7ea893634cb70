// Package moonlet is reference Lua 5.4 and 5.5 in a sandbox, as WebAssembly on wazero: limits on work and memory that hold, host functions,
// pauses, snapshots. It needs no cgo.
//
// A [Runtime] is the engine, which any number of goroutines can share. A [Lua] is one state in its own sandbox, for one goroutine at a
// time. There is no limit on work unless [Fuel] sets one or the context of a call ends; memory is limited to 64 MiB.
package moonlet

package moonlet

import (
	"encoding/json"
	"math"
	"os"
	"testing"
	"time"

	"moonlet/internal/abi"
)

// BenchmarkEmptyCall is what the package takes of a call, beside the same call by the engine alone.
func BenchmarkEmptyCall(b *testing.B) {
	b.Run("raw", func(b *testing.B) {
		lua := newState(b)
		mustEval(b, lua, "function empty() end")
		in := lua.instance
		data, err := encodeArray(nil, []any{"empty"}, nil)
		if err != nil {
			b.Fatal(err)
		}
		at, err := in.put(data)
		if err != nil {
			b.Fatal(err)
		}
		stack := make([]uint64, 4)
		for b.Loop() {
			copy(in.machine.memory()[at:], data)
			stack[0], stack[1] = uint64(at), uint64(len(data))
			if err := in.machine.call(exportCall, stack); err != nil {
				b.Fatal(err)
			}
			if in.block()[abi.InfoStatus] != abi.StatusOk {
				b.Fatal("it failed")
			}
		}
	})
	b.Run("package", func(b *testing.B) {
		lua := newState(b)
		mustEval(b, lua, "function empty() end")
		for b.Loop() {
			if _, err := lua.Call(ctx, "empty"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkHostCall is a call of a host function by a script.
func BenchmarkHostCall(b *testing.B) {
	lua := newState(b)
	if err := lua.Define("add", func(a, b int64) int64 { return a + b }); err != nil {
		b.Fatal(err)
	}
	mustEval(b, lua, "function loop(n) for i = 1, n do add(i, 1) end end")
	if _, err := lua.Call(ctx, "loop", b.N); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkNewState makes a state and takes a first result.
func BenchmarkNewState(b *testing.B) {
	for b.Loop() {
		firstResult(b)
	}
}

func firstResult(t testing.TB) {
	lua, err := shared.Lua()
	if err != nil {
		t.Fatal(err)
	}
	mustEval(t, lua, "return 1")
	if err := lua.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestFigures prints levels of C calls, and milliseconds at best of a new state with its first result, of fib(24), and of 10,000 texts formatted and
// joined. Only who asks for them by MOONLET_FIGURES has them.
func TestFigures(t *testing.T) {
	if os.Getenv("MOONLET_FIGURES") == "" {
		t.Skip("MOONLET_FIGURES asks for figures")
	}
	lua := newState(t)
	script := func(name string) string {
		source, err := os.ReadFile("../programs/figures/" + name + ".lua")
		if err != nil {
			t.Fatal(err)
		}
		return string(source)
	}
	shortest := func(work func()) float64 {
		best := math.Inf(1)
		for range 9 {
			began := time.Now()
			work()
			best = min(best, time.Since(began).Seconds()*1e3)
		}
		return best
	}
	timed := func(name string) float64 {
		source := script(name)
		return shortest(func() { mustEval(t, lua, source) })
	}
	depth := mustEval(t, lua, script("depth"))
	told, err := json.Marshal(map[string]any{"depth": depth[0], "start_ms": shortest(func() { firstResult(t) }), "fib_ms": timed("fib"), "strings_ms": timed("strings")})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("figures: %s", told)
}

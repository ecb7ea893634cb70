package moonlet

import (
	"errors"
	"io"
	"runtime"
	"time"
)

// growth is what a state and the process took more after many evaluations than after a tenth of them.
type growth struct {
	inLua, inGo int64
	handles     int
}

// isFlat allows Lua's table of handles to be as large as Go's collector once was late, and Go its own caches.
func (g growth) isFlat() bool { return g.inLua <= 64<<10 && g.inGo <= 4<<20 && g.handles == 0 }

// soak does what a host does, over and over: plain calls, functions and objects both ways, errors, output.
func soak(r *Runtime, count int) (growth, error) {
	lua, err := r.Lua(Stdout(io.Discard))
	if err != nil {
		return growth{}, err
	}
	defer lua.Close()
	broken := errors.New("broken")
	err = lua.DefineAll(map[string]any{
		"add": func(a, b int) int { return a + b }, "fail": func() error { return broken },
		"apply": func(f *Function) (any, error) { results, err := f.Call(ctx, 1); return results.First(), err },
	})
	if err != nil {
		return growth{}, err
	}
	steps := []string{"return add(1, 2)", "return function() end", "return apply(function(x) return x end)", "local x = ...", "fail()", "print('x')", "return {a = {1, 2, 3}}", "x = 1"}
	run := func(count int) error {
		for n := range count {
			_, err := lua.Eval(ctx, steps[n%len(steps)], &Object{Value: n})
			if err != nil && !errors.Is(err, broken) {
				return err
			}
		}
		return nil
	}
	measure := func() (int64, int64, int, error) {
		// What Go forgot is released by a goroutine of its own.
		for range 3 {
			runtime.GC()
			time.Sleep(5 * time.Millisecond)
		}
		used, err := lua.Compact()
		if err != nil {
			return 0, 0, 0, err
		}
		stats, err := lua.Stats()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		return used, int64(memory.HeapAlloc), stats.Handles, err
	}
	if err := run(count / 10); err != nil {
		return growth{}, err
	}
	luaBefore, goBefore, _, err := measure()
	if err != nil {
		return growth{}, err
	}
	if err := run(count - count/10); err != nil {
		return growth{}, err
	}
	luaAfter, goAfter, handles, err := measure()
	return growth{luaAfter - luaBefore, goAfter - goBefore, handles}, err
}

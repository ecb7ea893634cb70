package moonlet

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestGoroutinesThatShareAState(t *testing.T) {
	lua := newState(t, Slice(10_000))
	started, endless := make(chan bool), make(chan error)
	define(t, lua, "started", func() { close(started) })
	running, cancel := context.WithCancel(ctx)
	go func() {
		_, err := lua.Eval(running, "started() while true do end")
		endless <- err
	}()
	<-started
	function := &Function{lua: lua}
	task := &Task{lua: lua}
	busy := map[string]func() error{
		"Eval": func() error { _, err := lua.Eval(ctx, "return 1"); return err }, "Call": func() error { _, err := function.Call(ctx); return err },
		"Get": func() error { _, err := lua.Get(ctx, "x"); return err }, "Set": func() error { return lua.Set(ctx, "x", 1) },
		"Define": func() error { return lua.Define("f", func() {}) }, "Start": func() error { _, err := lua.Start(ctx, ""); return err },
		"Tasks": func() error { _, err := lua.Tasks(); return err }, "Stats": func() error { _, err := lua.Stats(); return err },
		"Snapshot": func() error { _, err := lua.Snapshot(); return err }, "Restore": func() error { return lua.Restore(nil) },
		"Fork": func() error { _, err := lua.Fork(); return err }, "Close": lua.Close, "Compact": func() error { _, err := lua.Compact(); return err },
		"WriteInput": func() error { return lua.WriteInput(nil) }, "Read": func() error { _, err := lua.Files().Read("x"); return err },
		"Write": func() error { return lua.Files().Write("x", nil) }, "Release": function.Release, "Resume": func() error { return task.Resume(ctx) }, "Cancel": task.Cancel,
	}
	// A host function may have just returned, so wait until the script is in.
	for lua.mu.TryLock() {
		lua.mu.Unlock()
		runtime.Gosched()
	}
	for name, use := range busy {
		if err := use(); err == nil || !strings.Contains(err.Error(), "in use by another goroutine; make one for each") || !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	cancel()
	expect(t, <-endless, ErrCancelled, "")
	isUsable(t, lua)
}

func TestManyGoroutines(t *testing.T) {
	lua := newState(t)
	define(t, lua, "add", func(a, b int) int { return a + b })
	var done, refusals atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			own, err := shared.Lua()
			if err != nil {
				t.Error(err)
				return
			}
			defer own.Close()
			for n := range 50 {
				if five, err := As[int](own.Eval(ctx, "return 2 + 3")); err != nil || five != 5 {
					t.Error(five, err)
				}
				switch sum, err := As[int](lua.Eval(ctx, "return add(...)", n, 1)); {
				case err == nil && sum == n+1:
					done.Add(1)
				case errors.Is(err, ErrRefused) || strings.Contains(fmt.Sprint(err), "nest deeper"):
					refusals.Add(1)
				default:
					t.Error(sum, err)
				}
			}
		})
	}
	group.Wait()
	equal(t, done.Load()+refusals.Load(), 400)
	equal(t, mustStats(t, lua).Tasks, 0)
	isUsable(t, lua)
}

func TestAnotherGoroutineMayUseTheStateWhileTheHostIsAtWork(t *testing.T) {
	lua := newState(t)
	define(t, lua, "parallel", func() (int, error) {
		found := make(chan error)
		var value int
		go func() {
			var err error
			value, err = As[int](lua.Eval(ctx, "return 6 * 7"))
			found <- err
		}()
		err := <-found
		return value, err
	})
	equal(t, mustEval(t, lua, "return parallel()").First(), any(int64(42)))
}

func TestStatesThatShareAnObject(t *testing.T) {
	var calls atomic.Int64
	common := &Object{Methods: map[string]any{"a": func() { calls.Add(1) }, "b": func() { calls.Add(1) }}}
	var group sync.WaitGroup
	for range 4 {
		lua := newState(t)
		group.Go(func() {
			if _, err := lua.Eval(ctx, "local o = ... for i = 1, 50 do o:a() o:b() end", common); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	equal(t, calls.Load(), 400)
}

package moonlet

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"moonlet/internal/abi"
)

func TestUseAfterClose(t *testing.T) {
	lua := newState(t)
	define(t, lua, "f", func() {})
	function := mustGet(t, lua, "print").(*Function)
	task, err := lua.Start(ctx, "host.call('x')")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(lua.Close(), lua.Close()); err != nil {
		t.Fatal(err)
	}
	for name, use := range map[string]func() error{
		"Eval": func() error { _, err := lua.Eval(ctx, "return 1"); return err }, "Call": func() error { _, err := function.Call(ctx); return err },
		"Get": func() error { _, err := lua.Get(ctx, "x"); return err }, "Set": func() error { return lua.Set(ctx, "x", 1) },
		"Define": func() error { return lua.Define("f", func() {}) }, "Start": func() error { _, err := lua.Start(ctx, ""); return err },
		"Tasks": func() error { _, err := lua.Tasks(); return err }, "Stats": func() error { _, err := lua.Stats(); return err },
		"Snapshot": func() error { _, err := lua.Snapshot(); return err }, "Restore": func() error { return lua.Restore(nil) },
		"Fork": func() error { _, err := lua.Fork(); return err }, "Compact": func() error { _, err := lua.Compact(); return err },
		"WriteInput": func() error { return lua.WriteInput([]byte("x")) }, "Open": func() error { _, err := lua.Files().Open("x"); return err },
		"Write": func() error { return lua.Files().Write("x", nil) }, "Remove": func() error { return lua.Files().Remove("x") }, "Resume": func() error { return task.Resume(ctx) },
		"Cancel": task.Cancel, "Fail": func() error { return task.Fail(ctx, io.EOF) },
	} {
		if err := use(); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "this Lua state is closed; make a new one") {
			t.Errorf("%s: %v", name, err)
		}
	}
	var none *Lua
	_, err = none.Eval(ctx, "")
	expect(t, err, ErrRefused, "there is no Lua state")
	expect(t, none.Close(), ErrRefused, "there is no Lua state")
}

func TestClosingAndRestoringFromWithinACall(t *testing.T) {
	lua := newState(t)
	if _, err := lua.Start(ctx, "return host.call('ask')"); err != nil {
		t.Fatal(err)
	}
	snapshot, err := lua.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	define(t, lua, "back", func() error { return lua.Restore(snapshot) })
	_, err = lua.Eval(ctx, "back()")
	expect(t, err, ErrRefused, "a snapshot was restored while this evaluation ran")
	tasks, err := lua.Tasks()
	if err != nil || len(tasks) != 1 {
		t.Fatal(tasks, err)
	}
	define(t, lua, "close", lua.Close)
	_, err = lua.Eval(ctx, "close()")
	expect(t, err, ErrRefused, "closed while this evaluation ran")
}

func TestAClosedRuntime(t *testing.T) {
	if isTranslated {
		t.Skip("there is no engine to be closed")
	}
	options, err := engineOptions()
	if err != nil {
		t.Fatal(err)
	}
	own, err := New(ctx, options...)
	if err != nil {
		t.Fatal(err)
	}
	lua, err := own.Lua()
	if err != nil {
		t.Fatal(err)
	}
	if err := own.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = lua.Eval(ctx, "return 1")
	expect(t, err, ErrRefused, "closed")
	if _, err := own.Lua(); err == nil {
		t.Fatal("a closed runtime made a state")
	}
}

// tear has the engine stop the state, as a script with all of debug can.
const tear = "debug.setupvalue(coroutine.wrap(function() end), 1, 5) local f = coroutine.wrap(print) debug.setupvalue(f, 1, 5) f()"

func TestATornDownStateSaysSoAndASnapshotHealsIt(t *testing.T) {
	lua := newState(t, Libraries("base", "coroutine", "debug_full", "host"))
	snapshot, err := lua.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	held := mustGet(t, lua, "print").(*Function)
	_, err = lua.Eval(ctx, tear)
	if expect(t, err, ErrPoisoned, "restore a snapshot, or make a new state"); errors.Unwrap(expect(t, err, ErrPoisoned, "")) == nil {
		t.Fatal("what the engine said is lost")
	}
	for name, use := range map[string]func() error{
		"Eval": func() error { _, err := lua.Eval(ctx, "return 1"); return err }, "Call": func() error { _, err := held.Call(ctx); return err },
		"Start": func() error { _, err := lua.Start(ctx, ""); return err }, "Tasks": func() error { _, err := lua.Tasks(); return err },
		"Stats": func() error { _, err := lua.Stats(); return err }, "Snapshot": func() error { _, err := lua.Snapshot(); return err },
		"Fork": func() error { _, err := lua.Fork(); return err }, "Compact": func() error { _, err := lua.Compact(); return err },
		"WriteInput": func() error { return lua.WriteInput([]byte("x")) }, "Sizes": func() error { _, err := lua.Files().Sizes(); return err },
		"Read": func() error { _, err := lua.Files().Read("x"); return err }, "Write": func() error { return lua.Files().Write("x", nil) },
		"Remove": func() error { return lua.Files().Remove("x") },
	} {
		if err := use(); !errors.Is(err, ErrPoisoned) || !strings.Contains(err.Error(), "torn down within the state; restore a snapshot") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := lua.Restore(snapshot); err != nil {
		t.Fatal(err)
	}
	isUsable(t, lua)
	equal(t, mustStats(t, lua).Handles, 0)
}

func TestDeepRecursionIsAnErrorOfLua(t *testing.T) {
	lua := newState(t)
	for _, source := range []string{
		"local function f(...) return pcall(f, ...) end return f()", "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x",
		"local s = ('x'):rep(300) local function f(n) return (s:gsub('x', function() return f(n + 1) end)) end return f(1)",
		"local s = 'return ' .. ('('):rep(300) .. '1' .. (')'):rep(300) return load(s)", "local function f() return coroutine.wrap(f)() end return f()",
		"return 1 + (function() local function f() return 1 + f() end return f() end)()", "local t = setmetatable({}, {__close = 1}) local function f() return tostring(setmetatable({}, {__tostring = f})) end return f()",
	} {
		if _, err := lua.Eval(ctx, source); errors.Is(err, ErrPoisoned) {
			t.Errorf("%s: %v", source, err)
		}
		isUsable(t, lua)
	}
}

func TestStatsAndWork(t *testing.T) {
	lua := newState(t, Fuel(10_000_000))
	mustEval(t, lua, "for i = 1, 1000 do end")
	stats := mustStats(t, lua)
	if stats.FuelUsed < 1000 || stats.FuelUsed > 10_000 || stats.MemoryUsed <= 0 || stats.MemoryPeak < stats.MemoryUsed || stats.Tasks != 0 {
		t.Fatal(stats)
	}
	equal(t, abi.Options[abi.OptionFuel], "FUEL")
	mustEval(t, lua, "x = ('x'):rep(1e6) x = nil")
	if used, err := lua.Compact(); err != nil || used > 200_000 {
		t.Fatal(used, err)
	}
}

func TestAStateIsFreedWithoutClose(t *testing.T) {
	freed := make(chan bool, 1)
	func() {
		lua, err := shared.Lua()
		if err != nil {
			t.Fatal(err)
		}
		define(t, lua, "self", func() *Object { return &Object{Value: lua} })
		mustEval(t, lua, "x = self()")
		runtime.AddCleanup(lua, func(int) { freed <- true }, 0)
	}()
	for range 100 {
		runtime.GC()
		select {
		case <-freed:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatal("the state is still there")
}

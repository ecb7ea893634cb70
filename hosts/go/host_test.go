package moonlet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"moonlet/internal/abi"
)

func define(t testing.TB, lua *Lua, name string, function any) {
	t.Helper()
	if err := lua.Define(name, function); err != nil {
		t.Fatal(err)
	}
}

func TestFunctionsOfEveryKind(t *testing.T) {
	lua := newState(t)
	type point struct{ X, Y float64 }
	err := lua.DefineAll(map[string]any{
		"add": func(a, b int64) (int64, error) { return a + b, nil },
		"sum": func(first int, rest ...float64) float64 {
			total := float64(first)
			for _, n := range rest {
				total += n
			}
			return total
		},
		"fs.join":  func(parts ...string) string { return strings.Join(parts, "/") },
		"flip":     func(p point) (float64, float64) { return p.Y, p.X },
		"nothing":  func() {},
		"optional": func(p *int) bool { return p == nil },
		"any":      func(values ...any) []any { return values },
		"dynamic":  func(c *Call) { c.Return(len(c.Args), c.Name) },
		"scan": func(c *Call) error {
			var n int
			var s string
			if err := c.Scan(&n, &s); err != nil {
				return err
			}
			c.Return(strings.Repeat(s, n))
			return nil
		},
		"within": func(ctx context.Context, key string) any { return ctx.Value(key) },
	})
	if err != nil {
		t.Fatal(err)
	}
	//lint:ignore SA1029 scripts name the key by a string
	within := context.WithValue(ctx, "user", "ada") //nolint:staticcheck // scripts name the key by a string
	for source, wanted := range map[string]string{
		"return add(1, 2.0, 'left out')": "[3]", "return sum(1, 2, 0.5)": "[3.5]", "return fs.join('a', 'b')": "[a/b]", "return flip({X = 1, Y = 2})": "[2 1]",
		"return nothing()": "[]", "return optional(), optional(1)": "[true false]", "return #any(1, 'x', {})": "[3]", "return dynamic(1, nil, 3)": "[3 dynamic]",
		"return scan(2, 'ab')": "[abab]", "return within('user')": "[ada]", "return within('nobody')": "[<nil>]",
	} {
		results, err := lua.Eval(within, source)
		if err != nil || fmt.Sprint([]any(results)) != wanted {
			t.Errorf("%s: %s was expected, not %v, %v", source, wanted, results, err)
		}
	}
	for source, words := range map[string]string{
		"add(1)": "bad argument #2 to 'add' (int64 expected, got nil)", "add('1', 2)": "bad argument #1 to 'add' (int64 expected, got string)", "add(1.5, 1)": "no integer representation",
		"sum(1, 'x')": "bad argument #2 to 'sum'", "fs.join({})": "string expected, got table", "scan()": "bad argument #1 to 'scan'", "flip(5)": "point expected, got number",
	} {
		_, err := lua.Eval(ctx, source)
		expect(t, err, ErrRuntime, words)
	}
	isUsable(t, lua)
	for _, wrong := range []any{5, "x", struct{}{}, (func())(nil), func(chan int) {}, func(func()) {}} {
		expect(t, lua.Define("wrong", wrong), ErrRefused, `"wrong": `)
	}
}

type missing struct{ name string }

func (m *missing) Error() string { return "no such name: " + m.name }

func TestErrorsOfTheHost(t *testing.T) {
	lua := newState(t)
	define(t, lua, "lookup", func(name string) (string, error) { return "", &missing{name} })
	define(t, lua, "eof", func() error { return fmt.Errorf("reading: %w", io.EOF) })
	define(t, lua, "raise", func() error { return Raise(map[string]any{"code": 7}) })
	define(t, lua, "inner", func(c *Call) error { _, err := c.Lua().Eval(c.Context(), "error({code = 8})"); return err })
	for source, name := range map[string]string{
		"lookup('a')": "a", "local ok, e = pcall(lookup, 'b') error(e)": "b", "local ok, e = pcall(lookup, 'c') pcall(eof) error(e, 0)": "c",
		"coroutine.wrap(function() lookup('d') end)()": "d",
	} {
		_, err := lua.Eval(ctx, source)
		expect(t, err, ErrRuntime, "no such name: "+name)
		var found *missing
		if !errors.As(err, &found) || found.name != name {
			t.Errorf("%s: %v", source, err)
		}
	}
	equal(t, mustEval(t, lua, "local ok, e = pcall(lookup, 'x') return e").First(), any("no such name: x"))
	_, err := lua.Eval(ctx, "pcall(eof) error('mine')")
	if expect(t, err, ErrRuntime, "mine"); errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	equal(t, mustEval(t, lua, "local ok, e = pcall(raise) return e.code").First(), any(int64(7)))
	_, err = lua.Eval(ctx, "inner()")
	if fmt.Sprint(expect(t, err, ErrRuntime, "").Value) != "map[code:8]" {
		t.Fatal(err)
	}
	isUsable(t, lua)
}

func TestAResultThatLuaHasNoFormOfIsAnErrorInTheScriptAndHere(t *testing.T) {
	var warned []string
	lua := newState(t, Warn(func(err error) { warned = append(warned, err.Error()) }))
	define(t, lua, "bad", func() any { return make(chan int) })
	equal(t, mustEval(t, lua, "local ok, e = pcall(bad) return ok").First(), any(false))
	_, err := lua.Eval(ctx, "bad()")
	expect(t, err, ErrRuntime, `what the host function "bad" returned cannot go to Lua`)
	if len(warned) != 2 || !strings.Contains(warned[0], "Lua has no form of chan int") {
		t.Fatal(warned)
	}
	isUsable(t, lua)
}

func TestAnAnswerThatDoesNotFitIsAnErrorInTheScript(t *testing.T) {
	lua := newState(t, Memory(1<<20), Warn(func(error) {}))
	define(t, lua, "large", func() string { return strings.Repeat("x", 10_000_000) })
	define(t, lua, "fail", func() error { return errors.New(strings.Repeat("x", 10_000_000)) })
	for _, name := range []string{"large", "fail"} {
		_, err := lua.Call(ctx, name)
		expect(t, err, ErrRuntime, "do not fit into the state's memory")
		isUsable(t, lua)
	}
}

func TestAPanicOfAHostFunctionPasses(t *testing.T) {
	lua := newState(t)
	define(t, lua, "panics", func() { panic("oh") })
	define(t, lua, "exits", func() { runtime.Goexit() })
	func() {
		defer func() { equal(t, recover(), any("oh")) }()
		mustEval(t, lua, "pcall(panics)")
	}()
	equal(t, mustStats(t, lua).Tasks, 0)
	var group sync.WaitGroup
	group.Go(func() { _, _ = lua.Eval(ctx, "exits()") })
	group.Wait()
	equal(t, mustStats(t, lua).Tasks, 0)
	isUsable(t, lua)
}

func TestRecursionThroughHostFunctionsEnds(t *testing.T) {
	lua := newState(t)
	deepest := 0
	define(t, lua, "again", func(n int) (any, error) {
		deepest = max(deepest, n)
		results, err := lua.Eval(ctx, "return again(...)", n+1)
		return results.First(), err
	})
	_, err := lua.Eval(ctx, "return again(1)")
	expect(t, err, ErrRuntime, "nest deeper than 16; return to the script first, or raise Nesting")
	equal(t, deepest, 17)
	equal(t, mustStats(t, lua).Tasks, 0)
	equal(t, mustEval(t, lua, "return (pcall(again, 1))").First(), any(false))
	isUsable(t, lua)

	deep := newState(t, Nesting(200))
	define(t, deep, "down", func(n int) (any, error) {
		if n == 0 {
			return "bottom", nil
		}
		results, err := deep.Eval(ctx, "return down(...)", n-1)
		return results.First(), err
	})
	equal(t, mustEval(t, deep, "return down(190)").First(), any("bottom"))
	_, err = deep.Eval(ctx, "return down(10000)")
	expect(t, err, ErrRuntime, "nest deeper")
	isUsable(t, deep)
}

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

func TestFunctionsOfLua(t *testing.T) {
	lua := newState(t)
	double, err := As[*Function](lua.Eval(ctx, "function double(x) return 2 * x end return double"))
	if err != nil {
		t.Fatal(err)
	}
	six, err := As[int](double.Call(ctx, 3))
	if err != nil || six != 6 {
		t.Fatal(six, err)
	}
	again := mustGet(t, lua, "double").(*Function)
	if !double.Equal(again) || double.Equal(nil) || double.Equal(mustGet(t, lua, "print").(*Function)) {
		t.Fatal("equality")
	}
	equal(t, mustEval(t, lua, "return ... == double", double).First(), any(true))
	other := newState(t)
	_, err = other.Call(ctx, double)
	expect(t, err, ErrRefused, "belongs to another state")
	_, err = lua.Call(ctx, mustEval(t, lua, "return coroutine.create(print)").First())
	expect(t, err, ErrRuntime, "attempt to call")
	for range 2 {
		if err := errors.Join(double.Release(), again.Release()); err != nil {
			t.Fatal(err)
		}
	}
	_, err = double.Call(ctx, 1)
	expect(t, err, ErrRefused, "was released; get it anew")
	runtime.KeepAlive(double)
}

func TestWhatGoForgetsIsReleased(t *testing.T) {
	lua := newState(t)
	for range 2000 {
		mustEval(t, lua, "return function() end")
	}
	for range 100 {
		runtime.GC()
		time.Sleep(time.Millisecond)
		if mustStats(t, lua).Handles == 0 {
			return
		}
	}
	t.Fatal(mustStats(t, lua).Handles)
}

type purse struct{ balance int }

func (p *purse) deposit(amount int) int {
	p.balance += amount
	return p.balance
}

func TestObjects(t *testing.T) {
	lua := newState(t)
	var dropped []any
	mine := &purse{}
	object := &Object{Value: mine, Methods: map[string]any{"deposit": mine.deposit, "wrong": 5}, OnDrop: func(value any) { dropped = append(dropped, value) }}
	define(t, lua, "balance", func(p *purse) int { return p.balance })
	define(t, lua, "same", func(a, b *Object) bool { return a == b })
	if err := lua.Set(ctx, "purse", object); err != nil {
		t.Fatal(err)
	}
	results := mustEval(t, lua, "purse:deposit(5) return purse:deposit(6), purse.balance, balance(purse), same(purse, purse), purse, purse.deposit == purse.deposit")
	if fmt.Sprint(results[:4]) != "[11 <nil> 11 true]" || results[4] != any(object) || results[5] != true {
		t.Fatal(results)
	}
	for source, words := range map[string]string{
		"purse.deposit(5)": "call the method with a colon", "purse.deposit({}, 5)": "call the method with a colon", "purse.deposit()": "call the method with a colon",
		"purse()": "attempt to call an object of the host", "purse.x = 1": "attempt to set a field of an object", "purse:nothing()": "attempt to call a nil value",
		"purse:deposit({})": "int expected, got table", "purse.wrong()": "a function of Go was expected", "host.call('__index')": "takes an object of the host",
		"host.call('__index', 5, 'x')": "takes an object of the host", "host.call('__call', {})": "takes an object of the host", "balance(print)": "expected, got function",
		"balance(same)": "expected, got", "host.call('nobody')": `the host has no function "nobody"; define it first`, "host.call('\\xff')": "the host has no function",
		"host.call(nil)": "", "host.call({})": "", "host.call()": "",
	} {
		_, err := lua.Eval(ctx, source)
		expect(t, err, ErrRuntime, words)
		isUsable(t, lua)
	}
	equal(t, mustEval(t, lua, "return host.call('__index', purse) == nil").First(), any(true))
	mustEval(t, lua, "purse = nil")
	if _, err := lua.Compact(); err != nil {
		t.Fatal(err)
	}
	if len(dropped) != 1 || dropped[0] != any(mine) {
		t.Fatal(dropped)
	}
	mustEval(t, lua, "collectgarbage()")
	mustEval(t, lua, "")
	equal(t, len(lua.objects.byNumber), 0)
	equal(t, len(lua.objects.numbers), 0)
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

func TestFunctionsAsValues(t *testing.T) {
	lua := newState(t)
	equal(t, mustEval(t, lua, "local f = ... return f(20) + f(1)", func(n int) int { return 2 * n }).First(), any(int64(42)))
	_, err := lua.Eval(ctx, "x = ...; local t = {[{}] = 1} return t", []any{func() {}, make(chan int)})
	expect(t, err, ErrRefused, "Lua has no form of chan int")
	mustEval(t, lua, "collectgarbage()")
	mustEval(t, lua, "")
	equal(t, len(lua.objects.byNumber), 0)
}

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

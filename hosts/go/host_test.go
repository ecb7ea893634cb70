package moonlet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
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

func TestFunctionsAsValues(t *testing.T) {
	lua := newState(t)
	equal(t, mustEval(t, lua, "local f = ... return f(20) + f(1)", func(n int) int { return 2 * n }).First(), any(int64(42)))
	_, err := lua.Eval(ctx, "x = ...; local t = {[{}] = 1} return t", []any{func() {}, make(chan int)})
	expect(t, err, ErrRefused, "Lua has no form of chan int")
	mustEval(t, lua, "collectgarbage()")
	mustEval(t, lua, "")
	equal(t, len(lua.objects.byNumber), 0)
}

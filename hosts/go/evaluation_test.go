package moonlet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestResults(t *testing.T) {
	lua := newState(t)
	equal(t, len(mustEval(t, lua, "")), 0)
	equal(t, mustEval(t, lua, "").First(), nil)
	if got := mustEval(t, lua, "return ..., select('#', ...)", 1, nil, nil); !reflect.DeepEqual(got, Results{int64(1), int64(3)}) {
		t.Fatal(got)
	}
}

func TestGetSetAndCall(t *testing.T) {
	lua := newState(t)
	mustEval(t, lua, "game = {name = 'x', player = {at = 5}} function game.player:jump(by) self.at = self.at + by return self.at end")
	equal(t, mustGet(t, lua, "game.player.at"), any(int64(5)))
	equal(t, mustGet(t, lua, "nothing"), nil)
	if err := lua.Set(ctx, "game.player.at", 6); err != nil {
		t.Fatal(err)
	}
	seven, err := As[int](lua.Call(ctx, "game.player:jump", 1))
	if err != nil || seven != 7 {
		t.Fatal(seven, err)
	}
	if err := lua.Set(ctx, "game.name", nil); err != nil {
		t.Fatal(err)
	}
	equal(t, mustGet(t, lua, "game.name"), nil)
	_, err = lua.Get(ctx, "nothing.more")
	expect(t, err, ErrRuntime, "attempt to index a nil value")
	for _, path := range []string{"", ".", "a.", ".a", "a..b"} {
		_, err := lua.Get(ctx, path)
		expect(t, err, ErrRefused, "is no path")
		expect(t, lua.Set(ctx, path, 1), ErrRefused, "is no path")
		expect(t, lua.Define(path, func() {}), ErrRefused, "is no path")
	}
	_, err = lua.Call(ctx, 5)
	expect(t, err, ErrRefused, "Call takes a path")
	_, err = lua.Call(ctx, (*Function)(nil))
	expect(t, err, ErrRefused, "the Lua function is nil")
	isUsable(t, lua)
}

func mustGet(t testing.TB, lua *Lua, path string) any {
	t.Helper()
	value, err := lua.Get(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestGetAndSetNeedNoLibrary(t *testing.T) {
	lua := newState(t, Libraries())
	if err := lua.Set(ctx, "x", 5); err != nil {
		t.Fatal(err)
	}
	equal(t, mustGet(t, lua, "x"), any(int64(5)))
	err := lua.Define("f", func() {})
	expect(t, err, ErrRuntime, "the state needs the library host")
}

func TestEachErrorHasItsKind(t *testing.T) {
	lua := newState(t, Memory(4<<20), Fuel(20_000_000), Result(1000))
	for _, c := range []struct {
		source string
		kind   Kind
		status int
	}{
		{"return 1 +", ErrSyntax, 3}, {"error('x')", ErrRuntime, 2}, {"local t = {} while true do t[#t + 1] = ('x'):rep(1e5) end", ErrMemory, 4},
		{"while true do end", ErrBudget, 18}, {"os.exit(3)", ErrExit, 20}, {"return ('x'):rep(2000)", ErrRuntime, 22},
	} {
		_, err := lua.EvalNamed(ctx, "=c", c.source)
		found := expect(t, err, c.kind, "")
		equal(t, found.Status, c.status)
		isUsable(t, lua)
	}
	_, err := lua.Eval(ctx, "os.exit(3)")
	equal(t, expect(t, err, ErrExit, "").ExitCode, 3)
	_, err = lua.EvalNamed(ctx, "@game.lua", "local x = nil\nreturn x.y")
	found := expect(t, err, ErrRuntime, "game.lua:2: attempt to index a nil value (local 'x')")
	equal(t, found.Chunk, "game.lua")
	equal(t, found.Line, 2)
	if !strings.Contains(found.Traceback, "game.lua:2: in main chunk") || found.Unwrap() != nil {
		t.Fatal(found.Traceback)
	}
	_, err = lua.Eval(ctx, "error({code = 7})")
	if value := expect(t, err, ErrRuntime, "").Value; !reflect.DeepEqual(value, map[any]any{"code": int64(7)}) {
		t.Fatal(value)
	}
}

func TestErrorsWhoseTextIsHostile(t *testing.T) {
	lua := newState(t)
	for _, source := range []string{`error("\xff\0")`, `error(("x"):rep(1e6))`, `error(setmetatable({}, {__tostring = function() error("again") end}))`, `error()`, `error(nil)`} {
		_, err := lua.Eval(ctx, source)
		expect(t, err, ErrRuntime, "")
		isUsable(t, lua)
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		option Option
		words  string
	}{
		{Memory(-1), "Memory is from 0"}, {Fuel(1 << 60), "Fuel is from 0"}, {Slice(-1), "Slice is from 0"}, {Nesting(-1), "Nesting is at least 0"},
		{Libraries("bass"), `no library "bass"; there are base`}, {TimeZone("nowhere at all"), "no time zone in the form of POSIX"}, {Clock(nil), "Clock takes a function"}, {Warn(nil), "Warn takes a function"}, {nil, "option 1 is nil"},
	} {
		isRefusedOption(t, c.option, c.words)
	}
}

func isRefusedOption(t *testing.T, option Option, words string) {
	t.Helper()
	lua, err := shared.Lua(option)
	if lua != nil || err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("%q was expected, not %v", words, err)
	}
}

func TestWhatTheMiniVariantsLeaveOut(t *testing.T) {
	for _, option := range []Option{Stdin(nil), BinaryChunks(), TimeZone("CET-1"), Libraries("base", "io")} {
		_, err := shared.Lua(Lua54Mini(), option)
		expect(t, err, ErrRefused, "the module leaves that out")
	}
	lua := newState(t, Lua55Mini())
	if err := lua.Define("add", func(a, b int) int { return a + b }); err != nil {
		t.Fatal(err)
	}
	equal(t, mustEval(t, lua, "return add(1, 2)").First(), any(int64(3)))
	_, err := lua.Files().Sizes()
	expect(t, err, ErrRefused, "the module leaves that out")
	expect(t, lua.Files().Write("x", nil), ErrRefused, "the module leaves that out")
	_, err = lua.Eval(ctx, "io.open('x')")
	expect(t, err, ErrRuntime, "which the mini variant leaves out")
}

func TestSourcesAndNamesOfAnyBytes(t *testing.T) {
	lua := newState(t)
	equal(t, mustEval(t, lua, "return '\xff\x00'").First(), any("\xff\x00"))
	_, err := lua.EvalNamed(ctx, "=\xff", "error('x')")
	equal(t, expect(t, err, ErrRuntime, "").Chunk, "\xff")
	_, err = lua.Eval(ctx, strings.Repeat("x", 1_000_000)+" \x00")
	expect(t, err, ErrSyntax, "")
	equal(t, len(mustEval(t, lua, "return ...", strings.Repeat("x", 5_000_000)).First().(string)), 5_000_000)
	isUsable(t, lua)
}

func TestWhatDoesNotFit(t *testing.T) {
	lua := newState(t, Memory(1<<20))
	_, err := lua.Eval(ctx, "return ...", strings.Repeat("x", 10_000_000))
	equal(t, expect(t, err, ErrRefused, "raise Memory").Status, 35)
	isUsable(t, lua)
}

func TestDeterministic(t *testing.T) {
	source := `local t = ... local keys = {} for k in next, t do keys[#keys + 1] = tostring(k) end
		return math.random(1e9), os.time(), os.clock(), table.concat(keys, " ")`
	table := map[string]int{}
	for n := range 100 {
		table[fmt.Sprint("key ", n)] = n
	}
	var runs []Results
	for range 3 {
		lua := newState(t, Deterministic())
		runs = append(runs, mustEval(t, lua, source, table))
	}
	if !reflect.DeepEqual(runs[0], runs[1]) || !reflect.DeepEqual(runs[1], runs[2]) || runs[0][1] != int64(0) {
		t.Fatal(runs)
	}
	random := func(options ...Option) any {
		return mustEval(t, newState(t, options...), "return math.random(1 << 62)").First()
	}
	if random() == random() {
		t.Fatal("two states have the same random numbers")
	}
	equal(t, random(Seed(7)), random(Seed(7)))
}

func TestClocks(t *testing.T) {
	now := time.Unix(1_000_000_000, 0)
	lua := newState(t, Clock(func() time.Time { return now }), TimeZone("CET-1CEST,M3.5.0,M10.5.0/3"))
	equal(t, mustEval(t, lua, "return os.date('%Y-%m-%d %H:%M:%S')").First(), any("2001-09-09 03:46:40"))
	now = now.Add(1500 * time.Millisecond)
	if got := mustEval(t, lua, "return os.time(), os.clock()"); got[0] != int64(1_000_000_001) || got[1] != 1.5 {
		t.Fatal(got)
	}
	system := mustEval(t, newState(t), "return os.time()").First().(int64)
	if distance := time.Now().Unix() - system; distance < 0 || distance > 100 {
		t.Fatal(system)
	}
}

func TestOutputAndInput(t *testing.T) {
	var out, errs bytes.Buffer
	lua := newState(t, Stdout(&out), Stderr(&errs), Stdin(strings.NewReader("first\nsecond\n")))
	mustEval(t, lua, "print(io.read(), io.read(), io.read()) io.stderr:write('oh')")
	equal(t, out.String(), "first\tsecond\tnil\n")
	equal(t, errs.String(), "oh")
	out.Reset()
	small := newState(t, Stdout(&out), Output(10))
	mustEval(t, small, "print(('x'):rep(1000))")
	equal(t, out.Len(), 1001)
}

func TestWritersAreForNobody(t *testing.T) {
	lua := newState(t, Stdout(nil), Stderr(nil))
	mustEval(t, lua, "print('x') io.stderr:write('y')")
}

func TestThereIsNoRuntime(t *testing.T) {
	for _, none := range []*Runtime{nil, {}} {
		if _, err := none.Lua(); err == nil || !strings.Contains(err.Error(), "make one by moonlet.New") {
			t.Fatal(err)
		}
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestAWriterThatFailsEndsTheEvaluation(t *testing.T) {
	full := errors.New("the disk is full")
	lua := newState(t, Stdout(failingWriter{full}), Slice(1000))
	_, err := lua.Eval(ctx, "while true do print('x') end")
	if expect(t, err, ErrCancelled, "the disk is full"); !errors.Is(err, full) {
		t.Fatal(err)
	}
	equal(t, mustStats(t, lua).Tasks, 0)
	isUsable(t, lua)
}

func mustStats(t testing.TB, lua *Lua) Stats {
	t.Helper()
	stats, err := lua.Stats()
	if err != nil {
		t.Fatal(err)
	}
	return stats
}

func TestScriptsThatWaitForInput(t *testing.T) {
	lua := newState(t, Stdin(nil))
	_, err := lua.Eval(ctx, "return io.read()")
	expect(t, err, ErrRefused, "the script waits for input")
	equal(t, mustStats(t, lua).Tasks, 0)
	task, err := lua.Start(ctx, "return io.read('n', 'l')")
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []string{"4", "2\n", ""} {
		equal(t, task.Kind(), TaskInput)
		if err := errors.Join(lua.WriteInput([]byte(piece)), task.Resume(ctx)); err != nil {
			t.Fatal(err)
		}
		if task.Kind() == TaskDone {
			break
		}
	}
	equal(t, task.Results().First(), any(int64(42)))
	failing := newState(t, Stdin(io.MultiReader(strings.NewReader("x"), iotestErr{})))
	equal(t, mustEval(t, failing, "return io.read('a')").First(), any("x"))
}

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestAContextEndsAScript(t *testing.T) {
	lua := newState(t)
	if err := lua.Define("f", func() {}); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"while true do end", "while true do pcall(error) end", "('a'):rep(30000):find(('.-'):rep(20) .. 'b')", "local function f() return f() end f()", "while true do f() end"} {
		limited, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
		_, err := lua.Eval(limited, source)
		cancel()
		if expect(t, err, ErrCancelled, "the script was cancelled: context deadline exceeded"); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		equal(t, mustStats(t, lua).Tasks, 0)
		isUsable(t, lua)
	}
	done, cancel := context.WithCancelCause(ctx)
	why := errors.New("the user went away")
	cancel(why)
	mustEval(t, lua, "x = 1")
	if _, err := lua.Eval(done, "x = 2"); !errors.Is(err, why) || !errors.Is(err, ErrCancelled) {
		t.Fatal(err)
	}
	equal(t, mustGet(t, lua, "x"), any(int64(1)))
	//lint:ignore SA1012 that is what is tested
	_, err := lua.Eval(nil, "x = 2") //nolint:staticcheck // that is what is tested
	expect(t, err, ErrRefused, "the context is nil")
}

func TestHandlersRunWhenAContextEndsAScript(t *testing.T) {
	var out bytes.Buffer
	lua := newState(t, Stdout(&out))
	for _, handler := range []string{"print('closed')", "while true do end"} {
		limited, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		_, err := lua.Eval(limited, "local x <close> = setmetatable({}, {__close = function() "+handler+" end}) while true do end")
		cancel()
		expect(t, err, ErrCancelled, "")
		isUsable(t, lua)
	}
	equal(t, out.String(), "closed\n")
}

func TestFuelAndHostCalls(t *testing.T) {
	lua := newState(t, Fuel(100_000), HostCalls(10), TaskLimit(2))
	if err := lua.Define("f", func() {}); err != nil {
		t.Fatal(err)
	}
	_, err := lua.Eval(ctx, "for i = 1, 11 do f() end")
	expect(t, err, ErrRuntime, "")
	for range 3 {
		_, err = lua.Eval(ctx, "while true do pcall(function() while true do end end) end")
		expect(t, err, ErrBudget, "")
	}
	for range 2 {
		if _, err := lua.Start(ctx, "host.call('wait')"); err != nil {
			t.Fatal(err)
		}
	}
	_, err = lua.Start(ctx, "")
	expect(t, err, ErrRefused, "")
}

// Command bench has the tasks of the host packages, here and with gopher-lua: one line of JSON for each.
//
// Times are the medians of several rounds, taken side by side, in microseconds.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"moonlet"
)

const rounds = 9

var ctx = context.Background()

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func check1[T any](value T, err error) T {
	check(err)
	return value
}

func say(fields map[string]any) {
	fmt.Println(string(check1(json.Marshal(fields))))
}

// pair times what both do, in turns, and prints their medians.
func pair(task string, count int, ours, theirs func()) { parts(task, count, 1, ours, theirs) }

// parts does so for what is done so often in each.
func parts(task string, count, within int, ours, theirs func()) {
	first, second := medians(count, within, ours, theirs)
	tell(task, first, second, "us")
}

// medians times both in turns: microseconds.
func medians(count, within int, ours, theirs func()) (float64, float64) {
	var times [2][]float64
	for range rounds {
		for at, run := range []func(){ours, theirs} {
			if run == nil {
				continue
			}
			begin := time.Now()
			for range count {
				run()
			}
			times[at] = append(times[at], float64(time.Since(begin).Nanoseconds())/1000/float64(count*within))
		}
	}
	return median(times[0]), median(times[1])
}

// fastest is the shortest of many short rounds in turns, for a difference that is smaller than what other programs add: microseconds.
func fastest(rounds, count int, ours, theirs func()) (float64, float64) {
	shortest := [2]float64{math.Inf(1), math.Inf(1)}
	for range rounds {
		for at, run := range []func(){ours, theirs} {
			begin := time.Now()
			for range count {
				run()
			}
			shortest[at] = min(shortest[at], float64(time.Since(begin).Nanoseconds())/1000/float64(count))
		}
	}
	return shortest[0], shortest[1]
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// tell prints the figures of a task; 0 is none.
func tell(task string, ours, theirs float64, unit string) {
	hosts := []string{"moonlet on Go", "gopher-lua " + version("github.com/yuin/gopher-lua")}
	for at, value := range []float64{ours, theirs} {
		if value != 0 {
			say(map[string]any{"task": task, "host": hosts[at], "value": value, "unit": unit})
		}
	}
}

// version is that of a module in this program.
func version(module string) string {
	build, _ := debug.ReadBuildInfo()
	for _, dependency := range build.Deps {
		if dependency.Path == module {
			return strings.TrimPrefix(dependency.Version, "v")
		}
	}
	return ""
}

func newRuntime() *moonlet.Runtime {
	folder := check1(os.UserCacheDir())
	return check1(moonlet.New(ctx, moonlet.CacheDir(filepath.Join(folder, "moonlet-go-tests"))))
}

// kilobyte and megabyte are the values that all packages send there and back.
func kilobyte() map[string]any {
	flags, numbers := map[string]any{}, []any{}
	for n := range 20 {
		flags["key "+strconv.Itoa(n)] = true
	}
	for n := range 100 {
		numbers = append(numbers, n)
	}
	return map[string]any{"name": strings.Repeat("x", 500), "numbers": numbers, "flags": flags}
}

func megabyte() []any {
	var rows []any
	for n := range 20_000 {
		rows = append(rows, map[string]any{"id": n, "name": fmt.Sprint("row ", n), "tags": []any{"a", "b"}, "x": float64(n) / 7})
	}
	return rows
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "first" {
		check1(check1(newRuntime().Lua()).Eval(ctx, "return 1"))
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "nothing" {
		return
	}
	if len(os.Args) != 1 {
		fmt.Fprintln(os.Stderr, "usage: bench, which prints a line of JSON for each figure")
		os.Exit(2)
	}
	say(map[string]any{"versions": map[string]string{"go": strings.TrimPrefix(runtime.Version(), "go"), "wazero": version("github.com/tetratelabs/wazero"), "gopher-lua": version("github.com/yuin/gopher-lua")}})

	rt := newRuntime()
	defer rt.Close()
	ours, theirs := check1(rt.Lua()), lua.NewState()
	define := "function empty() end function echo(x) return x end function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end"
	check1(ours.Eval(ctx, define))
	check(theirs.DoString(define))
	check(ours.Define("add", func(a, b int64) int64 { return a + b }))
	theirs.SetGlobal("add", theirs.NewFunction(func(l *lua.LState) int {
		l.Push(l.CheckNumber(1) + l.CheckNumber(2))
		return 1
	}))
	call := func(results int, name string, arguments ...lua.LValue) {
		check(theirs.CallByParam(lua.P{Fn: theirs.GetGlobal(name), NRet: results, Protect: true}, arguments...))
		theirs.Pop(results)
	}

	pair("create", 20, func() { check(check1(rt.Lua()).Close()) }, func() { lua.NewState().Close() })
	pair("create, first result", 20, func() {
		made := check1(rt.Lua())
		check1(made.Eval(ctx, "return 1"))
		check(made.Close())
	}, func() {
		made := lua.NewState()
		check(made.DoString("return 1"))
		made.Close()
	})
	tell("import to first result", firstResult(), 0, "us")
	pair("empty call", 2000, func() { check1(ours.Call(ctx, "empty")) }, func() { call(0, "empty") })
	ourEmpty, rawEmpty := fastest(200, 500, func() { check1(ours.Call(ctx, "empty")) }, rawCall())
	tell("empty call, by wazero alone", rawEmpty, 0, "us")
	tell("empty call, above wazero alone (at most 2)", ourEmpty-rawEmpty, 0, "us")
	pair("hello", 2000, func() { check1(ours.Eval(ctx, "return 'hello'")) }, func() { check(theirs.DoString("return 'hello'")); theirs.Pop(1) })
	small, large := kilobyte(), megabyte()
	// gopher-lua's tables are Go's own; both copy here.
	pair("1 kB of values", 200, func() { check1(ours.Call(ctx, "echo", small)) }, func() { echo(theirs, small) })
	pair("1 MB of values", 1, func() { check1(ours.Call(ctx, "echo", large)) }, func() { echo(theirs, large) })
	loop := "for i = 1, 1000 do add(i, 1) end"
	parts("host call", 5, 1000, func() { check1(ours.Eval(ctx, loop)) }, func() { check(theirs.DoString(loop)) })
	pair("fib(24)", 1, func() { check1(ours.Call(ctx, "fib", 24)) }, func() { call(1, "fib", lua.LNumber(24)) })
	join := "local t = {} for i = 1, 1000 do t[i] = ('%d:%s'):format(i, 'x') end return #table.concat(t)"
	pair("1,000 pieces of text, formatted and joined", 10, func() { check1(ours.Eval(ctx, join)) }, func() { check(theirs.DoString(join)); theirs.Pop(1) })
	pair("hostile script stopped: 1,000,000 units of `while true do pcall(error) end`", 1, func() {
		made := check1(rt.Lua(moonlet.Fuel(1_000_000)))
		if _, err := made.Eval(ctx, "while true do pcall(error) end"); !errors.Is(err, moonlet.ErrBudget) {
			log.Fatalf("it was not stopped: %v", err)
		}
		check(made.Close())
	}, nil)
	tell("context done, until the script has ended", delay(ours), 0, "us")
	tell("memory of a state, of 100", memory(func() any { return check1(rt.Lua()) }), memory(func() any { return lua.NewState() }), "KiB")
}

// echo sends a value through gopher-lua and back.
func echo(l *lua.LState, value any) any {
	check(l.CallByParam(lua.P{Fn: l.GetGlobal("echo"), NRet: 1, Protect: true}, toTheirs(l, value)))
	defer l.Pop(1)
	return fromTheirs(l.Get(-1))
}

func toTheirs(l *lua.LState, value any) lua.LValue {
	switch v := value.(type) {
	case bool:
		return lua.LBool(v)
	case int:
		return lua.LNumber(v)
	case float64:
		return lua.LNumber(v)
	case string:
		return lua.LString(v)
	case []any:
		table := l.NewTable()
		for _, item := range v {
			table.Append(toTheirs(l, item))
		}
		return table
	case map[string]any:
		table := l.NewTable()
		for key, item := range v {
			table.RawSetString(key, toTheirs(l, item))
		}
		return table
	}
	return lua.LNil
}

func fromTheirs(value lua.LValue) any {
	switch v := value.(type) {
	case lua.LBool:
		return bool(v)
	case lua.LNumber:
		return float64(v)
	case lua.LString:
		return string(v)
	case *lua.LTable:
		table := map[any]any{}
		v.ForEach(func(key, item lua.LValue) { table[fromTheirs(key)] = fromTheirs(item) })
		return table
	}
	return nil
}

// firstResult is the time from the start of a process to a result, without what a process itself takes.
func firstResult() float64 {
	program := check1(os.Executable())
	var times [2][]float64
	for range rounds {
		for at, what := range []string{"first", "nothing"} {
			begin := time.Now()
			check(exec.Command(program, what).Run())
			times[at] = append(times[at], float64(time.Since(begin).Microseconds()))
		}
	}
	return median(times[0]) - median(times[1])
}

// delay is the time from the end of a context to that of the script, the worst of some.
func delay(l *moonlet.Lua) float64 {
	worst := time.Duration(0)
	for _, source := range []string{"while true do end", "while true do pcall(error) end", "('a'):rep(30000):find(('.-'):rep(20) .. 'b')", "while true do ('x'):rep(1e7) end"} {
		limited, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		end, _ := limited.Deadline()
		if _, err := l.Eval(limited, source); !errors.Is(err, moonlet.ErrCancelled) {
			log.Fatalf("%s: %v", source, err)
		}
		worst = max(worst, time.Since(end))
		cancel()
	}
	return float64(worst.Microseconds())
}

// memory is what one of 100 states takes of the process, in KiB.
func memory(make func() any) float64 {
	states := []any{make()}
	before := resident()
	for range 100 {
		states = append(states, make())
	}
	after := resident()
	runtime.KeepAlive(states)
	return (after - before) / 100
}

func resident() float64 {
	runtime.GC()
	debug.FreeOSMemory()
	text := string(check1(os.ReadFile("/proc/self/statm")))
	pages := check1(strconv.ParseFloat(strings.Fields(text)[1], 64))
	return pages * float64(os.Getpagesize()) / 1024
}

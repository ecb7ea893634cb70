package moonlet_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"
	"time"

	"moonlet"
)

var ctx = context.Background()

// newLua makes a state for an example.
func newLua(options ...moonlet.Option) *moonlet.Lua {
	folder, err := os.UserCacheDir()
	check(err)
	rt, err := moonlet.New(ctx, moonlet.CacheDir(filepath.Join(folder, "moonlet-go-tests")))
	check(err)
	lua, err := rt.Lua(options...)
	check(err)
	return lua
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func Example() {
	rt, err := moonlet.New(ctx, moonlet.CacheDir(filepath.Join(os.TempDir(), "moonlet-example")))
	check(err)
	defer rt.Close()
	lua, err := rt.Lua(moonlet.Memory(16<<20), moonlet.Fuel(10_000_000))
	check(err)
	defer lua.Close()
	check(lua.Define("add", func(a, b int64) int64 { return a + b }))
	values, err := lua.Eval(ctx, "return add(1, 2)")
	fmt.Println(values, err)
	// Output: [3] <nil>
}

func ExampleLua_Eval() {
	lua := newLua()
	defer lua.Close()
	values, err := lua.Eval(ctx, "return ..., select('#', ...), {1, 2}, {a = 0.5}", "x")
	fmt.Println(values, err)
	// Output: [x 1 [1 2] map[a:0.5]] <nil>
}

func ExampleLua_Call() {
	lua := newLua()
	defer lua.Close()
	_, err := lua.EvalNamed(ctx, "@game.lua", "game = {level = 1} function game:up(by) self.level = self.level + by return self.level end")
	check(err)
	fmt.Println(lua.Call(ctx, "game:up", 2))
	// Output: [3] <nil>
}

func ExampleLua_Get() {
	lua := newLua()
	defer lua.Close()
	check(lua.Set(ctx, "config", map[string]any{"name": "x", "sizes": []int{1, 2}}))
	fmt.Println(lua.Get(ctx, "config.sizes"))
	// Output: [1 2] <nil>
}

func ExampleAs() {
	type order struct {
		ID    int      `lua:"id"`
		Items []string `lua:"items"`
		Note  string   `lua:"note,omitempty"`
	}
	lua := newLua()
	defer lua.Close()
	got, err := moonlet.As[order](lua.Eval(ctx, "local o = ... o.items[2] = 'pear' return o", order{ID: 7, Items: []string{"apple"}}))
	fmt.Printf("%+v %v\n", got, err)
	_, err = moonlet.As[int](lua.Eval(ctx, "return 2.5"))
	fmt.Println(err)
	// Output:
	// {ID:7 Items:[apple pear] Note:} <nil>
	// the number 2.5 has no integer representation
}

func ExampleLua_Define() {
	lua := newLua()
	defer lua.Close()
	check(lua.DefineAll(map[string]any{
		"fs.size": func(text string) int { return len(text) },
		"join":    func(separator string, parts ...string) string { return strings.Join(parts, separator) },
		"lookup": func(name string) (string, error) {
			if name != "ada" {
				return "", fs.ErrNotExist
			}
			return "Lovelace", nil
		},
	}))
	fmt.Println(lua.Eval(ctx, "return lookup('ada'), fs.size('abc'), join('-', 'a', 'b')"))
	_, err := lua.Eval(ctx, "lookup('nobody')")
	fmt.Println(err, errors.Is(err, fs.ErrNotExist))
	// Output:
	// [Lovelace 3 a-b] <nil>
	// file does not exist true
}

func ExampleCall() {
	lua := newLua()
	defer lua.Close()
	check(lua.Define("reverse", func(c *moonlet.Call) error {
		for at := len(c.Args) - 1; at >= 0; at-- {
			c.Return(c.Args[at])
		}
		return nil
	}))
	fmt.Println(lua.Eval(ctx, "return reverse(1, 'x', nil, true)"))
	// Output: [true <nil> x 1] <nil>
}

func ExampleRaise() {
	lua := newLua()
	defer lua.Close()
	check(lua.Define("fail", func() error { return moonlet.Raise(map[string]any{"code": 7}) }))
	fmt.Println(lua.Eval(ctx, "local ok, e = pcall(fail) return e.code"))
	// Output: [7] <nil>
}

func ExampleFunction() {
	lua := newLua()
	defer lua.Close()
	double, err := moonlet.As[*moonlet.Function](lua.Eval(ctx, "return function(x) return 2 * x end"))
	check(err)
	fmt.Println(double.Call(ctx, 21))
	check(double.Release())
	// Output: [42] <nil>
}

func ExampleObject() {
	balance := 0
	account := &moonlet.Object{
		Value:   &balance,
		Methods: map[string]any{"deposit": func(amount int) int { balance += amount; return balance }},
		OnDrop:  func(any) { fmt.Println("dropped") },
	}
	lua := newLua()
	defer lua.Close()
	check(lua.Set(ctx, "account", account))
	fmt.Println(lua.Eval(ctx, "account:deposit(5) return account:deposit(6), account.balance"))
	check(lua.Set(ctx, "account", nil))
	_, err := lua.Compact()
	check(err)
	// Output:
	// [11 <nil>] <nil>
	// dropped
}

func ExampleError() {
	lua := newLua(moonlet.Fuel(1_000_000))
	defer lua.Close()
	_, err := lua.EvalNamed(ctx, "@script.lua", "local t = nil\nreturn t.name")
	var failure *moonlet.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Kind, failure.Chunk, failure.Line, failure.Message)
	}
	_, err = lua.Eval(ctx, "while true do pcall(error) end")
	fmt.Println(errors.Is(err, moonlet.ErrBudget))
	fmt.Println(lua.Eval(ctx, "return 2 + 2"))
	// Output:
	// runtime script.lua 2 script.lua:2: attempt to index a nil value (local 't')
	// true
	// [4] <nil>
}

func ExampleLua_Eval_context() {
	lua := newLua()
	defer lua.Close()
	limited, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	_, err := lua.Eval(limited, "while true do end")
	fmt.Println(err, errors.Is(err, moonlet.ErrCancelled), errors.Is(err, context.DeadlineExceeded))
	// Output: the script was cancelled: context deadline exceeded true true
}

func ExampleLua_Start() {
	lua := newLua()
	defer lua.Close()
	check(lua.Define("ask", nil))
	task, err := lua.Start(ctx, "return 'Hello ' .. ask('Who is there?')")
	check(err)
	fmt.Println(task.Kind(), task.Name(), task.Args())
	check(task.Resume(ctx, "Ada"))
	fmt.Println(task.Kind(), task.Results())
	// Output:
	// call ask [Who is there?]
	// done [Hello Ada]
}

func ExampleTask_pauses() {
	lua := newLua(moonlet.Slice(10_000))
	defer lua.Close()
	task, err := lua.Start(ctx, "local total = 0 for i = 1, 100000 do total = total + i end return total")
	check(err)
	pauses := 0
	for ; task.Kind() == moonlet.TaskPaused; pauses++ {
		check(task.Resume(ctx))
	}
	fmt.Println(pauses > 1, task.Results())
	// Output: true [5000050000]
}

func ExampleLua_Snapshot() {
	lua, elsewhere := newLua(), newLua()
	defer lua.Close()
	defer elsewhere.Close()
	_, err := lua.Start(ctx, "return host.call('ask', 'and now?') * 2")
	check(err)
	snapshot, err := lua.Snapshot()
	check(err)
	check(elsewhere.Restore(snapshot))
	tasks, err := elsewhere.Tasks()
	check(err)
	fmt.Println(tasks[0].Args())
	check(tasks[0].Resume(ctx, 21))
	fmt.Println(tasks[0].Results())
	// Output:
	// [and now?]
	// [42]
}

func ExampleLua_Fork() {
	lua := newLua()
	defer lua.Close()
	check(lua.Set(ctx, "x", 1))
	fork, err := lua.Fork()
	check(err)
	defer fork.Close()
	check(fork.Set(ctx, "x", 2))
	fmt.Println(lua.Get(ctx, "x"))
	// Output: 1 <nil>
}

func ExampleFiles() {
	lua := newLua()
	defer lua.Close()
	check(lua.Files().CopyFrom(fstest.MapFS{"lib/tool.lua": {Data: []byte("return {version = 3}")}}))
	_, err := lua.Eval(ctx, "io.open('out/v.txt', 'w'):write(require('lib.tool').version):close()")
	check(err)
	contents, err := fs.ReadFile(lua.Files(), "out/v.txt")
	fmt.Println(string(contents), err)
	// Output: 3 <nil>
}

func ExampleStdout() {
	var out strings.Builder
	lua := newLua(moonlet.Stdout(&out), moonlet.Stdin(strings.NewReader("first\nsecond\n")))
	defer lua.Close()
	_, err := lua.Eval(ctx, "print(io.read(), io.read())")
	fmt.Printf("%q %v\n", out.String(), err)
	// Output: "first\tsecond\n" <nil>
}

func ExampleDeterministic() {
	for range 2 {
		lua := newLua(moonlet.Deterministic(), moonlet.Lua55())
		fmt.Println(lua.Eval(ctx, "return _VERSION, math.random(100) == math.random(100), os.time()"))
		check(lua.Close())
	}
	// Output:
	// [Lua 5.5 false 0] <nil>
	// [Lua 5.5 false 0] <nil>
}

func ExampleLua_Stats() {
	lua := newLua()
	defer lua.Close()
	_, err := lua.Eval(ctx, "for i = 1, 1000 do end")
	check(err)
	stats, err := lua.Stats()
	check(err)
	fmt.Println(stats.FuelUsed > 1000, stats.MemoryUsed > 0, stats.Tasks, stats.Handles)
	// Output: true true 0 0
}

package moonlet

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestEveryKindOfValueComesOut(t *testing.T) {
	lua := newState(t)
	results := mustEval(t, lua, `return nil, true, 5, 0.5, -0.0, "text", "\xff\0", {1, 2}, {a = 1}, math.mininteger, {}, {[{}] = 1}`)
	for at, wanted := range []any{nil, true, int64(5), 0.5, math.Copysign(0, -1), "text", "\xff\x00", []any{int64(1), int64(2)}, map[any]any{"a": int64(1)}, int64(math.MinInt64), []any{}} {
		if !reflect.DeepEqual(results[at], wanted) {
			t.Errorf("%d: %#v was expected, not %#v", at, wanted, results[at])
		}
	}
	// A key that no map of Go can have is wrapped, and goes back as it came.
	for key, value := range results[11].(map[any]any) {
		equal(t, value, any(int64(1)))
		equal(t, len(key.(*Key).Value.([]any)), 0)
	}
	equal(t, mustEval(t, lua, "local k, v = next(...) return type(k) .. v", results[11]).First(), any("table1"))
}

type Base struct {
	ID int `lua:"id"`
}

type hidden struct{ Secret int }

type account struct {
	Base
	*hidden
	Name    string            `lua:"name"`
	Tags    []string          `lua:"tags,omitempty"`
	Limits  map[string]uint8  `lua:"limits"`
	Parent  *account          `lua:"parent"`
	Skipped chan int          `lua:"-"`
	Data    []byte            `lua:"data"`
	Pair    [2]float32        `lua:"pair"`
	Any     any               `lua:"any"`
	ByRank  map[int]time.Time `lua:"-"`
	Plain   bool
	private int
}

func TestStructs(t *testing.T) {
	lua := newState(t)
	given := account{Base: Base{7}, Name: "ada", Limits: map[string]uint8{"b": 2, "a": 1}, Parent: &account{Name: "root"}, Data: []byte{0xff}, Pair: [2]float32{1, 2.5}, Any: int64(3), Plain: true, private: 1}
	equal(t, mustEval(t, lua, `local a = ... return a.id .. a.name .. a.limits.b .. a.parent.name .. #a.data .. a.pair[2] .. a.any .. tostring(a.Plain) .. tostring(a.tags) .. tostring(a.private)`, &given).First(), any("7ada2root12.53truenilnil"))
	got, err := As[account](lua.Eval(ctx, "return ...", given))
	if err != nil {
		t.Fatal(err)
	}
	wanted := given
	wanted.private = 0
	equal(t, got.Parent.Name, "root")
	got.Parent = wanted.Parent
	if !reflect.DeepEqual(got, wanted) {
		t.Fatalf("%+v was expected, not %+v", wanted, got)
	}
	pointer, err := As[*account](lua.Eval(ctx, "return {}"))
	if err != nil || pointer == nil || pointer.Name != "" {
		t.Fatal(pointer, err)
	}
}

func TestConversions(t *testing.T) {
	lua := newState(t)
	type named string
	for _, c := range []struct {
		convert func(Results, error) (any, error)
		source  string
		words   string
	}{
		{func(r Results, e error) (any, error) { return As[int8](r, e) }, "return 127", "int8 127"},
		{func(r Results, e error) (any, error) { return As[int8](r, e) }, "return 128", "the number 128 does not fit into int8"},
		{func(r Results, e error) (any, error) { return As[uint](r, e) }, "return -1", "the number -1 does not fit into uint"},
		{func(r Results, e error) (any, error) { return As[int](r, e) }, "return 2.0", "int 2"},
		{func(r Results, e error) (any, error) { return As[int](r, e) }, "return 2.5", "the number 2.5 has no integer representation"},
		{func(r Results, e error) (any, error) { return As[int64](r, e) }, "return 2.0^63", "no integer representation"},
		{func(r Results, e error) (any, error) { return As[int](r, e) }, "return 0/0", "no integer representation"},
		{func(r Results, e error) (any, error) { return As[float32](r, e) }, "return 3", "float32 3"},
		{func(r Results, e error) (any, error) { return As[named](r, e) }, "return 'x'", "moonlet.named x"},
		{func(r Results, e error) (any, error) { return As[string](r, e) }, "return 5", "string expected, got number"},
		{func(r Results, e error) (any, error) { return As[string](r, e) }, "return", "string expected, got nil"},
		{func(r Results, e error) (any, error) { return As[bool](r, e) }, "return 'x'", "bool expected, got string"},
		{func(r Results, e error) (any, error) { return As[[2]int](r, e) }, "return {1}", "[2]int expected, got a table of 1 values"},
		{func(r Results, e error) (any, error) { return As[[]int](r, e) }, "return {1, 'x'}", "value 2: int expected, got string"},
		{func(r Results, e error) (any, error) { return As[map[string]int](r, e) }, "return {a = {}}", "a: int expected, got table"},
		{func(r Results, e error) (any, error) { return As[map[int]string](r, e) }, "return {'x'}", "map[int]string map[1:x]"},
		{func(r Results, e error) (any, error) { return As[map[string]int](r, e) }, "return {[{}] = 1}", "the key"},
		{func(r Results, e error) (any, error) { return As[account](r, e) }, "return {parent = {name = 5}}", "parent: name: string expected, got number"},
		{func(r Results, e error) (any, error) { return As[account](r, e) }, "return {1}", "account expected, got table"},
		{func(r Results, e error) (any, error) { return As[**int](r, e) }, "return 1", "expected"},
		{func(r Results, e error) (any, error) { return As[chan int](r, e) }, "return 1", "chan int expected"},
		{func(r Results, e error) (any, error) { return As[*Function](r, e) }, "return 1", "Function expected, got number"},
		{func(r Results, e error) (any, error) { return As[int](r, e) }, "return print", "int expected, got function"},
		{func(r Results, e error) (any, error) { return As[int](r, e) }, "error('x')", "x"},
	} {
		got, err := c.convert(lua.Eval(ctx, c.source))
		said := fmt.Sprintf("%T %v", got, got)
		if err != nil {
			said = err.Error()
		}
		if !strings.Contains(said, c.words) {
			t.Errorf("%s: %q was expected, not %q", c.source, c.words, said)
		}
	}
}

func TestWhatLuaHasNoFormOf(t *testing.T) {
	lua := newState(t)
	type loop *loop
	var itself loop
	itself = &itself
	var inside any
	inside = &inside
	cycle := []any{nil}
	cycle[0] = cycle
	type node struct{ Next *node }
	ring := &node{}
	ring.Next = ring
	table := map[string]any{}
	table["x"] = table
	for _, c := range []struct {
		value any
		words string
	}{
		{make(chan int), "Lua has no form of chan int"}, {1i, "Lua has no form of complex128"}, {map[string]any{"a": []any{1i}}, "a: Lua has no form"},
		{uint64(1) << 63, "does not fit into Lua's 64-bit integers"}, {map[float64]int{math.NaN(): 1}, "NaN cannot be a key"}, {cycle, "nests deeper than 128"},
		{ring, "nests deeper than 128"}, {table, "nests deeper than 128"}, {itself, "nests deeper than 128"}, {inside, "nests deeper than 128"},
		{(*Object)(nil), "an Object is nil"}, {(*Function)(nil), "function is nil"}, {(*Key)(nil), "a Key is nil"}, {(func())(nil), "a function of Go was expected"},
		{func(chan int) {}, "no value of Lua can be the parameter"}, {map[any]any{nil: 1}, "key in data is nil"},
	} {
		_, err := lua.Eval(ctx, "", c.value)
		expect(t, err, ErrRefused, c.words)
		isUsable(t, lua)
	}
	equal(t, len(lua.objects.byNumber), 0)
}

func TestNulls(t *testing.T) {
	lua := newState(t, Nulls())
	equal(t, mustEval(t, lua, "local t = ... return t[2] == host.null and t.x == nil", []any{1, nil, 3}).First(), any(true))
}

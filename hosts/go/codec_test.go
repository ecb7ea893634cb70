package moonlet

import (
	"bytes"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// FuzzDecode gives the codec any bytes: a value or an error, never a panic. What it makes of them it can write, and reads again as the same.
func FuzzDecode(f *testing.F) {
	for _, file := range []string{"values", "calls", "malformed", "conversations"} {
		for _, v := range vectors(f, file) {
			for _, text := range []*string{v.Result, &v.Arguments} {
				if text != nil {
					f.Add([]byte(unhexed(*text)))
				}
			}
		}
	}
	f.Add(bytes.Repeat([]byte{0x91}, 1000))
	f.Add(bytes.Repeat([]byte{0xdd, 0, 0, 0xff, 0xff}, 1000))
	f.Add(bytes.Repeat([]byte{0xdf, 0, 0, 0x0f, 0xff}, 1000))
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := decode(data, pairs{})
		if err != nil {
			return
		}
		encoded, err := encodeOne(nil, value, pairs{})
		if err != nil {
			// Lua takes nil as no key, and 129 levels within the array around all values.
			if text := err.Error(); !strings.Contains(text, "nests deeper") && !strings.Contains(text, "NaN cannot be a key") {
				t.Fatal(err)
			}
			return
		}
		again, err := decode(encoded, pairs{})
		if err != nil {
			t.Fatal(err)
		}
		twice, err := encodeOne(nil, again, pairs{})
		if err != nil || sorted(encoded) != sorted(twice) {
			t.Fatalf("%x, %x, %v", encoded, twice, err)
		}
		// Nothing of it can stop a conversion either.
		for _, target := range []any{new(account), new([]account), new(map[string]any), new(map[any]account), new([3]int8), new(string), new(*float64)} {
			_ = assign(reflect.ValueOf(target).Elem(), value)
		}
	})
}

// sorted has the bytes in order: keys that no map can tell apart, such as two equal tables, come in any.
func sorted(data []byte) string {
	copied := bytes.Clone(data)
	slices.Sort(copied)
	return string(copied)
}

func unhexed(text string) string {
	made := make([]byte, len(text)/2)
	for at := range made {
		for _, digit := range text[2*at : 2*at+2] {
			made[at] = made[at]<<4 | byte(strings.IndexRune("0123456789abcdef", digit))
		}
	}
	return string(made)
}

func TestValuesAtTheEdges(t *testing.T) {
	var values []any
	for shift := range 64 {
		for _, off := range []int64{-1, 0, 1} {
			values = append(values, int64(1)<<shift+off, -(int64(1)<<shift)+off)
		}
	}
	for _, length := range []int{0, 31, 32, 255, 256, 65535, 65536} {
		values = append(values, strings.Repeat("x", length), strings.Repeat("\xff", length), make([]any, min(length, 70_000)))
	}
	values = append(values, math.Inf(1), math.MaxFloat64, math.SmallestNonzeroFloat64, 0.1, true, false, nil)
	encoded, err := encodeArray(nil, values, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := decode(encoded, nil)
	if err != nil || !reflect.DeepEqual(again, values) {
		t.Fatal("they came back as others", err)
	}
	// Lua has them as they are.
	lua := newState(t, Nulls())
	for _, value := range values {
		if _, isTable := value.([]any); !isTable {
			if got := mustEval(t, lua, "return ...", value).First(); got != value {
				t.Fatalf("%v came back as %v", value, got)
			}
		}
	}
	if nan, _ := mustEval(t, lua, "return ...", math.NaN()).First().(float64); nan == nan {
		t.Fatal("NaN came back as", nan)
	}
}

func TestTablesOfManySizes(t *testing.T) {
	lua := newState(t)
	for _, size := range []int{0, 1, 15, 16, 1000, 70_000} {
		table, list := map[int]bool{}, make([]uint16, size)
		for n := range size {
			table[n*2+1], list[n] = true, uint16(n)
		}
		got, err := As[map[int]bool](lua.Eval(ctx, "return ...", table))
		if err != nil || !reflect.DeepEqual(got, table) && size != 0 {
			t.Fatal(size, err)
		}
		numbers, err := As[[]uint16](lua.Eval(ctx, "return ...", list))
		if err != nil || !reflect.DeepEqual(numbers, list) {
			t.Fatal(size, err)
		}
	}
	deep := any(1)
	for range 128 {
		deep = []any{deep}
	}
	mustEval(t, lua, "return ...", deep)
	_, err := lua.Eval(ctx, "", []any{deep})
	expect(t, err, ErrRefused, "nests deeper than 128")
	_, err = lua.Eval(ctx, "local t = {} t[1] = t return t")
	equal(t, expect(t, err, ErrRuntime, "").Status, 22)
}

func TestMemoryStaysFlat(t *testing.T) {
	count := 20_000
	if os.Getenv("MOONLET_ENGINE") == "interpreter" {
		count = 5_000
	}
	if growth, err := soak(shared, count); err != nil || !growth.isFlat() {
		t.Fatalf("%+v %v", growth, err)
	}
}

// TestSoak is the long form, for its own command.
func TestSoak(t *testing.T) {
	if os.Getenv("MOONLET_SOAK") == "" {
		t.Skip("`soak` runs it")
	}
	growth, err := soak(shared, 1_000_000)
	t.Logf("1,000,000 evaluations: %+v", growth)
	if err != nil || !growth.isFlat() {
		t.Fatal(err)
	}
}

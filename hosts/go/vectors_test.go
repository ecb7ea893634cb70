package moonlet

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"moonlet/internal/abi"
)

type vector struct {
	Name, Source, Define, Chunk, Needs string
	Options                            map[int]float64
	Arguments                          string
	Result                             *string
	Status                             int
	Steps                              []conversationStep
	Error                              map[string]any
	Traceback                          []string
}

type conversationStep struct {
	Compute, Call, Resume, Raise *string
	Set                          []float64
	Compact, Dropped             any
	Result                       *string
	Status                       int
}

func vectors(t testing.TB, file string) []vector {
	t.Helper()
	text, err := os.ReadFile("../../tests/vectors/" + file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var found []vector
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

// forEach runs the vectors of a file on every module that has what they need.
func forEach(t *testing.T, file string, run func(t *testing.T, v vector, module Option)) {
	for _, module := range everyModule {
		for _, v := range vectors(t, file) {
			if v.Needs == "" || !strings.HasSuffix(module.name, "-mini") {
				t.Run(module.name+"/"+v.Name, func(t *testing.T) { run(t, v, module.option) })
			}
		}
	}
}

// bare makes an instance that nothing but the vector has set.
func bare(t *testing.T, v vector, module Option) *instance {
	s, err := newSettings([]Option{module})
	if err != nil {
		t.Fatal(err)
	}
	in, err := newInstance(shared, s.module)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.machine.close)
	options := map[int]float64{abi.OptionFormat: 1}
	maps.Copy(options, v.Options)
	for key, value := range options {
		if status, err := in.set(key, value); err != nil || status != 0 {
			t.Fatal(status, err)
		}
	}
	return in
}

// raw calls an export by the rule of runs, without a look at what it answers.
func raw(t *testing.T, in *instance, e export, data string, before ...uint32) (int, string) {
	t.Helper()
	answer, err := in.give(e, []byte(data), before...)
	if err != nil {
		t.Fatal(err)
	}
	return statusOf(answer), hex.EncodeToString(in.result())
}

// compute runs a source without a name.
func compute(t *testing.T, in *instance, source string) (int, string) {
	t.Helper()
	data, err := encodeArray(nil, []any{source}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return raw(t, in, exportEval, string(data))
}

func unhex(t *testing.T, text string) string {
	t.Helper()
	bytes, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes)
}

func check(t *testing.T, in *instance, wantedStatus int, wanted *string, status int, result string) {
	t.Helper()
	equal(t, status, wantedStatus)
	if wanted == nil {
		return
	}
	equal(t, result, *wanted)
	strings, err := in.figure(abi.OptionStrings)
	if err != nil {
		t.Fatal(err)
	}
	value, err := decode([]byte(unhex(t, result)), pairs{})
	if err != nil {
		t.Fatal(err)
	}
	// With the option every string is bytes, which this package has no use for.
	if values, ok := value.([]any); ok && strings == 0 {
		encoded, err := encodeArray(nil, values, pairs{})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, hex.EncodeToString(encoded), result)
	}
}

// pairs are links to nothing: what is foreign stays a number.
type pairs struct{}

func (pairs) toLua(value any) (byte, uint32, error) {
	if object, ok := value.(*Object); ok {
		if pair, ok := object.Value.([2]uint32); ok {
			return byte(pair[0]), pair[1], nil
		}
	}
	return 0, 0, errors.New("not foreign")
}

func (pairs) fromLua(kind byte, number uint32) (any, error) {
	return &Object{Value: [2]uint32{uint32(kind), number}}, nil
}

func TestVectorsValues(t *testing.T) {
	forEach(t, "values", func(t *testing.T, v vector, module Option) {
		in := bare(t, v, module)
		status, result := compute(t, in, v.Source)
		check(t, in, v.Status, v.Result, status, result)
	})
}

func TestVectorsCalls(t *testing.T) {
	forEach(t, "calls", func(t *testing.T, v vector, module Option) {
		in := bare(t, v, module)
		compute(t, in, v.Define)
		status, result := raw(t, in, exportCall, unhex(t, v.Arguments))
		check(t, in, v.Status, v.Result, status, result)
	})
}

func TestVectorsMalformed(t *testing.T) {
	forEach(t, "malformed", func(t *testing.T, v vector, module Option) {
		in := bare(t, v, module)
		status, _ := raw(t, in, exportCall, unhex(t, v.Arguments))
		equal(t, status, v.Status)
		_, result := compute(t, in, "return 2+2")
		equal(t, result, "9104")
	})
}

func TestTheCodecRefusesWhatIsMalformedInItself(t *testing.T) {
	for _, v := range vectors(t, "malformed") {
		value, err := decode([]byte(unhex(t, v.Arguments)), pairs{})
		// The rest is MessagePack, and refused for what Lua cannot hold, or because it is no array.
		if _, isArray := value.([]any); err == nil && isArray && v.Status != abi.StatusBadData {
			t.Errorf("%s: %v", v.Name, value)
		}
	}
}

func TestVectorsConversations(t *testing.T) {
	forEach(t, "conversations", func(t *testing.T, v vector, module Option) {
		in := bare(t, v, module)
		task := func() uint32 {
			return binary.LittleEndian.Uint32(in.block()[abi.InfoTask:])
		}
		var status int
		var result string
		for _, s := range v.Steps {
			switch {
			case s.Compute != nil:
				status, result = compute(t, in, *s.Compute)
			case s.Call != nil:
				status, result = raw(t, in, exportCall, unhex(t, *s.Call))
			case s.Resume != nil:
				status, result = raw(t, in, exportResume, unhex(t, *s.Resume), task())
			case s.Raise != nil:
				status, result = raw(t, in, exportRaise, unhex(t, *s.Raise), task())
			case s.Set != nil:
				status, err := in.set(int(s.Set[0]), s.Set[1])
				if err != nil || status != s.Status {
					t.Fatal(status, err)
				}
				continue
			case s.Compact != nil:
				if err := in.invoke(exportCompact); err != nil {
					t.Fatal(err)
				}
				continue
			case s.Dropped != nil:
				answer, err := in.call(exportDropped)
				if err != nil {
					t.Fatal(err)
				}
				status, result = statusOf(int(int32(answer))), hex.EncodeToString(in.result())
			default:
				t.Fatal("an unknown step")
			}
			check(t, in, s.Status, s.Result, status, result)
		}
	})
}

func TestVectorsErrors(t *testing.T) {
	forEach(t, "errors", func(t *testing.T, v vector, module Option) {
		options := []Option{module}
		for key, value := range v.Options {
			options = append(options, limit("", key, int64(value)))
		}
		lua := newState(t, options...)
		_, err := lua.EvalNamed(ctx, v.Chunk, v.Source)
		var found *Error
		if !errors.As(err, &found) {
			t.Fatal(err)
		}
		equal(t, found.Status, v.Status)
		told := map[string]any{"message": found.Message}
		if found.Chunk != "" {
			told["chunk"] = found.Chunk
		}
		if found.Line != 0 {
			told["line"] = float64(found.Line)
		}
		if found.Value != nil {
			text, err := json.Marshal(plain(found.Value))
			if err != nil {
				t.Fatal(err)
			}
			var value any
			if err := json.Unmarshal(text, &value); err != nil {
				t.Fatal(err)
			}
			told["value"] = value
		}
		if !reflect.DeepEqual(told, v.Error) {
			t.Fatalf("%v was expected, not %v", v.Error, told)
		}
		rest := v.Traceback
		for _, level := range strings.Split(found.Traceback, "\n") {
			if at := slices.Index(rest, strings.TrimSpace(level)); at == 0 {
				rest = rest[1:]
			}
		}
		if len(rest) > 0 {
			t.Fatalf("the traceback lacks %q: %s", rest, found.Traceback)
		}
	})
}

// plain makes a value that JSON has.
func plain(value any) any {
	table, ok := value.(map[any]any)
	if !ok {
		return value
	}
	made := map[string]any{}
	for key, value := range table {
		if name, ok := key.(string); ok {
			made[name] = plain(value)
		}
	}
	return made
}

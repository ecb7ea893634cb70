package moonlet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var ctx = context.Background()

// shared is the runtime of all tests, on the engine that MOONLET_ENGINE names: "compiler", which is the default, or "interpreter".
var shared *Runtime

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	options, err := engineOptions()
	if err == nil {
		shared, err = New(ctx, options...)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	defer shared.Close()
	defer func() { _ = os.RemoveAll(built.folder) }()
	return m.Run()
}

// engineOptions are those of the engine, with a cache that all test runs share.
func engineOptions() ([]RuntimeOption, error) {
	switch engine := os.Getenv("MOONLET_ENGINE"); engine {
	case "interpreter":
		return []RuntimeOption{Interpreter()}, nil
	case "", "compiler":
		folder, err := os.UserCacheDir()
		return []RuntimeOption{CacheDir(filepath.Join(folder, "moonlet-go-tests"))}, err
	default:
		return nil, fmt.Errorf("MOONLET_ENGINE is compiler or interpreter, not %q", engine)
	}
}

var everyModule = []struct {
	name   string
	option Option
}{{"lua54", Lua54()}, {"lua55", Lua55()}, {"lua54-mini", Lua54Mini()}, {"lua55-mini", Lua55Mini()}}

func newState(t testing.TB, options ...Option) *Lua {
	t.Helper()
	lua, err := shared.Lua(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lua.Close() })
	return lua
}

func mustEval(t testing.TB, lua *Lua, source string, arguments ...any) Results {
	t.Helper()
	results, err := lua.Eval(ctx, source, arguments...)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return results
}

// isUsable asserts that the state goes on.
func isUsable(t testing.TB, lua *Lua) {
	t.Helper()
	if four := mustEval(t, lua, "return 2 + 2").First(); four != int64(4) {
		t.Fatalf("2 + 2 is %v", four)
	}
}

// expect asserts that an error is of a kind and has some words.
func expect(t testing.TB, err error, kind Kind, words string) *Error {
	t.Helper()
	var found *Error
	if !errors.As(err, &found) || !errors.Is(err, kind) || !strings.Contains(err.Error(), words) {
		t.Fatalf("%q of kind %q was expected, not %v (%T)", words, kind, err, err)
	}
	return found
}

func equal[T comparable](t testing.TB, found, wanted T) {
	t.Helper()
	if found != wanted {
		t.Fatalf("%v was expected, not %v", wanted, found)
	}
}

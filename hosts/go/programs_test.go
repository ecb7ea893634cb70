package moonlet

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var built struct {
	once   sync.Once
	folder string
	err    error
}

// example runs one of the examples, which are built once.
func example(t *testing.T, name string, arguments ...string) (string, error) {
	t.Helper()
	built.once.Do(func() {
		built.folder, built.err = os.MkdirTemp("", "moonlet-examples-")
		if built.err == nil {
			command := exec.Command("go", "build", "-tags", tags, "-o", built.folder+string(filepath.Separator), "./examples/...")
			command.Stderr = os.Stderr
			built.err = command.Run()
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	output, err := exec.CommandContext(t.Context(), filepath.Join(built.folder, name), arguments...).Output()
	return string(output), err
}

func TestPrograms(t *testing.T) {
	for _, name := range []string{"hello", "errors", "host-calls", "hostile", "pause", "snapshot"} {
		t.Run(name, func(t *testing.T) {
			expected, err := os.ReadFile("../programs/" + name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			printed, err := example(t, name)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, printed, string(expected))
		})
	}
}

func TestProgramsChain(t *testing.T) {
	folder := t.TempDir()
	place := func(number string) string { return filepath.Join(folder, number) }
	for _, hop := range [][]string{{"start", place("0")}, {"go", "go", place("0"), place("1")}, {"go", "rust", place("1"), place("2")}} {
		if printed, err := example(t, "chain", hop...); err != nil || printed != "" {
			t.Fatal(hop, printed, err)
		}
	}
	printed, err := example(t, "chain", "go", "javascript", place("2"), place("3"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, printed, "go, rust, javascript; closed 3 times\n")
	if _, err := os.Stat(place("3")); err == nil {
		t.Fatal("the end of the chain left a snapshot")
	}
}

func TestAWrongCommandSaysHow(t *testing.T) {
	for _, arguments := range [][]string{nil, {"start"}, {"go", "x"}} {
		printed, err := example(t, "chain", arguments...)
		failed, ok := err.(*exec.ExitError)
		if !ok || failed.ExitCode() != 2 || printed != "" || !strings.HasPrefix(string(failed.Stderr), "usage:") {
			t.Fatal(arguments, printed, err)
		}
	}
}

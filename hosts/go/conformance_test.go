package moonlet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestConformance runs Lua's official suites in their form for users, from the folder that MOONLET_TESTES names.
func TestConformance(t *testing.T) {
	testes := os.Getenv("MOONLET_TESTES")
	if testes == "" {
		t.Skip("MOONLET_TESTES names the folder of Lua's official suites, which `cargo xtask test conformance` fetches")
	}
	for _, module := range everyModule[:2] {
		t.Run(module.name, func(t *testing.T) {
			var printed strings.Builder
			libraries := Libraries("base", "package", "coroutine", "debug", "io", "math", "os", "string", "table", "utf8", "msgpack", "host", "debug_full")
			lua := newState(t, module.option, Memory(0), BinaryChunks(), libraries, Stdout(&printed), Stderr(&printed), Seed(0),
				Clock(func() time.Time { return time.Unix(1_767_225_600, 0) }))
			if err := lua.Files().Write("a", nil); err != nil {
				t.Fatal(err)
			}
			files, err := filepath.Glob(filepath.Join(testes, module.name, "testes", "*.lua"))
			if err != nil || len(files) == 0 {
				t.Fatal(files, err)
			}
			for _, file := range files {
				contents, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if err := lua.Files().Write(filepath.Base(file), contents); err != nil {
					t.Fatal(err)
				}
			}
			script, err := os.ReadFile("../programs/figures/conformance.lua")
			if err != nil {
				t.Fatal(err)
			}
			_, err = lua.Eval(ctx, string(script))
			if err != nil || !strings.Contains(printed.String(), "final OK") {
				t.Fatal(err, printed.String()[max(0, printed.Len()-2000):])
			}
		})
	}
}

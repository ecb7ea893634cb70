package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The translator of WebAssembly to Go, which is fetched.
const wasm2go = "github.com/ncruces/wasm2go@v0.4.21"

// The tag of builds without an engine.
const translated = "moonlet_translated"

// translate makes each module a package of Go source.
func translate(ctx context.Context, _ []string) error {
	if err := modules(ctx, nil); err != nil {
		return err
	}
	for _, module := range []string{"lua54", "lua55", "lua54-mini", "lua55-mini"} {
		contents, err := os.ReadFile(module + ".wasm")
		if err != nil {
			return err
		}
		name := strings.ReplaceAll(module, "-", "")
		folder := filepath.Join("internal", name)
		stamp := filepath.Join(folder, "made-of")
		wanted := fmt.Sprintf("%s %x\n", wasm2go, sha256.Sum256(contents))
		if old, err := os.ReadFile(stamp); err == nil && string(old) == wanted {
			continue
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		// Its accesses of memory are checked with and without the package unsafe, and faster with it.
		if err := limited(ctx, longest, ".", nil, "go", "run", wasm2go, "-unsafe", "-pkg", name, "-tags", translated, "-o", filepath.Join(folder, name+".go"), module+".wasm"); err != nil {
			return err
		}
		if err := replace(stamp, []byte(wanted)); err != nil {
			return err
		}
	}
	return nil
}

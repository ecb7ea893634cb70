// Package programs has what the examples share: where their Lua sources are, and how they end when something fails.
package programs

import (
	"context"
	"log"
	"os"
	"path/filepath"
	"runtime"

	"moonlet"
)

// Source is the text of a Lua source in hosts/programs, which all languages share.
func Source(name string) string {
	_, here, _, _ := runtime.Caller(0)
	text, err := os.ReadFile(filepath.Join(filepath.Dir(here), "../../../programs", name))
	Check(err)
	return string(text)
}

// Check ends the program where there is an error.
func Check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Runtime makes a runtime on the engine that MOONLET_ENGINE names: "interpreter", or wazero's choice.
func Runtime() *moonlet.Runtime {
	var options []moonlet.RuntimeOption
	if os.Getenv("MOONLET_ENGINE") == "interpreter" {
		options = append(options, moonlet.Interpreter())
	} else if folder, err := os.UserCacheDir(); err == nil {
		options = append(options, moonlet.CacheDir(filepath.Join(folder, "moonlet-go-tests")))
	}
	made, err := moonlet.New(context.Background(), options...)
	Check(err)
	return made
}

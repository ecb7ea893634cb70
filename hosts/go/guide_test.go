package moonlet

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	blocks = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")
	said   = regexp.MustCompile(`(?m)^\s*fmt\.Print(?:ln|f)\(.*\) // (.*)$`)
)

// The pages' fragments use these, and some of them only here.
const preamble = `package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"strings"
	"testing/fstest"
	"time"

	"moonlet"
)

var (
	_ = errors.Is
	_ fs.FS
	_ fstest.MapFS
	_ time.Time
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
`

// TestGuide runs each whole program of the guide and the README in a module of its own that has the package by replacement, and the
// fragments in order as one program, and compares what they print with the comments beside it.
func TestGuide(t *testing.T) {
	for _, page := range []string{"../../docs/using-from-go.md", "README.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		var body, types strings.Builder
		for at, block := range blocks.FindAllStringSubmatch(string(text), -1) {
			switch {
			case strings.HasPrefix(block[1], "package "):
				t.Run(filepath.Base(page)+"/program", func(t *testing.T) { runPage(t, block[1]) })
			case strings.HasPrefix(block[1], "type "):
				types.WriteString(block[1])
			default:
				body.WriteString(block[1])
			}
			if at == 0 && !strings.HasPrefix(block[1], "package ") {
				t.Fatal("the first block is a program")
			}
		}
		if body.Len() > 0 {
			t.Run(filepath.Base(page)+"/fragments", func(t *testing.T) {
				runPage(t, preamble+types.String()+"\nfunc main() {\n"+body.String()+"}\n")
			})
		}
	}
}

func runPage(t *testing.T, program string) {
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	for name, contents := range map[string]string{"main.go": program, "go.sum": string(sums)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(contents), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var printed []byte
	for _, line := range []string{"mod init example", "mod edit -replace moonlet=" + here, "mod tidy", "run -tags=" + tags + " ."} {
		command := exec.CommandContext(t.Context(), "go", strings.Fields(line)...)
		var told strings.Builder
		command.Dir, command.Stderr = folder, &told
		if printed, err = command.Output(); err != nil {
			t.Fatalf("go %s: %v\n%s", line, err, told.String())
		}
	}
	lines := "\n" + string(printed)
	for _, wanted := range said.FindAllStringSubmatch(program, -1) {
		if !strings.Contains(lines, "\n"+wanted[1]+"\n") {
			t.Errorf("%q is not printed: %s", wanted[1], printed)
		}
	}
}

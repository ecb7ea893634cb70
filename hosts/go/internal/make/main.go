// Command make is what is done with the Go package in a checkout; it needs the modules that `make dist` leaves in dist/.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Versions of tools that the package itself does not need.
const staticcheck = "honnef.co/go/tools/cmd/staticcheck@v0.8.2"

// Time after which a command is taken to hang, and one that measures.
const (
	longest            = 15 * time.Minute
	longestMeasurement = 4 * time.Hour
)

type command struct {
	name, does string
	run        func(ctx context.Context, arguments []string) error
	takes      bool
}

var commands = []command{
	{"modules", "copies the modules and the licence to where the package has them", modules, false},
	{"translate", "makes the modules Go source, for builds without an engine, by a translator that is fetched", translate, false},
	{"test", "vet and the fast tests, with an engine and without one; go test gets the arguments", test, true},
	{"race", "the fast tests under the race detector", race, false},
	{"lint", "vet and staticcheck, which is fetched", lint, false},
	{"fuzz", "gives the codec any bytes for a minute; the argument is another time, such as 10m", fuzz, true},
	{"pack", "packs the module's files into dist/; equal commits give equal bytes", pack, false},
	{"engines", "vectors, programs and the guide on wazero's compiler and interpreter; a line of JSON for each", engines, false},
	{"bench", "figures, as lines of JSON, beside gopher-lua", bench, false},
	{"soak", "1,000,000 evaluations in one state: memory stays flat", soak, false},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	arguments := os.Args[1:]
	for _, command := range commands {
		if len(arguments) == 0 || command.name != arguments[0] || len(arguments) > 1 && !command.takes {
			continue
		}
		if err := command.run(ctx, arguments[1:]); err != nil {
			fmt.Fprintln(os.Stderr, "error:", err)
			os.Exit(1)
		}
		return
	}
	fmt.Fprintln(os.Stderr, "usage: make COMMAND, in hosts/go; the commands are")
	for _, command := range commands {
		fmt.Fprintf(os.Stderr, "  %-9s %s\n", command.name, command.does)
	}
	os.Exit(2)
}

// run runs a command in a folder; what it prints is shown. All that it started ends with it.
func run(ctx context.Context, folder string, environ []string, line ...string) error {
	fmt.Fprintln(os.Stderr, "+", strings.Join(line, " "))
	command := prepare(ctx, folder, environ, line...)
	command.Stdout = os.Stdout
	return command.Run()
}

// output runs one whose output is what is wanted, also where it fails.
func output(ctx context.Context, folder string, environ []string, line ...string) (string, error) {
	var printed bytes.Buffer
	command := prepare(ctx, folder, environ, line...)
	command.Stdout = &printed
	err := command.Run()
	return printed.String(), err
}

func prepare(ctx context.Context, folder string, environ []string, line ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, line[0], line[1:]...)
	command.Dir, command.Env, command.Stderr = folder, append(os.Environ(), environ...), os.Stderr
	endTogether(command)
	command.WaitDelay = 10 * time.Second
	return command
}

// limited gives a command no more time than that.
func limited(ctx context.Context, most time.Duration, folder string, environ []string, line ...string) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	err := run(ctx, folder, environ, line...)
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", strings.Join(line, " "), ctx.Err())
	}
	return err
}

const dist = "../../dist"

// modules copies what is to be embedded, once the hashes are those that `make dist` wrote down.
func modules(context.Context, []string) error {
	sums, err := os.ReadFile(filepath.Join(dist, "SHA256SUMS"))
	if err != nil {
		return fmt.Errorf("dist/ has no modules (%w): run `make dist` first, and this in hosts/go", err)
	}
	for _, name := range []string{"lua54.wasm", "lua55.wasm", "lua54-mini.wasm", "lua55-mini.wasm"} {
		contents, err := os.ReadFile(filepath.Join(dist, name))
		if err != nil {
			return fmt.Errorf("dist/ has no modules (%w): run `make dist` first", err)
		}
		if !strings.Contains(string(sums), fmt.Sprintf("%x  %s", sha256.Sum256(contents), name)) {
			return fmt.Errorf("dist/%s is not the file of dist/SHA256SUMS: run `make dist` again", name)
		}
		if err := replace(name, contents); err != nil {
			return err
		}
	}
	licence, err := os.ReadFile("../../LICENSE")
	return errors.Join(err, replace("LICENSE", licence))
}

// replace writes a file where it has other contents, so that go builds no more than it must.
func replace(name string, contents []byte) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, contents) {
		return nil
	}
	return os.WriteFile(name, contents, 0o644)
}

func test(ctx context.Context, arguments []string) error {
	if err := translate(ctx, nil); err != nil {
		return err
	}
	if err := limited(ctx, longest, ".", nil, "go", "vet", "./..."); err != nil {
		return err
	}
	if err := limited(ctx, longest, ".", nil, append([]string{"go", "test", "-count=1", "./..."}, arguments...)...); err != nil {
		return err
	}
	return limited(ctx, longest, ".", nil, append([]string{"go", "test", "-tags", translated, "-count=1", "."}, arguments...)...)
}

func race(ctx context.Context, _ []string) error {
	return test(ctx, []string{"-race"})
}

func lint(ctx context.Context, _ []string) error {
	if err := modules(ctx, nil); err != nil {
		return err
	}
	if err := limited(ctx, longest, ".", nil, "go", "vet", "./..."); err != nil {
		return err
	}
	return limited(ctx, longest, ".", nil, "go", "run", staticcheck, "./...")
}

func fuzz(ctx context.Context, arguments []string) error {
	span := "1m"
	if len(arguments) == 1 {
		span = arguments[0]
	}
	if _, err := time.ParseDuration(span); err != nil || len(arguments) > 1 {
		return fmt.Errorf("usage: make fuzz [TIME], such as 10m")
	}
	return errors.Join(modules(ctx, nil), limited(ctx, longestMeasurement, ".", nil, "go", "test", "-run", "^$", "-fuzz", "FuzzDecode", "-fuzztime", span, "."))
}

func soak(ctx context.Context, _ []string) error {
	return errors.Join(modules(ctx, nil), limited(ctx, longestMeasurement, ".", []string{"MOONLET_SOAK=1"}, "go", "test", "-count=1", "-v", "-timeout", "4h", "-run", "TestSoak", "."))
}

func bench(ctx context.Context, _ []string) error {
	return errors.Join(modules(ctx, nil), limited(ctx, longestMeasurement, "bench", nil, "go", "run", "."))
}

// copyFile copies a file into an open one.
func copyFile(to io.Writer, name string) error {
	from, err := os.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	_, err = io.Copy(to, from)
	return err
}

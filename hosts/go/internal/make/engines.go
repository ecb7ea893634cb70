package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// row is a line of the table of engines.
type row struct {
	Engine   string   `json:"engine"`
	Version  string   `json:"version"`
	Way      string   `json:"way"`
	Vectors  []int    `json:"vectors,omitempty"`
	Programs []int    `json:"programs,omitempty"`
	Notes    string   `json:"notes"`
	Failed   []string `json:"failed"`
}

func engines(ctx context.Context, _ []string) error {
	if err := modules(ctx, nil); err != nil {
		return err
	}
	wazero, err := output(ctx, ".", nil, "go", "list", "-m", "-f", "{{.Version}}", "github.com/tetratelabs/wazero")
	if err != nil {
		return err
	}
	compiler, err := output(ctx, ".", nil, "go", "env", "GOVERSION")
	if err != nil {
		return err
	}
	if err := translate(ctx, nil); err != nil {
		return err
	}
	wazero, compiler = strings.TrimPrefix(strings.TrimSpace(wazero), "v"), strings.TrimSpace(compiler)
	_, translator, _ := strings.Cut(wasm2go, "@v")
	tried := []engine{
		{row: row{Engine: "wazero compiler", Version: wazero}, environ: "MOONLET_ENGINE=compiler"},
		{row: row{Engine: "wazero interpreter", Version: wazero}, environ: "MOONLET_ENGINE=interpreter"},
		{row: row{Engine: "none: translated by wasm2go", Version: translator}, environ: "MOONLET_ENGINE=compiler", tags: translated},
	}
	failed, memory := false, ""
	for _, e := range tried {
		e.Way, e.Failed = compiler, []string{}
		e.Vectors = e.passed(ctx, "TestVectors")
		e.Programs = e.passed(ctx, "TestPrograms")
		guide, recursion := e.passed(ctx, "TestGuide"), e.passed(ctx, "TestDeepRecursion")
		suites := "official suites not run, for MOONLET_TESTES does not name their folder"
		if os.Getenv("MOONLET_TESTES") != "" {
			suites = "official suites (_U) " + of(e.passed(ctx, "TestConformance"))
		}
		found := e.memory(ctx)
		if memory == "" {
			memory = found
		}
		if found == "" || found != memory {
			e.Failed = append(e.Failed, "memory is not that of the first engine")
		}
		e.Notes = fmt.Sprintf("%s, guide %s, deep recursion %s, memory as on the first; %s", suites, of(guide), of(recursion), e.figures(ctx))
		text, err := json.Marshal(e.row)
		if err != nil {
			return err
		}
		fmt.Println(string(text))
		failed = failed || len(e.Failed) > 0
	}
	if failed {
		return fmt.Errorf("not all passed")
	}
	return nil
}

// engine is a way to run the tests.
type engine struct {
	row
	environ, tags string
}

// test runs tests on the engine, and answers what go test prints.
func (e *engine) test(ctx context.Context, arguments ...string) (string, error) {
	return output(ctx, ".", []string{e.environ}, append([]string{"go", "test", "-tags", e.tags, "-count=1", "-timeout", "60m"}, append(arguments, ".")...)...)
}

// memory is what the test of memory says that it is.
func (e *engine) memory(ctx context.Context) string {
	printed, _ := e.test(ctx, "-v", "-run", "^TestMemoryHash$")
	var found []string
	for line := range strings.Lines(printed) {
		if _, told, ok := strings.Cut(line, "memory of "); ok {
			found = append(found, told)
		}
	}
	return strings.Join(found, "")
}

func of(counts []int) string { return fmt.Sprintf("%d of %d", counts[0], counts[1]) }

// passed counts the innermost tests of a name that pass on an engine, and all of them.
func (e *engine) passed(ctx context.Context, name string) []int {
	printed, err := e.test(ctx, "-json", "-run", "^"+name)
	outcomes := map[string]string{}
	outer := map[string]bool{}
	for lines := bufio.NewScanner(strings.NewReader(printed)); lines.Scan(); {
		var event struct{ Action, Test string }
		if json.Unmarshal(lines.Bytes(), &event) != nil || event.Test == "" {
			continue
		}
		if event.Action == "pass" || event.Action == "fail" {
			outcomes[event.Test] = event.Action
		}
		if test, _, isInner := strings.Cut(event.Test, "/"); isInner {
			outer[test] = true
		}
	}
	counts := []int{0, 0}
	for test, outcome := range outcomes {
		if outer[test] {
			continue
		}
		counts[1]++
		if outcome == "pass" {
			counts[0]++
		}
	}
	if err != nil || counts[0] != counts[1] || counts[1] == 0 {
		e.Failed = append(e.Failed, fmt.Sprintf("%s: %s", name, of(counts)))
	}
	return counts
}

// figures are a new state's, and those of two scripts against native Lua where MOONLET_NATIVE names the native host of the benches.
func (e *engine) figures(ctx context.Context) string {
	printed, _ := e.test(ctx, "-run", "^$", "-bench", "BenchmarkNewState|BenchmarkFib|BenchmarkStrings", "-count", "3")
	fastest := map[string]float64{}
	for line := range strings.Lines(printed) {
		var name string
		var count int
		var nanoseconds float64
		if _, err := fmt.Sscan(line, &name, &count, &nanoseconds); err != nil {
			continue
		}
		name, _, _ = strings.Cut(strings.TrimPrefix(name, "Benchmark"), "-")
		if before := fastest[name]; before == 0 || nanoseconds/1e6 < before {
			fastest[name] = nanoseconds / 1e6
		}
	}
	told := []string{fmt.Sprintf("new state %.3g ms", fastest["NewState"])}
	for _, script := range scripts {
		native, err := script.native(ctx)
		switch found := fastest[script.name]; {
		case err != nil:
			told = append(told, fmt.Sprintf("%s: %v", script.does, err))
		case native > 0:
			told = append(told, fmt.Sprintf("%s %.3g times native", script.does, found/native))
		default:
			told = append(told, fmt.Sprintf("%s %.3g ms", script.does, found))
		}
	}
	return strings.Join(told, ", ")
}

// script is what one of the benchmarks runs.
type script struct{ name, does, source string }

var scripts = []script{
	{"Fib", "fib(24)", "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end fib(24)"},
	{"Strings", "string loop", "local t = {} for i = 1, 10000 do t[i] = ('%d:%s'):format(i, 'x') end local n = #table.concat(t)"},
}

// native is the shortest of some runs by native Lua, in milliseconds; 0 where there is none.
func (s script) native(ctx context.Context) (float64, error) {
	program := os.Getenv("MOONLET_NATIVE")
	if program == "" {
		return 0, nil
	}
	folder, err := os.MkdirTemp("", "moonlet-native-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	before, kernel := filepath.Join(folder, "before.lua"), filepath.Join(folder, "kernel.lua")
	if err := errors.Join(os.WriteFile(before, []byte("function OUTPUT() return '' end"), 0o600), os.WriteFile(kernel, []byte(s.source), 0o600)); err != nil {
		return 0, err
	}
	shortest := 0.0
	for range 9 {
		printed, err := output(ctx, ".", nil, program, before, kernel, "once")
		if err != nil {
			return 0, err
		}
		var milliseconds float64
		if _, err := fmt.Sscan(printed, &milliseconds); err != nil {
			return 0, err
		}
		if shortest == 0 || milliseconds < shortest {
			shortest = milliseconds
		}
	}
	return shortest, nil
}

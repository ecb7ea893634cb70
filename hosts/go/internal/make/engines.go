package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// row is a line of the table of engines.
type row struct {
	Engine   string   `json:"engine"`
	Version  string   `json:"version"`
	Way      string   `json:"way"`
	Vectors  []int    `json:"vectors,omitempty"`
	Programs []int    `json:"programs,omitempty"`
	Suites   []int    `json:"conformance,omitempty"`
	Notes    string   `json:"notes"`
	Failed   []string `json:"failed"`
	Figures
}

// Figures are levels of C calls, and milliseconds of a new state, of fib(24) and of a loop of strings.
type Figures struct {
	Depth   int     `json:"depth,omitempty"`
	Start   float64 `json:"start_ms,omitempty"`
	Fib     float64 `json:"fib_ms,omitempty"`
	Strings float64 `json:"strings_ms,omitempty"`
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
		if os.Getenv("MOONLET_TESTES") != "" {
			e.Suites = e.passed(ctx, "TestConformance")
		}
		found := e.memory(ctx)
		if memory == "" {
			memory = found
		}
		if found == "" || found != memory {
			e.Failed = append(e.Failed, "memory is not that of the first engine")
		}
		e.figures(ctx)
		e.Notes = fmt.Sprintf("guide %s, deep recursion %s, memory as on the first", of(guide), of(recursion))
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
	return output(ctx, ".", strings.Fields(e.environ), append([]string{"go", "test", "-tags", e.tags, "-count=1", "-timeout", "60m"}, append(arguments, ".")...)...)
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

// figures fills in what TestFigures prints of an engine.
func (e *engine) figures(ctx context.Context) {
	e.environ += " MOONLET_FIGURES=1"
	printed, _ := e.test(ctx, "-v", "-run", "^TestFigures$")
	for line := range strings.Lines(printed) {
		if _, told, ok := strings.Cut(line, "figures: "); ok && json.Unmarshal([]byte(told), &e.Figures) == nil {
			return
		}
	}
	e.Failed = append(e.Failed, "TestFigures prints none")
}

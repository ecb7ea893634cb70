package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
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
	failed := false
	for _, engine := range []string{"compiler", "interpreter"} {
		line := row{Engine: "wazero " + engine, Version: strings.TrimPrefix(strings.TrimSpace(wazero), "v"), Way: strings.TrimSpace(compiler), Failed: []string{}}
		line.Vectors = line.passed(ctx, engine, "TestVectors")
		line.Programs = line.passed(ctx, engine, "TestPrograms")
		guide, recursion := line.passed(ctx, engine, "TestGuide"), line.passed(ctx, engine, "TestDeepRecursion")
		line.Notes = fmt.Sprintf("guide %v, deep recursion %v; %s", of(guide), of(recursion), figures(ctx, engine))
		text, err := json.Marshal(line)
		if err != nil {
			return err
		}
		fmt.Println(string(text))
		failed = failed || len(line.Failed) > 0
	}
	if failed {
		return fmt.Errorf("not all passed")
	}
	return nil
}

func of(counts []int) string { return fmt.Sprintf("%d of %d", counts[0], counts[1]) }

// passed counts the innermost tests of a name that pass on an engine, and all of them.
func (r *row) passed(ctx context.Context, engine, name string) []int {
	printed, err := output(ctx, ".", []string{"MOONLET_ENGINE=" + engine}, "go", "test", "-count=1", "-json", "-run", "^"+name, ".")
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
		if at := strings.LastIndex(event.Test, "/"); at > 0 {
			outer[event.Test[:at]] = true
		}
	}
	counts := []int{0, 0}
	for test, outcome := range outcomes {
		if outer[test] || outer[strings.SplitN(test, "/", 2)[0]] && !strings.Contains(test, "/") {
			continue
		}
		counts[1]++
		if outcome == "pass" {
			counts[0]++
		}
	}
	if err != nil || counts[0] != counts[1] || counts[1] == 0 {
		r.Failed = append(r.Failed, fmt.Sprintf("%s: %s", name, of(counts)))
	}
	return counts
}

// figures are those of the benchmarks on an engine: a new state, and what a script takes.
func figures(ctx context.Context, engine string) string {
	printed, _ := output(ctx, ".", []string{"MOONLET_ENGINE=" + engine}, "go", "test", "-count=1", "-run", "XXX", "-bench", "BenchmarkNewState|BenchmarkFib|BenchmarkStrings", "-benchtime", "1s", ".")
	var found []string
	for line := range strings.SplitSeq(printed, "\n") {
		fields := strings.Fields(line)
		if len(fields) >= 4 && strings.HasPrefix(fields[0], "Benchmark") {
			var nanoseconds float64
			if _, err := fmt.Sscan(fields[2], &nanoseconds); err == nil {
				name, _, _ := strings.Cut(strings.TrimPrefix(fields[0], "Benchmark"), "-")
				found = append(found, fmt.Sprintf("%s %.3g ms", name, nanoseconds/1e6))
			}
		}
	}
	return strings.Join(found, ", ")
}

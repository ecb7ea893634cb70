// Command chain takes part in the chain of hosts/programs/README.md.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"moonlet"
	"moonlet/internal/programs"
)

const usage = `usage:
  chain start OUT        runs rich.lua until it waits for ask, and writes the snapshot to OUT
  chain go NAME IN OUT   restores IN, answers the call that waits with NAME and its arguments but the first; writes the next snapshot to
                         OUT, or prints the result
`

func main() {
	ctx := context.Background()
	arguments := os.Args[1:]
	isStart := len(arguments) == 2 && arguments[0] == "start"
	if !isStart && (len(arguments) != 4 || arguments[0] != "go") {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	lua, err := programs.Runtime().Lua()
	programs.Check(err)
	defer lua.Close()

	var task *moonlet.Task
	if isStart {
		programs.Check(lua.Define("ask", nil))
		task, err = lua.Start(ctx, programs.Source("rich.lua"))
		programs.Check(err)
	} else {
		snapshot, err := os.ReadFile(arguments[2])
		programs.Check(err)
		programs.Check(lua.Restore(snapshot))
		tasks, err := lua.Tasks()
		programs.Check(err)
		if len(tasks) != 1 {
			log.Fatalf("one task waits in a snapshot of the chain, not %d", len(tasks))
		}
		task = tasks[0]
		answer := append([]any{arguments[1]}, task.Args()[1:]...)
		programs.Check(task.Resume(ctx, answer...))
	}
	for task.Kind() == moonlet.TaskPaused {
		programs.Check(task.Resume(ctx))
	}
	if task.Kind() == moonlet.TaskDone {
		fmt.Println(task.Results()...)
		return
	}
	snapshot, err := lua.Snapshot()
	programs.Check(err)
	programs.Check(os.WriteFile(arguments[len(arguments)-1], snapshot, 0o600))
}

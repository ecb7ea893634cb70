// Command snapshot moves a script that waits for an answer into another state, where it gets it.
package main

import (
	"context"
	"fmt"

	"moonlet/internal/programs"
)

func main() {
	ctx := context.Background()
	runtime := programs.Runtime()
	lua, err := runtime.Lua()
	programs.Check(err)
	programs.Check(lua.Define("ask", nil))
	task, err := lua.Start(ctx, programs.Source("snapshot.lua"))
	programs.Check(err)
	fmt.Println("asked:", task.Args()[0])
	snapshot, err := lua.Snapshot()
	programs.Check(err)
	programs.Check(lua.Close())
	fmt.Println("the snapshot is taken, the first instance closed")

	lua, err = runtime.Lua()
	programs.Check(err)
	defer lua.Close()
	programs.Check(lua.Restore(snapshot))
	tasks, err := lua.Tasks()
	programs.Check(err)
	for _, answer := range []string{"Arthur", "the grail"} {
		fmt.Println("asked:", tasks[0].Args()[0])
		programs.Check(tasks[0].Resume(ctx, answer))
	}
	fmt.Println(tasks[0].Results()...)
}

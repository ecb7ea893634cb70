// Command pause runs a long computation in slices, between which the host does other things.
package main

import (
	"context"
	"fmt"

	"moonlet"
	"moonlet/internal/programs"
)

func main() {
	ctx := context.Background()
	lua, err := programs.Runtime().Lua(moonlet.Slice(10_000))
	programs.Check(err)
	defer lua.Close()

	task, err := lua.Start(ctx, programs.Source("pause.lua"))
	programs.Check(err)
	two, err := moonlet.As[int](lua.Eval(ctx, "return 1 + 1"))
	programs.Check(err)
	fmt.Printf("%s, meanwhile 1 + 1 is %d\n", task.Kind(), two)
	pauses := 0
	for task.Kind() == moonlet.TaskPaused {
		pauses++
		programs.Check(task.Resume(ctx))
	}
	fmt.Printf("paused more than once: %v\n", pauses > 1)
	fmt.Println(task.Results()...)
}

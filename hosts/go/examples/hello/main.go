// Command hello evaluates a script, and calls a function that it left.
package main

import (
	"context"
	"fmt"

	"moonlet"
	"moonlet/internal/programs"
)

func main() {
	ctx := context.Background()
	lua, err := programs.Runtime().Lua()
	programs.Check(err)
	defer lua.Close()

	answer, err := moonlet.As[int](lua.Eval(ctx, programs.Source("hello.lua")))
	programs.Check(err)
	fmt.Println(answer)
	greeting, err := moonlet.As[string](lua.Call(ctx, "greet", "world"))
	programs.Check(err)
	fmt.Println(greeting)
}

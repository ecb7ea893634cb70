// Command hostile runs scripts that mean harm, each stopped by a limit; the state goes on after them.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"moonlet"
	"moonlet/internal/programs"
)

func main() {
	ctx := context.Background()
	lua, err := programs.Runtime().Lua(moonlet.Memory(8<<20), moonlet.Fuel(10_000_000))
	programs.Check(err)
	defer lua.Close()

	_, err = lua.Eval(ctx, programs.Source("hostile.lua"))
	programs.Check(err)
	for _, name := range []string{"spin", "fill", "match", "recurse"} {
		_, err := lua.Call(ctx, name)
		var found *moonlet.Error
		if !errors.As(err, &found) {
			log.Fatalf("%s: a limit was expected, not %v", name, err)
		}
		fmt.Printf("%s: %s\n", name, found.Kind)
	}
	four, err := moonlet.As[int](lua.Eval(ctx, "return 2 + 2"))
	programs.Check(err)
	fmt.Println(four)
}

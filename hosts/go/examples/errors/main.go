// Command errors shows errors of every kind, and what each tells; the state goes on after them.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"moonlet"
	"moonlet/internal/programs"
)

func caught(_ moonlet.Results, err error) *moonlet.Error {
	var found *moonlet.Error
	if !errors.As(err, &found) {
		log.Fatalf("an error was expected, not %v", err)
	}
	fmt.Printf("%s: %s\n", found.Kind, found.Message)
	return found
}

func main() {
	ctx := context.Background()
	lua, err := programs.Runtime().Lua(moonlet.Memory(8 << 20))
	programs.Check(err)
	defer lua.Close()

	_, err = lua.EvalNamed(ctx, "@errors.lua", programs.Source("errors.lua"))
	programs.Check(err)
	caught(lua.EvalNamed(ctx, "=input", "return 1 +"))

	found := caught(lua.Call(ctx, "index", map[string]any{}))
	fmt.Printf("at %s, line %d, the traceback names function 'index': %v\n", found.Chunk, found.Line, strings.Contains(found.Traceback, "in function 'index'"))

	told, err := moonlet.As[struct {
		Code   int    `lua:"code"`
		Reason string `lua:"reason"`
	}](caught(lua.Call(ctx, "refuse")).Value, nil)
	programs.Check(err)
	fmt.Printf("code %d, reason %s\n", told.Code, told.Reason)

	caught(lua.Call(ctx, "fill"))
	four, err := moonlet.As[int](lua.Eval(ctx, "return 2 + 2"))
	programs.Check(err)
	fmt.Println(four)
}

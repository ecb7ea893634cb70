// Command host-calls defines functions of the host: plain, failing, one that gets a Lua function, and one that takes its time.
package main

import (
	"context"
	"fmt"
	"time"

	"moonlet"
	"moonlet/internal/programs"
)

func main() {
	ctx := context.Background()
	lua, err := programs.Runtime().Lua()
	programs.Check(err)
	defer lua.Close()

	programs.Check(lua.DefineAll(map[string]any{
		"add":    func(a, b int64) int64 { return a + b },
		"lookup": func(name string) (string, error) { return "", fmt.Errorf("no such name: %s", name) },
		"twice": func(ctx context.Context, function *moonlet.Function, text string) (string, error) {
			once, err := moonlet.As[string](function.Call(ctx, text))
			if err != nil {
				return "", err
			}
			return moonlet.As[string](function.Call(ctx, once))
		},
		"later": func(ctx context.Context, value string) (string, error) {
			select {
			case <-time.After(10 * time.Millisecond):
				return value, nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		},
	}))
	_, err = lua.Eval(ctx, programs.Source("host-calls.lua"))
	programs.Check(err)
}

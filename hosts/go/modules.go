package moonlet

import _ "embed" // for the modules

// Each module is reached by its own option alone, so that a program holds those that it names, and Lua 5.4.
var (
	//go:embed lua54.wasm
	lua54 []byte
	//go:embed lua55.wasm
	lua55 []byte
	//go:embed lua54-mini.wasm
	lua54Mini []byte
	//go:embed lua55-mini.wasm
	lua55Mini []byte
)

// Lua54 chooses Lua 5.4, which is the default.
func Lua54() Option { return Module(lua54) }

// Lua55 chooses Lua 5.5.
func Lua55() Option { return Module(lua55) }

// Lua54Mini chooses Lua 5.4 without files, clocks and the libraries that need them (ABI.md, "Mini").
func Lua54Mini() Option { return Module(lua54Mini) }

// Lua55Mini chooses Lua 5.5 without files, clocks and the libraries that need them.
func Lua55Mini() Option { return Module(lua55Mini) }

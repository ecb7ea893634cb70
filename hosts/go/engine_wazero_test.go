//go:build !moonlet_translated

package moonlet

import (
	"encoding/binary"
	"os"
	"testing"
)

// What the tests build is built as they are.
const (
	isTranslated = false
	tags         = ""
)

func TestModulesThatAreNotOurs(t *testing.T) {
	isRefusedOption(t, Module(nil), "the module has no bytes")
	isRefusedOption(t, Module([]byte("(module)")), "no WebAssembly module")
	isRefusedOption(t, Module([]byte("\x00asm\x01\x00\x00\x00\xff")), "no WebAssembly module")
	isRefusedOption(t, Module([]byte("\x00asm\x01\x00\x00\x00")), "no module of Moonlet: it has no export")
	isRefusedOption(t, Module(otherModule(1, "tasks", true)), `no export "tasks"`)
	isRefusedOption(t, Module(otherModule(1, "", false)), `no export "memory"`)
	isRefusedOption(t, Module(otherModule(2, "", true)), "ABI 2, and this package knows ABI 1")
	isRefusedOption(t, Module(importing), "no module of Moonlet: ")
}

// importing is (module (import "a" "b" (func))).
var importing = []byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x02\x07\x01\x01a\x01b\x00\x00")

// otherModule makes a module of which every export answers the version of an ABI.
func otherModule(version int, without string, hasMemory bool) []byte {
	section := func(id byte, items ...[]byte) []byte {
		contents := unsigned(len(items))
		for _, item := range items {
			contents = append(contents, item...)
		}
		return append(append([]byte{id}, unsigned(len(contents))...), contents...)
	}
	var types, functions, exported, bodies [][]byte
	for at, e := range exports {
		kinds := []byte{0x60, byte(e.parameters)}
		for parameter := range e.parameters {
			kinds = append(kinds, map[bool]byte{true: 0x7c, false: 0x7f}[e.name == "set" && parameter == 1])
		}
		kinds = append(kinds, byte(e.results))
		body := []byte{0}
		for range e.results {
			kinds = append(kinds, 0x7f)
			body = append(append(body, 0x41), signed(version<<16)...)
		}
		types, functions = append(types, kinds), append(functions, unsigned(at))
		body = append(body, 0x0b)
		bodies = append(bodies, append(unsigned(len(body)), body...))
		if e.name != without {
			exported = append(exported, append(append(append(unsigned(len(e.name)), e.name...), 0), unsigned(at)...))
		}
	}
	if hasMemory {
		exported = append(exported, append(append(unsigned(6), "memory"...), 2, 0))
	}
	made := []byte("\x00asm\x01\x00\x00\x00")
	for _, part := range [][]byte{section(1, types...), section(3, functions...), section(5, []byte{0, 1}), section(7, exported...), section(10, bodies...)} {
		made = append(made, part...)
	}
	return made
}

func unsigned(number int) []byte { return binary.AppendUvarint(nil, uint64(number)) }

// signed is LEB128 of a number below 2^20, in three bytes.
func signed(number int) []byte {
	return []byte{byte(number)&0x7f | 0x80, byte(number>>7)&0x7f | 0x80, byte(number>>14) & 0x7f}
}

func TestAModuleByItsBytes(t *testing.T) {
	contents, err := os.ReadFile("lua55.wasm")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, mustGet(t, newState(t, Module(contents)), "_VERSION"), any("Lua 5.5"))
}

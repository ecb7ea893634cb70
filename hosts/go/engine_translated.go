//go:build moonlet_translated

package moonlet

import (
	"context"
	"fmt"
	"math"

	lua54go "moonlet/internal/lua54"
	"moonlet/internal/lua54mini"
	lua55go "moonlet/internal/lua55"
	"moonlet/internal/lua55mini"
)

// translated is a module as Go: its exports as methods.
type translated interface {
	Xmemory() interface {
		Slice() *[]byte
		Grow(delta, most int64) int64
	}
	Xalloc(int32) int32
	Xdealloc(int32, int32)
	Xeval(int32, int32) int32
	Xcall(int32, int32) int32
	Xresume(int32, int32, int32) int32
	Xraise(int32, int32, int32) int32
	Xrelease(int32, int32) int32
	Xdropped() int32
	Xtasks() int32
	Xrequest(int32) int32
	Xcancel(int32) int32
	Xcompact() float64
	Xinfo_ptr() int32
	Xbuild_id_ptr() int32
	Xabi_version() int32
	Xset(int32, float64) int32
	Xget(int32) float64
	Xoutput_clear() int32
	Xerror_output_clear() int32
	Xwrite_file(int32, int32, int32, int32) int32
	Xread_file(int32, int32) int32
	Xremove_file(int32, int32) int32
	Xlist_files() int32
	Xtime_zone(int32, int32) int32
	Xwrite_input(int32, int32) int32
}

// module makes an instance.
type module = func() translated

// Each module is reached by its own option alone, so that a program holds those that it names, and Lua 5.4.
var (
	lua54     module = func() translated { return lua54go.New() }
	lua55     module = func() translated { return lua55go.New() }
	lua54Mini module = func() translated { return lua54mini.New() }
	lua55Mini module = func() translated { return lua55mini.New() }
)

func moduleOf([]byte) (module, error) {
	return nil, fmt.Errorf("this program was built with the tag moonlet_translated, so it has no engine for other modules; leave Module out, or the tag")
}

// engine is none: the modules are part of the program.
type engine struct{}

func newEngine(context.Context, runtimeSettings) (*engine, error) { return &engine{}, nil }

func (e *engine) close() error { return nil }

// machine is an instance.
type machine struct{ module translated }

func (e *engine) instantiate(m module) (*machine, error) { return &machine{m()}, nil }

// call calls an export with the numbers in the stack, where it leaves what it answers. What is a trap of WebAssembly is a panic here.
func (m *machine) call(e export, stack []uint64) (err error) {
	defer func() {
		if trap := recover(); trap != nil {
			err = fmt.Errorf("trap: %v", trap)
		}
	}()
	a, b, c, d := int32(stack[0]), int32(stack[1]), int32(stack[2]), int32(stack[3])
	var answer int32
	switch e {
	case exportAlloc:
		answer = m.module.Xalloc(a)
	case exportDealloc:
		m.module.Xdealloc(a, b)
	case exportEval:
		answer = m.module.Xeval(a, b)
	case exportCall:
		answer = m.module.Xcall(a, b)
	case exportResume:
		answer = m.module.Xresume(a, b, c)
	case exportRaise:
		answer = m.module.Xraise(a, b, c)
	case exportRelease:
		answer = m.module.Xrelease(a, b)
	case exportDropped:
		answer = m.module.Xdropped()
	case exportTasks:
		answer = m.module.Xtasks()
	case exportRequest:
		answer = m.module.Xrequest(a)
	case exportCancel:
		answer = m.module.Xcancel(a)
	case exportCompact:
		stack[0] = math.Float64bits(m.module.Xcompact())
		return nil
	case exportInfoPtr:
		answer = m.module.Xinfo_ptr()
	case exportBuildIDPtr:
		answer = m.module.Xbuild_id_ptr()
	case exportABIVersion:
		answer = m.module.Xabi_version()
	case exportSet:
		answer = m.module.Xset(a, math.Float64frombits(stack[1]))
	case exportGet:
		stack[0] = math.Float64bits(m.module.Xget(a))
		return nil
	case exportOutputClear:
		answer = m.module.Xoutput_clear()
	case exportErrorOutputClear:
		answer = m.module.Xerror_output_clear()
	case exportWriteFile:
		answer = m.module.Xwrite_file(a, b, c, d)
	case exportReadFile:
		answer = m.module.Xread_file(a, b)
	case exportRemoveFile:
		answer = m.module.Xremove_file(a, b)
	case exportListFiles:
		answer = m.module.Xlist_files()
	case exportTimeZone:
		answer = m.module.Xtime_zone(a, b)
	case exportWriteInput:
		answer = m.module.Xwrite_input(a, b)
	}
	stack[0] = uint64(uint32(answer))
	return nil
}

// memory shows all of memory, until the next call.
func (m *machine) memory() []byte { return *m.module.Xmemory().Slice() }

func (m *machine) grow(pages uint32) bool { return m.module.Xmemory().Grow(int64(pages), 1<<15) >= 0 }

func (m *machine) isClosed() bool { return m.module == nil }
func (m *machine) close()         { m.module = nil }

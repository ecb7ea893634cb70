package moonlet

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"moonlet/internal/abi"
)

// Lua is one Lua state in its own sandbox, for one goroutine at a time: a call while another goroutine is in is refused, but for calls while a
// function of the host runs.
type Lua struct {
	runtime  *Runtime
	settings *settings
	// What Go's collector found; it has a lock of its own.
	forgotten *releases

	// Held while the module runs, and never while the host does. All below is guarded by it.
	mu        sync.Mutex
	instance  *instance
	objects   objects
	functions map[string]hostFunction
	// Suspended tasks that the host steps; nil for one of a snapshot that nobody has asked for yet.
	kept map[uint32]*Task
	// Tasks of a restored state whose results are texts.
	texts map[uint32]bool
	// Counts restores: what is of an earlier life means nothing any more.
	life uint64
	// Evaluations that are under way.
	depth    int
	scratch  []byte
	started  time.Time
	lastTime [2]int64
	hasClock bool
}

// Results are the values that a script returned.
type Results []any

// First is the first of them, nil where there is none.
func (r Results) First() any {
	if len(r) == 0 {
		return nil
	}
	return r[0]
}

// Stats are figures of a state.
type Stats struct {
	// FuelUsed is the units of fuel that the last task used, from its start.
	FuelUsed int64
	// MemoryUsed and MemoryPeak are bytes: allocated now, and the most they ever were.
	MemoryUsed, MemoryPeak int64
	// Tasks is the number of suspended tasks.
	Tasks int
	// Handles is the number of functions of Lua that the host holds, each time it got one.
	Handles int
}

// Lua makes a state.
func (r *Runtime) Lua(options ...Option) (*Lua, error) {
	s, err := newSettings(options)
	if err != nil {
		return nil, err
	}
	l, err := r.newLua(s)
	if err != nil {
		return nil, err
	}
	if err := s.begin(l.instance); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (r *Runtime) newLua(s *settings) (*Lua, error) {
	if r == nil || r.engine == nil {
		return nil, fmt.Errorf("there is no runtime; make one by moonlet.New")
	}
	in, err := newInstance(r, s.module)
	if err != nil {
		return nil, err
	}
	held, err := in.figure(abi.FigureHeldLibraries)
	l := &Lua{runtime: r, settings: s, forgotten: &releases{}, instance: in, objects: newObjects(s.deterministic), functions: map[string]hostFunction{},
		kept: map[uint32]*Task{}, hasClock: int(held)&abi.LibraryOs != 0, lastTime: [2]int64{-1, -1}}
	l.started = l.now()
	// The engine holds all its instances.
	runtime.AddCleanup(l, func(m *machine) { m.close() }, in.machine)
	return l, err
}

// enter takes an open state for a use by one goroutine.
func (l *Lua) enter() error {
	err := l.lock()
	if err == nil && l.instance == nil {
		l.mu.Unlock()
		err = closed()
	}
	return err
}

func (l *Lua) lock() error {
	if l == nil {
		return refused(abi.StatusBadState, "there is no Lua state; make one by Runtime.Lua")
	}
	if !l.mu.TryLock() {
		return refused(abi.StatusBadState, "this Lua state is in use by another goroutine; make one for each, or guard it by a mutex")
	}
	return nil
}

func (l *Lua) leave() { l.mu.Unlock() }

// outside runs what is the host's, which may use the state.
func (l *Lua) outside(work func()) {
	l.mu.Unlock()
	defer l.mu.Lock()
	work()
}

// Close frees the state. Every later use of it is refused; closing it again does nothing.
func (l *Lua) Close() error {
	if err := l.lock(); err != nil {
		return err
	}
	defer l.leave()
	if l.instance != nil {
		l.instance.machine.close()
		l.instance = nil
	}
	return nil
}

// Eval runs source text with arguments, which are the chunk's "...", under the name "eval".
//
// Errors are of the type [*Error]; what a host function returned is wrapped. When the context is done the task ends within a [Slice].
func (l *Lua) Eval(ctx context.Context, source string, arguments ...any) (Results, error) {
	return l.EvalNamed(ctx, "=eval", source, arguments...)
}

// EvalNamed is [Lua.Eval] with the name that errors show, as load takes it: "@game.lua", "=stdin".
func (l *Lua) EvalNamed(ctx context.Context, name, source string, arguments ...any) (Results, error) {
	return l.finish(ctx, exportEval, append([]any{source, name}, arguments...))
}

// Call calls a function by its path, "game.on_key" or "game.player:jump", or by its value, a [*Function]; results and errors as of [Lua.Eval].
func (l *Lua) Call(ctx context.Context, function any, arguments ...any) (Results, error) {
	switch function.(type) {
	case string, *Function:
		return l.finish(ctx, exportCall, append([]any{function}, arguments...))
	}
	return nil, refused(abi.StatusBadArgument, "Call takes a path such as \"game.on_key\" or a *moonlet.Function, not %T", function)
}

func (l *Lua) finish(ctx context.Context, e export, values []any) (Results, error) {
	ended, err := l.conduct(ctx, nil, func(*evaluation) (step, error) { return l.give(e, values) })
	return ended.values, err
}

// Get answers a global or a field: "x", "game.player.name"; nil where there is none, an error where what comes before is no table.
func (l *Lua) Get(ctx context.Context, path string) (any, error) {
	keys, err := keysOf(path)
	if err != nil {
		return nil, err
	}
	results, err := l.EvalNamed(ctx, "=get", chunkGet, keys...)
	return results.First(), err
}

// Set sets a global, or a field of a table that is there.
func (l *Lua) Set(ctx context.Context, path string, value any) error {
	keys, err := keysOf(path)
	if err == nil {
		_, err = l.EvalNamed(ctx, "=set", chunkSet, append([]any{len(keys), value}, keys...)...)
	}
	return err
}

// What the package runs in Lua. No library is needed for the first two.
const (
	chunkGet    = "local keys, value = {...}, _ENV for i = 1, #keys do value = value[keys[i]] end return value"
	chunkSet    = "local count, value = ... local keys, table = {...}, _ENV for i = 3, count + 1 do table = table[keys[i]] end table[keys[count + 2]] = value"
	chunkDefine = `local name, keys = ...
local place = _ENV
for i = 1, #keys - 1 do
  if place[keys[i]] == nil then place[keys[i]] = {} end
  place = place[keys[i]]
end
place[keys[#keys]] = host.define(name)`
)

func keysOf(path string) ([]any, error) {
	var keys []any
	for key := range strings.SplitSeq(path, ".") {
		if key == "" {
			return nil, refused(abi.StatusBadArgument, "%q is no path; one looks like \"x\" or \"game.player.name\"", path)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// WriteInput adds to standard input; no data are its end. The option [Stdin] says whether scripts read it.
func (l *Lua) WriteInput(data []byte) error {
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	return l.writeInput(data)
}

func (l *Lua) writeInput(data []byte) error {
	status, err := l.instance.give(exportWriteInput, data)
	if err == nil && status != abi.StatusOk {
		err = refusal(status, "the input does not fit into the memory; raise Memory, or write less at a time")
	}
	return err
}

// Stats answers figures of the state.
func (l *Lua) Stats() (Stats, error) {
	var found [5]float64
	err := l.usable()
	if err != nil {
		return Stats{}, err
	}
	defer l.leave()
	err = l.releaseForgotten(0)
	for at, key := range []int{abi.FigureFuelUsed, abi.FigureMemoryUsed, abi.FigureMemoryPeak, abi.FigureTasks, abi.FigureHandles} {
		if err == nil {
			found[at], err = l.instance.figure(key)
		}
	}
	return Stats{int64(found[0]), int64(found[1]), int64(found[2]), int(found[3]), int(found[4])}, err
}

// usable enters a state that is not poisoned.
func (l *Lua) usable() error {
	err := l.enter()
	if err == nil && l.instance.isPoisoned() {
		l.leave()
		err = poisoned()
	}
	return err
}

// Compact collects all garbage and gives memory back; bytes in use. Finalizers run.
func (l *Lua) Compact() (int64, error) {
	if err := l.usable(); err != nil {
		return 0, err
	}
	defer l.leave()
	return l.compact()
}

func (l *Lua) compact() (int64, error) {
	if err := l.releaseForgotten(0); err != nil {
		return 0, err
	}
	err := l.farewell(0, func() error { return l.instance.invoke(exportCompact) })
	if err != nil {
		return 0, err
	}
	used, err := l.instance.figure(abi.FigureMemoryUsed)
	if err == nil {
		err = l.attendToHandlers()
	}
	return int64(used), err
}

func (l *Lua) now() time.Time {
	if l.settings.clock != nil {
		return l.settings.clock()
	}
	return time.Now()
}

// tellTime sets the module's clocks where they have moved: os.time counts whole seconds, os.clock goes on by milliseconds, from 0 where the
// state was made.
func (l *Lua) tellTime() error {
	if !l.hasClock {
		return nil
	}
	now := l.now()
	for at, time := range [2]int64{now.Unix(), now.Sub(l.started).Milliseconds()} {
		if time == l.lastTime[at] {
			continue
		}
		key, value := abi.OptionClock, float64(time)
		if at == 1 {
			key, value = abi.OptionMonotonic, value/1000
		}
		status, err := l.instance.set(key, value)
		if err != nil {
			return err
		}
		if status != abi.StatusOk {
			return refusal(status, "the time %v is none that the state can have; look at the option Clock", now)
		}
		l.lastTime[at] = time
	}
	return nil
}

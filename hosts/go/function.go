package moonlet

import (
	"context"
	"runtime"
	"sync"

	"moonlet/internal/abi"
)

// Function is a function of Lua; or a coroutine or userdata, which cannot be called here, but given back to Lua. Lua keeps it as long as the
// host does: until [Function.Release], or until Go's collector finds that nobody has it.
type Function struct {
	lua     *Lua
	handle  uint32
	life    uint64
	cleanup runtime.Cleanup
	// Guarded by the state's lock.
	released bool
}

// releases has the handles that Go's collector found, which any goroutine adds to.
type releases struct {
	mu      sync.Mutex
	handles []heldHandle
}

type heldHandle struct {
	handle uint32
	life   uint64
}

func newFunction(l *Lua, handle uint32) *Function {
	f := &Function{lua: l, handle: handle, life: l.life}
	forgotten := l.forgotten
	f.cleanup = runtime.AddCleanup(f, func(held heldHandle) {
		forgotten.mu.Lock()
		defer forgotten.mu.Unlock()
		forgotten.handles = append(forgotten.handles, held)
	}, heldHandle{handle, l.life})
	return f
}

// handleIn is the number under which a state knows it.
func (f *Function) handleIn(l *Lua) (uint32, error) {
	switch {
	case f == nil:
		return 0, refused(abi.StatusBadArgument, "the Lua function is nil; get one from Lua")
	case f.lua != l:
		return 0, refused(abi.StatusBadArgument, "this Lua function belongs to another state; pass values between states")
	case f.released:
		return 0, refused(abi.StatusBadArgument, "this Lua function was released; get it anew")
	case f.life != l.life:
		return 0, refused(abi.StatusBadArgument, "this Lua function is older than the snapshot that was restored; get it anew")
	}
	return f.handle, nil
}

// Call calls it; results and errors as of [Lua.Call].
func (f *Function) Call(ctx context.Context, arguments ...any) (Results, error) {
	if f == nil {
		_, err := f.handleIn(nil)
		return nil, err
	}
	return f.lua.Call(ctx, f, arguments...)
}

// Release lets go of it. A second time does nothing.
func (f *Function) Release() error {
	l := f.lua
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	if f.released {
		return nil
	}
	f.released = true
	f.cleanup.Stop()
	if f.life != l.life {
		return nil
	}
	return l.release([]any{int64(f.handle)})
}

// Equal tells whether both stand for the same object of the same state.
func (f *Function) Equal(other *Function) bool {
	return f == other || f != nil && other != nil && f.lua == other.lua && f.life == other.life && f.handle == other.handle
}

// Forgotten handles are released together, as many as need no memory.
const (
	releaseAtOnce = 16
	releaseAtMost = 800
)

func (l *Lua) release(handles []any) error {
	data, err := encodeArray(nil, handles, nil)
	if err == nil {
		_, err = l.instance.give(exportRelease, data)
	}
	return err
}

// releaseForgotten releases handles that Go's collector found, if there are so many.
func (l *Lua) releaseForgotten(least int) error {
	l.forgotten.mu.Lock()
	var due []heldHandle
	if len(l.forgotten.handles) >= least {
		due, l.forgotten.handles = l.forgotten.handles, nil
	}
	l.forgotten.mu.Unlock()
	for len(due) > 0 {
		var handles []any
		for _, held := range due[:min(len(due), releaseAtMost)] {
			if held.life == l.life {
				handles = append(handles, int64(held.handle))
			}
		}
		due = due[min(len(due), releaseAtMost):]
		if err := l.release(handles); err != nil {
			return err
		}
	}
	return nil
}

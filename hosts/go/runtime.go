package moonlet

import "context"

// Runtime is the engine, with the modules that it has compiled. Any number of goroutines can use it at once.
type Runtime struct{ engine *engine }

type runtimeSettings struct {
	cacheDir    string
	interpreter bool
}

// RuntimeOption is an option of [New].
type RuntimeOption func(*runtimeSettings)

// CacheDir names a folder where compiled code is kept, which makes the first state of a process some forty times faster. It is made where it is
// missing, and may be deleted at any time. What lies there is run as code, so nobody else may be able to write to it.
func CacheDir(path string) RuntimeOption {
	return func(s *runtimeSettings) { s.cacheDir = path }
}

// Interpreter has wazero interpret the module, which starts sooner and runs slower. Without it wazero compiles where it can.
func Interpreter() RuntimeOption {
	return func(s *runtimeSettings) { s.interpreter = true }
}

// New makes a runtime. Close it when no state of it is needed any more.
//
// In a program that is built with the tag moonlet_translated the modules are code of Go, and there is no engine: the options do nothing then.
func New(ctx context.Context, options ...RuntimeOption) (*Runtime, error) {
	var settings runtimeSettings
	for _, option := range options {
		option(&settings)
	}
	// The engine's own work keeps the values of the context, and is never interrupted.
	made, err := newEngine(context.WithoutCancel(ctx), settings)
	if err != nil {
		return nil, err
	}
	return &Runtime{made}, nil
}

// Close frees the runtime and the memory of all its states, of which none may be running.
func (r *Runtime) Close() error { return r.engine.close() }

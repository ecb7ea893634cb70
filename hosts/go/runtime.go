package moonlet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"sync"
	"unsafe"

	"github.com/tetratelabs/wazero"
)

// Runtime is the engine, with the modules that it has compiled. Any number of goroutines can use it at once.
type Runtime struct {
	// The context of the engine's own work: it keeps the values of the one that New was given, and is never done.
	ctx    context.Context
	engine wazero.Runtime
	cache  wazero.CompilationCache
	folder string

	mu       sync.Mutex
	compiled map[*byte]wazero.CompiledModule
}

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
func New(ctx context.Context, options ...RuntimeOption) (*Runtime, error) {
	var settings runtimeSettings
	for _, option := range options {
		option(&settings)
	}
	config := wazero.NewRuntimeConfig()
	if settings.interpreter {
		config = wazero.NewRuntimeConfigInterpreter()
	}
	r := &Runtime{ctx: context.WithoutCancel(ctx), compiled: map[*byte]wazero.CompiledModule{}}
	if settings.cacheDir != "" {
		cache, err := wazero.NewCompilationCacheWithDir(settings.cacheDir)
		if err != nil {
			return nil, fmt.Errorf("the folder for compiled code: %w", err)
		}
		found, err := os.Stat(settings.cacheDir)
		if err == nil && goruntime.GOOS != "windows" && found.Mode().Perm()&0o022 != 0 {
			err = fmt.Errorf("others can write to %s, and what lies there is run as code; chmod go-w it, or name another folder", settings.cacheDir)
		}
		if err != nil {
			return nil, errors.Join(err, cache.Close(r.ctx))
		}
		r.cache, r.folder = cache, settings.cacheDir
		config = config.WithCompilationCache(cache)
	}
	r.engine = wazero.NewRuntimeWithConfig(r.ctx, config)
	return r, nil
}

// Close frees the runtime and the memory of all its states, of which none may be running.
func (r *Runtime) Close() error {
	err := r.engine.Close(r.ctx)
	if r.cache != nil {
		err = errors.Join(err, r.cache.Close(r.ctx))
	}
	return err
}

// compile compiles a module once.
func (r *Runtime) compile(module []byte) (wazero.CompiledModule, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := unsafe.SliceData(module)
	compiled := r.compiled[key]
	if compiled == nil {
		var err error
		compiled, err = r.engine.CompileModule(r.ctx, module)
		if err != nil && r.dropDamagedCode(err) {
			compiled, err = r.engine.CompileModule(r.ctx, module)
		}
		if err != nil {
			return nil, fmt.Errorf("this is no WebAssembly module: %w", err)
		}
		r.compiled[key] = compiled
	}
	return compiled, nil
}

// dropDamagedCode empties the folder of compiled code where an error says that a file there is damaged, and tells whether it did. The engine says
// so by text alone, and does not say which file.
func (r *Runtime) dropDamagedCode(err error) bool {
	if r.folder == "" || !strings.Contains(err.Error(), "compilationcache") {
		return false
	}
	files, _ := filepath.Glob(filepath.Join(r.folder, "wazero-*", "*"))
	for _, file := range files {
		_ = os.Remove(file)
	}
	return true
}

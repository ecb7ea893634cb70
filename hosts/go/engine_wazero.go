//go:build !moonlet_translated

package moonlet

import (
	"context"
	_ "embed" // for the modules
	"errors"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"sync"
	"unsafe"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// module is the bytes of a module.
type module = []byte

// Each module is reached by its own option alone, so that a program holds those that it names, and Lua 5.4.
var (
	//go:embed lua54.wasm
	lua54 module
	//go:embed lua55.wasm
	lua55 module
	//go:embed lua54-mini.wasm
	lua54Mini module
	//go:embed lua55-mini.wasm
	lua55Mini module
)

func moduleOf(contents []byte) (module, error) {
	if len(contents) == 0 {
		return nil, fmt.Errorf("the module has no bytes; give it those of lua54.wasm or lua55.wasm")
	}
	return contents, nil
}

// engine is wazero, with the modules that it has compiled.
type engine struct {
	ctx     context.Context
	runtime wazero.Runtime
	cache   wazero.CompilationCache
	folder  string

	mu       sync.Mutex
	compiled map[*byte]wazero.CompiledModule
}

func newEngine(ctx context.Context, settings runtimeSettings) (*engine, error) {
	config := wazero.NewRuntimeConfig()
	if settings.interpreter {
		config = wazero.NewRuntimeConfigInterpreter()
	}
	e := &engine{ctx: ctx, compiled: map[*byte]wazero.CompiledModule{}}
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
			return nil, errors.Join(err, cache.Close(ctx))
		}
		e.cache, e.folder = cache, settings.cacheDir
		config = config.WithCompilationCache(cache)
	}
	e.runtime = wazero.NewRuntimeWithConfig(ctx, config)
	return e, nil
}

func (e *engine) close() error {
	err := e.runtime.Close(e.ctx)
	if e.cache != nil {
		err = errors.Join(err, e.cache.Close(e.ctx))
	}
	return err
}

// compile compiles a module once.
func (e *engine) compile(contents module) (wazero.CompiledModule, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	key := unsafe.SliceData(contents)
	compiled := e.compiled[key]
	if compiled == nil {
		var err error
		compiled, err = e.runtime.CompileModule(e.ctx, contents)
		if err != nil && e.dropDamagedCode(err) {
			compiled, err = e.runtime.CompileModule(e.ctx, contents)
		}
		if err != nil {
			return nil, fmt.Errorf("this is no WebAssembly module: %w", err)
		}
		e.compiled[key] = compiled
	}
	return compiled, nil
}

// dropDamagedCode empties the folder of compiled code where an error says that a file there is damaged, and tells whether it did. The engine says
// so by text alone, and does not say which file.
func (e *engine) dropDamagedCode(err error) bool {
	if e.folder == "" || !strings.Contains(err.Error(), "compilationcache") {
		return false
	}
	files, _ := filepath.Glob(filepath.Join(e.folder, "wazero-*", "*"))
	for _, file := range files {
		_ = os.Remove(file)
	}
	return true
}

// machine is an instance of the engine.
type machine struct {
	ctx       context.Context
	module    api.Module
	linear    api.Memory
	functions [exportCount]api.Function
}

func (e *engine) instantiate(contents module) (*machine, error) {
	compiled, err := e.compile(contents)
	if err != nil {
		return nil, err
	}
	functions := compiled.ExportedFunctions()
	for _, wanted := range exports {
		found := functions[wanted.name]
		if found == nil || len(found.ParamTypes()) != wanted.parameters || len(found.ResultTypes()) != wanted.results {
			return nil, fmt.Errorf("this is no module of Moonlet: it has no export %q as in ABI.md", wanted.name)
		}
	}
	// The modules import nothing and have no start function of another's, so nothing runs here.
	made, err := e.runtime.InstantiateModule(e.ctx, compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return nil, fmt.Errorf("this is no module of Moonlet: %w", err)
	}
	m := &machine{ctx: e.ctx, module: made, linear: made.ExportedMemory("memory")}
	if m.linear == nil {
		m.close()
		return nil, fmt.Errorf("this is no module of Moonlet: it has no export \"memory\"")
	}
	return m, nil
}

// call calls an export with the numbers in the stack, where it leaves what it answers. Calls are never interrupted: they end by the option Slice.
func (m *machine) call(e export, stack []uint64) error {
	function := m.functions[e]
	if function == nil {
		function = m.module.ExportedFunction(exports[e].name)
		m.functions[e] = function
	}
	return function.CallWithStack(m.ctx, stack)
}

// memory shows all of memory, until the next call.
func (m *machine) memory() []byte {
	all, _ := m.linear.Read(0, m.linear.Size())
	return all
}

func (m *machine) grow(pages uint32) bool {
	_, ok := m.linear.Grow(pages)
	return ok
}

func (m *machine) isClosed() bool { return m.module.IsClosed() }
func (m *machine) close()         { _ = m.module.Close(m.ctx) }

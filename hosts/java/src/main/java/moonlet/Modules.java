package moonlet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;
import run.endive.runtime.Memory;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.MemoryLimits;

/** The modules: those of the package are class files, which the build made of them. */
final class Modules {
    /** A module that can be instantiated any number of times. */
    record Compiled(WasmModule module, Function<Instance, Machine> machine) {
        Instance instance(Function<MemoryLimits, Memory> memory) {
            Instance.Builder builder = Instance.builder(module).withMemoryFactory(memory);
            // Without, Endive interprets.
            return (machine == null ? builder : builder.withMachineFactory(machine)).build();
        }
    }

    private static final Map<String, Function<String, Compiled>> NAMES = Map.of(
            "lua54", name -> new Compiled(Lua54.load(), Lua54::create),
            "lua55", name -> new Compiled(Lua55.load(), Lua55::create),
            "lua54-mini", name -> new Compiled(Lua54Mini.load(), Lua54Mini::create),
            "lua55-mini", name -> new Compiled(Lua55Mini.load(), Lua55Mini::create));
    private static final Map<String, Compiled> LOADED = new ConcurrentHashMap<>();
    /** Where a module of a name comes from. */
    static volatile Function<String, Compiled> source = name -> NAMES.get(name).apply(name);

    private Modules() {}

    /** A module by its name, or what {@link #compile} made. */
    static Compiled of(Object module) {
        if (module instanceof Compiled compiled) {
            return compiled;
        }
        if (!NAMES.containsKey(module)) {
            throw new IllegalArgumentException("there is no module \"" + module + "\"; there are " + String.join(", ", NAMES.keySet().stream().sorted().toList())
                    + ", and others by Path or bytes");
        }
        return LOADED.computeIfAbsent((String) module, source);
    }

    /** Has modules come from their source anew. */
    static void forget() {
        LOADED.clear();
    }

    static Compiled compile(Path file) {
        try {
            return compile(Files.readAllBytes(file));
        } catch (IOException error) {
            throw new IllegalArgumentException("the module cannot be read: " + error, error);
        }
    }

    static Compiled compile(byte[] wasm) {
        try {
            WasmModule module = Parser.parse(wasm);
            return new Compiled(module, MachineFactoryCompiler.compile(module));
        } catch (WasmEngineException error) {
            throw new IllegalArgumentException("this is no module of Moonlet: " + error.getMessage(), error);
        }
    }
}

package moonlet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One Lua state in its own sandbox, made by {@link Moonlet#builder} and closed by try-with-resources. Threads may take turns with it, and one that
 * comes while another is at it gets LuaRefusedException; only {@link #cancel} may be called at any time.
 *
 * <p>Evaluations throw {@link LuaException} and its subtypes. An unchecked exception of a host function comes out of them as it is, any other as the
 * cause of a LuaRuntimeException.
 */
public final class Lua extends Runs implements AutoCloseable {
    // No library is needed for these: a state may have none.
    private static final String GET = "local keys, value = {...}, _ENV for i = 1, #keys do value = value[keys[i]] end return value";
    private static final String SET = "local count, value = ... local keys, table = {...}, _ENV "
            + "for i = 3, count + 1 do table = table[keys[i]] end table[keys[count + 2]] = value";
    /** Makes the functions that ask the host. An exception arrives as a table; a metatable lets it be shown and joined like a message. */
    private static final String DEFINE = """
            local names = ...
            local ask, define = host.call, host.define
            local error, getmetatable, pcall, setmetatable, tostring, type = error, getmetatable, pcall, setmetatable, tostring, type
            local exception = {__name = "exception"}
            function exception.__tostring(e) return e.message end
            function exception.__concat(a, b) return tostring(a) .. tostring(b) end
            local function settle(ok, ...)
              if ok then return ... end
              local e = ...
              if type(e) == "table" and e.exception ~= nil and getmetatable(e) == nil then setmetatable(e, exception) end
              error(e, 0)
            end
            for i = 1, #names do
              local name, keys, place = names[i].name, names[i].keys, _ENV
              for k = 1, #keys - 1 do
                local inner = place[keys[k]]
                if inner == nil then
                  inner = {}
                  place[keys[k]] = inner
                end
                place = inner
              end
              place[keys[#keys]] = pcall and function(...) return settle(pcall(ask, name, ...)) end or define(name)
            end
            """;

    Lua(Builder options) {
        super(options, Modules.of(options.module));
        use(instance -> {
            options.apply(instance, true);
            if (options.allInput != null) {
                addInput(options.allInput);
                addInput(new byte[0]);
            }
            return null;
        });
    }

    private Lua(Lua original, byte[] image) {
        super(original.options, original.module);
        functions.putAll(original.functions);
        references = original.references.copy();
        use(instance -> {
            instance.load(image);
            startAnew();
            return null;
        });
    }

    /** Frees the state. Every later use of it throws LuaRefusedException; closing it again does nothing. */
    @Override
    public void close() {
        shut();
    }

    /** Whether it was closed. */
    public boolean isClosed() {
        return !isOpen();
    }

    /** Ends the evaluation that runs now, from any thread, at the end of its slice: it throws LuaCancelledException. */
    public void cancel() {
        cancelAll();
    }

    // Evaluations

    /** Runs source text; what it returns. Errors show it as {@code eval}. The arguments are the chunk's {@code ...}. */
    public Values eval(String source, Object... arguments) {
        return evalNamed("=eval", source, arguments);
    }

    /** The same with the name that errors show, as {@code load} takes it: {@code "@game.lua"}, {@code "=stdin"}. */
    public Values evalNamed(String name, String source, Object... arguments) {
        return result(conduct(first("eval", chunk(name, source, arguments)), false, 0, null));
    }

    private static List<Object> chunk(String name, String source, Object... arguments) {
        if (source == null || name == null) {
            throw new IllegalArgumentException((source == null ? "the source" : "the name") + " is null; pass a text");
        }
        return joined(arguments, source, name);
    }

    private static List<Object> joined(Object[] arguments, Object... first) {
        List<Object> all = new ArrayList<>(Arrays.asList(first));
        // A bare null as variable arguments is the one argument null.
        all.addAll(arguments == null ? Collections.singletonList(null) : Arrays.asList(arguments));
        return all;
    }

    /** Calls a function by its path, {@code "game.on_key"} or {@code "game.player:jump"}; results and errors as of {@link #eval}. */
    public Values call(String path, Object... arguments) {
        return callAny(path, arguments);
    }

    /** Calls a function of Lua. */
    public Values call(LuaFunction function, Object... arguments) {
        return callAny(function, arguments);
    }

    private Values callAny(Object callee, Object... arguments) {
        if (callee == null) {
            throw new IllegalArgumentException("call takes a path such as \"game.on_key\" or a function of Lua, not null");
        }
        return result(conduct(first("call", joined(arguments, callee)), false, 0, null));
    }

    private static Values result(Outcome outcome) {
        if (outcome.error() != null) {
            throw outcome.error();
        }
        return outcome.value();
    }

    // Globals and host functions

    private static String[] keys(String path) {
        String[] keys = path == null ? new String[] {""} : path.split("\\.", -1);
        if (Arrays.asList(keys).contains("")) {
            throw new IllegalArgumentException("\"" + path + "\" is no path; one looks like \"x\" or \"game.player.name\"");
        }
        return keys;
    }

    /** A global or a field: {@code "x"}, {@code "game.player.name"}. Null where there is none; LuaRuntimeException where what comes before is no table. */
    public Object get(String path) {
        return evalNamed("=get", GET, (Object[]) keys(path)).get();
    }

    /** The same as another type, as {@link Values#as}. */
    public <T> T get(String path, Class<T> type) {
        return Values.as(get(path), type, path);
    }

    /** Sets a global, or a field of a table that is there. */
    public void set(String path, Object value) {
        String[] keys = keys(path);
        List<Object> arguments = new ArrayList<>(Arrays.asList(keys.length, value));
        arguments.addAll(Arrays.asList(keys));
        evalNamed("=set", SET, arguments.toArray());
    }

    /** Defines a function of the host as a global, or as a field: {@code "fs.read"}; tables on the way are made. */
    public void define(String path, HostFunction function) {
        if (function == null) {
            throw new IllegalArgumentException("\"" + path + "\" is defined by a function; without one, define(path), it waits");
        }
        define(Collections.singletonMap(path, function));
    }

    /** Defines a function without a function: its calls wait for the host, see {@link #start}. */
    public void define(String path) {
        define(Collections.singletonMap(path, null));
    }

    /** Defines a function of one argument of a type, as {@link Values#as}. */
    public <A> void define(String path, Class<A> type, Function<? super A, ?> function) {
        define(path, arguments -> function.apply(arguments.as(0, type)));
    }

    /** Defines a function of two arguments of their types. */
    public <A, B> void define(String path, Class<A> first, Class<B> second, BiFunction<? super A, ? super B, ?> function) {
        define(path, arguments -> function.apply(arguments.as(0, first), arguments.as(1, second)));
    }

    /** Defines many at once; null is one that waits. */
    public void define(Map<String, HostFunction> table) {
        if ((options.libraries & Numbers.LIBRARY_HOST) == 0) {
            throw LuaException.refused("this state has no host functions: add \"host\" to `libraries`");
        }
        List<Object> names = new ArrayList<>();
        table.keySet().forEach(path -> names.add(Map.of("name", String.valueOf(path), "keys", keys(path))));
        evalNamed("=define", DEFINE, names);
        functions.putAll(table);
    }

    // Tasks that the host steps

    /** Starts a task and runs it until it is done, its slice is used up, or it calls a host function that waits or is not defined. */
    public Task start(String source, Object... arguments) {
        return startNamed("=eval", source, arguments);
    }

    /** The same with the name that errors show. */
    public Task startNamed(String name, String source, Object... arguments) {
        return use(instance -> {
            Outcome outcome = conduct(first("eval", chunk(name, source, arguments)), true, 0, null);
            result(outcome);
            return keep(new Task(this, outcome.task()).become(outcome.kind(), outcome.value(), outcome.due()));
        });
    }

    private Task keep(Task task) {
        if (task.kind().isSuspended()) {
            kept.put(task.id(), task);
        }
        return task;
    }

    /** The suspended tasks that the host goes on with, the oldest first; after a restore those of the snapshot. */
    public List<Task> tasks() {
        return use(instance -> {
            List<Task> found = new ArrayList<>();
            for (List<?> listed : listTasks()) {
                int id = id(listed);
                if (kept.containsKey(id)) {
                    found.add(kept.computeIfAbsent(id, unread -> {
                        Task.Kind kind = kind(((Long) listed.get(1)).intValue());
                        instance.call("request", id);
                        return new Task(this, id).become(kind, kind == Task.Kind.CALL ? unpackAll(instance.result()) : null, null);
                    }));
                }
            }
            return found;
        });
    }

    Task resume(Task task, Object... values) {
        List<Object> all = joined(values);
        if (task.due != null && !all.isEmpty()) {
            throw LuaException.refused("the task is paused and takes no value; resume() it without");
        }
        Due due = task.due;
        return goOn(task, due == null ? next("resume", task.id(), all) : due::step);
    }

    Task fail(Task task, Object error) {
        if (task.due != null) {
            throw LuaException.refused("the task is paused and takes no error; resume() it, or cancel() it");
        }
        return goOn(task, next("raise", task.id(), joined(new Object[] {error})));
    }

    private Task goOn(Task task, Supplier<Instance.Step> run) {
        return use(instance -> {
            checkKept(task);
            // While it runs it is nobody's to go on with, and a run that is given up ends it.
            kept.remove(task.id());
            Outcome outcome = conduct(run, true, task.id(), task.due);
            if (outcome.error() == null) {
                return keep(task.become(outcome.kind(), outcome.value(), outcome.due()));
            }
            if (outcome.isRefused()) {
                keep(task);
            } else {
                boolean isResult = outcome.error() instanceof LuaException error && error.status() == Numbers.STATUS_RESULT;
                task.become(isResult ? Task.Kind.RESULT : Task.Kind.DONE, null, null);
            }
            throw outcome.error();
        });
    }

    private void checkKept(Task task) {
        if (kept.get(task.id()) != task) {
            throw LuaException.refused("this task is not suspended in its state any more: it runs, or another snapshot was restored");
        }
    }

    void end(Task task) {
        use(instance -> {
            checkKept(task);
            kept.remove(task.id());
            task.become(Task.Kind.DONE, null, null);
            int status = cancel(task.id());
            Map<?, ?> error = status == Numbers.STATUS_OK ? null : (Map<?, ?>) unpack(instance.result());
            attendToHandlers();
            if (error != null) {
                throw LuaException.of(status, error);
            }
            return null;
        });
    }

    // Input, files, figures

    /** Adds to standard input; no bytes are its end. The option {@link Builder#inputByHost} has scripts read it. */
    public void writeInput(byte[] data) {
        use(instance -> {
            addInput(data);
            return null;
        });
    }

    /** The same with a text as UTF-8. */
    public void writeInput(String text) {
        writeInput(Codec.utf8(text));
    }

    /**
     * The in-memory file system as a map from name to contents, which reads and writes the state. {@code put} answers null; {@code remove} what the
     * file held.
     */
    public Map<String, byte[]> files() {
        return new VirtualFiles(this);
    }

    /** Fuel used, memory used and its peak, tasks and handles. */
    public Stats stats() {
        return use(instance -> {
            releaseForgotten();
            if (instance.isPoisoned()) {
                throw Instance.poisoned();
            }
            return new Stats((long) instance.figure(Numbers.FIGURE_FUEL_USED), (long) instance.figure(Numbers.FIGURE_MEMORY_USED),
                    (long) instance.figure(Numbers.FIGURE_MEMORY_PEAK), (int) instance.figure(Numbers.FIGURE_TASKS),
                    (int) instance.figure(Numbers.FIGURE_HANDLES));
        });
    }

    /** Collects all garbage and gives memory back; bytes in use. Finalizers run. What a script left behind that used up its memory is garbage. */
    public long compact() {
        return use(instance -> {
            if (instance.isPoisoned()) {
                throw Instance.poisoned();
            }
            releaseForgotten();
            double used = withFarewell(instance::compact);
            attendToHandlers();
            return (long) used;
        });
    }

    // Snapshots

    /** The whole state as bytes, the same in every language, suspended tasks and all. Garbage is collected first; finalizers run. */
    public byte[] snapshot() {
        return use(instance -> {
            compact();
            return Snapshot.save(instance.image(), (int) instance.call("abi_version"), instance.luaVersion, instance.buildId());
        });
    }

    /**
     * Makes this state what it was when the snapshot was taken, whatever it is now. The options of this state count, and its host functions. Values of
     * Lua from before are refused afterwards.
     *
     * @throws LuaRefusedException and the state is as before, where the snapshot is damaged, of another build or another Lua, or too large
     */
    public void restore(byte[] snapshot) {
        use(instance -> {
            instance.load(Snapshot.load(snapshot, instance.luaVersion, instance.buildId(), options.pageLimit()));
            startAnew();
            return null;
        });
    }

    /** A copy of the state that shares nothing with it but its host functions and objects. */
    public Lua fork() {
        return use(instance -> {
            if (instance.isPoisoned()) {
                throw Instance.poisoned();
            }
            return new Lua(this, instance.image());
        });
    }
}

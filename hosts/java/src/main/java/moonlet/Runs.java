package moonlet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** The part of a state that runs tasks, and answers host calls. {@link Lua} is what users see of it. */
abstract class Runs extends Exchange {
    /** What the {@code __close} handlers and finalizers may use where the host ends something: nothing could stop them otherwise. */
    private static final long FAREWELL_FUEL = 1_000_000;
    /** Functions of Lua that Java forgot are released together, since a call is dear; as many as need no memory. */
    private static final int RELEASE_AT_ONCE = 16;
    private static final int RELEASE_AT_MOST = 800;
    private static final Set<String> OPERATIONS = Set.of("__call", "__index", "__newindex");
    private static final byte[] NOTHING = {};
    /** How many evaluations the thread is within. */
    private static final ThreadLocal<int[]> DEPTH = ThreadLocal.withInitial(() -> new int[1]);

    /** A task that is paused before the answer to what it asks. */
    record Due(Instance.Step step, Values request) {}

    /** How a run came back to the host: as a kind of task with its value, or with an error. */
    record Outcome(Task.Kind kind, Values value, int task, Due due, RuntimeException error, boolean isRefused) {
        Outcome(Task.Kind kind, Values value, int task, Due due) {
            this(kind, value, task, due, null, false);
        }
    }

    final Builder options;
    final Modules.Compiled module;
    final Map<String, HostFunction> functions = new HashMap<>();
    /** Suspended tasks that the host goes on with, one day; null where what they wait for is still to be read. */
    final Map<Integer, Task> kept = new LinkedHashMap<>();
    /** Suspended tasks that a running evaluation goes on with. */
    private final Set<Integer> owned = new HashSet<>();
    private final Output output;
    private final Output errorOutput;
    private final double start;

    Runs(Builder options, Modules.Compiled module) {
        super(options.isDeterministic, new Instance(module, options.stack));
        this.options = options;
        this.module = module;
        output = options.sink(false);
        errorOutput = options.sink(true);
        start = options.monotonic();
    }

    // Runs

    private Instance.Step run(String export, int task, byte[] data, Collection<Integer> fresh) {
        if (released.size() >= RELEASE_AT_ONCE) {
            releaseForgotten();
        }
        Instance.Step step = instance.run(export, task, data, (long) options.now(), (long) ((options.monotonic() - start) * 1000));
        if (step.status() >= Numbers.STATUS_BAD_ARGUMENT) {
            references.forget(fresh);
        }
        return step;
    }

    /** The first run of a task. */
    Supplier<Instance.Step> first(String export, List<?> values) {
        return () -> {
            List<Integer> fresh = new ArrayList<>();
            return run(export, 0, pack(values, false, fresh), fresh);
        };
    }

    /** A run that goes on with a task. */
    Supplier<Instance.Step> next(String export, int task, List<?> values) {
        List<Integer> fresh = new ArrayList<>();
        byte[] data = export.equals("raise") ? packError(values.get(0), fresh) : pack(values, false, fresh);
        return () -> run(export, task, data, fresh);
    }

    /** Releases the functions that Java forgot. */
    void releaseForgotten() {
        while (released.size() > 0) {
            List<Integer> handles = released.take(RELEASE_AT_MOST, generation);
            if (!handles.isEmpty()) {
                instance.give("release", Codec.encode(handles, null));
            }
        }
    }

    private void attend(boolean hasOutput, boolean hasErrorOutput, boolean hasDropped, boolean isEnd) {
        if (hasDropped) {
            Instance.Answer dropped = instance.ask("dropped", (byte[]) null);
            if (dropped.status() == Numbers.STATUS_OK) {
                references.forget(unpackAll(dropped.result()).stream().map(number -> ((Long) number).intValue()).toList()).forEach(this::drop);
            }
        }
        if (hasOutput) {
            output.take(instance.takeOutput(false), isEnd);
        }
        if (hasErrorOutput && instance != null) {
            errorOutput.take(instance.takeOutput(true), isEnd);
        }
    }

    private void drop(References.Entry entry) {
        try {
            entry.drop();
        } catch (RuntimeException error) {
            // As for a finalizer: nobody who is running asked for this.
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, error);
        }
    }

    /** The same after {@code __close} handlers or finalizers that ran outside of any run. */
    void attendToHandlers() {
        if (!instance.isPoisoned()) {
            attend(instance.told(Numbers.INFO_OUTPUT_LEN) > 0, instance.told(Numbers.INFO_ERROR_OUTPUT_LEN) > 0,
                    instance.told(Numbers.INFO_DROPPED) > 0, true);
        }
    }

    // The loop

    /** Runs a task until it ends, or where the host steps it until it is the host's turn. */
    Outcome conduct(Supplier<Instance.Step> begin, boolean isStepped, int task, Due due) {
        return use(open -> {
            int[] depth = DEPTH.get();
            if (depth[0] > options.nesting) {
                throw LuaException.refused(
                        "evaluations within host functions nest deeper than " + options.nesting + "; return to the script first, or raise `nesting`");
            }
            enter();
            depth[0]++;
            Loop loop = new Loop(isStepped, task);
            try {
                return loop.run(begin, due);
            } finally {
                depth[0]--;
                leave();
                loop.leave();
            }
        });
    }

    private final class Loop {
        private final boolean isStepped;
        private final int generation = Runs.this.generation;
        private int task;
        private boolean isGivenUp = true;

        Loop(boolean isStepped, int task) {
            this.isStepped = isStepped;
            this.task = task;
            owned.add(task);
        }

        Outcome run(Supplier<Instance.Step> begin, Due due) {
            Instance.Step step = begin.get();
            double began = step.fuelUsed();
            Values request = due == null ? null : due.request();
            while (true) {
                Task.Kind kind = kind(step.status());
                // First of all: an evaluation within onOutput or onDrop may fail, and ends what is nobody's.
                if (kind != null && step.task() != task) {
                    owned.remove(task);
                    task = step.task();
                    owned.add(task);
                }
                attend(step.hasOutput(), step.hasErrorOutput(), step.hasDropped(), kind == null);
                check(generation);
                if (kind == null) {
                    isGivenUp = false;
                    return step.status() == Numbers.STATUS_OK
                            ? new Outcome(Task.Kind.DONE, results(step), task, null)
                            : new Outcome(null, null, task, null, error(step, task), step.status() >= Numbers.STATUS_BAD_ARGUMENT);
                }
                if (kind != Task.Kind.CALL) {
                    request = null;
                } else if (request == null) {
                    request = unpackAll(step.result());
                }
                if (isStepped && (kind != Task.Kind.CALL || isWaiting(request))) {
                    isGivenUp = false;
                    return new Outcome(kind, request, task, null);
                }
                // Each answer begins another slice; a task that asks without end is to let its host in all the same.
                if (isStepped && options.slice > 0 && step.fuelUsed() - began > options.slice) {
                    isGivenUp = false;
                    return new Outcome(Task.Kind.PAUSED, null, task, new Due(step, request));
                }
                checkCancelled();
                step = kind == Task.Kind.CALL ? answer(step, request) : goOn(kind);
                request = null;
            }
        }

        private Instance.Step goOn(Task.Kind kind) {
            if (kind == Task.Kind.INPUT) {
                if (options.input == null) {
                    throw LuaException.of(Numbers.STATUS_INPUT,
                            "the script waits for input: give `input` a supplier, or step the task by start and use writeInput");
                }
                byte[] more = options.input.get();
                check(generation);
                addInput(more == null ? NOTHING : more);
            }
            return Runs.this.run("resume", task, NOTHING, List.of());
        }

        /** Answers a host call, and goes on. */
        private Instance.Step answer(Instance.Step step, Values request) {
            Supplier<Instance.Step> next;
            try {
                Object result = invoke(step, request);
                if (result instanceof CompletionStage<?> stage) {
                    result = await(stage);
                }
                check(generation);
                try {
                    next = next("resume", task, result instanceof Values several ? several : one(result));
                } catch (RuntimeException error) {
                    // The script may catch it, and the fault is the host's.
                    System.getLogger("moonlet").log(System.Logger.Level.WARNING, "what the host function " + request.get(0)
                            + " returned cannot go to Lua: " + error.getMessage());
                    throw error;
                }
            } catch (Exception error) {
                check(generation);
                if (error instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                checkCancelled();
                next = next("raise", task, one(error));
            }
            Instance.Step answered = next.get();
            return answered.status() >= Numbers.STATUS_BAD_ARGUMENT ? insist(answered) : answered;
        }

        private Object await(CompletionStage<?> stage) throws Exception {
            CompletableFuture<?> future = stage.toCompletableFuture();
            while (true) {
                try {
                    return future.get(20, TimeUnit.MILLISECONDS);
                } catch (TimeoutException error) {
                    checkCancelled();
                } catch (ExecutionException error) {
                    if (error.getCause() instanceof Exception cause) {
                        throw cause;
                    }
                    throw error;
                }
            }
        }

        /** The answer was refused, and the task waits for another: it gets the refusal as an error, else it ends. */
        private Instance.Step insist(Instance.Step refused) {
            Instance.Step step = next("raise", task, one(error(refused, 0))).get();
            if (step.status() >= Numbers.STATUS_BAD_ARGUMENT) {
                cancel(task);
                return refused;
            }
            return step;
        }

        private Values results(Instance.Step step) {
            return textTasks.contains(task) ? Values.of(LuaException.text(step.result())) : unpackAll(step.result());
        }

        /** Ends what was given up; what ended the evaluation is what the host is told. */
        void leave() {
            if (instance == null || Runs.this.generation != generation) {
                return;
            }
            owned.remove(task);
            if (isGivenUp) {
                try {
                    cancelOrphans();
                } catch (RuntimeException error) {
                    // It is told of the other.
                }
            }
        }
    }

    private static List<Object> one(Object value) {
        List<Object> values = new ArrayList<>(1);
        values.add(value);
        return values;
    }

    static Task.Kind kind(int status) {
        return switch (status) {
            case Numbers.STATUS_YIELD -> Task.Kind.CALL;
            case Numbers.STATUS_PAUSED -> Task.Kind.PAUSED;
            case Numbers.STATUS_OUTPUT -> Task.Kind.OUTPUT;
            case Numbers.STATUS_INPUT -> Task.Kind.INPUT;
            default -> null;
        };
    }

    private boolean isWaiting(Values request) {
        String name = LuaException.text(request.get(0));
        return !OPERATIONS.contains(name) && functions.get(name) == null;
    }

    private Object invoke(Instance.Step step, Values request) throws Exception {
        String name = LuaException.text(request.get(0));
        Values arguments = new Values(request.subList(1, request.size()));
        if (OPERATIONS.contains(name)) {
            // The second value says which object, and any script can ask so by host.call.
            List<?> told = (List<?>) Codec.decode(
                    step.result(), (type, number) -> type == Numbers.EXTENSION_REFERENCE ? references.entry(number) : null);
            if (told.size() < 2 || !(told.get(1) instanceof References.Entry entry)) {
                throw new IllegalArgumentException("host.call(\"" + name + "\", ...) takes an object of the host");
            }
            return References.operate(entry, name, new Values(arguments.subList(1, arguments.size())));
        }
        HostFunction function = functions.get(name);
        if (function == null) {
            throw LuaException.refused(functions.containsKey(name)
                    ? "the host function \"" + name + "\" waits, which only a task that the host steps can do; use start"
                    : "the host has no function \"" + name + "\"; define it first");
        }
        return function.call(arguments);
    }

    void addInput(byte[] data) {
        int status = instance.give("write_input", data);
        if (status != Numbers.STATUS_OK) {
            throw Instance.refusal(status, "the input does not fit into the memory; raise `memory`, or write less at a time");
        }
    }

    // Ends

    /** Id, status, form and fuel used of every suspended task, the oldest first. */
    List<List<?>> listTasks() {
        Instance.Answer answer = instance.ask("tasks", (byte[]) null);
        if (answer.status() != Numbers.STATUS_OK) {
            throw Instance.refusal(answer.status(), "there is no memory for the list of tasks; raise `memory`");
        }
        List<List<?>> listed = new ArrayList<>();
        unpackAll(answer.result()).forEach(each -> listed.add((List<?>) each));
        return listed;
    }

    static int id(List<?> listed) {
        return ((Long) listed.get(0)).intValue();
    }

    /** Ends the task of an evaluation that was given up, perhaps before it was known here. */
    private void cancelOrphans() {
        if (instance.isPoisoned()) {
            return;
        }
        for (List<?> listed : listTasks()) {
            if (!owned.contains(id(listed)) && !kept.containsKey(id(listed))) {
                cancel(id(listed));
            }
        }
        attendToHandlers();
    }

    /** Ends a task, whose {@code __close} handlers may use no more than FAREWELL_FUEL; the status. */
    int cancel(int task) {
        double used = listTasks().stream().filter(listed -> id(listed) == task).mapToDouble(listed -> ((Number) listed.get(3)).doubleValue()).sum();
        return withFuel(used + FAREWELL_FUEL, () -> (int) instance.call("cancel", task));
    }

    /** Has another limit of fuel for a moment. */
    <T> T withFuel(double moment, Supplier<T> what) {
        instance.set(Numbers.OPTION_FUEL, options.fuel == 0 ? moment : Math.min(moment, options.fuel));
        try {
            return what.get();
        } finally {
            instance.set(Numbers.OPTION_FUEL, options.fuel);
        }
    }

    <T> T withFarewell(Supplier<T> what) {
        return withFuel(FAREWELL_FUEL, what);
    }

    /** After the memory was replaced: what is older means nothing, the options of this state count. */
    void startAnew() {
        generation++;
        owned.clear();
        kept.clear();
        options.apply(instance, false);
        textTasks = new HashSet<>();
        for (List<?> listed : listTasks()) {
            kept.put(id(listed), null);
            if (listed.get(2).equals(0L)) {
                textTasks.add(id(listed));
            }
        }
    }
}

package moonlet;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** The part of a state that knows who uses it, and what its values stand for: functions of Lua, objects of the host, errors. */
abstract class Exchange {
    /** Longer messages of exceptions are cut, as an error's value leaves Lua only within 4,096 bytes. */
    private static final int MESSAGE_LIMIT = 2_000;

    final Released released = new Released();
    References references;
    /** How often the memory was replaced by another: what is older means nothing any more. */
    int generation;
    /** Tasks of a restored state whose results are texts. */
    Set<Integer> textTasks = Set.of();
    /** Null once the state is closed. */
    volatile Instance instance;
    private final AtomicReference<Thread> user = new AtomicReference<>();
    private volatile boolean isCancelled;
    /** How many evaluations the state is within. */
    private int running;

    Exchange(boolean isDeterministic, Instance instance) {
        references = new References(isDeterministic);
        this.instance = instance;
    }

    /** Uses the instance: one thread at a time, while it is open. */
    <T> T use(Function<Instance, T> what) {
        Thread thread = Thread.currentThread();
        boolean isOutermost = user.get() != thread;
        if (isOutermost && !user.compareAndSet(null, thread)) {
            throw LuaException.refused("this Lua state is in use by another thread; make one for each thread, or take turns");
        }
        try {
            if (instance == null) {
                throw LuaException.refused("this Lua state is closed; make a new one");
            }
            return what.apply(instance);
        } finally {
            if (isOutermost) {
                user.set(null);
            }
        }
    }

    void shut() {
        // Where another thread uses it, that is the error; closed already, there is nothing to do.
        if (instance != null) {
            use(open -> instance = null);
        }
    }

    boolean isOpen() {
        return instance != null;
    }

    void cancelAll() {
        if (user.get() != null) {
            isCancelled = true;
        }
    }

    void check(int generation) {
        if (instance == null) {
            throw LuaException.refused("the Lua state was closed while this evaluation ran");
        }
        if (this.generation != generation) {
            throw LuaException.refused("a snapshot was restored while this evaluation ran, which ended it");
        }
    }

    void checkCancelled() {
        if (isCancelled || Thread.currentThread().isInterrupted()) {
            throw LuaException.of(
                    Numbers.STATUS_CANCELLED, isCancelled ? "the host cancelled the evaluation" : "the thread of the evaluation was interrupted");
        }
    }

    /** Before an evaluation: a cancellation of before is none of this one. */
    void enter() {
        isCancelled &= running > 0;
        running++;
    }

    /** After an evaluation. */
    void leave() {
        running--;
    }

    byte[] pack(List<?> values, boolean isOne, Collection<Integer> fresh) {
        Codec.ToForeign foreign = (value, number) -> {
            if (value instanceof LuaFunction function) {
                number[0] = function.handleIn((Lua) this, generation);
                return Numbers.EXTENSION_HANDLE;
            }
            if (value instanceof HostFunction || value instanceof HostReference || value instanceof UnknownReference) {
                number[0] = references.number(value, fresh);
                return Numbers.EXTENSION_REFERENCE;
            }
            throw new IllegalArgumentException("Lua has no form of " + value.getClass().getName() + "; pass null, a Boolean, number, String, byte[], "
                    + "collection, array, map, record, LuaFunction, HostFunction, or HostReference.of(value)");
        };
        try {
            return isOne ? Codec.encodeOne(values.get(0), foreign) : Codec.encode(values, foreign);
        } catch (RuntimeException | StackOverflowError error) {
            references.forget(fresh);
            throw error;
        }
    }

    Object unpack(byte[] data) {
        return Codec.decode(data, (type, number) -> switch (type) {
            case Numbers.EXTENSION_HANDLE -> new LuaFunction((Lua) this, number, generation);
            case Numbers.EXTENSION_REFERENCE -> references.entry(number).object;
            default -> throw new IllegalArgumentException("malformed MessagePack: ext type " + type);
        });
    }

    @SuppressWarnings("unchecked")
    Values unpackAll(byte[] data) {
        return new Values((List<Object>) unpack(data));
    }

    byte[] packError(Object error, Collection<Integer> fresh) {
        Object value = error;
        if (error instanceof Throwable thrown) {
            String message = thrown instanceof LuaException ? thrown.getMessage() : message(thrown);
            message = message.length() > MESSAGE_LIMIT ? message.substring(0, MESSAGE_LIMIT) + "..." : message;
            byte[] text = message.getBytes(StandardCharsets.UTF_8);
            value = Map.of("message", new String(text, StandardCharsets.UTF_8), "type", thrown.getClass().getSimpleName(), "exception",
                    HostReference.of(thrown));
        }
        List<Object> one = new ArrayList<>();
        one.add(value);
        return pack(one, true, fresh);
    }

    private static String message(Throwable thrown) {
        try {
            return String.valueOf(thrown);
        } catch (RuntimeException error) {
            // It has no text of its own.
            return thrown.getClass().getName();
        }
    }

    /** The error that a run ended with: of a host function the very one that it threw. */
    RuntimeException error(Instance.Step step, int task) {
        if (step.status() == Numbers.STATUS_POISONED) {
            return Instance.poisoned();
        }
        if (textTasks.contains(task)) {
            return LuaException.of(step.status(), LuaException.text(step.result()));
        }
        if (step.result().length == 0) {
            return Instance.refusal(step.status(), "the data do not fit into the state's memory; raise `memory`, or free something in the script");
        }
        Map<?, ?> fields = (Map<?, ?>) unpack(step.result());
        LuaException error = LuaException.of(step.status(), fields);
        if (error instanceof LuaExitException exit) {
            exit.withCode((int) instance.figure(Numbers.FIGURE_EXIT_CODE));
        }
        if (error.value() instanceof Map<?, ?> value && value.get("exception") instanceof Throwable thrown) {
            if (thrown instanceof RuntimeException unchecked) {
                if (unchecked != error && !List.of(unchecked.getSuppressed()).contains(error)) {
                    // So that the trace shows where in Lua it was.
                    unchecked.addSuppressed(error);
                }
                return unchecked;
            }
            error.initCause(thrown);
        }
        return error;
    }
}

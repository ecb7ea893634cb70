package moonlet;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import run.endive.runtime.ExportFunction;

/**
 * One instance of the module: bytes in, bytes out (ABI.md). Its calls run on a {@link Worker}. Every method throws LuaPoisonedException when the
 * engine tears the call down, and from then on.
 */
final class Instance {
    static final int PAGE = 65_536;
    /** What is wrong where a module leaves out what is asked of it. */
    static final String LEFT_OUT = "the module leaves that out, as the mini variants do; take module(\"lua54\") or module(\"lua55\")";

    private static final int ABI = 1;
    /** A call costs more than the bytes, so most data go into one buffer that stays. */
    private static final int BUFFER = 4096;

    /** What a run left: 0 or the status, the task that was suspended last, and how much there is to take. */
    record Step(int status, int task, byte[] result, boolean hasOutput, boolean hasErrorOutput, boolean hasDropped, double fuelUsed) {
        Step(int status) {
            this(status, 0, new byte[0], false, false, false, 0);
        }
    }

    private final Map<String, ExportFunction> exports = new HashMap<>();
    private final FlatMemory memory;
    private final run.endive.runtime.Instance engine;
    private final long stack;
    private final int info;
    /** 504 or 505. */
    final int luaVersion;
    private int buffer;
    private long second = -1;
    private long millisecond = -1;

    Instance(Modules.Compiled module, long stack) {
        this.stack = stack;
        FlatMemory[] made = new FlatMemory[1];
        try {
            engine = module.instance(limits -> made[0] = new FlatMemory(limits));
            memory = made[0];
            int version = (int) call("abi_version");
            if (version >>> 16 != ABI) {
                throw new IllegalArgumentException(
                        "the module has ABI " + (version >>> 16) + ", and this package knows ABI " + ABI + "; take the two from one release");
            }
            info = (int) call("info_ptr");
            luaVersion = (int) figure(Numbers.FIGURE_LUA_VERSION_NUM);
        } catch (run.endive.wasm.WasmEngineException | NullPointerException | LuaPoisonedException error) {
            throw new IllegalArgumentException("this is no module of Moonlet: " + error.getMessage(), error);
        }
    }

    /** What an export answers. */
    long call(String export, long... arguments) {
        return within(() -> enter(export, arguments));
    }

    private <T> T within(Supplier<T> job) {
        try {
            return Worker.run(stack, job);
        } catch (LuaException error) {
            throw error;
        } catch (RuntimeException | StackOverflowError error) {
            boolean isStack = error instanceof StackOverflowError || error.getCause() instanceof StackOverflowError;
            String why = isStack ? "its stack of " + stack + " bytes is full; make the state with a larger `stack`" : String.valueOf(error.getMessage());
            LuaException poisoned = LuaException.of(
                    Numbers.STATUS_POISONED, "the engine stopped the state within a call (" + why + "); restore a snapshot, or make a new state");
            poisoned.initCause(error);
            throw poisoned;
        }
    }

    private long enter(String export, long... arguments) {
        long[] answer = exports.computeIfAbsent(export, engine::export).apply(arguments);
        return answer == null || answer.length == 0 ? 0 : answer[0];
    }

    /** An option's new value; the status. */
    int set(int key, double value) {
        return (int) call("set", key, Double.doubleToRawLongBits(value));
    }

    /** The value of an option or a figure. */
    double figure(int key) {
        return Double.longBitsToDouble(call("get", key));
    }

    /** Collects all garbage; bytes in use. */
    double compact() {
        return Double.longBitsToDouble(call("compact"));
    }

    private int put(byte[] data, int length) {
        int at = (int) enter("alloc", length);
        if (at != 0) {
            memory.write(at, data, 0, data.length);
        } else if (isPoisoned()) {
            throw poisoned();
        }
        return at;
    }

    /** Calls an export with data as its last two arguments; what it answers, or TOO_BIG, negative for a run, where they do not fit. */
    private long give(String export, byte[] data, int tooBig, int... before) {
        long[] arguments = new long[before.length + 2];
        for (int i = 0; i < before.length; i++) {
            arguments[i] = before[i];
        }
        int at = 0;
        if (data.length > 0 && data.length <= BUFFER) {
            if (buffer == 0) {
                buffer = put(new byte[0], BUFFER);
            }
            at = buffer;
            if (at != 0) {
                memory.write(at, data, 0, data.length);
            }
        } else if (data.length > 0) {
            at = put(data, data.length);
        }
        if (at == 0 && data.length > 0) {
            return tooBig;
        }
        arguments[before.length] = at;
        arguments[before.length + 1] = data.length;
        try {
            return enter(export, arguments);
        } finally {
            if (at != buffer) {
                enter("dealloc", at, data.length);
            }
        }
    }

    /** Calls an export that answers a status, with data as its last two arguments. */
    int give(String export, byte[] data) {
        return within(() -> (int) give(export, data, Numbers.STATUS_TOO_BIG));
    }

    /** Calls an export that answers a length or minus a status, and takes the result: null where there is none. */
    Answer ask(String export, byte[] data) {
        return within(() -> answer(data == null ? enter(export) : give(export, data, -Numbers.STATUS_TOO_BIG)));
    }

    /** 0 or a status, and the result. */
    record Answer(int status, byte[] result) {}

    private Answer answer(long answer) {
        return (int) answer < 0 ? new Answer((int) -answer, new byte[0]) : new Answer(Numbers.STATUS_OK, result());
    }

    /** Puts a file there; the status. */
    int write(byte[] name, byte[] data) {
        return within(() -> {
            int at = name.length == 0 ? 0 : put(name, name.length);
            if (at == 0 && name.length > 0) {
                return Numbers.STATUS_TOO_BIG;
            }
            try {
                return (int) give("write_file", data, Numbers.STATUS_TOO_BIG, at, name.length);
            } finally {
                enter("dealloc", at, name.length);
            }
        });
    }

    /** Calls a run export, of a task where that is not 0; what it left. The clocks are seconds and milliseconds. */
    Step run(String export, int task, byte[] data, long second, long millisecond) {
        return within(() -> {
            // What has not moved need not be told.
            if (this.second != second) {
                enter("set", Numbers.OPTION_CLOCK, Double.doubleToRawLongBits(second));
                this.second = second;
            }
            if (this.millisecond != millisecond) {
                enter("set", Numbers.OPTION_MONOTONIC, Double.doubleToRawLongBits(millisecond / 1000.0));
                this.millisecond = millisecond;
            }
            int answer = (int) (task == 0 ? give(export, data, Integer.MIN_VALUE) : give(export, data, Integer.MIN_VALUE, task));
            if (answer == Integer.MIN_VALUE) {
                return new Step(Numbers.STATUS_TOO_BIG);
            }
            // Of a state that was torn down the block tells nothing but that.
            if (answer == -Numbers.STATUS_POISONED) {
                return new Step(Numbers.STATUS_POISONED);
            }
            return new Step(Math.max(0, -answer), told(Numbers.INFO_TASK), result(), told(Numbers.INFO_OUTPUT_LEN) > 0,
                    told(Numbers.INFO_ERROR_OUTPUT_LEN) > 0, told(Numbers.INFO_DROPPED) > 0, memory.readDouble(info + Numbers.INFO_FUEL_USED));
        });
    }

    /** A part of the info block: a read is cheaper than any call. */
    int told(int part) {
        return memory.readInt(info + part);
    }

    boolean isPoisoned() {
        return told(Numbers.INFO_STATUS) == Numbers.STATUS_POISONED;
    }

    /** The last result. */
    byte[] result() {
        return memory.readBytes(told(Numbers.INFO_RESULT_PTR), told(Numbers.INFO_RESULT_LEN));
    }

    /** What the output, or the error output, holds; it is empty then. */
    byte[] takeOutput(boolean isError) {
        byte[] taken = isError
                ? memory.readBytes(told(Numbers.INFO_ERROR_OUTPUT_PTR), told(Numbers.INFO_ERROR_OUTPUT_LEN))
                : memory.readBytes(told(Numbers.INFO_OUTPUT_PTR), told(Numbers.INFO_OUTPUT_LEN));
        call(isError ? "error_output_clear" : "output_clear");
        return taken;
    }

    /** 32 bytes that name the build. */
    byte[] buildId() {
        return memory.readBytes((int) call("build_id_ptr"), 32);
    }

    /** All of memory, without the package's own buffer in use. */
    byte[] image() {
        if (buffer != 0) {
            call("dealloc", buffer, BUFFER);
            buffer = 0;
        }
        return memory.image();
    }

    /** Makes memory what the image says, and zero beyond; throws LuaRefusedException, and has changed nothing, where it cannot grow so far. */
    void load(byte[] image) {
        if (!memory.load(image)) {
            throw LuaException.of(Numbers.STATUS_TOO_BIG, "memory cannot grow to " + image.length + " bytes; give Java a larger heap (-Xmx)");
        }
        buffer = 0;
        second = -1;
        millisecond = -1;
    }

    /** The error of a state that an earlier call left unusable. */
    static LuaException poisoned() {
        return LuaException.of(
                Numbers.STATUS_POISONED, "an earlier call was torn down within the state; restore a snapshot, or make a new state");
    }

    /** The error of an export that is no run: the message says what is wrong, unless the state is poisoned or a mini variant. */
    static LuaException refusal(int status, String message) {
        return status == Numbers.STATUS_POISONED ? poisoned() : LuaException.of(status, status == Numbers.STATUS_BAD_STATE ? LEFT_OUT : message);
    }
}

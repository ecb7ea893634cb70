package moonlet;

import java.lang.reflect.Field;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * The options of a state. 0 means no limit where an option is one. Each method throws IllegalArgumentException for what its option cannot be,
 * {@link #build} for what only the module knows.
 */
public final class Builder implements Cloneable {
    /** Libraries by name. The default is all but {@code debug_full}, with which a script can break its state. */
    public static final Map<String, Integer> LIBRARIES = libraries();

    private static final SecureRandom ENTROPY = new SecureRandom();
    /** What scripts may nest takes less. */
    private static final int LEAST_STACK = 1 << 20;
    private static final int SAFE = LIBRARIES.values().stream().mapToInt(bit -> bit).sum() - Numbers.LIBRARY_DEBUG_FULL;

    private Map<Integer, Double> numbers = new LinkedHashMap<>();
    Object module = "lua54";
    long memory = 64 << 20;
    private long pages;
    long fuel;
    long slice = 1_000_000;
    int nesting = 16;
    long stack = 4 << 20;
    int libraries = SAFE;
    private Long seed;
    private DoubleSupplier clock;
    private Object timeZone = 0;
    boolean isDeterministic;
    private Consumer<String> onOutput = System.out::print;
    private Consumer<byte[]> onOutputBytes;
    private Consumer<String> onErrorOutput = System.err::print;
    private Consumer<byte[]> onErrorOutputBytes;
    Supplier<byte[]> input;
    byte[] allInput;

    Builder() {
        set(Numbers.OPTION_TASKS_LIMIT, 10_000);
        set(Numbers.OPTION_FORMAT, 1);
        set(Numbers.OPTION_ERROR_OUTPUT, 1);
        set(Numbers.OPTION_FINALIZERS, 1);
    }

    private static Map<String, Integer> libraries() {
        Map<String, Integer> found = new LinkedHashMap<>();
        for (Field field : Numbers.class.getDeclaredFields()) {
            if (field.getName().startsWith("LIBRARY_")) {
                try {
                    found.put(field.getName().substring("LIBRARY_".length()).toLowerCase(java.util.Locale.ROOT), field.getInt(null));
                } catch (IllegalAccessException error) {
                    throw new IllegalStateException(error);
                }
            }
        }
        return Collections.unmodifiableMap(found);
    }

    private Builder set(int key, double value) {
        numbers.put(key, value);
        return this;
    }

    private static long limit(String name, long value) {
        if (value < 0 || value >= 1L << 53) {
            throw new IllegalArgumentException(name + " is at least 0, which is no limit, and below 2^53, not " + value);
        }
        return value;
    }

    private static <T> T given(String name, T value) {
        if (value == null) {
            throw new IllegalArgumentException(name + " is null; leave it out for the default");
        }
        return value;
    }

    /** {@code "lua54"}, {@code "lua55"}, or the mini variants {@code "lua54-mini"} and {@code "lua55-mini"}. */
    public Builder module(String name) {
        module = given("module", name);
        return this;
    }

    /** A module of the same ABI by its file. It is compiled now, which takes seconds; Endive's {@code compiler} has to be among the libraries. */
    public Builder module(Path file) {
        module = Modules.compile(given("module", file));
        return this;
    }

    /** A module of the same ABI by its bytes, as {@link #module(Path)}. */
    public Builder module(byte[] wasm) {
        module = Modules.compile(given("module", wasm));
        return this;
    }

    /** Bytes that scripts may allocate; 64 MiB by default. */
    public Builder memory(long bytes) {
        memory = limit("memory", bytes);
        return this;
    }

    /** Pages of 64 KiB that the state may reach into; by default room for twice {@code memory}. */
    public Builder pages(long count) {
        pages = limit("pages", count);
        return this;
    }

    /**
     * Units that a task may use before LuaBudgetException, about one for each VM instruction. <b>There is no limit by default</b>: an endless loop
     * ends only when its thread is interrupted.
     */
    public Builder fuel(long units) {
        fuel = limit("fuel", units);
        return this;
    }

    /** Units after which the host looks whether the evaluation is to end; 1,000,000 by default. Without a limit nothing ends one but fuel. */
    public Builder slice(long units) {
        slice = limit("slice", units);
        return this;
    }

    /** Bytes written before they are delivered; otherwise they are at the end of each run. */
    public Builder output(long bytes) {
        return set(Numbers.OPTION_OUTPUT, limit("output", bytes));
    }

    /** Bytes of a result, and of a file that is read. */
    public Builder result(long bytes) {
        return set(Numbers.OPTION_RESULT, limit("result", bytes));
    }

    /** Host calls of a task. */
    public Builder hostCalls(long count) {
        return set(Numbers.OPTION_HOST_CALLS, limit("hostCalls", count));
    }

    /** Suspended tasks; 10,000 by default. */
    public Builder tasks(long count) {
        return set(Numbers.OPTION_TASKS_LIMIT, limit("tasks", count));
    }

    /** How deep evaluations nest within functions of the host; 16 by default. */
    public Builder nesting(int count) {
        nesting = (int) limit("nesting", count);
        return this;
    }

    /** Bytes of stack of the threads on which the module's calls run; 4 MiB by default. */
    public Builder stack(long bytes) {
        if (bytes < LEAST_STACK || bytes > 1 << 30) {
            throw new IllegalArgumentException("stack is from 1 MiB to 1 GiB, not " + bytes + " bytes: scripts that nest deep would break their state");
        }
        stack = bytes;
        return this;
    }

    /** Names of {@link #LIBRARIES} that scripts have; all but {@code debug_full} by default. */
    public Builder libraries(String... names) {
        libraries = 0;
        for (String name : names) {
            if (!LIBRARIES.containsKey(name)) {
                throw new IllegalArgumentException("there is no library \"" + name + "\"; there are " + String.join(", ", LIBRARIES.keySet()));
            }
            libraries |= LIBRARIES.get(name);
        }
        return this;
    }

    /** Of hashing and {@code math.random}; by default from the system's entropy. */
    public Builder seed(long seed) {
        this.seed = seed;
        return this;
    }

    /** Seconds since 1970 that stay; by default the system's clock counts, read at every run. */
    public Builder clock(double seconds) {
        return clock(() -> seconds);
    }

    /** Answers seconds since 1970. */
    public Builder clock(DoubleSupplier seconds) {
        clock = given("clock", seconds);
        return this;
    }

    /** Minutes east of UTC; UTC by default. */
    public Builder timeZone(int minutes) {
        timeZone = minutes;
        return this;
    }

    /** A TZ string of POSIX, such as {@code CET-1CEST,M3.5.0,M10.5.0/3}. */
    public Builder timeZone(String zone) {
        timeZone = given("timeZone", zone);
        return this;
    }

    /** Fixes seed, clock and time zone, so that equal runs give equal results. */
    public Builder deterministic() {
        isDeterministic = true;
        return this;
    }

    /** Gives {@code byte[]} for every string; otherwise a {@code String} for one that is UTF-8. */
    public Builder stringsAsBytes() {
        return set(Numbers.OPTION_STRINGS, 1);
    }

    /** Has null within lists and maps arrive as {@code host.null}; otherwise it is a hole, or no entry. */
    public Builder nulls() {
        return set(Numbers.OPTION_NULLS, 1);
    }

    /** Lets {@code __gc} be ignored. */
    public Builder noFinalizers() {
        return set(Numbers.OPTION_FINALIZERS, 0);
    }

    /** Lets {@code load} take precompiled chunks, which can break the state. */
    public Builder binaryChunks() {
        return set(Numbers.OPTION_BINARY_CHUNKS, 1);
    }

    /** Gets what scripts write; by default it goes to {@code System.out}. */
    public Builder onOutput(Consumer<String> sink) {
        onOutput = given("onOutput", sink);
        onOutputBytes = null;
        return this;
    }

    /** Gets what scripts write, as bytes. */
    public Builder onOutputBytes(Consumer<byte[]> sink) {
        onOutputBytes = given("onOutputBytes", sink);
        return this;
    }

    /** Gets what scripts write to {@code io.stderr}, and warnings; by default it goes to {@code System.err}. */
    public Builder onErrorOutput(Consumer<String> sink) {
        onErrorOutput = given("onErrorOutput", sink);
        onErrorOutputBytes = null;
        return this;
    }

    /** Gets what scripts write to {@code io.stderr}, and warnings, as bytes. */
    public Builder onErrorOutputBytes(Consumer<byte[]> sink) {
        onErrorOutputBytes = given("onErrorOutputBytes", sink);
        return this;
    }

    /** All of standard input. */
    public Builder input(byte[] all) {
        allInput = given("input", all).clone();
        return set(Numbers.OPTION_INPUT, 1);
    }

    /** All of standard input. */
    public Builder input(String all) {
        return input(Codec.utf8(given("input", all)));
    }

    /** Answers more of standard input whenever a script waits for it; nothing, or null, is its end. */
    public Builder input(Supplier<byte[]> more) {
        input = given("input", more);
        return set(Numbers.OPTION_INPUT, 1);
    }

    /** Standard input comes by {@link Lua#writeInput}; by default it is the file {@code /dev/stdin}. */
    public Builder inputByHost() {
        return set(Numbers.OPTION_INPUT, 1);
    }

    /**
     * A new state with these options. The builder can be used again.
     *
     * @throws IllegalArgumentException for an option that the module cannot have
     */
    public Lua build() {
        return new Lua(copy());
    }

    Builder copy() {
        try {
            Builder copy = (Builder) super.clone();
            copy.numbers = new LinkedHashMap<>(numbers);
            return copy;
        } catch (CloneNotSupportedException error) {
            throw new IllegalStateException(error);
        }
    }

    Output sink(boolean isError) {
        return isError ? new Output(onErrorOutputBytes, onErrorOutput) : new Output(onOutputBytes, onOutput);
    }

    /** Pages that memory may reach into, 0 for any number: those asked for, or room for twice {@code memory}. */
    long pageLimit() {
        return pages > 0 ? pages : memory > 0 ? Math.max(1, (2 * memory + Instance.PAGE - 1) / Instance.PAGE) : 0;
    }

    double now() {
        return clock != null ? clock.getAsDouble() : isDeterministic ? 0 : System.currentTimeMillis() / 1000.0;
    }

    /** Seconds of a clock that no one sets, unless scripts have a clock of their own. */
    double monotonic() {
        return clock == null && !isDeterministic ? System.nanoTime() / 1e9 : now();
    }

    /** Sets every option of the instance; those that only a new state takes where it is one. */
    void apply(Instance instance, boolean isNew) {
        Map<Integer, Double> all = new LinkedHashMap<>(numbers);
        all.put(Numbers.OPTION_MEMORY, (double) memory);
        all.put(Numbers.OPTION_PAGES, (double) pageLimit());
        all.put(Numbers.OPTION_FUEL, (double) fuel);
        all.put(Numbers.OPTION_SLICE, (double) slice);
        if (isNew) {
            long seed = this.seed != null ? this.seed : isDeterministic ? 0 : ENTROPY.nextLong();
            all.put(Numbers.OPTION_SEED_LOW, (double) (seed & 0xffffffffL));
            all.put(Numbers.OPTION_SEED_HIGH, (double) (seed >>> 32));
            // A mini variant starts with what it has.
            if (libraries != SAFE) {
                all.put(Numbers.OPTION_LIBRARIES, (double) libraries);
            }
        } else {
            for (int option : new int[] {Numbers.OPTION_STRINGS, Numbers.OPTION_NULLS, Numbers.OPTION_INPUT, Numbers.OPTION_BINARY_CHUNKS,
                Numbers.OPTION_OUTPUT, Numbers.OPTION_RESULT, Numbers.OPTION_HOST_CALLS}) {
                all.putIfAbsent(option, 0.0);
            }
        }
        all.forEach((key, value) -> check(instance.set(key, value), "the option " + name(key) + " cannot be " + value.longValue()));
        if (timeZone instanceof String zone) {
            check(instance.give("time_zone", Codec.utf8(zone)), '"' + zone + "\" is no time zone in POSIX's form, such as "
                    + "CET-1CEST,M3.5.0,M10.5.0/3; the last line of a zone's file in zoneinfo is one");
        } else if (!isNew || !timeZone.equals(0)) {
            check(instance.set(Numbers.OPTION_TIME_ZONE, (Integer) timeZone), "timeZone is minutes east of UTC, from -1440 to 1440, not " + timeZone);
        }
    }

    private static void check(int status, String message) {
        if (status != Numbers.STATUS_OK) {
            throw new IllegalArgumentException(message + (status == Numbers.STATUS_BAD_STATE ? ": " + Instance.LEFT_OUT : ""));
        }
    }

    private static String name(int key) {
        return Arrays.stream(Numbers.class.getDeclaredFields()).filter(field -> field.getName().startsWith("OPTION_") && value(field) == key)
                .map(Field::getName).findFirst().orElse(String.valueOf(key));
    }

    private static int value(Field field) {
        try {
            return field.getInt(null);
        } catch (IllegalAccessException error) {
            throw new IllegalStateException(error);
        }
    }
}

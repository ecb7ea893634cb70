package moonlet;

import java.lang.management.ManagementFactory;

/** Many evaluations in one state, then many states: what Lua and Java hold stays flat. The arguments are the counts. */
public final class Soak {
    private Soak() {}

    public static void main(String[] arguments) {
        long evaluations = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1_000_000;
        long states = arguments.length > 1 ? Long.parseLong(arguments[1]) : 10_000;
        Thread thread = new LuaThread(() -> {
            evaluate(evaluations);
            make(states);
        });
        thread.start();
    }

    static void evaluate(long count) {
        try (Lua lua = Moonlet.builder().build()) {
            lua.define("add", arguments -> arguments.integer(0) + arguments.integer(1));
            long[] before = null;
            for (long i = 0; i <= count; i++) {
                lua.eval("local f = ... return add(1, 2), {x = f(1)}, function() end", (HostFunction) arguments -> arguments.get(0));
                if (i % 100 == 0) {
                    LuaException[] error = new LuaException[1];
                    try {
                        lua.eval("error({})");
                    } catch (LuaException caught) {
                        error[0] = caught;
                    }
                }
                if (i == count / 10) {
                    before = held(lua);
                }
            }
            tell("evaluations", count, before, held(lua));
        }
    }

    static void make(long count) {
        long[] before = null;
        for (long i = 0; i <= count; i++) {
            try (Lua lua = Moonlet.builder().build()) {
                lua.eval("return 1");
                if (i == count / 10 || i == count) {
                    long[] now = held(lua);
                    if (before != null) {
                        tell("states", count, before, now);
                    }
                    before = now;
                }
            }
        }
    }

    /** Bytes of Lua's heap, bytes of Java's, threads; handles are given back before. */
    static long[] held(Lua lua) {
        for (int i = 0; i < 20 && lua.stats().handles() > 20; i++) {
            System.gc();
            try {
                Thread.sleep(50);
            } catch (InterruptedException error) {
                throw new IllegalStateException(error);
            }
        }
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return new long[] {lua.compact(), runtime.totalMemory() - runtime.freeMemory(), ManagementFactory.getThreadMXBean().getThreadCount()};
    }

    private static void tell(String what, long count, long[] before, long[] after) {
        System.out.printf("%d %s: Lua %d to %d bytes, Java %d to %d bytes, threads %d to %d%n", count, what, before[0], after[0], before[1], after[1],
                before[2], after[2]);
        if (after[0] > before[0] + 65_536 || after[1] > before[1] + (8 << 20) || after[2] > before[2] + 4) {
            System.out.println("memory is not flat");
            System.exit(1);
        }
    }
}

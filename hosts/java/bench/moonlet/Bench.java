package moonlet;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.lib.TwoArgFunction;
import org.luaj.vm2.lib.jse.JsePlatform;

/**
 * The tasks of the host packages, here and with luaj, as lines of JSON; two scripts beside native Lua too, where `lua5.4` is on PATH. Times are the
 * medians of several rounds in microseconds, after some that HotSpot needs.
 */
public final class Bench {
    private static final int ROUNDS = 9;
    private static final String FIB = "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(27)";
    private static final String STRINGS = "local n = 0 for i = 1, 100000 do local s = ('key ' .. i):upper() n = n + #s:gsub('K', 'k') end return n";

    private interface Run {
        void run() throws Exception;
    }

    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1) {
            first(arguments[0]);
            return;
        }
        Map<String, String> versions = Map.of("java", System.getProperty("java.version"), "endive", "1.0.0", "luaj", "3.0.1");
        System.out.println(new Gson().toJson(Map.of("versions", versions)));
        Exception[] failed = new Exception[1];
        Thread thread = new LuaThread(() -> {
            try {
                all();
            } catch (Exception error) {
                failed[0] = error;
            }
        });
        thread.start();
        thread.join();
        if (failed[0] != null) {
            throw failed[0];
        }
        // On a thread whose stack nobody knows a call is handed to another.
        try (Lua lua = Moonlet.builder().build()) {
            lua.eval("function empty() end");
            tell("empty call, from any thread", "moonlet on Java", median(() -> lua.call("empty"), 2_000));
        }
        System.exit(0);
    }

    private static void first(String what) throws Exception {
        if (what.equals("moonlet")) {
            try (Lua lua = Moonlet.builder().build()) {
                lua.eval("return 1");
            }
        } else if (what.equals("luaj")) {
            JsePlatform.standardGlobals().load("return 1").call();
        }
    }

    private static double median(Run run, int count) throws Exception {
        double[] rounds = new double[ROUNDS];
        for (int round = -ROUNDS; round < ROUNDS; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                run.run();
            }
            if (round >= 0) {
                rounds[round] = (System.nanoTime() - start) / 1e3 / count;
            }
        }
        Arrays.sort(rounds);
        return rounds[ROUNDS / 2];
    }

    private static void tell(String task, String host, double value) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("task", task);
        row.put("host", host);
        row.put("value", value);
        row.put("unit", task.startsWith("memory") ? "KiB" : "us");
        System.out.println(new Gson().toJson(row));
    }

    private static void pair(String task, int count, Run ours, Run theirs) throws Exception {
        tell(task, "moonlet on Java", median(ours, count));
        if (theirs != null) {
            tell(task, "luaj 3.0.1", median(theirs, count));
        }
    }

    private static void all() throws Exception {
        Lua lua = Moonlet.builder().build();
        Globals luaj = JsePlatform.standardGlobals();
        String ask = "function empty() end function echo(x) return x end";
        lua.eval(ask);
        luaj.load(ask).call();
        lua.define("add", given -> given.integer(0) + given.integer(1));
        luaj.set("add", new TwoArgFunction() {
            @Override
            public LuaValue call(LuaValue a, LuaValue b) {
                return LuaValue.valueOf(a.checkint() + b.checkint());
            }
        });
        pair("create", 20, () -> Moonlet.builder().build().close(), JsePlatform::standardGlobals);
        pair("create, first result", 20, () -> {
            try (Lua state = Moonlet.builder().build()) {
                state.eval("return 1");
            }
        }, () -> JsePlatform.standardGlobals().load("return 1").call());
        double nothing = process("nothing");
        tell("import to first result", "moonlet on Java", process("moonlet") - nothing);
        tell("import to first result", "luaj 3.0.1", process("luaj") - nothing);
        LuaValue empty = luaj.get("empty");
        pair("empty call", 2_000, () -> lua.call("empty"), empty::call);
        pair("hello", 2_000, () -> lua.eval("return 'hello'"), () -> luaj.load("return 'hello'").call());
        Map<String, Object> kilobyte = new LinkedHashMap<>();
        kilobyte.put("name", "x".repeat(500));
        kilobyte.put("numbers", java.util.stream.LongStream.range(0, 100).boxed().toList());
        Map<String, Boolean> flags = new LinkedHashMap<>();
        for (int i = 0; i < 20; i++) {
            flags.put("key " + i, true);
        }
        kilobyte.put("flags", flags);
        List<Object> megabyte = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            megabyte.add(Map.of("id", i, "name", "row " + i, "tags", List.of("a", "b"), "x", i / 7.0));
        }
        LuaValue echo = luaj.get("echo");
        pair("1 kB of values", 200, () -> lua.call("echo", kilobyte), () -> out(echo.call(in(kilobyte))));
        pair("1 MB of values", 1, () -> lua.call("echo", megabyte), () -> out(echo.call(in(megabyte))));
        String loop = "for i = 1, 1000 do add(i, 1) end";
        tell("host call", "moonlet on Java", median(() -> lua.eval(loop), 20) / 1000);
        LuaValue compiled = luaj.load(loop);
        tell("host call", "luaj 3.0.1", median(compiled::call, 20) / 1000);
        pair("hostile script stopped: 1,000,000 units of `while true do pcall(error) end`", 1, () -> {
            try (Lua state = Moonlet.builder().fuel(1_000_000).build()) {
                state.eval("while true do pcall(error) end");
            } catch (LuaBudgetException error) {
                // As it should.
            }
        }, null);
        pair("fib(27)", 1, () -> lua.eval(FIB), luaj.load(FIB)::call);
        nativeLua("fib(27)", FIB);
        pair("100,000 strings", 1, () -> lua.eval(STRINGS), luaj.load(STRINGS)::call);
        nativeLua("100,000 strings", STRINGS);
        tell("memory of a state, of 100", "moonlet on Java", states(() -> {
            Lua state = Moonlet.builder().build();
            state.eval("return 1");
            return state;
        }));
        tell("memory of a state, of 100", "luaj 3.0.1", states(JsePlatform::standardGlobals));
    }

    /** Microseconds of a process of its own. */
    private static double process(String what) throws Exception {
        String java = System.getProperty("java.home") + "/bin/java";
        List<Double> rounds = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            long start = System.nanoTime();
            new ProcessBuilder(java, "-cp", System.getProperty("bench.classpath", System.getProperty("java.class.path")), "moonlet.Bench", what).inheritIO().start()
                    .waitFor();
            rounds.add((System.nanoTime() - start) / 1e3);
        }
        rounds.sort(null);
        return rounds.get(2);
    }

    private static void nativeLua(String task, String script) throws InterruptedException {
        String timed = "local run = load([==[" + script + "]==]) local best = math.huge for i = 1, 9 do local t = os.clock() run() "
                + "best = math.min(best, os.clock() - t) end print(best * 1e6)";
        try {
            Process lua = new ProcessBuilder("lua5.4", "-e", timed).start();
            String told = new String(lua.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            lua.waitFor();
            tell(task, "native Lua", Double.parseDouble(told));
        } catch (IOException error) {
            // There is none.
        }
    }

    private interface Make {
        Object make();
    }

    private static double states(Make make) {
        List<Object> states = new ArrayList<>();
        long before = used();
        for (int i = 0; i < 100; i++) {
            states.add(make.make());
        }
        double each = (used() - before) / 1024.0 / states.size();
        states.forEach(state -> {
            if (state instanceof Lua lua) {
                lua.close();
            }
        });
        return each;
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static LuaValue in(Object value) {
        if (value instanceof Map<?, ?> map) {
            LuaTable table = new LuaTable();
            map.forEach((key, each) -> table.set(in(key), in(each)));
            return table;
        }
        if (value instanceof List<?> list) {
            LuaTable table = new LuaTable();
            for (int i = 0; i < list.size(); i++) {
                table.set(i + 1, in(list.get(i)));
            }
            return table;
        }
        return value instanceof String text ? LuaValue.valueOf(text)
                : value instanceof Boolean flag ? LuaValue.valueOf(flag)
                : value instanceof Double number ? LuaValue.valueOf(number) : LuaValue.valueOf(((Number) value).intValue());
    }

    private static Object out(LuaValue value) {
        if (value.istable()) {
            Map<Object, Object> map = new LinkedHashMap<>();
            for (LuaValue key : value.checktable().keys()) {
                map.put(out(key), out(value.get(key)));
            }
            return map;
        }
        return value.isint() ? (Object) value.tolong() : value.isnumber() ? (Object) value.todouble() : value.isboolean() ? (Object) value.toboolean() : value.tojstring();
    }
}

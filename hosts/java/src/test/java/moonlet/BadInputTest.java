package moonlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What nobody should do. */
@Timeout(60)
class BadInputTest {
    /** What a thread with a stack of so many bytes throws, or null. */
    private static Throwable thrown(long stack, Runnable run) throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(null, run, "test", stack);
        thread.setUncaughtExceptionHandler((which, error) -> thrown.set(error));
        thread.start();
        thread.join();
        return thrown.get();
    }

    @Test
    void options() {
        Builder builder = Moonlet.builder();
        Caught.in(IllegalArgumentException.class, "memory is at least 0", () -> builder.memory(-1));
        Caught.in(IllegalArgumentException.class, "below 2^53", () -> builder.fuel(Long.MAX_VALUE));
        Caught.in(IllegalArgumentException.class, "no library \"os2\"; there are base", () -> builder.libraries("os2"));
        Caught.in(IllegalArgumentException.class, "stack is from 1 MiB", () -> builder.stack(64 << 10));
        Caught.in(IllegalArgumentException.class, "onOutput is null", () -> builder.onOutput(null));
        Caught.in(IllegalArgumentException.class, "module is null", () -> builder.module((String) null));
        Caught.in(IllegalArgumentException.class, "nesting", () -> builder.nesting(-1));
        Caught.in(IllegalArgumentException.class, "timeZone is minutes", () -> Moonlet.builder().timeZone(2000).build());
        Caught.in(IllegalArgumentException.class, "no time zone in POSIX's form", () -> Moonlet.builder().timeZone("Europe/Berlin").build());
    }

    @Test
    void modulesThatAreNotOurs() {
        Caught.in(IllegalArgumentException.class, "there are lua54, lua54-mini, lua55, lua55-mini", () -> Moonlet.builder().module("lua53").build());
        Caught.in(IllegalArgumentException.class, "no module of Moonlet", () -> Moonlet.builder().module(new byte[] {1, 2, 3}));
        Caught.in(IllegalArgumentException.class, "no module of Moonlet",
                () -> Moonlet.builder().module(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}).build());
        Caught.in(IllegalArgumentException.class, "cannot be read", () -> Moonlet.builder().module(Path.of("missing.wasm")));
    }

    @Test
    void aModuleByItsFile() {
        try (Lua lua = Moonlet.builder().module(Path.of("../../dist/lua54-mini.wasm")).build()) {
            assertEquals(4, lua.eval("return 2 + 2").integer());
        }
    }

    @Test
    void nullsAndPaths() {
        try (Lua lua = Moonlet.builder().build()) {
            Caught.in(IllegalArgumentException.class, "the source is null", () -> lua.eval(null));
            Caught.in(IllegalArgumentException.class, "the name is null", () -> lua.evalNamed(null, ""));
            Caught.in(IllegalArgumentException.class, "not null", () -> lua.call((String) null));
            for (String path : new String[] {"", ".", "a.", ".a", "a..b", null}) {
                Caught.in(IllegalArgumentException.class, "is no path", () -> lua.get(path));
                Caught.in(IllegalArgumentException.class, "is no path", () -> lua.set(path, 1));
            }
            Caught.in(IllegalArgumentException.class, "is defined by a function", () -> lua.define("f", (HostFunction) null));
            Caught.in(IllegalArgumentException.class, "lone surrogates", () -> lua.eval("\ud800"));
            assertEquals(4, lua.eval("return 2 + 2").integer());
        }
    }

    @Test
    void valuesThatLuaHasNot() {
        try (Lua lua = Moonlet.builder().build()) {
            Caught.in(IllegalArgumentException.class, "does not fit into Lua's 64-bit integers",
                    () -> lua.eval("", java.math.BigInteger.ONE.shiftLeft(63)));
            Caught.in(IllegalArgumentException.class, "an integer of 100000 bits", () -> lua.eval("", java.math.BigInteger.ONE.shiftLeft(99_999)));
            Caught.in(IllegalArgumentException.class, "NaN cannot be a key", () -> lua.eval("", Map.of(Double.NaN, 1)));
            List<Object> cycle = new ArrayList<>();
            cycle.add(cycle);
            Caught.in(IllegalArgumentException.class, "nests deeper than 128", () -> lua.eval("", cycle));
            Map<Object, Object> nullKey = new HashMap<>();
            nullKey.put(null, 1);
            assertThrows(LuaRefusedException.class, () -> lua.eval("", nullKey));
            Caught.in(LuaRuntimeException.class, "nest deeper than 128", () -> lua.eval("local t = {} t[1] = t return t"));
            assertEquals(4, lua.eval("return 2 + 2").integer());
        }
    }

    @Test
    void hostileKeysAndNames() {
        try (Lua lua = Moonlet.builder().build()) {
            lua.eval("(_ENV)['\\0'] = 1 _ENV['class'] = 2 _ENV['\\xff'] = 3");
            assertEquals(1L, lua.get("\0"));
            lua.define("class.getClass", arguments -> 5);
        } catch (LuaRuntimeException error) {
            assertTrue(error.getMessage().contains("index"), error.getMessage());
        }
    }

    @Test
    void useAfterClose() {
        Lua lua = Moonlet.builder().build();
        lua.define("ask");
        Task task = lua.start("ask()");
        lua.close();
        lua.close();
        assertTrue(lua.isClosed());
        List<Runnable> uses = List.of(() -> lua.eval(""), () -> lua.call("f"), () -> lua.get("x"), () -> lua.set("x", 1), () -> lua.define("f"), lua::stats,
                lua::compact, lua::snapshot, () -> lua.restore(new byte[0]), lua::fork, lua::tasks, task::resume, task::cancel, () -> lua.files().get("x"),
                () -> lua.files().size(), () -> lua.writeInput("x"));
        for (Runnable use : uses) {
            Caught.in(LuaRefusedException.class, "is closed", use::run);
        }
        lua.cancel();
    }

    @Test
    void threadsTakeTurns() throws Exception {
        try (Lua lua = Moonlet.builder().build()) {
            lua.eval("x = 1");
            assertEquals(1, CompletableFuture.supplyAsync(() -> lua.eval("return x").integer()).get());
            CountDownLatch isIn = new CountDownLatch(1);
            CountDownLatch mayGoOn = new CountDownLatch(1);
            lua.define("hold", arguments -> {
                isIn.countDown();
                mayGoOn.await();
                return null;
            });
            CompletableFuture<Values> other = CompletableFuture.supplyAsync(() -> lua.eval("hold() return 2"));
            isIn.await();
            Caught.in(LuaRefusedException.class, "in use by another thread", () -> lua.eval("return 1"));
            Caught.in(LuaRefusedException.class, "in use by another thread", lua::close);
            mayGoOn.countDown();
            assertEquals(2, other.get().integer());
            assertEquals(1, lua.eval("return x").integer());
        }
    }

    @Test
    void recursionThroughHostFunctionsEnds() {
        try (Lua lua = Moonlet.builder().build()) {
            lua.define("again", arguments -> lua.eval("return again()"));
            Caught.in(LuaRefusedException.class, "nest deeper than 16", () -> lua.eval("again()"));
            assertEquals(4, lua.eval("return 2 + 2").integer());
            assertEquals(0, lua.stats().tasks());
        }
    }

    @Test
    void anInterruptedThreadIsNoReasonToBreakAState() throws InterruptedException {
        try (Lua lua = Moonlet.builder().build()) {
            Thread.currentThread().interrupt();
            assertEquals(4, lua.eval("return 2 + 2").integer());
            assertTrue(Thread.interrupted());
            Thread main = Thread.currentThread();
            lua.define("interrupt", arguments -> {
                main.interrupt();
                return null;
            });
            Caught.in(LuaCancelledException.class, "interrupted", () -> lua.eval("local guard <close> = setmetatable({}, {__close = function() x = 1 end}) "
                    + "interrupt() while true do end"));
            assertTrue(Thread.interrupted());
            assertEquals(1L, lua.get("x"));
            assertEquals(0, lua.stats().tasks());
            Thread other = new Thread(() -> {
                try {
                    Thread.sleep(100);
                } catch (InterruptedException error) {
                    throw new AssertionError(error);
                }
                main.interrupt();
            });
            other.start();
            assertThrows(LuaCancelledException.class, () -> lua.eval("while true do pcall(error) end"));
            assertTrue(Thread.interrupted());
            other.join();
            lua.define("sleep", arguments -> {
                Thread.sleep(60_000);
                return null;
            });
            lua.define("never", arguments -> new CompletableFuture<>());
            for (String wait : List.of("sleep()", "never()")) {
                main.interrupt();
                assertThrows(LuaCancelledException.class, () -> lua.eval("interrupt() " + wait));
                assertTrue(Thread.interrupted());
            }
            assertEquals(4, lua.eval("return 2 + 2").integer());
        }
    }

    @Test
    void interruptedOnAThreadOfOurs() throws InterruptedException {
        List<Throwable> thrown = new ArrayList<>();
        Thread thread = new LuaThread(() -> {
            try (Lua lua = Moonlet.builder().build()) {
                try {
                    lua.eval("while true do end");
                } catch (LuaException error) {
                    thrown.add(error);
                }
                assertEquals(4, lua.eval("return 2 + 2").integer());
            } catch (Throwable error) {
                thrown.add(error);
            }
        });
        thread.start();
        Thread.sleep(300);
        thread.interrupt();
        thread.join();
        assertEquals(1, thrown.size(), thrown::toString);
        assertTrue(thrown.get(0) instanceof LuaCancelledException, thrown.toString());
    }

    @Test
    void cancelFromAnotherThread() throws Exception {
        try (Lua lua = Moonlet.builder().build()) {
            lua.cancel();
            assertEquals(1, lua.eval("return 1").integer());
            CountDownLatch started = new CountDownLatch(1);
            lua.define("started", arguments -> {
                started.countDown();
                return null;
            });
            CompletableFuture<Values> other = CompletableFuture.supplyAsync(() -> lua.eval("started() while true do end"));
            started.await();
            lua.cancel();
            assertTrue(assertThrows(java.util.concurrent.ExecutionException.class, other::get).getCause() instanceof LuaCancelledException);
            assertEquals(4, lua.eval("return 2 + 2").integer());
        }
    }

    @Test
    void theStackOfTheCallersThreadDoesNotCount() throws InterruptedException {
        // As deep as Lua lets scripts nest C calls.
        String deep = "local function f(n) return (('x'):gsub('x', function() return f(n + 1) end)) end return pcall(f, 1)";
        assertEquals(null, thrown(128 << 10, () -> {
            try (Lua lua = Moonlet.builder().build()) {
                lua.eval(deep);
                lua.eval("return load('return ' .. ('('):rep(80) .. '1' .. (')'):rep(80))()");
                assertEquals(4, lua.eval("return 2 + 2").integer());
            }
        }));
    }

    @Test
    void aStackThatIsFullSaysWhatToDo() {
        Instance instance = new Instance(Modules.of("lua54"), 200 << 10);
        byte[] deep = "local function f() return (('x'):gsub('x', function() return f() end)) end return pcall(f)".getBytes();
        LuaException error = Caught.in(LuaPoisonedException.class, "make the state with a larger `stack`", () -> instance.run("compute", 0, deep, 0, 0));
        assertTrue(error.getCause() != null);
        assertTrue(instance.isPoisoned());
    }

    @Test
    void memoryThatJavaHasNot() {
        // The heap of the tests is 1 GiB.
        try (Lua lua = Moonlet.builder().memory(0).pages(0).build()) {
            LuaException error = assertThrows(LuaException.class, () -> lua.eval("local t = {} while true do t[#t + 1] = ('x'):rep(1 << 24) .. #t end"));
            assertTrue(error instanceof LuaMemoryException, error.toString());
            assertEquals(4, lua.eval("return 2 + 2").integer());
        }
    }

    @Test
    void errorsOfEveryKind() {
        try (Lua lua = Moonlet.builder().build()) {
            LuaSyntaxException syntax = assertThrows(LuaSyntaxException.class, () -> lua.evalNamed("@a.lua", "\nreturn +"));
            assertEquals("a.lua", syntax.chunk());
            assertEquals(2, syntax.line());
            assertEquals(3, assertThrows(LuaExitException.class, () -> lua.eval("os.exit(3)")).code());
            assertEquals(1, assertThrows(LuaExitException.class, () -> lua.eval("os.exit(false)")).code());
            LuaException runtime = assertThrows(LuaRuntimeException.class, () -> lua.eval("error({a = 1})"));
            assertEquals(Map.of("a", 1L), runtime.value());
            assertEquals("runtime", runtime.kind());
            assertEquals(Numbers.STATUS_ERRRUN, runtime.status());
        }
    }
}

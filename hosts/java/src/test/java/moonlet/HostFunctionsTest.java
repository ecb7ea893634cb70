package moonlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Functions of the host that scripts call. */
class HostFunctionsTest {
    private final Lua lua = Moonlet.builder().build();

    @AfterEach
    void close() {
        lua.close();
    }

    @Test
    void valuesInAndOut() {
        lua.define("echo", arguments -> Values.of(arguments.toArray()));
        assertEquals(Arrays.asList(1L, null, "a", null), lua.eval("return echo(1, nil, 'a', nil)"));
        lua.define("none", arguments -> null);
        assertEquals(1, lua.eval("return select('#', none())").integer());
        lua.define("several", arguments -> Values.of());
        assertEquals(0, lua.eval("return select('#', several())").integer());
        assertEquals("function", lua.eval("return type(echo)").string());
    }

    @Test
    void typedOnesAndTables() {
        lua.define("twice", String.class, text -> text + text);
        lua.define("math2.scale", Long.class, double.class, (n, by) -> n * by);
        assertEquals("abab", lua.eval("return twice('ab')").string());
        assertEquals(3.0, lua.eval("return math2.scale(2, 1.5)").number());
        Caught.in(IllegalArgumentException.class, "value 1 is the number 1, and no String", () -> lua.eval("twice(1)"));
        Map<String, HostFunction> table = new HashMap<>();
        table.put("fs.read", arguments -> "contents of " + arguments.string(0));
        table.put("fs.later", null);
        lua.define(table);
        assertEquals("contents of a", lua.eval("return fs.read('a')").string());
    }

    @Test
    void oneMayEvaluate() {
        lua.define("again", arguments -> lua.eval("return ... + 1", arguments.get(0)).get());
        assertEquals(3, lua.eval("return again(again(1))").integer());
    }

    @Test
    void anUncheckedExceptionIsTheSameObject() {
        IllegalStateException thrown = new IllegalStateException("oh");
        lua.define("fail", arguments -> {
            throw thrown;
        });
        IllegalStateException caught = assertThrows(IllegalStateException.class, () -> lua.evalNamed("@a.lua", "\nfail()"));
        assertSame(thrown, caught);
        LuaException where = (LuaException) caught.getSuppressed()[0];
        assertTrue(where.traceback().contains("a.lua:2:"), where.traceback());
        Values seen = lua.eval("local ok, e = pcall(fail) return ok, e.message, e.type, tostring(e), 'say ' .. e");
        assertEquals(Arrays.asList(false, "java.lang.IllegalStateException: oh", "IllegalStateException", "java.lang.IllegalStateException: oh",
                "say java.lang.IllegalStateException: oh"), seen);
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> lua.eval("local ok, e = pcall(fail) error(e, 0)")));
    }

    @Test
    void aCheckedExceptionIsTheCause() {
        IOException thrown = new IOException("no disk");
        lua.define("fail", arguments -> {
            throw thrown;
        });
        assertSame(thrown, Caught.in(LuaRuntimeException.class, "no disk", () -> lua.eval("fail()")).getCause());
    }

    @Test
    void anErrorOfLuaPassesThrough() {
        lua.define("inner", arguments -> lua.eval("error({code = 7})"));
        LuaException error = assertThrows(LuaRuntimeException.class, () -> lua.eval("inner()"));
        assertEquals(Map.of("code", 7L), error.value());
    }

    @Test
    void anErrorOfJavaEndsTheEvaluation() {
        lua.define("fail", arguments -> {
            throw new AssertionError("never mind");
        });
        assertThrows(AssertionError.class, () -> lua.eval("pcall(fail) after = true"));
        assertEquals(null, lua.get("after"));
        assertEquals(0, lua.stats().tasks());
        assertEquals(4, lua.eval("return 2 + 2").integer());
    }

    @Test
    void aVeryLongMessageStillBringsTheException() {
        lua.define("fail", arguments -> {
            throw new IllegalStateException("x".repeat(100_000));
        });
        assertEquals(100_000, assertThrows(IllegalStateException.class, () -> lua.eval("fail()")).getMessage().length());
    }

    @Test
    void anExceptionWhoseTextFails() {
        class Silent extends RuntimeException {
            private static final long serialVersionUID = 1;

            @Override
            public String toString() {
                throw new IllegalStateException("no text");
            }
        }
        lua.define("fail", arguments -> {
            throw new Silent();
        });
        assertThrows(Silent.class, () -> lua.eval("fail()"));
        assertEquals(4, lua.eval("return 2 + 2").integer());
    }

    @Test
    void aValueThatCannotBeEncodedIsAnErrorInTheScriptAndHere() {
        lua.define("bad", arguments -> new Object());
        assertEquals(true, lua.eval("local ok, e = pcall(bad) return not ok and e.message:find('Lua has no form of java.lang.Object', 1, true) ~= nil").get());
        Caught.in(IllegalArgumentException.class, "Lua has no form of java.lang.Object", () -> lua.eval("bad()"));
    }

    @Test
    void anAnswerThatDoesNotFitIsAnErrorInTheScript() {
        try (Lua small = Moonlet.builder().memory(1 << 20).build()) {
            small.define("big", arguments -> "x".repeat(10 << 20));
            assertEquals(true, small.eval("local ok, e = pcall(big) return not ok and tostring(e):find('memory') ~= nil").get());
            assertEquals(4, small.eval("return 2 + 2").integer());
        }
    }

    @Test
    void unknownFunctionsAndThoseThatWait() {
        Caught.in(LuaRefusedException.class, "no function \"nobody\"", () -> lua.eval("return host.call('nobody')"));
        lua.define("ask");
        Caught.in(LuaRefusedException.class, "use start", () -> lua.eval("ask()"));
    }

    @Test
    void futuresAreWaitedFor() {
        lua.define("later", arguments -> CompletableFuture.supplyAsync(() -> arguments.integer(0) * 2));
        assertEquals(42, lua.eval("return later(21)").integer());
        lua.define("never", arguments -> CompletableFuture.failedFuture(new IllegalStateException("late")));
        Caught.in(IllegalStateException.class, "late", () -> lua.eval("never()"));
    }

    @Test
    void aStateWithoutHostOrBase() {
        try (Lua bare = Moonlet.builder().libraries("base").build()) {
            Caught.in(LuaRefusedException.class, "add \"host\" to `libraries`", () -> bare.define("f", arguments -> 1));
        }
        try (Lua bare = Moonlet.builder().libraries("host").build()) {
            bare.define("f", arguments -> 1);
            assertEquals(1, bare.eval("return f()").integer());
        }
    }

    @Test
    void hostCallsAreLimited() {
        try (Lua limited = Moonlet.builder().hostCalls(2).build()) {
            limited.define("f", arguments -> 1);
            Caught.in(LuaRuntimeException.class, "host calls", () -> limited.eval("for i = 1, 3 do f() end"));
        }
    }
}

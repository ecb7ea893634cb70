package moonlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Functions of Lua in the host, objects of the host in Lua. */
class ReferencesTest {
    private final Lua lua = Moonlet.builder().build();

    @AfterEach
    void close() {
        lua.close();
    }

    @Test
    void theSameFunctionIsEqualAndGoesBackAsItself() {
        Values two = lua.eval("f = function() return 1 end return f, f");
        assertEquals(two.get(0), two.get(1));
        assertEquals(two.get(0).hashCode(), two.get(1).hashCode());
        assertNotEquals(two.get(0), lua.eval("return print").get());
        assertEquals(true, lua.eval("return ... == f", two.get(0)).get());
        Values thread = lua.eval("co = coroutine.create(print) return co");
        assertEquals(true, lua.eval("return ... == co", thread.get()).get());
        Caught.in(LuaRuntimeException.class, "attempt to call a thread value", () -> thread.function().call());
    }

    @Test
    void release() {
        LuaFunction function = lua.eval("return function() end").function();
        assertEquals(1, lua.stats().handles());
        function.close();
        function.close();
        assertEquals(0, lua.stats().handles());
        Caught.in(LuaRefusedException.class, "was released", function::call);
        Caught.in(LuaRefusedException.class, "was released", () -> lua.eval("return ...", function));
    }

    @Test
    void whatJavaForgetsIsReleased() throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            lua.eval("return function() end");
        }
        for (int i = 0; i < 100 && lua.stats().handles() > 0; i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertEquals(0, lua.stats().handles());
    }

    @Test
    void manyAreReleasedWhereMemoryIsOut() {
        try (Lua small = Moonlet.builder().memory(4 << 20).build()) {
            List<LuaFunction> held = new ArrayList<>();
            for (int i = 0; i < 5000; i++) {
                held.add(small.eval("return function() end").function());
            }
            assertThrows(LuaMemoryException.class, () -> small.eval("local t = {} while true do t[#t + 1] = ('x'):rep(100) .. #t end"));
            held.forEach(LuaFunction::close);
            assertEquals(0, small.stats().handles());
        }
    }

    @Test
    void aFunctionOfAnotherStateIsRefused() {
        LuaFunction function = lua.eval("return print").function();
        try (Lua other = Moonlet.builder().build()) {
            Caught.in(LuaRefusedException.class, "belongs to another state", () -> other.eval("return ...", function));
        }
        lua.close();
        Caught.in(LuaRefusedException.class, "closed", function::call);
        function.close();
    }

    @Test
    void anObjectIsOpaqueAndTheSame() {
        Object object = new Object();
        lua.set("object", HostReference.of(object));
        assertSame(object, lua.get("object"));
        assertEquals(true, lua.eval("return object == ...", HostReference.of(object)).get());
        assertEquals(true, lua.eval("return object.anything == nil").get());
        Caught.in(IllegalArgumentException.class, "attempt to set a field", () -> lua.eval("object.x = 1"));
        Caught.in(IllegalArgumentException.class, "attempt to call an object", () -> lua.eval("object()"));
        assertEquals(object, lua.eval("return {[object] = object}").map(0).get(object));
        Caught.in(IllegalArgumentException.class, "Lua has no form of", () -> lua.set("object", object));
    }

    @Test
    void methodsServeTheirObjectOnly() {
        List<Object> log = new ArrayList<>();
        lua.set("log", HostReference.of(log).method("add", (self, arguments) -> self.add(arguments.get(0))).method("size", (self, none) -> self.size()));
        assertEquals(2, lua.eval("log:add('a') log:add('b') return log:size()").integer());
        assertEquals(List.of("a", "b"), log);
        Caught.in(IllegalArgumentException.class, "with a colon", () -> lua.eval("log.add('a')"));
        Caught.in(IllegalArgumentException.class, "with a colon", () -> lua.eval("log.size()"));
    }

    @Test
    void aFunctionOfTheHostAsAValue() {
        HostFunction function = arguments -> arguments.integer(0) + 1;
        assertEquals(2, lua.eval("return (...)(1)", function).integer());
        assertSame(function, lua.eval("return ...", function).get());
        assertEquals(2, lua.eval("return (...)[1](1)", List.of(function)).integer());
    }

    @Test
    void theHostHearsWhenLuaDropsIt() {
        List<Object> dropped = new ArrayList<>();
        lua.eval("held = ...", HostReference.of("a").onDrop(dropped::add));
        lua.compact();
        assertEquals(List.of(), dropped);
        lua.eval("held = nil");
        lua.compact();
        assertEquals(List.of("a"), dropped);
        assertEquals(0, lua.references.size());
    }

    @Test
    void anErrorOfOnDropDoesNotReachTheEvaluation() {
        List<Throwable> heard = new ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((thread, error) -> heard.add(error));
        try {
            lua.eval("local held = ...", HostReference.of("a").onDrop(object -> {
                throw new IllegalStateException("in onDrop");
            }));
            lua.compact();
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
        assertEquals("in onDrop", heard.get(0).getMessage());
    }

    @Test
    void aRefusedCallLeavesNoObjectBehind() {
        try (Lua small = Moonlet.builder().memory(1 << 20).build()) {
            assertThrows(LuaRefusedException.class, () -> small.eval("", HostReference.of("a"), "x".repeat(4 << 20)));
            assertThrows(IllegalArgumentException.class, () -> small.eval("", HostReference.of("b"), new Object()));
            assertEquals(0, small.references.size());
        }
    }

    @Test
    void requestsThatAScriptMakesUp() {
        for (String call : List.of("'__call'", "'__call', 1", "'__index', {}", "'__newindex', print")) {
            Caught.in(IllegalArgumentException.class, "takes an object of the host", () -> lua.eval("host.call(" + call + ")"));
        }
        lua.set("object", HostReference.of("x"));
        assertEquals(true, lua.eval("return host.call('__index', object) == nil").get());
    }

    @Test
    void objectsOfAHostThatIsGone() {
        lua.eval("held = ...", HostReference.of("a"));
        byte[] snapshot = lua.snapshot();
        try (Lua other = Moonlet.builder().build()) {
            other.restore(snapshot);
            Object unknown = other.get("held");
            assertTrue(unknown instanceof UnknownReference, String.valueOf(unknown));
            assertEquals(true, other.eval("return held == ...", unknown).get());
            Caught.in(LuaRefusedException.class, "a host that is gone", () -> other.eval("return held.x"));
            assertEquals(Map.of("x", unknown), other.eval("return {x = held}").get());
        }
    }
}

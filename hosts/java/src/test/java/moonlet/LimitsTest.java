package moonlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options, and what they bound. */
class LimitsTest {
    @ParameterizedTest
    @ValueSource(strings = {"while true do end", "while true do pcall(error) end", "local function f() return f() end f()",
        "coroutine.wrap(function() while true do end end)()", "return ('a'):rep(30000):find(('.-'):rep(20) .. 'b')",
        "setmetatable({}, {__gc = function() while true do end end}) collectgarbage()"})
    void fuelEndsEveryLoop(String source) {
        try (Lua lua = Moonlet.builder().fuel(1_000_000).build()) {
            assertThrows(LuaBudgetException.class, () -> lua.eval(source));
            assertEquals(4, lua.eval("return 2 + 2").integer());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local t = {} while true do t[#t + 1] = {} end", "return ('x'):rep(1 << 30)", "local s = 'x' while true do s = s .. s end",
        "for i = 1, 1e9 do io.open('f' .. i, 'w'):write(('x'):rep(10000)) end", "while true do io.write(('x'):rep(10000)) io.stdout:flush() end"})
    void memoryOfEveryKindIsBounded(String source) {
        try (Lua lua = Moonlet.builder().memory(2 << 20).slice(0).build()) {
            LuaException error = assertThrows(LuaException.class, () -> lua.eval(source));
            assertTrue(error instanceof LuaMemoryException || error.getMessage().contains("memory"), error.toString());
            assertTrue(lua.stats().memoryPeak() <= (2 << 20) + (32 << 10));
            assertEquals(4, lua.eval("return 2 + 2").integer());
        }
    }

    @Test
    void eachEvaluationHasItsOwnFuelAndGoesOnOverSlices() {
        try (Lua lua = Moonlet.builder().fuel(200_000).slice(1_000).build()) {
            lua.define("f", arguments -> 1);
            for (int i = 0; i < 3; i++) {
                lua.eval("for i = 1, 20000 do end");
            }
            assertThrows(LuaBudgetException.class, () -> lua.eval("while true do f() end"));
            assertTrue(lua.stats().fuelUsed() >= 200_000);
        }
    }

    @Test
    void librariesAndSeeds() {
        try (Lua lua = Moonlet.builder().libraries("base", "math").build()) {
            assertEquals(true, lua.eval("return string == nil and io == nil and math.pi > 3").get());
        }
        try (Lua one = Moonlet.builder().seed(7).build(); Lua two = Moonlet.builder().seed(7).build(); Lua other = Moonlet.builder().build()) {
            String script = "return math.random(0)";
            long number = one.eval(script).integer();
            assertEquals(number, two.eval(script).integer());
            assertNotEquals(number, other.eval(script).integer());
        }
    }

    @Test
    void clocksAndZones() {
        double[] now = {1e9};
        try (Lua lua = Moonlet.builder().clock(() -> now[0]).timeZone("CET-1CEST,M3.5.0,M10.5.0/3").build()) {
            assertEquals(1_000_000_000, lua.eval("return os.time()").integer());
            assertEquals("2001-09-09 03:46:40", lua.eval("return os.date('%Y-%m-%d %H:%M:%S')").string());
            now[0] += 1.5;
            assertEquals(1.5, lua.eval("return os.clock()").number());
            assertEquals(1_000_000_001, lua.eval("return os.time()").integer());
        }
        try (Lua lua = Moonlet.builder().build()) {
            assertTrue(Math.abs(lua.eval("return os.time()").integer() - System.currentTimeMillis() / 1000) <= 2);
        }
        try (Lua lua = Moonlet.builder().timeZone(90).build()) {
            assertEquals("+0130", lua.eval("return os.date('%z')").string());
        }
    }

    @Test
    void deterministic() {
        String script = "local t = {} for i = 1, 20 do t[{}] = i end return tostring({}), math.random(), os.time(), os.clock()";
        try (Lua one = Moonlet.builder().deterministic().build(); Lua two = Moonlet.builder().deterministic().build()) {
            assertEquals(one.eval(script), two.eval(script));
            assertArrayEquals(one.snapshot(), two.snapshot());
        }
    }

    @Test
    void binaryChunksAndFinalizers() {
        String script = "return load(string.dump(function() return 1 end)) ~= nil";
        try (Lua lua = Moonlet.builder().build(); Lua binary = Moonlet.builder().binaryChunks().build()) {
            assertEquals(false, lua.eval(script).get());
            assertEquals(true, binary.eval(script).get());
        }
        try (Lua lua = Moonlet.builder().noFinalizers().build()) {
            lua.eval("setmetatable({}, {__gc = function() ran = true end}) collectgarbage()");
            assertEquals(null, lua.get("ran"));
        }
    }

    @Test
    void outputIsWholeCharactersOrBytes() {
        List<String> pieces = new ArrayList<>();
        List<String> errors = new ArrayList<>();
        try (Lua lua = Moonlet.builder().output(5).onOutput(pieces::add).onErrorOutput(errors::add).build()) {
            lua.eval("print(('ü'):rep(10)) io.write('\\xc3') io.write('\\xbc\\xff') io.stderr:write('oh')");
        }
        assertEquals("ü".repeat(10) + "\nü\ufffd", String.join("", pieces));
        assertTrue(pieces.size() > 3);
        assertEquals(List.of("oh"), errors);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Lua lua = Moonlet.builder().onOutputBytes(bytes::writeBytes).build()) {
            lua.eval("io.write('\\xc3\\xff')");
        }
        assertArrayEquals(new byte[] {(byte) 0xc3, (byte) 0xff}, bytes.toByteArray());
    }

    @Test
    void anErrorOfTheOutputFunctionEndsTheEvaluation() {
        try (Lua lua = Moonlet.builder().output(1).onOutput(text -> {
            throw new IllegalStateException("the pipe is closed");
        }).build()) {
            Caught.in(IllegalStateException.class, "the pipe is closed", () -> lua.eval("print(1) after = true"));
            assertEquals(null, lua.get("after"));
            assertEquals(0, lua.stats().tasks());
        }
    }

    @Test
    void input() {
        try (Lua lua = Moonlet.builder().input("one\ntwo").build()) {
            assertEquals(List.of("one", "two"), lua.eval("return io.read(), io.read()"));
            assertEquals(true, lua.eval("return io.read() == nil").get());
        }
        ArrayDeque<String> lines = new ArrayDeque<>(List.of("a", "b\n"));
        try (Lua lua = Moonlet.builder().input(() -> lines.isEmpty() ? null : lines.poll().getBytes(StandardCharsets.UTF_8)).build()) {
            assertEquals("ab", lua.eval("return io.read()").string());
            assertEquals(true, lua.eval("return io.read() == nil").get());
        }
        try (Lua lua = Moonlet.builder().inputByHost().build()) {
            Caught.in(LuaException.class, "waits for input", () -> lua.eval("return io.read()"));
            lua.writeInput("x\n");
            assertEquals("x", lua.eval("return io.read()").string());
        }
    }

    @Test
    void statsAndCompact() {
        try (Lua lua = Moonlet.builder().build()) {
            lua.eval("garbage = ('x'):rep(1 << 20) garbage = nil");
            Stats stats = lua.stats();
            assertTrue(stats.fuelUsed() > 0 && stats.memoryPeak() > 1 << 20 && stats.memoryUsed() > 0);
            assertTrue(lua.compact() < 1 << 19);
        }
    }

    @Test
    void filesAreAMap() {
        try (Lua lua = Moonlet.builder().result(1000).build()) {
            lua.files().put("lib/a.lua", "return {x = 5}".getBytes(StandardCharsets.UTF_8));
            assertEquals(5, lua.eval("return require('lib.a').x").integer());
            lua.eval("io.open('out', 'w'):write('hello'):close()");
            assertEquals("hello", new String(lua.files().get("/out"), StandardCharsets.UTF_8));
            assertEquals(2, lua.files().size());
            assertTrue(lua.files().keySet().containsAll(List.of("/lib/a.lua", "/out")) || lua.files().keySet().containsAll(List.of("lib/a.lua", "out")));
            assertEquals(null, lua.files().get("missing"));
            assertEquals(null, lua.files().remove("missing"));
            assertArrayEquals("hello".getBytes(StandardCharsets.UTF_8), lua.files().remove("out"));
            assertTrue(!lua.files().containsKey("out"));
            for (String name : List.of("", "a/", "/dev/null", "out/..")) {
                Caught.in(IllegalArgumentException.class, "cannot be a file", () -> lua.files().put(name, new byte[0]));
            }
            lua.files().put("large", new byte[2000]);
            assertTrue(lua.files().containsKey("large"));
            Caught.in(LuaRefusedException.class, "larger than `result`", () -> lua.files().get("large"));
        }
        try (Lua small = Moonlet.builder().memory(1 << 20).build()) {
            Caught.in(LuaRefusedException.class, "does not fit", () -> small.files().put("a", new byte[4 << 20]));
            small.files().put("a", new byte[1000]);
        }
    }
}

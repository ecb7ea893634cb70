package moonlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Values in and out. */
class EvaluationsTest {
    private final Lua lua = Moonlet.builder().build();

    @AfterEach
    void close() {
        lua.close();
    }

    @Test
    void resultsAreARow() {
        assertEquals(List.of(), lua.eval("return"));
        assertEquals(Arrays.asList(1L, null, 2L, null), lua.eval("return 1, nil, 2, nil"));
        assertNull(lua.eval("return").get());
        assertNull(lua.eval("return 1").get(7));
    }

    @Test
    void everyKindOfValueComesOut() {
        Values values = lua.eval("return true, 42, math.mininteger, 0.5, 'text', '\\xff', {1, 2}, {a = 1}, {}, print");
        assertEquals(true, values.get(0));
        assertEquals(42, values.integer(1));
        assertEquals(Long.MIN_VALUE, values.integer(2));
        assertEquals(0.5, values.number(3));
        assertEquals("text", values.string(4));
        assertArrayEquals(new byte[] {-1}, values.bytes(5));
        assertEquals(List.of(1L, 2L), values.list(6));
        assertEquals(Map.of("a", 1L), values.map(7));
        assertEquals(List.of(), values.list(8));
        assertEquals(Map.of(), values.map(8));
        assertTrue(values.function(9).toString().startsWith("LuaFunction"));
    }

    @Test
    void keysOfAnyKindComeOutAndGoBack() {
        Map<Object, Object> map = lua.eval("return {[{}] = 1, [{}] = 2, [1.5] = 3, [true] = 4, __proto__ = 5, ['\\xff'] = 6}").map(0);
        assertEquals(6, map.size());
        assertEquals(2, map.keySet().stream().filter(key -> key instanceof Key).count());
        assertEquals(3L, map.get(1.5));
        assertEquals(4L, map.get(true));
        assertEquals("6,2", lua.eval("local n, t = 0, 0 for k in pairs(...) do n = n + 1 if type(k) == 'table' then t = t + 1 end end "
                + "return n .. ',' .. t", map).string());
    }

    @Test
    void argumentsAreTheDots() {
        record Point(long x, double y) {}
        Values kinds = lua.eval("local kinds = {} for i = 1, select('#', ...) do kinds[i] = math.type(select(i, ...)) or type(select(i, ...)) end "
                + "return table.concat(kinds, ' ')", 1, 2L, (short) 3, 0.5, 1f, "text", 'c', new byte[] {1}, true, null, List.of(1), new int[] {1, 2},
                Map.of("a", 1), new Point(1, 2), java.math.BigInteger.TEN);
        assertEquals("integer integer integer float float string string string boolean nil table table table table integer", kinds.string());
        assertEquals(new Point(3, 0.25), lua.eval("local p = ... return {x = p.x + 1, y = p.y / 2}", new Point(2, 0.5)).as(Point.class));
        assertEquals(1, lua.eval("return select('#', ...)", (Object[]) null).integer());
    }

    @Test
    void valuesSayWhatTheyAreNot() {
        Values values = lua.eval("return 'text', 2^53, 2^63, 1.5, {1}");
        Caught.in(IllegalArgumentException.class, "value 1 is a String, and no Long", () -> values.integer(0));
        assertEquals(1L << 53, values.integer(1));
        Caught.in(IllegalArgumentException.class, "value 3 is the number", () -> values.integer(2));
        Caught.in(IllegalArgumentException.class, "value 4", () -> values.integer(3));
        Caught.in(IllegalArgumentException.class, "value 9 is nil", () -> values.string(8));
        Caught.in(IllegalArgumentException.class, "value 5", () -> values.map(4));
        Caught.in(IllegalArgumentException.class, "value 2", () -> values.as(1, Integer.class));
    }

    @Test
    void aChunkHasTheNameItWasGiven() {
        assertEquals("game.lua", Caught.in(LuaRuntimeException.class, "game.lua:1:", () -> lua.evalNamed("@game.lua", "error('x')")).chunk());
        Caught.in(LuaRuntimeException.class, "eval:1:", () -> lua.eval("error('x')"));
    }

    @Test
    void callByPathMethodAndValue() {
        lua.eval("game = {on_key = function(key) return key:upper() end, player = {name = 'A'}} function game.player:jump(h) return self.name .. h end");
        assertEquals("LEFT", lua.call("game.on_key", "left").string());
        assertEquals("A3", lua.call("game.player:jump", 3).string());
        LuaFunction function = (LuaFunction) lua.get("game.on_key");
        assertEquals("UP", function.call("up").string());
        assertEquals("UP", lua.call(function, "up").string());
        Caught.in(LuaRuntimeException.class, "nothing", () -> lua.call("nothing"));
    }

    @Test
    void getAndSet() {
        lua.set("x", 1);
        lua.eval("game = {player = {}}");
        lua.set("game.player.name", "A");
        assertEquals("A", lua.get("game.player.name"));
        assertEquals(1L, lua.get("x", Long.class));
        assertNull(lua.get("missing"));
        lua.set("x", null);
        assertNull(lua.get("x"));
        Caught.in(LuaRuntimeException.class, "index", () -> lua.get("missing.field"));
        try (Lua bare = Moonlet.builder().libraries().build()) {
            bare.set("x", 2);
            assertEquals(2L, bare.get("x"));
        }
    }

    @Test
    void theStatePersists() {
        lua.eval("x = 1");
        assertEquals(1, lua.eval("return x").integer());
    }

    @Test
    void stringsAsBytesAndNulls() {
        try (Lua bytes = Moonlet.builder().stringsAsBytes().build()) {
            assertArrayEquals(new byte[] {'a'}, (byte[]) bytes.eval("return 'a'").get());
            Caught.in(LuaRuntimeException.class, "eval:1: oh", () -> bytes.eval("error('oh')"));
            bytes.define("f", arguments -> arguments.size());
            assertEquals(1, bytes.eval("return f('a')").integer());
        }
        try (Lua nulls = Moonlet.builder().nulls().build()) {
            assertEquals(true, nulls.eval("return (...)[1] == host.null", Collections.singletonList(null)).get());
            assertEquals(Arrays.asList((Object) null), nulls.eval("return {host.null}").get());
        }
    }

    @Test
    void fourModules() {
        for (String name : List.of("lua54", "lua55", "lua54-mini", "lua55-mini")) {
            try (Lua one = Moonlet.builder().module(name).build()) {
                assertEquals("Lua 5." + name.charAt(4), one.eval("return _VERSION").string());
                assertEquals(name.endsWith("mini"), one.get("io") == null);
            }
        }
        try (Lua mini = Moonlet.builder().module("lua54-mini").build()) {
            Caught.in(LuaRefusedException.class, "the mini variants do", () -> mini.files().put("a", new byte[0]));
        }
        Caught.in(IllegalArgumentException.class, "the mini variants do", () -> Moonlet.builder().module("lua54-mini").clock(1).inputByHost().build());
    }

    @Test
    void aLargeValueGoesThrough() {
        String text = "x".repeat(5_000_000);
        assertEquals(text, lua.eval("return ...", text).string());
        assertNotSame(text, lua.eval("return ...", text).string());
    }
}

package moonlet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The stored form, restored and refused. */
class SnapshotsTest {
    private final Lua lua = Moonlet.builder().build();

    @AfterEach
    void close() {
        lua.close();
    }

    @Test
    void aStateMovesAndUndoes() {
        lua.eval("x = {1, 2, 3}");
        byte[] snapshot = lua.snapshot();
        try (Lua other = Moonlet.builder().build()) {
            other.restore(snapshot);
            assertEquals(3, other.eval("return #x").integer());
        }
        lua.eval("x = nil");
        lua.restore(snapshot);
        assertEquals(3, lua.eval("return #x").integer());
    }

    @Test
    void waitingAndPausedTasksGoOnElsewhere() {
        lua.define("ask");
        lua.start("return ask('q', print)");
        byte[] snapshot = lua.snapshot();
        try (Lua other = Moonlet.builder().build()) {
            other.restore(snapshot);
            Task task = other.tasks().get(0);
            assertEquals("q", task.arguments().string(0));
            other.eval("t = 1");
            assertEquals(5, task.resume(5).result().integer());
        }
        try (Lua slow = Moonlet.builder().slice(1000).build(); Lua other = Moonlet.builder().build()) {
            slow.start("local s = 0 for i = 1, 10000 do s = s + i end return s");
            other.restore(slow.snapshot());
            assertEquals(50_005_000, other.tasks().get(0).resume().result().integer());
        }
    }

    @Test
    void theOptionsOfTheNewStateCount() {
        try (Lua other = Moonlet.builder().fuel(1000).memory(8 << 20).clock(5).build()) {
            other.restore(lua.snapshot());
            assertEquals(5, other.eval("return os.time()").integer());
            Caught.in(LuaBudgetException.class, "", () -> other.eval("for i = 1, 10000 do end"));
        }
        assertEquals(true, lua.eval("return os.time() > 1e9").get());
    }

    @Test
    void valuesOfBeforeAreRefused() {
        LuaFunction function = lua.eval("return print").function();
        lua.define("ask");
        Task task = lua.start("ask()");
        byte[] snapshot = lua.snapshot();
        lua.restore(snapshot);
        Caught.in(LuaRefusedException.class, "older than the snapshot", function::call);
        Caught.in(LuaRefusedException.class, "another snapshot was restored", task::resume);
        function.close();
        assertEquals(1, lua.tasks().size());
    }

    @Test
    void restoringOrClosingWithinAHostFunction() {
        byte[] snapshot = lua.snapshot();
        lua.define("restore", arguments -> {
            lua.restore(snapshot);
            return null;
        });
        Caught.in(LuaRefusedException.class, "a snapshot was restored while", () -> lua.eval("restore()"));
        assertEquals(4, lua.eval("return 2 + 2").integer());
        lua.define("close", arguments -> {
            lua.close();
            return null;
        });
        Caught.in(LuaRefusedException.class, "was closed while", () -> lua.eval("close()"));
        Caught.in(LuaRefusedException.class, "is closed", () -> lua.eval("return 1"));
    }

    @Test
    void fork() {
        lua.define("f", arguments -> 7);
        lua.eval("x = 1");
        try (Lua copy = lua.fork()) {
            copy.eval("x = 2");
            assertEquals(7, copy.eval("return f()").integer());
        }
        assertEquals(1L, lua.get("x"));
        lua.define("forked", arguments -> {
            try (Lua copy = lua.fork()) {
                return copy.get("x");
            }
        });
        assertEquals(1, lua.eval("return forked()").integer());
    }

    @Test
    void damagedOnesAreRefusedAndNothingChanges() {
        lua.eval("x = 1");
        byte[] snapshot = lua.snapshot();
        lua.eval("x = 2");
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            byte[] damaged = snapshot.clone();
            int at = i < 128 ? i : random.nextInt(damaged.length);
            damaged[at] ^= 1 << random.nextInt(8);
            Caught.in(LuaRefusedException.class, "snapshot", () -> lua.restore(damaged));
        }
        for (int length : new int[] {0, 7, 127, 128, 5000, snapshot.length - 1}) {
            Caught.in(LuaRefusedException.class, "snapshot", () -> lua.restore(Arrays.copyOf(snapshot, length)));
        }
        Caught.in(LuaRefusedException.class, "snapshot", () -> lua.restore(Arrays.copyOf(snapshot, snapshot.length + 1)));
        assertEquals(2L, lua.get("x"));
        lua.restore(snapshot);
        assertEquals(1L, lua.get("x"));
    }

    @Test
    void thoseOfOthersSayWhoseTheyAre() {
        try (Lua newer = Moonlet.builder().module("lua55").build(); Lua mini = Moonlet.builder().module("lua54-mini").build()) {
            Caught.in(LuaRefusedException.class, "made by Lua 5.5", () -> lua.restore(newer.snapshot()));
            Caught.in(LuaRefusedException.class, "another build", () -> lua.restore(mini.snapshot()));
        }
        try (Lua small = Moonlet.builder().pages(6).build()) {
            lua.eval("x = ('x'):rep(1 << 20)");
            Caught.in(LuaRefusedException.class, "raise `memory` or `pages`", () -> small.restore(lua.snapshot()));
            assertEquals(4, small.eval("return 2 + 2").integer());
        }
    }

    @Test
    void aPoisonedStateSaysSoAndASnapshotHealsIt() {
        try (Lua broken = Moonlet.builder().libraries(Builder.LIBRARIES.keySet().toArray(String[]::new)).build()) {
            byte[] snapshot = broken.snapshot();
            LuaException error = Caught.in(LuaPoisonedException.class, "the engine stopped the state",
                    () -> broken.eval("debug.setupvalue(coroutine.wrap(print), 1, 5) debug.setmetatable(debug.getregistry(), nil) "
                            + "local f = coroutine.wrap(print) debug.setupvalue(f, 1, 5) f()"));
            assertEquals(Numbers.STATUS_POISONED, error.status());
            Caught.in(LuaPoisonedException.class, "", () -> broken.eval("return 1"));
            Caught.in(LuaPoisonedException.class, "", broken::stats);
            Caught.in(LuaPoisonedException.class, "", broken::snapshot);
            Caught.in(LuaPoisonedException.class, "", () -> broken.files().get("x"));
            broken.restore(snapshot);
            assertEquals(4, broken.eval("return 2 + 2").integer());
        }
    }
}

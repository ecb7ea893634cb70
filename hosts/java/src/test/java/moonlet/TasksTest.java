package moonlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tasks that the host steps. */
class TasksTest {
    private final List<String> output = new ArrayList<>();
    private final Lua lua = Moonlet.builder().slice(10_000).onOutput(output::add).build();

    @AfterEach
    void close() {
        lua.close();
    }

    @Test
    void oneThatEndsAtOnce() {
        Task task = lua.start("return ...", 1, 2);
        assertEquals(Task.Kind.DONE, task.kind());
        assertEquals(List.of(1L, 2L), task.result());
        Caught.in(LuaRefusedException.class, "has ended", task::resume);
        task.cancel();
    }

    @Test
    void pausesAndOneThatAsksWithoutEnd() {
        Task task = lua.start("for i = 1, 30000 do end return 'end'");
        int pauses = 0;
        while (task.kind() == Task.Kind.PAUSED) {
            Caught.in(LuaRefusedException.class, "", () -> task.resume(1));
            task.resume();
            pauses++;
        }
        assertTrue(pauses > 1);
        assertEquals("end", task.result().string());
        lua.define("f", arguments -> 1);
        Task asking = lua.start("while true do f() end");
        assertEquals(Task.Kind.PAUSED, asking.kind());
        assertEquals(Task.Kind.PAUSED, asking.resume().kind());
        Caught.in(LuaRefusedException.class, "takes no value", () -> asking.resume(1));
        Caught.in(LuaRefusedException.class, "takes no error", () -> asking.fail("x"));
        asking.cancel();
        assertEquals(List.of(), lua.tasks());
    }

    @Test
    void functionsThatWait() {
        lua.define("ask");
        lua.define("known", arguments -> "known");
        Task task = lua.start("local a = known() .. ask('q', 1) return a, pcall(ask, 2), host.call('unknown')");
        assertEquals("ask", task.name());
        assertEquals(List.of("q", 1L), task.arguments());
        assertSame(task, lua.tasks().get(0));
        task.resume("!");
        assertEquals(List.of(2L), task.arguments());
        task.fail(new IllegalStateException("no"));
        assertEquals("unknown", task.name());
        assertNull(task.result());
        task.resume();
        assertEquals("known!", task.result().string());
    }

    @Test
    void failingAndErrors() {
        lua.define("ask");
        IllegalStateException thrown = new IllegalStateException("no");
        Task task = lua.start("ask()");
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> task.fail(thrown)));
        assertEquals(Task.Kind.DONE, task.kind());
        Task other = lua.start("local ok, e = pcall(ask) return e.code");
        assertEquals(7, other.fail(java.util.Map.of("code", 7)).result().integer());
        assertThrows(LuaSyntaxException.class, () -> lua.start("return +"));
    }

    @Test
    void cancellingRunsHandlers() {
        lua.define("ask");
        try (Task task = lua.start("local guard <close> = setmetatable({}, {__close = function() print('closed') end}) ask()")) {
            assertEquals(Task.Kind.CALL, task.kind());
        }
        assertEquals(List.of("closed\n"), output);
        Task failing = lua.start("local guard <close> = setmetatable({}, {__close = function() error('in close') end}) ask()");
        Caught.in(LuaRuntimeException.class, "in close", failing::cancel);
        assertEquals(Task.Kind.DONE, failing.kind());
        Task endless = lua.start("local guard <close> = setmetatable({}, {__close = function() while true do end end}) ask()");
        assertThrows(LuaBudgetException.class, endless::cancel);
        assertEquals(4, lua.eval("return 2 + 2").integer());
    }

    @Test
    void severalInAnyOrder() {
        lua.define("ask");
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            tasks.add(lua.start("return ask(...) + ...", i));
        }
        assertEquals(tasks, lua.tasks());
        for (int i = 9; i >= 0; i--) {
            assertEquals(2 * i, tasks.get(i).resume(i).result().integer());
        }
        assertEquals(List.of(), lua.tasks());
    }

    @Test
    void aRefusedAnswerLeavesItWaiting() {
        try (Lua small = Moonlet.builder().memory(1 << 20).build()) {
            small.define("ask");
            Task task = small.start("return ask()");
            assertThrows(LuaRefusedException.class, () -> task.resume("x".repeat(4 << 20)));
            assertThrows(IllegalArgumentException.class, () -> task.resume(new Object()));
            assertEquals(List.of(task), small.tasks());
            assertEquals("y", task.resume("y").result().string());
        }
    }

    @Test
    void aTaskWhileItRunsCannotGoOn() {
        Task[] task = new Task[1];
        lua.define("ask");
        lua.define("reenter", arguments -> task[0].resume());
        task[0] = lua.start("ask() reenter()");
        Caught.in(LuaRefusedException.class, "it runs", () -> task[0].resume());
    }

    @Test
    void inputAndOutputAndResult() {
        try (Lua other = Moonlet.builder().inputByHost().output(4).result(100).onOutput(output::add).build()) {
            Task task = other.start("print('abcdefgh') return io.read()");
            assertEquals(Task.Kind.OUTPUT, task.kind());
            while (task.kind() == Task.Kind.OUTPUT) {
                task.resume();
            }
            assertEquals("abcdefgh\n", String.join("", output));
            assertEquals(Task.Kind.INPUT, task.kind());
            other.writeInput("line\n");
            assertEquals("line", task.resume().result().string());
            other.define("ask");
            Task large = other.start("ask() return ('x'):rep(1000)");
            assertEquals(Numbers.STATUS_RESULT, assertThrows(LuaRuntimeException.class, large::resume).status());
            assertEquals(Task.Kind.RESULT, large.kind());
        }
    }

    @Test
    void tasksAreLimited() {
        try (Lua limited = Moonlet.builder().tasks(2).build()) {
            limited.define("ask");
            limited.start("ask()");
            limited.start("ask()");
            assertThrows(LuaRefusedException.class, () -> limited.start("ask()"));
            limited.tasks().forEach(Task::cancel);
            assertEquals(1, limited.eval("return 1").integer());
        }
    }
}

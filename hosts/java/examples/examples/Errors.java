package examples;

import java.util.Map;
import moonlet.LuaException;
import moonlet.Moonlet;

/** Errors of every kind, and what each tells; the state goes on after them. */
public final class Errors {
    private static LuaException caught(Runnable run) {
        try {
            run.run();
        } catch (LuaException error) {
            System.out.println(error.kind() + ": " + error.getMessage());
            return error;
        }
        throw new AssertionError("an error was expected");
    }

    public static void main(String[] arguments) {
        try (var lua = Moonlet.builder().memory(8 << 20).build()) {
            lua.evalNamed("@errors.lua", Source.of("errors.lua"));
            caught(() -> lua.evalNamed("=input", "return 1 +"));

            LuaException error = caught(() -> lua.call("index", Map.of()));
            boolean isNamed = error.traceback().contains("in function 'index'");
            System.out.println("at " + error.chunk() + ", line " + error.line() + ", the traceback names function 'index': " + isNamed);

            var value = (Map<?, ?>) caught(() -> lua.call("refuse")).value();
            System.out.println("code " + value.get("code") + ", reason " + value.get("reason"));

            caught(() -> lua.call("fill"));
            System.out.println(lua.eval("return 2 + 2").integer());
        }
    }
}

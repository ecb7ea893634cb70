package examples;

import moonlet.Moonlet;

/** Evaluates a script, and calls a function of it. */
public final class Hello {
    public static void main(String[] arguments) {
        try (var lua = Moonlet.builder().build()) {
            System.out.println(lua.eval(Source.of("hello.lua")).integer());
            System.out.println(lua.call("greet", "world").string());
        }
    }
}

package examples;

import moonlet.LuaException;
import moonlet.Moonlet;

/** Scripts that want too much end, and the state goes on. */
public final class Hostile {
    public static void main(String[] arguments) {
        try (var lua = Moonlet.builder().memory(8 << 20).fuel(10_000_000).build()) {
            lua.eval(Source.of("hostile.lua"));
            for (String name : new String[] {"spin", "fill", "match", "recurse"}) {
                try {
                    lua.call(name);
                } catch (LuaException error) {
                    System.out.println(name + ": " + error.kind());
                }
            }
            System.out.println(lua.eval("return 2 + 2").integer());
        }
    }
}

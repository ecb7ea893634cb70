package examples;

import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import moonlet.Moonlet;

/** Functions of the host that scripts call: typed, failing, with a callback, and one that takes its time. */
public final class HostCalls {
    public static void main(String[] arguments) {
        try (var lua = Moonlet.builder().build()) {
            lua.define("add", Long.class, Long.class, (a, b) -> a + b);
            lua.define("lookup", String.class, name -> {
                throw new NoSuchElementException("no such name: " + name);
            });
            lua.define("twice", given -> {
                try (var function = given.function(0)) {
                    return function.call(function.call(given.string(1)).get()).get();
                }
            });
            lua.define("later", given -> CompletableFuture.supplyAsync(
                    () -> given.get(0), CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS)));
            lua.eval(Source.of("host-calls.lua"));
        }
    }
}

package moonlet;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** A short run of what {@link Soak} does at length. */
class SoakTest {
    @Test
    void memoryStaysFlat() {
        try (Lua lua = Moonlet.builder().build()) {
            lua.define("add", arguments -> arguments.integer(0) + arguments.integer(1));
            long[] before = null;
            for (int i = 0; i < 2_000; i++) {
                lua.eval("local f = ... return add(1, 2), {x = f(1)}", (HostFunction) arguments -> arguments.get(0));
                if (i == 500) {
                    before = Soak.held(lua);
                }
            }
            long[] after = Soak.held(lua);
            assertTrue(after[0] <= before[0] + 4096, before[0] + " to " + after[0]);
            assertTrue(lua.references.size() <= 1);
        }
    }

    @Test
    void threadsAreShared() {
        int before = Thread.activeCount();
        for (int i = 0; i < 50; i++) {
            Moonlet.builder().build();
        }
        assertTrue(Thread.activeCount() <= before + 2, before + " to " + Thread.activeCount());
    }
}

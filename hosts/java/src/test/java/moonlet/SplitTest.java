package moonlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The split modules do what those of {@code dist} do: results, fuel, and every byte of memory. */
class SplitTest {
    /** The module that is not split is slow here; -DargLine=-Dmoonlet.fuel=3000000 compares for longer. */
    private static final long FUEL = Long.getLong("moonlet.fuel", 150_000);
    private static final List<String> HOSTILE = List.of("recursion.lua", "coroutine_nested.lua", "gc_finalizer_breed.lua",
            "swallow_close_nested.lua", "loop_for_in.lua", "varargs_metamethod.lua", "table_collisions.lua", "hook_count.lua", "pattern_gsub_callback.lua");

    private static Stream<Path> scripts() throws IOException {
        try (Stream<Path> found = Files.list(Path.of("../../tests/scripts"))) {
            return Stream.concat(found.filter(path -> path.toString().endsWith(".lua")).sorted().toList().stream(),
                    HOSTILE.stream().map(Path.of("../../tests/hostile")::resolve));
        }
    }

    private static Instance instance(Modules.Compiled module) {
        Instance instance = new Instance(module, 4 << 20);
        assertEquals(0, instance.set(Numbers.OPTION_FORMAT, 1));
        assertEquals(0, instance.set(Numbers.OPTION_FUEL, FUEL));
        assertEquals(0, instance.set(Numbers.OPTION_SLICE, 30_001));
        assertEquals(0, instance.set(Numbers.OPTION_MEMORY, 16 << 20));
        return instance;
    }

    @ParameterizedTest
    @ValueSource(strings = {"lua54", "lua55"})
    void nothingDiffers(String name) throws IOException {
        Modules.Compiled original = Modules.compile(Path.of("../../dist", name + ".wasm"));
        for (Path script : scripts().toList()) {
            byte[] source = Files.readAllBytes(script);
            Instance one = instance(original);
            Instance other = instance(Modules.of(name));
            String export = "compute";
            byte[] data = source;
            int task = 0;
            for (int run = 0; run < 1000; run++) {
                Instance.Step expected = one.run(export, task, data, 0, 0);
                Instance.Step step = other.run(export, task, data, 0, 0);
                assertEquals(expected.status(), step.status(), script::toString);
                assertArrayEquals(expected.result(), step.result(), script::toString);
                assertEquals(expected.fuelUsed(), step.fuelUsed(), script::toString);
                if (expected.status() != Numbers.STATUS_PAUSED) {
                    break;
                }
                export = "resume";
                data = new byte[0];
                task = expected.task();
            }
            assertArrayEquals(one.image(), other.image(), script::toString);
        }
    }
}

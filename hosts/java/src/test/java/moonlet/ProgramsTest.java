package moonlet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The six programs print what they print in every language; the chain goes on from one process to the next. */
class ProgramsTest {
    private static String printed(String program, String... arguments) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            Class.forName("examples." + program).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"hello, Hello", "errors, Errors", "host-calls, HostCalls", "hostile, Hostile", "pause, Pause", "snapshot, Snapshot"})
    void program(String name, String program) throws Exception {
        assertEquals(Files.readString(Path.of("../programs", name + ".txt")), printed(program));
    }

    @Test
    void theChainGoesThroughFourStates(@TempDir Path folder) throws Exception {
        String[] files = new String[4];
        for (int i = 0; i < 4; i++) {
            files[i] = folder.resolve(i + ".snapshot").toString();
        }
        assertEquals("", printed("Chain", "start", files[0]));
        assertEquals("", printed("Chain", "go", "a", files[0], files[1]));
        assertEquals("", printed("Chain", "go", "b", files[1], files[2]));
        assertEquals("a, b, c; closed 3 times\n", printed("Chain", "go", "c", files[2], files[3]));
    }
}

package moonlet;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** Errors with what their messages say. */
final class Caught {
    private Caught() {}

    /** The exception, whose message holds the words. */
    static <T extends Throwable> T in(Class<T> type, String words, Executable run) {
        T error = assertThrows(type, run);
        assertTrue(String.valueOf(error.getMessage()).contains(words), () -> "\"" + error.getMessage() + "\" has no \"" + words + "\"");
        return error;
    }
}

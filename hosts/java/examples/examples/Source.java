package examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The Lua of the programs, which is the same in every language. */
final class Source {
    private Source() {}

    static String of(String name) {
        try {
            return Files.readString(Path.of(System.getProperty("programs", "../programs"), name));
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}

package moonlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The blocks of the pages: those that are a program run alone, the others in order as one, and print what the comments beside them say. */
class GuideTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```java\n(.*?)^```$");
    private static final Pattern SAID = Pattern.compile("(?m)^.*System\\.out\\.println\\(.*\\); // (.*)$");
    private static final String IMPORTS = "import java.io.*;\nimport java.nio.charset.StandardCharsets;\nimport java.nio.file.*;\nimport java.util.*;\n"
            + "import java.util.concurrent.*;\nimport moonlet.*;\n";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"../../docs/using-from-java.md", "README.md"})
    void page(String page) throws Exception {
        List<String> programs = new ArrayList<>();
        StringBuilder fragments = new StringBuilder();
        for (MatchResult block : BLOCK.matcher(Files.readString(Path.of(page))).results().toList()) {
            if (block.group(1).contains("void main(")) {
                programs.add(block.group(1));
            } else {
                fragments.append(block.group(1));
            }
        }
        if (fragments.length() > 0) {
            programs.add(IMPORTS + "public class Fragments {\npublic static void main(String[] arguments) throws Exception {\n" + fragments + "}\n}\n");
        }
        assertFalse(programs.isEmpty());
        for (String program : programs) {
            List<String> printed = List.of(run(program).split("\n"));
            for (MatchResult said : SAID.matcher(program).results().toList()) {
                assertTrue(printed.contains(said.group(1)), () -> "\"" + said.group(1) + "\" is not printed: " + printed);
            }
        }
    }

    private String run(String program) throws Exception {
        var name = Pattern.compile("public (?:final )?class (\\w+)").matcher(program);
        assertTrue(name.find(), program);
        Path source = Files.writeString(folder.resolve(name.group(1) + ".java"), program);
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        int code = ToolProvider.getSystemJavaCompiler().run(null, told, told, "-cp", System.getProperty("java.class.path"), "-d", folder.toString(),
                source.toString());
        assertEquals(0, code, told::toString);
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            loader.loadClass(name.group(1)).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        } catch (IOException error) {
            throw new AssertionError(error);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}

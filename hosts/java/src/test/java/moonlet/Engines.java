package moonlet;

import com.google.gson.Gson;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;
import run.endive.wasm.Parser;

/** Runs vectors, programs and the official suites on each way in which Endive can run the modules: a line of JSON for each. */
public final class Engines {
    private Engines() {}

    public static void main(String[] arguments) {
        Map<String, Function<String, Modules.Compiled>> ways = new LinkedHashMap<>();
        ways.put("class files of the build", Modules.source);
        ways.put("compiler at run time", name -> Modules.compile(wasm(name)));
        ways.put("interpreter", name -> new Modules.Compiled(Parser.parse(wasm(name)), null));
        boolean isWell = true;
        for (Map.Entry<String, Function<String, Modules.Compiled>> way : ways.entrySet()) {
            Modules.source = way.getValue();
            Modules.forget();
            Map<String, Object> row = new LinkedHashMap<>();
            List<String> failed = new ArrayList<>();
            row.put("engine", "Endive " + way.getKey());
            row.put("version", version());
            row.put("way", "Java " + System.getProperty("java.version"));
            row.put("vectors", passed(VectorsTest.class, failed));
            row.put("programs", passed(ProgramsTest.class, failed));
            if (System.getenv("MOONLET_TESTES") != null) {
                row.put("conformance", suites(failed));
            }
            row.putAll(figures(failed));
            row.put("failed", failed);
            isWell &= failed.isEmpty();
            System.out.println(new Gson().toJson(row));
        }
        System.exit(isWell ? 0 : 1);
    }

    private static Path wasm(String name) {
        return Path.of("../../dist", name + ".wasm");
    }

    private static long[] passed(Class<?> tests, List<String> failed) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request().selectors(DiscoverySelectors.selectClass(tests)).build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        summary.getFailures().stream().limit(5)
                .forEach(failure -> failed.add(failure.getTestIdentifier().getDisplayName() + ": " + failure.getException()));
        return new long[] {summary.getTestsSucceededCount(), summary.getTestsFoundCount()};
    }

    /** How many of Lua's official suites pass in their form for users, of how many, from the folder that MOONLET_TESTES names. */
    private static long[] suites(List<String> failed) {
        long passed = 0;
        List<String> names = List.of("lua54", "lua55");
        for (String name : names) {
            StringBuilder printed = new StringBuilder();
            Builder options = Moonlet.builder().module(name).memory(0).seed(0).clock(1_767_225_600).binaryChunks().onOutput(printed::append)
                    .onErrorOutput(printed::append).libraries(Builder.LIBRARIES.keySet().toArray(new String[0]));
            try (Lua lua = options.build(); var files = Files.newDirectoryStream(Path.of(System.getenv("MOONLET_TESTES"), name, "testes"), "*.lua")) {
                lua.files().put("a", new byte[0]);
                for (Path file : files) {
                    lua.files().put(file.getFileName().toString(), Files.readAllBytes(file));
                }
                lua.eval(script("conformance"));
                if (printed.indexOf("final OK") < 0) {
                    throw new IllegalStateException("it does not end well");
                }
                passed++;
            } catch (Exception error) {
                failed.add("the suite of " + name + ": " + error);
            }
        }
        return new long[] {passed, names.size()};
    }

    /** The version of Endive, which stands in the name of its file. */
    private static String version() {
        String file = Path.of(URI.create(Parser.class.getProtectionDomain().getCodeSource().getLocation().toString())).getFileName().toString();
        return file.replaceAll("^\\D*-|\\.jar$", "");
    }

    private interface Work {
        void run() throws Exception;
    }

    /** The shortest of some runs, which is one after HotSpot is done, in milliseconds. */
    private static double shortest(int times, Work work) throws Exception {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            work.run();
            best = Math.min(best, (System.nanoTime() - start) / 1e6);
        }
        return best;
    }

    private static String script(String name) throws Exception {
        return Files.readString(Path.of("../programs/figures", name + ".lua"));
    }

    /** Levels of C calls, and milliseconds of a new state with its first result, of fib(24), and of 10,000 texts formatted and joined. */
    private static Map<String, Object> figures(List<String> failed) {
        Map<String, Object> figures = new LinkedHashMap<>();
        try (Lua lua = Moonlet.builder().build()) {
            figures.put("depth", lua.eval(script("depth")).integer());
            figures.put("start_ms", shortest(9, () -> {
                try (Lua other = Moonlet.builder().build()) {
                    other.eval("return 1");
                }
            }));
            for (String name : List.of("fib", "strings")) {
                String source = script(name);
                figures.put(name + "_ms", shortest(40, () -> lua.eval(source)));
            }
        } catch (Exception error) {
            failed.add("figures: " + error);
        }
        return figures;
    }
}

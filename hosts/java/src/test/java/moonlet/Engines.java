package moonlet;

import com.google.gson.Gson;
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

/** Runs vectors and programs on each way in which Endive can run the modules: a line of JSON for each. */
public final class Engines {
    private static final String FIB = "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(...)";

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
            row.put("version", "1.0.0");
            row.put("way", "Java " + System.getProperty("java.version"));
            row.put("vectors", passed(VectorsTest.class, failed));
            row.put("programs", passed(ProgramsTest.class, failed));
            row.put("notes", way.getKey().equals("interpreter") ? "" : figures());
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

    /** The best of some runs, which is the one after HotSpot is done. */
    private static String figures() {
        double best = Double.MAX_VALUE;
        try (Lua lua = Moonlet.builder().build()) {
            for (int i = 0; i < 12; i++) {
                long start = System.nanoTime();
                lua.eval(FIB, 27);
                best = Math.min(best, (System.nanoTime() - start) / 1e6);
            }
        }
        return String.format("fib(27) %.3g ms", best);
    }
}

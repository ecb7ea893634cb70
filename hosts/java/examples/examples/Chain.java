package examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import moonlet.Lua;
import moonlet.Moonlet;
import moonlet.Task;

/** A script on its way from host to host: {@code start OUT}, or {@code go NAME IN OUT}. */
public final class Chain {
    private static final String USAGE = """
            usage: Chain start OUT        runs rich.lua until it waits for `ask`, and writes the snapshot to OUT
                   Chain go NAME IN OUT   restores IN, answers the call that waits with NAME and its arguments but the first;
                                          writes the next snapshot to OUT, or prints the result""";

    public static void main(String[] arguments) throws IOException {
        try (var lua = Moonlet.builder().build()) {
            if (arguments.length == 2 && arguments[0].equals("start")) {
                lua.define("ask");
                goOn(lua, lua.start(Source.of("rich.lua")), Path.of(arguments[1]));
            } else if (arguments.length == 4 && arguments[0].equals("go")) {
                lua.restore(Files.readAllBytes(Path.of(arguments[2])));
                Task task = lua.tasks().get(0);
                List<Object> answers = new ArrayList<>(task.arguments());
                answers.set(0, arguments[1]);
                goOn(lua, task.resume(answers.toArray()), Path.of(arguments[3]));
            } else {
                System.err.println(USAGE);
                System.exit(2);
            }
        }
    }

    private static void goOn(Lua lua, Task task, Path out) throws IOException {
        while (task.kind() == Task.Kind.PAUSED) {
            task.resume();
        }
        if (task.kind() == Task.Kind.DONE) {
            System.out.println(task.result().string());
        } else {
            Files.write(out, lua.snapshot());
        }
    }
}

package examples;

import moonlet.Moonlet;
import moonlet.Task;

/** A long computation in slices, between which the host does other things. */
public final class Pause {
    public static void main(String[] arguments) {
        try (var lua = Moonlet.builder().slice(10_000).build()) {
            Task task = lua.start(Source.of("pause.lua"));
            System.out.println("paused, meanwhile 1 + 1 is " + lua.eval("return 1 + 1").integer());
            int pauses = 0;
            while (task.kind() == Task.Kind.PAUSED) {
                pauses++;
                task.resume();
            }
            System.out.println("paused more than once: " + (pauses > 1));
            System.out.println(task.result().integer());
        }
    }
}

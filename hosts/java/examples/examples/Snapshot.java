package examples;

import moonlet.Moonlet;
import moonlet.Task;

/** A script that waits for an answer moves into another state, and gets it there. */
public final class Snapshot {
    public static void main(String[] arguments) {
        byte[] snapshot;
        try (var lua = Moonlet.builder().build()) {
            lua.define("ask");
            Task task = lua.start(Source.of("snapshot.lua"));
            System.out.println("asked: " + task.arguments().string(0));
            snapshot = lua.snapshot();
        }
        System.out.println("the snapshot is taken, the first instance closed");

        try (var lua = Moonlet.builder().build()) {
            lua.restore(snapshot);
            Task task = lua.tasks().get(0);
            for (String answer : new String[] {"Arthur", "the grail"}) {
                System.out.println("asked: " + task.arguments().string(0));
                task.resume(answer);
            }
            System.out.println(task.result().string());
        }
    }
}

package moonlet;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Handles that the host let go of, until the state does. */
final class Released {
    private record Handle(int number, int generation) {}

    private final ConcurrentLinkedQueue<Handle> handles = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    void add(int number, int generation) {
        handles.add(new Handle(number, generation));
        count.incrementAndGet();
    }

    int size() {
        return count.get();
    }

    /** Takes out at most so many, and answers those of this generation. */
    List<Integer> take(int most, int generation) {
        List<Integer> taken = new ArrayList<>();
        for (Handle handle; taken.size() < most && (handle = handles.poll()) != null; ) {
            count.decrementAndGet();
            if (handle.generation == generation) {
                taken.add(handle.number);
            }
        }
        return taken;
    }
}

package moonlet;

import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A thread with a stack that is large enough, on which a call of the module runs while the caller waits; nothing else runs here.
 *
 * <p>So the stack of the caller's thread does not count, and its interruption does not tear the call down. Workers that have nothing to do
 * are shared by all states and end after a while. Both sides look for each other a moment before they sleep, since waking a thread takes
 * longer than most calls.
 */
final class Worker extends Thread {
    private static final Map<Long, Deque<Worker>> IDLE = new ConcurrentHashMap<>();
    /** Nanoseconds. */
    private static final long LOOK = Runtime.getRuntime().availableProcessors() > 1 ? 50_000 : 0;
    private static final long LIFE = 10_000_000_000L;

    private final Deque<Worker> idle;
    private volatile Supplier<?> job;
    private volatile boolean isAsleep;
    /** Who waits for the job and sleeps. */
    private volatile Thread sleeper;
    private Object result;
    private Throwable failure;

    private Worker(long stack, Deque<Worker> idle) {
        super(null, null, "moonlet", stack);
        this.idle = idle;
        setDaemon(true);
        setContextClassLoader(null);
    }

    /** What the job answers, on a thread with that many bytes of stack; throws what it throws. */
    @SuppressWarnings("unchecked")
    static <T> T run(long stack, Supplier<T> job) {
        if (Thread.currentThread() instanceof Worker || Thread.currentThread() instanceof LuaThread own && own.stack >= stack) {
            return job.get();
        }
        Deque<Worker> idle = IDLE.computeIfAbsent(stack, size -> new ConcurrentLinkedDeque<>());
        Worker worker = idle.pollFirst();
        boolean isNew = worker == null;
        if (isNew) {
            worker = new Worker(stack, idle);
        }
        worker.job = job;
        if (isNew) {
            worker.start();
        } else if (worker.isAsleep) {
            LockSupport.unpark(worker);
        }
        worker.await();
        Object result = worker.result;
        Throwable failure = worker.failure;
        worker.result = null;
        worker.failure = null;
        idle.addFirst(worker);
        if (failure instanceof RuntimeException error) {
            throw error;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return (T) result;
    }

    private void await() {
        boolean isInterrupted = false;
        for (long end = System.nanoTime() + LOOK; job != null && System.nanoTime() < end; ) {
            Thread.onSpinWait();
        }
        if (job != null) {
            sleeper = Thread.currentThread();
            while (job != null) {
                LockSupport.park(this);
                // A thread that is interrupted does not sleep.
                isInterrupted |= Thread.interrupted();
            }
            sleeper = null;
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        while (hasJob()) {
            try {
                result = job.get();
            } catch (Throwable error) {
                failure = error;
            }
            job = null;
            Thread waiting = sleeper;
            if (waiting != null) {
                LockSupport.unpark(waiting);
            }
        }
    }

    /** Waits for a job; false where none came, and none will. */
    private boolean hasJob() {
        long start = System.nanoTime();
        while (job == null) {
            long waited = System.nanoTime() - start;
            if (waited < LOOK) {
                Thread.onSpinWait();
            } else if (waited > LIFE) {
                if (idle.remove(this)) {
                    return false;
                }
                // Somebody just took it.
                Thread.yield();
            } else {
                isAsleep = true;
                if (job == null) {
                    LockSupport.parkNanos(this, LIFE - waited);
                }
                isAsleep = false;
            }
        }
        return true;
    }
}

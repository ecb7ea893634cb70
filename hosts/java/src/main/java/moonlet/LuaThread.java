package moonlet;

/**
 * A thread on which calls into a state need no other: its stack is large enough for what scripts may nest. Everywhere else a call is handed to a thread
 * that has such a stack, which takes some microseconds. For an executor, {@code LuaThread::new} is its factory.
 */
public final class LuaThread extends Thread {
    /** What the code around the calls may take. */
    private static final long OWN = 4 << 20;

    final long stack;

    /** A thread that runs this, with room for states of the default {@code stack}. */
    public LuaThread(Runnable run) {
        this(run, 4 << 20);
    }

    /** A thread that runs this, with room for states of a {@code stack} of so many bytes. */
    public LuaThread(Runnable run, long stack) {
        super(null, run, "lua", stack + OWN);
        this.stack = stack;
    }
}

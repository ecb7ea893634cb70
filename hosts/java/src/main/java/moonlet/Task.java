package moonlet;

/** A task that comes back to the host wherever it is suspended; {@link Lua#start} and {@link Lua#tasks} give them. */
public final class Task implements AutoCloseable {
    /** What a task waits for. */
    public enum Kind {
        /** Nothing: it has ended, and {@link Task#result} is what it returned. */
        DONE,
        /** {@code resume()}: its slice was used up, by one run or between answers of the host's functions. */
        PAUSED,
        /** {@code resume(values)} or {@code fail(error)}; {@code name} and {@code arguments} say what it asks of the host. */
        CALL,
        /** {@link Lua#writeInput}, then {@code resume()}. */
        INPUT,
        /** {@code resume()}: the option {@code output} was reached, and what it wrote has been delivered. */
        OUTPUT,
        /** Nothing: what it returned was over the option {@code result}. */
        RESULT;

        boolean isSuspended() {
            return this != DONE && this != RESULT;
        }
    }

    private final Lua lua;
    private final int id;
    private Kind kind;
    private Values value;
    /** The call that is answered as it goes on, by a function of the host; to the host it is paused. */
    Runs.Due due;

    Task(Lua lua, int id) {
        this.lua = lua;
        this.id = id;
    }

    Task become(Kind kind, Values value, Runs.Due due) {
        this.kind = kind;
        this.value = value;
        this.due = due;
        return this;
    }

    /** The task's number in the module, which it keeps in snapshots. */
    public int id() {
        return id;
    }

    /** What it waits for. */
    public Kind kind() {
        return kind;
    }

    /** The name of the function of the host that it waits for; null where it waits for none. */
    public String name() {
        return kind == Kind.CALL ? LuaException.text(value.get(0)) : null;
    }

    /** What that function is called with; none where it waits for none. */
    public Values arguments() {
        return new Values(kind == Kind.CALL ? value.subList(1, value.size()) : java.util.List.of());
    }

    /** What it returned, once it is done; null before. */
    public Values result() {
        return kind == Kind.DONE ? value : null;
    }

    /**
     * Goes on until the next suspension or the end: with the results of the host call, with no values after a pause. Throws what the task ended
     * with; after a LuaRefusedException it waits as before.
     */
    public Task resume(Object... values) {
        check();
        return lua.resume(this, values);
    }

    /** Goes on with an error in the place of the host call's results: an exception, or a value that the script gets as it is. */
    public Task fail(Object error) {
        check();
        return lua.fail(this, error);
    }

    /** Ends it. Its {@code <close>} handlers run; throws the error of one that failed. A task that has ended stays as it is. */
    public void cancel() {
        if (kind.isSuspended()) {
            lua.end(this);
        }
    }

    /** As {@link #cancel}. */
    @Override
    public void close() {
        cancel();
    }

    private void check() {
        if (!kind.isSuspended()) {
            throw LuaException.refused("this task has ended; start another");
        }
    }

    @Override
    public String toString() {
        return "Task " + id + " " + kind + (name() == null ? "" : " " + name());
    }
}

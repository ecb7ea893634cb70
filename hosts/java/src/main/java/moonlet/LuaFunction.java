package moonlet;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A function of Lua; or a coroutine or userdata, which cannot be called here, but given back to Lua.
 *
 * <p>Lua keeps it as long as the host does: until {@link #close}, or until Java forgets the object. Two that stand for the same function of
 * the same state are equal.
 */
public final class LuaFunction implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Lua lua;
    private final int handle;
    private final int generation;
    private final AtomicBoolean isHeld = new AtomicBoolean(true);
    private final Cleaner.Cleanable forgotten;

    LuaFunction(Lua lua, int handle, int generation) {
        this.lua = lua;
        this.handle = handle;
        this.generation = generation;
        Released released = lua.released;
        // Refers to nothing that refers to this object; it may run in any thread, in the middle of any call.
        forgotten = CLEANER.register(this, () -> released.add(handle, generation));
    }

    /** Calls it; errors and results as of {@link Lua#call}. */
    public Values call(Object... arguments) {
        return lua.call(this, arguments);
    }

    /** The number under which the state knows it. */
    int handleIn(Lua lua, int generation) {
        if (!isHeld.get()) {
            throw LuaException.refused("this Lua function was released; get it anew");
        }
        if (this.lua != lua) {
            throw LuaException.refused("this Lua function belongs to another state; pass values between states");
        }
        if (this.generation != generation) {
            throw LuaException.refused("this Lua function is older than the snapshot that was restored; get it anew");
        }
        return handle;
    }

    /** Lets go of it, with the next call into its state. A second time does nothing. */
    @Override
    public void close() {
        if (isHeld.getAndSet(false)) {
            forgotten.clean();
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LuaFunction that && lua == that.lua && handle == that.handle && generation == that.generation;
    }

    @Override
    public int hashCode() {
        return 31 * System.identityHashCode(lua) + handle;
    }

    @Override
    public String toString() {
        return "LuaFunction " + handle + (isHeld.get() ? "" : " released");
    }
}

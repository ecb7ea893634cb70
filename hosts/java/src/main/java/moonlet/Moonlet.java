package moonlet;

/**
 * Reference Lua 5.4 and 5.5 in a sandbox: limits, pauses, host functions, snapshots.
 *
 * <pre>{@code
 * try (var lua = Moonlet.builder().memory(16 << 20).fuel(10_000_000).build()) {
 *     lua.define("add", args -> args.integer(0) + args.integer(1));
 *     long sum = lua.eval("return add(1, 2)").integer();
 * }
 * }</pre>
 */
public final class Moonlet {
    /** The version of this package. */
    public static final String VERSION = "0.1.0";

    private Moonlet() {}

    /** The options of a state, at their defaults. */
    public static Builder builder() {
        return new Builder();
    }
}

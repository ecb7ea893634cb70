package moonlet;

/**
 * A table as a key of a Lua table. It equals only itself, as in Lua; sent back it is its value.
 *
 * @see java.util.Map
 */
public final class Key {
    private final Object value;

    /** A key that is {@code value} in Lua. */
    public Key(Object value) {
        this.value = value;
    }

    /** What it is: a {@code List} or a {@code Map}. */
    public Object value() {
        return value;
    }

    @Override
    public String toString() {
        return "Key(" + value + ")";
    }
}

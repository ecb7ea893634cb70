package moonlet;

import java.util.Map;

/** The script needed more than the option {@code memory} or {@code pages} allows. */
public final class LuaMemoryException extends LuaException {
    private static final long serialVersionUID = 1;

    LuaMemoryException(int status, Map<?, ?> fields) {
        super("memory", status, fields);
    }
}

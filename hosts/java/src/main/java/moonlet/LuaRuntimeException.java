package moonlet;

import java.util.Map;

/** The script raised an error that it did not catch; or, with the status 22, what it returned is over the option {@code result}, or cannot be encoded. */
public final class LuaRuntimeException extends LuaException {
    private static final long serialVersionUID = 1;

    LuaRuntimeException(int status, Map<?, ?> fields) {
        super("runtime", status, fields);
    }
}

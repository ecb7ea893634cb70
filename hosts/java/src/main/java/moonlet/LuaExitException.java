package moonlet;

import java.util.Map;

/** The script called {@code os.exit}. */
public final class LuaExitException extends LuaException {
    private static final long serialVersionUID = 1;

    private int code;

    LuaExitException(int status, Map<?, ?> fields) {
        super("exit", status, fields);
    }

    LuaExitException withCode(int code) {
        this.code = code;
        return this;
    }

    /** What {@code os.exit} was given: 0 for {@code true} or nothing, 1 for {@code false}. */
    public int code() {
        return code;
    }
}

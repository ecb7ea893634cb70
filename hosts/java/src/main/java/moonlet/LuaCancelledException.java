package moonlet;

import java.util.Map;

/** The host ended the evaluation: its thread was interrupted, or somebody called {@link Lua#cancel}. */
public final class LuaCancelledException extends LuaException {
    private static final long serialVersionUID = 1;

    LuaCancelledException(int status, Map<?, ?> fields) {
        super("cancelled", status, fields);
    }
}

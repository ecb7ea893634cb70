package moonlet;

import java.util.Map;

/** The engine tore a call down, so the state cannot be trusted: restore a snapshot into it, or make a new one. */
public final class LuaPoisonedException extends LuaException {
    private static final long serialVersionUID = 1;

    LuaPoisonedException(int status, Map<?, ?> fields) {
        super("poisoned", status, fields);
    }
}

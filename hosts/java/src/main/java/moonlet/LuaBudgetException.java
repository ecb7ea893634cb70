package moonlet;

import java.util.Map;

/** The task used up its {@code fuel}. */
public final class LuaBudgetException extends LuaException {
    private static final long serialVersionUID = 1;

    LuaBudgetException(int status, Map<?, ?> fields) {
        super("budget", status, fields);
    }
}

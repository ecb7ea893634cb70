package moonlet;

import java.util.Map;

/** The call was refused before anything ran: the state is closed or in use by another thread, evaluations nest too deep, data do not fit, a function was released, a snapshot is damaged. The message says what to do. */
public final class LuaRefusedException extends LuaException {
    private static final long serialVersionUID = 1;

    LuaRefusedException(int status, Map<?, ?> fields) {
        super("refused", status, fields);
    }
}

package moonlet;

import java.util.Map;

/** The source is no Lua. Where it ends too early the message ends in {@code near <eof>}. */
public final class LuaSyntaxException extends LuaException {
    private static final long serialVersionUID = 1;

    LuaSyntaxException(int status, Map<?, ?> fields) {
        super("syntax", status, fields);
    }
}

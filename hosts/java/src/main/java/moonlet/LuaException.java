package moonlet;

import java.util.Map;

/** What a run of Lua ended with; the state stays usable, but after a {@link LuaPoisonedException}. */
public class LuaException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String kind;
    private final String traceback;
    private final String chunk;
    private final Integer line;
    private final transient Object value;

    LuaException(String kind, int status, Map<?, ?> fields) {
        super(text(fields.get("message")) == null ? "status " + status : text(fields.get("message")));
        this.status = status;
        this.kind = kind;
        traceback = text(fields.get("traceback"));
        chunk = text(fields.get("chunk"));
        line = fields.get("line") instanceof Long number ? Math.toIntExact(number) : null;
        value = fields.get("value");
    }

    /** The error that a status of ABI.md and its map stand for. */
    static LuaException of(int status, Map<?, ?> fields) {
        return switch (status) {
            case Numbers.STATUS_ERRSYNTAX -> new LuaSyntaxException(status, fields);
            case Numbers.STATUS_ERRRUN, Numbers.STATUS_ERRERR, Numbers.STATUS_RESULT -> new LuaRuntimeException(status, fields);
            case Numbers.STATUS_ERRMEM -> new LuaMemoryException(status, fields);
            case Numbers.STATUS_BUDGET -> new LuaBudgetException(status, fields);
            case Numbers.STATUS_CANCELLED -> new LuaCancelledException(status, fields);
            case Numbers.STATUS_EXIT -> new LuaExitException(status, fields);
            case Numbers.STATUS_POISONED -> new LuaPoisonedException(status, fields);
            default -> status >= Numbers.STATUS_BAD_ARGUMENT ? new LuaRefusedException(status, fields) : new LuaException("error", status, fields);
        };
    }

    static LuaException of(int status, String message) {
        return of(status, Map.of("message", message));
    }

    static LuaException refused(String message) {
        return of(Numbers.STATUS_BAD_STATE, message);
    }

    /** A text of the module, which comes as bytes where it is no UTF-8. */
    static String text(Object value) {
        return value instanceof byte[] data ? new String(data, java.nio.charset.StandardCharsets.UTF_8) : (String) value;
    }

    /** The status of ABI.md. */
    public int status() {
        return status;
    }

    /** {@code syntax}, {@code runtime}, {@code memory}, {@code budget}, {@code cancelled}, {@code exit}, {@code poisoned} or {@code refused}. */
    public String kind() {
        return kind;
    }

    /** The traceback of Lua, or null where there is none. */
    public String traceback() {
        return traceback;
    }

    /** The name of the chunk in which it happened, or null. */
    public String chunk() {
        return chunk;
    }

    /** The line in that chunk, from 1, or null. */
    public Integer line() {
        return line;
    }

    /** The error itself where the script raised a value that is no string, or null. */
    public Object value() {
        return value;
    }
}

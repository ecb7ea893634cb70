package moonlet;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;

/**
 * Values of Lua in a row: the results of an evaluation, or the arguments of a function of the host. As in Lua, what is beyond the end is nil,
 * which is null here.
 *
 * <p>A value is null, a {@code Boolean}, {@code Long}, {@code Double}, {@code String}, {@code byte[]} (a string that is no UTF-8), {@code List}
 * (a sequence), {@code Map} (any other table), {@link LuaFunction}, or the object that a reference stands for. The methods for one type throw
 * IllegalArgumentException for a value of another.
 */
public final class Values extends AbstractList<Object> implements RandomAccess {
    private final List<Object> values;

    Values(List<Object> values) {
        this.values = values;
    }

    /** Several results for a function of the host. */
    public static Values of(Object... values) {
        return new Values(Collections.unmodifiableList(Arrays.asList(values.clone())));
    }

    @Override
    public int size() {
        return values.size();
    }

    /** The value at an index from 0; null beyond the end. */
    @Override
    public Object get(int index) {
        return index < values.size() ? values.get(index) : null;
    }

    /** The first value. */
    public Object get() {
        return get(0);
    }

    /** An integer, or a float with the value of one. */
    public long integer(int index) {
        return as(index, Long.class);
    }

    /** The first value as an integer. */
    public long integer() {
        return integer(0);
    }

    /** A float, or an integer as one. */
    public double number(int index) {
        return as(index, Double.class);
    }

    /** The first value as a float. */
    public double number() {
        return number(0);
    }

    /** A string that is UTF-8. */
    public String string(int index) {
        return as(index, String.class);
    }

    /** The first value as a text. */
    public String string() {
        return string(0);
    }

    /** A string as bytes. */
    public byte[] bytes(int index) {
        return as(index, byte[].class);
    }

    /** Whether the value counts as true in Lua: it is neither nil nor false. */
    public boolean isTrue(int index) {
        return get(index) != null && !Boolean.FALSE.equals(get(index));
    }

    /** A sequence; the empty table is one, too. */
    @SuppressWarnings("unchecked")
    public List<Object> list(int index) {
        return as(index, List.class);
    }

    /** A table that is no sequence, or empty. */
    @SuppressWarnings("unchecked")
    public Map<Object, Object> map(int index) {
        return as(index, Map.class);
    }

    /** A function of Lua. */
    public LuaFunction function(int index) {
        return as(index, LuaFunction.class);
    }

    /** The first value as a function of Lua. */
    public LuaFunction function() {
        return function(0);
    }

    /** The value as another type: a number type, {@code String}, {@code byte[]}, {@code Boolean}, a record of a table's fields, or what it is. */
    public <T> T as(int index, Class<T> type) {
        return as(get(index), type, "value " + (index + 1));
    }

    /** The first value as another type. */
    public <T> T as(Class<T> type) {
        return as(0, type);
    }

    @SuppressWarnings("unchecked")
    static <T> T as(Object value, Class<T> type, String what) {
        Object converted = convert(value, type, what);
        if (converted == null && type != Object.class && type != Void.class) {
            throw wrong(value, type, what);
        }
        return (T) converted;
    }

    private static Object convert(Object value, Class<?> type, String what) {
        if (type == Long.class || type == long.class) {
            return integer(value, Long.MIN_VALUE, Long.MAX_VALUE);
        } else if (type == Integer.class || type == int.class) {
            Long number = integer(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
            return number == null ? null : number.intValue();
        } else if (type == Double.class || type == double.class) {
            return value instanceof Long || value instanceof Double ? ((Number) value).doubleValue() : null;
        } else if (type == boolean.class) {
            return value instanceof Boolean ? value : null;
        } else if (type == byte[].class && value instanceof String text) {
            return Codec.utf8(text);
        } else if (type == Map.class && value instanceof List<?> items && items.isEmpty()) {
            return Map.of();
        } else if (type.isRecord() && value instanceof Map<?, ?> fields) {
            return record(fields, type, what);
        }
        return type.isInstance(value) ? value : null;
    }

    private static Long integer(Object value, long least, long most) {
        Long number = value instanceof Long whole ? whole : null;
        // 2^63 as a float is one too many, and would be clamped.
        if (value instanceof Double real && real == Math.rint(real) && Math.abs(real) < 0x1p63) {
            number = real.longValue();
        }
        return number == null || number < least || number > most ? null : number;
    }

    private static Object record(Map<?, ?> fields, Class<?> type, String what) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            Object field = fields.get(components[i].getName());
            types[i] = components[i].getType();
            values[i] = field == null && !types[i].isPrimitive() ? null : as(field, types[i], components[i].getName() + " of " + what);
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException | RuntimeException error) {
            throw new IllegalArgumentException(what + " makes no " + type.getSimpleName() + ": " + error, error);
        }
    }

    private static IllegalArgumentException wrong(Object value, Class<?> type, String what) {
        return new IllegalArgumentException(what + " is " + name(value) + ", and no " + type.getSimpleName() + "; pass one");
    }

    private static String name(Object value) {
        return value == null ? "nil" : value instanceof Long || value instanceof Double ? "the number " + value : "a " + value.getClass().getSimpleName();
    }
}

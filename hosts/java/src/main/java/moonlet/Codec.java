package moonlet;

import java.math.BigInteger;
import java.lang.reflect.Array;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** MessagePack, in the form that the module takes and gives (ABI.md, "MessagePack"). */
final class Codec {
    /** Tables may nest that deep, besides the array around all values. */
    static final int DEPTH = 128;

    /** What the module gives may have another array and the map of an error around that. */
    private static final int GIVEN_DEPTH = DEPTH + 2;

    private static final long NAN = 0x7ff8000000000000L;

    private Codec() {}

    /** Tells the ext type and number of a value that Lua gets as a handle or a reference. */
    interface ToForeign {
        /** The ext type. {@code number} gets its number as the first element. */
        int type(Object value, int[] number);
    }

    /** Makes the value of an ext type and number. */
    interface FromForeign {
        Object value(int type, int number);
    }

    /**
     * An array of all values.
     *
     * @throws IllegalArgumentException for what Lua has no form of
     */
    static byte[] encode(List<?> values, ToForeign foreign) {
        Encoder encoder = new Encoder(foreign);
        encoder.length(values.size(), 0x90, 16, 0xdc);
        for (Object value : values) {
            encoder.value(value, 0);
        }
        return encoder.bytes();
    }

    /** One value, and no array around it; errors as of {@link #encode}. */
    static byte[] encodeOne(Object value, ToForeign foreign) {
        Encoder encoder = new Encoder(foreign);
        encoder.value(value, 0);
        return encoder.bytes();
    }

    /**
     * The one value that the bytes are.
     *
     * @throws IllegalArgumentException where they are none
     */
    static Object decode(byte[] data, FromForeign foreign) {
        Decoder decoder = new Decoder(data, foreign);
        Object value = decoder.value(0);
        if (decoder.at != data.length) {
            throw malformed("bytes after the value");
        }
        return value;
    }

    private static IllegalArgumentException malformed(String how) {
        return new IllegalArgumentException("malformed MessagePack: " + how);
    }

    private static final class Encoder {
        private final ToForeign foreign;
        private byte[] bytes = new byte[64];
        private int end;

        Encoder(ToForeign foreign) {
            this.foreign = foreign;
        }

        byte[] bytes() {
            return Arrays.copyOf(bytes, end);
        }

        private void room(int count) {
            long needed = (long) end + count;
            if (needed > bytes.length) {
                if (needed > Integer.MAX_VALUE - 8) {
                    throw new IllegalArgumentException("the values take more than 2 GiB, and so does no memory of Lua's; pass less at a time");
                }
                bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * bytes.length)));
            }
        }

        private void number(int first, long number, int size) {
            room(1 + size);
            bytes[end++] = (byte) first;
            for (int shift = 8 * size - 8; shift >= 0; shift -= 8) {
                bytes[end++] = (byte) (number >>> shift);
            }
        }

        private void raw(byte[] data) {
            room(data.length);
            System.arraycopy(data, 0, bytes, end, data.length);
            end += data.length;
        }

        void length(int length, int fixed, int limit, int first) {
            if (length < limit) {
                number(fixed | length, 0, 0);
            } else if (length <= 0xffff) {
                number(first, length, 2);
            } else {
                number(first + 1, length, 4);
            }
        }

        void value(Object value, int depth) {
            if (value == null) {
                number(0xc0, 0, 0);
            } else if (value instanceof String text) {
                text(text);
            } else if (value instanceof Long number) {
                integer(number);
            } else if (value instanceof Double number) {
                number(0xcb, number.isNaN() ? NAN : Double.doubleToRawLongBits(number), 8);
            } else if (value instanceof Boolean flag) {
                number(flag ? 0xc3 : 0xc2, 0, 0);
            } else if (value instanceof byte[] data) {
                data(data);
            } else if (value instanceof Map<?, ?> map) {
                map(map, depth);
            } else if (value instanceof Collection<?> items) {
                array(items, depth);
            } else {
                other(value, depth);
            }
        }

        private void other(Object value, int depth) {
            if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
                integer(((Number) value).longValue());
            } else if (value instanceof Float number) {
                value(number.doubleValue(), depth);
            } else if (value instanceof BigInteger number) {
                if (number.bitLength() > 63) {
                    throw new IllegalArgumentException(
                            (number.bitLength() < 256 ? number.toString() : "an integer of " + number.bitLength() + " bits")
                                    + " does not fit into Lua's 64-bit integers; pass a double or a string");
                }
                integer(number.longValue());
            } else if (value instanceof CharSequence || value instanceof Character) {
                text(value.toString());
            } else if (value instanceof ByteBuffer buffer) {
                byte[] copy = new byte[buffer.remaining()];
                buffer.duplicate().get(copy);
                data(copy);
            } else if (value instanceof Key key) {
                value(key.value(), depth);
            } else if (value instanceof Record && !(value instanceof HostFunction)) {
                map(components(value), depth);
            } else if (value.getClass().isArray()) {
                List<Object> items = new ArrayList<>(Array.getLength(value));
                for (int i = 0; i < Array.getLength(value); i++) {
                    items.add(Array.get(value, i));
                }
                array(items, depth);
            } else {
                int[] number = new int[1];
                int type = foreign.type(value, number);
                number(0xd6, type, 1);
                number(number[0] >>> 24, number[0], 3);
            }
        }

        private static Map<String, Object> components(Object value) {
            Map<String, Object> map = new LinkedHashMap<>();
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                try {
                    component.getAccessor().setAccessible(true);
                    map.put(component.getName(), component.getAccessor().invoke(value));
                } catch (ReflectiveOperationException | RuntimeException error) {
                    throw new IllegalArgumentException("the record " + value.getClass().getName() + " cannot be read: " + error, error);
                }
            }
            return map;
        }

        private void integer(long number) {
            if (number >= 0) {
                if (number < 128) {
                    number((int) number, 0, 0);
                } else if (number <= 0xff) {
                    number(0xcc, number, 1);
                } else if (number <= 0xffff) {
                    number(0xcd, number, 2);
                } else if (number <= 0xffffffffL) {
                    number(0xce, number, 4);
                } else {
                    number(0xcf, number, 8);
                }
            } else if (number >= -32) {
                number((int) number & 0xff, 0, 0);
            } else if (number >= Byte.MIN_VALUE) {
                number(0xd0, number, 1);
            } else if (number >= Short.MIN_VALUE) {
                number(0xd1, number, 2);
            } else if (number >= Integer.MIN_VALUE) {
                number(0xd2, number, 4);
            } else {
                number(0xd3, number, 8);
            }
        }

        private void text(String text) {
            byte[] data = utf8(text);
            if (data.length < 32) {
                number(0xa0 | data.length, 0, 0);
            } else if (data.length < 256) {
                number(0xd9, data.length, 1);
            } else {
                length(data.length, 0, 0, 0xda);
            }
            raw(data);
        }

        private void data(byte[] data) {
            if (data.length < 256) {
                number(0xc4, data.length, 1);
            } else {
                length(data.length, 0, 0, 0xc5);
            }
            raw(data);
        }

        private static int deeper(int depth) {
            if (depth == DEPTH) {
                throw new IllegalArgumentException("the value nests deeper than " + DEPTH + ", in a cycle perhaps");
            }
            return depth + 1;
        }

        private void array(Collection<?> items, int depth) {
            int inner = deeper(depth);
            length(items.size(), 0x90, 16, 0xdc);
            for (Object item : items) {
                value(item, inner);
            }
        }

        private void map(Map<?, ?> map, int depth) {
            int inner = deeper(depth);
            length(map.size(), 0x80, 16, 0xde);
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (entry.getKey() instanceof Double number && number.isNaN() || entry.getKey() instanceof Float single && single.isNaN()) {
                    throw new IllegalArgumentException("NaN cannot be a key of a Lua table");
                }
                value(entry.getKey(), inner);
                value(entry.getValue(), inner);
            }
        }
    }

    /** A text as UTF-8. */
    static byte[] utf8(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c) || i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw new IllegalArgumentException("a text with lone surrogates is no UTF-8; pass bytes");
                }
                i++;
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static final class Decoder {
        private final byte[] data;
        private final FromForeign foreign;
        private int at;

        Decoder(byte[] data, FromForeign foreign) {
            this.data = data;
            this.foreign = foreign;
        }

        private long unsigned(int size) {
            need(size);
            long number = 0;
            for (int i = 0; i < size; i++) {
                number = number << 8 | data[at++] & 0xff;
            }
            return number;
        }

        private void need(long count) {
            if (count > data.length - at) {
                throw malformed("it is cut off");
            }
        }

        Object value(int depth) {
            int first = (int) unsigned(1);
            if (first < 0x80) {
                return (long) first;
            } else if (first < 0x90) {
                return map(first & 15, depth);
            } else if (first < 0xa0) {
                return array(first & 15, depth);
            } else if (first < 0xc0) {
                return text(first & 31);
            } else if (first >= 0xe0) {
                return (long) (byte) first;
            }
            return switch (first) {
                case 0xc0 -> null;
                case 0xc2 -> false;
                case 0xc3 -> true;
                case 0xc4, 0xc5, 0xc6 -> part(unsigned(1 << first - 0xc4));
                case 0xca -> (double) Float.intBitsToFloat((int) unsigned(4));
                case 0xcb -> Double.longBitsToDouble(unsigned(8));
                case 0xcc, 0xcd, 0xce -> unsigned(1 << first - 0xcc);
                case 0xcf -> positive(unsigned(8));
                case 0xd0 -> (long) (byte) unsigned(1);
                case 0xd1 -> (long) (short) unsigned(2);
                case 0xd2 -> (long) (int) unsigned(4);
                case 0xd3 -> unsigned(8);
                case 0xd6 -> foreign.value((int) unsigned(1), (int) unsigned(4));
                case 0xd9, 0xda, 0xdb -> text(unsigned(1 << first - 0xd9));
                case 0xdc, 0xdd -> array(unsigned(2 << first - 0xdc), depth);
                case 0xde, 0xdf -> map(unsigned(2 << first - 0xde), depth);
                default -> throw malformed("the byte 0x" + Integer.toHexString(first));
            };
        }

        private static long positive(long number) {
            if (number < 0) {
                throw malformed("an integer from 2^63 on");
            }
            return number;
        }

        private byte[] part(long length) {
            need(length);
            at += (int) length;
            return Arrays.copyOfRange(data, at - (int) length, at);
        }

        private String text(long length) {
            need(length);
            int start = at;
            at += (int) length;
            boolean isAscii = true;
            for (int i = start; i < at && isAscii; i++) {
                isAscii = data[i] >= 0;
            }
            if (isAscii) {
                return new String(data, start, (int) length, StandardCharsets.ISO_8859_1);
            }
            try {
                CharBuffer decoded = StandardCharsets.UTF_8.newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .decode(ByteBuffer.wrap(data, start, (int) length));
                return decoded.toString();
            } catch (CharacterCodingException error) {
                throw malformed("a text that is no UTF-8");
            }
        }

        private static int deeper(int depth) {
            if (depth > GIVEN_DEPTH) {
                throw malformed("it nests too deep");
            }
            return depth + 1;
        }

        private List<Object> array(long length, int depth) {
            int inner = deeper(depth);
            need(length);
            List<Object> items = new ArrayList<>((int) length);
            for (long i = 0; i < length; i++) {
                items.add(value(inner));
            }
            return items;
        }

        private Map<Object, Object> map(long length, int depth) {
            int inner = deeper(depth);
            need(2 * length);
            Map<Object, Object> map = new LinkedHashMap<>();
            for (long i = 0; i < length; i++) {
                Object key = value(inner);
                Object value = value(inner);
                map.put(key instanceof List || key instanceof Map ? new Key(key) : key, value);
            }
            return map;
        }
    }
}

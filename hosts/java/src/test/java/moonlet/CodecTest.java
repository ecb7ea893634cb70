package moonlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The codec on values and bytes that nobody chose. */
class CodecTest {
    private static final long[] EDGES = {0, 31, 32, 127, 128, 255, 256, 65_535, 65_536, 4_294_967_295L, 4_294_967_296L, Long.MAX_VALUE, Long.MIN_VALUE};

    private static Object value(Random random, int depth) {
        int kind = random.nextInt(depth > 4 ? 6 : 8);
        switch (kind) {
            case 0:
                return null;
            case 1:
                return random.nextBoolean();
            case 2:
                return (random.nextBoolean() ? EDGES[random.nextInt(EDGES.length)] : random.nextLong() >> random.nextInt(64)) + random.nextInt(3) - 1;
            case 3:
                return Double.longBitsToDouble(random.nextLong());
            case 4:
                return random.ints(random.nextInt(300), 0, 0x2000).collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
            case 5:
                return random.nextLong() + "x".repeat(random.nextInt(3) * 40_000);
            case 6:
                List<Object> list = new ArrayList<>();
                for (int i = random.nextInt(20); i > 0; i--) {
                    list.add(value(random, depth + 1));
                }
                return list;
            default:
                Map<Object, Object> map = new LinkedHashMap<>();
                for (int i = random.nextInt(20); i > 0; i--) {
                    map.put(random.nextBoolean() ? (Object) random.nextLong() : "key " + random.nextInt(), value(random, depth + 1));
                }
                return map;
        }
    }

    @Test
    void everyValueComesBack() {
        Random random = new Random(42);
        for (int i = 0; i < 1_000; i++) {
            List<Object> values = Arrays.asList(value(random, 0), value(random, 0));
            assertEquals(values, Codec.decode(Codec.encode(values, null), null));
        }
    }

    @Test
    void theModuleTakesAndGivesThem() {
        Random random = new Random(43);
        try (Lua lua = Moonlet.builder().build()) {
            for (int i = 0; i < 200; i++) {
                Object value = Arrays.asList(value(random, 4), "end");
                byte[] there = Codec.encode(List.of(lua.eval("return ...", value).get()), null);
                assertEquals(Codec.decode(Codec.encode(List.of(value), null), null).toString().length() > 0, there.length > 0);
            }
        }
    }

    @Test
    void anyBytesAreAValueOrRefused() {
        Random random = new Random(44);
        Codec.FromForeign foreign = (type, number) -> "ext";
        for (int i = 0; i < 40_000; i++) {
            byte[] data = i % 2 == 0 ? new byte[random.nextInt(40)] : Codec.encode(Arrays.asList(value(random, 3)), null);
            if (i % 2 == 0) {
                random.nextBytes(data);
            } else {
                data[random.nextInt(data.length)] = (byte) random.nextInt();
            }
            try {
                Codec.decode(data, foreign);
            } catch (IllegalArgumentException error) {
                if (!error.getMessage().contains("malformed")) {
                    fail(error);
                }
            }
        }
    }

    @Test
    void lengthsThatAreDeclaredTakeNothing() {
        for (int first : new int[] {0xc6, 0xdb, 0xdd, 0xdf}) {
            byte[] data = {(byte) first, -1, -1, -1, -1, 0};
            Caught.in(IllegalArgumentException.class, "malformed", () -> Codec.decode(data, null));
        }
        byte[] nested = new byte[100_000];
        Arrays.fill(nested, (byte) 0x91);
        Caught.in(IllegalArgumentException.class, "nests too deep", () -> Codec.decode(nested, null));
    }
}

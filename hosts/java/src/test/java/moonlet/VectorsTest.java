package moonlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What every module answers to the vectors of {@code tests/vectors}, and what the codec makes of them. */
class VectorsTest {
    private static final String[] MODULES = {"lua54", "lua55", "lua54-mini", "lua55-mini"};
    private static final List<String> LEFT_OUT = List.of("io", "msgpack", "os");

    static Stream<JsonObject> vectors(String file) {
        try {
            JsonArray all = JsonParser.parseString(Files.readString(Path.of("../../tests/vectors", file + ".json"))).getAsJsonArray();
            return all.asList().stream().map(JsonElement::getAsJsonObject);
        } catch (IOException error) {
            throw new AssertionError(error);
        }
    }

    private interface Check {
        void run(Instance instance, JsonObject vector);
    }

    private static Stream<DynamicTest> each(String file, Check check) {
        return Stream.of(MODULES).flatMap(module -> vectors(file)
                .filter(vector -> !module.endsWith("mini") || !vector.has("needs") || !LEFT_OUT.contains(vector.get("needs").getAsString()))
                .map(vector -> DynamicTest.dynamicTest(module + ": " + vector.get("name").getAsString(), () -> check.run(fresh(module, vector), vector))));
    }

    private static Instance fresh(String module, JsonObject vector) {
        Instance instance = new Instance(Modules.of(module), 4 << 20);
        assertEquals(0, instance.set(Numbers.OPTION_FORMAT, 1));
        if (vector.has("options")) {
            vector.getAsJsonObject("options").entrySet().forEach(
                    option -> assertEquals(0, instance.set(Integer.parseInt(option.getKey()), option.getValue().getAsDouble())));
        }
        return instance;
    }

    private static byte[] bytes(JsonElement text) {
        return text.getAsString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] hex(JsonElement text) {
        return HexFormat.of().parseHex(text.getAsString());
    }

    private static Instance.Step run(Instance instance, String export, byte[] data) {
        return instance.run(export, 0, data, 0, 0);
    }

    private static void expect(JsonObject vector, Instance.Step step) {
        if (vector.has("status")) {
            assertEquals(vector.get("status").getAsInt(), step.status());
        } else {
            assertEquals(0, step.status());
        }
        if (vector.has("result")) {
            assertEquals(vector.get("result").getAsString(), HexFormat.of().formatHex(step.result()));
        }
    }

    @TestFactory
    Stream<DynamicTest> values() {
        return each("values", (instance, vector) -> expect(vector, run(instance, "compute", bytes(vector.get("source")))));
    }

    @TestFactory
    Stream<DynamicTest> calls() {
        return each("calls", (instance, vector) -> {
            assertEquals(0, run(instance, "compute", bytes(vector.get("define"))).status());
            expect(vector, run(instance, "call", hex(vector.get("arguments"))));
        });
    }

    @TestFactory
    Stream<DynamicTest> malformed() {
        return each("malformed", (instance, vector) -> {
            expect(vector, run(instance, "call", hex(vector.get("arguments"))));
            assertArrayEquals(new byte[] {(byte) 0x91, 4}, run(instance, "compute", "return 2+2".getBytes(StandardCharsets.UTF_8)).result());
        });
    }

    @TestFactory
    Stream<DynamicTest> conversations() {
        return each("conversations", (instance, vector) -> {
            int task = 0;
            for (JsonElement each : vector.getAsJsonArray("steps")) {
                JsonObject step = each.getAsJsonObject();
                if (step.has("set")) {
                    JsonArray option = step.getAsJsonArray("set");
                    assertEquals(0, instance.set(option.get(0).getAsInt(), option.get(1).getAsDouble()));
                } else if (step.has("compact")) {
                    instance.compact();
                } else if (step.has("dropped")) {
                    Instance.Answer answer = instance.ask("dropped", (byte[]) null);
                    expect(step, new Instance.Step(answer.status(), 0, answer.result(), false, false, false, 0));
                } else {
                    String export = Stream.of("compute", "call", "resume", "raise").filter(step::has).findFirst().orElseThrow();
                    byte[] data = export.equals("compute") ? bytes(step.get(export)) : hex(step.get(export));
                    Instance.Step ran = instance.run(export, export.startsWith("r") ? task : 0, data, 0, 0);
                    expect(step, ran);
                    task = instance.told(Numbers.INFO_TASK);
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> errors() {
        return each("errors", (instance, vector) -> {
            byte[] data = Codec.encode(List.of(vector.get("source").getAsString(), vector.get("chunk").getAsString()), null);
            Instance.Step step = run(instance, "eval", data);
            assertEquals(vector.get("status").getAsInt(), step.status());
            Map<?, ?> told = (Map<?, ?>) Codec.decode(step.result(), (type, number) -> Map.of("ext", List.of(type, number)));
            for (Map.Entry<String, JsonElement> field : vector.getAsJsonObject("error").entrySet()) {
                assertTrue(told.containsKey(field.getKey()), field.getKey());
                assertEquals(plain(field.getValue()), told.get(field.getKey()));
            }
            assertEquals(vector.getAsJsonObject("error").size() + (told.containsKey("traceback") ? 1 : 0), told.size());
            if (vector.has("traceback")) {
                int at = 0;
                for (JsonElement line : vector.getAsJsonArray("traceback")) {
                    at = ((String) told.get("traceback")).indexOf(line.getAsString(), at);
                    assertTrue(at >= 0, line.getAsString());
                }
            }
        });
    }

    private static Object plain(JsonElement element) {
        if (element.isJsonObject()) {
            Map<Object, Object> map = new java.util.LinkedHashMap<>();
            element.getAsJsonObject().entrySet().forEach(entry -> map.put(entry.getKey(), plain(entry.getValue())));
            return map;
        }
        if (element.isJsonArray()) {
            return element.getAsJsonArray().asList().stream().map(VectorsTest::plain).toList();
        }
        if (element.isJsonNull()) {
            return null;
        }
        var primitive = element.getAsJsonPrimitive();
        if (primitive.isNumber()) {
            return primitive.getAsString().contains(".") ? (Object) primitive.getAsDouble() : (Object) primitive.getAsLong();
        }
        return primitive.isBoolean() ? (Object) primitive.getAsBoolean() : primitive.getAsString();
    }

    @TestFactory
    Stream<DynamicTest> theCodecGivesBackWhatItTook() {
        return vectors("values").filter(vector -> vector.has("result")).map(vector -> DynamicTest.dynamicTest(vector.get("name").getAsString(), () -> {
            byte[] data = hex(vector.get("result"));
            Object value = Codec.decode(data, Foreign::new);
            assertArrayEquals(data, Codec.encode((List<?>) value, (foreign, number) -> {
                number[0] = ((Foreign) foreign).number();
                return ((Foreign) foreign).type();
            }));
        }));
    }

    private static final class Foreign {
        private final int type;
        private final int number;

        Foreign(int type, int number) {
            this.type = type;
            this.number = number;
        }

        int type() {
            return type;
        }

        int number() {
            return number;
        }
    }
}

//! MessagePack keeps every value exactly, and no data whatever does harm. The crate `rmpv` is the second opinion.

use std::fmt::Write as _;

use moonlet_tests::{Lua, Random, Version, option, status};
use rmpv::Value;

#[path = "msgpack/limits.rs"]
mod limits;
#[path = "msgpack/oracle.rs"]
mod oracle;
#[path = "msgpack/random.rs"]
mod random;

use oracle::{Model, acceptable, assert_our_forms, decoded, encoded, has_table_key};
use random::{boundaries, random_bytes, random_document, random_float, random_value};

/// Functions of the scripts below: the file `in` decoded and encoded again, and equality to the bit.
const PRELUDE: &str = r"
    local function read()
      local f = io.open('in', 'rb')
      local data = f:read('a')
      f:close()
      return data
    end
    function echo()
      local ok, value, position = pcall(msgpack.decode, read())
      if not ok then return 'error', value end
      return position - 1, msgpack.encode(value)
    end
    function call(n, position)
      local data, request, f = read(), {}, _G
      for i = 1, n do request[i], position = msgpack.decode(data, position) end
      for name in request[1]:gmatch('[^.]+') do f = f[name] end
      local results = table.pack(f(table.unpack(request, 2, n)))
      return results.n, msgpack.encode(table.unpack(results, 1, results.n))
    end
    local function find(t, key)
      if type(key) ~= 'table' then return t[key] end
      for k, v in next, t do if same(k, key) then return v end end
    end
    function same(a, b)
      if type(a) ~= type(b) or math.type(a) ~= math.type(b) then return false end
      if math.type(a) == 'float' then return string.pack('d', a) == string.pack('d', b) end
      if type(a) ~= 'table' then return a == b end
      for k, v in next, a do if not same(v, find(b, k)) then return false end end
      for k in next, b do if find(a, k) == nil then return false end end
      return true
    end
    function same_lists(a, b)
      for i = 1, math.max(a.n, b.n) do if not same(a[i], b[i]) then return false end end
      return a.n == b.n
    end
    function nest(n) local t = {} for i = 2, n do t = {t} end return t end
    function message(...) return select(2, pcall(...)) end
";

fn instance(version: Version) -> Lua {
    let mut lua = Lua::new(version);
    lua.eval(PRELUDE);
    lua
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("memory");
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
    (0..text.len()).step_by(2).map(digits).collect()
}

/// What a script of the prelude returned: a word or number, then bytes.
fn split(result: &[u8]) -> (String, Vec<u8>) {
    let tab = result.iter().position(|byte| *byte == b'\t').expect("two values");
    (String::from_utf8_lossy(&result[..tab]).into_owned(), result[tab + 1..].to_vec())
}

/// The first value of `data` decoded and encoded again, and how many bytes it took; or the error's message.
fn echo(lua: &mut Lua, data: &[u8]) -> Result<(usize, Vec<u8>), String> {
    assert_eq!(lua.write_file("in", data), status::OK);
    let run = lua.run("return echo()");
    assert_eq!(run.status(), status::OK, "{}: {}", hex(data), run.text());
    let (word, bytes) = split(&run.result);
    match word.parse() {
        Ok(taken) => Ok((taken, bytes)),
        Err(_) => Err(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// Decodes and encodes `data` in the module, and compares every step with the other codec.
fn compare(lua: &mut Lua, data: &[u8]) {
    let context = hex(data);
    let nulls = lua.get(option::NULLS) == 1.0;
    match (echo(lua, data), decoded(data)) {
        (Ok((taken, back)), Some((value, len))) => {
            assert_eq!(taken, len, "{context}");
            assert!(acceptable(&value, 128, nulls), "accepted: {context}");
            let (again, all) = decoded(&back).unwrap_or_else(|| panic!("{context} became {}", hex(&back)));
            assert_eq!(all, back.len(), "{context}");
            assert_eq!(hex(&encoded(&again)), hex(&back), "the shortest forms, of {context}");
            assert_our_forms(&again, nulls);
            if !has_table_key(&value) {
                assert_eq!(Model::of(&again, nulls), Model::of(&value, nulls), "{context}");
            }
        }
        (Ok((_, back)), None) => panic!("malformed, but accepted: {context} became {}", hex(&back)),
        (Err(message), other) => {
            // The other codec takes the reserved byte for nil.
            let refused = match message.strip_prefix("bad argument #1 to 'msgpack.decode' (") {
                Some("reserved byte in data)") => data.contains(&0xc1),
                Some(_) => other.is_none_or(|(value, _)| !acceptable(&value, 128, nulls)),
                None => false,
            };
            assert!(refused, "{context}: {message}");
        }
    }
}

/// A value as Lua source.
fn literal(value: &Value) -> String {
    let string = |bytes: &[u8]| {
        let escaped: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        format!("'{escaped}'")
    };
    match value {
        Value::Integer(integer) if integer.as_i64() == Some(i64::MIN) => "math.mininteger".to_string(),
        Value::F64(float) => format!("(string.unpack('>d', {}))", string(&float.to_be_bytes())),
        Value::String(text) => string(text.as_bytes()),
        Value::Binary(bytes) => string(bytes),
        Value::Array(values) => {
            let items: Vec<String> =
                values.iter().zip(1..).map(|(value, n)| format!("[{n}] = {}", literal(value))).collect();
            format!("{{{}}}", items.join(", "))
        }
        Value::Map(entries) => {
            let items: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("[{}] = {}", literal(key), literal(value)))
                .collect();
            format!("{{{}}}", items.join(", "))
        }
        _ => value.to_string(),
    }
}

type Vector = serde_json::Map<String, serde_json::Value>;

fn vectors(json: &str) -> Vec<Vector> {
    serde_json::from_str(json).expect("an array of objects")
}

fn text<'a>(vector: &'a Vector, key: &str) -> &'a str {
    vector[key].as_str().expect("a string")
}

/// The values of a vector's array, which must be in the shortest forms; `None` when one of them is a handle or reference.
fn values(vector: &Vector, key: &str) -> Option<Vec<Value>> {
    let bytes = unhex(text(vector, key));
    let (value, len) = decoded(&bytes).expect("MessagePack");
    assert_eq!(len, bytes.len());
    let array = value.as_array().expect("an array").clone();
    // Not for the library msgpack.
    let marks = ["d601", "c70401", "d602", "c70402"];
    let crosses = marks.iter().any(|mark| text(vector, key).contains(mark));
    (!crosses).then_some(array)
}

/// The head of an array, followed by what are its values.
fn array(len: usize, values: &[u8]) -> Vec<u8> {
    let mut bytes = encoded(&Value::Array(vec![Value::Nil; len]));
    bytes.truncate(bytes.len() - len);
    bytes.extend(values);
    bytes
}

/// What a script of the prelude returned: how many values, and they one after the other.
fn returned(result: &[u8]) -> Vec<u8> {
    let (len, values) = split(result);
    array(len.parse().expect("a number"), &values)
}

for_each_version! {
    fn the_vectors_of_values_hold(version: Version) {
        for vector in vectors(include_str!("../vectors/values.json")) {
            let (name, source) = (text(&vector, "name"), text(&vector, "source"));
            if vector.contains_key("options") { continue; }
            let mut lua = instance(version);
            lua.eval(format!("values = table.pack((function() {source} end)())"));
            let encode = "msgpack.encode, table.unpack(values, 1, values.n)";
            if let Some(expected) = vector.get("status") {
                assert_eq!(expected.as_i64(), Some(i64::from(status::RESULT)), "{name}");
                let message = lua.eval(format!("return message({encode})"));
                let reasons = ["nest deeper than 128", "table marked as an array has"];
                assert!(reasons.iter().any(|reason| message.contains(reason)), "{name}: {message}");
                continue;
            }
            let Some(values) = values(&vector, "result") else { continue };
            let run = lua.run(format!("return values.n, select(2, pcall({encode}))"));
            assert_eq!(hex(&returned(&run.result)), text(&vector, "result"), "{name}");
            // Such values are more than their bytes say.
            if source.contains("host.null") || source.contains("msgpack") {
                continue;
            }
            let literals: Vec<String> = values.iter().map(literal).collect();
            let same = format!("return same_lists(values, table.pack({}))", literals.join(", "));
            assert_eq!(lua.eval(same), "true", "{name}");
        }
    }

    fn the_vectors_of_calls_hold(version: Version) {
        for vector in vectors(include_str!("../vectors/calls.json")) {
            let (name, define) = (text(&vector, "name"), text(&vector, "define"));
            if vector.contains_key("options") { continue; }
            let mut lua = instance(version);
            lua.eval(define);
            let Some(arguments) = values(&vector, "arguments") else { continue };
            assert_eq!(lua.write_file("in", &unhex(text(&vector, "arguments"))), status::OK);
            let first = array(arguments.len(), &[]).len() + 1;
            let run = lua.run(format!("return call({}, {first})", arguments.len()));
            if vector.contains_key("status") {
                assert_eq!(run.status(), status::ERRRUN, "{name}");
                continue;
            }
            assert_eq!(hex(&returned(&run.result)), text(&vector, "result"), "{name}");
            let result = values(&vector, "result").expect("no handle");
            assert_eq!(hex(&encoded(&Value::Array(result))), text(&vector, "result"), "{name}");
        }
    }

    fn the_malformed_vectors_are_refused(version: Version) {
        let mut lua = instance(version);
        for vector in vectors(include_str!("../vectors/malformed.json")) {
            let data = unhex(text(&vector, "arguments"));
            assert_eq!(vector["status"].as_i64(), Some(i64::from(status::BAD_DATA)));
            // An array with nothing after it is for `call` to ask for.
            let one_array = echo(&mut lua, &data).is_ok_and(|(len, _)| {
                len == data.len() && decoded(&data).is_some_and(|(value, _)| value.is_array())
            });
            assert!(!one_array, "{}", text(&vector, "name"));
        }
        lua.assert_usable();
    }

    fn integers_take_the_shortest_form(version: Version) {
        let mut lua = instance(version);
        for &integer in boundaries() {
            let source = format!("return msgpack.encode({})", literal(&Value::from(integer)));
            assert_eq!(hex(&lua.run(source).result), hex(&encoded(&Value::from(integer))), "{integer}");
        }
    }

    fn integers_are_read_in_every_form(version: Version) {
        let mut lua = instance(version);
        for &integer in boundaries() {
            let bytes = integer.to_be_bytes();
            let forms = [(0xcc, 1), (0xcd, 2), (0xce, 4), (0xcf, 8), (0xd0, 1), (0xd1, 2), (0xd2, 4), (0xd3, 8)];
            for (marker, width) in forms {
                compare(&mut lua, &[&[marker], &bytes[8 - width..]].concat());
            }
        }
        for unsigned in [1u64 << 63, (1 << 63) + 1, u64::MAX] {
            assert!(echo(&mut lua, &encoded(&Value::from(unsigned))).is_err_and(|message| message.contains("over 2^63-1")));
        }
    }

    fn floats_keep_their_bits(version: Version) {
        let mut lua = instance(version);
        let mut random = Random(1);
        for _ in 0..2000 {
            let float = random_float(&mut random);
            let data = encoded(&Value::F64(float));
            let back = echo(&mut lua, &data).expect("a float");
            let expected = if float.is_nan() { "cb7ff8000000000000".to_string() } else { hex(&data) };
            assert_eq!((back.0, hex(&back.1)), (9, expected));
            compare(&mut lua, &encoded(&Value::F32(float as f32)));
        }
    }

    fn only_valid_utf_8_is_str(version: Version) {
        let mut lua = instance(version);
        let mut random = Random(2);
        // All pairs of bytes that begin or continue a sequence of UTF-8, or end its range.
        let edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
                     0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff];
        for first in edges {
            for second in edges {
                let tail = [*random.pick(&edges), *random.pick(&edges)];
                for bytes in [&[first, second][..], &[first, second, tail[0]], &[first, second, tail[0], tail[1]]] {
                    compare(&mut lua, &encoded(&Value::Binary(bytes.to_vec())));
                }
            }
        }
        // A wrong byte anywhere in a long text, whose check goes by words.
        for place in 0..100 {
            let mut bytes = vec![b'a'; 100];
            bytes[place] = *random.pick(&edges);
            compare(&mut lua, &encoded(&Value::Binary(bytes)));
        }
    }

    fn values_come_back_as_they_were(version: Version) {
        let mut lua = instance(version);
        let mut random = Random(3);
        for nulls in [0.0, 1.0] {
            assert_eq!(lua.set(option::NULLS, nulls), status::OK);
            for _ in 0..3000 {
                compare(&mut lua, &encoded(&random_value(&mut random, 5)));
            }
        }
    }

    fn marked_tables_have_their_form(version: Version) {
        let mut lua = instance(version);
        for (source, bytes) in [
            ("msgpack.array({})", "90"),
            ("msgpack.map({})", "80"),
            ("msgpack.map({5})", "810105"),
            ("msgpack.map(msgpack.array({}))", "80"),
            ("msgpack.array(msgpack.map({5}))", "9105"),
            ("msgpack.array({[3] = 5})", "93c0c005"),
            ("{msgpack.map({}), {}, msgpack.array({[2] = {}})}", "93809092c090"),
            ("msgpack.array({host.null, host.null})", "92c0c0"),
            ("setmetatable({}, {__msgpack = 'map', __index = error, __len = error, __pairs = error})", "80"),
            ("setmetatable({}, setmetatable({}, {__index = {__msgpack = 'map'}}))", "90"),
            ("setmetatable({}, {__msgpack = 'other'})", "90"),
            ("setmetatable({}, {__msgpack = 5})", "90"),
            ("setmetatable(msgpack.map({}), nil)", "90"),
            // What a map was stays one, and other tables follow their keys.
            ("(msgpack.decode('\\x80'))", "80"),
            ("(msgpack.decode('\\x81\\xa1a\\xc0'))", "80"),
            ("(msgpack.decode('\\x90'))", "90"),
            ("(msgpack.decode('\\x91\\xc0'))", "90"),
            ("(msgpack.decode('\\x81\\1\\5'))", "9105"),
        ] {
            assert_eq!(hex(&lua.run(format!("return msgpack.encode({source})")).result), bytes, "{source}");
        }
        assert_eq!(lua.eval("local t = {} return msgpack.array(t) == t, msgpack.map(t) == t, getmetatable(t).__msgpack"), "true\ttrue\tmap");
        assert_eq!(lua.eval("return getmetatable(msgpack.decode('\\x81\\1\\2')), getmetatable(msgpack.decode('\\x90'))"), "nil\tnil");
        // Whatever a script does to what all marked tables share, an array or map comes of it.
        lua.eval("local m = getmetatable(msgpack.map({})) m.__msgpack = nil m.__index = error m.__gc = error");
        assert_eq!(lua.eval("return #msgpack.encode(msgpack.map({}), msgpack.decode('\\x80'), msgpack.array({}))"), "3");
    }

    fn what_no_mark_can_mean_is_an_error(version: Version) {
        let mut lua = instance(version);
        let key = "table marked as an array has a key that is no positive integer";
        let holes = "table marked as an array has over 1000000 holes";
        for (table, message) in [
            ("{1, x = 2}", key),
            ("{[0] = 1}", key),
            ("{[-1] = 1}", key),
            ("{[1.5] = 1}", key),
            ("{['1'] = 1}", key),
            ("{[{}] = 1}", key),
            ("{[1 << 40] = 1}", holes),
            ("{[math.maxinteger] = 1}", holes),
            ("{1, 2, [1000004] = 1}", holes),
        ] {
            let peak = lua.get(option::MEMORY_PEAK);
            let answer = lua.eval(format!("return message(msgpack.encode, 1, {{msgpack.array({table})}})"));
            assert_eq!(answer, format!("bad argument #2 to 'msgpack.encode' ({message})"), "{table}");
            assert!(lua.get(option::MEMORY_PEAK) <= peak + 20_000.0, "{table}");
        }
        assert_eq!(lua.eval("return #msgpack.encode(msgpack.array({1, 2, [1000003] = 1}))"), "1000008");
        for (mark, call) in [("array", "array, setmetatable({}, {})"), ("map", "map, setmetatable({}, {__msgpack = 'array'})")] {
            let message = format!("bad argument #1 to 'msgpack.{mark}' (table has a metatable, whose field '__msgpack' can be set to '{mark}')");
            assert_eq!(lua.eval(format!("return message(msgpack.{call})")), message);
        }
        let own = "local t = setmetatable({}, {__msgpack = 'map'}) return msgpack.map(t) == t";
        assert_eq!(lua.eval(own), "true", "it has the mark already");
        assert_eq!(lua.eval("return message(msgpack.array, 5)"), "bad argument #1 to 'msgpack.array' (table expected, got number)");
        lua.assert_usable();
    }

    fn lengths_of_every_width_come_back(version: Version) {
        let mut lua = instance(version);
        for len in [0, 1, 15, 16, 17, 31, 32, 255, 256, 65_535, 65_536, 65_537] {
            compare(&mut lua, &encoded(&Value::Binary(vec![0xff; len])));
            compare(&mut lua, &encoded(&Value::from("x".repeat(len))));
            compare(&mut lua, &encoded(&Value::Array(vec![Value::from(7); len])));
            let entries = (0..len).map(|n| (Value::from(-(n as i64)), Value::from(n)));
            compare(&mut lua, &encoded(&Value::Map(entries.collect())));
        }
    }

    fn data_cut_off_anywhere_is_refused(version: Version) {
        let mut lua = instance(version);
        let mut random = Random(4);
        for _ in 0..60 {
            let document = random_document(&mut random);
            for len in 0..document.len() {
                let message = echo(&mut lua, &document[..len]).expect_err("data that is cut off");
                assert_eq!(message, "bad argument #1 to 'msgpack.decode' (data ends too early)", "{}", hex(&document[..len]));
            }
        }
        lua.assert_usable();
    }

    fn damaged_data_is_refused_or_is_another_value(version: Version) {
        let mut lua = instance(version);
        let mut random = Random(5);
        for round in 0..4000 {
            assert_eq!(lua.set(option::NULLS, f64::from(round % 2)), status::OK);
            let mut document = random_document(&mut random);
            for _ in 0..=random.below(3) {
                let place = random.below(document.len() as u64) as usize;
                match random.below(3) {
                    0 => document[place] ^= 1 << random.below(8),
                    1 => document[place] = random.below(256) as u8,
                    _ => document[place] = *random.pick(&[0xc1, 0xc7, 0xc9, 0xd6, 0xd8, 0xdb, 0xdd, 0xdf]),
                }
            }
            compare(&mut lua, &document);
        }
        for _ in 0..4000 {
            let noise = random_bytes(&mut random);
            compare(&mut lua, &noise);
        }
        lua.assert_usable();
    }
}

//! The chunks and functions that the sequences run, and what the model says of each.

use std::fmt;

use crate::model::{File, Model};
use crate::values::{Form, Value};
use crate::{Version, is_mini, option, status};

/// What a run must end in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Status 0 and exactly these values.
    Returns(Vec<Value>),
    /// This status, and a message that starts so.
    Fails(i32, &'static str),
    /// Status 1 and this request.
    Calls(Vec<Value>),
    /// Status 21.
    Waits,
    /// This output, as far as it fits; no value when all of it does, else status 17.
    Writes(Vec<u8>),
    /// All of this output at once; no value, or status 17 first when it goes beyond OUTPUT.
    Overruns(Vec<u8>),
    /// The same, in the error output.
    WritesErrors(Vec<u8>),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |values: &[Value]| {
            String::from_utf8_lossy(&Form { text: true, bytes: false }.write(values)).into_owned()
        };
        match self {
            Self::Returns(values) => {
                write!(f, "{}, {:?}", status::OK, shown(values))
            }
            Self::Fails(status, message) => write!(f, "{status}, {message:?}"),
            Self::Calls(request) => {
                write!(f, "a request, {:?}", shown(request))
            }
            Self::Waits => write!(f, "a wait for input"),
            Self::Writes(text) => write!(f, "{} bytes of output", text.len()),
            Self::Overruns(text) => write!(f, "{} bytes of output at once", text.len()),
            Self::WritesErrors(text) => write!(f, "{} bytes of error output", text.len()),
        }
    }
}

/// What became of a host call.
#[derive(Clone, Debug)]
pub enum Answer {
    Values(Vec<Value>),
    Raised(Value),
    /// A limit did not let it reach the host.
    Refused(&'static str),
}

impl Answer {
    /// What a protected call of it returns.
    fn caught(&self) -> Vec<Value> {
        match self {
            Self::Values(values) => [&[Value::Boolean(true)][..], values].concat(),
            Self::Raised(value) => vec![Value::Boolean(false), value.clone()],
            Self::Refused(message) => vec![Value::Boolean(false), Value::Text(message.as_bytes().to_vec())],
        }
    }

    /// How a run ends that does not catch it.
    fn uncaught(&self) -> Option<Outcome> {
        match self {
            Self::Values(values) => returns_all(values.iter().cloned()),
            Self::Raised(_) | Self::Refused(_) => fails(status::ERRRUN, ""),
        }
    }
}

/// The file that scripts write.
pub const SCRIPT_FILE: &[u8] = b"script.txt";

/// What a script does where nothing is in its way, to the model as to the instance, up to the first host call without an
/// answer; `None` when nobody can know.
type Does = fn(&mut Model, &[Answer]) -> Option<Outcome>;

/// A chunk whose outcome the model knows.
pub struct Script {
    pub source: &'static str,
    /// Bits of the libraries without which its first step is an error.
    pub needs: u32,
    /// How the error without them starts.
    pub missing: &'static str,
    pub does: Does,
    /// Whether its outcome is the same whatever happens while it is suspended, and it leaves nothing behind.
    pub fixed: bool,
    /// Whether a `__close` handler counts on when it ends.
    pub closes: bool,
    /// Whether it takes more fuel than an option that is [`Model::scarce`] gives.
    pub long: bool,
    /// Whether it goes on after an error, and so may return something else where memory is out.
    pub catches: bool,
}

const BASE: u32 = 1;
const COROUTINE: u32 = 4;
const IO: u32 = 16;
const OS: u32 = 64;
const STRING: u32 = 128;
const TABLE: u32 = 256;
const MSGPACK: u32 = 1024;
const HOST: u32 = 2048;

const fn script(source: &'static str, needs: u32, does: Does) -> Script {
    Script {
        source,
        needs,
        missing: "[string ",
        does,
        fixed: false,
        closes: false,
        long: false,
        catches: false,
    }
}

const fn catching(source: &'static str, needs: u32, does: Does) -> Script {
    Script { catches: true, ..script(source, needs, does) }
}

/// A script whose outcome depends on nothing that other calls change.
const fn fixed(source: &'static str, needs: u32, does: Does) -> Script {
    Script { fixed: true, ..script(source, needs, does) }
}

const fn fixed_catching(source: &'static str, needs: u32, does: Does) -> Script {
    Script { catches: true, ..fixed(source, needs, does) }
}

/// A function that `call` finds by the path in the data.
const fn function(needs: u32, does: Does) -> Script {
    Script { missing: "no function", ..fixed("", needs, does) }
}

fn text(text: impl AsRef<[u8]>) -> Value {
    Value::Text(text.as_ref().to_vec())
}

fn returns(result: impl AsRef<[u8]>) -> Option<Outcome> {
    returns_all([text(result)])
}

fn returns_all(values: impl IntoIterator<Item = Value>) -> Option<Outcome> {
    Some(Outcome::Returns(values.into_iter().collect()))
}

fn returns_nothing() -> Option<Outcome> {
    returns_all([])
}

fn fails(status: i32, message: &'static str) -> Option<Outcome> {
    Some(Outcome::Fails(status, message))
}

fn calls(request: impl IntoIterator<Item = Value>) -> Option<Outcome> {
    Some(Outcome::Calls(request.into_iter().collect()))
}

fn writes(output: impl AsRef<[u8]>) -> Option<Outcome> {
    Some(Outcome::Writes(output.as_ref().to_vec()))
}

fn overruns(output: impl AsRef<[u8]>) -> Option<Outcome> {
    Some(Outcome::Overruns(output.as_ref().to_vec()))
}

/// The scripts of the sequences; the first is the one that must always work.
pub const SCRIPTS: &[Script] = &[
    fixed("return 2+2", 0, |_, _| returns_all([Value::Integer(4)])),
    fixed("local nothing", 0, |_, _| returns_nothing()),
    fixed("return 'a\\0b', nil, true", 0, |_, _| {
        returns_all([text("a\0b"), Value::Nil, Value::Boolean(true)])
    }),
    script("n = (n or 0) + 1 return n", 0, |model, _| {
        model.counter = model.counter.map(|counter| counter + 1);
        returns_all([Value::Integer(model.counter?)])
    }),
    fixed("return _VERSION", 0, |model, _| match (model.opened() & BASE, model.version) {
        (0, _) => returns_all([Value::Nil]),
        (_, Version::Lua54) => returns("Lua 5.4"),
        (_, Version::Lua55) => returns("Lua 5.5"),
    }),
    fixed("x = = 1", 0, |_, _| fails(status::ERRSYNTAX, "[string \"x = = 1\"]:1: ")),
    fixed("error('failed', 0)", BASE, |_, _| fails(status::ERRRUN, "failed\nstack traceback:\n")),
    fixed("error({})", BASE, |_, _| {
        fails(status::ERRRUN, "(error object is a table value)\nstack traceback:\n")
    }),
    fixed_catching("return pcall(error, 'caught', 0)", BASE, |_, _| {
        returns_all([Value::Boolean(false), text("caught")])
    }),
    fixed("return coroutine.wrap(function() return 'inside' end)()", COROUTINE, |_, _| returns("inside")),
    fixed("return ('y'):rep(5000)", STRING, |_, _| returns("y".repeat(5000))),
    script("kept = kept or {} kept[#kept + 1] = ('k'):rep(200):rep(100)", STRING, |_, _| returns_nothing()),
    fixed("kept = nil collectgarbage()", BASE, |_, _| returns_nothing()),
    fixed("local s, t = ('f'):rep(500), {} while true do t[#t + 1] = s:rep(100 + #t) end", STRING, |_, _| {
        fails(status::ERRMEM, "not enough memory")
    }),
    fixed("return ('z'):rep(1 << 30)", STRING, |_, _| fails(status::ERRMEM, "not enough memory")),
    fixed("io.write('line\\n')", IO, |_, _| writes("line\n")),
    fixed("io.write(('o'):rep(3000))", IO | STRING, |_, _| writes("o".repeat(3000))),
    fixed(
        "tostring(setmetatable({}, {__tostring = function() io.write('past\\n') return '' end}))",
        BASE | IO,
        |_, _| overruns("past\n"),
    ),
    fixed_catching(
        "local p = ('p'):rep(3000) xpcall(error, function() print(p) end)",
        BASE | STRING,
        |_, _| overruns("p".repeat(3000) + "\n"),
    ),
    fixed("io.stderr:write('failed', 1, '\\n')", IO, |model, _| {
        let text = b"failed1\n".to_vec();
        let apart = model.get(option::ERROR_OUTPUT) == 1.0;
        Some(if apart { Outcome::WritesErrors(text) } else { Outcome::Writes(text) })
    }),
    fixed(
        "io.open('/dev/null', 'w'):write(('n'):rep(3000)) io.open('/dev/stdout', 'a'):write('device')",
        IO | STRING,
        |_, _| writes("device"),
    ),
    script("return io.read()", IO, |model, _| model.read_line()),
    script("os.exit(7)", OS, |model, _| {
        model.exit_code = 7.0;
        fails(status::EXIT, "")
    }),
    script("return os.time()", OS, |model, _| match model.get(option::CLOCK).floor() as i64 {
        // C's time() answers -1 when there is no time, and Lua takes it so.
        -1 => fails(status::ERRRUN, ""),
        time => returns_all([Value::Integer(time)]),
    }),
    script("return os.date('%z', 0)", OS, |model, _| {
        if let Some(shown) = model.zone {
            return returns(shown);
        }
        let minutes = model.get(option::TIME_ZONE) as i32;
        let sign = if minutes < 0 { '-' } else { '+' };
        returns(format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60))
    }),
    // An error in a finalizer is no error of the script.
    catching(
        "local g = 0 setmetatable({}, {__gc = function() g = g + 1 end}) collectgarbage() return g",
        BASE,
        |model, _| returns_all([Value::Integer(model.get(option::FINALIZERS) as i64)]),
    ),
    catching("return load(string.dump(function() end)) ~= nil", BASE | STRING, |model, _| {
        if is_mini() {
            return fails(status::ERRRUN, "[string ");
        }
        returns_all([Value::Boolean(model.get(option::BINARY_CHUNKS) == 1.0)])
    }),
    script("local f = io.open('script.txt', 'w') f:write('from Lua') f:close()", IO, |model, _| {
        model.files.insert(SCRIPT_FILE.to_vec(), Some(b"from Lua".to_vec()));
        returns_nothing()
    }),
    catching("held = io.open('script.txt', 'a') return io.type(held)", IO, |model, _| {
        model.files.entry(SCRIPT_FILE.to_vec()).or_insert(Some(Vec::new()));
        returns("file")
    }),
    catching(
        "local f = io.open('script.txt') if not f then return 'missing' end local s = f:read('a') f:close() return s",
        IO,
        |model, _| match model.file(SCRIPT_FILE) {
            File::Missing => returns("missing"),
            File::Known(contents) => returns(contents),
            File::Unknown => None,
        },
    ),
    catching("return (os.remove('script.txt'))", OS, |model, _| {
        let file = model.file(SCRIPT_FILE);
        model.files.remove(SCRIPT_FILE);
        match file {
            File::Missing => returns_all([Value::Nil]),
            File::Known(_) => returns_all([Value::Boolean(true)]),
            File::Unknown => None,
        }
    }),
    fixed("return host.call('add', 1, 2)", HOST, |_, answers| match answers {
        [] => calls([text("add"), Value::Integer(1), Value::Integer(2)]),
        [answer, ..] => answer.uncaught(),
    }),
    fixed("local f = host.define('named') return f(nil, 'x')", HOST, |_, answers| match answers {
        [] => calls([text("named"), Value::Nil, text("x")]),
        [answer, ..] => answer.uncaught(),
    }),
    fixed_catching("return pcall(host.call, 'try', true)", BASE | HOST, |_, answers| match answers {
        [] => calls([text("try"), Value::Boolean(true)]),
        [answer, ..] => returns_all(answer.caught()),
    }),
    fixed_catching(
        "local c, r, h = coroutine.create, coroutine.resume, host.call \
         return r(c(function(a) return r(c(h), 'in', a) end), 'a')",
        COROUTINE | HOST,
        |_, answers| match answers {
            [] => calls([text("in"), text("a")]),
            [answer, ..] => returns_all([Value::Boolean(true)].into_iter().chain(answer.caught())),
        },
    ),
    // How many of three answers are true.
    fixed(
        "local n = 0 for i = 1, 3 do if host.call('next', i) then n = n + 1 end end return n",
        HOST,
        |_, answers| {
            let mut sum = 0;
            for index in 0..3 {
                match answers.get(index) {
                    None => return calls([text("next"), Value::Integer(index as i64 + 1)]),
                    Some(Answer::Values(values)) => {
                        let first = values.first().unwrap_or(&Value::Nil);
                        sum += i64::from(![Value::Nil, Value::Boolean(false)].contains(first));
                    }
                    Some(answer) => return answer.uncaught(),
                }
            }
            returns_all([Value::Integer(sum)])
        },
    ),
    Script {
        closes: true,
        ..fixed(
            "local call, set = host.call, setmetatable \
             local x <close> = set({}, {__close = function() n = (n or 0) + 1 end}) return call('hold')",
            BASE | HOST,
            |model, answers| match answers {
                [] => calls([text("hold")]),
                [answer, ..] => {
                    model.counter = model.counter.map(|counter| counter + 1);
                    answer.uncaught()
                }
            },
        )
    },
    fixed(
        "return host.null, {host.null}, msgpack.map({}), msgpack.array({[2] = 5})",
        HOST | MSGPACK,
        |_, _| {
            returns_all([
                Value::Null,
                Value::Array(&[Value::Nil]),
                Value::EmptyMap,
                Value::Array(&[Value::Nil, Value::Integer(5)]),
            ])
        },
    ),
    fixed(
        "tostring(0) local r = host.call('object') if tostring(r) ~= 'reference: 5' then return 'none' end \
         local x = r(1) r.x = x return r.y, r",
        BASE | HOST,
        |_, answers| {
            let object = Value::Reference(5);
            let first = |answer: &Answer| match answer {
                Answer::Values(values) => Ok(values.first().cloned().unwrap_or(Value::Nil)),
                answer => Err(answer.uncaught()),
            };
            let mut values = Vec::new();
            for answer in answers {
                match first(answer) {
                    Ok(value) => values.push(value),
                    Err(outcome) => return outcome,
                }
            }
            match values.as_slice() {
                [] => calls([text("object")]),
                [other, ..] if *other != object => returns("none"),
                [_] => calls([text("__call"), object, Value::Integer(1)]),
                [_, x] => calls([text("__newindex"), object, text("x"), x.clone()]),
                [_, _, _] => calls([text("__index"), object, text("y")]),
                [_, _, _, y, ..] => returns_all([y.clone(), object]),
            }
        },
    ),
    fixed("return 'f', function(...) return ... end", 0, |_, _| returns_all([text("f"), Value::Function])),
    fixed("return host.call('take', function(...) return ... end)", HOST, |_, answers| match answers {
        [] => calls([text("take"), Value::Function]),
        [answer, ..] => answer.uncaught(),
    }),
    fixed(
        "tostring(setmetatable({}, {__tostring = function() return host.call('no') end}))",
        BASE | HOST,
        |_, _| fails(status::ERRRUN, "[string "),
    ),
    fixed(
        "local t = {2, 1} table.sort(t, function(...) return host.call('less', ...) end) return t[1]",
        TABLE | HOST,
        |_, answers| match answers {
            [] => calls([text("less"), Value::Integer(1), Value::Integer(2)]),
            [Answer::Values(values), ..] => {
                let first = values.first().unwrap_or(&Value::Nil);
                let less = ![Value::Nil, Value::Boolean(false)].contains(first);
                returns_all([Value::Integer(if less { 1 } else { 2 })])
            }
            [answer, ..] => answer.uncaught(),
        },
    ),
    fixed("return (('ab'):gsub('b', host.define('replace')))", STRING | HOST, |_, answers| match answers {
        [] => calls([text("replace"), text("b")]),
        [Answer::Values(values), ..] => match values.first().unwrap_or(&Value::Nil) {
            Value::Nil | Value::Boolean(false) => returns("ab"),
            Value::Text(text) => returns([b"a", text.as_slice()].concat()),
            Value::Integer(integer) => returns(format!("a{integer}")),
            _ => fails(status::ERRRUN, "[string "),
        },
        [answer, ..] => answer.uncaught(),
    }),
    Script { long: true, ..fixed("for i = 1, 1100000 do end", 0, |_, _| returns_nothing()) },
    Script { long: true, ..fixed("for i = 1, 1100000 do end return 'long'", 0, |_, _| returns("long")) },
];

/// What [`Call::Function`](crate::sequences) calls by a path, with the data.
pub const FUNCTIONS: &[(&[u8], Script)] = &[
    (b"\x94\xa6select\x02\xa1a\xa1b", function(BASE, |_, _| returns("b"))),
    (
        b"\x93\xa9host.call\xa6direct\x05",
        function(HOST, |_, answers| match answers {
            [] => calls([text("direct"), Value::Integer(5)]),
            [answer, ..] => answer.uncaught(),
        }),
    ),
    (b"\x91\xacmissing.name", function(0, |_, _| fails(status::ERRRUN, "no function"))),
    (b"\x92\xa5error\xa2no", function(BASE, |_, _| fails(status::ERRRUN, "no\nstack traceback:\n"))),
    (
        b"\x93\xa8io.write\xa3abc\xa4defg",
        // It returns the file.
        Script { fixed: false, ..function(IO, |_, _| None) },
    ),
];

/// What every handle of the scripts is, called with 5.
pub const IDENTITY: Script = function(0, |_, _| returns_all([Value::Integer(5)]));

/// Data that is no array.
pub const MALFORMED: &[&[u8]] = &[
    &[0xc1],
    &[0x01],
    &[0x92, 0x01],
    &[0x91, 0x01, 0x02],
    &[0x80],
    &[0x91, 0xd6, 1, 0xff, 0xff, 0xff, 0xff],
];

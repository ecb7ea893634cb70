//! What goes into the holes that are no expressions: literals, patterns, formats.

use moonlet_tests::Random;

use crate::generator::Generator;

#[rustfmt::skip]
const INTEGERS: &[&str] = &[
    "0", "1", "2", "3", "7", "10", "255", "-1", "-2", "-7", "1000000", "math.maxinteger", "math.mininteger", "0x7fffffff", "0x80000000", "0xffffffffffffffff", "1 << 31", "1 << 62",
    "9007199254740993", "-9007199254740993", "123456789", "0xdeadbeef", "1 << 53",
];

#[rustfmt::skip]
const FLOATS: &[&str] = &[
    "0.0", "-0.0", "0.5", "1.5", "-2.5", "3.0", "1e15", "1e16", "1e100", "2.0^53", "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308", "1/0", "-1/0", "0/0", "-(0/0)", "3.14159265358979",
    "0x1p-2", "0x.8p1", "1e-7", "123456.789", "0.1", "1/3", "-1e308", "9007199254740992.0", "9.2233720368547758e18", "-9.2233720368547758e18", "99999999999999.5", "1e14", "123456789012345680", "0.1 + 0.2",
];

#[rustfmt::skip]
const STRINGS: &[&str] = &[
    "''", "'a'", "'hello world'", "'key = value'", "'a,b,,c'", "'  trim  '", "'x=1, y=2'", "'(foo(bar)baz)'", "'THE (quick) fox'", "'2024-01-31'", "'\\0\\1\\0'", "'äöü€𝄞'", "'%d%%'", "'0x1F'", "'10'", "' 10 '",
    "'1e5'", "'-0x.8p3'", "'inf'", "'line one\\nline two\\r\\n'", "'\\xff\\xfe'", "'tab\\tquote\\\"back\\\\slash'", "[[long [bracket] string]]", "[==[ ]] ]==]", "'\\u{7FFFFFFF}'", "'a\\z   b'", "'caf\\u{e9}'", "'1.5'",
    "'aaaaaaaaaa'", "'The end.'", "'\\127\\128'", "('x'):rep(45)", "'~!@#$^&*'", "'9007199254740993'", "\"it's\"", "'0123456789abcdef'",
];

#[rustfmt::skip]
const NUMERALS: &[&str] = &[
    "10", "  10  ", "0x1F", "-0xff", "1e5", "1e", "0x", "", " ", "1 2", "inf", "nan", "0x1p4", "0x.8", "0x.p1", ".5", "5.", ".", "1e+10", "1e-400", "1e400", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "0xffffffffffffffffff", "1_000", "0b1", "1..2", "--1", "- 1", "+1", "1e1.5", "0x1.8p-1", "1\\0", "\\n7\\n", "123456789012345678901234567890", "0.1e1", "1E2", "0X1P2", "4.9406564584124654e-324", "2.4703282292062327e-324",
    "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880",
    "0.500000000000000166533453693773481063544750213623046875", "9007199254740992.9999999999999999999999", "zz", "7fffffffffffffff", "ZZZ", "1010", "-zz", "8", "12345678901234567890",
];

const PATTERN_CLASSES: &[&str] = &[
    "a",
    "l",
    ".",
    "%a",
    "%d",
    "%s",
    "%w",
    "%p",
    "%x",
    "%u",
    "%l",
    "%c",
    "%g",
    "%S",
    "%W",
    "[a-f]",
    "[^%s]",
    "[%w_]",
    "[]x-]",
    "[^]]",
    "=",
    ",",
    "%(",
    "%)",
    "%%",
    "[a-]",
    "[%a-z]",
    "\\0",
    "o",
    " ",
    "%-",
    "[\\128-\\255]",
    "[^\\0]",
];

const BAD_PATTERNS: &[&str] = &[
    "[a",
    "%",
    "(a",
    "a)",
    "%b",
    "%f",
    "%bx",
    "[",
    "[^",
    "[]",
    "%1",
    "(%1)",
    "(a)%2",
    "()",
    "%f[a",
    "[%",
    "[a-%]",
    "((a)",
    "%9",
    "^*",
    "[[:alpha:]]",
];

/// Without `%Z`, for which the shim has UTC and glibc GMT, and without years beyond 32 bits, where glibc overflows.
#[rustfmt::skip]
const DATES: &[&str] = &[
    "%Y-%m-%d %H:%M:%S", "%c", "%x %X %p", "%a %A %b %B %d %j", "%U %w %W %y %%", "%D %e %F %g %G %h", "%I %M %n %R %t %T %u %V %z", "%C %r %S", "%Ec %Od", "%Q", "%E", "%", "*x", "!%c",
    "plain", "", "%Ex %EX %Ey %EY", "%OH %OM %OS %Ou %OV %Ow %OW %Oy %Oe %OI %Om %OU", "%s", "%5d", "%\\0", "%Y %G %V %u",
];

const TIMES: &[&str] = &[
    "0",
    "1",
    "-1",
    "86399",
    "951782400",
    "1709164800",
    "1735689599",
    "-86400",
    "-2208988800",
    "4102444800",
    "253402300799",
    "253402300800",
    "-62135596801",
    "1 << 40",
    "-1 << 40",
    "1e9",
    "1 << 55",
    "-1 << 56",
    "1.5",
];

#[rustfmt::skip]
const SOURCES: &[&str] = &[
    "return 1", "x =", "x = = 1", "return 'unclosed", "return [[unclosed", "--[[ unclosed", "return '\\\\q'", "return '\\\\400'", "return '\\\\u{110000000}'", "return '\\\\xZZ'", "local function f() return ... end", "f(", "a.b:c = 1",
    "local 1 = 2", "if x then", "x = 0x", "x = 1e", "x = 3x", "local t <close> = 42", "local t <other> = 1", "local a <const> = 1; a = 2", "break", "goto missing", "::a:: ::a::", "return return", "for i = 1 do end", "for i, j = 1, 2 do end",
    "for i in do end", "while true", "repeat local x until x y", "function f.g:h.i() end", "return {1, 2", "return {[1 = 2}", "return f{}[", "x.y", "x:y", "x()()=1", "a, b() = 1", "goto continue; local x; ::continue:: x = 1",
    "do goto inner end; do ::inner:: end", "return 1 .. 2 ..", "return not", "return #", "return - -1, 2^-3^2", "local x <const>, y <close> = 1, nil return x", "return function(a, ..., b) end", "return function(a, a) return a end",
    "return '\\\\z   \\n  x', '\\\\x41\\\\65\\\\u{48}'", "return 0x7fffffffffffffff + 1, 0xffffffffffffffffff", "return 1e400, 0x1p-1080, 3e", "return a.b.c.d", "\\27Lua", "# comment\\nreturn 1", "return 10 // 0", "return 5 // 0.0, -5 % 0.0",
    "return \\\"a\\nb\\\"", "return 'a\\rb'", "x = }", "x = @", "x = 'a' 'b'", "return [=[ ]] ]=], [==[\\n\\nx]==]", "return a b", "local function f() goto f end", "return ~1, ~=2", "return 1 and or 2", "::x::", "return;", "return 1;;", "; ; ;",
    "end", "else", "until 1", "function", "return function", "local", "local function", "local x <", "local x <close", "do", "x = function() return end end", "\\0", "return '\\0'", "\\xff\\xfe", "return \\xff", "x = 08.5.1", "x = 1..2",
    "for i = 1, 2, 3, 4 do end", "for a.b = 1, 2 do end", "local x = 1 local x = 2 return x", "return (1, 2)", "return (...)", "return ...", "f = f() + ;", "t[1][2]..x = 1", "if 1 then else elseif 2 then end", "return x.1", "return 1.x", "a.'b' = 1",
];

const PACKS: &[&str] = &[
    "b", "B", "h", "H", "i1", "i2", "i3", "i4", "i7", "i8", "i9", "i16", "I1", "I2", "I3", "I4", "I8", "I12",
    "j", "J",
];

const FORMATS: &[&str] = &[
    "<i", ">I2", "=b", "!4 i8", "i17", "i0", "!3i4", "!17", "X", "Xi", "c", "c2", "x", "xx", "z", "s1", "s2",
    "s17", "d", "f", "n", "?", "i4 i", "<>=", "!", "Xz", "i123456", "c10", "!2 Xi4", "j", "J", "bXi4", "",
];

const TAILS: &[&str] = &[
    "d", "5d", "-5d", "+d", " d", "05d", ".3d", "i", "u", "x", "#x", "X", "o", "c", "s", "10s", ".2s", "q",
    "a", "A", "e", "E", "f", "g", "G", "F", "5.1f", "", "5", "123d", ".123f", "%", "y", "l", "ld", "-", "#",
    "#.3f", "--5d", "5q", ".q", "10.10.1f", "+s", "0s", "#c", " x", "+5c", ".a", ".0a",
];

/// One of `choices`.
fn one<'a>(random: &mut Random, choices: &[&'a str]) -> &'a str {
    choices[random.below(choices.len() as u64) as usize]
}

/// A string literal of Lua.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

impl Generator {
    /// What the letter of a hole stands for, where that is no expression; `None` for an expression.
    pub fn literal(&mut self, letter: char) -> Option<String> {
        let random = &mut self.random;
        Some(match letter {
            'k' => (random.below(15) as i64 - 2).to_string(),
            'j' => random.below(41).to_string(),
            'B' => (random.below(40) as i64 - 1).to_string(),
            'D' | 'N' => quoted(one(random, NUMERALS)),
            'c' => (one(
                random,
                &[
                    "65",
                    "233",
                    "8364",
                    "0x1D11E",
                    "0x7f",
                    "0x80",
                    "0x7FF",
                    "0x800",
                    "0xD800",
                    "0xFFFF",
                    "0x10FFFF",
                    "0x110000",
                    "0x7FFFFFFF",
                    "0",
                ],
            ))
            .into(),
            'u' => (one(
                random,
                &[
                    "'äöü€𝄞'",
                    "'abc'",
                    "'a\\u{20AC}z'",
                    "''",
                    "'\\xe4x'",
                    "'\\u{7FFFFFFF}a'",
                    "'\\u{D800}'",
                    "s1",
                ],
            ))
            .into(),
            'd' => quoted(one(random, DATES)),
            'e' => (one(random, TIMES)).into(),
            'y' => (one(
                random,
                &["1970", "2024", "1900", "1", "0", "-5", "9999", "99999", "2038", "'2000'", "2147483000"],
            ))
            .into(),
            'L' => quoted(one(random, SOURCES)),
            'w' => quoted(one(random, FORMATS)),
            'a' => quoted(one(random, TAILS)),
            'm' => (one(random, &["'rz'", "''", "'rw'", "'b'", "'r++'", "'+'"])).into(),
            'h' => (one(random, &["'l'", "'c'", "'r'", "'clr'", "'', 3", "'l', 5"])).into(),
            'g' => format!("'%.{}g'", random.below(20)),
            'l' => {
                (one(random, &["string", "table", "math", "os", "coroutine", "utf8", "io", "debug"])).into()
            }
            'p' => pattern(random),
            'r' => self.replacement(),
            'P' => self.pack(),
            'q' => self.format(),
            'z' => {
                if random.below(3) == 0 {
                    self.expand("error({S})", 1)
                } else {
                    String::new()
                }
            }
            _ => return None,
        })
    }

    /// A literal, or a variable, for an expression that shall not grow further.
    pub fn leaf(&mut self, letter: char) -> String {
        let choice = match letter {
            'i' => one(&mut self.random, INTEGERS),
            'f' => one(&mut self.random, FLOATS),
            's' => one(&mut self.random, STRINGS),
            'b' => one(&mut self.random, &["true", "false"]),
            't' => {
                one(&mut self.random, &["{}", "{1, 2, 3}", "{'a', 'b', 'c'}", "{x = 1}", "{1, 2, nil, 4}"])
            }
            _ => one(&mut self.random, &["select", "math.abs", "string.upper", "type"]),
        };
        (*choice).into()
    }

    fn replacement(&mut self) -> String {
        match self.random.below(8) {
            0 => self.hole('F', 1),
            1 => self.hole('t', 1),
            2 => self.hole('s', 1),
            _ => quoted(one(
                &mut self.random,
                &["%0%0", "<%1>", "%%", "%2", "%x", "", "x", "%1%1", "\\0", "%", "[%0]"],
            )),
        }
    }

    /// A call of string.format with one to three conversions and, mostly, what they want.
    fn format(&mut self) -> String {
        let (mut format, mut arguments) = (String::new(), String::new());
        for _ in 0..=self.random.below(3) {
            let flags = one(&mut self.random, &["", "", "-", "+", " ", "#", "0", "-+", "+0", "-#", "+ 0#"]);
            let width = one(&mut self.random, &["", "", "1", "5", "12", "30", "99"]);
            let precision = one(&mut self.random, &["", "", ".", ".0", ".1", ".3", ".10", ".20", ".99"]);
            let conversion = *self.random.pick(&[
                'd', 'i', 'x', 'X', 'o', 'c', 'a', 'A', 'e', 'E', 'f', 'f', 'g', 'g', 'G', 's', 's', 'q', 'u',
            ]);
            // Flags that a conversion does not take make an error of it; not too many of them.
            let legal = match conversion {
                'd' | 'i' => "-+0 ",
                'x' | 'X' | 'o' => "-#0",
                'c' | 's' => "-",
                'q' | 'u' => "",
                _ => "-+ #0",
            };
            let strict = self.random.below(10) > 0;
            let flags: String = flags.chars().filter(|&flag| !strict || legal.contains(flag)).collect();
            let width = if strict && conversion == 'q' { "" } else { width };
            let precision = if strict && matches!(conversion, 'q' | 'c') { "" } else { precision };
            format += &format!("%{flags}{width}{precision}{conversion}|");
            let argument = match conversion {
                'd' | 'i' | 'x' | 'X' | 'o' => 'i',
                'c' => 'k',
                's' | 'q' => 'S',
                _ => 'n',
            };
            arguments += ", ";
            arguments += &self.hole(argument, 1);
        }
        format!("string.format('{format}'{arguments})")
    }

    /// Statements that pack values, show them, and unpack them again.
    fn pack(&mut self) -> String {
        let (mut format, mut values) = (String::new(), String::new());
        for _ in 0..=self.random.below(4) {
            format += one(&mut self.random, &["", "", "<", ">", "=", "!4", "!8", "!", " ", "x", "Xi4", "Xd"]);
            let (item, value) = match self.random.below(10) {
                0 => ("d".into(), 'n'),
                1 => ("n".into(), 'f'),
                2 => ("f".into(), 'n'),
                3 => ("z".into(), 's'),
                4 => (format!("s{}", one(&mut self.random, &["1", "2", "4", "8"])), 's'),
                5 => (format!("c{}", self.random.below(12)), 's'),
                6 | 7 => ((one(&mut self.random, PACKS)).into(), 'k'),
                _ => ((one(&mut self.random, PACKS)).into(), 'i'),
            };
            format += &item;
            values += ", ";
            values += &self.hole(value, 1);
        }
        let name = self.fresh();
        format!(
            "local ok{name}, p{name} = pcall(string.pack, '{format}'{values}) out(ok{name}, p{name}) \
             if ok{name} then try(string.unpack, '{format}', p{name}) try(string.unpack, '{format}', p{name}:sub(1, -2)) end \
             try(string.packsize, '{format}')"
        )
    }
}

/// A pattern with no more than three repetitions, so that no match takes long.
fn pattern(random: &mut Random) -> String {
    if random.below(10) == 0 {
        return quoted(one(random, BAD_PATTERNS));
    }
    let mut text = String::new();
    let (mut open, mut repetitions) = (0, 0);
    if random.below(5) == 0 {
        text.push('^');
    }
    for _ in 0..=random.below(4) {
        match random.below(14) {
            0 | 1 => {
                text.push('(');
                open += 1;
            }
            2 => text.push_str("()"),
            3 => text.push_str(one(random, &["%b()", "%f[%w]", "%f[%W]", "%bxx"])),
            4 => text.push_str(one(random, &["%1", "%2", "$"])),
            _ => {}
        }
        text.push_str(one(random, PATTERN_CLASSES));
        if repetitions < 3 && random.below(2) == 0 {
            text.push_str(one(random, &["*", "+", "-", "?"]));
            repetitions += 1;
        }
        if open > 0 && random.below(2) == 0 {
            text.push(')');
            open -= 1;
        }
    }
    text.push_str(&")".repeat(open));
    if random.below(6) == 0 {
        text.push('$');
    }
    quoted(&text)
}

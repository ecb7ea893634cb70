//! Makes programs from a seed: templates of templates.rs, filled until the holes are closed.

use moonlet_tests::Random;

use crate::program::{Program, Statement};
use crate::templates;

/// How deep expressions grow.
const DEPTH: u32 = 3;

/// Letters of the expressions that show the same text everywhere.
const SCALARS: &[char] = &['i', 'i', 'f', 's', 's', 'b', '0'];

/// Tokens that a text is spoiled with.
#[rustfmt::skip]
const TOKENS: &[&str] = &[
    "end", "then", "do", "(", ")", "{", "}", "[", "]", "=", "==", "~=", "..", "...", "::", ":", ".", ",", ";", "function", "local", "return", "goto x", "break", "'", "\"", "[[", "]]", "--", "--[[", "0x", "1e", "3x", "~", "//", ">>",
    "<close>", "<const>", "nil", "if", "else", "elseif", "for", "in", "while", "repeat", "until", "not", "and", "or", "#", "\\", "@", "$", "\u{e9}", "\0", "9", "x", " ", "\n",
];

pub struct Generator {
    pub random: Random,
    names: u32,
    /// The variables in scope, and the letter of what they hold.
    scope: Vec<(String, char)>,
}

impl Generator {
    pub fn new(seed: u64) -> Self {
        let scope = [("s1", 's'), ("s2", 's'), ("n1", 'i'), ("n2", 'f'), ("t1", 't')];
        let scope = scope.map(|(name, kind)| (name.to_string(), kind)).to_vec();
        Self { random: Random(seed), names: 0, scope }
    }

    /// A number that makes a name new.
    pub fn fresh(&mut self) -> String {
        self.names += 1;
        self.names.to_string()
    }

    /// What stands in the hole of that letter: an expression of a kind, or what `literal` knows.
    pub fn hole(&mut self, letter: char, depth: u32) -> String {
        if let Some(literal) = self.literal(letter) {
            return literal;
        }
        let letter = match letter {
            'n' => *self.random.pick(&['i', 'f']),
            'S' => *self.random.pick(SCALARS),
            'v' => *self.random.pick(&['i', 'f', 's', 'b', '0', 't', 'F']),
            // Now and then something else than what is wanted, for the errors.
            'i' | 'f' | 's' | 't' | 'F' if self.random.below(40) == 0 => *self.random.pick(SCALARS),
            other => other,
        };
        if letter == '0' {
            return "nil".into();
        }
        let depth = depth.saturating_sub(self.random.below(2) as u32);
        if self.random.below(4) == 0 {
            let known: Vec<_> = self.scope.iter().filter(|(_, kind)| *kind == letter).cloned().collect();
            if !known.is_empty() {
                return self.random.pick(&known).0.clone();
            }
        }
        if depth == 0 {
            return self.leaf(letter);
        }
        let templates = match letter {
            'i' => templates::INTEGERS,
            'f' => templates::FLOATS,
            's' => templates::STRINGS,
            'b' => templates::BOOLEANS,
            't' => templates::TABLES,
            'F' => templates::FUNCTIONS,
            other => panic!("no hole has the letter {other}"),
        };
        let template = *self.random.pick(templates);
        self.expand(template, depth - 1)
    }

    /// The template with its holes filled, and with a new number for `$`.
    pub fn expand(&mut self, template: &str, depth: u32) -> String {
        let name = self.fresh();
        let mut text = String::new();
        let mut rest = template.chars().peekable();
        let mut ahead: Vec<char> = Vec::new();
        while let Some(letter) = ahead.pop().or_else(|| rest.next()) {
            match letter {
                '$' => text.push_str(&name),
                '{' => {
                    let inner = ahead.pop().or_else(|| rest.next());
                    match inner {
                        Some(inner) if inner.is_ascii_alphabetic() && rest.peek() == Some(&'}') => {
                            rest.next();
                            text.push_str(&self.hole(inner, depth));
                        }
                        Some(inner) => {
                            text.push('{');
                            ahead.push(inner);
                        }
                        None => text.push('{'),
                    }
                }
                other => text.push(other),
            }
        }
        text
    }

    fn statements(&mut self, count: u64, depth: u32) -> Vec<Statement> {
        let outer = self.scope.len();
        let list = (0..count).map(|_| self.statement(depth)).collect();
        self.scope.truncate(outer);
        list
    }

    fn statement(&mut self, depth: u32) -> Statement {
        let body = 1 + self.random.below(3);
        match self.random.below(20) {
            0..=1 => self.local(),
            2..=3 => self.assignment(),
            4..=5 => Statement::Line(self.expand("try(function() return {v}, {v} end)", DEPTH)),
            6 => Statement::Line(self.expand("try(function() out({v}, {S}, {v}) end)", DEPTH)),
            7..=10 if depth > 0 => self.block(body, depth - 1),
            _ => self.whole(),
        }
    }

    /// One of the whole statements of the templates, which mostly cannot end the program.
    fn whole(&mut self) -> Statement {
        let file = self.random.pick(templates::STATEMENTS);
        let template = self.one_of(file);
        let line = Statement::Line(self.expand(&template, 2));
        if self.random.below(20) == 0 {
            return line;
        }
        Statement::Block { head: "try(function()".into(), body: vec![line], end: "end)" }
    }

    fn one_of(&mut self, file: &str) -> String {
        let choices: Vec<&str> = file.split("\n;;\n").collect();
        self.random.pick(&choices).trim_end().to_string()
    }

    fn local(&mut self) -> Statement {
        let kind = *self.random.pick(&['i', 'f', 's', 's', 't', 'b']);
        let name = format!("v{}", self.fresh());
        let line = self.expand(&format!("local _, {name} = pcall(function() return {{{kind}}} end)"), DEPTH);
        // An error's message, or its value: kept short like every string.
        let line = format!("{line} {name} = cut({name})");
        self.scope.push((name, kind));
        Statement::Line(line)
    }

    fn assignment(&mut self) -> Statement {
        let (name, kind) = {
            let index = self.random.below(self.scope.len() as u64) as usize;
            self.scope[index].clone()
        };
        let template = match kind {
            't' => {
                format!("pcall(function() {name}[{{k}}] = {{S}} end) pcall(function() {name}.x = {{S}} end)")
            }
            _ => format!("pcall(function() {name} = cut({{{kind}}}) end)"),
        };
        Statement::Line(self.expand(&template, DEPTH))
    }

    fn block(&mut self, count: u64, depth: u32) -> Statement {
        let (head, end) = match self.random.below(9) {
            0 => (self.expand("for i$ = 1, 3 do", 1), "end"),
            1 => (self.expand("for i$, x$ in ipairs({{S}, {S}}) do out(i$, x$)", 0), "end"),
            2 => (self.expand("if {b} then", 0), "else out('else') end"),
            3 => (self.expand("try(function(...)", 1), "return ... end)"),
            4 => (self.expand("try(coroutine.wrap(function(...) out(coroutine.isyieldable())", 1), "end))"),
            5 => ("do".into(), "end"),
            6 => (self.expand("do local i$ = 0 while i$ < 2 do i$ = i$ + 1", 1), "end end"),
            7 => (self.expand("out(xpcall(function(...)", 1), "error(s1) end, debug.traceback))"),
            _ => (self.expand("do local n$ = 3 repeat n$ = n$ - 1", 1), "until true end"),
        };
        Statement::Block { head, body: self.statements(count, depth), end }
    }

    /// The program of this generator's seed.
    pub fn program(mut self) -> Program {
        let kind = self.random.below(20);
        let count = 2 + self.random.below(8);
        let mut statements = self.statements(count, 2);
        let mut title = String::new();
        if kind < 2 {
            statements.truncate(4);
            return self.spoiled(&Program { title, statements, prelude: false, text: None });
        }
        if kind == 2 {
            statements.clear();
        } else if self.random.below(2) == 0 {
            let filler = *self.random.pick(&["a", "word ", "é", "\t", "'", "]"]);
            title = format!("-- {}\n", filler.repeat(self.random.below(70) as usize));
        }
        let end = if self.random.below(2) == 0 { templates::RETURNS } else { templates::ENDS };
        let end = self.one_of(end);
        statements.push(Statement::Line(self.expand(&end, DEPTH)));
        Program { title, statements, prelude: kind > 3, text: None }
    }

    /// A text that mostly does not compile; where it does, nothing of it runs.
    fn spoiled(&mut self, program: &Program) -> Program {
        let mut text = program.source();
        for _ in 0..=self.random.below(3) {
            let place = self.random.below(text.len() as u64 + 1) as usize;
            let end = (place + self.random.below(12) as usize).min(text.len());
            let token = self.random.pick(TOKENS).as_bytes().to_vec();
            match self.random.below(4) {
                0 => drop(text.drain(place..end)),
                1 => drop(text.splice(place..place, token)),
                2 => drop(text.splice(place..end, token)),
                _ => text.truncate(place),
            }
        }
        text.splice(0..0, *b"do return 'compiled' end ");
        Program { title: String::new(), statements: Vec::new(), prelude: false, text: Some(text) }
    }
}

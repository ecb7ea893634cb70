//! A program as a tree of statements, so that a program that shows a difference can be made smaller.

/// A statement, or a head and an end with statements between.
#[derive(Clone, Debug)]
pub enum Statement {
    Line(String),
    Block { head: String, body: Vec<Statement>, end: &'static str },
}

impl Statement {
    fn render(&self, text: &mut String) {
        match self {
            Self::Line(line) => {
                text.push_str(line);
                text.push('\n');
            }
            Self::Block { head, body, end } => {
                text.push_str(head);
                text.push('\n');
                for statement in body {
                    statement.render(text);
                }
                text.push_str(end);
                text.push('\n');
            }
        }
    }
}

/// What a program may call: it shows any value without its address.
pub const PRELUDE: &str = include_str!("prelude.lua");

/// A whole program.
#[derive(Clone, Debug)]
pub struct Program {
    /// The first line, which names the chunk.
    pub title: String,
    pub statements: Vec<Statement>,
    /// Whether the functions of the prelude come first.
    pub prelude: bool,
    /// Comes instead of all the rest: a text that is only loaded, and mostly cannot be.
    pub text: Option<Vec<u8>>,
}

impl Program {
    pub fn source(&self) -> Vec<u8> {
        if let Some(text) = &self.text {
            return text.clone();
        }
        let mut text = self.title.clone();
        if self.prelude {
            text.push_str(PRELUDE);
        }
        for statement in &self.statements {
            statement.render(&mut text);
        }
        text.into_bytes()
    }

    /// The program with as few statements as still make `differs` true.
    pub fn shrink(&self, differs: &mut dyn FnMut(&Program) -> bool) -> Program {
        let mut best = self.clone();
        loop {
            let smaller = candidates(&best).into_iter().find(&mut *differs);
            match smaller {
                Some(smaller) => best = smaller,
                None => return best,
            }
        }
    }
}

/// The program without one statement, or with a block's statements in the block's place, or with a shorter text.
fn candidates(program: &Program) -> Vec<Program> {
    if let Some(text) = &program.text {
        let mut size = text.len() / 2;
        let mut found = Vec::new();
        while size > 0 {
            for start in (0..text.len()).step_by(size) {
                let end = (start + size).min(text.len());
                found
                    .push(Program { text: Some([&text[..start], &text[end..]].concat()), ..program.clone() });
            }
            size /= 2;
        }
        return found;
    }
    smaller_lists(&program.statements)
        .into_iter()
        .map(|statements| Program { statements, ..program.clone() })
        .collect()
}

fn smaller_lists(list: &[Statement]) -> Vec<Vec<Statement>> {
    let with = |index: usize, replacement: &[Statement]| {
        let (before, after) = (&list[..index], &list[index + 1..]);
        [before, replacement, after].concat()
    };
    let mut found: Vec<_> = (0..list.len()).map(|index| with(index, &[])).collect();
    for (index, statement) in list.iter().enumerate() {
        let Statement::Block { head, body, end } = statement else { continue };
        found.push(with(index, body));
        for body in smaller_lists(body) {
            found.push(with(index, &[Statement::Block { head: head.clone(), body, end }]));
        }
    }
    found
}

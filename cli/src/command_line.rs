//! The command line of a run, read in the order in which `lua` reads it.
//!
//! `lua`'s options are single letters, each by itself, in an order that counts; all others are long, and clap's.

use std::ffi::{OsStr, OsString};

use clap::{CommandFactory, Parser};

use crate::options::Options;

/// What the first word can be instead of an option or a script.
pub const COMMANDS: [&str; 6] = ["repl", "resume", "serve", "inspect", "completions", "man"];

/// One thing that is done before the script.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `-e`: a chunk.
    Execute(OsString),
    /// `-l`: a module, perhaps with the name of a global.
    Require(OsString),
    /// `-W`.
    Warnings,
}

/// What a command line says.
#[derive(Debug)]
pub struct CommandLine {
    pub options: Options,
    pub steps: Vec<Step>,
    pub interactive: bool,
    /// Whether the version of Lua is printed first.
    pub show_version: bool,
    /// Whether the environment is ignored.
    pub ignore_environment: bool,
    /// Program, options and arguments, but for options that are moonlet's alone: what becomes the table `arg`.
    pub words: Vec<OsString>,
    /// Which of them is the script.
    pub script: Option<usize>,
    /// Whether a script `-` is standard input, and no file of that name after `--`.
    pub standard_input: bool,
}

/// A command line that says nothing that can be done.
#[derive(Debug)]
pub enum Wrong {
    /// What is wrong with an option of `lua`.
    Option(String),
    /// What clap says; also help and version.
    Clap(clap::Error),
}

impl CommandLine {
    /// Reads the words of a command line, of which the first is the program's name.
    pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Self, Wrong> {
        let mut rest = words.into_iter().peekable();
        let program = rest.next().unwrap_or_else(|| "moonlet".into());
        if rest.peek().and_then(|word| word.to_str()).is_some_and(|word| COMMANDS.contains(&word)) {
            let options = parse(std::iter::once(program.clone()).chain(rest))?;
            return Ok(Self::new(options, program));
        }
        let mut line = Self::new(Options::default(), program.clone());
        let mut long = vec![program];
        let mut after_dashes = false;
        while let Some(word) = rest.peek() {
            let bytes = word.as_encoded_bytes();
            if !bytes.starts_with(b"-") || bytes == b"-" {
                break;
            }
            let word = rest.next().expect("it was looked at");
            match word.as_encoded_bytes() {
                b"--" => {
                    line.words.push(word);
                    after_dashes = true;
                    break;
                }
                [b'-', b'-', ..] => {
                    let takes_value = takes_value(&word)?;
                    long.push(word);
                    if takes_value {
                        long.extend(rest.next());
                    }
                }
                _ => line.short(word, &mut rest)?,
            }
        }
        // It takes clap longer to know its options than to read them.
        if long.len() > 1 {
            line.options = parse(long)?;
        }
        line.standard_input = !after_dashes && rest.peek().is_some_and(|word| word == "-");
        line.script = rest.peek().is_some().then_some(line.words.len());
        line.words.extend(rest);
        Ok(line)
    }

    fn new(options: Options, program: OsString) -> Self {
        Self {
            options,
            steps: Vec::new(),
            interactive: false,
            show_version: false,
            ignore_environment: false,
            words: vec![program],
            script: None,
            standard_input: false,
        }
    }

    /// Takes an option of `lua`, and what belongs to it.
    fn short(
        &mut self,
        word: OsString,
        rest: &mut std::iter::Peekable<impl Iterator<Item = OsString>>,
    ) -> Result<(), Wrong> {
        match word.as_encoded_bytes() {
            b"-E" => self.ignore_environment = true,
            b"-i" => (self.interactive, self.show_version) = (true, true),
            b"-v" => self.show_version = true,
            b"-W" => self.steps.push(Step::Warnings),
            [b'-', letter @ (b'e' | b'l'), value @ ..] => {
                let letter = *letter;
                let value = if value.is_empty() {
                    let next = rest.next_if(|next| !next.as_encoded_bytes().starts_with(b"-"));
                    let lacking = || Wrong::Option(format!("'-{}' needs argument", char::from(letter)));
                    let value = next.ok_or_else(lacking)?;
                    self.words.push(word);
                    self.words.push(value.clone());
                    value
                } else {
                    let value = tail(&word, 2);
                    self.words.push(word);
                    value
                };
                self.steps.push(if letter == b'e' { Step::Execute(value) } else { Step::Require(value) });
                return Ok(());
            }
            _ => return Err(unrecognized(&word)),
        }
        self.words.push(word);
        Ok(())
    }

    /// The name of the program, as it was called.
    pub fn program(&self) -> String {
        self.words[0].to_string_lossy().into_owned()
    }

    /// The arguments by their places in `arg`: the script's is 0. Without a script the program is.
    pub fn argument_table(&self) -> impl Iterator<Item = (i64, &OsStr)> {
        let zero = self.script.unwrap_or(0) as i64;
        self.words.iter().enumerate().map(move |(index, word)| (index as i64 - zero, word.as_os_str()))
    }
}

fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Options, Wrong> {
    Options::try_parse_from(words).map_err(Wrong::Clap)
}

fn unrecognized(word: &OsStr) -> Wrong {
    Wrong::Option(format!("unrecognized option '{}'", word.to_string_lossy()))
}

/// Whether a long option is followed by its value as a word of its own.
fn takes_value(word: &OsStr) -> Result<bool, Wrong> {
    let text = word.to_str().ok_or_else(|| unrecognized(word))?;
    let (name, value) = match text[2..].split_once('=') {
        Some((name, _)) => (name, true),
        None => (&text[2..], false),
    };
    let command = Options::command();
    let found = command.get_arguments().find(|argument| argument.get_long() == Some(name));
    let argument = found.ok_or_else(|| unrecognized(word))?;
    Ok(!value && argument.get_action().takes_values())
}

/// What stands after so many bytes, which are ASCII.
fn tail(word: &OsStr, start: usize) -> OsString {
    let bytes = word.as_encoded_bytes()[start..].to_vec();
    // SAFETY: the bytes are those of an `OsStr`, split directly after ASCII, which is a valid place to split one.
    unsafe { OsString::from_encoded_bytes_unchecked(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<CommandLine, String> {
        let words = std::iter::once("moonlet").chain(words.iter().copied()).map(OsString::from);
        CommandLine::read(words).map_err(|wrong| match wrong {
            Wrong::Option(message) => message,
            Wrong::Clap(error) => error.to_string(),
        })
    }

    #[test]
    fn steps_keep_their_order() {
        let line =
            read(&["-e", "a=1", "-lmath", "-W", "-l", "s=string", "-eprint(a)", "x.lua", "-e", "1"]).unwrap();
        let expected = [
            Step::Execute("a=1".into()),
            Step::Require("math".into()),
            Step::Warnings,
            Step::Require("s=string".into()),
            Step::Execute("print(a)".into()),
        ];
        assert_eq!(line.steps, expected);
        assert_eq!(line.words[line.script.unwrap()..], ["x.lua", "-e", "1"]);
    }

    #[test]
    fn options_of_moonlet_are_not_in_arg() {
        let line = read(&["--fuel", "1k", "-E", "--lua=5.5", "x", "--fuel", "2"]).unwrap();
        let table: Vec<(i64, &str)> =
            line.argument_table().map(|(index, word)| (index, word.to_str().unwrap())).collect();
        assert_eq!(table, [(-2, "moonlet"), (-1, "-E"), (0, "x"), (1, "--fuel"), (2, "2")]);
        assert_eq!(line.options.limits.fuel, Some(1000));
    }

    #[test]
    fn a_dash_is_standard_input_unless_two_stand_before_it() {
        assert!(read(&["-"]).unwrap().standard_input);
        assert!(!read(&["--", "-"]).unwrap().standard_input);
        assert_eq!(read(&["--"]).unwrap().script, None);
    }

    #[test]
    fn what_lua_refuses_is_refused() {
        for word in ["-h", "---", "-Ex", "-vv", "-iv", "--fule", "--fuel-"] {
            assert_eq!(read(&[word]).unwrap_err(), format!("unrecognized option '{word}'"));
        }
        for words in [&["-e"][..], &["-l"], &["-e", "-v"]] {
            assert_eq!(read(words).unwrap_err(), format!("'{}' needs argument", words[0]));
        }
    }

    #[test]
    fn clap_has_the_same_commands_and_defaults() {
        let command = Options::command();
        let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(names, COMMANDS);
        let parsed = parse(["moonlet".into()]).unwrap();
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Options::default()));
    }

    #[test]
    fn clap_has_the_same_letters() {
        let mut command = Options::command();
        command.build();
        let mut letters: Vec<char> = command.get_arguments().filter_map(clap::Arg::get_short).collect();
        letters.sort_unstable();
        assert_eq!(letters, ['E', 'W', 'e', 'i', 'l', 'v']);
    }
}

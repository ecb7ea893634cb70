//! The command in a pseudo-terminal, with somebody who types.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::harness::{Folder, MOONLET, environment};

/// How long something may take to show.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal with the command in it.
struct Terminal {
    /// It ends the process when it goes.
    _master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    shown: Receiver<Vec<u8>>,
    /// What was shown since the last thing that was waited for.
    text: String,
}

impl Terminal {
    fn new(folder: &Folder, arguments: &[&str]) -> Self {
        folder.run(&["-e", ""]).printed();
        let size = PtySize { rows: 24, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(MOONLET);
        command.args(arguments);
        command.cwd(folder.path(""));
        command.env("TERM", "xterm");
        for (name, value) in environment(&folder.path("")) {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the command runs");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let (sender, shown) = channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count) = reader.read(&mut bytes) {
                if count == 0 || sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { _master: pair.master, child, keys, shown, text: String::new() }
    }

    fn type_keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a terminal");
    }

    /// Types a line once there is a prompt.
    fn enter(&mut self, line: &str) {
        self.until("> ");
        self.type_keys(&format!("{line}\r"));
    }

    /// Waits until a text is shown; what was shown up to its end, without escape sequences.
    fn until(&mut self, words: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let plain = plain(&self.text);
            if let Some(start) = plain.find(words) {
                self.text = plain[start + words.len()..].to_string();
                return plain[..start + words.len()].to_string();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.shown.recv_timeout(left) {
                Ok(bytes) => self.text.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("{words:?} is not shown, but {plain:?}"),
            }
        }
    }

    /// The status it ends with.
    fn status(&mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("a process") {
                return status.exit_code();
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("it does not end");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// A text without escape sequences.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('\x1b') {
        plain.push_str(&rest[..start]);
        let sequence = &rest[start + 1..];
        let end = match sequence.chars().next() {
            Some('[') => sequence[1..].find(|c: char| c.is_ascii_alphabetic() || c == '~').map(|end| end + 2),
            Some(other) => Some(other.len_utf8()),
            None => None,
        };
        match end {
            Some(end) => rest = &sequence[end..],
            None => return plain + &rest[start..],
        }
    }
    plain + rest
}

#[test]
fn statements_and_expressions_are_evaluated() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &[]);
    terminal.until("Lua 5.4.9  Copyright");
    terminal.enter("1 + 1, 'two'");
    terminal.until("2\ttwo");
    terminal.enter("=6 * 7");
    terminal.until("42");
    terminal.enter("x = 5 print('set')");
    terminal.until("set\r\n");
    terminal.enter("error({})");
    terminal.until("(error object is a table value)");
    terminal.enter("nothing.here");
    terminal.until("attempt to index a nil value (global 'nothing')");
    terminal.enter("x y");
    terminal.until("syntax error near");
    terminal.enter("os.exit(x)");
    assert_eq!(terminal.status(), 5);
}

#[test]
fn input_goes_on_over_lines_and_is_remembered() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &["repl"]);
    terminal.enter("for i = 1, 2 do");
    terminal.type_keys("  print('line', i)\r");
    terminal.type_keys("end\r");
    terminal.until("line\t1");
    terminal.until("line\t2");
    terminal.until("> ");
    terminal.type_keys("\x04");
    assert_eq!(terminal.status(), 0);
    assert!(folder.read("state/moonlet/history").contains("print('line', i)"));
    let mut terminal = Terminal::new(&folder, &["repl"]);
    terminal.enter("\x1b[A");
    terminal.until("line\t2");
    terminal.until("> ");
    terminal.type_keys("\x04");
    assert_eq!(terminal.status(), 0);
}

#[test]
fn names_are_completed() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &["repl"]);
    terminal.enter("game = {player = {name = 'Ada', jump = print}} print('made')");
    terminal.until("made\r\n");
    terminal.enter("print(game.pl\t.na\t)");
    terminal.until("Ada\r\n");
    terminal.enter("print(coroutine.isy\t())");
    terminal.until("false\r\n");
    terminal.enter("s = 'abc' print('made')");
    terminal.until("made\r\n");
    terminal.enter("print(s:upp\t())");
    terminal.until("ABC\r\n");
    terminal.enter("game.player:j\t(7)");
    terminal.until("\t7\r\n");
    terminal.enter("ret\t 'keyword'");
    terminal.until("keyword\r\n");
}

#[test]
fn an_interrupt_drops_a_line_or_ends_a_statement() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &["repl"]);
    terminal.until("> ");
    terminal.type_keys("half a line");
    terminal.until("half a line");
    terminal.type_keys("\x03");
    terminal.until("\n");
    terminal.enter("print('whole')");
    terminal.until("whole\r\n");
    for _ in 0..2 {
        terminal.enter("print('begun') while true do end");
        terminal.until("begun\r\n");
        terminal.type_keys("\x03");
        terminal.until("interrupted!");
    }
    terminal.enter("while true do print('on and on') end");
    terminal.until("on and on\r\n");
    terminal.type_keys("\x03");
    terminal.until("interrupted!");
    terminal.enter("print('still' .. ' here')");
    terminal.until("still here");
    terminal.until("> ");
    terminal.type_keys("\x04");
    assert_eq!(terminal.status(), 0);
}

#[test]
fn colours_show_what_is_typed() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &["repl"]);
    terminal.enter("return 'text'");
    let deadline = Instant::now() + PATIENCE;
    while !terminal.text.contains("\x1b[35mreturn\x1b[0m") {
        let left = deadline.saturating_duration_since(Instant::now());
        let bytes = terminal.shown.recv_timeout(left).expect("colours");
        terminal.text.push_str(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn a_script_reads_what_is_typed() {
    let folder =
        Folder::new().with("a.lua", "io.write('name? ') local name = io.read() print('hello ' .. name)");
    let mut terminal = Terminal::new(&folder, &["-i", "a.lua"]);
    terminal.until("name? ");
    terminal.type_keys("Ada\r");
    terminal.until("hello Ada");
    terminal.enter("io.write('another', '? ') other = io.read()");
    terminal.until("another? ");
    terminal.type_keys("Bob\r");
    terminal.enter("print(other .. '!')");
    terminal.until("Bob!");
    terminal.until("> ");
    terminal.type_keys("\x04");
    assert_eq!(terminal.status(), 0);
}

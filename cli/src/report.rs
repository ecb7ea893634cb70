//! What is told of errors, as `lua` tells it.

use moonlet::Error;

/// The name of the chunks that are this command's own.
pub const OWN: &str = "=[moonlet]";

/// How their places begin.
const PLACE: &str = "[moonlet]:";

/// What stands between a message and its traceback.
const TRACEBACK: &str = "\nstack traceback:\n";

/// The message of an error that ended a script past all its handlers, with its traceback.
pub fn text(error: &Error) -> String {
    match error.traceback() {
        Some(traceback) => shown(&format!("{}\n{traceback}", error.message())),
        None => shown(error.message()),
    }
}

/// A message, perhaps with a traceback, without the levels of this command: functions of its own look like those of C, which they
/// stand for.
pub fn shown(text: &str) -> String {
    let (message, traceback) = match text.rfind(TRACEBACK) {
        Some(end) => text.split_at(end),
        None => (text, ""),
    };
    let mut lines: Vec<String> = Vec::new();
    for line in traceback.lines() {
        match line.strip_prefix('\t').and_then(split_place) {
            // Those below what `lua` would show: xpcall, the function around it, the driver.
            Some("in main chunk") => {}
            Some(_) if lines.last().is_some_and(|line| line.ends_with("'xpcall'")) => drop(lines.pop()),
            Some(what) => lines.push(format!("\t[C]: {what}")),
            None => lines.push(line.to_string()),
        }
    }
    let message = split_place(message).unwrap_or(message);
    format!("{message}{}", lines.join("\n"))
}

/// What stands behind a place in this command's own chunks.
fn split_place(text: &str) -> Option<&str> {
    text.strip_prefix(PLACE)?.split_once(": ").map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_levels_are_not_shown() {
        let text = "[moonlet]:9: x\nstack traceback:\n\t[C]: in function 'error'\n\t[moonlet]:5: in function 'io.lines'\n\
            \ta.lua:1: in main chunk\n\t[C]: in function 'xpcall'\n\t[moonlet]:30: in local 'protected'\n\
            \t[moonlet]:42: in main chunk\n\t[C]: in ?";
        let expected = "x\nstack traceback:\n\t[C]: in function 'error'\n\t[C]: in function 'io.lines'\n\
            \ta.lua:1: in main chunk\n\t[C]: in ?";
        assert_eq!(shown(text), expected);
        assert_eq!(shown("a.lua:1: x"), "a.lua:1: x");
    }
}

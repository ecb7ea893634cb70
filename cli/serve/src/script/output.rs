//! What a script prints: kept for the answer, or sent on piece by piece, within a limit.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

/// A piece of what was printed.
#[derive(Debug, PartialEq)]
pub struct Piece {
    /// Whether it was printed to standard error.
    pub error: bool,
    pub text: String,
}

/// Takes what a script prints.
pub struct Output {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    streams: [Stream; 2],
    bytes: usize,
    truncated: bool,
    listener: Option<mpsc::UnboundedSender<Piece>>,
}

#[derive(Default)]
struct Stream {
    text: String,
    /// The beginning of a character whose other bytes are still to come.
    begun: Vec<u8>,
}

/// All that was printed, where nobody listened.
pub struct Printed {
    pub output: String,
    pub error_output: String,
    /// Whether there was more than the limit.
    pub truncated: bool,
}

impl Output {
    /// One that keeps so many bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit, state: Mutex::default() }
    }

    /// One that sends so many bytes on, at most. What is not yet taken is bounded by that, too.
    pub fn listened(limit: usize) -> (Self, mpsc::UnboundedReceiver<Piece>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let output = Self::new(limit);
        output.lock().listener = Some(sender);
        (output, receiver)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds bytes, up to the limit.
    pub fn add(&self, error: bool, bytes: &[u8]) {
        let mut state = self.lock();
        let room = self.limit - state.bytes;
        state.truncated |= bytes.len() > room;
        let taken = &bytes[..bytes.len().min(room)];
        state.bytes += taken.len();
        let text = state.streams[usize::from(error)].decode(taken);
        state.hand_on(error, text);
    }

    /// Nothing more comes.
    pub fn close(&self) {
        let mut state = self.lock();
        for error in [false, true] {
            let begun = std::mem::take(&mut state.streams[usize::from(error)].begun);
            let rest = String::from_utf8_lossy(&begun).into_owned();
            state.hand_on(error, rest);
        }
        state.listener = None;
    }

    /// What was kept.
    pub fn take(&self) -> Printed {
        let mut state = self.lock();
        let [output, error_output] = &mut state.streams;
        let (output, error_output) =
            (std::mem::take(&mut output.text), std::mem::take(&mut error_output.text));
        Printed { output, error_output, truncated: state.truncated }
    }
}

impl State {
    fn hand_on(&mut self, error: bool, text: String) {
        match &self.listener {
            // A listener that has gone needs nothing.
            Some(listener) if !text.is_empty() => drop(listener.send(Piece { error, text })),
            Some(_) => {}
            None => self.streams[usize::from(error)].text.push_str(&text),
        }
    }
}

impl Stream {
    /// The text of all characters that are whole, with U+FFFD for what is none.
    fn decode(&mut self, bytes: &[u8]) -> String {
        self.begun.extend_from_slice(bytes);
        let bytes = std::mem::take(&mut self.begun);
        let mut text = String::with_capacity(bytes.len());
        let mut rest = &bytes[..];
        loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    return text;
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    let Some(wrong) = error.error_len() else {
                        self.begun = after.to_vec();
                        return text;
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    rest = &after[wrong..];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_may_come_in_pieces() {
        let output = Output::new(100);
        for byte in "aé€".as_bytes() {
            output.add(false, &[*byte]);
        }
        output.add(false, b"\xff!\xe2\x82");
        output.add(true, b"error");
        output.close();
        let printed = output.take();
        assert_eq!(
            (printed.output.as_str(), printed.error_output.as_str()),
            ("aé€\u{fffd}!\u{fffd}", "error")
        );
        assert!(!printed.truncated);
    }

    #[test]
    fn what_is_beyond_the_limit_is_dropped_and_told() {
        let output = Output::new(5);
        output.add(false, b"123");
        output.add(true, b"45");
        assert!(!output.lock().truncated);
        output.add(false, b"6");
        output.close();
        let printed = output.take();
        assert_eq!((printed.output.as_str(), printed.error_output.as_str()), ("123", "45"));
        assert!(printed.truncated);
    }

    #[test]
    fn a_listener_gets_pieces() {
        let (output, mut pieces) = Output::listened(100);
        output.add(false, b"one");
        output.add(true, b"two\xe2");
        output.close();
        let piece = |error, text: &str| Piece { error, text: text.into() };
        assert_eq!(pieces.try_recv(), Ok(piece(false, "one")));
        assert_eq!(pieces.try_recv(), Ok(piece(true, "two")));
        assert_eq!(pieces.try_recv(), Ok(piece(true, "\u{fffd}")));
        assert_eq!(pieces.try_recv(), Err(mpsc::error::TryRecvError::Disconnected));
    }
}

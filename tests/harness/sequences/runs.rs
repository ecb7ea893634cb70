//! Runs, and the tasks that they suspend: each end held against the model.

use super::{Check, Data, Instance, Meaning, PAGES};
use crate::model::{Progress, Task};
use crate::scripts::{Answer, FUNCTIONS, IDENTITY, Outcome, SCRIPTS, Script};
use crate::values::{Value, read};
use crate::{option, status};

/// How a task is suspended.
const SUSPENDED: [i32; 4] = [status::YIELD, status::PAUSED, status::OUTPUT, status::INPUT];

/// What a run can end in of which nothing is known.
const ANY: [i32; 13] = [
    status::OK,
    status::YIELD,
    status::ERRRUN,
    status::ERRSYNTAX,
    status::ERRMEM,
    status::PAUSED,
    status::OUTPUT,
    status::BUDGET,
    status::EXIT,
    status::INPUT,
    status::RESULT,
    status::BAD_DATA,
    status::TOO_BIG,
];

/// A run that the model follows.
struct Followed {
    /// The task's id, when it was suspended before.
    id: Option<i32>,
    text: bool,
    /// `None` when nobody can know what it does.
    progress: Option<Progress>,
    /// What it must end in; `None` when nobody can know.
    expected: Option<Outcome>,
    /// Whether there was a state before.
    started: bool,
    /// The first of the scripts, which has to work whatever memory others filled.
    certain: bool,
    /// Whether it begins with data of the host.
    given: bool,
    used: f64,
}

impl Instance {
    /// A buffer with these bytes; `None` when there is no memory for it.
    pub(super) fn put(&mut self, bytes: &[u8], used: f64) -> Check<Option<(u32, u32)>> {
        let len = bytes.len() as u32;
        let ptr: u32 = self.call("alloc", len)?;
        if ptr == 0 {
            hold!(self.tight(used), "there is no memory for {len} bytes");
            return Ok(None);
        }
        self.lua.memory.write(&mut self.lua.store, ptr as usize, bytes).expect("the buffer lies in memory");
        Ok(Some((ptr, len)))
    }

    /// Where the data lies, and what it means; `None` when there is no memory for it.
    pub(super) fn place(&mut self, data: &Data, used: f64) -> Check<Option<(u32, u32)>> {
        match data {
            Data::Bytes(bytes, _) => self.put(bytes, used),
            Data::Region(region) => Ok(Some(*region)),
        }
    }

    pub(super) fn give_back(&mut self, data: &Data, region: (u32, u32)) -> Check {
        if let Data::Bytes(..) = data { self.call("dealloc", region) } else { Ok(()) }
    }

    fn followed(&self, script: Option<&'static Script>, used: f64) -> Followed {
        let start = |script| Progress { script, answers: Vec::new(), calls: 0, written: 0, refused: false };
        Followed {
            id: None,
            text: self.model.is_text(),
            progress: script.map(start),
            expected: None,
            started: self.model.started(),
            certain: false,
            given: false,
            used,
        }
    }

    fn expect(&mut self, run: &mut Followed) {
        run.expected = run.progress.as_mut().and_then(|progress| self.model.advance(progress, run.text));
    }

    pub(super) fn run(&mut self, script: &'static Script, used: f64) -> Check {
        let Some(region) = self.put(script.source.as_bytes(), used)? else { return Ok(()) };
        let mut run = self.followed(Some(script), used);
        let answer: i32 = self.call("compute", region)?;
        if self.model.is_full() {
            self.refuse(answer, status::BAD_STATE)?;
            return self.call("dealloc", region);
        }
        // It works whatever scripts filled, as long as the host is within its limit.
        run.certain = std::ptr::eq(script, &SCRIPTS[0])
            && run.started
            && used <= self.model.memory_limit()
            && used < (PAGES << 15) as f64;
        self.expect(&mut run);
        self.end(answer, run)?;
        self.call("dealloc", region)
    }

    pub(super) fn compute(&mut self, region: (u32, u32)) -> Check {
        let run = self.followed(None, f64::INFINITY);
        let readable = self.readable(region);
        let answer: i32 = self.call("compute", region)?;
        if !readable {
            return self.refuse(answer, status::BAD_ARGUMENT);
        }
        if self.model.is_full() {
            return self.refuse(answer, status::BAD_STATE);
        }
        // Whatever lies there: a text that does not compile, as a rule.
        self.end(answer, run)
    }

    /// A run export refuses the call: the state is as it was, and the result a message.
    fn refuse(&mut self, answer: i32, expected: i32) -> Check {
        self.counts.refused += 1;
        hold!(answer == -expected, "the call is refused with {answer} instead of {expected}");
        *self.counts.runs.entry(expected).or_default() += 1;
        let place = (self.call("result_ptr", ())?, self.call("result_len", ())?);
        let result = self.bytes(place)?.to_vec();
        let text = self.model.is_text();
        hold!(!result.is_empty() && (text || result[0] == 0x81), "the refusal's message is {result:x?}");
        (self.model.status, self.model.result, self.model.answer) = (expected, result, answer);
        Ok(())
    }

    /// A run export that takes data alone.
    pub(super) fn run_data(&mut self, export: &'static str, data: &Data, used: f64) -> Check {
        let Some(region) = self.place(data, used)? else { return Ok(()) };
        let script = match data {
            Data::Bytes(_, Meaning::Path(path)) => Some(&FUNCTIONS[*path].1),
            Data::Bytes(_, Meaning::Handle(id)) if self.model.handles.contains(id) => Some(&IDENTITY),
            Data::Bytes(_, Meaning::Source(script)) => Some(&SCRIPTS[*script]),
            _ => None,
        };
        let mut run = Followed { given: true, ..self.followed(script, used) };
        let readable = self.readable(region);
        let answer: i32 = self.call(export, region)?;
        if readable && self.model.is_full() {
            self.refuse(answer, status::BAD_STATE)?;
            return self.give_back(data, region);
        }
        match data {
            Data::Region(_) if !readable => return self.refuse(answer, status::BAD_ARGUMENT),
            Data::Bytes(_, Meaning::Handle(_)) if script.is_none() && self.model.loose > 0 => {}
            Data::Bytes(..) if script.is_none() => {
                run.expected = Some(Outcome::Fails(status::BAD_DATA, ""));
                // The data is looked at when there is a state.
                self.model.start();
            }
            _ => self.expect(&mut run),
        }
        if matches!(data, Data::Region(_)) {
            self.model.references = None;
        }
        self.end(answer, run)?;
        self.give_back(data, region)
    }

    pub(super) fn go_on(&mut self, id: i32, data: &Data, raises: bool, used: f64) -> Check {
        let Some(region) = self.place(data, used)? else { return Ok(()) };
        let readable = self.readable(region);
        let export = if raises { "raise" } else { "resume" };
        let answer: i32 = self.call(export, (id, region.0, region.1))?;
        let known = self.model.tasks.iter().position(|task| task.id == id);
        let meaning = match data {
            Data::Bytes(_, meaning) => Some(meaning.clone()),
            Data::Region((_, 0)) if !raises => Some(Meaning::Values(Vec::new())),
            Data::Region(_) => None,
        };
        let waits = known.map(|index| self.model.tasks[index].kind);
        let refusal = match (waits, meaning.as_ref()) {
            _ if !readable => Some(status::BAD_ARGUMENT),
            (None, _) => Some(status::BAD_ARGUMENT),
            (Some(kind), _) if raises && kind != status::YIELD => Some(status::BAD_STATE),
            (Some(_), Some(Meaning::Malformed)) => Some(status::BAD_DATA),
            (Some(kind), Some(Meaning::Values(values))) if kind != status::YIELD && !values.is_empty() => {
                Some(status::BAD_STATE)
            }
            _ => None,
        };
        let (Some(index), None) = (known, refusal) else {
            self.refuse(answer, refusal.unwrap_or(status::BAD_ARGUMENT))?;
            return self.give_back(data, region);
        };
        let waiting = self.get(option::TASKS)? as usize == self.model.tasks.len();
        let refused = -answer >= status::BAD_ARGUMENT;
        hold!(waiting || !refused, "{export} answers {answer}, and the task is gone");
        if waiting && !SUSPENDED.contains(&-answer) {
            // There was no memory for the values, or they were none.
            let whatever = meaning.is_none();
            let allowed = match -answer {
                status::BAD_DATA | status::BAD_STATE => whatever,
                status::TOO_BIG => whatever || self.tight(used),
                _ => false,
            };
            hold!(allowed, "{export} answers {answer}, and the task still waits");
            self.refuse(answer, -answer)?;
            return self.give_back(data, region);
        }
        match (meaning.as_ref(), self.model.references.as_mut()) {
            (Some(Meaning::Values(values)), Some(known)) => {
                known.extend(values.iter().flat_map(Value::references));
            }
            (None, _) => self.model.references = None,
            _ => {}
        }
        let Task { kind, text, mut progress, .. } = self.model.tasks.remove(index);
        match (meaning, progress.as_mut()) {
            (Some(Meaning::Values(values)), Some(progress)) if kind == status::YIELD => {
                let nulls = self.model.get(option::NULLS) == 1.0;
                let mut values: Vec<Value> = values.into_iter().map(|value| value.arrive(nulls)).collect();
                let raised = if raises { values.pop() } else { None };
                progress.answers.push(raised.map_or(Answer::Values(values), Answer::Raised));
            }
            (None, _) => progress = None,
            _ => {}
        }
        let mut run = Followed { id: Some(id), text, progress, ..self.followed(None, used) };
        self.expect(&mut run);
        self.end(answer, run)?;
        self.give_back(data, region)
    }

    /// The output, and the error output.
    pub(super) fn outputs(&mut self) -> Check<[Vec<u8>; 2]> {
        let output = (self.call("output_ptr", ())?, self.call("output_len", ())?);
        let errors = (self.call("error_output_ptr", ())?, self.call("error_output_len", ())?);
        hold!(output.0 != 0 && errors.0 != 0, "the outputs are at {output:x?} and {errors:x?}");
        Ok([self.bytes_or_none(output)?.to_vec(), self.bytes_or_none(errors)?.to_vec()])
    }

    /// Whether the end is the one that the model expects; the handles in its result, then.
    fn is_expected(
        &mut self,
        run: &Followed,
        ended: i32,
        result: &[u8],
        outputs: &[Vec<u8>; 2],
    ) -> Option<Vec<u32>> {
        let plainly = |right: bool| right.then(Vec::new);
        match run.expected.as_ref() {
            None => plainly(ANY.contains(&ended)),
            Some(Outcome::Returns(values)) if ended == status::OK => {
                read(values, self.model.form(run.text), result)
            }
            Some(Outcome::Waits) => plainly(ended == status::INPUT),
            Some(Outcome::Calls(request)) if ended == status::YIELD => {
                read(request, self.model.form(false), result)
            }
            Some(Outcome::Fails(wanted, message)) if run.text => {
                plainly(ended == *wanted && result.starts_with(message.as_bytes()))
            }
            Some(Outcome::Fails(wanted, message)) => {
                // As text it is followed by the traceback, which a map has in a field of its own.
                plainly(
                    ended == *wanted
                        && result.first().is_some_and(|byte| byte & 0xf0 == 0x80)
                        && message.lines().all(|line| holds(result, line)),
                )
            }
            Some(expected @ (Outcome::Writes(text) | Outcome::WritesErrors(text))) => {
                let is_error = matches!(expected, Outcome::WritesErrors(_));
                let (before, after, other, unchanged) = match is_error {
                    false => (&self.model.output, &outputs[0], &self.model.errors, &outputs[1]),
                    true => (&self.model.errors, &outputs[1], &self.model.output, &outputs[0]),
                };
                let held = before.len();
                let limit = self.model.limit(option::OUTPUT);
                let gained = after.strip_prefix(before.as_slice()).filter(|_| other == unchanged)?;
                if (held + text.len()) as f64 <= limit {
                    plainly(
                        ended == status::OK
                            && gained == text
                            && read(&[], self.model.form(run.text), result).is_some(),
                    )
                } else {
                    let most = limit.max(held as f64);
                    let fits = (held + gained.len()) as f64 <= most;
                    plainly(ended == status::OUTPUT && fits && text.starts_with(gained))
                }
            }
            Some(Outcome::Overruns(text)) => {
                let over = (self.model.output.len() + text.len()) as f64 > self.model.limit(option::OUTPUT);
                let ends = match over && !text.is_empty() {
                    true => ended == status::OUTPUT,
                    false => ended == status::OK && read(&[], self.model.form(run.text), result).is_some(),
                };
                let gained = outputs[0].strip_prefix(self.model.output.as_slice())?;
                plainly(ends && gained == text && outputs[1] == self.model.errors)
            }
            _ => None,
        }
    }

    /// Whether it may have been out of memory at some step.
    fn is_tight(&self, run: &Followed) -> bool {
        self.tight(run.used) && !run.certain
    }

    /// Whether it may have caught an error for lack of memory, and gone on another way.
    fn may_differ(&self, run: &Followed) -> bool {
        let catches = run.progress.as_ref().is_some_and(|progress| progress.script.catches);
        // Output that cannot wait may find no memory, in a handler whose error ends there.
        self.is_tight(run) && (catches || matches!(run.expected, Some(Outcome::Overruns(_))))
    }

    /// Whether lack of memory or fuel excuses such an end.
    fn excused(&self, run: &Followed, ended: i32) -> bool {
        match ended {
            status::ERRMEM | status::ERRRUN => self.is_tight(run),
            status::TOO_BIG => self.is_tight(run) && run.given,
            status::OK | status::RESULT => self.may_differ(run),
            status::BUDGET => self.model.scarce(option::FUEL),
            status::PAUSED => self.model.scarce(option::SLICE),
            _ => false,
        }
    }

    /// Whether it takes more than it was given, and ends all the same.
    fn is_short(&self, run: &Followed, ended: i32) -> bool {
        let long = run.progress.as_ref().is_some_and(|progress| progress.script.long);
        let limited = self.model.scarce(option::FUEL) || self.model.scarce(option::SLICE) && run.id.is_none();
        long && limited && ![status::BUDGET, status::PAUSED, status::ERRMEM].contains(&ended)
    }

    /// Holds the end of a run against what the model expects, and takes it over where nobody can know it: without an
    /// expectation, or with a status that lack of memory or fuel excuses.
    fn end(&mut self, answer: i32, mut run: Followed) -> Check {
        let ended = -answer.min(0);
        *self.counts.runs.entry(ended).or_default() += 1;
        let place = (self.call("result_ptr", ())?, self.call("result_len", ())?);
        let result = self.bytes(place)?.to_vec();
        let outputs = self.outputs()?;
        let handles = self.is_expected(&run, ended, &result, &outputs);
        let right = handles.is_some() && !self.is_short(&run, ended);
        if !right && !self.excused(&run, ended) {
            let shown = String::from_utf8_lossy(&result);
            let expected = run.expected.map_or_else(String::new, |expected| expected.to_string());
            return Err(format!("the run ends in {ended}, {shown:?} instead of {expected}"));
        }
        hold!(ended != status::OK || answer as usize == result.len(), "{answer} is not the result's length");
        hold!(ended == status::OK || !result.is_empty(), "there is no message for status {ended}");
        // Wherever that was.
        let limit = match ended {
            status::BUDGET => "fuel is used up (option FUEL)",
            status::ERRMEM => "not enough memory",
            _ => "",
        };
        hold!(holds(&result, limit), "status {ended} says {:?}", String::from_utf8_lossy(&result));
        let fuel = self.get(option::FUEL_USED)?;
        let least = self.model.get(option::FUEL);
        hold!(ended != status::BUDGET || fuel >= least, "BUDGET after {fuel} of {least}");
        for handle in handles.unwrap_or_default() {
            hold!(handle > 0 && !self.model.handles.contains(&handle), "the handle {handle} is given again");
            self.model.handles.push(handle);
        }
        // Where memory was out, it may have been so before there was a state.
        let unstarted = !run.started && ended == status::ERRMEM;
        let written = match run.expected {
            Some(Outcome::Writes(_) | Outcome::Overruns(_)) => {
                outputs[0].len().checked_sub(self.model.output.len())
            }
            Some(Outcome::WritesErrors(_)) => outputs[1].len().checked_sub(self.model.errors.len()),
            _ => None,
        };
        let paused =
            ended == status::PAUSED && run.progress.as_ref().is_some_and(|progress| progress.script.fixed);
        if let (Some(progress), Some(written)) = (run.progress.as_mut(), written) {
            progress.written += written;
        }
        if paused && !run.progress.as_ref().is_some_and(|progress| progress.script.closes) {
            if written.is_some() {
                [self.model.output, self.model.errors] = outputs;
            }
        } else if run.expected.is_none() || !right || unstarted {
            let started = !unstarted || self.set_is_late()?;
            let exit_code = self.get(option::EXIT_CODE)?;
            self.model.forget(started, outputs, exit_code);
            let handles = self.get(option::HANDLES)? as usize;
            hold!(handles >= self.model.handles.len(), "{handles} handles are left");
            self.model.loose = handles - self.model.handles.len();
        } else if written.is_some() {
            [self.model.output, self.model.errors] = outputs;
        }
        if SUSPENDED.contains(&ended) {
            self.suspend(run, ended, &result, right, paused)?;
        }
        (self.model.status, self.model.result, self.model.answer) = (ended, result, answer);
        Ok(())
    }

    /// Notes a task that was suspended.
    fn suspend(&mut self, run: Followed, kind: i32, result: &[u8], right: bool, paused: bool) -> Check {
        let id: i32 = self.call("task", ())?;
        match run.id {
            Some(known) => hold_same(id, known)?,
            None => {
                hold!(id > self.model.latest, "the task {id} comes after {}", self.model.latest);
                self.model.latest = id;
            }
        }
        self.model.last = id;
        let follows =
            (right && run.expected.is_some()) || (paused && kind == status::PAUSED && !self.may_differ(&run));
        let mut progress = run.progress.filter(|progress| follows && !(paused && progress.refused));
        if let Some(progress) = progress.as_mut() {
            progress.calls += u64::from(kind == status::YIELD);
        }
        let used = self.get(option::FUEL_USED)? as i64;
        self.model.tasks.push(Task { id, kind, text: run.text, request: result.to_vec(), used, progress });
        Ok(())
    }
}

/// Whether `text` is part of a result.
fn holds(result: &[u8], text: &str) -> bool {
    text.is_empty() || result.windows(text.len()).any(|part| part == text.as_bytes())
}

fn hold_same(id: i32, known: i32) -> Check {
    hold!(id == known, "the task {known} goes on as {id}");
    Ok(())
}

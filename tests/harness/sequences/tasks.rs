//! What hosts do about tasks beside running them, and about handles and references.

use super::{Call, Check, Data, Instance, Meaning};
use crate::model::Task;
use crate::values::{Value, array, pack};
use crate::{option, status};

impl Instance {
    pub(super) fn cancel(&mut self, id: i32, used: f64) -> Check {
        let answer: i32 = self.call("cancel", id)?;
        let Some(index) = self.model.tasks.iter().position(|task| task.id == id) else {
            self.counts.refused += 1;
            hold!(answer == status::BAD_ARGUMENT, "cancel answers {answer} for the task {id}");
            return Ok(());
        };
        let task = self.model.tasks.remove(index);
        let closes = task.progress.as_ref().is_none_or(|progress| progress.script.closes);
        let allowed = match answer {
            status::OK => true,
            // Closing takes a little of it, even without a handler.
            status::BUDGET => self.model.scarce(option::FUEL),
            status::ERRMEM | status::ERRRUN => task.progress.is_none() || self.tight(used),
            _ => false,
        };
        hold!(allowed, "cancel answers {answer}");
        if task.progress.is_none() || answer != status::OK {
            let outputs = self.outputs()?;
            let exit_code = self.get(option::EXIT_CODE)?;
            self.model.forget(true, outputs, exit_code);
        } else if closes {
            self.model.counter = self.model.counter.map(|counter| counter + 1);
        }
        let ended = if answer == status::OK { status::CANCELLED } else { answer };
        *self.counts.runs.entry(ended).or_default() += 1;
        let place = (self.call("result_ptr", ())?, self.call("result_len", ())?);
        let result = self.bytes(place)?.to_vec();
        let formed = task.text || result.first().is_some_and(|byte| byte & 0xf0 == 0x80);
        hold!(!result.is_empty() && formed, "cancel leaves {result:x?}");
        (self.model.status, self.model.result) = (ended, result);
        Ok(())
    }

    /// The list of tasks, which is no run.
    pub(super) fn tasks(&mut self, used: f64) -> Check {
        let answer: i32 = self.call("tasks", ())?;
        let mut tasks = self.model.tasks.clone();
        tasks.sort_by_key(|task| task.id);
        let fields = |task: &Task| {
            let numbers = [i64::from(task.id), i64::from(task.kind), i64::from(!task.text), task.used];
            pack(&numbers.map(Value::Integer))
        };
        let rows = tasks.iter().map(fields).collect::<Vec<_>>().concat();
        let list = [array(tasks.len()), rows].concat();
        let place = (self.call("result_ptr", ())?, self.call("result_len", ())?);
        let result = self.bytes(place)?.to_vec();
        let right = match -answer.min(0) {
            status::OK => result == list && answer as usize == list.len() && !self.model.too_big(list.len()),
            status::TOO_BIG => self.model.too_big(list.len()),
            status::ERRMEM => self.tight(used),
            _ => false,
        };
        hold!(right, "tasks answers {answer}, {result:x?} instead of {list:x?}");
        self.model.result = result;
        Ok(())
    }

    /// The request of a task, which is no run.
    pub(super) fn request(&mut self, id: i32) -> Check {
        let answer: i32 = self.call("request", id)?;
        let Some(task) = self.model.tasks.iter().find(|task| task.id == id) else {
            self.counts.refused += 1;
            hold!(answer == -status::BAD_ARGUMENT, "request answers {answer} for the task {id}");
            return Ok(());
        };
        hold!(answer == -task.kind, "request answers {answer} instead of {}", -task.kind);
        self.model.result = task.request.clone();
        Ok(())
    }

    pub(super) fn dropped(&mut self, used: f64) -> Check {
        let answer: i32 = self.call("dropped", ())?;
        let place = (self.call("result_ptr", ())?, self.call("result_len", ())?);
        self.model.result = self.bytes(place)?.to_vec();
        if answer == -status::ERRMEM {
            hold!(self.tight(used), "there is no memory for the numbers");
            // They wait for a later call, which may never find any.
            self.model.references = None;
            return Ok(());
        }
        hold!(answer as usize == self.model.result.len(), "dropped answers {answer}");
        let mut told = integers(&self.model.result).ok_or("dropped gives no array of numbers")?;
        let count = told.len();
        told.sort_unstable();
        told.dedup();
        hold!(told.len() == count, "numbers are told twice: {:x?}", self.model.result);
        if let Some(known) = self.model.references.as_mut() {
            for number in told {
                hold!(known.remove(&number), "{number} was not in Lua, or was told before");
            }
        }
        Ok(())
    }

    pub(super) fn release(&mut self, data: &Data, used: f64) -> Check {
        let Some(region) = self.place(data, used)? else { return Ok(()) };
        let readable = self.readable(region);
        let listed = if readable { self.bytes_or_none(region)?.to_vec() } else { Vec::new() };
        let answer: i32 = self.call("release", region)?;
        let right = match data {
            Data::Region(_) if !readable => answer == status::BAD_ARGUMENT,
            // A result of handles lies there, perhaps.
            Data::Region(_) => {
                if answer == status::OK {
                    let released = |id: &u32| {
                        listed.windows(6).any(|bytes| bytes == [&[0xd6, 1][..], &id.to_be_bytes()].concat())
                    };
                    self.model.handles.retain(|id| !released(id));
                    let left = self.get(option::HANDLES)? as usize;
                    hold!(left >= self.model.handles.len(), "{left} handles are left");
                    self.model.loose = left - self.model.handles.len();
                }
                [status::OK, status::BAD_ARGUMENT, status::BAD_DATA].contains(&answer)
            }
            Data::Bytes(_, Meaning::Handles(list)) => {
                let mut left = self.model.handles.clone();
                let mut unknown = 0;
                for handle in list {
                    match left.iter().position(|known| known == handle) {
                        Some(index) => drop(left.remove(index)),
                        None => unknown += 1,
                    }
                }
                let possible = unknown <= self.model.loose;
                if answer == status::OK && possible {
                    self.model.handles = left;
                    self.model.loose -= unknown;
                }
                match answer {
                    status::OK => possible,
                    _ => answer == status::BAD_ARGUMENT && unknown > 0,
                }
            }
            Data::Bytes(..) => answer == status::BAD_DATA,
        };
        self.counts.refused += u64::from(answer != status::OK);
        hold!(right, "release answers {answer}");
        self.give_back(data, region)
    }

    /// Lets every task go on until it ends, or cancels it.
    pub(super) fn end_tasks(&mut self) -> Check {
        while let Some(task) = self.model.tasks.last() {
            let task = task.id;
            self.step(&Call::OutputClear)?;
            self.step(&Call::ErrorOutputClear)?;
            self.step(&Call::WriteInput { bytes: (0, 0) })?;
            if task % 2 == 0 {
                self.step(&Call::Cancel { task })?;
            } else {
                let data = Data::Bytes(Vec::new(), Meaning::Values(Vec::new()));
                self.step(&Call::Resume { task, data })?;
            }
        }
        Ok(())
    }
}

/// The numbers of an array of them, in MessagePack.
fn integers(bytes: &[u8]) -> Option<Vec<u32>> {
    let (marker, mut rest) = bytes.split_first()?;
    let len = match *marker {
        0x90..=0x9f => usize::from(marker & 15),
        _ => return None, // the sequences have no more than a few
    };
    let mut numbers = Vec::new();
    for _ in 0..len {
        let (marker, after) = rest.split_first()?;
        let width = match marker {
            0..=0x7f => 0,
            0xcc..=0xce => 1 << (marker - 0xcc),
            _ => return None,
        };
        let (digits, after) = after.split_at_checked(width)?;
        let first = if width == 0 { u32::from(*marker) } else { 0 };
        numbers.push(digits.iter().fold(first, |number, digit| number << 8 | u32::from(*digit)));
        rest = after;
    }
    rest.is_empty().then_some(numbers)
}

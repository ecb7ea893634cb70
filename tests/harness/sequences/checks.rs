//! What is compared after each call, and at the end of a sequence.

use super::{Call, Check, Instance, RESERVE, draw};
use crate::model::OPTIONS;
use crate::{Info, info, option};

impl Instance {
    /// All that a host can see is as the model has it; `before` is what the account said before the call.
    pub(super) fn compare(&mut self, before: f64) -> Check {
        let abi: i32 = self.call("abi_version", ())?;
        hold!(abi == 1 << 16, "abi_version answers {abi:#x}");
        let build: u32 = self.call("build_id_ptr", ())?;
        let place = *self.build.get_or_insert(build);
        hold!(build == place && self.bytes((build, 32)).is_ok(), "the build id is at {build:#x}");
        let status: i32 = self.call("status", ())?;
        hold!(status == self.model.status, "status answers {status} instead of {}", self.model.status);
        let (ptr, len): (u32, u32) = (self.call("result_ptr", ())?, self.call("result_len", ())?);
        hold!(ptr != 0 && self.bytes((ptr, len))? == self.model.result, "the result has changed");
        hold!(self.bytes((ptr + len, 1))? == [0], "no NUL follows the result");
        let [output, errors] = self.outputs()?;
        hold!(output == self.model.output, "the output is {:?}", String::from_utf8_lossy(&output));
        hold!(errors == self.model.errors, "the error output is {:?}", String::from_utf8_lossy(&errors));
        for (key, _) in OPTIONS {
            let (answer, expected) = (self.get(key)?, self.model.get(key));
            hold!(answer == expected, "option {key} is {answer} instead of {expected}");
        }
        for key in [option::EXIT_CODE, option::TASKS, option::HANDLES] {
            let (answer, expected) = (self.get(key)?, self.model.get(key));
            hold!(answer == expected, "figure {key} is {answer} instead of {expected}");
        }
        let task: i32 = self.call("task", ())?;
        hold!(task == self.model.last, "task answers {task} instead of {}", self.model.last);
        for buffer in &self.model.buffers {
            let place = (buffer.ptr, buffer.contents.len() as u32);
            hold!(self.bytes(place)? == buffer.contents, "the buffer at {:#x} has changed", buffer.ptr);
        }
        self.inform()?;
        self.account(before)
    }

    /// The block says what the exports say.
    fn inform(&mut self) -> Check {
        let ptr: u32 = self.call("info_ptr", ())?;
        let info = Info(self.bytes((ptr, Info::SIZE))?.try_into().expect("so many bytes"));
        let kind =
            self.model.tasks.iter().find(|task| task.id == self.model.last).map_or(0, |task| task.kind);
        let place = |ptr, len| (info.word(ptr) as u32, info.word(len) as u32);
        let result = place(info::RESULT_PTR, info::RESULT_LEN);
        let output = place(info::OUTPUT_PTR, info::OUTPUT_LEN);
        let errors = place(info::ERROR_OUTPUT_PTR, info::ERROR_OUTPUT_LEN);
        for (name, found, expected) in [
            ("ANSWER", info.word(info::ANSWER), self.model.answer),
            ("STATUS", info.word(info::STATUS), self.model.status),
            ("TASK", info.word(info::TASK), self.model.last),
            ("KIND", info.word(info::KIND), kind),
            ("RESULT_PTR", result.0 as i32, self.call("result_ptr", ())?),
            ("RESULT_LEN", result.1 as i32, self.call("result_len", ())?),
            ("OUTPUT_PTR", output.0 as i32, self.call("output_ptr", ())?),
            ("OUTPUT_LEN", output.1 as i32, self.call("output_len", ())?),
            ("ERROR_OUTPUT_PTR", errors.0 as i32, self.call("error_output_ptr", ())?),
            ("ERROR_OUTPUT_LEN", errors.1 as i32, self.call("error_output_len", ())?),
            ("TASKS", info.word(info::TASKS), self.model.tasks.len() as i32),
        ] {
            hold!(found == expected, "{name} of the block is {found} instead of {expected}");
        }
        for (offset, figure) in
            [(info::FUEL_USED, option::FUEL_USED), (info::MEMORY_USED, option::MEMORY_USED)]
        {
            let (found, expected) = (info.number(offset), self.get(figure)?);
            hold!(found == expected, "the block says {found} instead of {expected}, figure {figure}");
        }
        Ok(())
    }

    fn account(&mut self, before: f64) -> Check {
        let (used, peak) = (self.used()?, self.get(option::MEMORY_PEAK)?);
        let most = before.max(self.model.memory_limit() + RESERVE);
        hold!(used <= most, "{used} bytes are in use, of {most} at most");
        hold!(
            used <= peak && self.peak <= peak,
            "the peak goes from {} to {peak}, with {used} in use",
            self.peak
        );
        let held: f64 = self.model.buffers.iter().map(|buffer| buffer.cost).sum();
        hold!(used >= held, "the host's buffers take {held} bytes, and all together {used}");
        self.peak = peak;
        Ok(())
    }

    /// After all that, `return 2+2` gives 4; and when all is given back, nothing is in use.
    pub(super) fn finish(&mut self) -> Check {
        let limits = [
            option::MEMORY,
            option::FUEL,
            option::SLICE,
            option::OUTPUT,
            option::RESULT,
            option::HOST_CALLS,
            option::TASKS_LIMIT,
            option::PAGES,
        ];
        for key in limits.into_iter().chain([option::FORMAT]) {
            self.step(&Call::Set { key, value: 0.0 })?;
        }
        self.make_room()?;
        self.end_tasks()?;
        self.step(&Call::Compact)?;
        self.step(&Call::Dropped)?;
        if let Some(left) = self.model.references.as_ref().filter(|left| !left.is_empty()) {
            return Err(format!("the references {left:?} are never told as dropped"));
        }
        let used = self.used()?;
        self.step(&Call::Run { script: 0 })?;
        // Names may be as long as memory, and the files may fill it.
        if self.model.result != b"4" && self.tight(used) {
            return Ok(());
        }
        hold!(
            self.model.result == b"4",
            "return 2+2 gives {:?}",
            String::from_utf8_lossy(&self.model.result)
        );
        while let Some(handle) = self.model.handles.first().copied() {
            self.step(&Call::Release { data: draw::list(&[handle]) })?;
        }
        self.step(&Call::Reset)?;
        self.step(&Call::Set { key: option::LIBRARIES, value: 1023.0 })?;
        let Some(names) = self.model.names() else { return Ok(()) };
        for path in names.cloned().collect::<Vec<_>>() {
            let Some(name) = self.put(&path, f64::INFINITY)? else { return Ok(()) };
            self.step(&Call::RemoveFile { name })?;
            self.call::<_, ()>("dealloc", name)?;
            // There may have been no memory to look for it.
            if self.model.files.contains_key(&path) {
                return Ok(());
            }
        }
        let used = self.used()?;
        hold!(used == 0.0, "{used} bytes leak");
        Ok(())
    }

    /// Gives the host's buffers back, which may have taken all memory.
    fn make_room(&mut self) -> Check {
        while let Some(buffer) = self.model.buffers.last() {
            let (ptr, len) = (buffer.ptr, buffer.contents.len() as u32);
            self.step(&Call::Dealloc { ptr, len })?;
        }
        Ok(())
    }
}

//! The host's buffers and files.

use super::{Check, Instance, ZONES};
use crate::model::{Buffer, File, normalize};
use crate::{is_mini, status};

impl Instance {
    pub(super) fn alloc(&mut self, len: u32, used: f64) -> Check {
        let ptr: u32 = self.call("alloc", len)?;
        let cost = self.used()? - used;
        if ptr == 0 {
            self.counts.refused += 1;
            let room = self.model.memory_limit() - used;
            let short = f64::from(len) + 64.0 > room || self.tight(used + f64::from(len));
            hold!(short && cost == 0.0, "alloc gives nothing, with {room} bytes free; it took {cost}");
            return Ok(());
        }
        hold!(ptr.is_multiple_of(16), "the buffer at {ptr:#x} is not aligned");
        hold!(cost >= f64::from(len), "the buffer counts {cost} bytes");
        self.bytes((ptr, len))?;
        let (start, end) = (u64::from(ptr), u64::from(ptr) + u64::from(len));
        for other in &self.model.buffers {
            let (other_start, other_end) =
                (u64::from(other.ptr), u64::from(other.ptr) + other.contents.len() as u64);
            hold!(
                start != other_start && (end <= other_start || other_end <= start),
                "buffers overlap at {ptr:#x}"
            );
        }
        let contents = text(ptr, len as usize);
        self.lua
            .memory
            .write(&mut self.lua.store, ptr as usize, &contents)
            .expect("the buffer lies in memory");
        self.model.buffers.push(Buffer { ptr, contents, cost });
        Ok(())
    }

    pub(super) fn dealloc(&mut self, (ptr, len): (u32, u32), used: f64) -> Check {
        self.call::<_, ()>("dealloc", (ptr, len))?;
        let freed = used - self.used()?;
        let known = |buffer: &Buffer| buffer.ptr == ptr && buffer.contents.len() == len as usize;
        let expected = match self.model.buffers.iter().position(known) {
            Some(place) => {
                self.gone = (ptr, len);
                self.model.buffers.remove(place).cost
            }
            None => 0.0,
        };
        self.counts.refused += u64::from(expected == 0.0);
        hold!(freed == expected, "dealloc frees {freed} bytes instead of {expected}");
        Ok(())
    }

    /// The bytes of a region that the host may rely on: those within one of its buffers. What lies elsewhere may change
    /// while the call reads it.
    fn owned(&self, (ptr, len): (u32, u32)) -> Option<Vec<u8>> {
        if len == 0 {
            return Some(Vec::new());
        }
        self.model.buffers.iter().find_map(|buffer| {
            let start = ptr.checked_sub(buffer.ptr)? as usize;
            buffer.contents.get(start..start.checked_add(len as usize)?).map(<[u8]>::to_vec)
        })
    }

    pub(super) fn write_file(&mut self, name: (u32, u32), contents: (u32, u32), used: f64) -> Check {
        let readable = self.readable(name) && self.readable(contents);
        let path = self.owned(name);
        let is_name = path.as_ref().and_then(|path| self.model.is_name(path));
        let key = path.map(|path| normalize(&path));
        let answer: i32 = self.call("write_file", (name.0, name.1, contents.0, contents.1))?;
        self.counts.refused += u64::from(answer != status::OK);
        if is_mini() {
            return left_out("write_file", answer, readable);
        }
        if !readable || answer == status::BAD_ARGUMENT {
            hold!(answer == status::BAD_ARGUMENT, "write_file answers {answer} for bytes outside memory");
            hold!(!readable || is_name != Some(true), "write_file refuses a name");
            return Ok(());
        }
        let needed = 2.0 * (f64::from(name.1) + f64::from(contents.1));
        let out = answer == status::ERRMEM && self.tight(used + needed);
        hold!(answer == status::OK || out, "write_file answers {answer}");
        hold!(out || is_name != Some(false), "write_file takes no name for one");
        if answer == status::OK {
            let contents = self.owned(contents);
            match key {
                Some(key) => drop(self.model.files.insert(key, contents)),
                None => self.model.forget_files(),
            }
        }
        Ok(())
    }

    pub(super) fn read_file(&mut self, name: (u32, u32), used: f64) -> Check {
        let readable = self.readable(name);
        let file = self.named(name).1;
        let answer: i32 = self.call("read_file", name)?;
        self.counts.refused += u64::from(answer < 0);
        if is_mini() {
            return left_out("read_file", -answer, readable);
        }
        let place = (self.call("result_ptr", ())?, self.call("result_len", ())?);
        let result = self.bytes(place)?.to_vec();
        let (contents, most) = match &file {
            File::Known(contents) => (Some(contents), contents.len()),
            File::Missing | File::Unknown => (None, 0),
        };
        let out = self.tight(used + 2.0 * (f64::from(name.1) + most as f64));
        let right = match -answer.min(0) {
            status::BAD_ARGUMENT => !readable || contents.is_none(),
            status::TOO_BIG => readable && contents.is_none_or(|contents| self.model.too_big(contents.len())),
            status::ERRMEM => readable && (out || file == File::Unknown),
            status::OK => {
                let same = contents.map_or(file == File::Unknown, |contents| *contents == result);
                readable && same && answer as usize == result.len() && !self.model.too_big(result.len())
            }
            _ => false,
        };
        let length = contents.map(Vec::len);
        hold!(right, "read_file answers {answer}; known of the file: {length:?} bytes");
        if answer != -status::BAD_ARGUMENT {
            self.model.result = result;
        }
        Ok(())
    }
}

impl Instance {
    /// The normalized name in a region, and what is known of the file.
    fn named(&self, region: (u32, u32)) -> (Option<Vec<u8>>, File) {
        let Some(path) = self.owned(region) else { return (None, File::Unknown) };
        let name = normalize(&path);
        match (self.model.is_name(&path), self.model.file(&name)) {
            (Some(false), _) => (Some(name), File::Missing),
            (_, file) => (Some(name), file),
        }
    }

    pub(super) fn remove_file(&mut self, region: (u32, u32), used: f64) -> Check {
        let readable = self.readable(region);
        let (name, file) = self.named(region);
        let answer: i32 = self.call("remove_file", region)?;
        self.counts.refused += u64::from(answer != status::OK);
        if is_mini() {
            return left_out("remove_file", answer, readable);
        }
        let out = answer == status::ERRMEM && readable && self.tight(used + 2.0 * f64::from(region.1));
        let right = match file {
            _ if !readable => answer == status::BAD_ARGUMENT,
            File::Known(_) => answer == status::OK,
            File::Missing => answer == status::BAD_ARGUMENT,
            File::Unknown => [status::OK, status::BAD_ARGUMENT].contains(&answer),
        };
        hold!(right || out, "remove_file answers {answer} for {file:?}");
        let is_name = self.owned(region).is_none_or(|path| self.model.is_name(&path) == Some(true));
        match name {
            // A script may have made that file, and has not.
            Some(name) if answer == status::BAD_ARGUMENT && is_name && readable => {
                self.model.files.remove(&name);
            }
            _ if answer != status::OK => {}
            Some(name) => drop(self.model.files.remove(&name)),
            None => self.model.forget_files(),
        }
        Ok(())
    }

    pub(super) fn write_input(&mut self, region: (u32, u32), used: f64) -> Check {
        let readable = self.readable(region);
        let bytes = self.owned(region);
        let answer: i32 = self.call("write_input", region)?;
        self.counts.refused += u64::from(answer != status::OK);
        if is_mini() {
            return left_out("write_input", answer, readable);
        }
        let held = self.model.input.as_ref().map_or(f64::INFINITY, |(input, _)| input.len() as f64);
        let right = match answer {
            status::BAD_ARGUMENT => !readable,
            status::ERRMEM => readable && self.tight(used + 4.0 * (f64::from(region.1) + held)),
            _ => readable && answer == status::OK,
        };
        hold!(right, "write_input answers {answer}");
        if answer == status::OK {
            self.model.input = self.model.input.take().zip(bytes).map(|((mut input, _), bytes)| {
                input.extend_from_slice(&bytes);
                (input, bytes.is_empty())
            });
        }
        Ok(())
    }

    pub(super) fn time_zone(&mut self, zone: usize, used: f64) -> Check {
        let (text, minutes, shown) = ZONES[zone];
        let Some(region) = self.put(text.as_bytes(), used)? else { return Ok(()) };
        let answer: i32 = self.call("time_zone", region)?;
        if is_mini() {
            left_out("time_zone", answer, true)?;
        } else {
            hold!(answer == status::OK, "time_zone answers {answer} for {text}");
            self.model.set_zone(minutes, shown);
        }
        self.call("dealloc", region)
    }

    /// No buffer of the host holds a zone.
    pub(super) fn no_time_zone(&mut self, text: (u32, u32)) -> Check {
        let readable = self.readable(text);
        let answer: i32 = self.call("time_zone", text)?;
        self.counts.refused += 1;
        if is_mini() {
            return left_out("time_zone", answer, readable);
        }
        let expected = if readable { status::BAD_DATA } else { status::BAD_ARGUMENT };
        hold!(answer == expected, "time_zone answers {answer} instead of {expected}");
        Ok(())
    }

    pub(super) fn list_files(&mut self, used: f64) -> Check {
        let answer: i32 = self.call("list_files", ())?;
        self.counts.refused += u64::from(answer < 0);
        if is_mini() {
            return left_out("list_files", -answer, true);
        }
        let place = (self.call("result_ptr", ())?, self.call("result_len", ())?);
        let result = self.bytes(place)?.to_vec();
        let expected = self.model.list();
        let room = expected.as_ref().map_or(0, Vec::len).max(result.len());
        let right = match -answer.min(0) {
            status::ERRMEM => self.tight(used + 4.0 * room as f64) || expected.is_none(),
            status::TOO_BIG => expected.is_none_or(|list| self.model.too_big(list.len())),
            status::OK => {
                let same = expected.is_none_or(|list| list == result);
                same && answer as usize == result.len() && !self.model.too_big(result.len())
            }
            _ => false,
        };
        hold!(right, "list_files answers {answer}, {:?}", String::from_utf8_lossy(&result));
        self.model.result = result;
        Ok(())
    }
}

/// An export of what the mini variant leaves out answers so; `readable` says whether its pointers are right.
fn left_out(export: &str, answer: i32, readable: bool) -> Check {
    let expected = if readable { status::BAD_STATE } else { status::BAD_ARGUMENT };
    hold!(answer == expected, "{export} answers {answer} instead of {expected}");
    Ok(())
}

/// What a buffer is filled with: a file's name, a source that does not compile, and never like its neighbour's.
fn text(ptr: u32, len: usize) -> Vec<u8> {
    let names: [&[u8]; 16] = [
        b"script.txt",
        b"./script.txt",
        b"a/b",
        b"/a//c/../b",
        b"..",
        b"nul\0",
        b"= 1",
        b"long/name",
        b"script.txt/x",
        b"a",
        b"a/b/",
        b"/dev/null",
        b"/dev/stdin",
        b"/dev/stdin/x",
        b"dev",
        b"a/b/../c",
    ];
    let name = names[(ptr / 16) as usize % names.len()];
    let mut contents = vec![(ptr >> 4) as u8 | 0x80; len];
    let shown = name.len().min(len);
    contents[..shown].copy_from_slice(&name[..shown]);
    if len < 32 {
        contents.truncate(shown);
        contents.resize(len, b'/');
    }
    contents
}

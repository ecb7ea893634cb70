//! One run of a suite: its files go in through `write_file`, a chunk starts it, and its output must end in "final OK".

use std::fs;
use std::sync::OnceLock;

use moonlet_tests::jobs::{self, Job, STAND_INS};
use moonlet_tests::{Lua, Run, Version, status};
use wasmtime::{Module, StoreLimits};

use crate::counted;
use crate::skips;

/// What both sides of a comparison run first, so that `math.randomseed()` is no question of time and addresses.
pub const SAME_SEED: &str = "local seed = math.randomseed \
     math.randomseed = function(...) if select('#', ...) == 0 then return seed(0, 0) end return seed(...) end";

/// Says, on both sides of a comparison, which file of all.lua comes next, and when the last one has ended: from then on a
/// hook asserts at each call, and a native state is closed at the end.
pub const MARKS: &str = "local mark, load, warn_ = mark or function(file) host.call(file) end, loadfile, warn _G.mark = nil \
     warn = function(first, ...) if first == '#This is ' then mark('the end') end return warn_(first, ...) end \
     loadfile = function(file, ...) if string.find(file, '^%w+%.lua$') then mark(file) end return load(file, ...) end";

/// The assertions that ran from one mark to the next, by the file that the first one names.
pub type Sections = Vec<(String, u64)>;

/// The sections between marks, of which each has a file and the count so far.
pub fn sections(marks: &[(String, u64)]) -> Sections {
    marks.windows(2).map(|pair| (pair[0].0.clone(), pair[1].1 - pair[0].1)).collect()
}

/// Which module runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    Shipped,
    /// The shipped one, counting assertions.
    Counted,
    /// With Lua's internal tests, counting.
    Internal,
}

/// The module, compiled once.
fn module(version: Version, build: Build) -> &'static Module {
    static COUNTED: [OnceLock<Module>; 4] = [const { OnceLock::new() }; 4];
    if build == Build::Shipped {
        return version.module();
    }
    let internal = build == Build::Internal;
    COUNTED[usize::from(internal) * 2 + version as usize].get_or_init(|| {
        let path = if internal { version.path().with_extension("ltests.wasm") } else { version.path() };
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let engine = version.module().engine();
        let plain = Module::new(engine, &bytes).expect("a valid module");
        let counted = counted::counted(&bytes, &mut Lua::from_module(&plain, StoreLimits::default()));
        Module::new(engine, counted).expect("a valid module")
    })
}

/// An instance with the suite's files.
pub struct Suite {
    lua: Lua,
    version: Version,
    build: Build,
}

impl Suite {
    pub fn new(version: Version, build: Build) -> Self {
        let mut lua = Lua::from_module(module(version, build), StoreLimits::default());
        lua.prepare(&Job::suite(version, ""));
        Self { lua, version, build }
    }

    /// Checks how a run ended, and gives its output.
    fn output(&mut self, run: &Run) -> String {
        let output = run.output_text();
        let tail: String = output.chars().skip(output.chars().count().saturating_sub(1500)).collect();
        assert!(run.answer >= 0, "{:?} {:?}: {tail}\n{}", self.version, self.build, run.text());
        self.lua.assert_usable();
        output
    }

    fn run(&mut self, chunk: &str) -> String {
        let run = self.lua.run(chunk);
        self.output(&run)
    }

    fn assert_final(&self, output: &str) {
        assert!(output.trim_end().ends_with("final OK !!!"), "{:?} ends in no final OK", self.version);
    }

    /// Runs all.lua.
    pub fn all(&mut self, form: &str) {
        let output = self.run(&jobs::all_lua(form));
        self.assert_final(&output);
    }

    /// The same with one seed for all; the files that ran, and the assertions.
    pub fn all_counted(&mut self, form: &str) -> (usize, Sections) {
        let mut counts = vec![("all.lua".to_string(), self.assertions())];
        let mut run = self.lua.run(jobs::all_lua(&format!("{SAME_SEED} {MARKS} {form}")));
        let mut output = Vec::new();
        while run.status() == status::YIELD {
            output.append(&mut run.output);
            // An array of one short string.
            let file = String::from_utf8_lossy(&run.result[2..]).into_owned();
            counts.push((file, self.assertions()));
            let task = self.lua.task();
            run = self.lua.resume(task, b"");
        }
        output.append(&mut run.output);
        run.output = output;
        let output = self.output(&run);
        self.assert_final(&output);
        (output.matches("***** FILE '").count(), sections(&counts))
    }

    /// Runs one file with `_port` true only at the lines that skips.toml names; the assertions that ran, where they count.
    pub fn beyond_port(&mut self, file: &str) -> u64 {
        let lines: String = skips::entries()
            .iter()
            .filter(|entry| entry.kind == "skip" && entry.file == file)
            .filter_map(|entry| Some(format!("[{}] = true, ", entry.first_line(self.version)?)))
            .collect();
        let before = self.assertions();
        let output = self.run(&format!(
            r#"
            {STAND_INS}
            local skipped, getinfo = {{{lines}}}, debug.getinfo
            package.preload['lib2-v2'] = function()
              return {{newstr = function(string) return string end}}
            end
            _soft, _nomsg, ARG = false, true, {{[0] = 'lua'}}
            Message = print
            setmetatable(_G, {{__index = function(_, name)
              if name == '_port' then return skipped[getinfo(2, 'l').currentline] or false end
            end}})
            require('tracegc').start()
            dofile('{file}')
            print('final OK')"#
        ));
        assert!(output.trim_end().ends_with("final OK"), "{file} in {:?}", self.version);
        self.assertions() - before
    }

    fn assertions(&mut self) -> u64 {
        let counter = self.lua.instance.get_global(&mut self.lua.store, counted::COUNTER);
        counter.map_or(0, |counter| counter.get(&mut self.lua.store).unwrap_i32() as u32 as u64)
    }
}

//! Limits, and what is wrong with command lines and files.

use crate::harness::{Folder, MOONLET};

#[test]
fn fuel_ends_a_script() {
    let folder = Folder::new().with("a.lua", "print('begun')\nwhile true do\npcall(error) end");
    let run = folder.run(&["--fuel", "1M", "a.lua"]);
    assert_eq!(run.stdout, "begun\n");
    let complaint = run.complaint(1);
    assert!(complaint.contains("a.lua:"), "{complaint}");
    assert!(complaint.contains("stack traceback:"), "{complaint}");
}

#[test]
fn memory_ends_a_script() {
    let folder =
        Folder::new().with("a.lua", "local t = {} for i = 1, math.huge do t[i] = ('x'):rep(1000) .. i end");
    let complaint = folder.run(&["--memory", "4M", "a.lua"]).complaint(1);
    assert!(complaint.starts_with(&format!("{MOONLET}: not enough memory")), "{complaint}");
    let caught = "print(pcall(string.rep, 'x', 5000000))";
    assert_eq!(folder.run(&["--memory", "4M", "-e", caught]).printed(), "false\tnot enough memory\n");
}

#[test]
fn time_ends_a_script_wherever_it_is() {
    let folder = Folder::new();
    let run = folder.run(&["--timeout", "100ms", "-e", "print('begun') while true do end"]);
    assert_eq!(run.stdout, "begun\n");
    assert!(run.complaint(1).contains("the script's time of 100ms is up"));
    // In a finalizer nothing can be left halfway.
    let script = "setmetatable({}, {__gc = function() while true do end end}) collectgarbage()";
    assert!(folder.run(&["--timeout", "100ms", "-e", script]).complaint(1).contains("does not stop"));
    // Reading waits, too.
    let mut command = folder.command(&["--timeout", "100ms", "-e", "io.read()"]);
    let mut child = crate::harness::start(&mut command);
    let stdin = child.stdin.take();
    assert_eq!(child.wait().expect("its end").code(), Some(1));
    drop(stdin);
}

#[test]
fn equal_runs_print_equal_bytes() {
    let folder = Folder::new();
    let script = "print(math.random(1, 1 << 60), os.time(), os.date('%c'), os.clock(), {})";
    let run = || folder.run(&["--deterministic", "-e", script]).printed();
    let first = run();
    assert_eq!(first, run());
    assert!(first.contains("\t0\tThu Jan  1 00:00:00 1970\t0.0\t"), "{first}");
    let random = || folder.run(&["-e", "print(math.random(1, 1 << 60))"]).printed();
    assert_ne!(random(), random());
}

#[test]
fn figures_are_printed_when_they_are_asked_for() {
    let run = Folder::new().run(&["--stats", "-e", "for i = 1, 1e6 do end"]);
    assert_eq!(run.status, Some(0));
    let fuel = run.stderr.split(' ').nth(1).expect("fuel").replace(',', "").parse::<u64>().expect("a number");
    assert!((1_000_000..2_000_000).contains(&fuel), "{}", run.stderr);
    assert!(
        run.stderr.contains(" units of fuel, ") && run.stderr.contains(" bytes of memory ("),
        "{}",
        run.stderr
    );
}

#[test]
fn the_time_zone_is_that_of_the_machine() {
    let folder = Folder::new();
    let run = |zone: &str| {
        let mut command = folder.command(&["-e", "print(os.date('%H:%M', 0))"]);
        crate::harness::finish(crate::harness::start(command.env("TZ", zone)), "").printed()
    };
    assert_eq!(run("UTC0"), "00:00\n");
    assert_eq!(run("XYZ-5:30"), "05:30\n");
    // What is none is as good as none.
    assert_eq!(run("Nowhere/At_All!"), "00:00\n");
}

#[test]
fn wrong_options_print_usage() {
    let folder = Folder::new();
    for (arguments, words) in [
        (&["-h"][..], "unrecognized option '-h'"),
        (&["--fule", "1"], "unrecognized option '--fule'"),
        (&["-Ex"], "unrecognized option '-Ex'"),
        (&["-e"], "'-e' needs argument"),
        (&["--fuel", "many"], "invalid value 'many' for '--fuel <UNITS>': it must begin with a number"),
        (&["--fuel"], "a value is required for '--fuel <UNITS>'"),
        (&["--memory", "1T"], "'T' is no unit; write k, M or G"),
        (&["--timeout", "0"], "it must be more than nothing"),
        (&["--lua", "5.3"], "[possible values: 5.4, 5.5]"),
        (&["--dir", "a:b:c"], "write HOST, HOST:NAME, HOST:rw or HOST:NAME:rw"),
        (&["resume"], "<FILE>"),
        (&["inspect", "--yaml", "x"], "unexpected argument '--yaml'"),
    ] {
        let complaint = folder.run(arguments).complaint(2);
        assert!(complaint.contains(words), "{arguments:?}: {complaint}");
        assert!(
            complaint.contains("Usage: moonlet") || complaint.contains("--help"),
            "{arguments:?}: {complaint}"
        );
    }
    assert!(folder.run(&["-h"]).stderr.contains("Usage: moonlet [OPTIONS] [SCRIPT [ARGUMENTS]...]"));
}

#[test]
fn files_that_are_no_scripts_say_so() {
    let folder = Folder::new()
        .with("program", b"\x7fELF\x02\x01\x01\0\0\0")
        .with("wide.lua", b"\xff\xfep\0r\0")
        .with("folder/x", "")
        .with("other", b"\x1bLua\x51\0");
    for (name, words) in [
        ("none.lua", "cannot open none.lua: No such file or directory"),
        ("folder", "cannot read folder: Is a directory"),
        ("program", "cannot run program: it is binary"),
        ("wide.lua", "cannot run wide.lua: it is text in UTF-16; save it as UTF-8"),
        ("other", "version mismatch"),
    ] {
        let complaint = folder.run(&[name]).complaint(1);
        assert!(complaint.contains(words), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
    }
    let complaint = folder.run(&["--dir", "none", "-e", ""]).complaint(1);
    assert!(
        complaint.contains("--dir cannot give the folder none: No such file or directory"),
        "{complaint}"
    );
}

#[test]
fn output_that_cannot_be_written_is_told_of() {
    let folder = Folder::new();
    let mut command = folder.command(&["-e", "print('x')"]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let output = command.stdout(full).output().expect("the command runs");
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(complaint.contains("cannot write to standard output: No space left on device"), "{complaint}");
    assert_eq!(output.status.code(), Some(1));
}

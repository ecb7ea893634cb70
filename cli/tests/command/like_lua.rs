//! Where the command overlaps with `lua`.

use std::io::{BufRead, BufReader, Read};

use crate::harness::{Folder, MOONLET, finish, interrupt, start};

#[test]
fn a_script_has_its_arguments() {
    let folder = Folder::new().with("a.lua", "print(..., #arg, arg[0], arg[-1] ~= nil, arg[2])");
    assert_eq!(folder.run(&["a.lua", "x", "y z"]).printed(), "x\t2\ta.lua\ttrue\ty z\n");
    let folder = Folder::new().with("a.lua", "print(select('#', ...), ...)");
    assert_eq!(folder.run(&["a.lua", "x", "-e", "--fuel"]).printed(), "3\tx\t-e\t--fuel\n");
}

#[test]
fn steps_are_done_in_their_order() {
    let folder = Folder::new().with("a.lua", "print(a, m.pi)");
    let arguments = ["-e", "a = 1", "-lm=math", "-ea = a + 1", "-l", "string", "a.lua"];
    assert_eq!(folder.run(&arguments).printed(), "2\t3.1415926535898\n");
    // The script is opened after the steps.
    let run = folder.run(&["-e", "print(1)", "none.lua"]);
    assert_eq!(run.stdout, "1\n");
    assert_eq!(run.complaint(1), format!("{MOONLET}: cannot open none.lua: No such file or directory\n"));
}

#[test]
fn versions_are_printed_as_lua_has_them() {
    let folder = Folder::new();
    for (lua, version) in [("5.4", "Lua 5.4.9"), ("5.5", "Lua 5.5.1")] {
        let line = format!("{version}  Copyright (C) 1994-2026 Lua.org, PUC-Rio\n");
        assert_eq!(folder.run(&["--lua", lua, "-v"]).printed(), line);
        let run = folder.run(&["--lua", lua, "-v", "-e", "print(_VERSION)"]);
        assert_eq!(run.printed(), line + &version[..7] + "\n");
        let readme = include_str!("../../../README.md");
        assert!(readme.contains(version), "the README says {version}");
    }
}

#[test]
fn standard_input_is_a_script_or_what_it_reads() {
    let folder = Folder::new()
        .with("a.lua", "for line in io.lines() do io.write('<', line, '>') end print(io.read())");
    assert_eq!(folder.run_with(&[], "print(1)\nprint(2)").printed(), "1\n2\n");
    assert_eq!(folder.run_with(&["-", "x"], "print(arg[0], ...)").printed(), "-\tx\n");
    assert_eq!(folder.run_with(&["a.lua"], "a\nb").printed(), "<a><b>nil\n");
    let big = "x".repeat(1_000_000);
    assert_eq!(folder.run_with(&["-e", "print(#io.read('a'))"], big).printed(), "1000000\n");
    let run = folder.run_with(&["-"], "error('here')");
    assert!(run.complaint(1).contains("stdin:1: here"));
}

#[test]
fn errors_have_lua_s_words_and_tracebacks() {
    let folder = Folder::new()
        .with("a.lua", "local function f()\n  error('boom')\nend\nf()")
        .with("syntax.lua", "x = = 1")
        .with("table.lua", "error(setmetatable({}, {__tostring = function() return 'own words' end}))")
        .with("plain.lua", "error({})");
    let complaint = format!(
        "{MOONLET}: a.lua:2: boom\nstack traceback:\n\t[C]: in function 'error'\n\ta.lua:2: in local 'f'\n\ta.lua:4: in main chunk\n\t[C]: in ?\n"
    );
    assert_eq!(folder.run(&["a.lua"]).complaint(1), complaint);
    assert_eq!(
        folder.run(&["syntax.lua"]).complaint(1),
        format!("{MOONLET}: syntax.lua:1: unexpected symbol near '='\n")
    );
    assert_eq!(folder.run(&["table.lua"]).complaint(1), format!("{MOONLET}: own words\n"));
    let complaint = folder.run(&["plain.lua"]).complaint(1);
    assert!(
        complaint.starts_with(&format!("{MOONLET}: (error object is a table value)\nstack traceback:\n"))
    );
    let complaint = folder.run(&["-e", "error('x')"]).complaint(1);
    assert!(complaint.contains("(command line):1: x\nstack traceback:"), "{complaint}");
    let complaint = folder.run(&["-l", "nowhere"]).complaint(1);
    assert!(complaint.contains("module 'nowhere' not found"), "{complaint}");
    assert!(complaint.contains("\t[C]: in function 'require'\n\t[C]: in ?\n"), "{complaint}");
    assert!(
        complaint
            .ends_with("moonlet: scripts see no folder but those that are given; --dir . gives this one\n")
    );
    assert!(!complaint.contains("[moonlet]"), "{complaint}");
}

#[test]
fn one_stream_stays_in_order() {
    let folder = Folder::new();
    let script = "print('a') io.stderr:write('b\\n') print('c') error('d', 0)";
    let output = std::process::Command::new("bash")
        .args(["-c", "exec \"$0\" -e \"$1\" 2>&1", MOONLET, script])
        .envs(crate::harness::environment(&folder.path("")))
        .output()
        .expect("bash runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.starts_with(&format!("a\nb\nc\n{MOONLET}: d\n")), "{text}");
}

#[test]
fn scripts_choose_the_status() {
    let folder = Folder::new();
    for (call, status) in [
        ("os.exit()", 0),
        ("os.exit(true)", 0),
        ("os.exit(false)", 1),
        ("os.exit(7)", 7),
        ("os.exit(3, true)", 3),
        ("coroutine.wrap(function() pcall(os.exit, 9) end)()", 9),
        ("error()", 1),
    ] {
        assert_eq!(folder.run(&["-e", call]).status, Some(status), "{call}");
    }
    let script = "local x <close> = setmetatable({}, {__close = function(_, e) print('closed', e) end}) os.exit(4, true)";
    let run = folder.run(&["-e", script]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(4), "closed\tnil\n"));
}

#[test]
fn the_environment_is_heeded_unless_it_is_to_be_ignored() {
    let folder = Folder::new().with("init.lua", "X = 'file'");
    let run = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = folder.command(arguments);
        command.envs(variables.iter().copied());
        finish(start(&mut command), "")
    };
    assert_eq!(
        run(&[("LUA_INIT", "X = 1"), ("LUA_INIT_5_4", "X = 2")], &["-e", "print(X)"]).printed(),
        "2\n"
    );
    assert_eq!(run(&[("LUA_INIT", "@init.lua")], &["-e", "print(X)"]).printed(), "file\n");
    assert_eq!(run(&[("LUA_INIT", "X = 1")], &["-E", "-e", "print(X)"]).printed(), "nil\n");
    assert_eq!(
        run(&[("LUA_PATH", "a;;")], &["-e", "print(package.path)"]).printed(),
        "a;./?.lua;./?/init.lua\n"
    );
    let complaint = run(&[("LUA_INIT", "error('msg')")], &[]).complaint(1);
    assert!(complaint.contains("LUA_INIT:1: msg"), "{complaint}");
    // Nothing else of it is there.
    assert_eq!(run(&[("SECRET", "x")], &["-e", "print(os.getenv('SECRET'))"]).printed(), "nil\n");
    let given = [
        "--env",
        "SECRET",
        "--env",
        "A=b=c",
        "-e",
        "print(os.getenv('SECRET'), os.getenv('A'), os.getenv('B'))",
    ];
    assert_eq!(run(&[("SECRET", "x")], &given).printed(), "x\tb=c\tnil\n");
}

#[test]
fn warnings_go_to_standard_error_once_they_are_on() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["-e", "warn('a')"]).stderr, "");
    assert_eq!(folder.run(&["-W", "-e", "warn('a', 'b')"]).stderr, "Lua warning: ab\n");
}

#[test]
fn the_whole_debug_library_is_there() {
    let folder = Folder::new();
    let script = "local n = 0 for name in pairs(debug) do n = n + 1 end \
        local x = 1 debug.setlocal(1, 2, 5) print(n, x, debug.getregistry() ~= nil)";
    assert_eq!(folder.run(&["-e", script]).printed(), "17\t5\ttrue\n");
    let run = folder.run_with(&["-e", "debug.debug()"], "print(6 * 7)\nerror('x')\ncont\n");
    assert_eq!(run.stdout, "42\n");
    assert_eq!(run.stderr, "lua_debug> lua_debug> (debug command):1: x\nlua_debug> ");
}

#[test]
fn precompiled_chunks_run() {
    let folder = Folder::new();
    let script = "io.output('out') io.write('#!x\\n', string.dump(load('print(3, ...)')))";
    folder.run(&["--dir", ".:rw", "-e", script]).printed();
    assert_eq!(folder.run(&["out", "x"]).printed(), "3\tx\n");
}

#[test]
fn lines_without_a_terminal_are_evaluated_with_prompts() {
    let folder = Folder::new();
    let run = folder.run_with(
        &["-i", "-e", "_PROMPT = '' _PROMPT2 = ''"],
        "1 + 1\nx = [[a\nb]]\nx\n=x\nf(\nerror('no')\n",
    );
    let version = "Lua 5.4.9  Copyright (C) 1994-2026 Lua.org, PUC-Rio\n";
    assert_eq!(run.stdout, format!("{version}2\na\nb\na\nb\n\n"));
    assert!(run.stderr.contains("near 'error'") || run.stderr.contains("<eof>"), "{}", run.stderr);
    let run = folder.run_with(&["-i"], "error('no')\n");
    let traceback =
        "stdin:1: no\nstack traceback:\n\t[C]: in function 'error'\n\tstdin:1: in main chunk\n\t[C]: in ?\n";
    assert_eq!(run.stderr, traceback);
    let run = folder.run_with(&["-i"], "io.read()\nthe line\n");
    assert!(run.stdout.contains("> the line\n> \n"), "{}", run.stdout);
    let run = folder.run_with(&["--lua", "5.5", "-i"], "local x = 1\n");
    assert!(run.stderr.starts_with("warning: locals"), "{}", run.stderr);
}

#[test]
fn the_first_interrupt_is_an_error_that_a_script_can_catch() {
    let folder = Folder::new();
    let script = "print(pcall(function() print('begun') while true do end end)) print('after')";
    let mut child = start(&mut folder.command(&["-e", script]));
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    lines.read_line(&mut line).expect("a line");
    assert_eq!(line, "begun\n");
    interrupt(&child);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).expect("the rest");
    assert_eq!(rest, "false\t(command line):1: interrupted!\nafter\n");
    assert!(child.wait().expect("its end").success());
}

#[test]
fn an_interrupt_ends_a_script_that_reads() {
    let folder = Folder::new();
    let mut child = start(&mut folder.command(&["-e", "print('begun') io.read() print('read')"]));
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    lines.read_line(&mut String::new()).expect("a line");
    interrupt(&child);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).expect("the rest");
    assert_eq!(rest, "");
    let mut complaint = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut complaint).expect("a complaint");
    assert!(complaint.contains("interrupted!"), "{complaint}");
    assert_eq!(child.wait().expect("its end").code(), Some(1));
}

#[test]
fn a_reader_that_goes_away_ends_a_script() {
    let folder = Folder::new();
    let mut child = start(&mut folder.command(&["-e", "while true do print('x') end"]));
    let mut stdout = child.stdout.take().expect("a pipe");
    stdout.read_exact(&mut [0; 100]).expect("some output");
    drop(stdout);
    assert_eq!(finish(child, "").status, Some(141));
}

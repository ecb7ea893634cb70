//! Folders that scripts are given.

use crate::harness::Folder;

#[test]
fn nothing_of_the_machine_is_there_without_being_given() {
    let folder = Folder::new()
        .with("lib.lua", "return 1")
        .with("a.lua", "print((io.open('lib.lua')), (io.open('a.lua')))");
    assert_eq!(folder.run(&["a.lua"]).printed(), "nil\tnil\n");
    let complaint = folder.run(&["-l", "lib"]).complaint(1);
    assert!(complaint.contains("module 'lib' not found"), "{complaint}");
    assert_eq!(
        folder.run(&["-e", "print(io.open('/etc/passwd'))"]).printed(),
        "nil\t/etc/passwd: No such file or directory\t2\n"
    );
}

#[test]
fn a_folder_is_read_and_searched_by_require() {
    let folder = Folder::new()
        .with("lib/one.lua", "return {name = ..., two = require('lib.sub.two')}")
        .with("lib/sub/two.lua", "return 'two'")
        .with("text", "line 1\nline 2\n");
    let script = "local one = require('lib.one') print(one.name, one.two) \
        for line in io.lines('text') do io.write(line, ';') end print(#io.open('./lib/../text'):read('a')) \
        print(loadfile('lib/sub/two.lua')(), dofile('lib/sub/two.lua'), package.searchpath('lib.one', './?.lua')) \
        io.input('text') print(io.read(), io.open('none'))";
    let expected = "lib.one\ttwo\nline 1;line 2;14\ntwo\ttwo\t./lib/one.lua\nline 1\tnil\tnone: No such file or directory\t2\n";
    assert_eq!(folder.run(&["--dir", ".", "-e", script]).printed(), expected);
    let script = "print(require('one').name, io.open('text'))";
    let run = folder.run(&["--dir", "lib:", "--dir", "lib/sub:lib/sub", "-e", script]).printed();
    assert_eq!(run, "one\tnil\ttext: No such file or directory\t2\n");
    let script = "print(io.open('x/y/text'):read(), io.open('text'))";
    let run = folder.run(&["--dir", ".:x/y", "-e", script]).printed();
    assert_eq!(run, "line 1\tnil\ttext: No such file or directory\t2\n");
}

#[test]
fn a_folder_is_not_written_unless_that_is_given_too() {
    let folder = Folder::new().with("a", "old");
    let script = "print(io.open('a', 'w')) print(io.open('new', 'a')) print(io.open('a', 'r+')) print(os.remove('a')) \
        print(os.rename('a', 'b')) print(pcall(io.output, 'a'))";
    let expected = "nil\ta: Read-only file system\t30\nnil\tnew: Read-only file system\t30\nnil\ta: Read-only file system\t30\n\
        nil\ta: Read-only file system\t30\nnil\ta: Read-only file system\t30\nfalse\ta: Read-only file system\n";
    assert_eq!(folder.run(&["--dir", ".", "-e", script]).printed(), expected);
    assert_eq!(folder.read("a"), "old");
    assert!(!folder.path("new").exists());
}

#[test]
fn what_is_written_is_kept() {
    let folder = Folder::new().with("a", "old").with("b", "b").with("c", "c").with("in/place", "123456");
    let script = "local f = io.open('a', 'a') f:setvbuf('full') f:write(' and new') \
        io.output('out') io.write('written') \
        print(os.remove('b'), os.rename('c', 'in/d')) \
        local p = io.open('in/place', 'r+') p:seek('set', 2) p:write('__') p:close() \
        print(io.open('nowhere/x', 'w')) print(io.open('in', 'w')) print(io.open('in/d'):read('a')) \
        error('it fails in the end')";
    let run = folder.run(&["--dir", ".:rw", "-e", script]);
    assert_eq!(
        run.stdout,
        "true\ttrue\nnil\tnowhere/x: No such file or directory\t2\nnil\tin: Is a directory\t21\nc\n"
    );
    run.complaint(1);
    assert_eq!(folder.read("a"), "old and new");
    assert_eq!(folder.read("out"), "written");
    assert_eq!(folder.read("in/d"), "c");
    assert_eq!(folder.read("in/place"), "12__56");
    assert!(!folder.path("b").exists() && !folder.path("c").exists());
}

#[test]
fn nothing_leads_out_of_a_folder() {
    let folder = Folder::new().with("in/a", "a").with("secret", "s");
    std::os::unix::fs::symlink("../secret", folder.path("in/link")).expect("a link");
    std::os::unix::fs::symlink("a", folder.path("in/good")).expect("a link");
    let script = "print(io.open('link')) print(io.open('../secret')) print(io.open('/secret')) print(io.open('good'):read()) \
        print(io.open('link', 'w'))";
    let expected = "nil\tlink: Permission denied\t13\nnil\t../secret: No such file or directory\t2\n\
        nil\t/secret: No such file or directory\t2\na\nnil\tlink: Permission denied\t13\n";
    assert_eq!(folder.run(&["--dir", "in:.:rw", "-e", script]).printed(), expected);
    assert_eq!(folder.read("secret"), "s");
}

#[test]
fn devices_and_large_files_are_no_trouble() {
    let folder = Folder::new().with("large", vec![b'x'; 3_000_000]);
    let script = "print(io.open('large')) print(io.open('/dev/null', 'w'):write('x') ~= nil)";
    let printed = folder.run(&["--memory", "1M", "--dir", ".:rw", "-e", script]).printed();
    assert!(printed.starts_with("nil\tlarge: the state has no memory for 3000005 bytes"), "{printed}");
    assert!(printed.ends_with("\t12\ntrue\n"), "{printed}");
}

#[test]
fn files_that_change_outside_are_read_anew() {
    let folder = Folder::new().with("a", "1");
    let script = "for line in io.lines() do print(io.open('a') and io.open('a'):read('a')) end";
    let mut command = folder.command(&["--dir", ".", "-e", script]);
    let mut child = crate::harness::start(&mut command);
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut stdout = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
    let mut next = || {
        use std::io::{BufRead, Write};
        stdin.write_all(b"\n").expect("a reader");
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        line
    };
    assert_eq!(next(), "1\n");
    std::fs::write(folder.path("a"), "other").expect("a file");
    assert_eq!(next(), "other\n");
    std::fs::remove_file(folder.path("a")).expect("a file");
    assert_eq!(next(), "nil\n");
    drop(stdin);
    assert!(child.wait().expect("its end").success());
}

//! Scripts that wait, are saved, and go on.

use std::fs;
use std::io::{BufRead, BufReader, Read};

use crate::harness::{Folder, finish, interrupt, start};

#[test]
fn a_script_that_waits_goes_on_with_the_answer() {
    let folder = Folder::new().with(
        "order.lua",
        "local n = ... print('asking') local a, b = host.call('approve', n, {x = 1}) print(a, b, arg[1])\n\
         print(pcall(host.call, 'again')) return 'unseen'",
    );
    let run = folder.run(&["--snapshot", "state", "order.lua", "7"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(75), "asking\n"));
    assert!(
        run.stderr
            .ends_with("it waits for an answer to 'approve'; go on by: moonlet resume state ANSWER...\n")
    );
    let copy = fs::read(folder.path("state")).expect("a snapshot");
    let run = folder.run(&["resume", "state", "yes", "-e"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(75), "yes\t-e\t7\n"));
    let run = folder.run(&["resume", "state", "--fail", "no"]);
    assert_eq!(run.printed(), "false\tno\n");
    // The first one is a fork that can go another way.
    fs::write(folder.path("state"), copy).expect("a file");
    let run = folder.run(&["resume", "state", "--json", "--snapshot", "later", "[1, 2]", "null"]);
    assert_eq!(run.status, Some(75));
    assert!(run.stdout.starts_with("table: ") && run.stdout.ends_with("\tnil\t7\n"), "{}", run.stdout);
    assert!(folder.path("later").exists());
}

#[test]
fn without_a_file_to_save_it_in_a_script_cannot_wait() {
    let complaint = Folder::new().run(&["-e", "host.call('approve')"]).complaint(1);
    assert!(
        complaint.contains("nobody answers 'approve' here; run the script with --snapshot FILE"),
        "{complaint}"
    );
}

#[test]
fn an_interrupt_saves_a_script() {
    let folder = Folder::new();
    let script = "print('begun') local n = 0 for i = 1, 2e8 do n = n + 1 end print(n)";
    let mut child = start(&mut folder.command(&["--snapshot", "state", "-e", script]));
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    lines.read_line(&mut String::new()).expect("a line");
    interrupt(&child);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).expect("the rest");
    assert_eq!((child.wait().expect("its end").code(), rest.as_str()), (Some(75), ""));
    let complaint = folder.run(&["resume", "state", "x"]).complaint(1);
    assert!(complaint.contains("the script waits for no answer: leave it out"), "{complaint}");
    assert_eq!(folder.run(&["resume", "state"]).printed(), "200000000\n");
}

#[test]
fn a_script_goes_on_when_its_time_was_up() {
    let folder = Folder::new();
    let script = "for i = 1, 2e8 do end print('end')";
    let run = folder.run(&["--timeout", "50ms", "--snapshot", "state", "-e", script]);
    assert_eq!(run.complaint(75).split(": ").nth(1), Some("its time is up; go on by"));
    assert_eq!(folder.run(&["resume", "state", "--stats"]).stdout, "end\n");
    // Fuel is counted from where it goes on.
    let run = folder.run(&["resume", "state", "--fuel", "1M"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""));
    assert_eq!(folder.run(&["resume", "state", "--fuel", "1G"]).printed(), "end\n");
}

#[test]
fn a_script_that_reads_is_saved_while_it_waits() {
    let folder = Folder::new();
    let mut child =
        start(&mut folder.command(&["--snapshot", "state", "-e", "print('begun') print(io.read())"]));
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    lines.read_line(&mut String::new()).expect("a line");
    let stdin = child.stdin.take();
    interrupt(&child);
    assert_eq!(child.wait().expect("its end").code(), Some(75));
    drop(stdin);
    let mut command = folder.command(&["resume", "state"]);
    assert_eq!(finish(start(&mut command), "the line\n").printed(), "the line\n");
}

#[test]
fn files_of_folders_are_written_on() {
    let folder = Folder::new();
    let script = "local f = io.open('out', 'w') f:write('one ') host.call('next') f:write('two') f:close()";
    folder.run(&["--dir", ".:rw", "--snapshot", "state", "-e", script]).complaint(75);
    assert_eq!(folder.read("out"), "one ");
    let run = folder.run(&["resume", "state"]);
    assert!(run.stderr.contains("what the script writes to out goes nowhere"), "{}", run.stderr);
    folder.run(&["--snapshot", "other", "-e", "host.call('x')"]).complaint(75);
    assert!(folder.run(&["resume", "other", "--dir", "."]).complaint(1).contains("started without --dir"));
    std::fs::remove_file(folder.path("other")).expect("a file");
    assert_eq!(folder.read("out"), "one ");
    folder.run(&["resume", "--dir", ".:rw", "state"]).printed();
    assert_eq!(folder.read("out"), "one two");
}

#[test]
fn both_versions_are_resumed_without_being_named() {
    let folder = Folder::new();
    for lua in ["5.4", "5.5"] {
        folder
            .run(&["--lua", lua, "--snapshot", "state", "-e", "print(host.call('x'), _VERSION)"])
            .complaint(75);
        assert_eq!(folder.run(&["resume", "state", "y"]).printed(), format!("y\tLua {lua}\n"));
    }
}

#[test]
fn damaged_snapshots_say_so() {
    let folder = Folder::new().with("text", "no snapshot");
    folder.run(&["--snapshot", "state", "-e", "host.call('x')"]).complaint(75);
    let whole = fs::read(folder.path("state")).expect("a snapshot");
    let mut flipped = whole.clone();
    flipped[5000] ^= 1;
    let mut newer = whole.clone();
    newer[8] = 9;
    for (bytes, words) in [
        (&whole[..whole.len() - 1], "the snapshot has"),
        (&whole[..100], "the snapshot is cut short"),
        (&flipped, "the snapshot is damaged"),
        (&newer, "the snapshot has form 9"),
        (b"", "it is no snapshot"),
    ] {
        fs::write(folder.path("bad"), bytes).expect("a file");
        let complaint = folder.run(&["resume", "bad"]).complaint(1);
        assert!(complaint.contains("bad cannot be resumed") && complaint.contains(words), "{complaint}");
    }
    assert!(folder.run(&["resume", "none"]).complaint(1).contains("cannot open none: No such file"));
    assert!(folder.run(&["resume", "state", "--json", "{"]).complaint(1).contains("is no JSON"));
    assert!(folder.run(&["resume", "state", "--task", "99"]).complaint(1).contains("no task 99 waits in it"));
    let complaint = folder.run(&["--snapshot", "none/state", "-e", "host.call('x')"]).complaint(1);
    assert!(
        complaint.contains("the script cannot be saved in none/state: No such file or directory"),
        "{complaint}"
    );
}

#[test]
fn a_full_disk_leaves_what_was_saved() {
    let folder = Folder::new();
    let script = "big = ('x'):rep(4000000) .. 'y' host.call('x') host.call('y')";
    folder.run(&["--snapshot", "state", "-e", script]).complaint(75);
    let before = fs::read(folder.path("state")).expect("a snapshot");
    // A limit on the size of files stands for a disk that is full.
    let limited = "ulimit -f 2000; trap '' XFSZ; exec \"$0\" resume state";
    let command = folder.command(&[]);
    let mut shell = std::process::Command::new("bash");
    shell.args(["-c", limited, command.get_program().to_str().expect("a path")]).current_dir(folder.path(""));
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let complaint = finish(start(&mut shell), "").complaint(1);
    assert!(complaint.contains("the script cannot be saved in state: File too large"), "{complaint}");
    assert_eq!(fs::read(folder.path("state")).expect("a snapshot"), before);
    assert_eq!(fs::read_dir(folder.path("")).expect("a folder").count(), 1, "no partial file is left");
}

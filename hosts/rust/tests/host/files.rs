//! The in-memory file system.

use moonlet::{ErrorKind, Lua};

#[test]
fn files_are_written_read_listed_and_removed() {
    let lua = Lua::new().expect("a state");
    let files = lua.files();
    files.write("lib/list.lua", "return {size = 3}").expect("written");
    files.write(b"\xff", b"\0\x01".as_slice()).expect("any name");
    assert_eq!(lua.eval::<i64>("package.path = 'lib/?.lua' return require('list').size").expect("3"), 3);
    lua.eval::<()>("local f = io.open('out.txt', 'w') f:write('abc') f:close()").expect("written");
    assert_eq!(files.read("out.txt").expect("read"), Some(b"abc".to_vec()));
    assert_eq!(files.read("./lib/../out.txt").expect("read"), Some(b"abc".to_vec()));
    assert_eq!(files.read("none").expect("read"), None);
    assert_eq!(
        files.list().expect("listed"),
        [(b"lib/list.lua".to_vec(), 17), (b"out.txt".to_vec(), 3), (vec![0xff], 2)]
    );
    assert!(files.remove("out.txt").expect("removed"));
    assert!(!files.remove("out.txt").expect("gone"));
    assert_eq!(lua.eval::<bool>("return io.open('out.txt') == nil").ok(), Some(true));
}

#[test]
fn what_names_no_file_is_refused() {
    let lua = Lua::builder().memory(1 << 20).build().expect("a state");
    for name in ["", "a/", "..", "/dev/null", "a\0b"] {
        let error = lua.files().write(name, "x").expect_err(name);
        assert_eq!((error.kind(), error.status()), (ErrorKind::Refused, 32));
    }
    let error = lua.files().write("large", vec![b'x'; 2 << 20]).expect_err("no memory");
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(lua.files().list().expect("listed"), []);
}

#[test]
fn what_is_over_the_limit_of_results_is_not_read() {
    let lua = Lua::builder().result(100).build().expect("a state");
    let name = "large".repeat(20);
    lua.files().write(&name, vec![b'x'; 101]).expect("written");
    let error = lua.files().read(&name).expect_err("too large");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Refused, 35));
    assert!(error.message().contains("`result`"), "{error}");
    let error = lua.files().list().expect_err("too large");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Refused, "contents are over the option RESULT"));
}

#[test]
fn a_list_for_which_there_is_no_memory_is_an_error() {
    let lua = Lua::builder().memory(4 << 20).build().expect("a state");
    for n in 0..4000 {
        lua.files().write(format!("a file with a long name {n}"), "").expect("written");
    }
    let fill = "kept = {} pcall(function() while true do kept[#kept + 1] = ('x'):rep(100) .. #kept end end)";
    lua.eval::<()>(fill).expect("a full state");
    let error = lua.files().list().expect_err("no memory");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Memory, "not enough memory"));
    lua.eval::<()>("kept = nil").expect("room");
    lua.compact().expect("collected");
    assert_eq!(lua.files().list().expect("listed").len(), 4000);
}

#[test]
fn large_files_pass() {
    let lua = Lua::new().expect("a state");
    let contents: Vec<u8> = (0..1_000_000u32).map(|n| n as u8).collect();
    lua.files().write("large", &contents).expect("written");
    assert_eq!(lua.eval::<usize>("return #io.open('large'):read('a')").expect("a length"), contents.len());
    assert_eq!(lua.files().read("large").expect("read"), Some(contents));
}

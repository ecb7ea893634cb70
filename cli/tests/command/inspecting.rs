//! What `moonlet inspect` tells.

use std::path::Path;

use crate::harness::Folder;

#[test]
fn a_snapshot_tells_what_waits_in_it() {
    let folder = Folder::new().with("data", "12345");
    let script = "io.open('mine', 'w'):write('123') host.call('approve', 'order', {1, x = {}}, 2.0, print)";
    folder.run(&["--snapshot", "state", "--lua", "5.5", "-e", script]).complaint(75);
    let text = folder.run(&["inspect", "state"]).printed();
    for line in [
        "kind          snapshot\n",
        "Lua           5.5\n",
        "name mine, bytes 3",
        "waits for an answer to approve(\"order\", {[1] = 1, x = {}}, 2.0, <function>), fuel used ",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&folder.run(&["inspect", "--json", "state"]).printed()).expect("JSON");
    assert_eq!((&json["kind"], &json["Lua"], &json["form"]), (&"snapshot".into(), &"5.5".into(), &2.into()));
    assert_eq!(json["tasks"].as_array().expect("tasks").len(), 1);
    assert_eq!(json["bytes"], std::fs::metadata(folder.path("state")).expect("a file").len());
}

#[test]
fn a_module_tells_its_build() {
    let folder = Folder::new();
    for (name, bytes, lua) in
        [("lua54.wasm", moonlet::engine::LUA54, "5.4"), ("lua55.wasm", moonlet::engine::LUA55, "5.5")]
    {
        let folder = Folder::new().with(name, bytes);
        let json: serde_json::Value =
            serde_json::from_str(&folder.run(&["inspect", "--json", name]).printed()).expect("JSON");
        assert_eq!(
            (&json["kind"], &json["Lua"], &json["ABI"]),
            (&"module".into(), &lua.into(), &"1.0".into())
        );
        assert_eq!((&json["imports"], &json["pages at most"]), (&0.into(), &32_768.into()));
        assert_eq!(json["build"].as_str().map(str::len), Some(64));
    }
    folder.run(&["--snapshot", "state", "-e", "host.call('x')"]).complaint(75);
    let of = |path: &str| {
        let json: serde_json::Value =
            serde_json::from_str(&folder.run(&["inspect", "--json", path]).printed()).expect("JSON");
        json["build"].clone()
    };
    let module = folder.path("module.wasm");
    std::fs::write(&module, moonlet::engine::LUA54).expect("a file");
    assert_eq!(of("state"), of("module.wasm"));
}

#[test]
fn other_files_say_what_they_are_not() {
    let folder = Folder::new()
        .with("text", "x")
        .with("short.wasm", b"\0asm\x01\0\0\0\x01\xff")
        .with("empty.wasm", b"\0asm\x01\0\0\0")
        .with("chunk", b"\x1bLua\x54\0");
    assert!(folder.run(&["inspect", "chunk"]).printed().contains("precompiled chunk"));
    for (name, words) in [
        ("text", "cannot inspect text: it is neither a module of Moonlet nor a snapshot"),
        ("short.wasm", "it is no whole WebAssembly module"),
        ("empty.wasm", "cannot inspect empty.wasm"),
        ("none", "cannot open none"),
    ] {
        let complaint = folder.run(&["inspect", name]).complaint(1);
        assert!(complaint.contains(words), "{complaint}");
    }
    folder.run(&["--snapshot", "state", "-e", "host.call('x')"]).complaint(75);
    let mut bytes = std::fs::read(folder.path("state")).expect("a snapshot");
    bytes[6000] ^= 1;
    std::fs::write(folder.path("state"), bytes).expect("a file");
    let text = folder.run(&["inspect", "state"]).printed();
    assert!(text.contains("cannot be restored") && text.contains("the snapshot is damaged"), "{text}");
    assert!(Path::new(&folder.path("state")).exists());
}

//! The C of Lua is what `lua-src` ships, byte for byte, and every byte of a script arrives as it is.

use std::fs;
use std::path::PathBuf;

use moonlet_tests::{Lua, Version, status};
use sha2::{Digest, Sha256};

fn lua_src() -> PathBuf {
    let metadata = cargo_metadata::MetadataCommand::new()
        .other_options(["--offline".to_string()])
        .exec()
        .expect("cargo metadata");
    let package = metadata.packages.into_iter().find(|package| package.name.as_str() == "lua-src");
    package.expect("lua-src").manifest_path.parent().expect("a folder").into()
}

#[test]
fn the_c_files_are_the_pinned_ones() {
    let mut found = String::new();
    for version in ["lua-5.4.9", "lua-5.5.1"] {
        let folder = lua_src().join(version);
        let mut names: Vec<String> = fs::read_dir(&folder)
            .expect("a folder of C files")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        for name in names {
            let hash = Sha256::digest(fs::read(folder.join(&name)).expect("a readable file"));
            found += &format!("{hash:x}  {version}/{name}\n");
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/lua-src.sha256");
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, &found).expect("a writable file");
    }
    assert_eq!(found, fs::read_to_string(path).expect("the pinned hashes"));
}

for_each_version! {
    fn every_byte_of_a_string_comes_back(version: Version) {
        let mut lua = Lua::new(version);
        // What a literal may hold as it is: all but its quote, the backslash and line ends.
        let bytes: Vec<u8> = (0..=255).filter(|byte| !b"'\\\r\n".contains(byte)).collect();
        let source = [b"return '", bytes.as_slice(), b"'"].concat();
        assert_eq!(lua.run(source).result, bytes);
    }

    fn an_empty_source_returns_nothing(version: Version) {
        let mut lua = Lua::new(version);
        for source in ["", " ", "\n", "-- comment", ";", "\0"] {
            let run = lua.run(source);
            let expected = if source == "\0" { -status::ERRSYNTAX } else { 0 };
            assert_eq!(run.answer, expected, "{source:?}");
        }
        let answer: i32 = lua.call("compute", (0u32, 0u32));
        assert_eq!(answer, 0, "no bytes at no address are an empty source");
    }

    fn the_result_may_be_the_next_source(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.eval("return 'return ' .. ('1+'):rep(2000) .. '1'").len(), 4008);
        let (ptr, len): (u32, u32) = (lua.call("result_ptr", ()), lua.call("result_len", ()));
        assert_eq!(lua.call::<_, i32>("compute", (ptr, len)), 4);
        assert_eq!(lua.result(), b"2001");
    }
}

//! The mini variants: what they leave out says so, and the rest is as in the full modules.

use moonlet::{ErrorKind, Libraries, Lua, Version};

const MINI: [Version; 2] = [Version::Lua54Mini, Version::Lua55Mini];

fn refused<T: std::fmt::Debug>(answer: moonlet::Result<T>) {
    let error = answer.expect_err("what a mini variant leaves out");
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert_eq!(error.status(), 33, "{error}");
    assert!(error.to_string().contains("Version::Lua54"), "{error}");
}

#[test]
fn values_host_functions_and_limits_are_as_in_the_full_module() -> moonlet::Result<()> {
    for version in MINI {
        let lua = Lua::builder().version(version).fuel(1_000_000).build()?;
        lua.define("add", |a: i64, b: i64| a + b)?;
        assert_eq!(lua.eval::<i64>("return add(1, 2)")?, 3);
        let error = lua.eval::<()>("while true do end").expect_err("no fuel");
        assert_eq!(error.kind(), ErrorKind::Budget);
        assert_eq!(lua.eval::<i64>("return 2 + 2")?, 4);
    }
    Ok(())
}

#[test]
fn what_is_left_out_is_told() -> moonlet::Result<()> {
    for version in MINI {
        let lua = Lua::builder().version(version).deterministic().build()?;
        let error = lua.eval::<()>("os.time()").expect_err("no os");
        assert!(error.to_string().contains("global 'os', which the mini variant leaves out"), "{error}");
        refused(lua.files().write("a", "b"));
        refused(lua.files().read("a"));
        refused(lua.files().remove("a"));
        refused(lua.write_input(b"line"));
        let builder = || Lua::builder().version(version);
        refused(builder().libraries(Libraries::BASE | Libraries::IO).build().map(drop));
        refused(builder().time_zone("CET-1").build().map(drop));
        refused(builder().binary_chunks(true).build().map(drop));
        let few = builder().libraries(Libraries::BASE).build()?;
        assert!(few.eval::<bool>("return string == nil")?);
    }
    Ok(())
}

#[test]
fn a_snapshot_is_for_its_variant_alone() -> moonlet::Result<()> {
    let lua = Lua::builder().version(Version::Lua54Mini).build()?;
    lua.eval::<()>("n = 41")?;
    let snapshot = lua.snapshot()?;
    let other = Lua::builder().version(Version::Lua54Mini).build()?;
    other.restore(&snapshot)?;
    assert_eq!(other.eval::<i64>("return n + 1")?, 42);
    let full = Lua::new()?;
    assert_eq!(full.restore(&snapshot).expect_err("another build").kind(), ErrorKind::Snapshot);
    Ok(())
}

//! Files: what the host writes the script sees, and the other way round.

use moonlet_tests::{Lua, Version, status};

for_each_version! {
    fn host_and_script_see_the_same_files(version: Version) {
        let mut lua = Lua::new(version);
        let every_byte: Vec<u8> = (0..=255).collect();
        assert_eq!(lua.write_file("data/bytes", &every_byte), status::OK);
        assert_eq!(lua.eval("local s = io.open('data/bytes', 'rb'):read('a') return #s, s:byte(1), s:byte(-1)"), "256\t0\t255");
        lua.eval("local f = io.open('out/result', 'w') f:write('a\\0b', 1, 2.5) f:close()");
        assert_eq!(lua.read_file("out/result").as_deref(), Ok(&b"a\x0012.5"[..]).map(|_| &b"a\0b12.5"[..]));
        assert_eq!(lua.read_file("missing"), Err(status::BAD_ARGUMENT));
        assert_eq!(lua.write_file("", b"x"), status::BAD_ARGUMENT);
        assert_eq!(lua.write_file("/", b"x"), status::BAD_ARGUMENT);
        assert_eq!(lua.write_file("data/bytes", b""), status::OK);
        assert_eq!(lua.read_file("data/bytes"), Ok(Vec::new()));
    }

    fn a_name_that_no_script_can_open_is_refused(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.write_file("file", b"x"), status::OK);
        let used = lua.get(moonlet_tests::option::MEMORY_USED);
        let names: [&[u8]; 12] = [
            b"", b"/", b"a/b/", b"a/b/.", b"a/b/..", b".", b"..", b"nul\0", b"a\0/b", b"\0", b"file/below", b"/file/far/below",
        ];
        for name in names {
            let shown = String::from_utf8_lossy(name);
            assert_eq!(lua.write_file(name, b"x"), status::BAD_ARGUMENT, "{shown:?}");
            assert_eq!(lua.read_file(name), Err(status::BAD_ARGUMENT), "{shown:?}");
            assert_eq!(lua.remove_file(name), status::BAD_ARGUMENT, "{shown:?}");
            assert_eq!(lua.get(moonlet_tests::option::MEMORY_USED), used, "{shown:?}");
            if !name.contains(&0) {
                assert_eq!(lua.eval(format!("return io.open({shown:?}, 'w')")).split('\t').next(), Some("nil"), "{shown:?}");
            }
            lua.call::<_, i32>("reset", ());
        }
        // Every other name is one, and the script opens it.
        for name in [&b"\xff\x01 \n"[..], b"...", b"a/.../b", &[b'n'; 70_000], b"file\\x", b"/a/./../b"] {
            assert_eq!(lua.write_file(name, b"there"), status::OK);
            lua.write_file("name", name);
            assert_eq!(lua.eval("return io.open(io.open('name'):read('a')):read('a')"), "there");
            assert_eq!(lua.remove_file(name), status::OK);
        }
    }

    fn the_host_removes_and_lists_files(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.list_files().as_deref(), Ok(&b"\x90"[..]));
        lua.write_file("b", &[0; 300]);
        lua.write_file("/a//x", b"abc");
        lua.write_file(b"\xff", b"");
        lua.eval("local f = io.open('ab', 'w') f:write('12') f:close() held = io.tmpfile() held:write('x')");
        let run = lua.run("error('a run')");
        assert_eq!(
            lua.list_files().as_deref(),
            Ok(&b"\x94\x92\xa3a/x\x03\x92\xa2ab\x02\x92\xa1b\xcd\x01\x2c\x92\xc4\x01\xff\x00"[..])
        );
        assert_eq!(lua.call::<_, i32>("status", ()), run.status(), "no run");
        lua.eval("f = io.open('b')");
        for (name, answer) in [("b", status::OK), ("b", status::BAD_ARGUMENT), ("./ab", status::OK), ("a", status::BAD_ARGUMENT)] {
            assert_eq!(lua.remove_file(name), answer, "{name}");
        }
        assert_eq!(lua.eval("return #f:read('a'), io.open('b')"), "300\tnil\tb: No such file or directory\t2");
        assert_eq!(lua.list_files().as_deref(), Ok(&b"\x92\x92\xa3a/x\x03\x92\xc4\x01\xff\x00"[..]));
        lua.set(moonlet_tests::option::RESULT, 9.0);
        assert_eq!(lua.list_files(), Err(status::TOO_BIG));
        lua.set(moonlet_tests::option::RESULT, 0.0);
        assert_eq!((lua.remove_file("a/x"), lua.remove_file(b"\xff")), (status::OK, status::OK));
        assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
        assert_eq!(lua.get(moonlet_tests::option::MEMORY_USED), 0.0, "nothing of the files is left");
    }

    fn a_thousand_files_are_listed_in_order(version: Version) {
        let mut lua = Lua::new(version);
        let mut random = moonlet_tests::Random(3);
        let mut names = std::collections::BTreeMap::new();
        for _ in 0..1000 {
            let name: String = (0..=random.below(5)).map(|_| char::from(b'a' + random.below(6) as u8)).collect();
            let size = random.below(100) as usize;
            assert_eq!(lua.write_file(&name, &vec![b'x'; size]), status::OK);
            names.insert(name, size);
        }
        let list = lua.list_files().expect("a list");
        lua.write_file("list", &list);
        let listed = lua.eval(
            "local list, parts = msgpack.decode(io.open('list'):read('a')), {} \
             for i, entry in ipairs(list) do parts[i] = entry[1] .. '=' .. entry[2] end return table.concat(parts, ' ')",
        );
        let expected: Vec<String> = names.iter().map(|(name, size)| format!("{name}={size}")).collect();
        assert_eq!(listed, expected.join(" "));
    }

    fn a_name_is_a_path(version: Version) {
        let mut lua = Lua::new(version);
        lua.write_file("a/b.lua", b"return 'b'");
        for name in ["a/b.lua", "./a/b.lua", "/a/b.lua", "a//b.lua", "a/./b.lua", "a/c/../b.lua", "../a/b.lua"] {
            assert_eq!(lua.eval(format!("return dofile('{name}')")), "b", "{name}");
            assert_eq!(lua.read_file(name).as_deref(), Ok(&b"return 'b'"[..]), "{name}");
        }
    }

    fn require_finds_modules(version: Version) {
        let mut lua = Lua::new(version);
        lua.write_file("shapes/init.lua", b"return {circle = require('shapes.circle')}");
        lua.write_file("shapes/circle.lua", b"local name, path = ... return {name = name, path = path}");
        assert_eq!(
            lua.eval("local s = require 'shapes' return s.circle.name, s.circle.path"),
            "shapes.circle\t./shapes/circle.lua"
        );
        assert_eq!(lua.eval("return package.path, package.loaded.shapes ~= nil"), "./?.lua;./?/init.lua\ttrue");
        let run = lua.run("require 'nowhere'");
        assert_eq!(run.status(), status::ERRRUN);
        assert!(run.text().contains("no file './nowhere.lua'\n\tno file './nowhere/init.lua'"), "{}", run.text());
    }

    fn errors_in_files_name_the_file(version: Version) {
        let mut lua = Lua::new(version);
        lua.write_file("game.lua", b"\nlocal t = nil\nreturn t.x");
        let run = lua.run("dofile('game.lua')");
        assert!(run.text().starts_with("game.lua:3: attempt to index a nil value (local 't')"), "{}", run.text());
    }

    fn every_mode_does_what_c_says(version: Version) {
        let mut lua = Lua::new(version);
        let source = r#"
            local function write(mode, text, whence, offset)
              local f = assert(io.open("f", mode))
              if whence then f:seek(whence, offset) end
              local ok = f:write(text)
              f:close()
              return ok and io.open("f"):read("a")
            end
            local r = {}
            r[#r + 1] = tostring(io.open("f", "r"))
            r[#r + 1] = tostring(io.open("f", "r+"))
            r[#r + 1] = write("w", "hello")
            r[#r + 1] = write("r+", "J")
            r[#r + 1] = write("a", "!")
            r[#r + 1] = write("a", "?", "set", 0)
            r[#r + 1] = write("w+", "new")
            r[#r + 1] = write("a+", "er", "set", 0)
            r[#r + 1] = write("r+b", "XX", "end", 2):gsub("\0", "0")
            local f = io.open("f", "r")
            r[#r + 1] = tostring(f:write("x"))
            f:close()
            f = io.open("f", "w")
            r[#r + 1] = tostring(f:read(1))
            return table.concat(r, "|"), pcall(io.open, "f", "rw")
        "#;
        assert_eq!(
            lua.eval(source),
            "nil|nil|hello|Jello|Jello!|Jello!?|new|newer|newer00XX|nil|nil\tfalse\tbad argument #2 to 'io.open' (invalid mode)"
        );
    }

    fn reading_follows_the_formats(version: Version) {
        let mut lua = Lua::new(version);
        lua.write_file("n", b"  0x1F -3.5e1 nan\nline two\n\nlast");
        let source = "local f = io.open('n') local a, b, c = f:read('n', 'n', 'n') \
                      return a, b, c, f:read('l'), f:read('L'), f:read('l'), f:read(2), f:read('a'), f:read('l'), f:read(0), f:read('a')";
        assert_eq!(lua.eval(source), "31\t-35.0\tnil\tnan\tline two\n\t\tla\tst\tnil\tnil\t");
        assert_eq!(lua.eval("local n = 0 for l, r in io.lines('n', 1, 'l') do n = n + 1 end return n"), "3");
        assert_eq!(lua.eval("local f = io.open('n') return f:seek('end'), f:seek('set', 3), f:read(2), f:seek()"), "32\t3\tx1\t5");
    }

    fn a_removed_file_lives_while_it_is_open(version: Version) {
        let mut lua = Lua::new(version);
        lua.write_file("f", b"text");
        assert_eq!(lua.eval("f = io.open('f') return os.remove('f'), io.open('f')"), "true\tnil\tf: No such file or directory\t2");
        assert_eq!(lua.eval("return f:read('a'), os.remove('f')"), "text\tnil\tf: No such file or directory\t2");
        assert_eq!(lua.eval("f:close() return os.rename('f', 'g')").split('\t').next(), Some("nil"));
        lua.write_file("a", b"A");
        lua.write_file("b", b"B");
        assert_eq!(lua.eval("return os.rename('a', 'b'), io.open('b'):read('a'), io.open('a')").split('\t').take(2).collect::<Vec<_>>(), ["true", "A"]);
    }

    fn temporary_files_work(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.eval("local f = io.tmpfile() f:write('x') f:seek('set') return f:read('a'), io.type(f), f:close(), io.type(f)"), "x\tfile\ttrue\tclosed file");
        assert_eq!(lua.eval("local a, b = os.tmpname(), os.tmpname() return a ~= b, io.open(a, 'w') ~= nil"), "true\ttrue");
    }

    fn standard_input_is_a_file(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.eval("return io.read('l')"), "nil");
        lua.write_file("/dev/stdin", b"one\ntwo\n");
        assert_eq!(lua.eval("return io.read('l'), io.read('n'), io.read('a')"), "one\tnil\ttwo\n");
        lua.write_file("/dev/stdin", b"42 43");
        assert_eq!(lua.eval("return io.read('n', 'n')"), "42\t43");
        lua.write_file("/dev/stdin", b"return 'from input'");
        assert_eq!(lua.eval("return dofile()"), "from input");
    }

    fn what_cannot_be_says_so(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.eval("return os.execute()"), "false");
        assert_eq!(lua.eval("return os.execute('ls')"), "nil\tOperation not supported\t95");
        assert!(lua.run("io.popen('ls')").text().contains("'popen' not supported"));
        assert_eq!(lua.eval("return os.getenv('HOME'), os.setlocale(), os.setlocale('de_DE')"), "nil\tC\tnil");
        assert!(lua.eval("return package.loadlib('x.so', 'f')").starts_with("nil\tdynamic libraries not enabled"));
    }

    fn files_outlive_a_reset_and_streams_do_not(version: Version) {
        let mut lua = Lua::new(version);
        lua.write_file("kept", b"kept");
        let before = lua.get(moonlet_tests::option::MEMORY_USED);
        lua.eval("x = 1 handles = {} for i = 1, 100 do handles[i] = io.open('kept') end io.write('gone')");
        assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
        assert_eq!(lua.get(moonlet_tests::option::MEMORY_USED), before, "nothing is left behind");
        assert_eq!(lua.drain(), b"");
        assert_eq!(lua.eval("return x, io.open('kept'):read('a')"), "nil\tkept");
    }

    fn reset_runs_no_finalizer(version: Version) {
        let mut lua = Lua::new(version);
        lua.eval(
            "collectgarbage('stop') \
             for i = 1, 1000 do setmetatable({}, {__gc = function() while true do end end}) end \
             setmetatable({}, {__gc = function() io.open('trace', 'w'):close() end}) \
             setmetatable({}, {__gc = print}) \
             co = coroutine.wrap(function() local x <close> = setmetatable({}, {__close = function() io.open('trace', 'w') end}) coroutine.yield() end) co()",
        );
        assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
        assert_eq!(lua.read_file("trace"), Err(status::BAD_ARGUMENT));
        assert_eq!(lua.drain(), b"");
        lua.assert_usable();
    }
}

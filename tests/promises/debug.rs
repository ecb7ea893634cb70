//! The library `debug` as it is by default cannot break an instance; all of it is a bit of its own.

use moonlet_tests::{Lua, Version, option, status};

/// The mask of all libraries, with all of `debug`.
const ALL: f64 = 8191.0;

const NAMES: &str = "local names = {} for name in pairs(debug) do names[#names + 1] = name end table.sort(names) return table.concat(names, ' ')";

/// A frame wide enough to have all of a C function's stack within it, and a hook that looks at what is left there of calls
/// before. `found` gets the functions and userdata.
const STALE: &str = "
    found, seen = {}, 0
    local function look()
      for level = 2, 5 do
        local info = debug.getinfo(level, 'f')
        if not info then break end
        found[info.func] = true
        for i = -3, 250 do
          local name, value = debug.getlocal(level, i)
          if name then
            seen = seen + 1
            if type(value) == 'userdata' or type(value) == 'function' then found[value] = true end
          elseif i > 0 then
            break
          end
        end
      end
    end
    local wide = load('local f, look = ... ' .. ('local x '):rep(150) .. 'f() f(1) debug.sethook(look, [[crl]]) f() f(2) debug.sethook()')
    local text = ('x'):rep(200)
    wide(function(n)
      if n == 1 then debug.sethook() end
      pcall(string.gsub, text, '^.', function() look() return text end)
      pcall(string.format, '%s%s', text, text)
      pcall(table.concat, {text, text, text}, text)
      pcall(string.rep, text, 10)
      for _ in string.gmatch(text, 'x+') do look() end
      pcall(table.sort, {3, 1, 2}, function(a, b) look() return a < b end)
      pcall(msgpack.encode, text, {text}, 1)
      pcall(tostring, setmetatable({}, {__tostring = function() look() return '' end}))
    end, look)
    for i = 1, 3 do setmetatable({}, {__gc = look}) end
    collectgarbage()";

/// Every function and userdata in `found`, called and indexed with all that breaks who trusts it.
const MISUSE: &str = "
    local boxes = 0
    for value in pairs(found) do
      local meta = getmetatable(value)
      if type(value) == 'userdata' and meta ~= getmetatable(io.stdout) then
        boxes = boxes + 1
        if meta and meta.__gc then pcall(meta.__gc, value) pcall(meta.__gc, io.stdout) pcall(meta.__gc, 1) end
      end
      if type(value) == 'function' and debug.getinfo(value, 'S').what == 'C' then
        for _, arguments in ipairs {{}, {1}, {'x', 'x'}, {io.stdout}, {{}, io.stdout}, {io.stdout, io.stdout}, {print, {}}} do
          if value ~= os.exit and value ~= debug.sethook then
            pcall(coroutine.wrap(function(...) return value(...) end), table.unpack(arguments))
          end
        end
      end
    end
    return boxes";

for_each_version! {
    fn the_whole_library_is_a_bit_of_its_own(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.get(option::LIBRARIES), 4095.0);
        assert_eq!(lua.eval(NAMES), "gethook getinfo getlocal getupvalue sethook traceback upvalueid");
        for mask in [ALL, 1.0 + 256.0 + 4096.0, 1.0 + 8.0 + 256.0 + 4096.0] {
            assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
            assert_eq!(lua.set(option::LIBRARIES, mask), status::OK);
            let names = lua.eval(NAMES);
            for name in ["getregistry", "setlocal", "setmetatable", "setupvalue", "setuservalue", "upvaluejoin"] {
                assert!(names.contains(name), "{mask}: {name} is not among {names}");
            }
        }
    }

    fn what_is_left_on_a_stack_is_out_of_reach(version: Version) {
        let mut lua = Lua::new(version);
        lua.eval(STALE);
        assert_eq!(lua.eval("return seen > 1000"), "true");
        assert_eq!(lua.eval(MISUSE), "0");
        lua.assert_usable();
    }

    fn functions_of_the_host_s_own_steps_are_out_of_reach(version: Version) {
        let mut lua = Lua::new(version);
        // The body of a task, the message handler, what makes a result text, and the main thread's steps.
        let source = "
            found, hidden = found or {}, hidden or 0
            function look()
              for level = 0, 20 do
                local info = debug.getinfo(level, 'fS')
                if not info then break end
                if info.what == 'C' and select(2, pcall(info.func)) == 'this function is not for scripts' then hidden = hidden + 1 end
                found[info.func] = true
                for i = 1, 20 do
                  local _, value = debug.getlocal(level, i)
                  if value then found[value] = true end
                end
              end
            end
            look()
            shown = setmetatable({}, {__tostring = function() look() return 'shown' end})
            setmetatable(_G, {__index = function(t, key) look() return look end})
            return shown";
        assert_eq!(lua.eval(source), "shown");
        assert_eq!(lua.run("error(shown)").status(), status::ERRRUN);
        assert!(lua.call_function(b"\x91\xa7missing").answer >= 0);
        lua.eval("for i = 1, 10 do setmetatable({}, {__gc = look}) end");
        lua.call::<_, f64>("compact", ());
        lua.eval("setmetatable(_G, nil)");
        // Those of the task, of the message handler, of the result's text, of the path and of the collection.
        assert_eq!(lua.eval("return hidden >= 5"), "true");
        assert_eq!(lua.eval(MISUSE), "0");
        lua.assert_usable();
    }

    fn what_scripts_were_given_is_shown(version: Version) {
        let mut lua = Lua::new(version);
        let shown = lua.eval("
            local seen = {}
            debug.sethook(function() seen[debug.getinfo(2, 'f').func] = true end, 'c')
            print() math.abs(1) io.write('') io.stdout:write('') io.stdout:seek() utf8.len('') os.time()
            for _ in ipairs {} do end
            for _ in string.gmatch('', 'x') do end
            local wrapped = coroutine.wrap(print) wrapped()
            debug.sethook()
            local missing = {}
            for name, f in pairs {print = print, abs = math.abs, write = io.write, method = io.stdout.write, seek = io.stdout.seek, len = utf8.len,
              time = os.time, ipairs = ipairs, iterator = ipairs {}, gmatch = string.gmatch, wrapped = wrapped} do
              if not seen[f] then missing[#missing + 1] = name end
            end
            return table.concat(missing, ' ')");
        assert_eq!(shown, "");
        // In the place of others, such as what msgpack.encode calls, stands one that nothing can be done with.
        assert_eq!(lua.eval("
            local seen = {}
            debug.sethook(function() local f = debug.getinfo(2, 'f').func seen[f] = (seen[f] or 0) + 1 end, 'c')
            msgpack.encode(1)
            debug.sethook()
            seen[msgpack.encode], seen[debug.sethook] = nil, nil
            local f, count = next(seen)
            return count, next(seen, f), pcall(f, 1)"), "1\tnil\tfalse\tthis function is not for scripts");
        assert_eq!(lua.eval("
            local function f(a, ...) return debug.getlocal(1, 1), select(2, debug.getlocal(1, 1)), select(2, debug.getlocal(1, -1)), debug.getlocal(1, 9) end
            return f(1, 'more')"), "a\t1\tmore\tnil");
        assert_eq!(lua.eval("local x = 5 local function f() return x end return debug.getupvalue(f, 1)"), "x\t5");
        assert_eq!(lua.eval("return select('#', debug.getupvalue(string.gmatch('', 'x'), 1))"), "0");
        assert_eq!(lua.eval("return select('#', debug.getupvalue(coroutine.wrap(print), 1)), (pcall(debug.getupvalue, 1, 1))"),
            "0\tfalse");
    }

    fn the_main_thread_is_nobody_s(version: Version) {
        let mut lua = Lua::new(version);
        lua.eval("setmetatable({}, {__gc = function()
            host_thread, first = coroutine.running()
            inside = {coroutine.status(host_thread), coroutine.isyieldable(), pcall(coroutine.close, host_thread)}
            hooked = {pcall(debug.sethook, function() while true do end end, 'crl', 1)}
          end})");
        lua.call::<_, f64>("compact", ());
        assert_eq!(lua.eval("return type(host_thread), first, inside[1], inside[2], inside[3]"), "thread\ttrue\trunning\tfalse\tfalse");
        assert_eq!(lua.eval("return hooked[1], hooked[2]"), "false\tcannot hook the host's thread");
        let outside = lua.eval("
            return coroutine.status(host_thread), pcall(coroutine.close, host_thread), select(2, coroutine.resume(host_thread, 1)),
              pcall(debug.sethook, host_thread, print, 'c')");
        assert_eq!(outside, "normal\tfalse\tcannot resume non-suspended coroutine\tfalse\tcannot hook the host's thread");
        assert_eq!(lua.eval("return debug.traceback(host_thread), debug.gethook(host_thread)").lines().count(), 1);
        assert_eq!(lua.call_function(b"\x91\xa5print").status(), status::OK);
        lua.eval("local t = {} for i = 1, 1000 do t[i] = coroutine.create(print) end collectgarbage()");
        lua.assert_usable();
    }

    fn hooks_end_with_their_task(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::FUEL, 1_000_000.0);
        lua.eval("seen = 0 debug.sethook(function() seen = seen + 1 end, 'crl') return setmetatable({}, {__tostring = function() return 'x' end})");
        assert_eq!(lua.eval("local before = seen for i = 1, 10 do print(i) end return seen - before, debug.gethook()"), "0\tnil");
        // The thread of a task that has ended is hooked, while it waits for another one.
        assert_eq!(lua.run("kept = coroutine.running() host.call()").status(), status::ERRRUN);
        assert_eq!(lua.run("kept = coroutine.running() host.call('wait')").status(), status::YIELD);
        let first = lua.task();
        assert_eq!(lua.run("host.call('wait') debug.sethook(kept, function() while true do end end, 'crl', 1)").status(), status::YIELD);
        let second = lua.task();
        assert_eq!(lua.resume(first, b"").status(), status::OK);
        assert_eq!(lua.resume(second, b"").status(), status::OK);
        assert_eq!(lua.run("other = coroutine.running() host.call('wait')").status(), status::YIELD);
        assert_eq!(lua.eval("return coroutine.running() == kept, other == kept"), "true\tfalse");
        lua.assert_usable();
        // An error in a hook is like any other.
        let run = lua.run("debug.sethook(function(event) error('in the hook', 0) end, 'r') return 1");
        assert_eq!(run.status(), status::ERRRUN);
        assert!(run.text().starts_with("in the hook\nstack traceback:"), "{}", run.text());
    }

    fn all_of_debug_is_as_lua_has_it(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.set(option::LIBRARIES, ALL), status::OK);
        assert_eq!(lua.eval("local n = 0 for _ in pairs(debug.getregistry()) do n = n + 1 end return n > 3"), "true");
        assert_eq!(lua.eval("local x = 1 local function f() return x end debug.setupvalue(f, 1, 7) return x"), "7");
        // What a script does with it may tear the instance down, which then says so.
        let buffer = lua.put(b"debug.setupvalue(coroutine.wrap(print), 1, 5)(1) local f = coroutine.wrap(print) debug.setupvalue(f, 1, 5) f()");
        if lua.try_call::<_, i32>("compute", buffer).is_err() {
            assert_eq!(lua.call::<_, i32>("status", ()), status::POISONED);
        }
    }

    fn memory_that_is_out_in_getinfo(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::MEMORY, 3_000_000.0);
        // The lines of a long function, about the thread that waits for the one that asks.
        let shown = lua.eval("
            local long = load('local f = ... ' .. ('x = 1\\n'):rep(20000) .. ' return (f())')
            local full
            local outer = coroutine.create(function()
              local asker = coroutine.wrap(function(thread)
                local kept = {}
                collectgarbage()
                for _, size in ipairs {1000, 1} do pcall(function() while true do kept[#kept + 1] = ('x'):rep(size) .. #kept end end) end
                local ok, message = pcall(debug.getinfo, thread, 2, 'L')
                full = message
                kept = nil
                return 'asker ends'
              end)
              local self = coroutine.running()
              return long(function() return (asker(self)) end)
            end)
            local ok, ended = coroutine.resume(outer)
            return ok, ended, full");
        assert_eq!(shown, "true\tasker ends\tnot enough memory");
        lua.assert_usable();
    }
}

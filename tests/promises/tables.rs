//! Tables that the interpreter makes and fills without Lua's own functions are as those are.

use moonlet_tests::{Lua, Version};

/// Gives tables of every small size names and takes them away again, with collections between, beside arrays that say what they hold.
const COME_AND_GO: &str = "
    local makes = {
      function() return {} end, function() return {k1 = 1} end, function() return {k1 = 1, k2 = 2} end,
      function() return {k1 = 1, k2 = 2, k3 = 3} end, function() return {k1 = 1, k2 = nil, k3 = 3, k4 = 4, k5 = 5} end,
      function() return {1, 2, 3, k1 = 1} end,
    }
    local names = {}
    for i = 1, 24 do names[i] = 'k' .. i end
    local checks = 0
    for round = 1, 300 do
      local t = makes[round % #makes + 1]()
      local first, held = #t, {}
      for i, name in ipairs(names) do held[i] = rawget(t, name) end
      for step = 1, 60 do
        local i = math.random(#names)
        local value = math.random(3) > 1 and step or nil
        t[names[i]], held[i] = value, value
        if step == 30 and round % 10 == 0 then collectgarbage() end
        if step % 15 == 0 then
          local count = first
          for k, name in ipairs(names) do
            assert(rawget(t, name) == held[k], name)
            if held[k] ~= nil then count = count + 1 end
          end
          for key, value in pairs(t) do
            assert(rawget(t, key) == value)
            count = count - 1
          end
          assert(count == 0)
          checks = checks + 1
        end
      end
    end
    return checks";

for_each_version! {
    fn names_come_and_go(version: Version) {
        assert_eq!(Lua::new(version).run(COME_AND_GO).text(), "1200");
        assert_eq!(Lua::mini(version).run(COME_AND_GO).text(), "1200");
    }

    fn a_name_is_new_to_those_who_are_asked_about_it(version: Version) {
        let source = "local log = {} local events = {} local t = setmetatable({}, events) t.a = 1 \
             events.__newindex = function(t, name, value) log[#log + 1] = name rawset(t, name, value) end \
             t.a = 2 t.b = 3 t.b = 4 t.a = nil t.a = 5 \
             local inner = {} local outer = setmetatable({}, {__index = inner}) local before = outer.x inner.x = 6 \
             return table.concat(log, ' '), t.a, t.b, before, outer.x";
        assert_eq!(Lua::new(version).run(source).text(), "b a\t5\t4\tnil\t6");
    }
}

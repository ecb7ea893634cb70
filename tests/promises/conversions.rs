//! Conversions between numbers and texts: the room that they ask for, and the fuel that they take.

use moonlet_tests::{Lua, Version, option};

/// Units that 100 rounds of a statement take beyond those of an empty one.
fn units(lua: &mut Lua, statement: &str) -> f64 {
    let mut used = |statement: &str| {
        lua.eval(format!("local format = string.format for i = 1, 100 do {statement} end"));
        lua.get(option::FUEL_USED)
    };
    used(statement) - used("")
}

fn three_times_five_to_the(power: u32) -> String {
    let mut digits = vec![3];
    for _ in 0..power {
        let mut carry = 0;
        for digit in &mut digits {
            carry += *digit * 5;
            *digit = carry % 10;
            carry /= 10;
        }
        if carry > 0 {
            digits.push(carry);
        }
    }
    digits.iter().rev().map(|digit| char::from(b'0' + *digit)).collect()
}

for_each_version! {
    fn formatting_a_float_allocates_nothing(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::FUEL, 1e9);
        for number in ["0.0", "-1.5", "123456789.25", "1e-300"] {
            let fixed = units(&mut lua, &format!("local s = format('%.3f', {number})"));
            let with_exponent = units(&mut lua, &format!("local s = format('%.3e', {number})"));
            // Looking at the number is one unit more, a digit of the text an eighth.
            assert!(fixed <= with_exponent + 300.0, "{number}: {fixed} units for %f, {with_exponent} for %e");
        }
        assert_eq!(lua.eval("return #string.format('%.99f', -1.7976931348623157e308)"), "410");
        assert_eq!(lua.eval("return #string.format('%.99f', -999999999.9)"), "110");
        assert_eq!(lua.eval("return #string.format('%99.99f', '-1e9')"), "111");
    }

    fn long_arithmetic_takes_more_fuel(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::FUEL, 1e9);
        // Half-way between the two least doubles.
        let middle = format!("{}e-1075", three_times_five_to_the(1075));
        for (short, long) in [
            ("local s = format('%.3e', 1.5)", "local s = format('%.99e', 5e-324)"),
            ("local s = format('%.3f', 1.5)", "local s = format('%.99f', 1e308)"),
            ("local s = format('%q', 'a')", "local s = format('%q', '\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0')"),
            ("local s = tostring('1.5')", "local s = tostring(1.5)"),
            ("local n = tonumber('150')", "local n = tonumber('1.5')"),
            ("local n = tonumber('1.5')", &format!("local n = tonumber('{middle}')")),
            ("local n = load('return 1.5')", &format!("local n = load('return {middle}')")),
            ("local n = 5.5 n = n % 1.5", "local n = 1.7e308 n = n % 3e-308"),
            ("local n = math.fmod(5.5, 1.5)", "local n = math.fmod(1.7e308, 3e-308)"),
        ] {
            let (short_units, long_units) = (units(&mut lua, short), units(&mut lua, long));
            assert!(
                long_units > short_units + 500.0,
                "{short_units} units for {short}, {long_units} for {long}"
            );
        }
    }
}

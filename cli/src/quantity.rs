//! Quantities as people write them: `64M`, `10s`.

use std::time::Duration;

/// A number and what stands behind it.
fn split(text: &str) -> Result<(f64, &str), String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(text.len());
    let number: f64 = text[..end].replace('_', "").parse().map_err(|_| "it must begin with a number")?;
    Ok((number, text[end..].trim()))
}

fn whole(value: f64) -> Result<u64, String> {
    // The module's numbers are floats, exact up to here.
    if (1.0..9_007_199_254_740_992.0).contains(&value) {
        Ok(value as u64)
    } else {
        Err("it must be at least 1 and below 2^53; leave the option out for no limit".into())
    }
}

/// Bytes: a number, or with k, M or G for powers of 1024.
pub fn bytes(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text)?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" | "kib" => 1024.0,
        "m" | "mb" | "mib" => 1024.0 * 1024.0,
        "g" | "gb" | "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return Err(format!("'{unit}' is no unit; write k, M or G")),
    };
    whole(number * factor)
}

/// Units: a number, or with k, M or G for powers of 1000.
pub fn units(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text)?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" => 1.0,
        "k" => 1e3,
        "m" => 1e6,
        "g" => 1e9,
        _ => return Err(format!("'{unit}' is no unit; write k, M or G")),
    };
    whole(number * factor)
}

/// A time: seconds, or with ms, s, m or h.
pub fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text)?;
    let factor = match unit {
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("'{unit}' is no unit; write ms, s, m or h")),
    };
    let time = Duration::try_from_secs_f64(number * factor).map_err(|_| "it is too long")?;
    if time.is_zero() { Err("it must be more than nothing".into()) } else { Ok(time) }
}

/// A number with its thousands apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_units() {
        assert_eq!(bytes("64M"), Ok(64 << 20));
        assert_eq!(bytes("1.5 GiB"), Ok(3 << 29));
        assert_eq!(bytes("65_536"), Ok(65_536));
        assert_eq!(units("20M"), Ok(20_000_000));
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "M", "12x", "0", "-1", "1e99", "99999999999G"] {
            assert!(bytes(wrong).is_err() && units(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "s", "0", "0.0000000001s", "1d", "-1s"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!(
            (grouped(7), grouped(1234), grouped(1_234_567)),
            ("7".into(), "1,234".into(), "1,234,567".into())
        );
    }
}

//! math.h, compared with the host's glibc.

#[path = "cases/random.rs"]
mod random;

use libc_shim::math;
use random::{Random, double};

// The C names, for the `libc` crate does not declare mathematics.
unsafe extern "C" {
    safe fn acos(x: f64) -> f64;
    safe fn asin(x: f64) -> f64;
    safe fn atan2(y: f64, x: f64) -> f64;
    safe fn ceil(x: f64) -> f64;
    safe fn cos(x: f64) -> f64;
    safe fn cosh(x: f64) -> f64;
    safe fn exp(x: f64) -> f64;
    safe fn fabs(x: f64) -> f64;
    safe fn floor(x: f64) -> f64;
    safe fn fmod(x: f64, y: f64) -> f64;
    fn frexp(x: f64, exponent: *mut i32) -> f64;
    safe fn ldexp(x: f64, exponent: i32) -> f64;
    safe fn log(x: f64) -> f64;
    safe fn log10(x: f64) -> f64;
    safe fn log2(x: f64) -> f64;
    safe fn pow(x: f64, y: f64) -> f64;
    safe fn sin(x: f64) -> f64;
    safe fn sinh(x: f64) -> f64;
    safe fn sqrt(x: f64) -> f64;
    safe fn tan(x: f64) -> f64;
    safe fn tanh(x: f64) -> f64;
}

type Unary = extern "C" fn(f64) -> f64;
type Binary = extern "C" fn(f64, f64) -> f64;

const SPECIAL: &[f64] = &[
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    3.0,
    10.0,
    1000.0,
    1e22,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    5e-324,
    -5e-324,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    std::f64::consts::PI,
    std::f64::consts::FRAC_PI_2,
    std::f64::consts::E,
    709.78,
    710.5,
    -745.2,
    1.5,
    -1.5,
    2.5,
    4_503_599_627_370_497.5,
    0.1,
];

/// Steps between two doubles; NaNs are equal to each other.
fn steps(a: f64, b: f64) -> u64 {
    if a.is_nan() || b.is_nan() {
        return if a.is_nan() && b.is_nan() { 0 } else { u64::MAX };
    }
    // Zeros have to agree in their sign, too.
    if a == 0.0 && b == 0.0 {
        return u64::from(a.is_sign_negative() != b.is_sign_negative()) * u64::MAX;
    }
    let place = |x: f64| if x < 0.0 { -((x.to_bits() & (u64::MAX >> 1)) as i64) } else { x.to_bits() as i64 };
    place(a).abs_diff(place(b))
}

/// Arguments: the special ones, then random ones of all classes, and some of everyday size.
fn arguments() -> impl Iterator<Item = f64> {
    let mut random = Random::new();
    let random = (0..100_000).map(move |index| {
        let everyday = (random.bits() as i64 >> 11) as f64 / (1_u64 << random.choose(&[52, 50, 46])) as f64;
        if index % 2 == 0 { double(&mut random) } else { everyday }
    });
    SPECIAL.iter().copied().chain(random)
}

fn pairs() -> impl Iterator<Item = (f64, f64)> {
    let special = SPECIAL.iter().flat_map(|x| SPECIAL.iter().map(|y| (*x, *y)));
    special.chain(arguments().zip(arguments().skip(SPECIAL.len() + 1)))
}

fn compare(name: &str, limit: u64, ours: Unary, host: Unary) {
    let mut worst = 0;
    for x in arguments() {
        let distance = steps(ours(x), host(x));
        assert!(distance <= limit, "{name}({x:e}): ours {:e}, host {:e}", ours(x), host(x));
        worst = worst.max(distance);
    }
    println!("{name}: at most {worst} ulp from the host");
}

fn compare2(name: &str, limit: u64, ours: Binary, host: Binary) {
    let mut worst = 0;
    for (x, y) in pairs() {
        let distance = steps(ours(x, y), host(x, y));
        assert!(distance <= limit, "{name}({x:e}, {y:e}): ours {:e}, host {:e}", ours(x, y), host(x, y));
        worst = worst.max(distance);
    }
    println!("{name}: at most {worst} ulp from the host");
}

#[test]
fn exact_functions_give_what_the_host_gives() {
    compare("ceil", 0, math::ceil, ceil);
    compare("fabs", 0, math::fabs, fabs);
    compare("floor", 0, math::floor, floor);
    compare("sqrt", 0, math::sqrt, sqrt);
    compare2("fmod", 0, math::fmod, fmod);
}

#[test]
fn frexp_and_ldexp_are_exact() {
    let mut random = Random::new();
    for x in arguments() {
        let (mut ours, mut theirs) = (77, 77);
        // SAFETY: both get a place to write to.
        let fractions = unsafe { (math::frexp(x, &mut ours), frexp(x, &mut theirs)) };
        assert_eq!((steps(fractions.0, fractions.1), ours), (0, theirs), "frexp({x:e})");
        let exponent = random.choose(&[5000, 1100, 60]);
        let exponent = random.below(2 * exponent) as i32 - exponent as i32;
        for exponent in [exponent, i32::MAX, i32::MIN] {
            assert_eq!(steps(math::ldexp(x, exponent), ldexp(x, exponent)), 0, "ldexp({x:e}, {exponent})");
        }
    }
}

#[test]
fn the_others_stay_close_to_the_host() {
    compare("acos", 1, math::acos, acos);
    compare("asin", 1, math::asin, asin);
    compare("cos", 1, math::cos, cos);
    compare("cosh", 2, math::cosh, cosh);
    compare("exp", 1, math::exp, exp);
    compare("log", 1, math::log, log);
    compare("log10", 2, math::log10, log10);
    compare("log2", 1, math::log2, log2);
    compare("sin", 1, math::sin, sin);
    compare("sinh", 2, math::sinh, sinh);
    compare("tan", 1, math::tan, tan);
    compare("tanh", 3, math::tanh, tanh);
    compare2("atan2", 1, math::atan2, atan2);
    compare2("pow", 1, math::pow, pow);
}

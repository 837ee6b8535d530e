//! What the passes over arrays make, printed and read back.

use expr::Function;
use expr::passes::Seeds;

use super::in_language;

#[path = "../../../expr/src/passes/random_tests.rs"]
mod random_functions;

/// More nodes than this are not unrolled.
const BUDGET: u64 = 300_000;

/// The function printed and read back has the same values.
fn check(f: &Function, seed: u64) -> bool {
    let g = in_language(f).unwrap_or_else(|why| panic!("{why}"));
    let text = syntax::text(&g);
    let read = syntax::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    // What was built may be what nobody writes, such as a read at a constant; what was read is read again as the same graph.
    let again = syntax::text(&read);
    assert!(syntax::parse(&again).is_ok_and(|again| again.same_graph(&read)), "{again}");
    let read = random_functions::with_data(&read, seed);
    let (Ok(flat), Ok(flat_again)) = (f.unroll(BUDGET), read.unroll(BUDGET)) else { return false };
    let value = |name: &String| {
        let seed = name.bytes().fold(7u64, |seed, byte| seed.wrapping_mul(131).wrapping_add(byte.into()));
        0.3 + (seed % 1009) as f64 / 1009.0
    };
    // An input that is not read is not in the text.
    let names = flat.input_names();
    for name in flat_again.input_names() {
        assert!(names.contains(&name), "{name} is no input of the function\n{text}");
    }
    let values = |f: &Function, flat: &Function| {
        let point: Vec<f64> = flat.input_names().iter().map(value).collect();
        f.evaluate((), &point)
    };
    let (own, again) = (values(f, &flat), values(&read, &flat_again));
    assert_eq!(own.len(), again.len(), "{text}");
    for (a, b) in own.into_iter().zip(again) {
        let close = (a - b).abs() <= 1e-11 * a.abs().max(1.0);
        assert!(a == b || a.is_nan() && b.is_nan() || close, "{a} and {b} of\n{text}");
    }
    true
}

fn random(seeds: std::ops::Range<u64>) {
    let mut checked = [0; 4];
    for seed in seeds.clone() {
        let f = random_functions::random_function(seed, 2 + (seed % 3) as u32);
        let g = f.vjp(Seeds::One).unwrap();
        let functions = [Ok(f), Ok(g.clone()), g.vjp(Seeds::Inputs), g.jvp()];
        for (k, f) in functions.into_iter().enumerate() {
            checked[k] += u64::from(f.is_ok_and(|f| check(&f, seed)));
        }
    }
    let count = seeds.end - seeds.start;
    assert!(checked.iter().all(|checked| checked * 10 >= count * 8), "{checked:?} of {count}");
}

#[test]
fn random_functions_and_their_derivatives_are_read_back() {
    random(0..60);
}

/// Release: `cargo test --release -p chainrule-symbolic --lib printed -- --ignored`
#[test]
#[ignore = "minutes"]
fn many_random_functions_and_their_derivatives_are_read_back() {
    random(0..10_000);
}

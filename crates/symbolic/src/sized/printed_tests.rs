//! What the passes over arrays make, printed and read back.

use expr::Function;
use expr::graph::Role;
use expr::passes::Seeds;

use super::{NeedsSizes, Place, differentiate_sized, in_language};
use crate::{Mode, differentiate};

#[path = "../../../expr/src/passes/random_tests.rs"]
mod random_functions;

/// More nodes than this are not unrolled.
const BUDGET: u64 = 300_000;

/// A number for every scalar input, by its name.
fn value(name: &str) -> f64 {
    let seed = name.bytes().fold(7u64, |seed, byte| seed.wrapping_mul(131).wrapping_add(byte.into()));
    0.3 + (seed % 1009) as f64 / 1009.0
}

/// The function printed and read back has the same values.
fn check(f: &Function, seed: u64) -> bool {
    let g = match in_language(f) {
        Ok(g) => g,
        Err(NeedsSizes::TooDeep | NeedsSizes::TooManyAxes) => return false,
        Err(why) => panic!("{why}"),
    };
    let text = syntax::text(&g);
    let read = match syntax::parse(&text) {
        Ok(read) => read,
        // In a text every loop has an axis of its own.
        Err(error) if error.to_string().contains("different index variables") => return false,
        Err(error) => panic!("{error}\n{text}"),
    };
    // What was built may be what nobody writes, such as a read at a constant; what was read is read again as the same graph.
    let again = syntax::text(&read);
    assert!(syntax::parse(&again).is_ok_and(|again| again.same_graph(&read)), "{again}");
    let read = random_functions::with_data(&read, seed);
    let (Ok(flat), Ok(flat_again)) = (f.unroll(BUDGET), read.unroll(BUDGET)) else { return false };
    // An input that nothing reads may be called in the text without its length, or not at all.
    let names = flat.input_names();
    let depends = flat_again.depends_on_inputs();
    for id in flat_again.graph().ids().filter(|id| depends[id.index()]) {
        if let Some(position) = flat_again.input_at(id) {
            let name = &flat_again.input_names()[position];
            assert!(names.contains(name), "{name} is no input of the function\n{text}");
        }
    }
    let values = |f: &Function, flat: &Function| {
        let point: Vec<f64> = flat.input_names().iter().map(|name| value(name)).collect();
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

/// Formulas for every element, as derived and as people read them, against the literal sweep over the function unrolled.
fn check_elements(seed: u64) -> bool {
    let f = random_functions::random_function(seed, 2 + (seed % 3) as u32);
    let Ok(flat) = f.unroll(BUDGET) else { return false };
    let blocks = f.graph().blocks().iter().filter(|block| block.role == Role::Variable);
    let places: Vec<Place> = blocks
        .map(|block| Place { block: f.graph().block_named(&block.name).unwrap(), element: None })
        .collect();
    let Ok(found) = differentiate_sized(&f, 1, &places, 20_000) else { return false };
    let names = flat.input_names();
    let values = |f: &Function| {
        let point: Vec<f64> = f.input_names().iter().map(|name| value(name)).collect();
        let values = f.values((), &point);
        f.outputs().iter().map(|output| values[output.index()]).collect::<Vec<f64>>()
    };
    let all = values(&differentiate(&flat, Mode::Reverse, 1_000_000).unwrap().function);
    for formulas in [found.highest(), found.readable()] {
        for (k, partial) in found.partials.iter().enumerate() {
            let by = &partial.by[0];
            for (name, expected) in names.iter().zip(&all[1..]) {
                let (block, indices) = name.split_once('[').unwrap_or((name, ""));
                if block != by.block {
                    continue;
                }
                let indices = indices.trim_end_matches(']').split(',').filter_map(|index| index.parse().ok());
                let mut sizes: Vec<(&str, i64)> =
                    formulas.graph().sizes().iter().map(|size| (size.as_str(), 1)).collect();
                for (own, index) in by.indices.iter().zip(indices) {
                    sizes.iter_mut().filter(|(size, _)| size == own).for_each(|(_, value)| *value = index);
                }
                let Ok(flat) = formulas.with_sizes(&sizes).unwrap().unroll(BUDGET) else { continue };
                let found = values(&flat)[k];
                let close = (found - expected).abs() <= 1e-9 * expected.abs().max(1.0);
                assert!(
                    close || found.is_nan() && expected.is_nan(),
                    "{seed}: d/d{name} is {found}, {expected} by the sweep\n{}\n{}",
                    syntax::text(&f),
                    syntax::formulas(&formulas, [k])[0]
                );
            }
        }
    }
    true
}

#[test]
fn formulas_of_random_functions_are_their_derivatives() {
    let checked = (0..40).filter(|seed| check_elements(*seed)).count();
    assert!(checked >= 30, "{checked} of 40");
}

/// Release: `cargo test --release -p chainrule-symbolic --lib printed -- --ignored`
#[test]
#[ignore = "minutes"]
fn formulas_of_many_random_functions_are_their_derivatives() {
    let checked = (0..2_000).filter(|seed| check_elements(*seed)).count();
    assert!(checked >= 1_500, "{checked} of 2000");
}

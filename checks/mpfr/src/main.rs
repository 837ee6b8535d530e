//! The reference against MPFR: what MPFR finds at many bits has to be inside of what `reference` encloses at few.
//!
//! `cargo run --release -- [enclosures] [seed]`; exit status 1 where one is wrong.

mod compositions;
mod oracle;
mod random;

use std::collections::BTreeMap;
use std::time::Instant;

use expr::Op;
use oracle::{PRECISION, value};
use random::Random;
use reference::enclosure::{Bound, Enclosure, enclose};
use rug::Float;

/// Beyond these powers of two MPFR has no numbers; enclosures that end there are not compared on that side.
const RANGE: i64 = 1 << 29;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse::<u64>().expect("a number"));
    let (count, seed) = (arguments.next().unwrap_or(100_000), arguments.next().unwrap_or(1));
    let start = Instant::now();
    let enclosures = operators(count, seed);
    println!("{:.1} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let gradients = compositions::check(count / 20, seed);
    println!("{:.1} s", start.elapsed().as_secs_f64());
    std::process::exit(i32::from(enclosures + gradients > 0));
}

/// Random enclosures of every operator; how many are wrong.
fn operators(count: u64, seed: u64) -> u64 {
    let mut random = Random(seed);
    let (mut wrong, mut checked, mut points, mut outside) = (0, 0, 0, 0);
    let mut per_operator: BTreeMap<&str, u64> = BTreeMap::new();
    while checked < count {
        for &op in Op::ALL {
            let bits = [53, 64, 96, 192, 400][random.below(5) as usize];
            let boxes: Vec<[Float; 2]> = (0..op.arity())
                .map(|k| match (op, k) {
                    // The exponent of powi is an integer literal.
                    (Op::Powi, 1) => {
                        let n = Float::with_val(PRECISION, random.below(41) as i64 - 20);
                        [n.clone(), n]
                    }
                    // So are orders.
                    (op, k) if op.takes_integer() && k == op.free_arguments() => {
                        let n = Float::with_val(PRECISION, random.below(4));
                        [n.clone(), n]
                    }
                    _ => random.interval(),
                })
                .collect();
            let enclosure = enclose(op, bits, &boxes.iter().map(exact).collect::<Vec<_>>());
            checked += 1;
            *per_operator.entry(op.name()).or_default() += 1;
            for sample in 0..4 {
                let at: Vec<Float> = boxes.iter().map(|ends| random.inside(ends, sample)).collect();
                let Some(truth) = value(op, &at) else {
                    outside += 1;
                    continue;
                };
                points += 1;
                if !contains(&enclosure, &truth, op) {
                    wrong += 1;
                    if wrong <= 20 {
                        println!(
                            "WRONG {} at {bits} bits, {:?}: {:.40} is not in [{}, {}]",
                            op.name(),
                            at.iter().map(|x| format!("{x:.30}")).collect::<Vec<_>>(),
                            truth,
                            shown(&enclosure[0]),
                            shown(&enclosure[1]),
                        );
                    }
                }
            }
        }
    }
    let least = per_operator.values().min().expect("there are operators");
    println!(
        "{checked} enclosures of {} operators (at least {least} each), {points} values inside the domain, {outside} outside: {wrong} wrong",
        per_operator.len()
    );
    wrong
}

/// A number of MPFR as an end.
fn bound(x: &Float) -> Bound {
    match x.to_integer_exp() {
        Some((significand, exponent)) => {
            Bound::Finite { significand: significand.to_string_radix(16), exponent: i64::from(exponent) }
        }
        None => Bound::Infinite,
    }
}

fn exact(ends: &[Float; 2]) -> Enclosure {
    [bound(&ends[0]), bound(&ends[1])]
}

/// An end as a number of MPFR, exactly; nothing beyond its range.
fn float(bound: &Bound) -> Option<Float> {
    let Bound::Finite { significand, exponent } = bound else { return None };
    if exponent.abs() > RANGE {
        return None;
    }
    let integer = rug::Integer::from_str_radix(significand, 16).expect("hexadecimal");
    let bits = integer.significant_bits().max(2);
    let mut found = Float::with_val(bits, integer);
    match *exponent >= 0 {
        true => found <<= *exponent as u32,
        false => found >>= exponent.unsigned_abs() as u32,
    }
    Some(found)
}

/// Whether the true value, which is `truth` to within a few of its last bits, may be inside.
fn contains([low, high]: &Enclosure, truth: &Float, op: Op) -> bool {
    // What is 0 by underflow is anything tiny.
    let (below, above) = if truth.is_zero() && oracle::may_underflow(op) {
        let tiny = Float::with_val(64, 1) >> (RANGE as u32 / 2);
        (Float::with_val(64, -&tiny), tiny)
    } else {
        let slack = Float::with_val(PRECISION, truth.abs_ref()) >> (PRECISION - 200);
        (Float::with_val(PRECISION, truth - &slack), Float::with_val(PRECISION, truth + &slack))
    };
    let exact = oracle::is_exact(op);
    let (below, above) = if exact { (truth.clone(), truth.clone()) } else { (below, above) };
    let tiny_end = |bound: &Bound| matches!(bound, Bound::Finite { exponent, .. } if *exponent < -RANGE);
    let low_holds = tiny_end(low) || float(low).is_none_or(|low| low <= above);
    let high_holds = tiny_end(high) || float(high).is_none_or(|high| below <= high);
    low_holds && high_holds
}

fn shown(bound: &Bound) -> String {
    match (bound, float(bound)) {
        (_, Some(x)) => format!("{x:.40}"),
        (Bound::Infinite, _) => "∞".into(),
        (Bound::Finite { significand, exponent }, _) => format!("0x{significand}·2^{exponent}"),
    }
}

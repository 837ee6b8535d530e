//! Rows against programs at single points.

use super::*;
use crate::Program;

/// Runs a function over rows of every length that could matter, and compares with its program at single points.
fn check(text: &str, shared: &[usize]) {
    let f = syntax::parse(text).unwrap().unroll(100_000).unwrap();
    let program = Program::compile(&f);
    let (inputs, outputs) = (f.input_count(), f.outputs().len());
    let varies = |k: usize| !shared.contains(&k);
    let rows = VectorProgram::compile(&f, varies, |_| false);
    let added = VectorProgram::compile(&f, varies, |_| true);
    let number = |k: usize, t: usize| {
        let t = if shared.contains(&k) { 0 } else { t };
        0.6 + ((3 * k + 7 * t) as f64).sin() / 2.0
    };
    for (rows, packs) in [(&rows, 1), (&rows, 3), (&added, 2), (&rows, rows.packs())] {
        let mut space = rows.space(packs, 0);
        // Twice, so that what a run leaves behind would show.
        for used in [packs, 1] {
            space.set_used(used);
            for k in 0..inputs {
                match rows.input(k) {
                    Some(Operand::Row(row)) => {
                        for (p, pack) in space.row_mut(row).iter_mut().enumerate() {
                            *pack = Lanes(std::array::from_fn(|lane| number(k, p * LANES + lane)));
                        }
                    }
                    Some(Operand::Uniform(place)) => *space.uniform_mut(place) = number(k, 0),
                    None => {}
                }
            }
            rows.run_once(&mut space);
            rows.run(&mut space);
            for t in 0..used * LANES {
                let x: Vec<f64> = (0..inputs).map(|k| number(k, t)).collect();
                let mut expected = vec![0.0; outputs];
                program.run(&mut program.workspace(|v| v), &x, &mut expected);
                for (k, expected) in expected.iter().enumerate() {
                    let found = match rows.output(k) {
                        Output::Plain(place) => space.pack(place, t / LANES),
                        Output::Product([a, b]) => space.pack(a, t / LANES) * space.pack(b, t / LANES),
                    };
                    let found = found.0[t % LANES];
                    assert_eq!(found.to_bits(), expected.to_bits(), "{text}, output {k}, point {t}");
                }
            }
        }
    }
}

#[test]
fn rows_have_the_bits_of_single_points() {
    for shared in [&[][..], &[0], &[1], &[0, 1]] {
        check("[sin(x*y) + exp(x/y) - ln(x^2 + y^2), x, 2, x*y, exp(y)]", shared);
        check("[x^3 + y^-1 - x^4*y^1, if(1 < 2, x, y), if(x < y, x, 2), clamp(x, y, 1)]", shared);
        check("[x*y + x*2 + y*3 + 4*x + y + 2, (x + y) + (x + y) + x + y + x*y]", shared);
        check(
            "[sum(i, 1, 300, x^i*y), sum(i, 1, 9, i*x) + sum(i, 1, 8, y*x), prod(i, 1, 20, x + y/i)]",
            shared,
        );
        check("[sin(x)*cos(x), cos(y*1e4), sin(y*1e4), sin(x*1e9) + cos(x*1e9)]", shared);
        check("sum(i, 1, 600, sin(i*x)*y) + sum(i, 1, 20, y/i)*x + sum(i, 1, 40, cos(i/9)*x)", shared);
        check("[max(x, y, 1), min(x*y, y, x, 0.5, 2)*x]", shared);
        check("[sum(i, 1, 1300, sin(i*x)*y), sum(i, 1, 1793, y/(i + x))]", shared);
    }
    check("[sum(i, 1, 40, w[i]*sin(i*x)), sum(i, 1, 5, w[i]*x), w[1] + w[2]]", &[1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn bits_are_the_same_on_every_instruction_set() {
    let text =
        "[sin(x*y)*exp(x/y) - ln(x^2 + y^2), tanh(x)^3 + cos(y*1e9), sum(i, 1, 300, x*y/i) + sigmoid(y)]";
    let f = syntax::parse(text).unwrap().unroll(10_000).unwrap();
    let rows = VectorProgram::compile(&f, |_| true, |_| false);
    let run = |bits: usize| {
        let mut space = rows.space(3, 0);
        for k in 0..2 {
            let Some(Operand::Row(row)) = rows.input(k) else { panic!("both inputs are read") };
            let numbers: Vec<f64> = (0..24).map(|t| ((5 * t + k) as f64).sin() * 3.0).collect();
            space.fill_row(row, &numbers);
        }
        rows.run_once(&mut space);
        crate::vectors::tests::run_with(bits, || rows.run(&mut space)).map(|()| {
            let packs = (0..3).flat_map(|output| (0..3).map(move |pack| (output, pack)));
            let found = packs.flat_map(|(output, pack)| space.found(rows.output(output), pack).0);
            found.map(f64::to_bits).collect::<Vec<_>>()
        })
    };
    let baseline = run(0).expect("every machine has it");
    for bits in [256, 512] {
        match run(bits) {
            Some(found) => assert_eq!(found, baseline, "vectors of {bits} bits"),
            None => eprintln!("skipped: this machine has no vectors of {bits} bits"),
        }
    }
}

#[test]
fn rows_are_used_again() {
    let f = syntax::parse("iterate(k, 1, 100, y, x, sin(y)*x + 1)").unwrap().unroll(10_000).unwrap();
    let rows = VectorProgram::compile(&f, |_| true, |_| true);
    assert!(rows.rows <= 4, "{} rows", rows.rows);
    assert_eq!(rows.steps(), 300);
}

#[test]
fn products_that_are_added_up_are_not_computed() {
    let f = syntax::parse("[x*y, x + y]").unwrap();
    let rows = VectorProgram::compile(&f, |_| true, |_| true);
    assert!(matches!(rows.output(0), Output::Product(_)));
    assert_eq!(rows.steps(), 1);
}

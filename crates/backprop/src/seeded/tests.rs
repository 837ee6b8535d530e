use super::*;
use crate::Adjoint;

fn point(inputs: usize) -> Vec<f64> {
    (0..inputs).map(|k| 0.5 + (k as f64).sin() / 3.0).collect()
}

fn columns(seeded: &Seeded, x: &[f64], count: usize) -> (Vec<Vec<f64>>, Vec<f64>) {
    let (mut all, mut values) = (Vec::new(), Vec::new());
    let unit = |k: usize, seed: &mut [f64]| seed[k] = 1.0;
    seeded.run(&mut seeded.workspace(), x, &[], count, unit, |_, found| {
        all.push(found.product.to_vec());
        values = found.values.to_vec();
    });
    (all, values)
}

#[test]
fn unrolled_in_lanes_one_by_one_and_with_loops_the_bits_are_the_same() {
    let never = UnrollOrPlan { few_operators: u64::MAX, some_operators: u64::MAX, ..UnrollOrPlan::default() };
    let always = UnrollOrPlan { few_operators: 0, some_operators: 0, ..UnrollOrPlan::default() };
    for text in [
        "sum(i, 1, 19, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)",
        "let m = max(i, 1, 30, x[i]); m + ln(sum(i, 1, 30, exp(x[i] - m)))",
        "[sum(i, 1, 12, sum(j, i+1, 12, (x[i] - x[j])^2*y[j])), prod(i, 1, 12, 1 + x[i]/i), x[3]]",
        "let z = iterate(t, 1, 5, y[j: 1..9], x[j], y[j] + h*y[10 - j]^2); sum(k, 1, 9, z[k])",
        "sum(s, 1, 9, iterate(t, 1, 6, (y, z), (x[s], a), (z, sin(y)*a + b[t]))[1])",
        "[i: 2..9] x[i+1]*x[i-1]^2",
        "[i: 1..9] x[i+1]*x[i-1 + 1]^2",
    ] {
        let f = syntax::parse(text).unwrap();
        for sweep in [Sweep::Jvp, Sweep::Vjp, Sweep::Hvp] {
            let lanes = Seeded::new(&f, sweep, true, &never).unwrap();
            let (inputs, outputs) = (lanes.inputs(), lanes.outputs());
            let count = if sweep == Sweep::Vjp { outputs } else { inputs };
            let bits = |(columns, values): (Vec<Vec<f64>>, Vec<f64>)| -> Vec<u64> {
                columns.concat().iter().chain(&values).map(|number| number.to_bits()).collect()
            };
            let x = point(inputs);
            let expected = bits(columns(&lanes, &x, count));
            let one = Seeded::new(&f, sweep, false, &never).unwrap();
            let planned = Seeded::new(&f, sweep, true, &always).unwrap();
            assert_eq!(bits(columns(&one, &x, count)), expected, "{text}, {sweep:?}, one by one");
            let title = planned.explain().swap_remove(0);
            assert!(title.ends_with("with its loops") || text.contains("2..9"), "{text}, {sweep:?}: {title}");
            assert_eq!(bits(columns(&planned, &x, count)), expected, "{text}, {sweep:?}, with loops");
        }
    }
}

#[test]
fn rows_and_columns_of_a_jacobian_are_those_of_the_adjoint() {
    let text = "[sum(i, 1, 7, sin(x[i])*y), prod(i, 1, 7, x[i]), if(y > 0, y^3, ln(y)), max(x[1], x[2])]";
    let f = syntax::parse(text).unwrap();
    let adjoint = Adjoint::compile(&f.unroll(10_000).unwrap());
    let x = point(8);
    let (mut values, mut gradient) = (vec![0.0; 4], vec![0.0; 32]);
    adjoint.run(&mut adjoint.workspace(|number| number), &x, &mut values, &mut gradient);
    let choice = UnrollOrPlan::default();
    let (rows, _) = columns(&Seeded::new(&f, Sweep::Vjp, true, &choice).unwrap(), &x, 4);
    let (by_input, found) = columns(&Seeded::new(&f, Sweep::Jvp, true, &choice).unwrap(), &x, 8);
    assert_eq!(found, values);
    for (k, expected) in gradient.iter().enumerate() {
        let (output, input) = (k / 8, k % 8);
        for found in [rows[output][input], by_input[input][output]] {
            assert!(
                (found - expected).abs() <= 1e-14 * expected.abs(),
                "{output} by {input}: {found}, {expected}"
            );
        }
    }
}

#[test]
fn weights_are_those_of_the_sum_whose_hessian_it_is() {
    let (three, one) = ("[x*y, x^3, y^2]", "3*x^2*y");
    let of = |text: &str, weights: &[f64]| {
        let f = syntax::parse(text).unwrap();
        let seeded = Seeded::new(&f, Sweep::Hvp, false, &UnrollOrPlan::default()).unwrap();
        let mut all = Vec::new();
        let unit = |k: usize, seed: &mut [f64]| seed[k] = 1.0;
        seeded.run(&mut seeded.workspace(), &[2.0, 5.0], weights, 2, unit, |_, found| {
            all.extend_from_slice(found.gradient);
            all.extend_from_slice(found.product);
        });
        all
    };
    assert_eq!(of(three, &[]), [17.0, 12.0, 12.0, 1.0, 17.0, 12.0, 1.0, 2.0]);
    assert_eq!(of(three, &[10.0, 0.0, 0.5]), [50.0, 25.0, 0.0, 10.0, 50.0, 25.0, 10.0, 1.0]);
    assert_eq!(of(one, &[]), [60.0, 12.0, 30.0, 12.0, 60.0, 12.0, 12.0, 0.0]);
    assert_eq!(of(one, &[2.0]), [120.0, 24.0, 60.0, 24.0, 120.0, 24.0, 24.0, 0.0]);
}

#[test]
fn deep_chains_have_second_derivatives() {
    let f = Function::build(|g| {
        let x = g.input("x");
        vec![(0..200_000).fold(x, |y, _| expr::Calculus::sin(y))]
    });
    let seeded = Seeded::new(&f, Sweep::Hvp, true, &UnrollOrPlan::default()).unwrap();
    let (columns, values) = columns(&seeded, &[1.0], 1);
    assert!(values[0] > 0.0 && columns[0][0] < 0.0);
}

#[test]
fn inputs_that_nothing_reads_have_their_places() {
    for text in [
        "t = v[2] + v[1]; x*y",
        "t = sum(i, 1, 3, v[i]); x*y",
        "f(x, v[3], y) = x*y",
        "f(x, v[3], y) = sum(i, 1, 3, x*y*i)",
        "f(x, v[n], y) = sum(i, 1, n, x*y*i)",
        "f(x, v[n], y) = sum(i, 1, n, x*y*v[i]*i)",
        "t = iterate(k, 1, 3, s, v[2], tanh(s*v[k])); x*y + hypot(y, 2)",
    ] {
        let f = syntax::parse(text).unwrap();
        let f = f.with_sizes(&[("n", 3)]).unwrap_or(f);
        let inputs = f.unroll(1_000).unwrap().input_count();
        for sweep in [Sweep::Jvp, Sweep::Vjp, Sweep::Hvp] {
            for many in [false, true] {
                let seeded = Seeded::new(&f, sweep, many, &UnrollOrPlan::default()).unwrap();
                assert_eq!(seeded.inputs(), inputs, "{text}");
                let count = if sweep == Sweep::Vjp { 1 } else { inputs };
                let (columns, _) = columns(&seeded, &vec![2.0; inputs], count);
                let length = if sweep == Sweep::Jvp { 1 } else { inputs };
                assert!(columns.iter().all(|column| column.len() == length), "{text}, {sweep:?}");
            }
        }
    }
}

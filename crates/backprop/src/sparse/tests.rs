use super::*;

fn point(inputs: usize) -> Vec<f64> {
    (0..inputs).map(|k| 0.5 + (k as f64).sin() / 3.0).collect()
}

/// Dense, by a product for every input.
fn dense(f: &Function, sweep: Sweep, x: &[f64]) -> Vec<Vec<f64>> {
    let seeded = Seeded::new(f, sweep, true, &UnrollOrPlan::default()).unwrap();
    let mut columns = Vec::new();
    let unit = |k: usize, seed: &mut [f64]| seed[k] = 1.0;
    seeded
        .run(&mut seeded.workspace(), x, &[], x.len(), unit, |_, found| columns.push(found.product.to_vec()));
    columns
}

#[test]
fn entries_are_those_of_the_dense_matrix_and_none_is_missing() {
    for text in [
        "sum(i, 1, 29, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)",
        "sum(i, 1, 28, x[i]*x[i+1]*x[i+2])",
        "sum(i, 2, 100, (x[1]*x[i])^2)", // an arrow
        "prod(i, 1, 8, x[i])",
        "sum(i, 1, 30, sin(x[i])) + x[1]*x[30]",
        "exp(sum(i, 1, 6, x[i]^2))",
        "x[1] + 2*x[2]",
        "[sum(i, 1, 9, x[i]^2*y), x[3]^3, y^2]",
        "let z = iterate(t, 1, 3, y[j: 1..9], x[j], y[j] + h*y[10 - j]^2); sum(k, 1, 9, z[k])",
        "[i: 1..30] x[i+1]^2 - x[i]",
        "[sum(i, 1, 200, x[i]^2), x[1]*x[2], x[3]^2 - x[200]]", // one full row
        "sum(i, 1, 5, if(x[i] > 0.5, x[i]^3, x[i]*x[6]))",
        "7",
    ] {
        let f = syntax::parse(text).unwrap();
        let choice = UnrollOrPlan::default();
        let hessian = Sparse::hessian(&f, &choice).unwrap();
        let x = point(hessian.inputs());
        for (sparse, sweep) in [(hessian, Sweep::Hvp), (Sparse::jacobian(&f, &choice).unwrap(), Sweep::Jvp)] {
            let Pattern { rows, columns, symmetric, .. } = *sparse.pattern();
            let mut entries = vec![f64::NAN; sparse.pattern().len()];
            let (mut values, mut gradient) = (vec![0.0; sparse.outputs()], vec![0.0; x.len()]);
            sparse.run(&mut sparse.workspace(), &x, &[], &mut values, &mut gradient, &mut entries);
            let expected = dense(&f, sweep, &x);
            let mut found = vec![0.0; rows * columns];
            let mut entries = entries.iter();
            for row in 0..rows {
                let own = sparse.pattern().row(row);
                assert!(own.windows(2).all(|pair| pair[0] < pair[1]), "{text}: {own:?}");
                for &column in own {
                    let entry = *entries.next().unwrap();
                    found[column as usize * rows + row] = entry;
                    if symmetric {
                        found[row * rows + column as usize] = entry;
                    }
                }
            }
            let same = |a: f64, b: f64| (a - b).abs() <= 1e-13 * b.abs();
            for (k, (own, right)) in found.iter().zip(expected.concat()).enumerate() {
                assert!(same(*own, right), "{text}, {sweep:?}: number {k} is {own}, not {right}");
            }
            assert_eq!(values, *f.evaluate((), &x), "{text}");
        }
    }
}

#[test]
fn patterns_have_nothing_that_is_linear_and_full_lines_cost_one_product() {
    let of = |text: &str| syntax::parse(text).unwrap();
    let hessian = |text: &str| Sparse::hessian(&of(text), &UnrollOrPlan::default()).unwrap();
    let jacobian = |text: &str| Sparse::jacobian(&of(text), &UnrollOrPlan::default()).unwrap();
    assert!(hessian("3*x - y/2 + 1").pattern().is_empty());
    let band = hessian("sum(i, 1, 999, (x[i+1] - x[i]^2)^2)");
    assert_eq!((band.pattern().len(), band.colours()), (1999, 3));
    let arrow = hessian("sum(i, 2, 3000, (x[1]*x[i])^2)");
    assert_eq!((arrow.pattern().len(), arrow.colours()), (5999, 2));
    let full_row = jacobian("[sum(i, 1, 2000, x[i]^2), x[1]*x[2], x[3]^2]");
    assert_eq!((full_row.pattern().len(), full_row.colours()), (2003, 2)); // by rows: the full one, and both others
    let both = jacobian("[i: 1..2001] if(i < 2001, x[i]^2, sum(j, 1, 2000, x[j]))");
    assert_eq!((both.pattern().len(), both.colours()), (4000, 2)); // one for the diagonal, one for the row
}

use super::*;
use crate::{Backprop, Derivative, Strategy, Want};

/// Which NaN it is, is up to the processor.
fn bits(numbers: &[f64]) -> Vec<u64> {
    let bits = |number: &f64| if number.is_nan() { f64::NAN } else { *number }.to_bits();
    numbers.iter().map(bits).collect()
}

/// Value and gradient at a point alone; loops unrolled, as they are at many points.
fn alone(f: &Function) -> impl FnMut(&[f64]) -> Derivative {
    let f = f.unroll(100_000).unwrap();
    let mut ready = Backprop.prepare(&f, Want::Gradient, &Budget::default()).unwrap();
    move |x| {
        let mut out = Derivative::default();
        ready.run(x, &mut out).unwrap();
        out
    }
}

const FUNCTIONS: [&str; 4] = [
    "(x + y)*z",
    "sin(x*y) + exp(x/y) - ln(x^2 + y^2)*z",
    "[if(x < y, ln(x)*z, x*y), prod(i, 1, 20, x + i*y), z]",
    "iterate(k, 1, 300, w, x, w + sin(w*y)/z/k)",
];

/// Somewhere in the domain, but for a few.
fn columns(points: usize) -> [Vec<f64>; 3] {
    let column = |step: f64| (0..points).map(|k| 1.2 + (k as f64 * step).sin()).collect::<Vec<f64>>();
    let mut columns = [column(0.7), column(1.3), column(2.9)];
    columns[0].iter_mut().skip(5).step_by(11).for_each(|x| *x = -1.0);
    columns[1].iter_mut().skip(3).step_by(17).for_each(|y| *y = f64::NAN);
    columns
}

#[test]
fn every_point_has_the_bits_that_it_has_alone() {
    for text in FUNCTIONS {
        let f = syntax::parse(text).unwrap();
        let many = BatchGradient::new(&f, &Budget::default()).unwrap();
        let mut alone = alone(&f);
        for points in [0, 1, 7, 8, 9, 1000] {
            let data = columns(points);
            let columns: Vec<BatchInput<'_>> = data.iter().map(|column| BatchInput::Each(column)).collect();
            for threads in [1, 2, 3, 8] {
                let mut values = vec![0.0; many.outputs * points];
                let mut gradients = vec![0.0; many.outputs * 3 * points];
                on_threads(threads, || {
                    many.values_and_gradients(&columns, points, &mut values, &mut gradients)
                });
                for k in (0..points).step_by(if points > 100 { 97 } else { 1 }) {
                    let single = alone(&[data[0][k], data[1][k], data[2][k]]);
                    let found: Vec<f64> = values.iter().skip(k).step_by(points).copied().collect();
                    assert_eq!(bits(&found), bits(&single.values), "{text} at point {k} of {points}");
                    let found: Vec<f64> = gradients.iter().skip(k).step_by(points).copied().collect();
                    assert_eq!(bits(&found), bits(&single.gradient), "{text} at point {k} of {points}");
                }
            }
        }
    }
}

#[test]
fn spans_and_blocks_leave_no_trace() {
    // More than one task, the last of them ragged.
    let points = 2 * SPAN + 300;
    let f = syntax::parse("x*sin(y) + z").unwrap();
    let (many, mut alone) = (BatchGradient::new(&f, &Budget::default()).unwrap(), alone(&f));
    let data = columns(points);
    let columns: Vec<BatchInput<'_>> = data.iter().map(|column| BatchInput::Each(column)).collect();
    let of = |threads| {
        let (mut values, mut gradients) = (vec![0.0; points], vec![0.0; 3 * points]);
        on_threads(threads, || many.values_and_gradients(&columns, points, &mut values, &mut gradients));
        (bits(&values), bits(&gradients))
    };
    let (values, gradients) = of(1);
    assert_eq!(of(3), (values.clone(), gradients.clone()));
    for k in [0, SPAN - 1, SPAN, 2 * SPAN, points - 1] {
        let single = alone(&[data[0][k], data[1][k], data[2][k]]);
        assert_eq!(values[k], bits(&single.values)[0], "{k}");
        assert_eq!(gradients[points + k], bits(&single.gradient)[1], "{k}");
    }
}

#[test]
fn totals_are_sums_in_the_documented_order() {
    for text in FUNCTIONS {
        let f = syntax::parse(text).unwrap();
        let (many, mut alone) = (BatchGradient::new(&f, &Budget::default()).unwrap(), alone(&f));
        for points in [0, 1, 7, 9, 255, 256, 257, 1000, 1600] {
            let data: Vec<f64> = (0..points).map(|k| 1.5 + (k as f64).sin()).collect();
            let columns = [BatchInput::Each(&data), BatchInput::Shared(0.75), BatchInput::Shared(2.5)];
            let total = on_threads(1, || many.total(&columns, points));
            assert_eq!(total, on_threads(3, || many.total(&columns, points)), "{text}");
            let singles: Vec<Derivative> = data.iter().map(|&x| alone(&[x, 0.75, 2.5])).collect();
            for output in 0..many.outputs {
                let sum = |of: &dyn Fn(&Derivative) -> f64| {
                    let terms: Vec<f64> = singles.iter().map(of).collect();
                    expr::fold::value(expr::Fold::Sum, (), &terms).to_bits()
                };
                assert_eq!(total.values[output].to_bits(), sum(&|point| point.values[output]), "{text}");
                for (k, input) in [1, 2].into_iter().enumerate() {
                    let slope = sum(&|point| point.gradient[output * 3 + input]);
                    assert_eq!(total.gradient[output * 2 + k].to_bits(), slope, "{text}, {points} points");
                }
            }
        }
    }
}

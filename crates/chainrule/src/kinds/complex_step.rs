//! First derivatives of other kinds by the complex step: a direction is one evaluation, a row of weights one for each input.

use engine::{Program, Workspace};
use expr::{Complex, expect_point};
use numerical::COMPLEX_STEP;

use super::{Seeds, Want};
use crate::strategy::Derivative;

/// Values at complex points.
pub(crate) struct Values<'a> {
    pub(crate) program: &'a Program,
    pub(crate) workspace: &'a mut Workspace<Complex>,
    pub(crate) point: &'a mut [Complex],
    pub(crate) found: &'a mut [Complex],
}

impl Values<'_> {
    /// Fills `out`; says how many evaluations that took.
    pub(crate) fn run(self, want: Want, x: &[f64], seeds: Seeds<'_>, out: &mut Derivative) -> u64 {
        let Values { program, workspace, point, found } = self;
        let (inputs, outputs) = (point.len(), found.len());
        expect_point(x.len(), inputs);
        let products = seeds.products(want, inputs, outputs);
        out.make_room_for(want, inputs, outputs, products);
        let mut evaluations = 0;
        let mut along = |direction: &dyn Fn(usize) -> f64, found: &mut [Complex]| {
            for (k, (point, &re)) in point.iter_mut().zip(x).enumerate() {
                *point = Complex { re, im: COMPLEX_STEP * direction(k) };
            }
            program.run(workspace, point, found);
            evaluations += 1;
        };
        along(&|_| 0.0, found);
        out.values.iter_mut().zip(&*found).for_each(|(value, found)| *value = found.re);
        out.entries.fill(0.0);
        let [_, columns] = out.shape;
        let sweeps = if want == Want::Jvp { products } else { inputs };
        for k in 0..sweeps {
            along(
                &|input| {
                    if want == Want::Jvp { seeds.along[input * products + k] } else { f64::from(input == k) }
                },
                found,
            );
            for (output, found) in found.iter().enumerate() {
                let slope = found.im / COMPLEX_STEP;
                match want {
                    Want::Vjp => {
                        for row in 0..products {
                            out.entries[row * columns + k] += seeds.weights[row * outputs + output] * slope;
                        }
                    }
                    _ => out.entries[output * columns + k] = slope,
                }
            }
        }
        out.undefine(want);
        evaluations
    }
}

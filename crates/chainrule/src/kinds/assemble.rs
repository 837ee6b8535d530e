//! A matrix from products: which are asked for, and where they go.

use backprop::{Product, Sweep};
use expr::expect_point;

use super::{Seeds, Want};
use crate::strategy::Derivative;

/// What writes the seed of a product, and what takes a product.
pub(super) type Fill<'a> = &'a mut dyn FnMut(usize, &mut [f64]);
pub(super) type Take<'a> = &'a mut dyn FnMut(usize, Product<'_>);

/// Fills `out` with what is wanted at a point, of a function of so many inputs and outputs. `run` is given the weights of outputs, how
/// many products to run, what writes the seed of each into zeros, and what takes them in order. Says how many it were.
pub(super) fn assemble(
    (want, sweep): (Want, Sweep),
    [inputs, outputs]: [usize; 2],
    x: &[f64],
    seeds: Seeds<'_>,
    out: &mut Derivative,
    run: impl FnOnce(&[f64], usize, Fill<'_>, Take<'_>),
) -> u64 {
    expect_point(x.len(), inputs);
    let products = seeds.products(want, inputs, outputs);
    out.make_room_for(want, inputs, outputs, products);
    let wanted = match want {
        Want::Jvp | Want::Vjp | Want::Hvp => products,
        Want::Jacobian if sweep == Sweep::Vjp => outputs,
        _ => inputs,
    };
    let [_, columns] = out.shape;
    let Derivative { values, gradient, entries, .. } = out;
    let mut fill = |k: usize, seed: &mut [f64]| match want {
        // Without a product there are values all the same.
        _ if wanted == 0 => {}
        Want::Jvp | Want::Hvp => {
            seed.iter_mut().zip(seeds.along.chunks_exact(products)).for_each(|(seed, row)| *seed = row[k]);
        }
        Want::Vjp => seed.copy_from_slice(&seeds.weights[k * outputs..][..outputs]),
        _ => seed[k] = 1.0,
    };
    let mut take = |k: usize, found: Product<'_>| {
        if k == 0 {
            values.copy_from_slice(found.values);
            if want.is_second() {
                gradient.copy_from_slice(found.gradient);
            }
        }
        let found = found.product;
        match want {
            _ if wanted == 0 => {}
            Want::Gradient => unreachable!("gradients are no matrix of entries"),
            Want::HessianDiagonal => entries[k] = found[k],
            Want::Hessian => {
                // The lower part of the column, and the same as a row.
                for (row, number) in found.iter().enumerate().skip(k) {
                    entries[row * columns + k] = *number;
                    entries[k * columns + row] = *number;
                }
            }
            _ if sweep == Sweep::Vjp => entries[k * columns..][..columns].copy_from_slice(found),
            _ => {
                let column = entries.iter_mut().skip(k).step_by(columns);
                column.zip(found).for_each(|(entry, number)| *entry = *number);
            }
        }
    };
    let count = wanted.max(1);
    run(if want.is_second() { seeds.weights } else { &[] }, count, &mut fill, &mut take);
    out.undefine(want);
    count as u64
}

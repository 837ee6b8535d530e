//! The determinant of an n by n matrix by minors: n! products as a tree, n·2^(n-1) where minors are shared.

use expr::{Builder, Expr, Fold, Function, Style};

use super::Family;

pub(super) const DETERMINANT: Family = Family {
    name: "determinant",
    about: "the determinant of an n by n matrix by minors: n! products as a tree, n·2^(n-1) shared",
    source: "Laplace's expansion; the speed test det_minor of CppAD (Bell)",
    form: super::Form::Built { build: function, nodes },
    sizes: &[3, 5, 8],
    inputs: |n| n * n,
    domain: (-1.0, 1.0),
    value: |n, x| eliminated(n, x.to_vec()),
    gradient,
};

/// A product for every set of columns and each column of it, a sum for every set.
fn nodes(n: usize) -> u64 {
    let sets = 1u64.checked_shl(n as u32).unwrap_or(u64::MAX);
    sets.saturating_mul(n as u64 / 2 + 2)
}

/// Expands row after row: the minors of the last rows, by the columns that they have, are written once.
fn function(n: usize) -> Function {
    let builder = Builder::new(Style::Written);
    let block = builder.inputs("A", n * n);
    let output = {
        // Of the rows from some row on, by the set of columns as bits; of no rows it is 1.
        let mut minors: Vec<Option<Expr<'_>>> = vec![None; 1 << n];
        for row in (0..n).rev() {
            let columns = n - row;
            // Sets are written over by larger ones only: those of this row have one column more.
            let mut next: Vec<Option<Expr<'_>>> = vec![None; 1 << n];
            for set in (0..1usize << n).filter(|set| set.count_ones() as usize == columns) {
                let terms: Vec<Expr<'_>> = (0..n)
                    .filter(|column| set >> column & 1 == 1)
                    .enumerate()
                    .map(|(k, column)| {
                        let entry = block[row * n + column];
                        let entry = if k % 2 == 0 { entry } else { -entry };
                        minors[set & !(1 << column)].map_or(entry, |minor| entry * minor)
                    })
                    .collect();
                next[set] = Some(builder.fold(Fold::Sum, &terms));
            }
            minors = next;
        }
        minors[(1 << n) - 1].unwrap_or_else(|| builder.constant(1.0)).id()
    };
    builder.finish(vec![output])
}

/// By elimination with the largest pivot of each column.
fn eliminated(n: usize, mut a: Vec<f64>) -> f64 {
    let mut value = 1.0;
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[i * n + k].abs().total_cmp(&a[j * n + k].abs())).unwrap_or(k);
        if pivot != k {
            (0..n).for_each(|column| a.swap(k * n + column, pivot * n + column));
            value = -value;
        }
        value *= a[k * n + k];
        for i in k + 1..n {
            let factor = a[i * n + k] / a[k * n + k];
            (k..n).for_each(|column| a[i * n + column] -= factor * a[k * n + column]);
        }
    }
    value
}

/// Jacobi's formula: a component is the cofactor of its entry, here each by elimination.
fn gradient(n: usize, x: &[f64], g: &mut [f64]) -> f64 {
    for (at, g) in g.iter_mut().enumerate() {
        let (row, column) = (at / n, at % n);
        let minor = x.iter().enumerate().filter(|(k, _)| k / n != row && k % n != column).map(|(_, &x)| x);
        let sign = if (row + column) % 2 == 0 { 1.0 } else { -1.0 };
        *g = sign * eliminated(n - 1, minor.collect());
    }
    x[..n].iter().zip(&g[..n]).map(|(x, cofactor)| x * cofactor).sum()
}

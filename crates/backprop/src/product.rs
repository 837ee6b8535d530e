//! The pull-back of a product of many factors, in the documented order of [`expr::fold`].

use engine::Number;
use expr::Constant;
use expr::fold::{CHUNK, PARTIALS};

/// How many numbers [`pull_product`] needs to hold for so many factors.
pub(crate) fn product_scratch(factors: usize) -> usize {
    2 * factors.div_ceil(CHUNK)
}

/// What every factor receives: `upstream · ((P·p)·(s·S))` as in [`expr::fold::pull_back`], where 1 stands for what is
/// not there.
#[inline(always)]
pub(crate) fn pull_product<S: Number>(factors: &[S], upstream: S, slopes: &mut [S], scratch: &mut [S]) {
    let one = S::lift((), &Constant::Integer(1));
    let chunks = factors.len().div_ceil(CHUNK);
    let (products, suffixes) = scratch[..2 * chunks].split_at_mut(chunks);
    for (product, chunk) in products.iter_mut().zip(factors.chunks(CHUNK)) {
        let mut partials = [one; PARTIALS];
        for factors in chunk.chunks(PARTIALS) {
            partials.iter_mut().zip(factors).for_each(|(partial, factor)| *partial = *partial * *factor);
        }
        *product = partials[..chunk.len().min(PARTIALS)].iter().copied().reduce(|a, b| a * b).unwrap_or(one);
    }
    let mut suffix = one;
    for (suffixes, product) in suffixes.iter_mut().zip(&*products).rev() {
        *suffixes = suffix;
        suffix = *product * suffix;
    }
    let mut outer_prefix = one;
    for (c, (factors, slopes)) in factors.chunks(CHUNK).zip(slopes.chunks_mut(CHUNK)).enumerate() {
        // Two chains of products that do not wait for each other.
        let mut prefixes = [one; CHUNK];
        let (mut prefix, mut suffix) = (one, one);
        let pairs = factors.iter().zip(&mut prefixes);
        for ((left, prefixes), (right, suffixes)) in pairs.zip(factors.iter().zip(&mut *slopes).rev()) {
            *prefixes = prefix;
            prefix = prefix * *left;
            *suffixes = suffix;
            suffix = *right * suffix;
        }
        for (slope, prefix) in slopes.iter_mut().zip(&prefixes) {
            *slope = upstream * ((outer_prefix * *prefix) * (*slope * suffixes[c]));
        }
        outer_prefix = outer_prefix * products[c];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expr::Fold;

    #[test]
    fn products_are_pulled_back_as_documented() {
        for count in [1, 2, 7, 8, 9, 255, 256, 257, 600] {
            let factors: Vec<f64> = (0..count).map(|k| 1.0 + 0.5 * (k as f64).sin()).collect();
            let mut expected = vec![0.0; count];
            expr::fold::pull_back(Fold::Product, &factors, &f64::NAN, &3.0, |k, slope| expected[k] = slope);
            let (mut slopes, mut scratch) = (vec![0.0; count], vec![0.0; product_scratch(count)]);
            pull_product(&factors, 3.0, &mut slopes, &mut scratch);
            assert_eq!(slopes, expected, "{count} factors");
        }
    }
}

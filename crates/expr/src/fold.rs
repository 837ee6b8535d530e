//! Sums, products and extremes of many terms, in one canonical order, so that loops, lanes and threads give the same bits.
//!
//! Terms are numbered from 0 and cut into chunks of 256. In a chunk, partial p (0 to 7) starts *as* the first term
//! whose index is p modulo 8 and takes the others in increasing index; the chunk is
//! `((((((p0+p1)+p2)+p3)+p4)+p5)+p6)+p7` over the partials that exist. The chunks are joined by a binary tree: node k of
//! level l is node 2k of level l-1 + node 2k+1 where both exist, else the one that does. Of six chunks the total is
//! `((c0+c1)+(c2+c3))+(c4+c5)`. So long sums lose log2 of their chunks in roundings, and a range of chunks is few nodes of
//! the tree wherever it begins. Up to 8 terms are summed left to right, one term is itself (-0 included) and no term
//! gives +0. The product is the same with ×, extremes with max and min.

use crate::{Calculus, Constant, Op, Scalar};

/// The operators that take any number of terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fold {
    /// The sum of the terms; empty: 0.
    Sum,
    /// The product of the factors; empty: 1.
    Product,
    /// The largest of the terms, of which there is at least one; NaN if any is.
    Max,
    /// The smallest of them.
    Min,
}

/// Terms per chunk.
pub const CHUNK: usize = 256;
/// Partial results per chunk.
pub const PARTIALS: usize = 8;

impl Fold {
    /// All.
    pub const ALL: [Fold; 4] = [Fold::Sum, Fold::Product, Fold::Max, Fold::Min];

    /// Whether it is the largest or the smallest.
    pub const fn is_extreme(self) -> bool {
        matches!(self, Fold::Max | Fold::Min)
    }

    /// Its name in the language.
    pub const fn name(self) -> &'static str {
        match self {
            Fold::Sum => "sum",
            Fold::Product => "prod",
            Fold::Max | Fold::Min => self.op().name(),
        }
    }

    /// The operator that joins two terms.
    pub const fn op(self) -> Op {
        match self {
            Fold::Sum => Op::Add,
            Fold::Product => Op::Mul,
            Fold::Max => Op::Max,
            Fold::Min => Op::Min,
        }
    }

    /// What no terms at all give, if anything.
    pub const fn neutral(self) -> Option<Constant> {
        match self {
            Fold::Sum => Some(Constant::Integer(0)),
            Fold::Product => Some(Constant::Integer(1)),
            Fold::Max | Fold::Min => None,
        }
    }
}

/// The fold of `terms` in the canonical order.
///
/// # Panics
/// When it is an extreme of nothing.
pub fn value<S: Scalar>(fold: Fold, context: S::Context, terms: &[S]) -> S {
    let chunks = terms.chunks(CHUNK).filter_map(|terms| chunk(fold, terms));
    let total = match terms.len() <= CHUNK {
        true => chunk(fold, terms),
        false => tree(chunks, |a, b| S::apply(fold.op(), &[a, b])),
    };
    total.unwrap_or_else(|| S::lift(context, &fold.neutral().expect("an extreme is that of something")))
}

/// What the tree over chunks gives, of which there are 2^32 at most. One chunk alone needs no tree.
#[inline(always)]
pub fn tree<S: Clone>(chunks: impl Iterator<Item = S>, join: impl Fn(S, S) -> S + Copy) -> Option<S> {
    let mut tree = Tree::default();
    chunks.for_each(|chunk| tree.push(chunk, join));
    tree.value(None, join)
}

/// The tree over chunks that come one after the other: what waits on level l, the result of 2^l chunks, for the next 2^l.
#[derive(Clone, Debug)]
pub struct Tree<S>([Option<S>; 33]);

impl<S> Default for Tree<S> {
    fn default() -> Self {
        Tree([const { None }; 33])
    }
}

impl<S: Clone> Tree<S> {
    /// Takes the next chunk.
    #[inline]
    pub fn push(&mut self, chunk: S, join: impl Fn(S, S) -> S) {
        let mut node = chunk;
        for waiting in &mut self.0 {
            match waiting.take() {
                Some(before) => node = join(before, node),
                None => {
                    *waiting = Some(node);
                    return;
                }
            }
        }
        unreachable!("a fold has at most 2^32 chunks");
    }

    /// The result of the chunks so far, and of one more where there is one: a node without a neighbour stands for both.
    #[inline]
    pub fn value(&self, last: Option<S>, join: impl Fn(S, S) -> S) -> Option<S> {
        let chunks = last.into_iter().chain(self.0.iter().flatten().cloned());
        chunks.reduce(|after, before| join(before, after))
    }
}

/// Left to right, starting as the first.
fn join<S: Scalar>(fold: Fold, terms: impl Iterator<Item = S>) -> Option<S> {
    terms.reduce(|total, term| S::apply(fold.op(), &[total, term]))
}

fn chunk<S: Scalar>(fold: Fold, terms: &[S]) -> Option<S> {
    let partial = |p: usize| join(fold, terms.iter().skip(p).step_by(PARTIALS).cloned());
    join(fold, (0..PARTIALS.min(terms.len())).filter_map(partial))
}

/// The pull-back of a fold: hands `sink(k, gradient)` the downstream gradient of every term.
///
/// Of a sum that is the upstream gradient; of a product the upstream gradient times `(P·p)·(s·S)`, where p and s are
/// the left-to-right prefix and the right-to-left suffix inside the chunk, P and S those of the chunk products.
/// Never by division, so a factor of zero is nothing special. Of an extreme, which `result` is, each of the terms that are it
/// has an equal share.
pub fn pull_back<S: Scalar>(
    fold: Fold,
    terms: &[S],
    result: &S,
    upstream: &S,
    mut sink: impl FnMut(usize, S),
) {
    match fold {
        Fold::Max | Fold::Min => {
            let is_it: Vec<S> = terms.iter().map(|term| term.clone().eq(result.clone())).collect();
            let share = upstream.clone() / S::fold(Fold::Sum, upstream.context(), &is_it);
            let zero = S::lift(upstream.context(), &Constant::Integer(0));
            for (k, is_it) in is_it.into_iter().enumerate() {
                sink(k, is_it.select(share.clone(), zero.clone()));
            }
        }
        Fold::Sum => (0..terms.len()).for_each(|k| sink(k, upstream.clone())),
        Fold::Product => {
            let chunks: Vec<S> = terms.chunks(CHUNK).filter_map(|terms| chunk(fold, terms)).collect();
            let outer = others(&chunks);
            for (c, terms) in terms.chunks(CHUNK).enumerate() {
                for (k, (prefix, suffix)) in others(terms).into_iter().enumerate() {
                    let (outer_prefix, outer_suffix) = outer[c].clone();
                    let local = times(times(outer_prefix, prefix), times(suffix, outer_suffix));
                    let downstream = times(Some(upstream.clone()), local);
                    sink(c * CHUNK + k, downstream.unwrap_or_else(|| upstream.clone()));
                }
            }
        }
    }
}

/// For each factor the product of those before it and of those after it, where there are any.
fn others<S: Scalar>(factors: &[S]) -> Vec<(Option<S>, Option<S>)> {
    let mut all = vec![(None, None); factors.len()];
    for k in 1..factors.len() {
        all[k].0 = times(all[k - 1].0.clone(), Some(factors[k - 1].clone()));
    }
    for k in (0..factors.len().saturating_sub(1)).rev() {
        all[k].1 = times(Some(factors[k + 1].clone()), all[k + 1].1.clone());
    }
    all
}

fn times<S: Scalar>(a: Option<S>, b: Option<S>) -> Option<S> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a * b),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(terms: &[f64]) -> f64 {
        value(Fold::Sum, (), terms)
    }

    /// The definition, index by index, for as many terms as a chunk has.
    fn one_chunk_by_the_letter(terms: &[f64]) -> f64 {
        let mut partials: Vec<f64> = Vec::new();
        for (k, &term) in terms.iter().enumerate() {
            if k < 8 { partials.push(term) } else { partials[k % 8] += term }
        }
        partials.into_iter().reduce(|a, b| a + b).unwrap_or(0.0)
    }

    /// The tree, level by level.
    fn tree_by_the_letter(mut level: Vec<f64>) -> f64 {
        while level.len() > 1 {
            level = level.chunks(2).map(|pair| pair.iter().copied().reduce(|a, b| a + b).unwrap()).collect();
        }
        level[0]
    }

    #[test]
    fn order_is_the_documented_one() {
        for m in
            [1, 2, 7, 8, 9, 255, 256, 257, 511, 512, 513, 1000, 256 * 5, 256 * 6 + 1, 256 * 7, 256 * 21 + 9]
        {
            let terms: Vec<f64> = (0..m).map(|k| 1.0 / (1.0 + k as f64) - 0.1).collect();
            let expected = tree_by_the_letter(terms.chunks(CHUNK).map(one_chunk_by_the_letter).collect());
            assert_eq!(sum(&terms).to_bits(), expected.to_bits(), "{m} terms");
            // Up to 512 terms it is left to right.
            let in_order = terms.chunks(CHUNK).map(one_chunk_by_the_letter).reduce(|a, b| a + b).unwrap();
            assert!(m > 512 || expected.to_bits() == in_order.to_bits());
        }
        assert_eq!(sum(&[]).to_bits(), 0.0f64.to_bits());
        assert_eq!(sum(&[-0.0]).to_bits(), (-0.0f64).to_bits());
        assert_eq!(value::<f64>(Fold::Product, (), &[]), 1.0);
    }

    #[test]
    fn the_tree_is_not_left_to_right() {
        // Chunks of 2^53, 0, 1 and 1: one after the other both 1 are lost.
        let mut terms = vec![0.0; 4 * CHUNK];
        for (chunk, value) in [(0, 2f64.powi(53)), (2, 1.0), (3, 1.0)] {
            terms[chunk * CHUNK] = value;
        }
        assert_eq!(sum(&terms), 2f64.powi(53) + 2.0);
    }

    #[test]
    fn each_of_several_extremes_has_an_equal_share() {
        for (terms, shares) in [
            (&[1.0, 3.0, 3.0][..], &[0.0, 3.0, 3.0][..]),
            (&[2.0, 2.0, 1.0, 2.0], &[2.0, 2.0, 0.0, 2.0]),
            (&[7.0; 5], &[1.2; 5]),
        ] {
            for fold in [Fold::Max, Fold::Min] {
                let sign = if fold == Fold::Max { 1.0 } else { -1.0 };
                let terms: Vec<f64> = terms.iter().map(|term| sign * term).collect();
                let result = value(fold, (), &terms);
                let mut found = vec![f64::NAN; terms.len()];
                pull_back(fold, &terms, &result, &6.0, |k, share| found[k] = share);
                assert_eq!(found, shares, "{fold:?} of {terms:?}");
            }
        }
        assert!(value(Fold::Max, (), &[1.0, f64::NAN, 2.0]).is_nan());
    }

    #[test]
    fn product_gradients_survive_zero_factors() {
        for m in [1, 2, 9, 256, 257, 300] {
            let mut factors: Vec<f64> = (0..m).map(|k| 1.0 + 1.0 / (2.0 + k as f64)).collect();
            factors[m / 2] = 0.0;
            let mut gradient = vec![f64::NAN; m];
            pull_back(Fold::Product, &factors, &f64::NAN, &2.0, |k, g| gradient[k] = g);
            for (k, g) in gradient.iter().enumerate() {
                let others: f64 =
                    factors.iter().enumerate().filter(|(j, _)| *j != k).map(|(_, f)| f).product();
                assert!((g - 2.0 * others).abs() <= 1e-12 * others.abs(), "{k} of {m}: {g}");
            }
        }
    }
}

//! Sums and products of rows, and of products of rows.

use expr::fold::{CHUNK, PARTIALS};
use expr::{Fold, Scalar};

use super::{Operand, Registers, Term};
use crate::number::Lanes;

/// Rows that a fold of so many terms needs: one per partial result, and those of the tree over its chunks that wait for others.
pub(crate) fn partial_rows(terms: usize) -> usize {
    PARTIALS + terms.div_ceil(CHUNK).next_power_of_two().trailing_zeros() as usize
}

/// Folds terms into a row: in the canonical order, or one after the other.
#[inline(always)]
pub(super) fn run(space: &mut Registers, fold: Fold, canonical: bool, into: u32, terms: &[Term]) {
    // One way to join for each: a choice inside the loops would keep rows from registers.
    match fold {
        Fold::Sum => run_by(space, By { join: |a, b| a + b, sum: true }, canonical, into, terms),
        Fold::Product => run_by(space, By { join: |a, b| a * b, sum: false }, canonical, into, terms),
        Fold::Max | Fold::Min => {
            let join = |a, b| Lanes::apply(fold.op(), &[a, b]);
            run_by(space, By { join, sum: false }, canonical, into, terms);
        }
    }
}

/// By what terms are joined, and whether that is addition.
#[derive(Clone, Copy)]
struct By<J> {
    join: J,
    sum: bool,
}

#[inline(always)]
fn run_by<J: Fn(Lanes, Lanes) -> Lanes + Copy>(
    space: &mut Registers,
    by: By<J>,
    canonical: bool,
    into: u32,
    terms: &[Term],
) {
    let used = space.used;
    let mut out = std::mem::take(&mut space.rows[into as usize]);
    let mut partials = std::mem::take(&mut space.partials);
    if !canonical || terms.len() <= PARTIALS {
        // Up to eight terms are joined one after the other in either order.
        gather(space, by, &mut out[..used], terms, 1);
    } else {
        let (partials, waiting) = partials.split_at_mut(PARTIALS);
        tree(space, by, &mut out[..used], terms, partials, waiting);
    }
    space.partials = partials;
    space.rows[into as usize] = out;
}

/// The tree over chunks: nodes that wait for their neighbour are a stack of rows, the lowest of which is the result.
#[inline(always)]
fn tree<J: Fn(Lanes, Lanes) -> Lanes + Copy>(
    space: &Registers,
    by: By<J>,
    out: &mut [Lanes],
    terms: &[Term],
    partials: &mut [Vec<Lanes>],
    waiting: &mut [Vec<Lanes>],
) {
    let join_last = |out: &mut [Lanes], waiting: &mut [Vec<Lanes>], height: usize| {
        let (below, last) = waiting.split_at_mut(height - 2);
        let into = below.last_mut().map_or(out, |row| &mut row[..]);
        for (into, last) in into.iter_mut().zip(&last[0]) {
            *into = (by.join)(*into, *last);
        }
    };
    let mut height = 0;
    for (c, terms) in terms.chunks(CHUNK).enumerate() {
        let into = if height == 0 { &mut *out } else { &mut waiting[height - 1][..out.len()] };
        chunk(space, by, into, terms, partials);
        height += 1;
        for _ in 0..c.trailing_ones() {
            join_last(out, waiting, height);
            height -= 1;
        }
    }
    for height in (2..=height).rev() {
        join_last(out, waiting, height);
    }
}

#[inline(always)]
fn chunk<J: Fn(Lanes, Lanes) -> Lanes + Copy>(
    space: &Registers,
    by: By<J>,
    into: &mut [Lanes],
    terms: &[Term],
    partials: &mut [Vec<Lanes>],
) {
    if terms.len() <= PARTIALS {
        gather(space, by, into, terms, 1);
        return;
    }
    for (p, partial) in partials.iter_mut().enumerate() {
        gather(space, by, &mut partial[..into.len()], &terms[p..], PARTIALS);
    }
    for (k, out) in into.iter_mut().enumerate() {
        let mut joined = partials[0][k];
        for partial in &partials[1..] {
            joined = (by.join)(joined, partial[k]);
        }
        *out = joined;
    }
}

/// Every `stride`-th term, beginning with the first, one after the other.
#[inline(always)]
fn gather<J: Fn(Lanes, Lanes) -> Lanes + Copy>(
    space: &Registers,
    by: By<J>,
    out: &mut [Lanes],
    terms: &[Term],
    stride: usize,
) {
    match product(space, &terms[0]) {
        Product::Row(a) => out.copy_from_slice(&a[..out.len()]),
        Product::Same(a) => out.fill(Lanes::all(a)),
        Product::Scaled(a, b) => {
            for (out, b) in out.iter_mut().zip(b) {
                *out = Lanes::all(a) * *b;
            }
        }
        Product::Rows(a, b) => {
            for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
                *out = *a * *b;
            }
        }
    }
    let mut t = stride;
    // A row and its numbers are loaded once for four terms: what a matrix times a vector is made of.
    while by.sum && t + 3 * stride < terms.len() {
        let four = [t, t + stride, t + 2 * stride, t + 3 * stride].map(|t| product(space, &terms[t]));
        let [Product::Scaled(a, x), Product::Scaled(b, y), Product::Scaled(c, z), Product::Scaled(d, w)] =
            four
        else {
            break;
        };
        let [a, b, c, d] = [a, b, c, d].map(Lanes::all);
        for ((((out, x), y), z), w) in out.iter_mut().zip(x).zip(y).zip(z).zip(w) {
            *out = *out + a * *x + b * *y + c * *z + d * *w;
        }
        t += 4 * stride;
    }
    while t < terms.len() {
        match product(space, &terms[t]) {
            Product::Row(a) => {
                for (out, a) in out.iter_mut().zip(a) {
                    *out = (by.join)(*out, *a);
                }
            }
            Product::Same(a) => {
                for out in out.iter_mut() {
                    *out = (by.join)(*out, Lanes::all(a));
                }
            }
            Product::Scaled(a, b) => {
                for (out, b) in out.iter_mut().zip(b) {
                    *out = (by.join)(*out, Lanes::all(a) * *b);
                }
            }
            Product::Rows(a, b) => {
                for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
                    *out = (by.join)(*out, *a * *b);
                }
            }
        }
        t += stride;
    }
}

/// What a term is at run time.
#[derive(Clone, Copy)]
enum Product<'a> {
    Row(&'a [Lanes]),
    Same(f64),
    Scaled(f64, &'a [Lanes]),
    Rows(&'a [Lanes], &'a [Lanes]),
}

#[inline(always)]
fn product<'a>(space: &'a Registers, term: &Term) -> Product<'a> {
    let row = |row: u32| &space.rows[row as usize][..space.used];
    let number = |k: u32| space.uniforms[k as usize];
    match (term.first, term.second) {
        (Operand::Row(a), None) => Product::Row(row(a)),
        (Operand::Uniform(a), None) => Product::Same(number(a)),
        (Operand::Row(a), Some(Operand::Row(b))) => Product::Rows(row(a), row(b)),
        (Operand::Row(a), Some(Operand::Uniform(b))) | (Operand::Uniform(b), Some(Operand::Row(a))) => {
            Product::Scaled(number(b), row(a))
        }
        (Operand::Uniform(a), Some(Operand::Uniform(b))) => Product::Same(number(a) * number(b)),
    }
}

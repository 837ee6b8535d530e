//! Operators that need no kernel.

use expr::Op;

use super::apply::Source;
use crate::number::{LANES, Lanes};

/// An operator of plain arithmetic, in a loop over numbers: over packs the compiler makes loads and stores of single numbers of it, four
/// times slower.
#[inline(always)]
pub(super) fn number_by_number(op: Op, sources: [Source<'_>; 3], out: &mut [Lanes]) {
    let out = Lanes::numbers_mut(out);
    let row = Lanes::numbers;
    match (op.arity(), sources) {
        (1, [Source::Row(a), ..]) => {
            for (out, a) in out.iter_mut().zip(row(a)) {
                *out = op.value(&[*a; 3]);
            }
        }
        (2, [Source::Row(a), Source::Row(b), _]) => {
            for ((out, a), b) in out.iter_mut().zip(row(a)).zip(row(b)) {
                *out = op.value(&[*a, *b, *a]);
            }
        }
        (2, [Source::Row(a), Source::Same(b), _]) => {
            for (out, a) in out.iter_mut().zip(row(a)) {
                *out = op.value(&[*a, b.0[0], *a]);
            }
        }
        (2, [Source::Same(a), Source::Row(b), _]) => {
            for (out, b) in out.iter_mut().zip(row(b)) {
                *out = op.value(&[a.0[0], *b, *b]);
            }
        }
        (3, [Source::Row(a), Source::Row(b), Source::Row(c)]) => {
            for (((out, a), b), c) in out.iter_mut().zip(row(a)).zip(row(b)).zip(row(c)) {
                *out = op.value(&[*a, *b, *c]);
            }
        }
        (3, [Source::Row(a), Source::Row(b), Source::Same(c)]) => {
            for ((out, a), b) in out.iter_mut().zip(row(a)).zip(row(b)) {
                *out = op.value(&[*a, *b, c.0[0]]);
            }
        }
        (3, [Source::Row(a), Source::Same(b), Source::Row(c)]) => {
            for ((out, a), c) in out.iter_mut().zip(row(a)).zip(row(c)) {
                *out = op.value(&[*a, b.0[0], *c]);
            }
        }
        (3, [Source::Row(a), Source::Same(b), Source::Same(c)]) => {
            for (out, a) in out.iter_mut().zip(row(a)) {
                *out = op.value(&[*a, b.0[0], c.0[0]]);
            }
        }
        (3, [a, b, c]) => {
            let number = |source: Source<'_>, k: usize| source.pack(k / LANES).0[k % LANES];
            for (k, out) in out.iter_mut().enumerate() {
                *out = op.value(&[number(a, k), number(b, k), number(c, k)]);
            }
        }
        _ => unreachable!("one of the operands is a row"),
    }
}

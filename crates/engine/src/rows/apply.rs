//! One operator over rows, compiled for each operator.

use expr::{Dispatch, Op};

use super::{Operand, Registers, arithmetic};
use crate::number::Lanes;
use crate::vectors::{self, SimdKernel};

/// One operator over rows.
pub(super) struct Apply<'a> {
    pub(super) operands: [Operand; 3],
    pub(super) out: &'a mut [Lanes],
    pub(super) space: &'a Registers,
}

/// Operators that cost so much are functions by themselves, those that cost less are not.
const COST_OF_FUNCTIONS: u32 = 12;

/// The same where the operator is known.
struct ApplyOne<'a, const OP: usize>(Apply<'a>);

impl<const OP: usize> SimdKernel for ApplyOne<'_, OP> {
    #[inline(always)]
    fn run(self) {
        self.0.run(const { Op::ALL[OP] });
    }
}

/// What an operator reads: a row, or the same number again and again.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    Row(&'a [Lanes]),
    Same(Lanes),
}

impl<'a> Source<'a> {
    #[inline(always)]
    fn of(operand: Operand, space: &'a Registers, used: usize) -> Source<'a> {
        match operand {
            Operand::Row(row) => Source::Row(&space.rows[row as usize][..used]),
            Operand::Uniform(number) => Source::Same(Lanes::all(space.uniforms[number as usize])),
        }
    }

    #[inline(always)]
    pub(super) fn pack(self, k: usize) -> Lanes {
        match self {
            Source::Row(row) => row[k],
            Source::Same(pack) => pack,
        }
    }
}

impl Dispatch for Apply<'_> {
    /// What takes longer than a call is a function by itself: with all operators in one the compiler takes far longer.
    #[inline(always)]
    fn run_one<const OP: usize>(self) {
        match const { Op::ALL[OP].cost() < COST_OF_FUNCTIONS } {
            true => self.run(const { Op::ALL[OP] }),
            false => vectors::run(ApplyOne::<OP>(self)),
        }
    }

    #[inline(always)]
    fn run(self, op: Op) {
        let Apply { operands, out, space } = self;
        let used = out.len();
        let source = |k: usize| Source::of(operands[k], space, used);
        if !op.has_kernel() {
            arithmetic::number_by_number(op, [source(0), source(1), source(2)], out);
            return;
        }
        match op.arity() {
            1 => {
                let Source::Row(a) = source(0) else { unreachable!("one of the operands is a row") };
                for (out, a) in out.iter_mut().zip(a) {
                    *out = Lanes::step(op, [*a; 3]);
                }
            }
            2 => match (source(0), source(1)) {
                (Source::Row(a), Source::Row(b)) => {
                    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
                        *out = Lanes::step(op, [*a, *b, *a]);
                    }
                }
                (Source::Row(a), Source::Same(b)) => {
                    for (out, a) in out.iter_mut().zip(a) {
                        *out = Lanes::step(op, [*a, b, b]);
                    }
                }
                (Source::Same(a), Source::Row(b)) => {
                    for (out, b) in out.iter_mut().zip(b) {
                        *out = Lanes::step(op, [a, *b, a]);
                    }
                }
                (Source::Same(_), Source::Same(_)) => unreachable!("one of the operands is a row"),
            },
            _ => {
                let [a, b, c] = [source(0), source(1), source(2)];
                for (k, out) in out.iter_mut().enumerate() {
                    *out = Lanes::step(op, [a.pack(k), b.pack(k), c.pack(k)]);
                }
            }
        }
    }
}

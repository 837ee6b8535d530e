//! A flat function for blocks of points: one step does one operator for a whole row of numbers, so that choosing the
//! operator costs nothing.
//!
//! A number that is the same for all points is *uniform*: what is computed from such numbers alone is computed once.
//! Everything else has a *row* with a number per point. Rows are few, since each is used again as soon as its numbers
//! are, and a block is as long as keeps them all near the processor. Whatever the length, every point has the same bits.

pub(crate) mod allocate;
mod apply;
mod arithmetic;
mod compile;
mod explain;
pub(crate) mod fold;
pub(crate) mod space;
#[cfg(test)]
mod tests;
pub(crate) mod uniform;

use std::ops::Range;
use std::sync::Arc;

use expr::{Fold, Op, expect_length, expect_point};

use crate::number::{LANES, Lanes};
use crate::vectors::SimdKernel;
use apply::Apply;
pub use space::Registers;

/// A place that a step reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A row, by its number.
    Row(u32),
    /// A number that is the same for all points.
    Uniform(u32),
}

impl Operand {
    /// The number that it is, where it is the same for all points.
    #[inline(always)]
    fn number(self, numbers: &[f64]) -> f64 {
        match self {
            Operand::Uniform(k) => numbers[k as usize],
            Operand::Row(_) => unreachable!("what is uniform reads no rows"),
        }
    }

    /// The row that it is, if it is one.
    pub(crate) fn row_mut(&mut self) -> Option<&mut u32> {
        match self {
            Operand::Row(row) => Some(row),
            Operand::Uniform(_) => None,
        }
    }
}

/// Where an output is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// In a row, or as a uniform number.
    Plain(Operand),
    /// It is the product of two, left to whoever adds up its numbers.
    Product([Operand; 2]),
}

/// A term of a fold: a number, or the product of two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    pub(crate) first: Operand,
    pub(crate) second: Option<Operand>,
}

impl Term {
    /// The number that it is, where it is the same for all points.
    #[inline(always)]
    pub(crate) fn number(self, numbers: &[f64]) -> f64 {
        let first = self.first.number(numbers);
        self.second.map_or(first, |second| first * second.number(numbers))
    }

    /// Whether it is one for each point.
    pub(crate) fn has_row(&self) -> bool {
        let is_row = |operand: &Operand| matches!(operand, Operand::Row(_));
        is_row(&self.first) || self.second.as_ref().is_some_and(is_row)
    }

    /// The rows that it reads.
    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = &mut u32> {
        std::iter::once(&mut self.first).chain(&mut self.second).filter_map(Operand::row_mut)
    }
}

impl From<Term> for Output {
    fn from(term: Term) -> Output {
        match term.second {
            None => Output::Plain(term.first),
            Some(second) => Output::Product([term.first, second]),
        }
    }
}

/// One instruction.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// An operator; operands beyond its arity repeat the first.
    Apply { op: Op, into: u32, operands: [Operand; 3] },
    /// Sine and cosine of one row, which have nearly all of their work in common.
    SinCos { into: [u32; 2], angle: u32 },
    /// A sum or product of the listed terms, in the canonical order or one after the other.
    Fold { fold: Fold, canonical: bool, into: u32, terms: Range<u32> },
}

/// A flat function compiled for rows.
#[derive(Clone, Debug)]
pub struct VectorProgram {
    /// Where each input goes, if anything reads it.
    inputs: Vec<Option<Operand>>,
    outputs: Vec<Output>,
    /// Uniform numbers as they are before anything runs: constants, and places for the rest.
    uniforms: Vec<f64>,
    /// Steps over uniform numbers.
    once: Vec<Step>,
    /// Steps over rows.
    steps: Vec<Step>,
    terms: Vec<Term>,
    rows: usize,
    /// What its spaces are known by.
    identity: Arc<()>,
}

/// Bytes that are at hand at once on any machine of today.
const NEAREST: usize = 24 << 10;
/// Bytes that are near.
const NEAR: usize = 128 << 10;
/// Packs of the longest block: 256 points.
const LONGEST: usize = 32;
/// Packs of the shortest block where rows are many: with fewer, choosing operators would show in the time.
const SHORTEST: usize = 4;

impl VectorProgram {
    /// Where input `k` goes, if anything reads it.
    pub fn input(&self, k: usize) -> Option<Operand> {
        self.inputs[k]
    }

    /// Where output `k` is found.
    pub fn output(&self, k: usize) -> Output {
        self.outputs[k]
    }

    /// How many packs of lanes a row should have.
    pub fn packs(&self) -> usize {
        let pack = (self.rows + 2) * size_of::<Lanes>();
        match NEAREST / pack {
            fits @ 8.. => fits.min(LONGEST),
            _ => (NEAR / pack).clamp(SHORTEST, LONGEST),
        }
    }

    /// How many rows it needs.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Steps that are run once, over uniform numbers.
    pub fn once(&self) -> usize {
        self.once.len()
    }

    /// Steps that are run for every block.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    /// The bytes that it holds, with one space of rows so long.
    pub fn bytes(&self, packs: usize) -> usize {
        (self.steps.len() + self.once.len()) * size_of::<Step>()
            + self.terms.len() * size_of::<Term>()
            + self.uniforms.len() * 16
            + (self.rows + 9) * packs * size_of::<Lanes>()
    }

    /// Numbers for runs, rows of so many packs; with `further` rows behind those of the program.
    pub fn space(&self, packs: usize, further: usize) -> Registers {
        let row = vec![Lanes([0.0; LANES]); packs];
        let partials = self.steps.iter().filter_map(|step| match step {
            Step::Fold { canonical: true, terms, .. } => Some(fold::partial_rows(self.terms(terms).len())),
            _ => None,
        });
        Registers {
            uniforms: self.uniforms.clone(),
            rows: vec![row.clone(); self.rows + further],
            partials: vec![row; partials.max().unwrap_or(0)],
            packs,
            used: packs,
            program: self.identity.clone(),
        }
    }

    /// Computes what is uniform, from the uniform inputs.
    ///
    /// # Panics
    /// When the space is that of another program.
    pub fn run_once(&self, space: &mut Registers) {
        self.expect_own(space);
        self.run_once_here(space);
    }

    /// The same, compiled into whatever it is called by: for [work](SimdKernel) that does it again and again.
    #[inline(always)]
    pub fn run_once_here(&self, space: &mut Registers) {
        uniform::run(&self.once, &self.terms, space);
    }

    /// Runs the steps over the packs in use.
    ///
    /// # Panics
    /// When the space is that of another program.
    pub fn run(&self, space: &mut Registers) {
        self.expect_own(space);
        Lanes::run(Pass { steps: &self.steps, terms: &self.terms, space });
    }

    /// The outputs at many points of a function whose inputs all vary: `fill(k, x)` writes point k; `out` has a row of
    /// outputs per point.
    ///
    /// # Panics
    /// When `x` has not one place per input or `out` not one per point and output, when some inputs do not vary, or the
    /// space is that of another program.
    pub fn run_many(
        &self,
        space: &mut Registers,
        points: usize,
        mut fill: impl FnMut(usize, &mut [f64]),
        x: &mut [f64],
        out: &mut [f64],
    ) {
        let outputs = self.outputs.len();
        expect_point(x.len(), self.inputs.len());
        expect_length(out.len(), "places for values", points * outputs, "a row of outputs per point");
        let varies = |input: &Option<Operand>| !matches!(input, Some(Operand::Uniform(_)));
        assert!(self.inputs.iter().all(varies), "all inputs vary");
        let block = space.packs * LANES;
        self.run_once(space);
        for start in (0..points).step_by(block) {
            let count = block.min(points - start);
            space.used = count.div_ceil(LANES);
            // Lanes past the end repeat the last point: no number is made up.
            for k in 0..count.next_multiple_of(LANES) {
                fill(start + k.min(count - 1), x);
                for (input, &x) in self.inputs.iter().zip(&*x) {
                    if let Some(Operand::Row(row)) = *input {
                        space.rows[row as usize][k / LANES].0[k % LANES] = x;
                    }
                }
            }
            self.run(space);
            for (k, row) in out[start * outputs..].chunks_exact_mut(outputs).take(count).enumerate() {
                for (out, output) in row.iter_mut().zip(&self.outputs) {
                    let Output::Plain(place) = *output else {
                        unreachable!("no output is left as a product")
                    };
                    *out = space.pack(place, k / LANES).0[k % LANES];
                }
            }
        }
    }

    #[track_caller]
    fn expect_own(&self, space: &Registers) {
        assert!(Arc::ptr_eq(&self.identity, &space.program), "the space of another program");
    }

    fn terms(&self, range: &Range<u32>) -> &[Term] {
        terms_of(&self.terms, range)
    }
}

fn terms_of<'a>(terms: &'a [Term], range: &Range<u32>) -> &'a [Term] {
    &terms[range.start as usize..range.end as usize]
}

/// All steps once, over rows.
pub(crate) struct Pass<'a> {
    pub(crate) steps: &'a [Step],
    pub(crate) terms: &'a [Term],
    pub(crate) space: &'a mut Registers,
}

impl SimdKernel for Pass<'_> {
    #[inline(always)]
    fn run(self) {
        let Pass { steps, terms: all_terms, space } = self;
        for step in steps {
            match step {
                &Step::Apply { op, into, operands } => {
                    // A step never reads the row that it fills.
                    let mut out = std::mem::take(&mut space.rows[into as usize]);
                    op.dispatch(Apply { operands, out: &mut out[..space.used], space });
                    space.rows[into as usize] = out;
                }
                Step::SinCos { into: [sine, cosine], angle } => {
                    let rows = [*sine, *cosine, *angle].map(|row| row as usize);
                    let rows = space.rows.get_disjoint_mut(rows);
                    let [sine, cosine, angle] = rows.expect("a step does not read the rows that it fills");
                    for ((sine, cosine), angle) in sine.iter_mut().zip(cosine).zip(&angle[..space.used]) {
                        [sine.0, cosine.0] = expr::sin_cos_lanes(&angle.0);
                    }
                }
                Step::Fold { fold, canonical, into, terms } => {
                    fold::run(space, *fold, *canonical, *into, terms_of(all_terms, terms));
                }
            }
        }
    }
}

//! Sums, products and extremes of terms that come one by one or in lanes, in the canonical order of [`expr::fold`].

use expr::fold::{CHUNK, PARTIALS, Tree};
use expr::{Fold, Scalar};

use crate::number::{LANES, Lanes};
use crate::rows::{Output, Registers};
use crate::vectors::SimdKernel;

// Partial result p is lane p.
const _: () = assert!(PARTIALS == LANES);

/// The fold of one chunk of terms, as far as they have come: a partial result in each lane.
#[derive(Clone, Debug)]
pub struct Partials {
    fold: Fold,
    lanes: Lanes,
    terms: usize,
}

impl Partials {
    /// Of no terms.
    pub fn new(fold: Fold) -> Partials {
        Partials { fold, lanes: Lanes([0.0; LANES]), terms: 0 }
    }

    /// Takes the first `count` numbers of a row. But for the last row of a chunk, they fill its packs.
    pub fn add(&mut self, row: &[Lanes], count: usize) {
        let (full, rest) = (count / LANES, count % LANES);
        for pack in &row[..full] {
            // A partial result starts as its first term.
            self.lanes = if self.terms == 0 { *pack } else { join_packs(self.fold, self.lanes, *pack) };
            self.terms += LANES;
        }
        if rest > 0 {
            self.add_rest(&row[full].0[..rest]);
        }
    }

    /// The same, of an output over rows.
    #[inline(always)]
    pub fn add_output(&mut self, space: &Registers, output: Output, count: usize) {
        // A choice inside the loops would keep the partial results from registers.
        match self.fold {
            Fold::Sum => self.add_by(space, output, count, |a, b| a + b),
            Fold::Product => self.add_by(space, output, count, |a, b| a * b),
            Fold::Max => self.add_by(space, output, count, |a, b| Lanes::apply(Fold::Max.op(), &[a, b])),
            Fold::Min => self.add_by(space, output, count, |a, b| Lanes::apply(Fold::Min.op(), &[a, b])),
        }
    }

    #[inline(always)]
    fn add_by(
        &mut self,
        space: &Registers,
        output: Output,
        count: usize,
        join: impl Fn(Lanes, Lanes) -> Lanes,
    ) {
        let (full, rest) = (count / LANES, count % LANES);
        let (mut lanes, fresh) = (self.lanes, self.terms == 0);
        space.load(
            output,
            full,
            #[inline(always)]
            |k, pack| lanes = if fresh && k == 0 { pack } else { join(lanes, pack) },
        );
        self.lanes = lanes;
        self.terms += full * LANES;
        if rest > 0 {
            self.add_rest(&space.found(output, full).0[..rest]);
        }
    }

    fn add_rest(&mut self, rest: &[f64]) {
        rest.iter().for_each(|term| self.push(*term));
    }

    /// Takes one term.
    #[inline]
    pub fn push(&mut self, term: f64) {
        let partial = &mut self.lanes.0[self.terms % PARTIALS];
        *partial = if self.terms < PARTIALS { term } else { join(self.fold, *partial, term) };
        self.terms += 1;
    }

    fn so_far(&self) -> Option<f64> {
        let partials = &self.lanes.0[..self.terms.min(PARTIALS)];
        partials.iter().copied().reduce(|a, b| join(self.fold, a, b))
    }

    /// The result; that of no terms is the neutral element, and for extremes NaN.
    pub fn join(&self) -> f64 {
        self.so_far().unwrap_or_else(|| neutral(self.fold))
    }
}

/// The fold of any number of terms: the tree over chunks, and the chunk that is not full yet.
#[derive(Clone, Debug)]
pub struct Folding {
    chunk: Partials,
    chunks: Tree<f64>,
}

impl Folding {
    /// Of no terms.
    pub fn new(fold: Fold) -> Folding {
        Folding { chunk: Partials::new(fold), chunks: Tree::default() }
    }

    /// Takes the first `count` numbers of a row. Rows do not reach across chunks, and but for the last they fill their
    /// packs.
    pub fn add(&mut self, row: &[Lanes], count: usize) {
        self.chunk.add(row, count);
        self.end_chunk();
    }

    /// The same of an output over rows.
    pub fn add_output(&mut self, space: &Registers, from: Output, count: usize) {
        Lanes::run(AddOutput { chunk: &mut self.chunk, space, from, count });
        self.end_chunk();
    }

    /// Takes one term.
    #[inline]
    pub fn push(&mut self, term: f64) {
        self.chunk.push(term);
        self.end_chunk();
    }

    #[inline]
    fn end_chunk(&mut self) {
        debug_assert!(self.chunk.terms <= CHUNK, "a row of one chunk");
        if self.chunk.terms == CHUNK {
            let fold = self.chunk.fold;
            self.chunks.push(self.chunk.join(), |a, b| join(fold, a, b));
            self.chunk = Partials::new(fold);
        }
    }

    /// The result so far.
    pub fn value(&self) -> f64 {
        let fold = self.chunk.fold;
        let found = self.chunks.value(self.chunk.so_far(), |a, b| join(fold, a, b));
        found.unwrap_or_else(|| neutral(fold))
    }
}

struct AddOutput<'a> {
    chunk: &'a mut Partials,
    space: &'a Registers,
    from: Output,
    count: usize,
}

impl SimdKernel for AddOutput<'_> {
    #[inline(always)]
    fn run(self) {
        self.chunk.add_output(self.space, self.from, self.count);
    }
}

/// What there is of no terms; an extreme of none is one that nothing looks at.
pub(crate) fn neutral(fold: Fold) -> f64 {
    fold.neutral().map_or(f64::NAN, |constant| constant.to_f64())
}

#[inline(always)]
pub(crate) fn join(fold: Fold, a: f64, b: f64) -> f64 {
    match fold {
        Fold::Sum => a + b,
        Fold::Product => a * b,
        Fold::Max => Fold::Max.op().value(&[a, b]),
        Fold::Min => Fold::Min.op().value(&[a, b]),
    }
}

#[inline(always)]
fn join_packs(fold: Fold, a: Lanes, b: Lanes) -> Lanes {
    match fold {
        Fold::Sum => a + b,
        Fold::Product => a * b,
        Fold::Max => Lanes::apply(Fold::Max.op(), &[a, b]),
        Fold::Min => Lanes::apply(Fold::Min.op(), &[a, b]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_any_length_give_the_canonical_fold() {
        for fold in Fold::ALL {
            for terms in [0, 1, 2, 7, 8, 9, 255, 256, 257, 600, 1024, 1300, 1793] {
                let numbers: Vec<f64> = (0..terms).map(|k| 1.0 + 1.0 / (3.0 + k as f64)).collect();
                if fold.is_extreme() && terms == 0 {
                    continue;
                }
                let expected = expr::fold::value(fold, (), &numbers);
                let mut one_by_one = Folding::new(fold);
                numbers.iter().for_each(|term| one_by_one.push(*term));
                assert_eq!(one_by_one.value().to_bits(), expected.to_bits(), "{fold:?} of {terms}");
                for packs in [1, 3, 32] {
                    let mut folding = Folding::new(fold);
                    for row in numbers.chunks(CHUNK).flat_map(|chunk| chunk.chunks(packs * LANES)) {
                        let mut lanes = [Lanes([f64::NAN; LANES]); 32];
                        row.iter()
                            .enumerate()
                            .for_each(|(k, &number)| lanes[k / LANES].0[k % LANES] = number);
                        folding.add(&lanes[..packs], row.len());
                    }
                    assert_eq!(
                        folding.value().to_bits(),
                        expected.to_bits(),
                        "{fold:?} of {terms}, {packs} wide"
                    );
                }
            }
        }
    }
}

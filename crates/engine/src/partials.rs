//! Sums and products of terms that come in lanes, in the canonical order of [`expr::fold`].

use expr::Fold;
use expr::fold::{CHUNK, PARTIALS, Tree};

use crate::number::{LANES, Lanes};
use crate::rows::{Output, Registers};

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
    ///
    /// # Panics
    /// For extremes: those of a range are unrolled.
    pub fn new(fold: Fold) -> Partials {
        assert!(!fold.is_extreme(), "a sum or a product");
        Partials { fold, lanes: Lanes([0.0; LANES]), terms: 0 }
    }

    /// Takes the first `count` numbers of a row. But for the last row of a chunk, they fill its packs.
    pub fn add(&mut self, row: &[Lanes], count: usize) {
        let (full, rest) = (count / LANES, count % LANES);
        for pack in &row[..full] {
            self.lanes = match (self.terms, self.fold) {
                // A partial result starts as its first term.
                (0, _) => *pack,
                (_, Fold::Sum) => self.lanes + *pack,
                (_, Fold::Product) => self.lanes * *pack,
                (_, Fold::Max | Fold::Min) => unreachable!("extremes of a range are unrolled"),
            };
            self.terms += LANES;
        }
        if rest > 0 {
            self.add_rest(&row[full].0[..rest]);
        }
    }

    /// The same, of an output over rows.
    #[inline(always)]
    pub fn add_output(&mut self, space: &Registers, output: Output, count: usize) {
        let (full, rest) = (count / LANES, count % LANES);
        let (fold, mut lanes, fresh) = (self.fold, self.lanes, self.terms == 0);
        space.load(
            output,
            full,
            #[inline(always)]
            |k, pack| {
                // A partial result starts as its first term.
                lanes = match fold {
                    _ if fresh && k == 0 => pack,
                    Fold::Sum => lanes + pack,
                    Fold::Product => lanes * pack,
                    Fold::Max | Fold::Min => unreachable!("extremes of a range are unrolled"),
                };
            },
        );
        self.lanes = lanes;
        self.terms += full * LANES;
        if rest > 0 {
            self.add_rest(&space.found(output, full).0[..rest]);
        }
    }

    fn add_rest(&mut self, rest: &[f64]) {
        for (lane, &term) in self.lanes.0.iter_mut().zip(rest) {
            *lane = if self.terms < LANES { term } else { join(self.fold, *lane, term) };
        }
        self.terms += rest.len();
    }

    /// The result; that of no terms is the neutral element.
    pub fn join(&self) -> f64 {
        let partials = &self.lanes.0[..self.terms.min(LANES)];
        let neutral = if self.fold == Fold::Sum { 0.0 } else { 1.0 };
        partials.iter().copied().reduce(|a, b| join(self.fold, a, b)).unwrap_or(neutral)
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
        debug_assert!(self.chunk.terms <= CHUNK, "a row of one chunk");
        if self.chunk.terms == CHUNK {
            let fold = self.chunk.fold;
            self.chunks.push(self.chunk.join(), |a, b| join(fold, a, b));
            self.chunk = Partials::new(fold);
        }
    }

    /// The result so far.
    pub fn value(&self) -> f64 {
        let join = |a, b| join(self.chunk.fold, a, b);
        if self.chunk.terms == 0 {
            return self.chunks.value(join).unwrap_or_else(|| self.chunk.join());
        }
        let mut chunks = self.chunks.clone();
        chunks.push(self.chunk.join(), join);
        chunks.value(join).expect("a chunk is there")
    }
}

fn join(fold: Fold, a: f64, b: f64) -> f64 {
    match fold {
        Fold::Sum => a + b,
        Fold::Product => a * b,
        Fold::Max | Fold::Min => unreachable!("extremes of a range are unrolled"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_any_length_give_the_documented_fold() {
        for fold in [Fold::Sum, Fold::Product] {
            for terms in [0, 1, 2, 7, 8, 9, 255, 256, 257, 600, 1024, 1300, 1793] {
                let numbers: Vec<f64> = (0..terms).map(|k| 1.0 + 1.0 / (3.0 + k as f64)).collect();
                let expected = expr::fold::value(fold, (), &numbers);
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

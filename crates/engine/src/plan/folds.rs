//! Sums, products and extremes whose terms come one after the other, in canonical order.

use expr::fold::{CHUNK, PARTIALS, Tree};
use expr::{Fold, Scalar};

use crate::number::{LANES, Lanes};
use crate::rows::{Operand, Registers};
use crate::vectors::SimdKernel;

// Partial result p is lane p.
const _: () = assert!(PARTIALS == LANES);

#[inline(always)]
fn join(fold: Fold, a: f64, b: f64) -> f64 {
    match fold {
        Fold::Sum => a + b,
        Fold::Product => a * b,
        Fold::Max => Fold::Max.op().value(&[a, b]),
        Fold::Min => Fold::Min.op().value(&[a, b]),
    }
}

/// What there is of no terms; an extreme of none is one that nothing looks at.
fn neutral(fold: Fold) -> f64 {
    fold.neutral().map_or(f64::NAN, |constant| constant.to_f64())
}

/// A fold of numbers.
#[derive(Clone, Debug)]
pub(super) struct Folding {
    fold: Fold,
    /// How many terms the chunk has so far.
    terms: usize,
    partials: Lanes,
    chunks: Tree<f64>,
}

impl Folding {
    pub(super) fn new(fold: Fold) -> Folding {
        Folding { fold, terms: 0, partials: Lanes([0.0; LANES]), chunks: Tree::default() }
    }

    #[inline]
    pub(super) fn push(&mut self, term: f64) {
        let partial = &mut self.partials.0[self.terms % PARTIALS];
        *partial = if self.terms < PARTIALS { term } else { join(self.fold, *partial, term) };
        self.terms += 1;
        if self.terms == CHUNK {
            self.end_chunk();
        }
    }

    /// Takes the first `count` numbers of an operand. Blocks do not reach across chunks.
    pub(super) fn push_block(&mut self, space: &Registers, from: Operand, count: usize) {
        let (full, rest) = (count / LANES, count % LANES);
        let mut partials = self.partials;
        let block =
            Block { fold: self.fold, first: self.terms == 0, partials: &mut partials, space, from, full };
        Lanes::run(block);
        self.partials = partials;
        self.terms += full * LANES;
        if rest > 0 {
            let pack = space.pack(from, full);
            pack.0[..rest].iter().for_each(|term| self.push(*term));
        } else if self.terms == CHUNK {
            self.end_chunk();
        }
    }

    fn chunk(&self) -> Option<f64> {
        let partials = &self.partials.0[..self.terms.min(PARTIALS)];
        partials.iter().copied().reduce(|a, b| join(self.fold, a, b))
    }

    fn end_chunk(&mut self) {
        let (fold, chunk) = (self.fold, self.chunk().expect("a chunk of terms"));
        self.chunks.push(chunk, |a, b| join(fold, a, b));
        self.terms = 0;
    }

    pub(super) fn finish(&mut self) -> f64 {
        if self.terms > 0 {
            self.end_chunk();
        }
        self.chunks.value(|a, b| join(self.fold, a, b)).unwrap_or_else(|| neutral(self.fold))
    }
}

/// Whole packs of terms, joined with partial results.
struct Block<'a> {
    fold: Fold,
    /// Whether they are the first of their chunk.
    first: bool,
    partials: &'a mut Lanes,
    space: &'a Registers,
    from: Operand,
    full: usize,
}

impl SimdKernel for Block<'_> {
    #[inline(always)]
    fn run(self) {
        match self.fold {
            Fold::Sum => self.join(|a, b| a + b),
            Fold::Product => self.join(|a, b| a * b),
            Fold::Max => self.join(|a, b| Lanes::apply(Fold::Max.op(), &[a, b])),
            Fold::Min => self.join(|a, b| Lanes::apply(Fold::Min.op(), &[a, b])),
        }
    }
}

impl Block<'_> {
    #[inline(always)]
    fn join(self, join: impl Fn(Lanes, Lanes) -> Lanes) {
        let Block { first, partials, space, from, full, .. } = self;
        let mut all = *partials;
        match from {
            Operand::Row(row) => {
                let row = &space.rows[row as usize][..full];
                let (start, row) = if first { row.split_at(1.min(full)) } else { row.split_at(0) };
                start.iter().for_each(|pack| all = *pack);
                for pack in row {
                    all = join(all, *pack);
                }
            }
            Operand::Uniform(number) => {
                let pack = Lanes::all(space.uniforms[number as usize]);
                for k in 0..full {
                    all = if first && k == 0 { pack } else { join(all, pack) };
                }
            }
        }
        *partials = all;
    }
}

/// A fold of rows: one for each lane.
#[derive(Clone, Debug)]
pub(super) struct RowFold {
    pub(super) fold: Fold,
    /// Partial results: eight, or as many as there are terms at most.
    pub(super) partials: Vec<u32>,
    /// Chunks that wait for as many others, by level.
    pub(super) levels: Vec<u32>,
}

/// How many levels there are for so many terms.
pub(super) fn levels(terms: usize) -> usize {
    let chunks = terms.div_ceil(CHUNK);
    if chunks > 1 { usize::BITS as usize - chunks.leading_zeros() as usize } else { 0 }
}

/// Joins a row with another, in place.
struct Join<'a> {
    fold: Fold,
    into: u32,
    from: Operand,
    space: &'a mut Registers,
}

impl SimdKernel for Join<'_> {
    #[inline(always)]
    fn run(self) {
        let Join { fold, into, from, space } = self;
        match fold {
            Fold::Sum => join_rows(into, from, space, |a, b| a + b),
            Fold::Product => join_rows(into, from, space, |a, b| a * b),
            Fold::Max => join_rows(into, from, space, |a, b| Fold::Max.op().value(&[a, b])),
            Fold::Min => join_rows(into, from, space, |a, b| Fold::Min.op().value(&[a, b])),
        }
    }
}

#[inline(always)]
fn join_rows(into: u32, from: Operand, space: &mut Registers, join: impl Fn(f64, f64) -> f64) {
    let used = space.used;
    match from {
        Operand::Row(row) => {
            let rows = space.rows.get_disjoint_mut([into as usize, row as usize]);
            let [into, from] = rows.expect("a term is not where it is added");
            for (into, from) in
                Lanes::numbers_mut(&mut into[..used]).iter_mut().zip(Lanes::numbers(&from[..used]))
            {
                *into = join(*into, *from);
            }
        }
        Operand::Uniform(number) => {
            let number = space.uniforms[number as usize];
            for into in Lanes::numbers_mut(&mut space.rows[into as usize][..used]) {
                *into = join(*into, number);
            }
        }
    }
}

pub(super) fn copy_row(space: &mut Registers, from: Operand, into: u32) {
    let used = space.used;
    match from {
        Operand::Row(row) if row == into => {}
        Operand::Row(row) => {
            let rows = space.rows.get_disjoint_mut([into as usize, row as usize]);
            let [into, from] = rows.expect("two rows");
            into[..used].copy_from_slice(&from[..used]);
        }
        Operand::Uniform(number) => {
            let pack = Lanes::all(space.uniforms[number as usize]);
            space.rows[into as usize][..used].fill(pack);
        }
    }
}

impl RowFold {
    fn join(&self, space: &mut Registers, into: u32, from: u32) {
        Lanes::run(Join { fold: self.fold, into, from: Operand::Row(from), space });
    }

    /// Takes the next term, `terms` having come before.
    pub(super) fn push(&self, space: &mut Registers, terms: u64, from: Operand) {
        let within = (terms % CHUNK as u64) as usize;
        let partial = self.partials[within % PARTIALS];
        if within < PARTIALS {
            copy_row(space, from, partial);
        } else {
            Lanes::run(Join { fold: self.fold, into: partial, from, space });
        }
        // The last chunk stays where it is until all is over.
        if within + 1 == CHUNK && !self.levels.is_empty() {
            self.end_chunk(space, CHUNK, terms / CHUNK as u64);
        }
    }

    /// Joins the partial results into the first.
    fn join_chunk(&self, space: &mut Registers, terms: usize) {
        for &partial in &self.partials[1..terms.clamp(1, PARTIALS)] {
            self.join(space, self.partials[0], partial);
        }
    }

    /// Puts a chunk on the level where it waits, `chunks` having come before.
    fn end_chunk(&self, space: &mut Registers, terms: usize, chunks: u64) {
        self.join_chunk(space, terms);
        let mut node = self.partials[0];
        for (level, &waiting) in self.levels.iter().enumerate() {
            if chunks >> level & 1 == 0 {
                copy_row(space, Operand::Row(node), waiting);
                return;
            }
            self.join(space, waiting, node);
            node = waiting;
        }
        unreachable!("there are levels for all chunks");
    }

    /// The result of so many terms.
    pub(super) fn finish(&self, space: &mut Registers, terms: u64, into: u32) {
        if terms == 0 {
            let used = space.used;
            space.rows[into as usize][..used].fill(Lanes::all(neutral(self.fold)));
            return;
        }
        if self.levels.is_empty() {
            self.join_chunk(space, terms as usize);
            copy_row(space, Operand::Row(self.partials[0]), into);
            return;
        }
        let (mut chunks, rest) = (terms / CHUNK as u64, terms % CHUNK as u64);
        if rest > 0 {
            self.end_chunk(space, rest as usize, chunks);
            chunks += 1;
        }
        let mut waiting = self.levels.iter().enumerate().filter(|(level, _)| chunks >> level & 1 == 1);
        let mut all = *waiting.next().expect("a chunk").1;
        for (_, &before) in waiting {
            self.join(space, before, all);
            all = before;
        }
        copy_row(space, Operand::Row(all), into);
    }
}

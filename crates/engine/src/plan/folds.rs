//! Sums, products and extremes of rows, one for each lane, whose terms come one after the other: in canonical order.

use expr::Fold;
use expr::fold::{CHUNK, PARTIALS};

use crate::number::Lanes;
use crate::partials::{join, neutral};
use crate::rows::{Operand, Registers, Term};
use crate::vectors::SimdKernel;

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
            Fold::Sum => join_rows(into, from, space, |a, b| join(Fold::Sum, a, b)),
            Fold::Product => join_rows(into, from, space, |a, b| join(Fold::Product, a, b)),
            Fold::Max => join_rows(into, from, space, |a, b| join(Fold::Max, a, b)),
            Fold::Min => join_rows(into, from, space, |a, b| join(Fold::Min, a, b)),
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

/// A product to be put into a row, or added to it.
struct Product {
    into: u32,
    factors: [Operand; 2],
    is_first: bool,
}

struct Multiply<'a> {
    product: Product,
    space: &'a mut Registers,
}

impl SimdKernel for Multiply<'_> {
    #[inline(always)]
    fn run(self) {
        let Multiply { product: Product { into, factors, is_first }, space } = self;
        let mut row = std::mem::take(&mut space.rows[into as usize]);
        let out = Lanes::numbers_mut(&mut row[..space.used]);
        let numbers = |row: u32| Lanes::numbers(&space.rows[row as usize][..space.used]);
        let mut set = |k: usize, product: f64| out[k] = if is_first { product } else { out[k] + product };
        match factors {
            [Operand::Row(a), Operand::Row(b)] => {
                for (k, (a, b)) in numbers(a).iter().zip(numbers(b)).enumerate() {
                    set(k, a * b);
                }
            }
            [Operand::Row(a), Operand::Uniform(b)] | [Operand::Uniform(b), Operand::Row(a)] => {
                let b = space.uniforms[b as usize];
                numbers(a).iter().enumerate().for_each(|(k, a)| set(k, a * b));
            }
            [Operand::Uniform(_), Operand::Uniform(_)] => unreachable!("one of them is a row"),
        }
        space.rows[into as usize] = row;
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
    pub(super) fn push(&self, space: &mut Registers, terms: u64, from: Term) {
        let within = (terms % CHUNK as u64) as usize;
        let partial = self.partials[within % PARTIALS];
        match from.second {
            Some(second) => {
                let product =
                    Product { into: partial, factors: [from.first, second], is_first: within < PARTIALS };
                Lanes::run(Multiply { product, space });
            }
            None if within < PARTIALS => copy_row(space, from.first, partial),
            None => Lanes::run(Join { fold: self.fold, into: partial, from: from.first, space }),
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

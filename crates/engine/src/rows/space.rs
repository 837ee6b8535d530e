//! The numbers of a run over rows.

use std::sync::Arc;

use expr::expect_length;

use super::{Operand, Output};
use crate::number::{LANES, Lanes};

/// The numbers of a run, made once per program.
#[derive(Clone, Debug)]
pub struct Registers {
    pub(crate) uniforms: Vec<f64>,
    pub(crate) rows: Vec<Vec<Lanes>>,
    /// Partial sums of a fold.
    pub(crate) partials: Vec<Vec<Lanes>>,
    /// How many packs of lanes each row has.
    pub(crate) packs: usize,
    /// How many of them are in use.
    pub(crate) used: usize,
    /// The identity of the program that made it.
    pub(crate) program: Arc<()>,
}

impl Registers {
    /// Says how many packs of each row are used.
    ///
    /// # Panics
    /// When there are not as many.
    pub fn set_used(&mut self, packs: usize) {
        assert!(packs <= self.packs, "{packs} packs of a row are to be used, which has {}", self.packs);
        self.used = packs;
    }

    /// The numbers of a row that are in use.
    #[inline]
    pub fn row(&self, row: u32) -> &[Lanes] {
        &self.rows[row as usize][..self.used]
    }

    /// The same, to be filled.
    #[inline]
    pub fn row_mut(&mut self, row: u32) -> &mut [Lanes] {
        &mut self.rows[row as usize][..self.used]
    }

    /// From the last of `count` numbers to the first: leaves `received` in the row `into`, then multiplies it by the
    /// number in the row `slope`.
    ///
    /// # Panics
    /// When both are the same row.
    pub fn chain(&mut self, slope: u32, into: u32, count: usize, received: &mut f64) {
        let [slope, into] =
            self.rows.get_disjoint_mut([slope as usize, into as usize]).expect("two rows of the space");
        for t in (0..count).rev() {
            into[t / LANES].0[t % LANES] = *received;
            *received *= slope[t / LANES].0[t % LANES];
        }
    }

    /// Puts numbers into a row; lanes past the end repeat the last, so that no number is made up.
    ///
    /// # Panics
    /// When they do not fill the packs that are in use.
    #[inline]
    pub fn fill_row(&mut self, row: u32, numbers: &[f64]) {
        let row = self.row_mut(row);
        expect_length(numbers.len().div_ceil(LANES), "packs of numbers", row.len(), "those in use");
        let (full, rest) = numbers.as_chunks();
        row.iter_mut().zip(full).for_each(|(pack, numbers)| pack.0 = *numbers);
        if let [.., last] = rest {
            let pack = &mut row[full.len()].0;
            pack.fill(*last);
            pack[..rest.len()].copy_from_slice(rest);
        }
    }

    /// A uniform number.
    #[inline]
    pub fn uniform(&self, k: u32) -> f64 {
        self.uniforms[k as usize]
    }

    /// The same, to be filled.
    #[inline]
    pub fn uniform_mut(&mut self, k: u32) -> &mut f64 {
        &mut self.uniforms[k as usize]
    }

    /// What an operand is at pack `k`.
    #[inline(always)]
    pub fn pack(&self, operand: Operand, k: usize) -> Lanes {
        match operand {
            Operand::Row(row) => self.rows[row as usize][k],
            Operand::Uniform(number) => Lanes::all(self.uniforms[number as usize]),
        }
    }
}

impl Registers {
    /// What an output is at pack `k`.
    #[inline(always)]
    pub fn found(&self, output: Output, k: usize) -> Lanes {
        match output {
            Output::Plain(place) => self.pack(place, k),
            Output::Product([a, b]) => self.pack(a, k) * self.pack(b, k),
        }
    }

    /// Hands over the first packs of an output, each with its number. What takes them should be `#[inline(always)]`.
    #[inline(always)]
    pub fn load(&self, output: Output, packs: usize, mut take: impl FnMut(usize, Lanes)) {
        let row = |row: u32| &self.rows[row as usize][..packs];
        match output {
            Output::Plain(Operand::Row(a)) => {
                for (k, a) in row(a).iter().enumerate() {
                    take(k, *a);
                }
            }
            Output::Product([Operand::Row(a), Operand::Row(b)]) => {
                for (k, (a, b)) in row(a).iter().zip(row(b)).enumerate() {
                    take(k, *a * *b);
                }
            }
            Output::Product(
                [Operand::Row(a), Operand::Uniform(b)] | [Operand::Uniform(b), Operand::Row(a)],
            ) => {
                let b = Lanes::all(self.uniforms[b as usize]);
                for (k, a) in row(a).iter().enumerate() {
                    take(k, *a * b);
                }
            }
            same => {
                let same = self.found(same, 0);
                for k in 0..packs {
                    take(k, same);
                }
            }
        }
    }
}

//! A flat function for blocks of points: one step does one operator for a whole row of numbers, so that choosing the
//! operator costs nothing.
//!
//! A number that is the same for all points is *uniform*: what is computed from such numbers alone is computed once.
//! Everything else has a *row* with a number per point. Rows are few, since each is used again as soon as its numbers
//! are, and a block is as long as keeps them all near the processor. Whatever the length, every point has the same bits.

mod compile;
mod fold;

use std::ops::Range;

use expr::{Fold, Op, PerOperator};

use crate::number::{LANES, Lanes, Work};
use crate::program::fold_places;

/// A place that a step reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A row, by its number.
    Row(u32),
    /// A number that is the same for all points.
    Uniform(u32),
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
struct Term {
    first: Operand,
    second: Option<Operand>,
}

/// One instruction.
#[derive(Clone, Debug)]
enum Step {
    /// An operator; operands beyond its arity repeat the first.
    Apply { op: Op, into: u32, operands: [Operand; 3] },
    /// Sine and cosine of one row, which have nearly all of their work in common.
    SinCos { into: [u32; 2], angle: u32 },
    /// A sum or product of the listed terms, in the documented order or one after the other.
    Fold { fold: Fold, documented: bool, into: u32, terms: Range<u32> },
}

/// A flat function compiled for rows.
#[derive(Clone, Debug)]
pub struct RowProgram {
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
}

/// The numbers of a run, made once per program.
#[derive(Clone, Debug)]
pub struct RowSpace {
    uniforms: Vec<f64>,
    rows: Vec<Vec<Lanes>>,
    /// Partial sums of a fold.
    partials: Vec<Vec<Lanes>>,
    /// How many packs of lanes each row has.
    packs: usize,
    /// How many of them are in use.
    used: usize,
}

/// Bytes that are at hand at once on any machine of today.
const NEAREST: usize = 24 << 10;
/// Bytes that are near.
const NEAR: usize = 128 << 10;
/// Packs of the longest block: 256 points.
const LONGEST: usize = 32;
/// Packs of the shortest block where rows are many: with fewer, choosing operators would show in the time.
const SHORTEST: usize = 4;

impl RowProgram {
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

    /// The steps, line by line for people: what is done once, then what is done for every block.
    pub fn explain(&self) -> Vec<String> {
        let place = |operand: &Operand| match operand {
            Operand::Row(row) => format!("r{row}"),
            Operand::Uniform(k) => format!("u{k}"),
        };
        let line = |step: &Step, of: fn(u32) -> Operand| match step {
            Step::Apply { op, into, operands } => {
                let operands: Vec<String> = operands[..op.arity()].iter().map(place).collect();
                format!("{} = {}({})", place(&of(*into)), op.name(), operands.join(", "))
            }
            Step::SinCos { into: [sine, cosine], angle } => {
                format!("r{sine}, r{cosine} = sin and cos(r{angle})")
            }
            Step::Fold { fold, into, terms, .. } => {
                let terms = self.terms(terms);
                let products = terms.iter().filter(|term| term.second.is_some()).count();
                let what = match products {
                    0 => String::new(),
                    products => format!(", {products} of them products"),
                };
                format!("{} = {} of {} terms{what}", place(&of(*into)), fold.name(), terms.len())
            }
        };
        let once = self.once.iter().map(|step| format!("once: {}", line(step, Operand::Uniform)));
        once.chain(self.steps.iter().map(|step| line(step, Operand::Row))).collect()
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
    pub fn space(&self, packs: usize, further: usize) -> RowSpace {
        let row = vec![Lanes([0.0; LANES]); packs];
        let sums = self.steps.iter().any(|step| matches!(step, Step::Fold { .. }));
        RowSpace {
            uniforms: self.uniforms.clone(),
            rows: vec![row.clone(); self.rows + further],
            partials: vec![row; if sums { fold::PARTIAL_ROWS } else { 0 }],
            packs,
            used: packs,
        }
    }

    /// Computes what is uniform, from the uniform inputs.
    pub fn run_once(&self, space: &mut RowSpace) {
        self.run_once_here(space);
    }

    /// The same, compiled into whatever it is called by: for [work](Work) that does it again and again.
    #[inline(always)]
    pub fn run_once_here(&self, space: &mut RowSpace) {
        for step in &self.once {
            let number = |operand: Operand| match operand {
                Operand::Uniform(k) => space.uniforms[k as usize],
                Operand::Row(_) => unreachable!("what is uniform reads no rows"),
            };
            let (into, value) = match step {
                Step::Apply { op, into, operands } => (*into, op.value(&operands.map(number))),
                Step::SinCos { .. } => unreachable!("pairs are for rows"),
                Step::Fold { fold, documented, into, terms } => {
                    debug_assert!(documented, "chains are for rows");
                    let value = fold_places(*fold, self.terms(terms), |term| number(term.first));
                    (*into, value.expect("folds have terms"))
                }
            };
            space.uniforms[into as usize] = value;
        }
    }

    /// Runs the steps over the packs in use.
    pub fn run(&self, space: &mut RowSpace) {
        Lanes::run(Pass { program: self, space });
    }

    /// The outputs at many points of a function whose inputs all vary: `fill(k, x)` writes point k; `out` has a row of
    /// outputs per point.
    ///
    /// # Panics
    /// When lengths do not fit.
    pub fn run_many(
        &self,
        space: &mut RowSpace,
        points: usize,
        mut fill: impl FnMut(usize, &mut [f64]),
        x: &mut [f64],
        out: &mut [f64],
    ) {
        let outputs = self.outputs.len();
        assert_eq!(out.len(), points * outputs, "a row of outputs per point");
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

    fn terms(&self, range: &Range<u32>) -> &[Term] {
        &self.terms[range.start as usize..range.end as usize]
    }
}

impl RowSpace {
    /// Says how many packs of each row are used, at most as many as there are.
    pub fn set_used(&mut self, packs: usize) {
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
    #[inline]
    pub fn fill_row(&mut self, row: u32, numbers: &[f64]) {
        let row = self.row_mut(row);
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

impl RowSpace {
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
    pub fn hand_over(&self, output: Output, packs: usize, mut take: impl FnMut(usize, Lanes)) {
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

/// All steps once.
struct Pass<'a> {
    program: &'a RowProgram,
    space: &'a mut RowSpace,
}

impl Work for Pass<'_> {
    #[inline(always)]
    fn run(self) {
        let Pass { program, space } = self;
        for step in &program.steps {
            match step {
                &Step::Apply { op, into, operands } => {
                    // A step never reads the row that it fills.
                    let mut out = std::mem::take(&mut space.rows[into as usize]);
                    op.specialise(Apply { operands, out: &mut out[..space.used], space });
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
                Step::Fold { fold, documented, into, terms } => {
                    fold::run(space, *fold, *documented, *into, program.terms(terms));
                }
            }
        }
    }
}

/// One operator over rows.
struct Apply<'a> {
    operands: [Operand; 3],
    out: &'a mut [Lanes],
    space: &'a RowSpace,
}

/// What an operator reads: a row, or the same number again and again.
#[derive(Clone, Copy)]
enum Source<'a> {
    Row(&'a [Lanes]),
    Same(Lanes),
}

impl Source<'_> {
    #[inline(always)]
    fn pack(self, k: usize) -> Lanes {
        match self {
            Source::Row(row) => row[k],
            Source::Same(pack) => pack,
        }
    }
}

impl PerOperator for Apply<'_> {
    #[inline(always)]
    fn run(self, op: Op) {
        let Apply { operands, out, space } = self;
        let source = |k: usize| match operands[k] {
            Operand::Row(row) => Source::Row(&space.rows[row as usize][..out.len()]),
            Operand::Uniform(number) => Source::Same(Lanes::all(space.uniforms[number as usize])),
        };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Program;

    /// Runs a function over rows of every length that could matter, and compares with its program at single points.
    fn check(text: &str, shared: &[usize]) {
        let f = expr::parse(text).unwrap().unroll(100_000).unwrap();
        let program = Program::compile(&f);
        let (inputs, outputs) = (f.input_count(), f.outputs().len());
        let varies = |k: usize| !shared.contains(&k);
        let rows = RowProgram::compile(&f, varies, |_| false);
        let added = RowProgram::compile(&f, varies, |_| true);
        let number = |k: usize, t: usize| {
            let t = if shared.contains(&k) { 0 } else { t };
            0.6 + ((3 * k + 7 * t) as f64).sin() / 2.0
        };
        for (rows, packs) in [(&rows, 1), (&rows, 3), (&added, 2), (&rows, rows.packs())] {
            let mut space = rows.space(packs, 0);
            // Twice, so that what a run leaves behind would show.
            for used in [packs, 1] {
                space.set_used(used);
                for k in 0..inputs {
                    match rows.input(k) {
                        Some(Operand::Row(row)) => {
                            for (p, pack) in space.row_mut(row).iter_mut().enumerate() {
                                *pack = Lanes(std::array::from_fn(|lane| number(k, p * LANES + lane)));
                            }
                        }
                        Some(Operand::Uniform(place)) => *space.uniform_mut(place) = number(k, 0),
                        None => {}
                    }
                }
                rows.run_once(&mut space);
                rows.run(&mut space);
                for t in 0..used * LANES {
                    let x: Vec<f64> = (0..inputs).map(|k| number(k, t)).collect();
                    let mut expected = vec![0.0; outputs];
                    program.run(&mut program.workspace(|v| v), &x, &mut expected);
                    for (k, expected) in expected.iter().enumerate() {
                        let found = match rows.output(k) {
                            Output::Plain(place) => space.pack(place, t / LANES),
                            Output::Product([a, b]) => space.pack(a, t / LANES) * space.pack(b, t / LANES),
                        };
                        let found = found.0[t % LANES];
                        assert_eq!(found.to_bits(), expected.to_bits(), "{text}, output {k}, point {t}");
                    }
                }
            }
        }
    }

    #[test]
    fn rows_have_the_bits_of_single_points() {
        for shared in [&[][..], &[0], &[1], &[0, 1]] {
            check("[sin(x*y) + exp(x/y) - ln(x^2 + y^2), x, 2, x*y, exp(y)]", shared);
            check("[x^3 + y^-1 - x^4*y^1, if(1 < 2, x, y), if(x < y, x, 2), clamp(x, y, 1)]", shared);
            check("[x*y + x*2 + y*3 + 4*x + y + 2, (x + y) + (x + y) + x + y + x*y]", shared);
            check(
                "[sum(i, 1, 300, x^i*y), sum(i, 1, 9, i*x) + sum(i, 1, 8, y*x), prod(i, 1, 20, x + y/i)]",
                shared,
            );
            check("[sin(x)*cos(x), cos(y*1e4), sin(y*1e4), sin(x*1e9) + cos(x*1e9)]", shared);
            check("sum(i, 1, 600, sin(i*x)*y) + sum(i, 1, 20, y/i)*x + sum(i, 1, 40, cos(i/9)*x)", shared);
        }
        check("[sum(i, 1, 40, w[i]*sin(i*x)), sum(i, 1, 5, w[i]*x), w[1] + w[2]]", &[1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn bits_are_the_same_on_every_instruction_set() {
        let text =
            "[sin(x*y)*exp(x/y) - ln(x^2 + y^2), tanh(x)^3 + cos(y*1e9), sum(i, 1, 300, x*y/i) + sigmoid(y)]";
        let f = expr::parse(text).unwrap().unroll(10_000).unwrap();
        let rows = RowProgram::compile(&f, |_| true, |_| false);
        let run = |bits: usize| {
            let mut space = rows.space(3, 0);
            for k in 0..2 {
                let Some(Operand::Row(row)) = rows.input(k) else { panic!("both inputs are read") };
                let numbers: Vec<f64> = (0..24).map(|t| ((5 * t + k) as f64).sin() * 3.0).collect();
                space.fill_row(row, &numbers);
            }
            rows.run_once(&mut space);
            crate::vectors::run_with(bits, Pass { program: &rows, space: &mut space }).then(|| {
                let packs = (0..3).flat_map(|output| (0..3).map(move |pack| (output, pack)));
                let found = packs.flat_map(|(output, pack)| space.found(rows.output(output), pack).0);
                found.map(f64::to_bits).collect::<Vec<_>>()
            })
        };
        let baseline = run(0).expect("every machine has it");
        for bits in [256, 512] {
            match run(bits) {
                Some(found) => assert_eq!(found, baseline, "vectors of {bits} bits"),
                None => eprintln!("skipped: this machine has no vectors of {bits} bits"),
            }
        }
    }

    #[test]
    fn rows_are_used_again() {
        let f = expr::parse("iterate(k, 1, 100, y, x, sin(y)*x + 1)").unwrap().unroll(10_000).unwrap();
        let rows = RowProgram::compile(&f, |_| true, |_| true);
        assert!(rows.rows <= 4, "{} rows", rows.rows);
        assert_eq!(rows.steps(), 300);
    }

    #[test]
    fn products_that_are_added_up_are_not_computed() {
        let f = expr::parse("[x*y, x + y]").unwrap();
        let rows = RowProgram::compile(&f, |_| true, |_| true);
        assert!(matches!(rows.output(0), Output::Product(_)));
        assert_eq!(rows.steps(), 1);
    }
}

//! The body of a loop compiled for rows, with what goes in and out: shared by folds and iterations.

use engine::{LANES, Lanes, Operand, Output, Registers, SimdKernel, VectorProgram};
use expr::interrupt::checkpoint;
use expr::{Feed, Function};

use super::Flow;

/// A body that is run for many rounds at a time.
#[derive(Clone, Debug)]
pub(super) struct Kernel {
    program: VectorProgram,
    /// Packs per row.
    packs: usize,
    /// Rows, and what goes into them.
    varying: Vec<(u32, Feed)>,
    /// Uniform numbers, and the scalars that they are.
    shared: Vec<(u32, u32)>,
    /// The first value of the index variable.
    low: i64,
}

/// What a block finds, and where it goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sink {
    pub(super) feed: Feed,
    pub(super) found: Output,
}

impl Kernel {
    /// Compiles a body whose first inputs have these feeds; of those behind them, `seeded` says which have a number per
    /// round. Of the outputs `added`, only sums over rounds are wanted.
    pub(super) fn new(
        body: &Function,
        feeds: &[Feed],
        rounds: expr::Rounds,
        seeded: impl Fn(usize) -> bool,
        added: impl Fn(usize) -> bool,
    ) -> Kernel {
        let varies = |k: usize| match feeds.get(k) {
            Some(feed) => !matches!(feed, Feed::Scalar(_)),
            None => seeded(k - feeds.len()),
        };
        let program = VectorProgram::compile(body, varies, added);
        let packs = program.packs().min((rounds.count as usize).div_ceil(LANES)).max(1);
        let (mut varying, mut shared) = (Vec::new(), Vec::new());
        for (k, feed) in feeds.iter().enumerate() {
            match (program.input(k), feed) {
                (Some(Operand::Uniform(place)), Feed::Scalar(scalar)) => shared.push((place, *scalar)),
                (Some(Operand::Row(row)), feed) => varying.push((row, *feed)),
                _ => {}
            }
        }
        Kernel { program, packs, varying, shared, low: rounds.low }
    }

    pub(super) fn program(&self) -> &VectorProgram {
        &self.program
    }

    /// How many rounds are run at a time.
    pub(super) fn block(&self) -> usize {
        self.packs * LANES
    }

    /// What is read and done for each block, line by line.
    pub(super) fn explain(&self) -> Vec<String> {
        let read = |(row, feed): &(u32, Feed)| match feed {
            Feed::Along { start, step } => format!("  r{row} = inputs from number {start} on, every {step}"),
            Feed::Counter => format!("  r{row} = index"),
            Feed::State(k) => format!("  r{row} = state {k}"),
            Feed::Scalar(_) => unreachable!("what rounds share has no row"),
        };
        self.varying
            .iter()
            .map(read)
            .chain(self.program.explain().into_iter().map(|l| format!("  {l}")))
            .collect()
    }

    /// Numbers for runs, with so many rows besides.
    pub(super) fn space(&self, further: usize) -> Registers {
        self.program.space(self.packs, further)
    }

    pub(super) fn bytes(&self) -> usize {
        self.program.bytes(self.packs)
    }

    /// Puts what all rounds share in place, and computes what follows from it.
    pub(super) fn load_shared(&self, space: &mut Registers, flow: &Flow<'_>) {
        for &(place, scalar) in &self.shared {
            *space.uniform_mut(place) = flow.value(scalar as usize);
        }
        self.program.run_once(space);
    }

    /// Puts the numbers of some rounds into their rows, and runs; `state(k)` has the states of these rounds.
    pub(super) fn run<'s>(
        &self,
        space: &mut Registers,
        flow: &Flow<'_>,
        start: usize,
        count: usize,
        state: impl Fn(u32) -> &'s [f64],
    ) {
        checkpoint();
        space.set_used(count.div_ceil(LANES));
        for &(row, feed) in &self.varying {
            match feed {
                Feed::Along { start: first, step: 1 } => {
                    space.fill_row(row, &flow.x[first as usize + start..][..count]);
                }
                Feed::Along { start: first, step } => fill(space.row_mut(row), count, |t| {
                    flow.x[(i64::from(first) + (start + t) as i64 * step) as usize]
                }),
                Feed::Counter => {
                    fill(space.row_mut(row), count, |t| (self.low + (start + t) as i64) as f64);
                }
                Feed::State(k) => space.fill_row(row, state(k)),
                Feed::Scalar(_) => unreachable!("what rounds share has no row"),
            }
        }
        self.program.run(space);
    }
}

fn fill(row: &mut [Lanes], count: usize, number: impl Fn(usize) -> f64) {
    for (k, pack) in row.iter_mut().enumerate() {
        for (lane, t) in pack.0.iter_mut().zip(k * LANES..) {
            *lane = number(t.min(count - 1));
        }
    }
}

/// Passes on what a block has found: to elements at once, to what all rounds share into `totals`, in lanes.
pub(super) struct PassOn<'a, 'f> {
    pub(super) space: &'a Registers,
    pub(super) sinks: &'a [Sink],
    pub(super) totals: &'a mut [Lanes],
    pub(super) flow: &'a mut Flow<'f>,
    pub(super) start: usize,
    pub(super) count: usize,
}

impl PassOn<'_, '_> {
    pub(super) fn run(self) {
        Lanes::run(self);
    }
}

impl SimdKernel for PassOn<'_, '_> {
    #[inline(always)]
    fn run(self) {
        let PassOn { space, sinks, totals, flow, start, count } = self;
        let (full, rest) = (count / LANES, count % LANES);
        for (sink, total) in sinks.iter().zip(totals) {
            match sink.feed {
                Feed::Scalar(_) => {
                    let mut sum = *total;
                    space.load(
                        sink.found,
                        full,
                        #[inline(always)]
                        |_, pack| sum = sum + pack,
                    );
                    *total = sum;
                    if rest > 0 {
                        let last = space.found(sink.found, full);
                        total.0.iter_mut().zip(&last.0[..rest]).for_each(|(total, term)| *total += term);
                    }
                }
                Feed::Along { start: first, step: 1 } => {
                    let into = &mut flow.gradient[first as usize + start..][..count];
                    let (packs, tail) = into.as_chunks_mut::<LANES>();
                    space.load(
                        sink.found,
                        full,
                        #[inline(always)]
                        |k, pack| packs[k] = (Lanes(packs[k]) + pack).0,
                    );
                    if rest > 0 {
                        let last = space.found(sink.found, full);
                        tail.iter_mut().zip(&last.0).for_each(|(into, term)| *into += term);
                    }
                }
                Feed::Along { start: first, step } => {
                    for t in 0..count {
                        let into = (i64::from(first) + (start + t) as i64 * step) as usize;
                        flow.gradient[into] += space.found(sink.found, t / LANES).0[t % LANES];
                    }
                }
                Feed::Counter | Feed::State(_) => {}
            }
        }
    }
}

/// Passes on what all rounds together have found for what they share.
pub(super) fn pass_on_totals(sinks: &[Sink], totals: &[Lanes], flow: &mut Flow<'_>) {
    for (sink, total) in sinks.iter().zip(totals) {
        if let Feed::Scalar(scalar) = sink.feed {
            flow.receive(scalar as usize, total.0.iter().sum::<f64>());
        }
    }
}

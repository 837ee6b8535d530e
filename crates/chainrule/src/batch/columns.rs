//! What a block of points has found, put into columns or added up.

use std::ops::Range;

use engine::{LANES, Lanes, Output, Partials, Registers, SimdKernel, prefetch, streaming_store};

use super::{BatchGradient, BatchInput, Plan};

/// Puts what a block has found into columns.
pub(super) struct Store<'a, 'c> {
    pub(super) many: &'a BatchGradient,
    pub(super) plan: &'a Plan,
    pub(super) space: &'a Registers,
    pub(super) values: &'a mut [&'c mut [f64]],
    pub(super) gradients: &'a mut [&'c mut [f64]],
    pub(super) place: usize,
    pub(super) count: usize,
    /// Where columns are too long for caches.
    pub(super) ahead: Option<Ahead<'a>>,
}

/// What the next block reads. It is brought nearer while this one is written past the caches, line by line in turns: all
/// at once, either would wait for the other.
pub(super) struct Ahead<'a> {
    pub(super) inputs: &'a [BatchInput<'a>],
    pub(super) next: Range<usize>,
}

impl Ahead<'_> {
    /// The part of an input that comes next; there are more columns to write than to read.
    #[inline(always)]
    fn of(&self, input: usize) -> &[f64] {
        match self.inputs.get(input) {
            Some(BatchInput::Each(numbers)) => &numbers[self.next.clone()],
            _ => &[],
        }
    }
}

impl SimdKernel for Store<'_, '_> {
    #[inline(always)]
    fn run(self) {
        let Store { many, plan, space, values, gradients, place, count, ahead } = self;
        let ahead = |k| ahead.as_ref().map(|ahead| ahead.of(k));
        for (output, column) in values.iter_mut().enumerate() {
            let value = Output::Plain(plan.batch.value(output));
            store::<false>(space, value, &mut column[place..][..count], ahead(output));
        }
        for (k, column) in gradients.iter_mut().enumerate() {
            let into = &mut column[place..][..count];
            match plan.batch.slope(k / many.inputs, k % many.inputs) {
                Some(slope) => store::<true>(space, slope, into, ahead(many.outputs + k)),
                None => into.fill(0.0),
            }
        }
    }
}

/// Puts an output into a column. A sum of received gradients begins with 0, and so is never -0; for a gradient that is
/// received alone, `POSITIVE` says to add that 0. With numbers to prefetch meanwhile it is written past the caches.
#[inline(always)]
fn store<const POSITIVE: bool>(
    space: &Registers,
    output: Output,
    into: &mut [f64],
    meanwhile: Option<&[f64]>,
) {
    let numbers = |pack: Lanes| if POSITIVE { pack + Lanes::all(0.0) } else { pack }.0;
    let (full, rest) = into.as_chunks_mut::<LANES>();
    let packs = full.len();
    if let Some(meanwhile) = meanwhile {
        space.load(
            output,
            packs,
            #[inline(always)]
            |k, pack| {
                streaming_store(&mut full[k], numbers(pack));
                prefetch(meanwhile.get(k * LANES..(k + 1) * LANES).unwrap_or_default());
            },
        );
    } else {
        space.load(
            output,
            packs,
            #[inline(always)]
            |k, pack| full[k] = numbers(pack),
        );
    }
    if !rest.is_empty() {
        let last = numbers(space.found(output, packs));
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

/// Adds what a block has found to totals, the first of which are of outputs.
pub(super) struct AddUp<'a> {
    pub(super) space: &'a Registers,
    pub(super) found: &'a [Option<Output>],
    pub(super) totals: &'a mut [Partials],
    pub(super) count: usize,
}

impl SimdKernel for AddUp<'_> {
    #[inline(always)]
    fn run(self) {
        for (found, total) in self.found.iter().zip(self.totals) {
            if let Some(found) = *found {
                total.add_output(self.space, found, self.count);
            }
        }
    }
}

/// Puts the terms of sums into columns, the first of which are of outputs.
pub(super) struct Terms<'a, 'c> {
    pub(super) space: &'a Registers,
    pub(super) found: &'a [Option<Output>],
    pub(super) outputs: usize,
    pub(super) columns: &'a mut [&'c mut [f64]],
    pub(super) start: usize,
    pub(super) count: usize,
}

impl SimdKernel for Terms<'_, '_> {
    #[inline(always)]
    fn run(self) {
        for (k, (found, column)) in self.found.iter().zip(self.columns).enumerate() {
            let into = &mut column[self.start..][..self.count];
            match *found {
                Some(found) if k < self.outputs => store::<false>(self.space, found, into, None),
                Some(found) => store::<true>(self.space, found, into, None),
                None => {}
            }
        }
    }
}

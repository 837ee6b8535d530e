//! Sums over points: their terms, the sums of chunks of them, and the total.

use engine::{LANES, Lanes, Output, Partials};
use expr::Fold;
use expr::fold::CHUNK;

use super::columns::{AddUp, Terms};
use super::{BatchGradient, BatchInput, Plan, SPAN, Total, on_all_threads};

impl BatchGradient {
    /// The sum of every output over all points, and its gradient by the shared inputs: what fitting a model to data
    /// needs. Terms are added in the canonical order of [`expr::fold`].
    ///
    /// # Panics
    /// When there is not one column per input with a number for each point.
    pub fn total(&self, inputs: &[BatchInput<'_>], points: usize) -> Total {
        let sums = self.sums(inputs);
        if sums == 0 {
            self.check(inputs, points);
            return Total { values: Vec::new(), gradient: Vec::new() };
        }
        let chunks = self.chunk_sums(inputs, points);
        let total = expr::fold::tree(chunks.chunks(sums).map(<[f64]>::to_vec), |mut total, chunk| {
            total.iter_mut().zip(chunk).for_each(|(total, term)| *total += term);
            total
        });
        let mut values = total.unwrap_or_else(|| vec![0.0; sums]);
        let gradient = values.split_off(self.outputs);
        Total { values, gradient }
    }

    /// How many sums there are: of every output, and of its slopes by each shared input.
    pub(crate) fn sums(&self, inputs: &[BatchInput<'_>]) -> usize {
        let shared = inputs.iter().filter(|input| matches!(input, BatchInput::Shared(_))).count();
        self.outputs * (1 + shared)
    }

    /// For every chunk of points its sums: those of the outputs, then of each output's slopes by shared inputs.
    pub(crate) fn chunk_sums(&self, inputs: &[BatchInput<'_>], points: usize) -> Vec<f64> {
        self.check(inputs, points);
        let plan = self.plan(inputs, true);
        let found = self.found(&plan);
        let sums = found.len();
        let mut chunks = vec![0.0; points.div_ceil(CHUNK) * sums];
        on_all_threads(chunks.chunks_mut((sums * (SPAN / CHUNK)).max(1)).collect(), |span, chunks| {
            plan.with_space(inputs, |space| {
                let mut totals = vec![Partials::new(Fold::Sum); sums];
                for (chunk, sums) in chunks.chunks_mut(sums).enumerate() {
                    let start = span * SPAN + chunk * CHUNK;
                    let end = points.min(start + CHUNK);
                    for start in (start..end).step_by(plan.packs * LANES) {
                        let count = (plan.packs * LANES).min(end - start);
                        plan.run(space, inputs, start, count);
                        Lanes::run(AddUp { space, found: &found, totals: &mut totals, count });
                    }
                    for (k, (sum, total)) in sums.iter_mut().zip(&mut totals).enumerate() {
                        let total = std::mem::replace(total, Partials::new(Fold::Sum)).join();
                        *sum = if k < self.outputs { total } else { total + 0.0 };
                    }
                }
            });
        });
        chunks
    }

    /// The terms of these sums at every point: a column for each, on the thread of the caller. Their canonical sums are
    /// [those of chunks](Self::chunk_sums).
    pub(crate) fn terms(&self, inputs: &[BatchInput<'_>], points: usize) -> Vec<f64> {
        self.check(inputs, points);
        let plan = self.plan(inputs, true);
        let found = self.found(&plan);
        let mut terms = vec![0.0; found.len() * points];
        let mut columns: Vec<&mut [f64]> = terms.chunks_mut(points.max(1)).collect();
        plan.with_space(inputs, |space| {
            for start in (0..points).step_by(plan.packs * LANES) {
                let count = (plan.packs * LANES).min(points - start);
                plan.run(space, inputs, start, count);
                Lanes::run(Terms {
                    space,
                    found: &found,
                    outputs: self.outputs,
                    columns: &mut columns,
                    start,
                    count,
                });
            }
        });
        terms
    }

    /// Where every sum's terms are found, in order: outputs, then of each output its slopes by shared inputs.
    fn found(&self, plan: &Plan) -> Vec<Option<Output>> {
        let shared: Vec<usize> = (0..self.inputs).filter(|&k| plan.kind.0[k]).collect();
        let slopes = (0..self.outputs).flat_map(|o| shared.iter().map(move |&input| (o, input)));
        let value = |output| Some(Output::Plain(plan.batch.value(output)));
        let slopes = slopes.map(|(output, input)| plan.batch.slope(output, input));
        (0..self.outputs).map(value).chain(slopes).collect()
    }
}

//! A stage whose rounds know nothing of each other: their results are the terms of sums and products.

use engine::{Folding, LANES, Lanes, Operand, Output, Registers};
use expr::fold::CHUNK;
use expr::{Feed, Fold, Function};

use super::Flow;
use super::kernel::{Kernel, PassOn, Sink, pass_on_totals};
use crate::adjoint::Adjoint;
use crate::product::{product_scratch, pull_product};
use crate::pull_back::{Seed, pull_back};

#[derive(Clone, Debug)]
pub(super) struct Rounds {
    body: Function,
    feeds: Vec<Feed>,
    rounds: expr::Rounds,
    /// Per output of the body, how its terms are joined, and the scalar that this is.
    results: Vec<(Fold, u32)>,
    /// The forward pass alone.
    value: Kernel,
    /// Per output of the function, the backward pass from there, by its number.
    pass_of_output: Vec<Option<usize>>,
    passes: Vec<Pass>,
    /// Both passes in one, where it is known beforehand what the results will receive.
    eager: Option<Pass>,
}

/// A forward and a backward pass over each block.
#[derive(Clone, Debug)]
struct Pass {
    kernel: Kernel,
    /// Which results have received something.
    received: Vec<bool>,
    /// What they received, where that is known beforehand.
    known: Vec<f64>,
    /// Results, and where what they receive goes.
    seeds: Vec<(usize, Operand)>,
    sinks: Vec<Sink>,
}

#[derive(Clone, Debug)]
pub(super) struct Numbers {
    value: Registers,
    passes: Vec<Registers>,
    eager: Option<Registers>,
    foldings: Vec<Folding>,
    /// Per result that is a product, its terms.
    terms: Vec<Vec<f64>>,
    /// And what these receive.
    slopes: Vec<Vec<f64>>,
    scratch: Vec<f64>,
    /// Per sink, what all rounds together pass on to it, in lanes.
    totals: Vec<Lanes>,
}

impl Rounds {
    pub(super) fn new(
        body: Function,
        feeds: Vec<Feed>,
        rounds: expr::Rounds,
        results: Vec<(Fold, u32)>,
    ) -> Rounds {
        let value = Kernel::new(&body, &feeds, rounds, |_| false, |_| false);
        let (pass_of_output, passes) = (Vec::new(), Vec::new());
        Rounds { body, feeds, rounds, results, value, pass_of_output, passes, eager: None }
    }

    /// Prepares for the backward pass of the next output of the function.
    pub(super) fn expect(&mut self, received: Vec<bool>) {
        let pass = received.contains(&true).then(|| {
            let same = self.passes.iter().position(|pass| pass.received == received);
            same.unwrap_or_else(|| {
                self.passes.push(self.pass(received, None));
                self.passes.len() - 1
            })
        });
        self.pass_of_output.push(pass);
    }

    /// Prepares for both passes in one: `known` is what the results will receive.
    pub(super) fn expect_known(&mut self, received: Vec<bool>, known: Vec<f64>) {
        if received.contains(&true) {
            self.eager = Some(self.pass(received, Some(known)));
        }
    }

    fn pass(&self, received: Vec<bool>, known: Option<Vec<f64>>) -> Pass {
        let seed = |k: usize| match (&known, received[k]) {
            (_, false) => Seed::Nothing,
            (Some(known), _) if known[k] == 1.0 => Seed::One,
            _ => Seed::Given,
        };
        let seeds: Vec<Seed> = (0..received.len()).map(seed).collect();
        let wanted = |input: usize| self.feeds[input] != Feed::Counter;
        let adjoint = Adjoint::compile_for(&self.body, wanted);
        let written = pull_back(&self.body, &adjoint, wanted, &[seeds]);
        let arrivals = &written.arrivals[0];
        let mut added = vec![false; written.function.outputs().len()];
        for (feed, arrival) in self.feeds.iter().zip(arrivals) {
            if let Some(output) = arrival {
                added[*output] = matches!(feed, Feed::Scalar(_));
            }
        }
        let product = |k: usize| self.results[k].0 == Fold::Product;
        let kernel = Kernel::new(&written.function, &self.feeds, self.rounds, product, |k| added[k]);
        let place = |k: usize| Some((k, kernel.program().input(self.feeds.len() + k)?));
        let seeds = (0..received.len()).filter_map(place).collect();
        let sink = |(input, arrival): (usize, &Option<usize>)| {
            Some(Sink { feed: self.feeds[input], found: kernel.program().output((*arrival)?) })
        };
        let sinks = arrivals.iter().enumerate().filter_map(sink).collect();
        Pass { received, known: known.unwrap_or_default(), seeds, sinks, kernel }
    }

    pub(super) fn is_eager(&self) -> bool {
        self.eager.is_some()
    }

    fn count(&self) -> usize {
        self.rounds.count as usize
    }

    fn has_products(&self) -> bool {
        self.results.iter().any(|(fold, _)| *fold == Fold::Product)
    }

    pub(super) fn explain(&self) -> Vec<String> {
        let folds: Vec<&str> = self.results.iter().map(|(fold, _)| fold.name()).collect();
        let how = match &self.eager {
            Some(_) => "both passes in one",
            None => "forward, later forward and backward",
        };
        let kernel = self.eager.as_ref().or(self.passes.first()).map_or(&self.value, |pass| &pass.kernel);
        let title = format!(
            "loop of {} iterations, {} at a time: {}; {how}",
            self.count(),
            kernel.block(),
            folds.join(", ")
        );
        std::iter::once(title).chain(kernel.explain()).collect()
    }

    pub(super) fn steps(&self) -> usize {
        let pass = self.eager.as_ref().or(self.passes.first());
        let steps = pass.map_or(self.value.program().steps(), |pass| pass.kernel.program().steps());
        steps.saturating_mul(self.count())
    }

    pub(super) fn bytes(&self) -> usize {
        let terms = if self.has_products() { 16 * self.count() * self.results.len() } else { 0 };
        let kernels = self.passes.iter().chain(&self.eager).map(|pass| pass.kernel.bytes());
        self.value.bytes() + kernels.sum::<usize>() + terms
    }

    pub(super) fn numbers(&self) -> Numbers {
        let terms = |&(fold, _): &(Fold, u32)| match fold {
            Fold::Product => vec![0.0; self.count()],
            _ => Vec::new(),
        };
        let sinks = self.passes.iter().chain(&self.eager).map(|pass| pass.sinks.len());
        Numbers {
            value: self.value.space(0),
            passes: self.passes.iter().map(|pass| pass.kernel.space(0)).collect(),
            eager: self.eager.as_ref().map(|pass| pass.kernel.space(0)),
            foldings: self.results.iter().map(|(fold, _)| Folding::new(*fold)).collect(),
            terms: self.results.iter().map(terms).collect(),
            slopes: self.results.iter().map(terms).collect(),
            scratch: vec![0.0; if self.has_products() { product_scratch(self.count()) } else { 0 }],
            totals: vec![Lanes([0.0; LANES]); sinks.max().unwrap_or(0)],
        }
    }

    /// The forward pass; with the backward pass in it where what will be received is known, and `eager`.
    pub(super) fn forward(&self, numbers: &mut Numbers, flow: &mut Flow<'_>, eager: bool) {
        let Numbers { value, eager: eager_space, foldings, terms, totals, .. } = numbers;
        for (folding, (fold, _)) in foldings.iter_mut().zip(&self.results) {
            *folding = Folding::new(*fold);
        }
        let pass = self.eager.as_ref().filter(|_| eager);
        let (kernel, space) = match (pass, eager_space) {
            (Some(pass), Some(space)) => {
                for &(k, place) in &pass.seeds {
                    if let Operand::Uniform(place) = place {
                        *space.uniform_mut(place) = pass.known[k];
                    }
                }
                (&pass.kernel, space)
            }
            _ => (&self.value, value),
        };
        totals.fill(Lanes([0.0; LANES]));
        kernel.load_shared(space, flow);
        for (start, count) in self.blocks(kernel) {
            kernel.run(space, flow, start, count, |_| unreachable!("only iterations have states"));
            for (k, folding) in foldings.iter_mut().enumerate() {
                let Output::Plain(place) = kernel.program().output(k) else {
                    unreachable!("terms are computed");
                };
                match place {
                    Operand::Row(row) => {
                        let row = space.row(row);
                        folding.add(row, count);
                        if let Some(terms) = terms[k].get_mut(start..start + count) {
                            store(row, terms);
                        }
                    }
                    Operand::Uniform(number) => {
                        let number = space.uniform(number);
                        let row = [Lanes([number; LANES]); CHUNK / LANES];
                        folding.add(&row, count);
                        if let Some(terms) = terms[k].get_mut(start..start + count) {
                            terms.fill(number);
                        }
                    }
                }
            }
            if let Some(pass) = pass {
                PassOn { space, sinks: &pass.sinks, totals, flow, start, count }.run();
            }
        }
        for (folding, (_, result)) in foldings.iter().zip(&self.results) {
            flow.set(*result, folding.value());
        }
        if let Some(pass) = pass {
            pass_on_totals(&pass.sinks, totals, flow);
        }
    }

    /// Whether the results have received what was expected.
    pub(super) fn as_expected(&self, flow: &Flow<'_>) -> bool {
        self.eager.iter().all(|pass| {
            let mut received = (0..self.results.len()).filter(|&k| pass.received[k]);
            received.all(|k| flow.received(self.results[k].1).to_bits() == pass.known[k].to_bits())
        })
    }

    pub(super) fn backward(&self, numbers: &mut Numbers, flow: &mut Flow<'_>, output: usize) {
        let Some(number) = self.pass_of_output[output] else { return };
        let pass = &self.passes[number];
        let Numbers { passes, terms, slopes, scratch, totals, .. } = numbers;
        let space = &mut passes[number];
        for &(k, place) in &pass.seeds {
            let upstream = flow.received(self.results[k].1);
            match place {
                Operand::Uniform(place) => *space.uniform_mut(place) = upstream,
                Operand::Row(_) => {
                    pull_product(&terms[k], upstream, &mut slopes[k], scratch);
                }
            }
        }
        totals.fill(Lanes([0.0; LANES]));
        pass.kernel.load_shared(space, flow);
        for (start, count) in self.blocks(&pass.kernel) {
            space.set_used(count.div_ceil(LANES));
            for &(k, place) in &pass.seeds {
                if let Operand::Row(row) = place {
                    space.fill_row(row, &slopes[k][start..start + count]);
                }
            }
            pass.kernel.run(space, flow, start, count, |_| unreachable!("only iterations have states"));
            PassOn { space, sinks: &pass.sinks, totals, flow, start, count }.run();
        }
        pass_on_totals(&pass.sinks, totals, flow);
    }

    /// The first round of each block, and how many there are; no block reaches across chunks of terms.
    fn blocks(&self, kernel: &Kernel) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (count, block) = (self.count(), kernel.block());
        (0..count).step_by(CHUNK).flat_map(move |chunk| {
            let end = count.min(chunk + CHUNK);
            (chunk..end).step_by(block).map(move |start| (start, block.min(end - start)))
        })
    }
}

fn store(row: &[Lanes], into: &mut [f64]) {
    for (into, pack) in into.chunks_mut(LANES).zip(row) {
        into.copy_from_slice(&pack.0[..into.len()]);
    }
}

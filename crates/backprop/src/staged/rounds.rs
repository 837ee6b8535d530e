//! A stage whose rounds know nothing of each other: they are run many at a time, side by side in lanes.

use engine::{Folding, LANES, Lanes};
use expr::fold::CHUNK;
use expr::{Feed, Fold};

use super::Scalars;
use crate::adjoint::{Adjoint, Workspace, product_scratch, pull_product};

#[derive(Clone, Debug)]
pub(super) struct Rounds {
    pub(super) adjoint: Adjoint,
    feeds: Vec<Feed>,
    pub(super) rounds: expr::Rounds,
    /// Per output, how its terms are joined, and the scalar that this is.
    results: Vec<(Fold, u32)>,
    /// What the results will receive, where that is known beforehand.
    pub(super) eager: Option<Vec<Option<f64>>>,
    /// Packs per slot.
    width: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Numbers {
    lanes: Workspace<Lanes>,
    foldings: Vec<Folding>,
    /// Per result that is a product, its terms.
    terms: Vec<Vec<f64>>,
    /// And what these receive.
    slopes: Vec<Vec<f64>>,
    scratch: Vec<f64>,
    /// Per input, what all rounds together pass on to it, in lanes.
    totals: Vec<Lanes>,
}

impl Rounds {
    pub(super) fn new(
        adjoint: Adjoint,
        feeds: Vec<Feed>,
        rounds: expr::Rounds,
        results: Vec<(Fold, u32)>,
        eager: bool,
    ) -> Rounds {
        let enough = (rounds.count as usize).div_ceil(LANES);
        let width = adjoint.program().packs().min(enough);
        Rounds { adjoint, feeds, rounds, results, eager: eager.then(Vec::new), width }
    }

    fn count(&self) -> usize {
        self.rounds.count as usize
    }

    fn is_product(&self) -> bool {
        self.results.iter().any(|(fold, _)| *fold == Fold::Product)
    }

    pub(super) fn bytes(&self) -> usize {
        let terms = if self.is_product() { 16 * self.count() * self.results.len() } else { 0 };
        self.adjoint.bytes() + self.adjoint.program().slots() * self.width * size_of::<Lanes>() * 2 + terms
    }

    pub(super) fn numbers(&self) -> Numbers {
        let terms = |&(fold, _): &(Fold, u32)| match fold {
            Fold::Sum => Vec::new(),
            Fold::Product => vec![0.0; self.count()],
        };
        Numbers {
            lanes: self.adjoint.wide_workspace(self.width, |number| Lanes([number; LANES])),
            foldings: self.results.iter().map(|(fold, _)| Folding::new(*fold)).collect(),
            terms: self.results.iter().map(terms).collect(),
            slopes: self.results.iter().map(terms).collect(),
            scratch: vec![0.0; if self.is_product() { product_scratch(self.count()) } else { 0 }],
            totals: vec![Lanes([0.0; LANES]); self.feeds.len()],
        }
    }

    /// Remembers what the results have received.
    pub(super) fn expect(&mut self, scalars: &Scalars) {
        if let Some(eager) = &mut self.eager {
            *eager = self.results.iter().map(|(_, result)| scalars.received(*result)).collect();
        }
    }

    /// Whether the results have received what was expected.
    pub(super) fn as_expected(&self, scalars: &Scalars) -> bool {
        let bits = |received: Option<f64>| received.map(f64::to_bits);
        let received = self.results.iter().map(|(_, result)| bits(scalars.received(*result)));
        self.eager.iter().flatten().copied().map(bits).eq(received)
    }

    /// The forward pass; with the backward pass in it where what will be received is known.
    pub(super) fn forward(&self, numbers: &mut Numbers, scalars: &mut Scalars, eager: bool) {
        let eager = self.eager.as_deref().filter(|_| eager);
        for (folding, (fold, _)) in numbers.foldings.iter_mut().zip(&self.results) {
            *folding = Folding::new(*fold);
        }
        self.load_shared(numbers, scalars);
        for (start, count) in self.blocks() {
            self.load(&mut numbers.lanes, scalars, start, count);
            self.adjoint.forward(&mut numbers.lanes);
            for (k, folding) in numbers.foldings.iter_mut().enumerate() {
                let row = self.adjoint.output(&numbers.lanes, k);
                folding.add(row, count);
                if let Some(terms) = numbers.terms[k].get_mut(start..start + count) {
                    store(row, terms);
                }
            }
            if let Some(received) = eager {
                self.adjoint.clear(&mut numbers.lanes);
                for (k, &upstream) in received.iter().enumerate() {
                    if let Some(upstream) = upstream {
                        self.adjoint.seed(&mut numbers.lanes, k, |_| Lanes([upstream; LANES]));
                    }
                }
                self.adjoint.pull(&mut numbers.lanes);
                self.pass_on(numbers, scalars, start, count);
            }
        }
        for (folding, (_, result)) in numbers.foldings.iter().zip(&self.results) {
            scalars.values[*result as usize] = folding.value();
        }
        if eager.is_some() {
            self.pass_on_shared(numbers, scalars);
        }
    }

    pub(super) fn backward(&self, numbers: &mut Numbers, scalars: &mut Scalars) {
        let received = |k: usize, scalars: &Scalars| scalars.received(self.results[k].1);
        if (0..self.results.len()).all(|k| received(k, scalars).is_none()) {
            return;
        }
        for (k, slopes) in numbers.slopes.iter_mut().enumerate() {
            if let (Some(upstream), Fold::Product) = (received(k, scalars), self.results[k].0) {
                let terms = &numbers.terms[k];
                pull_product(
                    terms.len(),
                    |t| terms[t],
                    upstream,
                    &mut numbers.scratch,
                    |t, slope| {
                        slopes[t] = slope;
                    },
                );
            }
        }
        self.load_shared(numbers, scalars);
        for (start, count) in self.blocks() {
            self.load(&mut numbers.lanes, scalars, start, count);
            self.adjoint.forward(&mut numbers.lanes);
            self.adjoint.clear(&mut numbers.lanes);
            for k in 0..self.results.len() {
                let Some(upstream) = received(k, scalars) else { continue };
                match numbers.slopes[k].get(start..start + count) {
                    Some(slopes) => self.adjoint.seed(&mut numbers.lanes, k, |pack| {
                        let mut lanes = Lanes([0.0; LANES]);
                        let slopes = &slopes[pack * LANES..];
                        lanes.0.iter_mut().zip(slopes).for_each(|(lane, slope)| *lane = *slope);
                        lanes
                    }),
                    None => self.adjoint.seed(&mut numbers.lanes, k, |_| Lanes([upstream; LANES])),
                }
            }
            self.adjoint.pull(&mut numbers.lanes);
            self.pass_on(numbers, scalars, start, count);
        }
        self.pass_on_shared(numbers, scalars);
    }

    /// The first round of each block, and how many there are; no block reaches across chunks of terms.
    fn blocks(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (count, block) = (self.count(), self.width * LANES);
        (0..count).step_by(CHUNK).flat_map(move |chunk| {
            let end = count.min(chunk + CHUNK);
            (chunk..end).step_by(block).map(move |start| (start, block.min(end - start)))
        })
    }

    /// Puts what all rounds share in place.
    fn load_shared(&self, numbers: &mut Numbers, scalars: &Scalars) {
        numbers.totals.fill(Lanes([0.0; LANES]));
        let rows = numbers.lanes.inputs_mut(self.feeds.len()).chunks_exact_mut(self.width);
        for (row, feed) in rows.zip(&self.feeds) {
            if let Feed::Scalar(scalar) = feed {
                row.fill(Lanes([scalars.values[*scalar as usize]; LANES]));
            }
        }
    }

    /// Puts the numbers of some rounds into the lanes; lanes past the end repeat the last, so that no number is made up.
    fn load(&self, lanes: &mut Workspace<Lanes>, scalars: &Scalars, start: usize, count: usize) {
        lanes.set_used(count.div_ceil(LANES));
        let rows = lanes.inputs_mut(self.feeds.len()).chunks_exact_mut(self.width);
        for (row, feed) in rows.zip(&self.feeds) {
            match *feed {
                Feed::Scalar(_) => continue,
                Feed::Along { start: first, step: 1 } => {
                    let values = &scalars.values[first as usize + start..][..count];
                    let (full, rest) = values.as_chunks();
                    row.iter_mut().zip(full).for_each(|(pack, values)| pack.0 = *values);
                    if !rest.is_empty() {
                        row[full.len()].0[..rest.len()].copy_from_slice(rest);
                    }
                }
                Feed::Along { start: first, step } => fill(row, count, |t| {
                    scalars.values[(i64::from(first) + (start + t) as i64 * step) as usize]
                }),
                Feed::Counter => fill(row, count, |t| (self.rounds.low + (start + t) as i64) as f64),
                Feed::State(_) => unreachable!("only iterations have states"),
            }
            if !count.is_multiple_of(LANES) {
                let pack = &mut row[count / LANES].0;
                let last = pack[count % LANES - 1];
                pack[count % LANES..].fill(last);
            }
        }
    }

    /// Passes on what a block has found.
    fn pass_on(&self, numbers: &mut Numbers, scalars: &mut Scalars, start: usize, count: usize) {
        let gradient = numbers.lanes.gradient(self.feeds.len());
        let rows = gradient.chunks_exact(self.width);
        for (k, (row, feed)) in rows.zip(&self.feeds).enumerate() {
            if !self.adjoint.came_to(&numbers.lanes, k) {
                continue;
            }
            match *feed {
                Feed::Scalar(scalar) => {
                    scalars.reached[scalar as usize] = true;
                    let (total, full) = (&mut numbers.totals[k], count / LANES);
                    row[..full].iter().for_each(|pack| *total = *total + *pack);
                    if !count.is_multiple_of(LANES) {
                        let last = &row[full].0[..count % LANES];
                        total.0.iter_mut().zip(last).for_each(|(total, term)| *total += term);
                    }
                }
                Feed::Along { start: first, step: 1 } => {
                    let into = &mut scalars.upstream[first as usize + start..][..count];
                    let (full, rest) = into.as_chunks_mut::<LANES>();
                    for (into, pack) in full.iter_mut().zip(row) {
                        into.iter_mut().zip(&pack.0).for_each(|(into, term)| *into += term);
                    }
                    if !rest.is_empty() {
                        rest.iter_mut().zip(&row[full.len()].0).for_each(|(into, term)| *into += term);
                    }
                }
                Feed::Along { start: first, step } => {
                    for t in 0..count {
                        let into = (i64::from(first) + (start + t) as i64 * step) as usize;
                        scalars.upstream[into] += row[t / LANES].0[t % LANES];
                    }
                }
                Feed::Counter | Feed::State(_) => {}
            }
        }
    }

    /// Passes on what all rounds together have found for what they share.
    fn pass_on_shared(&self, numbers: &Numbers, scalars: &mut Scalars) {
        for (feed, total) in self.feeds.iter().zip(&numbers.totals) {
            if let Feed::Scalar(scalar) = feed
                && scalars.reached[*scalar as usize]
            {
                scalars.upstream[*scalar as usize] += total.0.iter().sum::<f64>();
            }
        }
    }
}

fn fill(row: &mut [Lanes], count: usize, number: impl Fn(usize) -> f64) {
    for (k, pack) in row[..count.div_ceil(LANES)].iter_mut().enumerate() {
        for (lane, t) in pack.0.iter_mut().zip(k * LANES..count) {
            *lane = number(t);
        }
    }
}

fn store(row: &[Lanes], into: &mut [f64]) {
    for (into, pack) in into.chunks_mut(LANES).zip(row) {
        into.copy_from_slice(&pack.0[..into.len()]);
    }
}

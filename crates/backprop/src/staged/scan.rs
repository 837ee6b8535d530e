//! A stage whose rounds hand states on: an iteration.
//!
//! The forward pass goes round by round and keeps the states. Then all rounds are known, so the slopes of each round's
//! states by its inputs are computed for many rounds at a time, as in any other loop; what is left for the backward
//! pass to do round by round is to multiply and add.

use engine::{LANES, Lanes, Operand, Output, Registers, SimdKernel, VectorProgram};
use expr::fold::CHUNK;
use expr::interrupt::checkpoint;
use expr::{Feed, Function};

use super::Flow;
use super::kernel::{Kernel, PassOn, Sink, pass_on_totals};
use crate::adjoint::Adjoint;
use crate::pull_back::{Seed, pull_back};

#[derive(Clone, Debug)]
pub(super) struct Scan {
    /// One round, over single numbers.
    round: VectorProgram,
    /// Where the round finds what changes, and what all rounds share.
    varying: Vec<(u32, Feed)>,
    shared: Vec<(u32, u32)>,
    /// Where it leaves the next states.
    nexts: Vec<u32>,
    rounds: expr::Rounds,
    /// Per state, the scalar that it begins as and the one that it ends as.
    states: Vec<(u32, u32)>,
    /// The slopes of the next states by all inputs.
    slopes: Kernel,
    /// Which state's next depends on which state, and its slope.
    carried: Vec<(usize, usize, Operand)>,
    /// Which state's next depends on which other input, and its slope times what the next state has received.
    sinks: Vec<Sink>,
    /// Per sink, the state.
    sources: Vec<usize>,
    /// Per output of the function, which states have received something; nothing where the pass does not come here.
    received: Vec<Option<Vec<bool>>>,
    /// Rounds whose states are kept at a time.
    pub(super) segment: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Numbers {
    round: Registers,
    /// Per state, what it is at the beginning of every round of a segment.
    tape: Vec<Vec<f64>>,
    /// The segment whose rounds the tape holds.
    on_tape: usize,
    /// The states that each segment begins with.
    checkpoints: Vec<f64>,
    states: Vec<f64>,
    space: Registers,
    /// What the states have received, and whether they have.
    upstream: Vec<f64>,
    reached: Vec<bool>,
    /// The same for the round before.
    before: (Vec<f64>, Vec<bool>),
    /// Per sink, what all rounds together pass on to it, in lanes.
    totals: Vec<Lanes>,
}

/// Numbers of a tape at most; beyond that, states are kept every so many rounds, and rounds run again.
const TAPE: usize = 1 << 25;

impl Scan {
    pub(super) fn new(
        body: &Function,
        feeds: &[Feed],
        rounds: expr::Rounds,
        states: Vec<(u32, u32)>,
    ) -> Scan {
        let wanted = |input: usize| feeds[input] != Feed::Counter;
        let adjoint = Adjoint::compile_for(body, wanted);
        let seed = |state, pass| if state == pass { Seed::One } else { Seed::Nothing };
        let passes: Vec<Vec<Seed>> = (0..states.len())
            .map(|pass| (0..states.len()).map(|state| seed(state, pass)).collect())
            .collect();
        let written = pull_back(body, &adjoint, wanted, &passes);
        let slopes = Kernel::new(&written.function, feeds, rounds, |_| false, |_| false);
        let (mut carried, mut sinks, mut sources) = (Vec::new(), Vec::new(), Vec::new());
        for (state, arrivals) in written.arrivals.iter().enumerate() {
            for (feed, arrival) in feeds.iter().zip(arrivals) {
                let Some(output) = *arrival else { continue };
                let Output::Plain(slope) = slopes.program().output(output) else {
                    unreachable!("slopes are computed");
                };
                match feed {
                    Feed::State(by) => carried.push((state, *by as usize, slope)),
                    feed => {
                        let row = Operand::Row((slopes.program().rows() + state) as u32);
                        sinks.push(Sink { feed: *feed, found: Output::Product([row, slope]) });
                        sources.push(state);
                    }
                }
            }
        }
        // Whole blocks, whatever their length: so that sums over rounds have one order.
        let segment = (TAPE / states.len().max(1) / CHUNK * CHUNK).min(rounds.count as usize);
        let round = VectorProgram::compile(body, |_| false, |_| false);
        let uniform = |place: Operand| match place {
            Operand::Uniform(place) => place,
            Operand::Row(_) => unreachable!("a round by itself has no rows"),
        };
        let (mut varying, mut shared) = (Vec::new(), Vec::new());
        for (k, feed) in feeds.iter().enumerate() {
            match (round.input(k).map(uniform), feed) {
                (Some(place), Feed::Scalar(scalar)) => shared.push((place, *scalar)),
                (Some(place), feed) => varying.push((place, *feed)),
                (None, _) => {}
            }
        }
        let next = |state: usize| match round.output(state) {
            Output::Plain(place) => uniform(place),
            Output::Product(_) => unreachable!("states are computed"),
        };
        let nexts = (0..states.len()).map(next).collect();
        Scan {
            round,
            varying,
            shared,
            nexts,
            rounds,
            states,
            slopes,
            carried,
            sinks,
            sources,
            received: Vec::new(),
            segment,
        }
    }

    /// Prepares for the backward pass of the next output: which states receive something. Says which begin with
    /// something then, and which inputs of a round something arrives at.
    pub(super) fn expect(&mut self, received: Vec<bool>) -> (Vec<bool>, Vec<Feed>) {
        let (mut reached, mut ever) = (received.clone(), vec![false; received.len()]);
        // As often as it takes for the set of states to come round again, or for all rounds.
        let mut seen = Vec::new();
        let mut round = 0;
        while round < self.rounds.count && !seen.contains(&reached) {
            // What states begin with before the first round is no round's to pass on.
            ever.iter_mut().zip(&reached).for_each(|(ever, reached)| *ever |= reached);
            seen.push(reached.clone());
            reached = self.reached_before(&reached);
            round += 1;
        }
        if round < self.rounds.count {
            let first = seen.iter().position(|set| *set == reached).unwrap_or(0);
            let period = (seen.len() - first) as u64;
            let left = (self.rounds.count - round) % period;
            reached.clone_from(&seen[first + left as usize]);
        }
        let arrives = self.sinks.iter().zip(&self.sources).filter(|(_, source)| ever[**source]);
        let feeds = arrives.map(|(sink, _)| sink.feed).collect();
        self.received.push(received.contains(&true).then_some(received));
        (reached, feeds)
    }

    fn reached_before(&self, reached: &[bool]) -> Vec<bool> {
        let mut before = vec![false; reached.len()];
        self.carried.iter().for_each(|&(state, by, _)| before[by] |= reached[state]);
        before
    }

    fn count(&self) -> usize {
        self.rounds.count as usize
    }

    pub(super) fn explain(&self) -> Vec<String> {
        let title = format!(
            "iteration of {} steps with {} states: {} operations forward, step by step; their derivatives {} steps at a time",
            self.count(),
            self.states.len(),
            self.round.once(),
            self.slopes.block()
        );
        std::iter::once(title).chain(self.slopes.explain()).collect()
    }

    pub(super) fn steps(&self) -> usize {
        (self.round.once() + self.slopes.program().steps()).saturating_mul(self.count())
    }

    pub(super) fn bytes(&self) -> usize {
        let segments = self.count().div_ceil(self.segment);
        self.round.bytes(0) + self.slopes.bytes() + 8 * (self.segment + segments) * self.states.len()
    }

    pub(super) fn numbers(&self) -> Numbers {
        let (states, segments) = (self.states.len(), self.count().div_ceil(self.segment));
        Numbers {
            round: self.round.space(0, 0),
            tape: vec![vec![0.0; self.segment]; states],
            on_tape: usize::MAX,
            checkpoints: vec![0.0; segments * states],
            states: vec![0.0; states],
            space: self.slopes.space(states),
            upstream: vec![0.0; states],
            reached: vec![false; states],
            before: (vec![0.0; states], vec![false; states]),
            totals: vec![Lanes([0.0; LANES]); self.sinks.len()],
        }
    }

    pub(super) fn forward(&self, numbers: &mut Numbers, flow: &mut Flow<'_>) {
        for (state, (init, _)) in numbers.states.iter_mut().zip(&self.states) {
            *state = flow.value(*init as usize);
        }
        for segment in 0..self.count().div_ceil(self.segment) {
            let place = segment * self.states.len()..(segment + 1) * self.states.len();
            numbers.checkpoints[place].copy_from_slice(&numbers.states);
            self.run_segment(numbers, flow, segment);
        }
        for (state, (_, result)) in numbers.states.iter().zip(&self.states) {
            flow.set(*result, *state);
        }
    }

    /// The rounds of a segment.
    fn rounds_of(&self, segment: usize) -> std::ops::Range<usize> {
        segment * self.segment..self.count().min((segment + 1) * self.segment)
    }

    /// The forward pass over the rounds of a segment, from the states that it begins with to those that it ends with.
    fn run_segment(&self, numbers: &mut Numbers, flow: &Flow<'_>, segment: usize) {
        checkpoint();
        for &(place, scalar) in &self.shared {
            *numbers.round.uniform_mut(place) = flow.value(scalar as usize);
        }
        Lanes::run(Segment { scan: self, numbers, flow, rounds: self.rounds_of(segment) });
        numbers.on_tape = segment;
    }

    pub(super) fn backward(&self, numbers: &mut Numbers, flow: &mut Flow<'_>, output: usize) {
        let Some(received) = &self.received[output] else { return };
        for (k, &(_, result)) in self.states.iter().enumerate() {
            numbers.reached[k] = received[k];
            numbers.upstream[k] = if received[k] { flow.received(result) } else { 0.0 };
        }
        numbers.totals.fill(Lanes([0.0; LANES]));
        self.slopes.load_shared(&mut numbers.space, flow);
        for segment in (0..self.count().div_ceil(self.segment)).rev() {
            if numbers.on_tape != segment {
                let place = segment * self.states.len()..(segment + 1) * self.states.len();
                numbers.states.copy_from_slice(&numbers.checkpoints[place]);
                self.run_segment(numbers, flow, segment);
            }
            let rounds = self.rounds_of(segment);
            let block = self.slopes.block();
            for start in rounds.clone().step_by(block).rev() {
                let count = block.min(rounds.end - start);
                self.pull_block(numbers, flow, start, count, start - rounds.start);
            }
        }
        pass_on_totals(&self.sinks, &numbers.totals, flow);
        for (k, (init, _)) in self.states.iter().enumerate() {
            if numbers.reached[k] {
                flow.receive(*init as usize, numbers.upstream[k]);
            }
        }
    }

    /// The backward pass over some rounds of the segment that is on the tape.
    fn pull_block(
        &self,
        numbers: &mut Numbers,
        flow: &mut Flow<'_>,
        start: usize,
        count: usize,
        on_tape: usize,
    ) {
        let Numbers { tape, space, upstream, reached, before, totals, .. } = numbers;
        self.slopes.run(space, flow, start, count, |k| &tape[k as usize][on_tape..on_tape + count]);
        let further = self.slopes.program().rows();
        if let ([(0, 0, Operand::Row(slope))], [true]) = (&self.carried[..], &reached[..]) {
            // One state, which its next depends on: nothing but a chain of products.
            space.chain(*slope, further as u32, count, &mut upstream[0]);
            PassOn { space, sinks: &self.sinks, totals, flow, start, count }.run();
            return;
        }
        // Whether the same states have received something in all rounds of the block.
        let mut steady = true;
        for t in (0..count).rev() {
            for (k, upstream) in upstream.iter().enumerate() {
                space.row_mut((further + k) as u32)[t / LANES].0[t % LANES] = *upstream;
            }
            let (next, next_reached) = &mut *before;
            next.fill(0.0);
            next_reached.fill(false);
            for &(state, by, slope) in &self.carried {
                if reached[state] {
                    next[by] += upstream[state] * space.pack(slope, t / LANES).0[t % LANES];
                    next_reached[by] = true;
                }
            }
            if !steady || (t > 0 && next_reached != reached) {
                if steady {
                    self.pass_on_rounds(space, reached, totals, flow, start, t..count);
                    steady = false;
                } else {
                    self.pass_on_rounds(space, reached, totals, flow, start, t..t + 1);
                }
            }
            std::mem::swap(upstream, next);
            std::mem::swap(reached, next_reached);
        }
        if steady {
            let counts = if count > 0 { &before.1 } else { &*reached };
            if self.sources.iter().all(|&source| counts[source]) {
                PassOn { space, sinks: &self.sinks, totals, flow, start, count }.run();
            } else {
                let counts = counts.clone();
                self.pass_on_rounds(space, &counts, totals, flow, start, 0..count);
            }
        }
    }

    /// Passes on what some rounds of a block have found, one by one: only what has come from states that have received
    /// something counts, not even 0·∞ of the others.
    fn pass_on_rounds(
        &self,
        space: &Registers,
        reached: &[bool],
        totals: &mut [Lanes],
        flow: &mut Flow<'_>,
        start: usize,
        rounds: std::ops::Range<usize>,
    ) {
        for ((sink, total), source) in self.sinks.iter().zip(totals).zip(&self.sources) {
            let Output::Product([upstream, slope]) = sink.found else { continue };
            if !reached[*source] {
                continue;
            }
            for t in rounds.clone() {
                let number = |place| space.pack(place, t / LANES).0[t % LANES];
                let found = number(upstream) * number(slope);
                match sink.feed {
                    Feed::Scalar(_) => total.0[t % LANES] += found,
                    Feed::Along { start: first, step } => {
                        flow.gradient[(i64::from(first) + (start + t) as i64 * step) as usize] += found;
                    }
                    Feed::Counter | Feed::State(_) => {}
                }
            }
        }
    }
}

/// The forward pass over some rounds, one after the other.
struct Segment<'a, 'f> {
    scan: &'a Scan,
    numbers: &'a mut Numbers,
    flow: &'a Flow<'f>,
    rounds: std::ops::Range<usize>,
}

impl SimdKernel for Segment<'_, '_> {
    #[inline(always)]
    fn run(self) {
        let Segment { scan, numbers: Numbers { round, tape, states, .. }, flow, rounds } = self;
        for (k, t) in rounds.enumerate() {
            for (tape, state) in tape.iter_mut().zip(&*states) {
                tape[k] = *state;
            }
            for &(place, feed) in &scan.varying {
                *round.uniform_mut(place) = match feed {
                    Feed::Along { start, step } => flow.x[(i64::from(start) + t as i64 * step) as usize],
                    Feed::Counter => (scan.rounds.low + t as i64) as f64,
                    Feed::State(k) => states[k as usize],
                    Feed::Scalar(_) => unreachable!("what rounds share does not vary"),
                };
            }
            scan.round.run_once_here(round);
            for (state, &next) in states.iter_mut().zip(&scan.nexts) {
                *state = round.uniform(next);
            }
        }
    }
}

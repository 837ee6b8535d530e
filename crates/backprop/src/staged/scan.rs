//! A stage whose rounds hand states on: an iteration.

use expr::Feed;

use super::Scalars;
use crate::adjoint::{Adjoint, Workspace};

#[derive(Clone, Debug)]
pub(super) struct Scan {
    pub(super) adjoint: Adjoint,
    feeds: Vec<Feed>,
    pub(super) rounds: expr::Rounds,
    /// Per state, the scalar that it begins as and the one that it ends as.
    states: Vec<(u32, u32)>,
    /// Rounds that the tape holds at a time.
    pub(super) segment: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Numbers {
    round: Workspace<f64>,
    /// Every slot of every round of a segment.
    tape: Vec<f64>,
    /// The segment whose rounds the tape holds.
    on_tape: usize,
    /// The states that each segment begins with.
    checkpoints: Vec<f64>,
    states: Vec<f64>,
    /// What the states have received.
    upstream: Vec<Option<f64>>,
    /// Per input, what all rounds together pass on to it.
    totals: Vec<f64>,
}

/// Numbers of a tape at most; beyond that, states are kept every so many rounds, and rounds run again.
const TAPE: usize = 1 << 25;

impl Scan {
    pub(super) fn new(
        adjoint: Adjoint,
        feeds: Vec<Feed>,
        rounds: expr::Rounds,
        states: Vec<(u32, u32)>,
    ) -> Scan {
        let fit = TAPE / adjoint.program().slots().max(1);
        let segment = fit.clamp(1, rounds.count as usize);
        Scan { adjoint, feeds, rounds, states, segment }
    }

    fn count(&self) -> usize {
        self.rounds.count as usize
    }

    fn slots(&self) -> usize {
        self.adjoint.program().slots()
    }

    pub(super) fn bytes(&self) -> usize {
        let segments = self.count().div_ceil(self.segment);
        self.adjoint.bytes() + 8 * (self.segment * self.slots() + segments * self.states.len())
    }

    pub(super) fn numbers(&self) -> Numbers {
        let segments = self.count().div_ceil(self.segment);
        Numbers {
            round: self.adjoint.workspace(|number| number),
            tape: vec![0.0; self.segment * self.slots()],
            on_tape: usize::MAX,
            checkpoints: vec![0.0; segments * self.states.len()],
            states: vec![0.0; self.states.len()],
            upstream: vec![None; self.states.len()],
            totals: vec![0.0; self.feeds.len()],
        }
    }

    pub(super) fn forward(&self, numbers: &mut Numbers, scalars: &mut Scalars) {
        for (state, (init, _)) in numbers.states.iter_mut().zip(&self.states) {
            *state = scalars.values[*init as usize];
        }
        self.load_shared(numbers, scalars);
        for segment in 0..self.count().div_ceil(self.segment) {
            let place = segment * self.states.len()..(segment + 1) * self.states.len();
            numbers.checkpoints[place].copy_from_slice(&numbers.states);
            self.run_segment(numbers, scalars, segment);
        }
        for (state, (_, result)) in numbers.states.iter().zip(&self.states) {
            scalars.values[*result as usize] = *state;
        }
    }

    fn load_shared(&self, numbers: &mut Numbers, scalars: &Scalars) {
        for (input, feed) in numbers.round.inputs_mut(self.feeds.len()).iter_mut().zip(&self.feeds) {
            if let Feed::Scalar(scalar) = feed {
                *input = scalars.values[*scalar as usize];
            }
        }
    }

    /// The forward pass over the rounds of a segment, from the states that it begins with to those that it ends with.
    fn run_segment(&self, numbers: &mut Numbers, scalars: &Scalars, segment: usize) {
        let start = segment * self.segment;
        let end = self.count().min(start + self.segment);
        for (t, tape) in (start..end).zip(numbers.tape.chunks_exact_mut(self.slots())) {
            for (input, feed) in numbers.round.inputs_mut(self.feeds.len()).iter_mut().zip(&self.feeds) {
                match *feed {
                    Feed::Scalar(_) => {}
                    Feed::Along { start, step } => {
                        *input = scalars.values[(i64::from(start) + t as i64 * step) as usize];
                    }
                    Feed::Counter => *input = (self.rounds.low + t as i64) as f64,
                    Feed::State(k) => *input = numbers.states[k as usize],
                }
            }
            self.adjoint.forward(&mut numbers.round);
            tape.copy_from_slice(&numbers.round.forward.values);
            for (k, state) in numbers.states.iter_mut().enumerate() {
                *state = self.adjoint.output(&numbers.round, k)[0];
            }
        }
        numbers.on_tape = segment;
    }

    pub(super) fn backward(&self, numbers: &mut Numbers, scalars: &mut Scalars) {
        for (upstream, (_, result)) in numbers.upstream.iter_mut().zip(&self.states) {
            *upstream = scalars.received(*result);
        }
        if numbers.upstream.iter().all(Option::is_none) {
            return;
        }
        numbers.totals.fill(0.0);
        for segment in (0..self.count().div_ceil(self.segment)).rev() {
            if numbers.on_tape != segment {
                let place = segment * self.states.len()..(segment + 1) * self.states.len();
                numbers.states.copy_from_slice(&numbers.checkpoints[place]);
                self.load_shared(numbers, scalars);
                self.run_segment(numbers, scalars, segment);
            }
            self.pull_segment(numbers, scalars, segment);
        }
        for (feed, total) in self.feeds.iter().zip(&numbers.totals) {
            if let Feed::Scalar(scalar) = feed
                && scalars.reached[*scalar as usize]
            {
                scalars.upstream[*scalar as usize] += total;
            }
        }
        for (upstream, (init, _)) in numbers.upstream.iter().zip(&self.states) {
            if let Some(upstream) = *upstream {
                scalars.receive(*init as usize, upstream);
            }
        }
    }

    /// The backward pass over the rounds of the segment that is on the tape.
    fn pull_segment(&self, numbers: &mut Numbers, scalars: &mut Scalars, segment: usize) {
        let start = segment * self.segment;
        let end = self.count().min(start + self.segment);
        for (t, tape) in (start..end).zip(numbers.tape.chunks_exact(self.slots())).rev() {
            self.adjoint.recall(&mut numbers.round, tape);
            self.adjoint.clear(&mut numbers.round);
            for (k, upstream) in numbers.upstream.iter_mut().enumerate() {
                if let Some(upstream) = upstream.take() {
                    self.adjoint.seed(&mut numbers.round, k, |_| upstream);
                }
            }
            self.adjoint.pull(&mut numbers.round);
            for (k, feed) in self.feeds.iter().enumerate() {
                if !self.adjoint.came_to(&numbers.round, k) {
                    continue;
                }
                let gradient = numbers.round.gradient(k + 1)[k];
                match *feed {
                    Feed::Scalar(scalar) => {
                        scalars.reached[scalar as usize] = true;
                        numbers.totals[k] += gradient;
                    }
                    Feed::Along { start, step } => {
                        scalars.receive((i64::from(start) + t as i64 * step) as usize, gradient);
                    }
                    Feed::State(state) => numbers.upstream[state as usize] = Some(gradient),
                    Feed::Counter => {}
                }
            }
        }
    }
}

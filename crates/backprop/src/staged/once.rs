//! A stage that is run once.

use expr::Feed;

use super::Flow;
use crate::adjoint::{Adjoint, Workspace};

#[derive(Clone, Debug)]
pub(super) struct Once {
    adjoint: Adjoint,
    feeds: Vec<usize>,
    /// Per output of the function, what the pass from there finds; nothing where it does not come here.
    passes: Vec<Option<Pass>>,
    /// Per output of the stage, the scalar that it is.
    results: Vec<u32>,
}

/// A backward pass.
#[derive(Clone, Debug)]
struct Pass {
    /// The outputs of the stage that have received something.
    seeded: Vec<usize>,
    /// The inputs that something arrives at.
    arrivals: Vec<usize>,
}

pub(super) type Numbers = Workspace<f64>;

impl Once {
    pub(super) fn new(adjoint: Adjoint, feeds: &[Feed], results: Vec<u32>) -> Once {
        let feeds = feeds.iter().map(|feed| match feed {
            Feed::Scalar(scalar) => *scalar as usize,
            _ => unreachable!("there are no rounds"),
        });
        Once { adjoint, feeds: feeds.collect(), passes: Vec::new(), results }
    }

    /// Prepares for the backward pass of the next output: what has been received, and what arrives then.
    pub(super) fn expect(&mut self, received: &[bool], arrives: &[bool]) {
        let list = |of: &[bool]| (0..of.len()).filter(|&k| of[k]).collect::<Vec<_>>();
        let seeded = list(received);
        self.passes.push((!seeded.is_empty()).then(|| Pass { seeded, arrivals: list(arrives) }));
    }

    pub(super) fn explain(&self) -> Vec<String> {
        // Constants alone are nothing to run.
        if self.adjoint.steps() == 0 { Vec::new() } else { self.adjoint.explain() }
    }

    pub(super) fn steps(&self) -> usize {
        self.adjoint.steps()
    }

    pub(super) fn bytes(&self) -> usize {
        self.adjoint.bytes() + 8 * self.feeds.len()
    }

    pub(super) fn numbers(&self) -> Numbers {
        self.adjoint.workspace(|number| number)
    }

    pub(super) fn forward(&self, numbers: &mut Numbers, flow: &mut Flow<'_>) {
        for (input, &scalar) in numbers.inputs_mut().iter_mut().zip(&self.feeds) {
            *input = flow.value(scalar);
        }
        self.adjoint.forward(numbers);
        for (k, &result) in self.results.iter().enumerate() {
            flow.set(result, self.adjoint.output(numbers, k));
        }
    }

    pub(super) fn backward(&self, numbers: &mut Numbers, flow: &mut Flow<'_>, output: usize) {
        let Some(pass) = &self.passes[output] else { return };
        self.adjoint.clear(numbers);
        for &k in &pass.seeded {
            let received = flow.received(self.results[k]);
            self.adjoint.seed(numbers, k, received);
        }
        self.adjoint.pull(numbers);
        for &k in &pass.arrivals {
            flow.receive(self.feeds[k], numbers.gradient()[k]);
        }
    }
}

//! A stage that is run once.

use expr::Feed;

use super::Scalars;
use crate::adjoint::{Adjoint, Workspace};

#[derive(Clone, Debug)]
pub(super) struct Once {
    pub(super) adjoint: Adjoint,
    pub(super) feeds: Vec<Feed>,
    /// Per output, the scalar that it is.
    pub(super) results: Vec<u32>,
}

pub(super) type Numbers = Workspace<f64>;

impl Once {
    pub(super) fn numbers(&self) -> Numbers {
        self.adjoint.workspace(|number| number)
    }

    fn feeds(&self) -> impl Iterator<Item = usize> {
        self.feeds.iter().map(|feed| match feed {
            Feed::Scalar(scalar) => *scalar as usize,
            _ => unreachable!("there are no rounds"),
        })
    }

    pub(super) fn forward(&self, numbers: &mut Numbers, scalars: &mut Scalars) {
        for (input, scalar) in numbers.inputs_mut(self.feeds.len()).iter_mut().zip(self.feeds()) {
            *input = scalars.values[scalar];
        }
        self.adjoint.forward(numbers);
        for (k, &result) in self.results.iter().enumerate() {
            scalars.values[result as usize] = self.adjoint.output(numbers, k)[0];
        }
    }

    pub(super) fn backward(&self, numbers: &mut Numbers, scalars: &mut Scalars) {
        self.adjoint.clear(numbers);
        let mut any = false;
        for (k, &result) in self.results.iter().enumerate() {
            if let Some(upstream) = scalars.received(result) {
                self.adjoint.seed(numbers, k, |_| upstream);
                any = true;
            }
        }
        if !any {
            return;
        }
        self.adjoint.pull(numbers);
        for (k, scalar) in self.feeds().enumerate() {
            if self.adjoint.came_to(numbers, k) {
                scalars.receive(scalar, numbers.gradient(k + 1)[k]);
            }
        }
    }
}

//! How a gradient becomes a step.

/// A way to descend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Against the gradient (Cauchy 1847).
    Plain,
    /// Against a running sum of gradients, each worth 0.9 of the next (Polyak 1964).
    Momentum,
    /// Against a running mean of gradients, in units of their own size (Kingma and Ba 2015, algorithm 1).
    Adam,
}

impl Method {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Method::Plain => "plain",
            Method::Momentum => "momentum",
            Method::Adam => "adam",
        }
    }
}

/// How much of what was before is kept.
const KEPT: f64 = 0.9;
/// Adam's: of the squares, and what keeps it from dividing by 0.
const SQUARES_KEPT: f64 = 0.999;
const LEAST: f64 = 1e-8;

/// A method on its way.
#[derive(Clone, Debug)]
pub(super) struct Mover {
    method: Method,
    rate: f64,
    first: Vec<f64>,
    second: Vec<f64>,
    step: i32,
}

impl Mover {
    pub(super) fn new(method: Method, rate: f64, inputs: usize) -> Mover {
        Mover { method, rate, first: vec![0.0; inputs], second: vec![0.0; inputs], step: 0 }
    }

    /// One step.
    pub(super) fn advance(&mut self, at: &mut [f64], gradient: &[f64]) {
        self.step = self.step.saturating_add(1);
        let Mover { rate, step, .. } = *self;
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((x, &g), (first, second)) in at.iter_mut().zip(gradient).zip(moments) {
            match self.method {
                Method::Plain => *x -= rate * g,
                Method::Momentum => {
                    *first = KEPT * *first + g;
                    *x -= rate * *first;
                }
                Method::Adam => {
                    *first = KEPT * *first + (1.0 - KEPT) * g;
                    *second = SQUARES_KEPT * *second + (1.0 - SQUARES_KEPT) * g * g;
                    // Both began with 0, which is made good for.
                    let mean = *first / (1.0 - KEPT.powi(step));
                    let square = *second / (1.0 - SQUARES_KEPT.powi(step));
                    *x -= rate * mean / (square.sqrt() + LEAST);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two steps with gradients 2 and then 1, from 0.
    fn two_steps(method: Method) -> f64 {
        let mut mover = Mover::new(method, 0.1, 1);
        let mut at = [0.0];
        mover.advance(&mut at, &[2.0]);
        mover.advance(&mut at, &[1.0]);
        at[0]
    }

    #[test]
    fn steps_are_those_of_the_papers() {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(near(two_steps(Method::Plain), -0.3));
        assert!(near(two_steps(Method::Momentum), -0.1 * (2.0 + 2.8)));
        // By hand: m = 0.2, 0.28; v = 0.004, 0.004996; corrected 2, 0.28/0.19; 4, 0.004996/0.001999.
        let second = (0.28 / 0.19) / (0.004_996f64 / 0.001_999).sqrt();
        assert!((two_steps(Method::Adam) + 0.1 * (1.0 + second)).abs() < 1e-8);
    }
}

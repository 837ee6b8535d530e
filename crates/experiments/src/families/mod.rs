//! Named functions that grow with a size, each with what is needed to catch a wrong gradient: a sampler of its own,
//! a value and a gradient written by hand.
//!
//! A wrong function cannot be found by comparing derivatives of it, so the value is written down a second time, in
//! Rust, by another route than the text.

mod bundle;
mod classification;
mod dag;
mod determinant;
mod gmm;
mod gradbench;
mod gru;
mod kmeans;
mod lstm;
mod matrices;
mod mlp;
mod network;
mod ode;
mod small;
mod stencils;

use std::collections::HashSet;

use chainrule::Random;
use expr::{Builder, Fold, Function, Style, UnrollError};

/// How a family is written down.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// In the language, with the size `n` (where it has one).
    Text(&'static str),
    /// Likewise, of inputs that are data at each size.
    WithData(&'static str, fn(usize) -> Vec<Data>),
    /// As a graph that is built, at each size: what has no loop that the language could say.
    Built {
        /// Builds it; flat.
        build: fn(usize) -> Function,
        /// How many nodes it will have, about.
        nodes: fn(usize) -> u64,
    },
}

/// Data by name, with their lengths along each index, row after row.
pub type Data = (&'static str, Vec<usize>, Vec<f64>);

impl Form {
    /// The text, of what is written in the language.
    pub fn text(&self) -> Option<&'static str> {
        match self {
            Form::Text(text) | Form::WithData(text, _) => Some(text),
            Form::Built { .. } => None,
        }
    }

    /// The function in which the data are bound, if there are any.
    ///
    /// # Errors
    /// When it is another function.
    pub fn bind(&self, f: Function, n: usize) -> Result<Function, UnrollError> {
        let Form::WithData(_, data) = self else { return Ok(f) };
        let data = data(n);
        let data: Vec<(&str, &[usize], &[f64])> =
            data.iter().map(|(name, lengths, values)| (*name, &lengths[..], &values[..])).collect();
        f.with_data(&data)
    }
}

/// A function that grows with `n`.
pub struct Family {
    /// Its name, which `compare` accepts in place of an expression.
    pub name: &'static str,
    /// One line about it.
    pub about: &'static str,
    /// Where it is from.
    pub source: &'static str,
    /// What it is, as written down.
    pub form: Form,
    /// Three sizes or more at which it is compared and timed, ascending.
    pub sizes: &'static [usize],
    /// How many scalar inputs it has at size `n`.
    pub inputs: fn(usize) -> usize,
    /// The interval that inputs are drawn from.
    pub domain: (f64, f64),
    /// The value, written independently of the text. Of several outputs the sum, each times its [`weight`].
    pub value: fn(usize, &[f64]) -> f64,
    /// The value and, into the slice, its gradient, written by hand.
    pub gradient: fn(usize, &[f64], &mut [f64]) -> f64,
}

/// What the output of this number, from 0, is multiplied by where several outputs are summed: each by another number, so that
/// exchanged ones are noticed.
pub fn weight(output: usize) -> f64 {
    1.0 + output as f64 / (output + 2) as f64
}

/// Every family.
pub const FAMILIES: &[Family] = &[
    small::ARTICLE,
    small::ROSENBROCK,
    small::PRODUCT,
    small::CHAIN,
    small::LOGISTIC,
    small::LOGSUMEXP,
    mlp::MLP,
    classification::classification!("classify-tanh", "tanh", TANH, "LeCun et al. 1998"),
    classification::classification!(
        "classify-sigmoid",
        "sigmoid",
        SIGMOID,
        "Rumelhart, Hinton and Williams 1986"
    ),
    classification::classification!("classify-relu", "relu", RELU, "Nair and Hinton 2010"),
    classification::classification!("classify-softplus", "softplus", SOFTPLUS, "Dugas et al. 2001"),
    kmeans::KMEANS,
    bundle::BUNDLE,
    lstm::LSTM,
    ode::ODE,
    determinant::DETERMINANT,
    dag::DAG,
    network::network!("network", &[1, 2, 8], 3 - 4 - 4 - 2),
    gmm::gmm!("gmm", &[1, 4, 16], d = 2, k = 5),
    stencils::BRUSSELATOR,
    stencils::BRUSSELATOR_RING,
    stencils::BANDED,
    matrices::FACTORISATION,
    matrices::REGRESSION,
    matrices::ATTENTION,
    gru::GRU,
    gradbench::LSE,
    gradbench::KMEANS,
    gradbench::ODE,
    gradbench::LSTM,
    gradbench::BA,
    gradbench::HT,
];

/// Two of the families as wide as they are in practice: for measuring, since they are too large for the report and for
/// tests that compare everything.
pub const WIDE: &[Family] = &[
    network::network!("network-32-64-64-10", &[1, 8, 64], 32 - 64 - 64 - 10),
    gmm::gmm!("gmm-10-25", &[10, 100, 1000], d = 10, k = 25),
];

impl Family {
    /// The family of that name.
    pub fn named(name: &str) -> Option<&'static Family> {
        FAMILIES.iter().chain(WIDE).find(|family| family.name == name)
    }

    /// The function with its axes, at size `n`.
    pub fn function(&self, n: usize) -> Function {
        let text = match self.form {
            Form::Built { build, .. } => return build(n),
            Form::Text(text) | Form::WithData(text, _) => text,
        };
        let wrong = |error: &dyn std::fmt::Display| panic!("family {}: {error}", self.name);
        let function = syntax::parse(text).unwrap_or_else(|error| wrong(&error));
        let function = match function.with_sizes(&[("n", n as i64)]) {
            // The one that does not grow.
            Err(UnrollError::UnknownSize { .. }) => function,
            sized => sized.unwrap_or_else(|error| wrong(&error)),
        };
        self.form.bind(function, n).unwrap_or_else(|error| wrong(&error))
    }

    /// The one number that `value` is by hand: flat, several outputs summed by their weights.
    ///
    /// # Errors
    /// When it has more nodes than that.
    pub fn number(&self, n: usize, max_nodes: u64) -> Result<Function, UnrollError> {
        let flat = self.function(n).unroll(max_nodes)?;
        if flat.outputs().len() == 1 {
            return Ok(flat);
        }
        let builder = Builder::resume(flat.graph().clone(), Style::Written);
        let terms = flat.outputs().iter().enumerate().map(|(k, &id)| weight(k) * builder.handle(id));
        let sum = builder.fold(Fold::Sum, &terms.collect::<Vec<_>>()).id();
        Ok(builder.finish(vec![sum]))
    }

    /// A point for size `n`. No two components are equal, so that exchanged ones are noticed.
    pub fn sample(&self, n: usize, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed, &["family", self.name], n);
        let mut point: Vec<f64> = Vec::new();
        let mut seen = HashSet::new();
        while point.len() < (self.inputs)(n) {
            let value = random.between(self.domain.0, self.domain.1);
            if seen.insert(value.to_bits()) {
                point.push(value);
            }
        }
        point
    }
}

#[cfg(test)]
mod tests {
    use chainrule::{Backprop, Budget, Derivative, Strategy, Want};

    use super::*;

    #[test]
    fn wide_families_know_their_gradients() {
        for family in WIDE {
            let n = family.sizes[0];
            let x = family.sample(n, 1);
            let mut by_hand = vec![0.0; x.len()];
            let value = (family.gradient)(n, &x, &mut by_hand);
            let f = family.function(n);
            let mut out = Derivative::default();
            let mut prepared = Backprop.prepare(&f, Want::Gradient, &Budget::default()).unwrap();
            prepared.run(&x, &mut out).unwrap();
            assert_eq!(out.gradient.len(), x.len(), "{}", family.name);
            let scale = by_hand.iter().fold(0.0, |top: f64, g| top.max(g.abs()));
            for other in [out.values[0], (family.value)(n, &x)] {
                assert!((other - value).abs() <= 1e-11 * value.abs(), "{}: {other}, {value}", family.name);
            }
            for (got, expected) in out.gradient.iter().zip(&by_hand) {
                let tolerance = 1e-10 * expected.abs() + 1e-13 * scale;
                assert!((got - expected).abs() <= tolerance, "{}: {got}, {expected}", family.name);
            }
        }
    }
}

//! Points at which a claim is held against the certified gradient.

use expr::{Builder, Expr, Function, NodeId, Op, Scalar, Style};
use reference::{self, Component, Limits, Side};

use super::{Claim, Counterexample, Options};
use crate::Random;

/// Points that were drawn, and what everything is there in double precision.
pub(super) struct Points {
    all: Vec<(Vec<f64>, Vec<f64>)>,
}

/// Between which numbers the inputs of a point are drawn.
const RANGES: [(f64, f64); 6] =
    [(-1.0, 1.0), (0.0, 1.0), (-3.0, 3.0), (0.5, 4.0), (1.0, 12.0), (-12.0, 12.0)];

/// A point of so many inputs, one of several sizes and signs, since a function does not say where it is defined.
pub(super) fn draw(inputs: usize, options: &Options, k: usize) -> Vec<f64> {
    let mut random = Random::new(options.seed, &["claim"], k);
    let (low, high) = RANGES[k % RANGES.len()];
    (0..inputs).map(|_| random.between(low, high)).collect()
}

impl Points {
    pub(super) fn draw(f: &Function, joint: &Function, options: &Options) -> Points {
        let point = |k| {
            let point = draw(f.input_count(), options, k);
            let values = joint.evaluate((), &point);
            (point, values)
        };
        Points { all: (0..options.draws).map(point).collect() }
    }

    /// A counterexample, or at how many certified points the claim is right.
    pub(super) fn sample(
        &self,
        f: &Function,
        claim: &Claim,
        joint: &Function,
        (actual, claimed): (usize, usize),
        options: &Options,
    ) -> Result<usize, Counterexample> {
        let off = |values: &[f64]| {
            let (a, b) = (values[actual], values[claimed]);
            let scale = a.abs().max(b.abs());
            if scale == 0.0 { 0.0 } else { (a - b).abs() / scale }
        };
        let defined = |values: &[f64]| [0, actual, claimed].iter().all(|&k| values[k].is_finite());
        let mut candidates: Vec<&(Vec<f64>, Vec<f64>)> =
            self.all.iter().filter(|(_, values)| defined(values)).collect();
        // Where they differ most in double precision comes first; the order of points that tie is that of the draw.
        candidates.sort_by(|a, b| off(&b.1).total_cmp(&off(&a.1)));
        let against = Against::new(f, claim, options);
        let mut agreeing = Vec::new();
        for (point, _) in candidates.into_iter().take(options.certified) {
            match against.at(point) {
                Found::Wrong(counterexample) => return Err(counterexample),
                Found::Right => agreeing.push(point),
                Found::Nothing => {}
            }
        }
        // Numbers of which the nearest doubles are the same may differ: 1/3 is none of them.
        let difference = difference(joint, actual, claimed);
        for point in agreeing.iter().take(2) {
            let limits = Limits { most_bits: 384, ..options.limits() };
            if let Some(gap) = reference::values(&difference, point, &limits)[0]
                && gap != 0.0
                && let Some(mut counterexample) = against.wrong(point, gap)
            {
                counterexample.difference = gap;
                return Err(counterexample);
            }
        }
        Ok(agreeing.len())
    }
}

/// The claim less the derivative.
fn difference(joint: &Function, actual: usize, claimed: usize) -> Function {
    let builder = Builder::resume(joint.graph().clone(), Style::Written);
    let of = |k: usize| -> NodeId { joint.outputs()[k] };
    let id = Expr::apply(Op::Sub, &[builder.handle(of(claimed)), builder.handle(of(actual))]).id();
    builder.finish(vec![id])
}

/// What was found at a point.
pub(super) enum Found {
    /// Both are certified, and the same double.
    Right,
    /// Both are certified, and differ; or the derivative is, and the claim has no value.
    Wrong(Counterexample),
    /// Nothing can be said.
    Nothing,
}

/// A claim that is held against the certified gradient of a function.
pub(super) struct Against<'a> {
    f: &'a Function,
    names: Vec<String>,
    claim: &'a Claim,
    /// Where the inputs of the claim stand among those of the function.
    places: Vec<usize>,
    limits: Limits,
}

impl<'a> Against<'a> {
    pub(super) fn new(f: &'a Function, claim: &'a Claim, options: &Options) -> Against<'a> {
        let names = f.input_names();
        let inputs = claim.formula.input_names();
        let places: Vec<usize> =
            inputs.iter().filter_map(|name| names.iter().position(|known| known == name)).collect();
        Against { f, names, claim, places, limits: options.limits() }
    }

    /// The certified derivative at a point, where it is one from both sides.
    pub(super) fn derivative(&self, point: &[f64]) -> Option<f64> {
        let certificate = reference::certify(self.f, point, &self.limits);
        match certificate.gradients[0][self.claim.input] {
            Component::Certified { gradient, side: Side::Both, .. } => Some(gradient),
            _ => None,
        }
    }

    /// What the claim says at a point.
    pub(super) fn claimed(&self, point: &[f64]) -> Option<f64> {
        reference::values(&self.claim.formula, &self.own(point), &self.limits)[0]
    }

    /// What the claim is in double precision.
    pub(super) fn evaluated(&self, point: &[f64]) -> f64 {
        self.claim.formula.evaluate((), &self.own(point))[0]
    }

    /// The inputs of the claim.
    pub(super) fn own(&self, point: &[f64]) -> Vec<f64> {
        self.places.iter().map(|&place| point[place]).collect()
    }

    pub(super) fn at(&self, point: &[f64]) -> Found {
        let Some(claimed) = self.claimed(point) else { return Found::Nothing };
        let Some(actual) = self.derivative(point) else { return Found::Nothing };
        // Two numbers whose nearest doubles differ have enclosures that do not meet.
        match claimed == actual {
            true => Found::Right,
            false => Found::Wrong(self.counterexample(point, claimed, actual, claimed - actual)),
        }
    }

    /// The counterexample at a point where both are known to differ by so much.
    fn wrong(&self, point: &[f64], difference: f64) -> Option<Counterexample> {
        Some(self.counterexample(point, self.claimed(point)?, self.derivative(point)?, difference))
    }

    fn counterexample(&self, point: &[f64], claimed: f64, actual: f64, difference: f64) -> Counterexample {
        let at = self.names.iter().cloned().zip(point.iter().copied()).collect();
        Counterexample { at, claimed, actual, difference, undefined: None }
    }
}

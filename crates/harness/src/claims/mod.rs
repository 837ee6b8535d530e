//! Whether a derivative that somebody worked out by hand is right: claims are refuted at a point, or proved.
//!
//! Sampling comes first: a point at which the claim and the certified gradient differ settles it, and nothing that is refuted
//! is ever called anything else. What survives goes to the prover of `symbolic`. Decimals mean what is written on paper.

mod every;

use chainrule::expr::{Builder, Expr, Function, Style};
use chainrule::reference::{self, Component, Limits, Reading};
use chainrule::symbolic::{self, Arm, Proof, Step, TooLarge};

use crate::Random;

pub use every::{EveryError, Everywhere, check_every};

/// A formula that is said to be a partial derivative.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The scalar input, by its position.
    pub input: usize,
    /// A flat function of one output, whose inputs are among those of the function, by name.
    pub formula: Function,
}

/// A point at which a claim is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// The point, one number per scalar input.
    pub at: Vec<f64>,
    /// What the claim says there, to the nearest double.
    pub claimed: f64,
    /// What the certified gradient is.
    pub actual: f64,
}

/// What is known of a claim.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// It is right wherever both sides are defined, but for kinks.
    Proved(Vec<Step>),
    /// It is wrong.
    Refuted(Counterexample),
    /// It was not refuted, and not proved.
    Unknown {
        /// At how many certified points it is right.
        agreeing: usize,
        /// Why there is no proof.
        why: String,
    },
}

/// A claim that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// What is known of it.
    pub status: Status,
    /// What must hold for the claim to be defined beyond what the derivative needs, in words.
    pub domain: Vec<String>,
}

/// How hard to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The seed that points are drawn from.
    pub seed: u64,
    /// How many points are drawn; most functions are defined at some of them only.
    pub draws: usize,
    /// At how many of them both sides are certified.
    pub certified: usize,
    /// The most nodes of the derivative.
    pub nodes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options { seed: 1, draws: 240, certified: 8, nodes: 200_000 }
    }
}

/// Checks claims on the first output of a flat function.
///
/// # Errors
/// When the derivative would be larger than it may be.
///
/// # Panics
/// When a claim has an input that the function has not, or its position is none.
pub fn check(f: &Function, claims: &[Claim], options: &Options) -> Result<Vec<Checked>, TooLarge> {
    let outputs = f.outputs().len();
    let derivative = symbolic::differentiate(f, Arm::Reverse, options.nodes)?.function;
    let joint = beside(&derivative, claims);
    let points = Points::draw(f, &joint, options);
    let first_claim = joint.outputs().len() - claims.len();
    let checked = claims.iter().enumerate().map(|(k, claim)| {
        let (actual, claimed) = (outputs + claim.input, first_claim + k);
        let domain = symbolic::extra_conditions(&joint, claimed, &[0, actual]);
        let status = match points.sample(f, claim, actual, claimed, options) {
            Err(counterexample) => Status::Refuted(counterexample),
            Ok(0) => Status::Unknown { agreeing: 0, why: nowhere(&joint) },
            Ok(agreeing) => match symbolic::prove(&joint, actual, claimed, symbolic::Literals::Exact) {
                Proof::Proved { mut steps, .. } => {
                    steps.insert(0, differentiated(f, &derivative, claim.input));
                    Status::Proved(steps)
                }
                other => Status::Unknown { agreeing, why: other.to_string() },
            },
        };
        Checked { status, domain }
    });
    Ok(checked.collect())
}

/// Why no point was found.
fn nowhere(joint: &Function) -> String {
    let found = symbolic::simplify(joint, &symbolic::Limits::default());
    match found.stop {
        symbolic::StopReason::DefinedNowhere => "it is defined nowhere".to_owned(),
        _ => "no point was found at which both sides are defined".to_owned(),
    }
}

fn differentiated(f: &Function, derivative: &Function, input: usize) -> Step {
    let formula = |g: &Function, k: usize| chainrule::expr::formulas(g, k..k + 1).concat();
    Step {
        rule: format!("differentiate by {}", f.input_names()[input]),
        before: formula(f, 0),
        after: formula(derivative, f.outputs().len() + input),
        ..Step::default()
    }
}

/// The claims as further outputs of the graph that has the derivatives.
fn beside(derivative: &Function, claims: &[Claim]) -> Function {
    let builder = Builder::resume(derivative.graph().clone(), Style::Written);
    let mut outputs = derivative.outputs().to_vec();
    {
        let names = derivative.input_names();
        let mut inputs: Vec<Expr<'_>> = Vec::with_capacity(names.len());
        for block in derivative.graph().blocks() {
            let id = derivative.graph().block_named(&block.name).expect("a block of this graph");
            inputs.extend((0..block.len().unwrap_or(0)).map(|offset| builder.element(id, offset as u32)));
        }
        for claim in claims {
            let handles: Vec<Expr<'_>> = claim
                .formula
                .input_names()
                .iter()
                .map(|name| {
                    inputs[names.iter().position(|known| known == name).expect("an input of the function")]
                })
                .collect();
            outputs.extend(claim.formula.evaluate(&builder, &handles).into_iter().map(Expr::id));
        }
    }
    builder.finish(outputs)
}

/// Points that were drawn, and what everything is there in double precision.
struct Points {
    all: Vec<(Vec<f64>, Vec<f64>)>,
}

impl Points {
    /// Draws points of several sizes and signs, since nobody says where the function is defined.
    fn draw(f: &Function, joint: &Function, options: &Options) -> Points {
        let mut all = Vec::with_capacity(options.draws);
        for k in 0..options.draws {
            let mut random = Random::new(options.seed, &["claim"], k);
            let (low, high) =
                [(-1.0, 1.0), (0.0, 1.0), (-3.0, 3.0), (0.5, 4.0), (1.0, 12.0), (-12.0, 12.0)][k % 6];
            let point: Vec<f64> = (0..f.input_count()).map(|_| random.between(low, high)).collect();
            let values = joint.evaluate((), &point);
            all.push((point, values));
        }
        Points { all }
    }

    /// A counterexample, or at how many certified points the claim is right.
    fn sample(
        &self,
        f: &Function,
        claim: &Claim,
        actual: usize,
        claimed: usize,
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
        let limits = Limits { most_bits: 1536, reading: Reading::Exact, ..Limits::default() };
        let names = f.input_names();
        let inputs = claim.formula.input_names();
        let places: Vec<usize> =
            inputs.iter().filter_map(|name| names.iter().position(|known| known == name)).collect();
        let mut agreeing = 0;
        for (point, _) in candidates.into_iter().take(options.certified) {
            let certificate = reference::certify(f, point, &limits);
            let Component::Certified { gradient, .. } = certificate.gradients[0][claim.input] else {
                continue;
            };
            let at: Vec<f64> = places.iter().map(|&place| point[place]).collect();
            let Some(said) = reference::values(&claim.formula, &at, &limits)[0] else { continue };
            // Two numbers whose nearest doubles differ have enclosures that do not meet.
            if said != gradient {
                return Err(Counterexample { at: point.clone(), claimed: said, actual: gradient });
            }
            agreeing += 1;
        }
        Ok(agreeing)
    }
}

//! Whether a derivative that somebody worked out by hand is right: claims are refuted at a point, or proved.
//!
//! Sampling comes first: a point at which the claim and the certified gradient differ settles it, and nothing that is refuted
//! is ever called anything else. What survives goes to the prover of `symbolic`.

mod every;
mod points;
mod special;

use expr::{Builder, Expr, Function, Style};
use prove::{NoProof, Proof, Step};
use reference::{Limits, Reading};
use symbolic::{self, Literals, Mode, TooLarge};

use points::Points;
use special::Special;

pub use every::{EveryError, Everywhere, check_every};

/// A formula that is said to be a partial derivative.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The scalar input, by its position.
    pub input: usize,
    /// A flat function of one output, whose inputs are among those of the function, by name.
    pub formula: Function,
}

/// A number for each of some names: of inputs, sizes and indices.
pub type Place = Vec<(String, f64)>;

/// A point at which a claim is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// The point: sizes and indices first, then a number per scalar input.
    pub at: Place,
    /// What the claim says there, to the nearest double; NaN where it says nothing.
    pub claimed: f64,
    /// What the certified gradient is.
    pub actual: f64,
    /// By how much they differ, to the nearest double.
    pub difference: f64,
    /// Why the claim says nothing, where it does not.
    pub undefined: Option<String>,
}

/// What is known of a claim.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// It is right wherever both sides are defined, but for a nowhere dense set.
    Proved(Vec<Step>),
    /// It is wrong.
    Refuted(Counterexample),
    /// It was not refuted, and not proved.
    Unknown {
        /// At how many certified points it is right.
        agreeing: usize,
        /// Why there is no proof.
        why: Unproved,
    },
}

/// Why a claim that was not refuted is not proved.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unproved {
    /// There is nothing to prove.
    #[error("it is defined nowhere")]
    DefinedNowhere,
    /// There may be nothing to prove.
    #[error("no point was found at which both sides are defined")]
    NoPoint,
    /// No element of an input, though there is a proof.
    #[error("no element was found")]
    NoElement,
    /// No proof for these inputs.
    #[error("{0}")]
    NoProof(Proof),
    /// No proof for every element.
    #[error("{0}")]
    NoIndexedProof(#[from] NoProof),
}

/// A claim that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// What is known of it.
    pub status: Status,
    /// Of a claim that is proved: where it is defined, as far as the derivative exists elsewhere too, in words.
    pub only_where: Vec<String>,
    /// Of a claim that is proved: isolated points at which it is defined and wrong nevertheless.
    pub except: Vec<Place>,
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
    /// What decimals mean.
    pub literals: Literals,
}

impl Default for Options {
    fn default() -> Self {
        Options { seed: 1, draws: 240, certified: 8, nodes: 200_000, literals: Literals::Nearest }
    }
}

impl Options {
    /// How far certifying goes.
    fn limits(&self) -> Limits {
        let reading = match self.literals {
            Literals::Nearest => Reading::Nearest,
            Literals::Exact => Reading::Exact,
        };
        Limits { most_bits: 1536, most_work: 50_000_000, reading, ..Limits::default() }
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
    let derivative = symbolic::differentiate(f, Mode::Reverse, options.nodes)?.function;
    let joint = beside(&derivative, claims);
    let points = Points::draw(f, &joint, options);
    let first_claim = joint.outputs().len() - claims.len();
    let checked = claims.iter().enumerate().map(|(k, claim)| {
        let (actual, claimed) = (outputs + claim.input, first_claim + k);
        let unproved = |status| Checked { status, only_where: Vec::new(), except: Vec::new() };
        let agreeing = match points.sample(f, claim, &joint, (actual, claimed), options) {
            Err(counterexample) => return unproved(Status::Refuted(counterexample)),
            Ok(0) => return unproved(Status::Unknown { agreeing: 0, why: nowhere(&joint) }),
            Ok(agreeing) => agreeing,
        };
        let special = || Special::of(f, &derivative, claim, options);
        match prove::prove(&joint, actual, claimed, options.literals) {
            Proof::Proved { mut steps, except } => {
                steps.insert(0, differentiated(f, &derivative, claim.input));
                let mut special = special();
                special.look_at(except.iter().map(|exception| (exception.input, exception.value)));
                let (only_where, except) = special.found(&claim.formula, |part| Some(part.clone()));
                Checked { status: Status::Proved(steps), only_where, except }
            }
            other => unproved(match special().first_difference() {
                Some(counterexample) => Status::Refuted(counterexample),
                None => Status::Unknown { agreeing, why: Unproved::NoProof(other) },
            }),
        }
    });
    Ok(checked.collect())
}

/// Why no point was found.
fn nowhere(joint: &Function) -> Unproved {
    let found = symbolic::simplify(joint, &symbolic::Limits::default());
    match found.stop {
        symbolic::StopReason::DefinedNowhere => Unproved::DefinedNowhere,
        _ => Unproved::NoPoint,
    }
}

fn differentiated(f: &Function, derivative: &Function, input: usize) -> Step {
    let formula = |g: &Function, k: usize| syntax::formulas(g, k..k + 1).concat();
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

//! Claims about every element of an indexed input, and for every size.
//!
//! The proof is the prover's, for symbolic sizes and indices. Sizes are only tried to refute: the small ones, and those that the
//! prover names where it found no proof, which are next to the borders of both formulas.

use expr::{Function, Node, UnrollError};
use prove::{IndexedClaim, prove_indexed};
use reference::{self, Component, Side};
use symbolic::{self, Mode, TooLarge};

use super::points::{Against, Found, draw};
use super::special::Special;
use super::{Checked, Claim, Counterexample, Options, Place, Status, Unproved};

/// What a claim about an element was found to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Everywhere {
    /// What is known of it.
    pub checked: Checked,
    /// The sizes that are not bound: it is so for all of their values from 1 on.
    pub sizes: Vec<String>,
    /// The indices of the element: it is so for all of their values at which there is an element.
    pub indices: Vec<String>,
}

/// Why a claim about an element cannot be looked at.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EveryError {
    /// The function has no such element, at any size that was tried.
    #[error("the function has no such element")]
    NotThere,
    /// The function or the claim cannot be written out.
    #[error("{0}")]
    Unroll(#[from] UnrollError),
    /// The derivative would be too large.
    #[error("{0}")]
    TooLarge(#[from] TooLarge),
}

/// Values of sizes and indices that are tried in any case.
const SMALL: [i64; 4] = [3, 2, 1, 5];
/// More combinations of them are not tried.
const MOST_COMBINATIONS: usize = 400;
/// More elements than this are not looked at.
const MOST_ELEMENTS: usize = 24;
/// The most nodes of all functions that are written out.
const MOST_NODES: u64 = 1_000_000;
/// The most nodes that are evaluated at the points of one element.
const MOST_EVALUATIONS: usize = 1_000_000;

/// Checks that the partial derivative by an element is a formula, for every value of the sizes that are not bound and of the
/// indices in the element, which in the formula are sizes.
///
/// # Errors
/// When there is nothing to check.
pub fn check_every(
    f: &Function,
    element: &Function,
    formula: &Function,
    options: &Options,
) -> Result<Everywhere, EveryError> {
    let literals = options.literals;
    let proof =
        prove_indexed(&IndexedClaim { function: f, element, formula, literals, nodes: options.nodes });
    let small = combinations(proof.names.len(), proof.sizes);
    let mut looked = Looked {
        f,
        element,
        formula,
        options,
        names: &proof.names,
        agreeing: 0,
        nodes: 0,
        elements: 0,
        last: None,
    };
    let everywhere = |checked| {
        let (sizes, indices) = proof.names.split_at(proof.sizes);
        Everywhere { checked, sizes: sizes.to_vec(), indices: indices.to_vec() }
    };
    let checked = |status| {
        let checked = Checked { status, only_where: Vec::new(), except: Vec::new() };
        Ok(everywhere(checked))
    };
    for values in proof.suspects.iter().chain(&small) {
        match looked.at(values) {
            Ok(Some(counterexample)) => return checked(Status::Refuted(counterexample)),
            Ok(None) => {}
            // Another size may have it.
            Err(EveryError::Unroll(UnrollError::TooLarge { .. }) | EveryError::NotThere) => {}
            Err(error) => return Err(error),
        }
        if looked.elements >= MOST_ELEMENTS || looked.nodes >= MOST_NODES {
            break;
        }
    }
    if looked.elements == 0 {
        return Err(EveryError::NotThere);
    }
    let agreeing = looked.agreeing;
    if agreeing == 0 {
        return checked(Status::Unknown { agreeing, why: Unproved::NoPoint });
    }
    match (&proof.proof, looked.last.take()) {
        (Ok(steps), Some(last)) => {
            let (only_where, except) = last.special(&looked)?;
            let checked = Checked { status: Status::Proved(steps.clone()), only_where, except };
            Ok(everywhere(checked))
        }
        (Err(why), _) => checked(Status::Unknown { agreeing, why: why.clone().into() }),
        (Ok(_), None) => checked(Status::Unknown { agreeing, why: Unproved::NoElement }),
    }
}

/// Small values of so many names, the first of which are sizes.
fn combinations(names: usize, sizes: usize) -> Vec<Vec<i64>> {
    let mut all: Vec<Vec<i64>> = vec![Vec::new()];
    for k in 0..names {
        let values: Vec<i64> = if k < sizes { SMALL.to_vec() } else { (1..=5).collect() };
        all = all
            .iter()
            .flat_map(|known| values.iter().map(move |&value| known.iter().copied().chain([value]).collect()))
            .take(MOST_COMBINATIONS)
            .collect();
    }
    all
}

/// What was looked at so far.
struct Looked<'a> {
    f: &'a Function,
    element: &'a Function,
    formula: &'a Function,
    options: &'a Options,
    names: &'a [String],
    agreeing: usize,
    nodes: u64,
    elements: usize,
    /// An element at which the claim is right.
    last: Option<Element>,
}

/// A function and a claim at certain sizes and indices.
struct Element {
    values: Vec<i64>,
    flat: Function,
    claim: Claim,
}

impl Looked<'_> {
    /// A function at certain values of the names.
    fn bound(&self, g: &Function, values: &[i64]) -> Result<Function, UnrollError> {
        let sizes: Vec<(&str, i64)> = { g.graph().sizes().iter() }
            .filter_map(|size| {
                let known = self.names.iter().position(|name| name == size).map(|k| values[k]);
                Some((size.as_str(), known.or_else(|| self.f.size(size))?))
            })
            .collect();
        g.with_sizes(&sizes)?.unroll(self.options.nodes.min(MOST_NODES))
    }

    /// Sizes and indices as part of a place.
    fn place(&self, values: &[i64]) -> Place {
        // Indices before sizes: where, and how large.
        let mut place: Place =
            self.names.iter().cloned().zip(values.iter().map(|&value| value as f64)).collect();
        place.reverse();
        place
    }

    /// Looks at one element: a counterexample, if there is one.
    fn at(&mut self, values: &[i64]) -> Result<Option<Counterexample>, EveryError> {
        let flat = self.bound(self.f, values)?;
        let names = flat.input_names();
        let read = match self.bound(self.element, values) {
            Ok(read) => read,
            Err(UnrollError::IndexOutOfRange { .. }) => return Err(EveryError::NotThere),
            Err(error) => return Err(error.into()),
        };
        let Node::Input(block, offset) = read.graph().node(read.outputs()[0]) else {
            return Err(EveryError::NotThere);
        };
        let name = read.graph().block(block).element(offset);
        let Some(input) = names.iter().position(|known| *known == name) else {
            return Err(EveryError::NotThere);
        };
        self.elements += 1;
        self.nodes += flat.graph().len() as u64;
        let written = self.bound(self.formula, values);
        let outside = match &written {
            Ok(written) => {
                self.nodes += written.graph().len() as u64;
                written
                    .input_names()
                    .into_iter()
                    .find(|name| !names.contains(name))
                    .map(|name| format!("it reads {name}"))
            }
            Err(UnrollError::IndexOutOfRange { input, index, .. }) => {
                Some(format!("it reads {input}[{index}]"))
            }
            Err(_) => None,
        };
        if let Some(outside) = outside {
            return Ok(self.outside(values, &flat, input, &outside));
        }
        let claim = Claim { input, formula: written? };
        let size = flat.graph().len() + claim.formula.graph().len();
        let draws = (MOST_EVALUATIONS / size.max(1)).clamp(2, 48);
        let against = Against::new(&flat, &claim, self.options);
        let mut right = 0;
        for k in 0..draws {
            let point = draw(names.len(), self.options, k);
            if !against.evaluated(&point).is_finite() || !flat.evaluate((), &point)[0].is_finite() {
                continue;
            }
            match against.at(&point) {
                Found::Wrong(mut counterexample) => {
                    let mut at = self.place(values);
                    // The element itself before the others.
                    counterexample.at.sort_by_key(|(other, _)| *other != name);
                    at.append(&mut counterexample.at);
                    return Ok(Some(Counterexample { at, ..counterexample }));
                }
                Found::Right => right += 1,
                Found::Nothing => {}
            }
            if right >= 2 {
                break;
            }
        }
        self.agreeing += right;
        let small = |flat: &Function| flat.graph().len() <= 2000;
        if right > 0 && self.last.is_none() && small(&flat) {
            self.last = Some(Element { values: values.to_vec(), flat, claim });
        }
        Ok(None)
    }

    /// A point at which the derivative exists and the claim, which reads what is not there, has no value.
    fn outside(&self, values: &[i64], flat: &Function, input: usize, why: &str) -> Option<Counterexample> {
        let names = flat.input_names();
        (0..12).find_map(|k| {
            let point = draw(names.len(), self.options, k);
            let certificate = reference::certify(flat, &point, &self.options.limits());
            let Component::Certified { gradient, side: Side::Both, .. } = certificate.gradients[0][input]
            else {
                return None;
            };
            let mut at = self.place(values);
            at.extend(names.iter().cloned().zip(point));
            Some(Counterexample {
                at,
                claimed: f64::NAN,
                actual: gradient,
                difference: f64::NAN,
                undefined: Some(format!("{why}, which is not there")),
            })
        })
    }
}

impl Element {
    /// Conditions that the claim needs beyond the derivative, and places where it is wrong.
    fn special(&self, looked: &Looked<'_>) -> Result<(Vec<String>, Vec<Place>), EveryError> {
        let derivative = symbolic::differentiate(&self.flat, Mode::Reverse, looked.options.nodes)
            .map_err(EveryError::TooLarge)?
            .function;
        let special = Special::of(&self.flat, &derivative, &self.claim, looked.options);
        let (words, places) = special.found(looked.formula, |part| looked.bound(part, &self.values).ok());
        let sizes = looked.place(&self.values);
        let with_sizes = |place: Place| sizes.iter().cloned().chain(place).collect();
        Ok((words, places.into_iter().map(with_sizes).collect()))
    }
}

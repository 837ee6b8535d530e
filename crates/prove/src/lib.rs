//! Proofs that two formulas are equal wherever both are defined.
//!
//! Both sides are written in a normal form: fractions of polynomials over *kernels*, which are inputs, exponentials of single
//! terms, roots, logarithms and functions that are not taken apart. Sines and hyperbolic functions are exponentials, so that
//! every addition theorem is a law of exponents. Comparisons, absolute values and branches are decided case by case, by
//! assuming signs; at the border between two cases a function has a kink, and nothing is claimed there.
//!
//! What is used on the way holds at every point where the formulas are defined: no divisor is cancelled that does not stand
//! in one of them, and ln(ab), (a^b)^c, sqrt(a²b) are taken apart only where what they need is known to be positive. So equal
//! normal forms are a proof. Different ones say nothing.

mod checker;
mod field;
mod fingerprint;
mod fraction;
mod indexed;
mod number;
mod polynomial;
mod primes;
mod roots;
mod show;
mod squares;
mod terms;
#[cfg(test)]
mod tests;
mod translate;

use std::fmt;

use expr::interrupt::checkpoint;
use expr::{Function, NodeId};
use symbolic::Literals;

pub use indexed::{Indexed, IndexedClaim, NoProof, is_element, prove_indexed};

use checker::{Certificate, Terms};
use field::Field;
use translate::{Case, Sign};

/// Too large for exact arithmetic, or a number in it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overflow;

/// One step of a proof, in print: a subterm is replaced by an equal one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// The name of the rule.
    pub rule: String,
    /// Where the subterm stands: the side, and the case of signs where there are several.
    pub path: String,
    /// The subterm.
    pub before: String,
    /// What replaces it.
    pub after: String,
    /// What must hold for it; each was shown by an earlier step, is a case, or follows from the formulas being defined.
    pub conditions: Vec<String>,
}

/// An isolated value of one input at which two formulas differ that are equal elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Exception {
    /// The scalar input, by its position.
    pub input: usize,
    /// Its value there.
    pub value: f64,
}

/// Whether two formulas could be shown to be equal.
#[derive(Clone, Debug, PartialEq)]
pub enum Proof {
    /// They are equal wherever both are defined, but for a nowhere dense set.
    Proved {
        /// How, for readers; what was checked is the proof that they were printed from.
        steps: Vec<Step>,
        /// Values of inputs at which they are defined and differ nevertheless.
        except: Vec<Exception>,
    },
    /// Their normal forms differ, at least in one case; which may be the normal form's fault.
    Different,
    /// The normal form became too large.
    TooLarge,
    /// There are too many cases to look at.
    TooManyCases,
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Proof::Proved { .. } => "proved",
            Proof::Different => "no proof: the normal forms differ",
            Proof::TooLarge => "no proof: the normal form becomes too large",
            Proof::TooManyCases => "no proof: too many cases of signs",
        })
    }
}

/// Of larger graphs a normal form is not tried.
const MOST_NODES: usize = 20_000;
/// The most combinations of signs that are looked at.
const MOST_CASES: usize = 256;

/// Tries to prove that two outputs of a flat function are equal wherever both are defined, but for kinks.
///
/// # Panics
/// When the function is not flat.
pub fn prove(f: &Function, left: usize, right: usize, literals: Literals) -> Proof {
    assert!(f.is_flat(), "a function is unrolled before anything is proved of it");
    if f.graph().len() > MOST_NODES {
        return Proof::TooLarge;
    }
    let roots = [f.outputs()[left], f.outputs()[right]];
    if roots[0] == roots[1] {
        let text = text_of(f, roots[0]);
        let same = Step {
            rule: "the same formula".to_owned(),
            before: text.clone(),
            after: text,
            ..Step::default()
        };
        return Proof::Proved { steps: vec![same], except: Vec::new() };
    }
    let found = match certify(f, roots, literals, false) {
        Err(Proof::Different | Proof::TooLarge) => certify(f, roots, literals, true),
        found => found,
    };
    match found {
        Ok((certificate, borders)) => match certificate.check() {
            Ok(()) => Proof::Proved {
                steps: show::steps(&certificate.lean(), &f.input_names()),
                except: borders.into_iter().filter(|border| differs(f, [left, right], border)).collect(),
            },
            Err(_) => Proof::Different,
        },
        Err(why) => why,
    }
}

/// A proof for the checker, case by case, and the borders of the right side's cases alone; or why there is none.
fn certify(
    f: &Function,
    roots: [NodeId; 2],
    literals: Literals,
    splits: bool,
) -> Result<(Certificate, Vec<Exception>), Proof> {
    let mut terms = Terms::default();
    let nodes = terms.of(f, roots, literals).ok_or(Proof::TooLarge)?;
    let sides = roots.map(|root| nodes[root.index()]);
    let mut cases: Vec<Vec<checker::Step>> = Vec::new();
    let (mut borders, mut own): (Vec<Exception>, Vec<Exception>) = (Vec::new(), Vec::new());
    let mut assumed: Vec<Sign> = Vec::new();
    for _ in 0..MOST_CASES {
        checkpoint();
        let field = Field::new(terms, sides);
        let mut case = Case::new(f, literals, &nodes, field, &assumed, splits);
        let left = examine(&mut case, roots).map_err(|Overflow| Proof::TooLarge)?.ok_or(Proof::Different)?;
        let signs = case.signs.clone();
        for (k, sign) in signs.iter().enumerate() {
            let Some(border) = case.field.single_zero(&sign.of) else { continue };
            let list = if k < left { &mut own } else { &mut borders };
            if !list.contains(&border) {
                list.push(border);
            }
        }
        let (steps, field) = case.finish(sides).map_err(|Overflow| Proof::TooLarge)?;
        terms = field.terms;
        cases.push(steps);
        // The next case: the last sign that can be another one is.
        let last = signs.iter().rposition(|assumption| assumption.next().is_some());
        let Some(last) = last else {
            // At a border of the left side there is a kink, and nothing is claimed.
            borders.retain(|border| !own.contains(border));
            return Ok((Certificate { terms: terms.list, sides, cases }, borders));
        };
        let mut next: Vec<Sign> = signs[..=last].iter().map(|assumption| assumption.sign).collect();
        next[last] = signs[last].next().expect("just looked at");
        assumed = next;
    }
    Err(Proof::TooManyCases)
}

/// How many signs the left side needs, if both sides become the same in one case.
fn examine(case: &mut Case<'_>, [a, b]: [NodeId; 2]) -> Result<Option<usize>, Overflow> {
    // Twice: what is known to be positive is known only after the logarithms have been met.
    case.fraction(a)?;
    let left = case.signs.len();
    case.fraction(b)?;
    case.again();
    let (a, b) = (case.fraction(a)?, case.fraction(b)?);
    Ok(case.field.equal(&a, &b)?.then_some(left))
}

/// Whether both sides have a value and differ where an input has this one, by far more than rounding.
fn differs(f: &Function, sides: [usize; 2], border: &Exception) -> bool {
    (1..=3).any(|sample| {
        let mut point: Vec<f64> =
            (0..f.input_count()).map(|k| 0.3 * f64::from(sample) + k as f64 / 16.0).collect();
        point[border.input] = border.value;
        let values = f.evaluate((), &point);
        let [a, b] = sides.map(|side| values[side]);
        a.is_finite() && b.is_finite() && (a - b).abs() > 1e-9 * a.abs().max(b.abs()).max(1e-9)
    })
}

/// The formula of one node, cut where it gets too long to be read.
fn text_of(f: &Function, id: NodeId) -> String {
    let alone = f.with_outputs(vec![id]);
    show::cut(&syntax::formulas(&alone, 0..1).concat())
}

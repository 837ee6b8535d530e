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

mod field;
mod fingerprint;
pub(crate) mod indexed;
mod number;
mod polynomial;
mod roots;
mod show;
mod signs;
#[cfg(test)]
mod tests;
mod translate;

use std::fmt;

use expr::{Builder, Fact, Function, Graph, Node, NodeId, Style};

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

/// What a decimal in a formula means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Literals {
    /// The nearest double, as everywhere else.
    #[default]
    Nearest,
    /// The number that is written.
    Exact,
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
    let (a, b) = (f.outputs()[left], f.outputs()[right]);
    if a == b {
        let text = text_of(f, a);
        let same = Step {
            rule: "the same formula".to_owned(),
            before: text.clone(),
            after: text,
            ..Step::default()
        };
        return Proof::Proved { steps: vec![same], except: Vec::new() };
    }
    let mut steps: Vec<Step> = Vec::new();
    let mut assumed: Vec<Sign> = Vec::new();
    for _ in 0..MOST_CASES {
        let mut case = Case::new(f, &assumed, literals);
        match examine(f, &mut case, a, b) {
            Ok(Some(found)) => {
                steps.extend(found.into_iter().filter(|step| !steps.contains(step)).collect::<Vec<_>>())
            }
            Ok(None) => return Proof::Different,
            Err(Overflow) => return Proof::TooLarge,
        }
        // The next case: the last sign that can be another one is.
        let last = case.signs.iter().rposition(|assumption| assumption.next().is_some());
        let Some(last) = last else { return Proof::Proved { steps, except: Vec::new() } };
        let mut signs: Vec<Sign> = case.signs[..=last].iter().map(|assumption| assumption.sign).collect();
        signs[last] = case.signs[last].next().expect("just looked at");
        assumed = signs;
    }
    Proof::TooManyCases
}

/// The steps by which both sides become the same in one case; none when they do not.
fn examine(f: &Function, case: &mut Case<'_>, a: NodeId, b: NodeId) -> Result<Option<Vec<Step>>, Overflow> {
    // Twice: what is known to be positive is known only after the logarithms have been met.
    case.fraction(a)?;
    case.fraction(b)?;
    case.again();
    let (left, right) = (case.fraction(a)?, case.fraction(b)?);
    if !case.field.equal(&left, &right)? {
        return Ok(None);
    }
    let assumed: Vec<String> = case
        .signs
        .iter()
        .map(|assumption| {
            let relation = match assumption.sign {
                Some(true) => ">",
                Some(false) => "<",
                None => "=",
            };
            format!("{} {relation} 0", show::show(&case.field, &assumption.of, f))
        })
        .collect();
    let show = |fraction| show::show(&case.field, fraction, f);
    let mut steps: Vec<Step> = Vec::new();
    for rewriting in &case.rewritings {
        let step = Step {
            rule: format!("{} by its definition", rewriting.op.name()),
            before: text_of(f, rewriting.node),
            after: show(&rewriting.value),
            ..Step::default()
        };
        let same_rule = |known: &Step| known.rule == step.rule && known.before == step.before;
        if step.before != step.after && !steps.iter().any(same_rule) {
            steps.push(step);
        }
    }
    for (name, id, fraction) in [("left side", a, &left), ("right side", b, &right)] {
        steps.push(Step {
            rule: format!("the {name} over a common divisor"),
            before: text_of(f, id),
            after: show(fraction),
            conditions: assumed.clone(),
            ..Step::default()
        });
    }
    let rule = if left == right { "the same on both sides" } else { "equal when multiplied out" };
    steps.push(Step {
        rule: rule.to_owned(),
        before: show(&left),
        after: show(&right),
        conditions: assumed,
        ..Step::default()
    });
    Ok(Some(steps))
}

/// The formula of one node, cut where it gets too long to be read.
fn text_of(f: &Function, id: NodeId) -> String {
    let alone = Builder::resume(f.graph().clone(), Style::Written).finish(vec![id]);
    show::cut(&expr::formulas(&alone, 0..1).concat())
}

/// What must hold for a formula to be defined that does not already follow from another one: conditions on nodes that only
/// the second one needs, in words.
pub fn extra_conditions(f: &Function, of: usize, beyond: &[usize]) -> Vec<String> {
    let graph = f.graph();
    let here = graph.reached_from(&[f.outputs()[of]]);
    let there = graph.reached_from(&beyond.iter().map(|&k| f.outputs()[k]).collect::<Vec<_>>());
    let conditions = |seen: &[bool]| {
        let mut found: Vec<(NodeId, String)> = Vec::new();
        for id in graph.ids().filter(|id| seen[id.index()]) {
            let node = graph.node(id);
            for &fact in node.op().map_or(&[][..], |op| op.undefined()) {
                if let Some((k, relation)) = requirement(graph, fact, node.holes()) {
                    found.push((node.holes()[k], relation));
                }
            }
        }
        found.retain(|(id, _)| !matches!(graph.node(*id), Node::Const(_)));
        found
    };
    let known = conditions(&there);
    let mut words: Vec<String> = Vec::new();
    for (id, relation) in conditions(&here) {
        let covered =
            known.iter().any(|(of, by)| *of == id && (*by == relation || relation == "!= 0" && by == "> 0"));
        let word = format!("{} {relation}", text_of(f, id));
        if !covered && !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// What an operator needs of one of its arguments, in words.
fn requirement(graph: &Graph, fact: Fact, arguments: &[NodeId]) -> Option<(usize, String)> {
    let exponent = || match graph.node(arguments[1]) {
        Node::Const(constant) => Some(graph.constant(constant).to_f64()),
        _ => None,
    };
    let relation = match fact {
        Fact::Above(_, bound) | Fact::From(_, bound) => format!("> {bound}"),
        Fact::Within(_) | Fact::Inside(_) => "is between -1 and 1".to_owned(),
        Fact::NonZero(_) | Fact::Steep(_) => "!= 0".to_owned(),
        Fact::IntegerPower if exponent().is_some_and(|e| e < 0.0) => "!= 0".to_owned(),
        Fact::Power if exponent().is_none_or(|e| e.fract() != 0.0) => "> 0".to_owned(),
        Fact::Power if exponent().is_some_and(|e| e < 1.0) => "!= 0".to_owned(),
        _ => return None,
    };
    Some((fact.arguments()[0].filter(|_| fact != Fact::Exponent)?, relation))
}

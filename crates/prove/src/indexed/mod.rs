//! Proofs about every element of an indexed input and every size at once.
//!
//! The derivative by `x[j]` is a formula in `j` and `n` ([`differentiate_sized`](symbolic::differentiate_sized)). It and the claim
//! are rewritten for symbolic `j` and `n`, case by case: comparisons of indices are decided by the inequalities of a case, sums are
//! brought to one form, and what is left is proved as an equality of scalars. No size is tried: what a proof needs are its rewritings,
//! each of which the [`checker`] looks at.

mod checker;
mod import;
mod reduction;
mod search;
mod shapes;
mod term;
#[cfg(test)]
mod tests;

use expr::index::{Index, Symbol};
use expr::{Function, Node};

use super::{Literals, Proof, Step};
use checker::generalise::generalise;
use checker::linear::Region;
use checker::{Cases, accepts, replayed};
use import::{Import, Reading, places, readings};
use search::Search;
use symbolic::{NeedsSizes, Place, differentiate_sized};
use term::Term;

/// A claim about a partial derivative, for every value of the sizes that are not bound.
#[derive(Clone, Copy, Debug)]
pub struct IndexedClaim<'a> {
    /// The function; its first output is spoken of.
    pub function: &'a Function,
    /// What the derivative is taken by: a function that is one read of an input of the function, `x[j]`, `x[n-1]`, or a scalar.
    /// Sizes of it that the function does not have are indices: they take the values at which there is such an element.
    pub element: &'a Function,
    /// The formula, in inputs of the function, sizes and indices.
    pub formula: &'a Function,
    /// What decimals mean.
    pub literals: Literals,
    /// The most nodes of the derivative.
    pub nodes: u64,
}

/// What was found of a claim about every element.
#[derive(Clone, Debug, PartialEq)]
pub struct Indexed {
    /// The names of sizes that are not bound, then of indices.
    pub names: Vec<String>,
    /// How many of them are sizes.
    pub sizes: usize,
    /// The proof, or why there is none.
    pub proof: Result<Vec<Step>, NoProof>,
    /// Values of the names where a proof failed, or that are next to borders: where a claim is wrong if it is.
    pub suspects: Vec<Vec<i64>>,
}

/// Why a claim about every element is not proved.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoProof {
    /// What the derivative is taken by.
    #[error("no proof: not an element of an input")]
    NotAnElement,
    /// What the derivative is taken by, of the inputs of the function.
    #[error("no proof: not an input of the function")]
    NotAnInput,
    /// The function, or the claim.
    #[error("no proof: iterations are not understood, nor what is too large")]
    NotUnderstood,
    /// The function has no derivative for every size.
    #[error("no proof: {0}")]
    NeedsSizes(#[from] NeedsSizes),
    /// Of sizes and indices.
    #[error("too many cases of sizes and indices")]
    TooManyCases,
    /// The claim at some place.
    #[error("the claim has no value at some sizes or indices, whatever the inputs are")]
    NoValue,
    /// The claim at some place.
    #[error("the claim reads an element that is not there")]
    Outside,
    /// What both sides are rewritten to.
    #[error("the terms become too large")]
    TooLarge,
    /// What both sides are rewritten to is not shown to be equal.
    #[error("{0}")]
    Scalars(Proof),
    /// What was found is no proof.
    #[error("no proof: the checker does not accept it")]
    NotAccepted,
}

/// Sizes in common of function, element and claim.
struct Names {
    all: Vec<String>,
    sizes: usize,
}

impl Names {
    fn of(claim: &IndexedClaim<'_>) -> Names {
        let free = |f: &Function| -> Vec<String> {
            f.graph().sizes().iter().filter(|size| f.size(size).is_none()).cloned().collect()
        };
        let mut all = free(claim.function);
        let sizes = all.len();
        for name in free(claim.element).into_iter().chain(free(claim.formula)) {
            if !all.contains(&name) && claim.function.size(&name).is_none() {
                all.push(name);
            }
        }
        Names { all, sizes }
    }

    /// The forms of the sizes of a function.
    fn forms(&self, f: &Function, known: &Function) -> Vec<Option<Index>> {
        let form = |size: &String| match f.size(size).or_else(|| known.size(size)) {
            Some(value) => Some(Index::from(value)),
            None => {
                let position = self.all.iter().position(|name| name == size)?;
                Some(Symbol::Size(position as u32).into())
            }
        };
        f.graph().sizes().iter().map(form).collect()
    }
}

/// Tries to prove a claim for every element and every size of at least 1.
pub fn prove_indexed(claim: &IndexedClaim<'_>) -> Indexed {
    let names = Names::of(claim);
    let mut suspects = Vec::new();
    let proof = attempt(claim, &names, &mut suspects);
    Indexed { names: names.all, sizes: names.sizes, proof, suspects }
}

/// A claim as two terms, and where they are said to be equal.
struct Question {
    actual: Term,
    claimed: Term,
    readings: Vec<Reading>,
    regions: Vec<Region>,
}

/// The two sides of a claim; or why there are none, and the regions that it is about as far as they are known.
fn question(claim: &IndexedClaim<'_>, names: &Names) -> Result<Question, (NoProof, Vec<Region>)> {
    let literals = claim.literals;
    let import = |f: &Function, sizes: Vec<Option<Index>>, output: usize| {
        Import { f, sizes, literals, nodes: 0 }.term(f.outputs()[output])
    };
    let f = claim.function;
    let element = import(claim.element, names.forms(claim.element, f), 0);
    let (block, place) = match &element {
        Some(Term::Scalar(block)) => (block, Vec::new()),
        Some(Term::Read(block, place)) => (block, place.clone()),
        _ => return Err((NoProof::NotAnElement, Vec::new())),
    };
    let at_least_one = |k| Index::from(Symbol::Size(k as u32)).minus(&1.into());
    let mut regions = vec![Region::default().and((0..names.sizes).filter_map(at_least_one))];
    let Some(function) = import(f, names.forms(f, f), 0) else {
        return Err((NoProof::NotUnderstood, regions));
    };
    let readings = readings(&function);
    for (along, form) in place.iter().enumerate() {
        let there = places(&readings, block, along, form);
        regions = regions
            .iter()
            .flat_map(|region| there.iter().map(|place| region.and(place.forms().iter().cloned())))
            .collect();
    }
    let Some(block) = f.graph().block_named(block) else {
        return Err((NoProof::NotAnInput, Vec::new()));
    };
    let all = [Place { block, element: None }];
    let derivative = match differentiate_sized(f, 1, &all, claim.nodes) {
        Ok(derivative) => derivative,
        Err(error) => return Err((error.into(), regions)),
    };
    let indices = &derivative.partials[0].by[0].indices;
    let g = &derivative.function;
    let sizes = { g.graph().sizes().iter().zip(names.forms(g, f)) }
        .map(|(size, form)| match indices.iter().position(|index| index == size) {
            Some(k) => place.get(k).cloned(),
            None => form,
        })
        .collect();
    let actual = import(g, sizes, derivative.outputs);
    let claimed = import(claim.formula, names.forms(claim.formula, f), 0);
    match (actual, claimed) {
        (Some(actual), Some(claimed)) => Ok(Question { actual, claimed, readings, regions }),
        _ => Err((NoProof::NotUnderstood, regions)),
    }
}

fn attempt(
    claim: &IndexedClaim<'_>,
    names: &Names,
    suspects: &mut Vec<Vec<i64>>,
) -> Result<Vec<Step>, NoProof> {
    let question = question(claim, names).map_err(|(why, regions)| {
        regions.iter().for_each(|region| sample(region, names, suspects));
        why
    })?;
    let Question { actual, claimed, readings, regions } = &question;
    let mut search = Search::new(actual, claimed, readings, &names.all);
    let mut steps = Vec::new();
    for region in regions {
        if let Some(proof) = search.prove(region) {
            if !accepts(actual, claimed, region, &proof) {
                return Err(NoProof::NotAccepted);
            }
            written(&proof, [actual, claimed], region, &names.all, &mut steps);
        }
    }
    for failure in &search.failures {
        sample(&failure.region, names, suspects);
    }
    match search.failures.first() {
        Some(failure) => Err(failure.why.clone()),
        None => Ok(steps),
    }
}

/// Values of the names in a region: the smallest ones, and some more.
fn sample(region: &Region, names: &Names, found: &mut Vec<Vec<i64>>) {
    /// More points than this are not tried in one region.
    const MOST_POINTS: usize = 8;
    let mut points = 0;
    let mut todo: Vec<(Vec<i64>, Region)> = vec![(Vec::new(), region.clone())];
    while let Some((values, region)) = todo.pop() {
        if points >= MOST_POINTS || region.is_empty() {
            continue;
        }
        let k = values.len();
        if k == names.all.len() {
            points += 1;
            if !found.contains(&values) {
                found.push(values);
            }
            continue;
        }
        let symbol = Symbol::Size(k as u32);
        let (low, high) = region.bounds(symbol);
        let low = low.unwrap_or_else(|| high.map_or(1, |high| high.min(1)));
        let mut tried = vec![low, low.saturating_add(1), low.saturating_add(3)];
        tried.extend(high.filter(|high| high.saturating_sub(low) < 100_000));
        tried.retain(|value| high.is_none_or(|high| *value <= high));
        tried.sort_unstable();
        tried.dedup();
        for value in tried.into_iter().rev() {
            let difference = Index::from(symbol).minus(&value.into());
            let opposite = Index::from(value).minus(&symbol.into());
            if let (Some(a), Some(b)) = (difference, opposite) {
                let values = values.iter().copied().chain([value]).collect();
                todo.push((values, region.and([a, b])));
            }
        }
    }
}

/// More steps than this are not written out.
const MOST_TOLD: usize = 400;

/// The steps of a proof for readers.
fn written(proof: &Cases, sides: [&Term; 2], region: &Region, names: &[String], steps: &mut Vec<Step>) {
    let text = |term: &Term| super::show::cut(&term.text(names));
    match proof {
        Cases::Impossible => {}
        Cases::Split(predicate, proofs) => {
            for (case, proof) in predicate.cases().into_iter().flatten().zip(proofs) {
                written(proof, sides, &region.and(case), names, steps);
            }
        }
        Cases::Leaf(rewritings) => {
            let inequality = |form: Index| format!("{} >= 0", text(&Term::Index(form)));
            let own = region.without(|symbol| term::level(symbol).is_some());
            let conditions: Vec<String> = own.into_iter().map(inequality).collect();
            let mut tell = |step: Step| {
                if step.before != step.after && steps.len() < MOST_TOLD && !steps.contains(&step) {
                    steps.push(step);
                }
            };
            for (side, name) in rewritings.iter().zip(["derivative", "claim"]) {
                for step in side {
                    let at: String = step.path.iter().map(|k| format!(".{k}")).collect();
                    tell(Step {
                        rule: step.rule.name().to_owned(),
                        path: format!("{name}{at}"),
                        before: text(&step.before),
                        after: text(&step.after),
                        conditions: conditions.clone(),
                    });
                }
            }
            let ends = [0, 1].map(|k| replayed(sides[k], region, &rewritings[k]));
            let [Some(left), Some(right)] = ends else { return };
            if left == right {
                return;
            }
            tell(Step {
                rule: "generalise".to_owned(),
                path: "elements, sums and sizes are variables from here on".to_owned(),
                before: text(&left),
                after: text(&right),
                conditions,
            });
            let flat = generalise(&left, &right, region, names);
            if let Some(Proof::Proved { steps: scalar, .. }) =
                flat.map(|flat| super::prove(&flat, 0, 1, Literals::Exact))
            {
                scalar.into_iter().for_each(tell);
            }
        }
    }
}

/// Whether a function is one read of an input, or a scalar input.
pub fn is_element(f: &Function) -> bool {
    matches!(f.graph().node(f.outputs()[0]), Node::Read(..) | Node::Input(..))
}

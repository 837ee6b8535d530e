//! Checks proofs about every element and every size, step by step. It knows the rules, and nothing of how a proof was found.
//!
//! A proof is a tree of cases. Each inner node lists cases of which one holds for all whole numbers; each leaf is a
//! conjunction of inequalities that cannot hold, or rewrites both sides, one subterm at a time, until a proof about scalars is left.

pub(super) mod expand;
pub(super) mod generalise;
pub(super) mod linear;
pub(super) mod predicate;
#[cfg(test)]
mod tests;

use expr::index::{Index, Symbol};
use expr::{Fold, Op};

use super::term::{Range, Term, bound, mentions};
use expand::{Polynomial, expand, plus, times};
use generalise::generalise;
use linear::Region;
use predicate::{Predicate, predicate};

/// What may be done to a subterm. This list is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// A comparison of indices is 1 or 0, because the inequalities of the case and of the loops around it say so.
    Decide,
    /// Index forms that are equal because the inequalities say so.
    EqualIndex,
    /// `if` whose condition is a number.
    Branch,
    /// `if(c, a, a)` is `a`.
    SameBranches,
    /// A sum over an empty range is 0, a product 1.
    Empty,
    /// A range of one value.
    Single,
    /// A range is split in two, of which either may be empty but not negative.
    SplitRange,
    /// Another variable: `k = i + c` or `k = c - i`.
    Shift,
    /// Both are the same when multiplied out.
    Polynomial,
    /// A sum of sums, with constant factors before them.
    Linear,
    /// The same from right to left, for one term.
    ConstantIn,
    /// A product of products, factors that do not depend on the variable to the power of the length of the range.
    Factors,
    /// A sum of 1 over a range that is not negative is its length; of a power of the variable, a difference of two values of a polynomial,
    /// by induction over the range: it is 0 before the first step, and each step adds the term.
    Telescope,
    /// Two sums, or two products, of which neither range depends on the other's variable, in the other order.
    Interchange,
}

impl Rule {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Rule; 14] = {
        use Rule::*;
        [
            Decide,
            EqualIndex,
            Branch,
            SameBranches,
            Empty,
            Single,
            SplitRange,
            Shift,
            Polynomial,
            Linear,
            ConstantIn,
            Factors,
            Telescope,
            Interchange,
        ]
    };

    pub(crate) fn name(self) -> &'static str {
        match self {
            Rule::Decide => "decide",
            Rule::EqualIndex => "equal-index",
            Rule::Branch => "branch",
            Rule::SameBranches => "same-branches",
            Rule::Empty => "empty-range",
            Rule::Single => "single-term",
            Rule::SplitRange => "split-range",
            Rule::Shift => "shift",
            Rule::Polynomial => "polynomial",
            Rule::Linear => "sum-linearity",
            Rule::ConstantIn => "constant-in",
            Rule::Factors => "product-of-products",
            Rule::Telescope => "telescope",
            Rule::Interchange => "interchange",
        }
    }
}

/// One rewriting of one subterm.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rewriting {
    pub(crate) rule: Rule,
    /// The child to go to, from the root on.
    pub(crate) path: Vec<usize>,
    pub(crate) before: Term,
    pub(crate) after: Term,
}

/// A proof that two terms are equal for all values of their symbols in a region.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cases {
    /// No whole numbers are in the region.
    Impossible,
    /// The predicate is decided one way or the other; a proof for each of its cases.
    Split(Predicate, Vec<Cases>),
    /// Rewritings of the left and of the right side, after which both are equal as functions of what is not taken apart.
    Leaf([Vec<Rewriting>; 2]),
}

/// Whether a proof is right.
pub(crate) fn accepts(left: &Term, right: &Term, region: &Region, proof: &Cases) -> bool {
    match proof {
        Cases::Impossible => region.is_empty(),
        Cases::Split(predicate, proofs) => predicate.cases().is_some_and(|cases| {
            let free = |form: &Index| form.symbols().all(|symbol| super::term::level(symbol).is_none());
            cases.len() == proofs.len()
                && cases.iter().flatten().all(free)
                && cases
                    .into_iter()
                    .zip(proofs)
                    .all(|(case, proof)| accepts(left, right, &region.and(case), proof))
        }),
        Cases::Leaf([first, second]) => {
            let both = [(left, first), (right, second)].map(|(side, steps)| replayed(side, region, steps));
            let [Some(left), Some(right)] = both else { return false };
            left == right || {
                let flat = generalise(&left, &right, region, &[]);
                flat.is_some_and(|flat| {
                    matches!(crate::prove(&flat, 0, 1, crate::Literals::Exact), crate::Proof::Proved { .. })
                })
            }
        }
    }
}

/// What becomes of a term; nothing when one of the steps is wrong.
pub(super) fn replayed(term: &Term, region: &Region, steps: &[Rewriting]) -> Option<Term> {
    let mut term = term.clone();
    for step in steps {
        let (mut place, mut here, mut depth) = (&mut term, region.clone(), 0);
        for &k in &step.path {
            if let Term::Reduce(_, range, _) = &*place {
                here = inside(&here, range, depth)?;
                depth += 1;
            }
            place = place.children_mut().get_mut(k)?;
        }
        if *place != step.before || !allowed(step, &here, depth) {
            return None;
        }
        *place = step.after.clone();
    }
    Some(term)
}

/// What holds for the variable of a loop, in its body.
pub(crate) fn inside(region: &Region, range: &Range, depth: usize) -> Option<Region> {
    let variable = Index::from(bound(depth));
    Some(region.and([variable.minus(&range.low)?, range.high.minus(&variable)?]))
}

fn allowed(step: &Rewriting, region: &Region, depth: usize) -> bool {
    sound(step, region, depth).unwrap_or(false)
}

/// Whether the rule makes the one term of the other; nothing counts as no.
fn sound(step: &Rewriting, region: &Region, depth: usize) -> Option<bool> {
    let (before, after) = (&step.before, &step.after);
    let own = bound(depth);
    let free = |term: &Term| !term.has(own);
    Some(match (step.rule, before) {
        (Rule::Decide, Term::Apply(op, of)) => {
            let holds = predicate(*op, of.first()?, of.get(1)?)?.decided(region)?;
            *after == Term::integer(holds.into())
        }
        (Rule::EqualIndex, _) => {
            let (old, new) = (before.forms(), after.forms());
            let same_but_for_forms = match (before, after) {
                (Term::Index(_), Term::Index(_)) => true,
                (Term::Read(a, _), Term::Read(b, _)) => a == b,
                (Term::Reduce(a, _, body), Term::Reduce(b, _, same)) => a == b && body == same,
                _ => false,
            };
            let equal = |(a, b): (&&Index, &&Index)| {
                a.minus(b).is_some_and(|d| Predicate::Zero(d).decided(region) == Some(true))
            };
            same_but_for_forms && old.len() == new.len() && old.iter().zip(&new).all(equal)
        }
        (Rule::Branch, Term::Apply(Op::Select, of)) => match of[0].as_integer()? {
            0 => *after == of[2],
            _ => *after == of[1],
        },
        (Rule::SameBranches, Term::Apply(Op::Select, of)) => {
            of[0].as_integer().is_none() && of[1] == of[2] && *after == of[1]
        }
        (Rule::Polynomial, _) => expand(before)? == expand(after)?,
        (Rule::Empty, Term::Reduce(fold, range, _)) => {
            let neutral = if *fold == Fold::Sum { 0 } else { 1 };
            region.implies(&range.low.minus(&range.high)?.minus(&1.into())?)
                && *after == Term::integer(neutral)
        }
        (Rule::Single, Term::Reduce(_, range, body)) => {
            let equal = Predicate::Zero(range.high.minus(&range.low)?).decided(region) == Some(true);
            equal && *after == body.at(depth, &range.low)?
        }
        (Rule::SplitRange, Term::Reduce(fold, range, body)) => {
            let Term::Fold(joined, parts) = after else { return None };
            let [Term::Reduce(a, first, left), Term::Reduce(b, second, right)] = parts.as_slice() else {
                return None;
            };
            let apart = second.low.minus(&first.high)?.as_constant() == Some(1);
            [a, b, joined].into_iter().all(|other| other == fold)
                && (left, right) == (body, body)
                && (&first.low, &second.high) == (&range.low, &range.high)
                && apart
                && region.implies(&first.length()?)
                && region.implies(&second.length()?)
        }
        (Rule::Shift, Term::Reduce(fold, range, body)) => {
            let Term::Reduce(other, moved, shifted) = after else { return None };
            let up = moved.low.minus(&range.low)?;
            let same = *moved == Range { low: range.low.plus(&up)?, high: range.high.plus(&up)? };
            let sum = moved.low.plus(&range.high)?;
            let back = *moved == Range { low: sum.minus(&range.high)?, high: sum.minus(&range.low)? };
            let image =
                |value: &Index| body.map(&|symbol| if symbol == own { value.clone() } else { symbol.into() });
            let variable = Index::from(own);
            let shift = || Some(same && **shifted == image(&variable.minus(&up)?)?);
            let reflect = || Some(back && **shifted == image(&sum.minus(&variable)?)?);
            other == fold && (shift()? || reflect()?)
        }
        (Rule::Linear, Term::Reduce(Fold::Sum, range, body)) => {
            let mut sum = Polynomial::new();
            let nothing = *after == Term::integer(0);
            for term in if nothing { &[] } else { list(Fold::Sum, after) } {
                let (last, factors) = list(Fold::Product, term).split_last()?;
                let Term::Reduce(Fold::Sum, same, part) = last else { return None };
                let factor = Term::Fold(Fold::Product, factors.to_vec()).moved(depth, true)?;
                (same == range && free(&factor)).then_some(())?;
                sum = plus(sum, times(&expand(&factor)?, &expand(part)?)?)?;
            }
            sum == expand(body)?
        }
        (Rule::ConstantIn, _) => {
            let Rewriting { path, before, after, .. } = step.clone();
            let back = Rewriting { rule: Rule::Linear, path, before: after, after: before };
            sound(&back, region, depth)?
        }
        (Rule::Factors, Term::Reduce(Fold::Product, range, body)) => {
            let mut product = expand(&Term::integer(1))?;
            for factor in list(Fold::Product, after) {
                let part = match factor {
                    Term::Reduce(Fold::Product, same, part) if same == range => (**part).clone(),
                    Term::Apply(Op::Powi, of) => match (&of[0], &of[1]) {
                        (Term::Reduce(Fold::Product, same, part), e)
                            if same == range && e.as_integer().is_some() =>
                        {
                            Term::Apply(Op::Powi, vec![(**part).clone(), e.clone()])
                        }
                        (constant, Term::Index(length)) if *length == range.length()? => {
                            region.implies(length).then_some(())?;
                            constant.moved(depth, true)?
                        }
                        _ => return None,
                    },
                    _ => return None,
                };
                product = times(&product, &expand(&part)?)?;
            }
            product == expand(body)?
        }
        (Rule::Telescope, Term::Reduce(Fold::Sum, range, body)) => {
            // after = T(high) - T(low - 1), where T(i) - T(i - 1) is the body.
            let Term::Apply(Op::Sub, values) = after else { return None };
            let [end, start] = values.as_slice() else { return None };
            region.implies(&range.length()?).then_some(())?;
            let total = antiderivative(body, own)?;
            let value = |at: &Index| total.at(depth, at);
            let step = total.map(&|symbol| match symbol == own {
                true => Index::from(own).minus(&1.into()).unwrap_or_default(),
                false => symbol.into(),
            })?;
            let step = Term::Apply(Op::Sub, vec![total.clone(), step]);
            expand(&step)? == expand(body)?
                && expand(end)? == expand(&value(&range.high)?)?
                && expand(start)? == expand(&value(&range.low.minus(&1.into())?)?)?
        }
        (Rule::Interchange, Term::Reduce(fold, outer, body)) => {
            let Term::Reduce(same, inner, term) = &**body else { return None };
            let Term::Reduce(first, new_outer, new_body) = after else { return None };
            let Term::Reduce(second, new_inner, new_term) = &**new_body else { return None };
            let deeper = bound(depth + 1);
            let swapped = term.map(&|symbol| match symbol {
                _ if symbol == own => deeper.into(),
                _ if symbol == deeper => own.into(),
                _ => symbol.into(),
            })?;
            let independent = |range: &Range| !mentions(&range.low, own) && !mentions(&range.high, own);
            [same, first, second].into_iter().all(|other| other == fold)
                && independent(inner)
                && independent(new_inner)
                && (new_outer, new_inner) == (inner, outer)
                && **new_term == swapped
        }
        _ => false,
    })
}

/// The elements of a list; anything else is a list of one.
pub(crate) fn list(fold: Fold, term: &Term) -> &[Term] {
    match term {
        Term::Fold(own, terms) if *own == fold => terms,
        term => std::slice::from_ref(term),
    }
}

/// For a power of a variable a polynomial that grows by it from each whole number to the next.
pub(crate) fn antiderivative(body: &Term, own: Symbol) -> Option<Term> {
    let power = match body {
        Term::Index(form) if form.as_constant() == Some(1) => 0,
        Term::Index(form) if *form == own.into() => 1,
        Term::Apply(Op::Powi, of) if of[0] == Term::Index(own.into()) => of[1].as_integer()?,
        _ => return None,
    };
    // Sums of powers, as coefficients of i, i², i³, …, and what all are divided by.
    let (coefficients, divisor): (&[i64], i64) = match power {
        0 => (&[1], 1),
        1 => (&[1, 1], 2),
        2 => (&[1, 3, 2], 6),
        3 => (&[0, 1, 2, 1], 4),
        _ => return None,
    };
    let variable = || Term::Index(own.into());
    let term = |(k, &factor): (usize, &i64)| {
        let power = Term::Apply(Op::Powi, vec![variable(), Term::integer(k as i64 + 1)]);
        Term::Fold(Fold::Product, vec![Term::integer(factor), power])
    };
    let sum = Term::Fold(Fold::Sum, coefficients.iter().enumerate().map(term).collect());
    Some(Term::Apply(Op::Div, vec![sum, Term::integer(divisor)]))
}

//! What a search makes of terms and inequalities: forms, without a word on why they are equal.

use std::collections::BTreeMap;

use expr::index::{Index, Symbol};
use expr::{Fold, Op};

use super::checker::expand::{Polynomial, collected, expand, joined, power};
use super::checker::linear::Region;
use super::checker::list;
use super::checker::predicate::{Predicate, predicate};
use super::term::{Range, Term, bound, level, mentions};

/// The symbols whose values the inequalities say, in terms of others.
pub(super) fn solved(region: &Region) -> Vec<(Symbol, Index)> {
    let mut known: Vec<(Symbol, Index)> = Vec::new();
    let replaced = |form: &Index, known: &[(Symbol, Index)]| {
        form.substituted(&|symbol| {
            let found = known.iter().find(|(of, _)| *of == symbol);
            found.map_or_else(|| symbol.into(), |(_, value)| value.clone())
        })
    };
    for form in region.forms() {
        let opposite = Index::default().minus(form).filter(|form| form.symbols().all(|s| level(s).is_none()));
        if !opposite.is_some_and(|opposite| region.implies(&opposite)) {
            continue;
        }
        let Some(form) = replaced(form, &known) else { continue };
        // Indices before sizes, so that what is left speaks of sizes.
        let alone = |(symbols, factor): &&(Vec<Symbol>, i64)| {
            factor.unsigned_abs() == 1 && symbols.len() == 1 && level(symbols[0]).is_none()
        };
        let Some((symbols, factor)) = form.terms().iter().filter(alone).max() else { continue };
        let symbol = symbols[0];
        let value = Index::from(symbol)
            .minus(&form.times(&Index::from(*factor)).unwrap_or_default())
            .filter(|value| !mentions(value, symbol));
        let Some(value) = value else { continue };
        let images = [(symbol, value.clone())];
        for (_, known) in &mut known {
            *known = replaced(known, &images).unwrap_or_default();
        }
        known.push((symbol, value));
    }
    known
}

pub(super) fn is_constant_power(term: &Term) -> bool {
    matches!(term, Term::Apply(Op::Powi, of) if of[1].as_integer().is_none())
        || matches!(term, Term::Apply(Op::Powi, of) if !matches!(of[0], Term::Reduce(..)))
}

/// What an operator needs of an argument that is made of indices alone.
pub(super) fn requirement(op: Op, of: &[Term]) -> Option<Predicate> {
    let zero = Term::integer(0);
    let found = match op {
        Op::Div => predicate(Op::Ne, &of[1], &zero),
        Op::Recip => predicate(Op::Ne, &of[0], &zero),
        Op::Powi if of[1].as_integer().is_some_and(|e| e < 0) => predicate(Op::Ne, &of[0], &zero),
        Op::Ln | Op::Log2 | Op::Log10 => predicate(Op::Gt, &of[0], &zero),
        Op::Sqrt => predicate(Op::Ge, &of[0], &zero),
        _ => None,
    };
    found.filter(|predicate| predicate.form().is_some())
}

/// The last value of a variable before a predicate changes.
pub(super) fn border(predicate: &Predicate, own: Symbol, low: &Index, region: &Region) -> Option<Index> {
    let form = predicate.form()?;
    let with: Vec<_> = form.terms().iter().filter(|(symbols, _)| symbols.contains(&own)).collect();
    let [(symbols, factor)] = with.as_slice() else { return None };
    (symbols.len() == 1 && factor.unsigned_abs() == 1).then_some(())?;
    // form = factor·i + rest, which is 0 at i = -factor·rest.
    let rest = form.minus(&Index::from(own).times(&Index::from(*factor))?)?;
    let zero = rest.times(&Index::from(-*factor))?;
    match (predicate, factor) {
        // i + rest >= 0 begins at -rest; rest - i >= 0 ends at rest.
        (Predicate::AtLeast(_), 1) => zero.minus(&1.into()),
        (Predicate::AtLeast(_), _) => Some(zero),
        // In front of the one value; behind it where the range begins with it.
        _ if Predicate::Zero(zero.minus(low)?).decided(region) == Some(true) => Some(zero),
        _ => zero.minus(&1.into()),
    }
}

/// The reduction over another variable, such that elements are read without anything added to it.
pub(super) fn shifted(range: &Range, body: &Term, own: Symbol) -> Option<(Range, Term)> {
    let mut reads: Vec<(&String, usize, &Index)> = Vec::new();
    let mut todo = vec![body];
    while let Some(term) = todo.pop() {
        if let Term::Read(block, position) = term {
            reads.extend(
                position
                    .iter()
                    .enumerate()
                    .filter(|(_, form)| mentions(form, own))
                    .map(|(k, form)| (block, k, form)),
            );
        }
        todo.extend(term.children());
    }
    let factor = |form: &Index| {
        let with: Vec<_> = form.terms().iter().filter(|(symbols, _)| symbols.contains(&own)).collect();
        match with.as_slice() {
            [(symbols, factor)] if symbols.len() == 1 => Some(*factor),
            _ => None,
        }
    };
    let rising: Vec<_> = reads.iter().filter(|(_, _, form)| factor(form) == Some(1)).collect();
    let image = |value: &Index| body.map(&|symbol| if symbol == own { value.clone() } else { symbol.into() });
    let variable = Index::from(own);
    if rising.is_empty() {
        // c - i becomes i.
        let (_, _, form) = reads.iter().filter(|(_, _, form)| factor(form) == Some(-1)).min()?;
        let sum = form.plus(&variable)?;
        let moved = Range { low: sum.minus(&range.high)?, high: sum.minus(&range.low)? };
        return Some((moved, image(&sum.minus(&variable)?)?));
    }
    // Of the first block's elements the one that is read first.
    let (block, along) = rising.iter().map(|(block, along, _)| (*block, *along)).min()?;
    let own_reads: Vec<&Index> =
        { rising.iter() }.filter(|read| (read.0, read.1) == (block, along)).map(|read| read.2).collect();
    let mut first = *own_reads.iter().min()?;
    for form in own_reads {
        if form.minus(first).and_then(|d| d.as_constant()).is_some_and(|d| d < 0) {
            first = form;
        }
    }
    let added = first.minus(&variable)?;
    if added.as_constant() == Some(0) || added.symbols().any(|symbol| symbol == own) {
        return None;
    }
    let moved = Range { low: range.low.plus(&added)?, high: range.high.plus(&added)? };
    Some((moved, image(&variable.minus(&added)?)?))
}

/// A sum as a sum of sums, with what does not depend on the variable in front; nothing when it is one already.
pub(super) fn linear_parts(range: &Range, body: &Term, depth: usize) -> Option<Term> {
    let own = bound(depth);
    let sum = expand(body)?;
    let mut parts: BTreeMap<Term, Polynomial> = BTreeMap::new();
    for (monomial, coefficient) in sum {
        let (inside, outside): (Vec<_>, Vec<_>) = monomial.into_iter().partition(|(term, _)| term.has(own));
        let part = joined(Fold::Product, inside.into_iter().map(|(term, e)| power(term, e)).collect());
        *parts.entry(part).or_default().entry(outside).or_default() += coefficient;
    }
    let product = |(part, factor): (Term, Polynomial)| {
        let factor = collected(&factor)?.moved(depth, false)?;
        let mut factors = match factor {
            Term::Fold(Fold::Product, factors) => factors,
            factor if factor.as_integer() == Some(1) => Vec::new(),
            factor => vec![factor],
        };
        factors.push(Term::Reduce(Fold::Sum, range.clone(), Box::new(part)));
        Some(joined(Fold::Product, factors))
    };
    let terms = parts.into_iter().map(product).collect::<Option<Vec<_>>>()?;
    let whole = joined(Fold::Sum, terms);
    let same = matches!(&whole, Term::Reduce(_, _, part) if **part == *body);
    (!same).then_some(whole)
}

/// A product as a product of products; nothing when it is one already.
pub(super) fn factors(range: &Range, body: &Term, depth: usize, length: &Index) -> Option<Term> {
    let own = bound(depth);
    let sum = expand(body)?;
    let (monomial, coefficient) = sum.first_key_value().filter(|_| sum.len() == 1)?;
    let mut factors = Vec::new();
    if coefficient != &num_rational::BigRational::from_integer(1.into()) {
        let only = [(Vec::new(), coefficient.clone())].into();
        factors.push(Term::Apply(Op::Powi, vec![collected(&only)?, Term::Index(length.clone())]));
    }
    for (term, e) in monomial {
        factors.push(match term.has(own) {
            true => power(Term::Reduce(Fold::Product, range.clone(), Box::new(term.clone())), *e),
            false => {
                let base = power(term.clone(), *e).moved(depth, false)?;
                Term::Apply(Op::Powi, vec![base, Term::Index(length.clone())])
            }
        });
    }
    let whole = joined(Fold::Product, factors);
    let same =
        matches!(&whole, Term::Reduce(_, _, part) if **part == *body) || list(Fold::Product, body).is_empty();
    (!same).then_some(whole)
}

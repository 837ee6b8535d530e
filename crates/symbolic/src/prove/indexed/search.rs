//! Looks for proofs: rewrites both sides to forms without borders, case by case, and writes down every rewriting.
//!
//! What it does need not be right. The checker says whether it is.

use std::collections::{BTreeMap, BTreeSet};

use expr::index::{Index, Symbol};
use expr::{Fold, Op};

use super::checker::expand::{collected, expand, joined, power};
use super::checker::generalise::{generalise, may_coincide};
use super::checker::linear::Region;
use super::checker::predicate::{Predicate, predicate};
use super::checker::{Cases, Rewriting, Rule, antiderivative, inside, list};
use super::import::{Reading, has_place};
use super::term::{Range, Term, bound, level, map_form, mentions};
use crate::prove::{self, Proof};

/// The most cases in all.
const MOST_CASES: usize = 120;
/// The most rewritings of one proof.
const MOST_STEPS: usize = 20_000;
/// How often ranges are split at the ends of others.
const MOST_ROUNDS: usize = 4;
/// A failed proof is not looked at in more regions than this.
const MOST_FAILURES: usize = 6;

/// Why a side could not be rewritten to its end.
enum Stop {
    /// Something depends on a predicate that the case does not decide.
    Split(Predicate),
    /// The claim reads what is not there.
    Outside,
    /// Too large, or not of a kind that is understood.
    TooLarge,
}

type Found<T> = Result<T, Stop>;

/// Where and why there is no proof.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) region: Region,
    pub(super) why: String,
}

/// Both sides of a claim, and what is known of the function.
pub(super) struct Search<'a> {
    pub(super) actual: &'a Term,
    pub(super) claimed: &'a Term,
    pub(super) readings: &'a [Reading],
    pub(super) names: &'a [String],
    pub(super) failures: Vec<Failure>,
    cases: usize,
    steps: usize,
    /// Symbols that the case says the value of.
    known: Vec<(Symbol, Index)>,
    /// For reductions of one kind where their ranges begin and end, by depth, fold and body.
    cuts: BTreeMap<(usize, Fold, Term), BTreeSet<Index>>,
}

/// A side while it is rewritten.
struct Side {
    root: Term,
    steps: Vec<Rewriting>,
    /// Whether reads beyond an end are to be refused.
    is_claim: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        actual: &'a Term,
        claimed: &'a Term,
        readings: &'a [Reading],
        names: &'a [String],
    ) -> Self {
        let (failures, known, cuts) = (Vec::new(), Vec::new(), BTreeMap::new());
        Search { actual, claimed, readings, names, failures, cases: 0, steps: 0, known, cuts }
    }

    /// A proof for a region; nothing when there is none in some part of it, which is written down.
    pub(super) fn prove(&mut self, region: &Region) -> Option<Cases> {
        if region.is_empty() {
            return Some(Cases::Impossible);
        }
        self.cases += 1;
        if self.cases > MOST_CASES {
            return self.fail(region, "too many cases of sizes and indices");
        }
        match self.leaf(region) {
            Ok(Ok(proof)) => Some(proof),
            Ok(Err(why)) => self.fail(region, &why),
            Err(Stop::Outside) => self.fail(region, "the claim reads an element that is not there"),
            Err(Stop::TooLarge) => self.fail(region, "the terms become too large"),
            Err(Stop::Split(predicate)) => {
                let cases = predicate.cases()?;
                let mut proofs = Vec::new();
                let mut all = true;
                for case in cases {
                    match self.prove(&region.and(case)) {
                        Some(proof) => proofs.push(proof),
                        None => all = false,
                    }
                    if self.failures.len() >= MOST_FAILURES {
                        return None;
                    }
                }
                all.then_some(Cases::Split(predicate, proofs))
            }
        }
    }

    fn fail(&mut self, region: &Region, why: &str) -> Option<Cases> {
        self.failures.push(Failure { region: region.clone(), why: why.to_owned() });
        None
    }

    /// A proof without further cases, or why there is none.
    fn leaf(&mut self, region: &Region) -> Found<Result<Cases, String>> {
        self.cuts.clear();
        self.known = solved(region);
        let mut sides = [(self.actual, false), (self.claimed, true)].map(|(root, is_claim)| Side {
            root: root.clone(),
            steps: Vec::new(),
            is_claim,
        });
        for _ in 0..MOST_ROUNDS {
            for side in &mut sides {
                self.normalise(side, &mut Vec::new(), region, 0)?;
            }
            let before = self.cuts.clone();
            sides.iter().for_each(|side| self.collect_cuts(&side.root, 0));
            if before == self.cuts {
                break;
            }
        }
        let [actual, claimed] = &sides;
        let proved = actual.root == claimed.root || {
            for side in &sides {
                if let Some(predicate) = may_coincide(&side.root, region) {
                    return Err(Stop::Split(predicate));
                }
            }
            let flat = generalise(&actual.root, &claimed.root, region, self.names).ok_or(Stop::TooLarge)?;
            match prove::prove(&flat, 0, 1, prove::Literals::Exact) {
                Proof::Proved { .. } => true,
                other => return Ok(Err(other.to_string())),
            }
        };
        debug_assert!(proved);
        Ok(Ok(Cases::Leaf(sides.map(|side| side.steps))))
    }

    fn collect_cuts(&mut self, term: &Term, depth: usize) {
        if let Term::Reduce(fold, range, body) = term {
            let ends = self.cuts.entry((depth, *fold, (**body).clone())).or_default();
            ends.insert(range.low.clone());
            ends.extend(range.high.plus(&1.into()));
        }
        let inner = depth + usize::from(matches!(term, Term::Reduce(..)));
        term.children().iter().for_each(|child| self.collect_cuts(child, inner));
    }

    /// Puts something in place of a subterm.
    fn rewrite(&mut self, side: &mut Side, path: &[usize], rule: Rule, after: Term) -> Found<()> {
        let place = at(&mut side.root, path);
        if *place == after {
            return Ok(());
        }
        self.steps += 1;
        if self.steps > MOST_STEPS || after.size() > MOST_STEPS {
            return Err(Stop::TooLarge);
        }
        let before = std::mem::replace(place, after.clone());
        side.steps.push(Rewriting { rule, path: path.to_vec(), before, after });
        Ok(())
    }

    fn normalise(
        &mut self,
        side: &mut Side,
        path: &mut Vec<usize>,
        region: &Region,
        depth: usize,
    ) -> Found<()> {
        loop {
            let term = self.with_known(side, path)?;
            match &term {
                Term::Index(_) | Term::Constant(_) | Term::Scalar(_) => return Ok(()),
                Term::Read(block, position) => {
                    let there = |(along, place): (usize, &Index)| {
                        has_place(self.readings, block, along, place, region)
                    };
                    return match !side.is_claim || position.iter().enumerate().all(there) {
                        true => Ok(()),
                        false => Err(Stop::Outside),
                    };
                }
                Term::Apply(Op::Select, _) => {
                    self.child(side, path, 0, region, depth)?;
                    let Term::Apply(_, of) = at(&mut side.root, path).clone() else {
                        return Err(Stop::TooLarge);
                    };
                    if let Some(condition) = of[0].as_integer() {
                        let taken = of[if condition == 0 { 2 } else { 1 }].clone();
                        self.rewrite(side, path, Rule::Branch, taken)?;
                        continue;
                    }
                    self.child(side, path, 1, region, depth)?;
                    self.child(side, path, 2, region, depth)?;
                    let Term::Apply(_, of) = at(&mut side.root, path).clone() else {
                        return Err(Stop::TooLarge);
                    };
                    if of[1] == of[2] {
                        self.rewrite(side, path, Rule::SameBranches, of[1].clone())?;
                    }
                    return Ok(());
                }
                Term::Apply(op, of) => {
                    for k in 0..of.len() {
                        self.child(side, path, k, region, depth)?;
                    }
                    let Term::Apply(_, of) = at(&mut side.root, path).clone() else {
                        return Err(Stop::TooLarge);
                    };
                    if of.len() == 2
                        && let Some(predicate) = predicate(*op, &of[0], &of[1])
                    {
                        match predicate.decided(region) {
                            Some(holds) => {
                                self.rewrite(side, path, Rule::Decide, Term::integer(holds.into()))?;
                            }
                            None => return Err(Stop::Split(predicate)),
                        }
                    }
                    return Ok(());
                }
                Term::Fold(_, terms) => {
                    for k in 0..terms.len() {
                        self.child(side, path, k, region, depth)?;
                    }
                    return Ok(());
                }
                Term::Reduce(fold, range, body) => {
                    if !self.reduction(side, path, region, depth, (*fold, range, body))? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// A subterm, after its index forms are said without the symbols whose values are known.
    fn with_known(&mut self, side: &mut Side, path: &[usize]) -> Found<Term> {
        let term = at(&mut side.root, path).clone();
        if !term.forms().iter().any(|form| self.known.iter().any(|(symbol, _)| mentions(form, *symbol))) {
            return Ok(term);
        }
        let known = |symbol: Symbol| {
            let found = self.known.iter().find(|(of, _)| *of == symbol);
            found.map_or_else(|| symbol.into(), |(_, value)| value.clone())
        };
        let mapped = match &term {
            Term::Reduce(fold, range, body) => {
                range.map(&known).map(|range| Term::Reduce(*fold, range, body.clone()))
            }
            term => term.map(&known),
        };
        self.rewrite(side, path, Rule::EqualIndex, mapped.ok_or(Stop::TooLarge)?)?;
        Ok(at(&mut side.root, path).clone())
    }

    fn child(
        &mut self,
        side: &mut Side,
        path: &mut Vec<usize>,
        k: usize,
        region: &Region,
        depth: usize,
    ) -> Found<()> {
        path.push(k);
        let found = self.normalise(side, path, region, depth);
        path.pop();
        found
    }

    /// One rewriting of a reduction; whether what came of it is to be looked at once more.
    fn reduction(
        &mut self,
        side: &mut Side,
        path: &mut Vec<usize>,
        region: &Region,
        depth: usize,
        (fold, range, body): (Fold, &Range, &Term),
    ) -> Found<bool> {
        let length = range.length().ok_or(Stop::TooLarge)?;
        let missing = Index::default().minus(&length).ok_or(Stop::TooLarge)?;
        if region.implies(&missing) {
            self.rewrite(side, path, Rule::Empty, Term::integer(if fold == Fold::Sum { 0 } else { 1 }))?;
            return Ok(false);
        }
        let single = length.minus(&1.into()).map(Predicate::Zero).and_then(|zero| zero.decided(region));
        if single == Some(true) {
            let only = body.at(depth, &range.low).ok_or(Stop::TooLarge)?;
            self.rewrite(side, path, Rule::Single, only)?;
            return Ok(true);
        }
        let own = bound(depth);
        let inner = inside(region, range, depth).ok_or(Stop::TooLarge)?;
        path.push(0);
        let found =
            self.normalise(side, path, &inner, depth + 1).and_then(|()| self.multiply_out(side, path));
        path.pop();
        match found {
            Ok(()) => {}
            Err(Stop::Split(predicate)) if predicate.form().is_some_and(|form| mentions(form, own)) => {
                let border = border(&predicate, own, &range.low, region).ok_or(Stop::TooLarge)?;
                self.split(side, path, region, depth, &border)?;
                return Ok(false);
            }
            Err(stop) => return Err(stop),
        }
        let Term::Reduce(_, _, body) = at(&mut side.root, path).clone() else { return Err(Stop::TooLarge) };
        if let Some((moved, shifted)) = shifted(range, &body, own) {
            self.rewrite(side, path, Rule::Shift, Term::Reduce(fold, moved, Box::new(shifted)))?;
            return Ok(true);
        }
        let apart = match fold {
            Fold::Sum => linear_parts(range, &body, depth),
            Fold::Product => factors(range, &body, depth, &length),
        };
        if let Some(apart) = apart {
            let rule = if fold == Fold::Sum { Rule::Linear } else { Rule::Factors };
            if rule == Rule::Factors && apart.children().iter().any(is_constant_power) {
                self.decided(region, Predicate::AtLeast(length.clone()))?;
            }
            self.rewrite(side, path, rule, apart)?;
            self.parts(side, path, region, depth)?;
            return Ok(false);
        }
        if fold == Fold::Sum {
            self.interchange(side, path, depth)?;
        }
        if let Some(total) = antiderivative(&body, own).filter(|_| fold == Fold::Sum) {
            self.decided(region, Predicate::AtLeast(length))?;
            let before = range.low.minus(&1.into()).ok_or(Stop::TooLarge)?;
            let values = [&range.high, &before].map(|value| total.at(depth, value));
            let [Some(end), Some(start)] = values else { return Err(Stop::TooLarge) };
            self.rewrite(side, path, Rule::Telescope, Term::Apply(Op::Sub, vec![end, start]))?;
            self.multiply_out(side, path)?;
            return Ok(false);
        }
        let key = (depth, fold, (*body).clone());
        let cuts: Vec<Index> = self.cuts.get(&key).into_iter().flatten().cloned().collect();
        let mut open = None;
        for cut in cuts.into_iter().filter(|cut| *cut != range.low) {
            // Either part may be empty, so that no case is needed where one is.
            let parts = [cut.minus(&range.low), range.high.minus(&cut).and_then(|d| d.plus(&1.into()))];
            let [Some(above), Some(below)] = parts.map(|part| part.map(Predicate::AtLeast)) else { continue };
            if below == Predicate::AtLeast(Index::default()) {
                continue;
            }
            match [above.decided(region), below.decided(region)] {
                [Some(true), Some(true)] => {
                    let border = cut.minus(&1.into()).ok_or(Stop::TooLarge)?;
                    self.split(side, path, region, depth, &border)?;
                    return Ok(false);
                }
                [Some(false), _] | [_, Some(false)] => {}
                [None, _] => open = open.or(Some(above)),
                [_, None] => open = open.or(Some(below)),
            }
        }
        // Cases are distinguished where nothing else is left to do.
        if let Some(open) = open {
            return Err(Stop::Split(open));
        }
        Ok(false)
    }

    /// Of a sum of sums whose ranges do not depend on each other the one order that comes first.
    fn interchange(&mut self, side: &mut Side, path: &mut Vec<usize>, depth: usize) -> Found<()> {
        let Term::Reduce(_, outer, body) = at(&mut side.root, path).clone() else { return Ok(()) };
        let (own, deeper) = (bound(depth), bound(depth + 1));
        let Some((Term::Reduce(Fold::Sum, inner, term), factors)) = list(Fold::Product, &body).split_last()
        else {
            return Ok(());
        };
        let is_sum = |factor: &Term| matches!(factor, Term::Reduce(..));
        if mentions(&inner.low, own) || mentions(&inner.high, own) || factors.iter().any(is_sum) {
            return Ok(());
        }
        let canonical = |term: &Term| expand(term).and_then(|sum| collected(&sum)).ok_or(Stop::TooLarge);
        let moved = factors.iter().map(|factor| factor.moved(depth + 1, true));
        let mut product = moved.collect::<Option<Vec<_>>>().ok_or(Stop::TooLarge)?;
        product.push((**term).clone());
        let term = canonical(&Term::Fold(Fold::Product, product))?;
        let swapped = term
            .map(&|symbol| match symbol {
                _ if symbol == own => deeper.into(),
                _ if symbol == deeper => own.into(),
                _ => symbol.into(),
            })
            .ok_or(Stop::TooLarge)?;
        let sum = |range: &Range, body: Term| Term::Reduce(Fold::Sum, range.clone(), Box::new(body));
        let one = sum(inner, term);
        let other = sum(inner, sum(&outer, canonical(&swapped)?));
        path.push(0);
        let found = self.rewrite(side, path, Rule::ConstantIn, one.clone());
        path.pop();
        found?;
        if other < sum(&outer, one) {
            self.rewrite(side, path, Rule::Interchange, sum(inner, sum(&outer, swapped)))?;
            path.extend([0, 0]);
            let found = self.multiply_out(side, path);
            path.truncate(path.len() - 2);
            found?;
        }
        Ok(())
    }

    /// Whether a predicate holds in a region; asks for cases where that depends.
    fn decided(&self, region: &Region, predicate: Predicate) -> Found<bool> {
        predicate.decided(region).ok_or(Stop::Split(predicate))
    }

    /// Normalises the reductions that a list of products is made of.
    fn parts(&mut self, side: &mut Side, path: &mut Vec<usize>, region: &Region, depth: usize) -> Found<()> {
        let term = at(&mut side.root, path).clone();
        match term {
            Term::Reduce(..) => self.normalise(side, path, region, depth),
            Term::Fold(..) | Term::Apply(Op::Powi, _) => {
                for k in 0..term.children().len() {
                    path.push(k);
                    let found = self.parts(side, path, region, depth);
                    path.pop();
                    found?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Splits a range after a border inside it, and looks at both parts.
    fn split(
        &mut self,
        side: &mut Side,
        path: &mut Vec<usize>,
        region: &Region,
        depth: usize,
        border: &Index,
    ) -> Found<()> {
        let Term::Reduce(fold, range, body) = at(&mut side.root, path).clone() else {
            return Err(Stop::TooLarge);
        };
        let first = Range { low: range.low.clone(), high: border.clone() };
        let next = border.plus(&1.into()).ok_or(Stop::TooLarge)?;
        let second = Range { low: next, high: range.high };
        for part in [&first, &second] {
            let length = part.length().ok_or(Stop::TooLarge)?;
            if !self.decided(region, Predicate::AtLeast(length))? {
                return Err(Stop::TooLarge);
            }
        }
        let parts = [first, second].map(|part| Term::Reduce(fold, part, body.clone()));
        self.rewrite(side, path, Rule::SplitRange, Term::Fold(fold, parts.to_vec()))?;
        self.child(side, path, 0, region, depth)?;
        self.child(side, path, 1, region, depth)
    }

    /// Multiplies a term out, and what its atoms are functions of.
    fn multiply_out(&mut self, side: &mut Side, path: &mut Vec<usize>) -> Found<()> {
        let term = at(&mut side.root, path).clone();
        let ring = |term: &Term| {
            use Op::*;
            matches!(term, Term::Fold(..) | Term::Index(_))
                || matches!(term, Term::Apply(Neg | Add | Sub | Mul | Square | Div | Recip | Powi, _))
        };
        self.atoms(side, path, &ring)?;
        if ring(&term) {
            let term = at(&mut side.root, path).clone();
            let after = expand(&term).and_then(|sum| collected(&sum)).ok_or(Stop::TooLarge)?;
            self.rewrite(side, path, Rule::Polynomial, after)?;
        }
        Ok(())
    }

    fn atoms(&mut self, side: &mut Side, path: &mut Vec<usize>, ring: &dyn Fn(&Term) -> bool) -> Found<()> {
        let term = at(&mut side.root, path).clone();
        if matches!(term, Term::Reduce(..)) {
            return Ok(()); // multiplied out already
        }
        let inside_ring = ring(&term);
        for k in 0..term.children().len() {
            path.push(k);
            let found =
                if inside_ring { self.atoms(side, path, ring) } else { self.multiply_out(side, path) };
            path.pop();
            found?;
        }
        Ok(())
    }
}

/// The symbols whose values the inequalities say, in terms of others.
fn solved(region: &Region) -> Vec<(Symbol, Index)> {
    let mut known: Vec<(Symbol, Index)> = Vec::new();
    let replaced = |form: &Index, known: &[(Symbol, Index)]| {
        map_form(form, &|symbol| {
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
            factor.abs() == 1 && symbols.len() == 1 && level(symbols[0]).is_none()
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

/// A subterm.
fn at<'t>(root: &'t mut Term, path: &[usize]) -> &'t mut Term {
    path.iter().fold(root, |term, &k| &mut term.children_mut()[k])
}

fn is_constant_power(term: &Term) -> bool {
    matches!(term, Term::Apply(Op::Powi, of) if of[1].as_integer().is_none())
        || matches!(term, Term::Apply(Op::Powi, of) if !matches!(of[0], Term::Reduce(..)))
}

/// The last value of a variable before a predicate changes.
fn border(predicate: &Predicate, own: Symbol, low: &Index, region: &Region) -> Option<Index> {
    let form = predicate.form()?;
    let with: Vec<_> = form.terms().iter().filter(|(symbols, _)| symbols.contains(&own)).collect();
    let [(symbols, factor)] = with.as_slice() else { return None };
    (symbols.len() == 1 && factor.abs() == 1).then_some(())?;
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
fn shifted(range: &Range, body: &Term, own: Symbol) -> Option<(Range, Term)> {
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
fn linear_parts(range: &Range, body: &Term, depth: usize) -> Option<Term> {
    let own = bound(depth);
    let sum = expand(body)?;
    let mut parts: BTreeMap<Term, super::checker::expand::Polynomial> = BTreeMap::new();
    for (monomial, coefficient) in sum {
        let (inside, outside): (Vec<_>, Vec<_>) = monomial.into_iter().partition(|(term, _)| term.has(own));
        let part = joined(Fold::Product, inside.into_iter().map(|(term, e)| power(term, e)).collect());
        *parts.entry(part).or_default().entry(outside).or_default() += coefficient;
    }
    let product = |(part, factor): (Term, super::checker::expand::Polynomial)| {
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
fn factors(range: &Range, body: &Term, depth: usize, length: &Index) -> Option<Term> {
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

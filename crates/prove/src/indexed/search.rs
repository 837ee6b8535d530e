//! Looks for proofs: rewrites both sides to forms without borders, case by case, and writes down every rewriting.
//!
//! What it does need not be right. The checker says whether it is.

use std::collections::{BTreeMap, BTreeSet};

use expr::index::{Index, Symbol};
use expr::{Fold, Op};

use super::NoProof;
use super::checker::generalise::{generalise, may_coincide};
use super::checker::linear::Region;
use super::checker::predicate::{Predicate, predicate};
use super::checker::{Cases, Rewriting, Rule};
use super::import::{Reading, has_place};
use super::shapes::{requirement, solved};
use super::term::{Term, mentions};
use symbolic::Literals;

use crate::Proof;

/// The most cases in all.
const MOST_CASES: usize = 120;
/// The most rewritings of one proof.
const MOST_STEPS: usize = 20_000;
/// How often ranges are split at the ends of others.
const MOST_ROUNDS: usize = 4;
/// A failed proof is not looked at in more regions than this.
const MOST_FAILURES: usize = 6;

/// Why a side could not be rewritten to its end.
pub(super) enum Stop {
    /// Something depends on a predicate that the case does not decide.
    Split(Predicate),
    /// The claim reads what is not there.
    Outside,
    /// The claim has no value at these sizes and indices, whatever the inputs are.
    NoValue,
    /// Too large, or not of a kind that is understood.
    TooLarge,
}

pub(super) type Found<T> = Result<T, Stop>;

/// Where and why there is no proof.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) region: Region,
    pub(super) why: NoProof,
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
    /// What the derivative needs of indices to have a value.
    needed: Vec<Predicate>,
    /// Symbols that the case says the value of.
    known: Vec<(Symbol, Index)>,
    /// For reductions of one kind where their ranges begin and end, by depth, fold and body.
    pub(super) cuts: BTreeMap<(usize, Fold, Term), BTreeSet<Index>>,
}

/// A side while it is rewritten.
pub(super) struct Side {
    pub(super) root: Term,
    pub(super) steps: Vec<Rewriting>,
    /// Whether reads beyond an end are to be refused.
    pub(super) is_claim: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        actual: &'a Term,
        claimed: &'a Term,
        readings: &'a [Reading],
        names: &'a [String],
    ) -> Self {
        Search {
            actual,
            claimed,
            readings,
            names,
            failures: Vec::new(),
            cases: 0,
            steps: 0,
            needed: Vec::new(),
            known: Vec::new(),
            cuts: BTreeMap::new(),
        }
    }

    /// A proof for a region; nothing when there is none in some part of it, which is written down.
    pub(super) fn prove(&mut self, region: &Region) -> Option<Cases> {
        if region.is_empty() {
            return Some(Cases::Impossible);
        }
        self.cases += 1;
        if self.cases > MOST_CASES {
            return self.fail(region, NoProof::TooManyCases);
        }
        match self.leaf(region) {
            Ok(Ok(proof)) => Some(proof),
            Ok(Err(why)) => self.fail(region, why),
            Err(Stop::NoValue) => self.fail(region, NoProof::NoValue),
            Err(Stop::Outside) => self.fail(region, NoProof::Outside),
            Err(Stop::TooLarge) => self.fail(region, NoProof::TooLarge),
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

    fn fail(&mut self, region: &Region, why: NoProof) -> Option<Cases> {
        self.failures.push(Failure { region: region.clone(), why });
        None
    }

    /// A proof without further cases, or why there is none.
    fn leaf(&mut self, region: &Region) -> Found<Result<Cases, NoProof>> {
        self.cuts.clear();
        self.needed.clear();
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
            match crate::prove(&flat, 0, 1, Literals::Exact) {
                Proof::Proved { .. } => true,
                other => return Ok(Err(NoProof::Scalars(other))),
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
    pub(super) fn rewrite(&mut self, side: &mut Side, path: &[usize], rule: Rule, after: Term) -> Found<()> {
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

    pub(super) fn normalise(
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
                    } else if let Some(needed) = requirement(*op, &of) {
                        self.value_needs(needed, side.is_claim, region)?;
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

    /// Of a claim: that what a value needs of indices holds; unless the derivative needs it as well.
    fn value_needs(&mut self, needed: Predicate, is_claim: bool, region: &Region) -> Found<()> {
        if !is_claim {
            self.needed.push(needed);
            return Ok(());
        }
        match needed.decided(region) {
            Some(true) => Ok(()),
            _ if self.needed.contains(&needed) => Ok(()),
            Some(false) => Err(Stop::NoValue),
            None => Err(Stop::Split(needed)),
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

    pub(super) fn child(
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

    /// Whether a predicate holds in a region; asks for cases where that depends.
    pub(super) fn decided(&self, region: &Region, predicate: Predicate) -> Found<bool> {
        predicate.decided(region).ok_or(Stop::Split(predicate))
    }
}

/// A subterm.
pub(super) fn at<'t>(root: &'t mut Term, path: &[usize]) -> &'t mut Term {
    path.iter().fold(root, |term, &k| &mut term.children_mut()[k])
}

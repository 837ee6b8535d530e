//! The proof checker: it accepts a proof only if every step follows, and knows nothing of how steps are found.
//!
//! A proof speaks of [`Term`]s: those that stand for the nodes of a function (`live` ones, whose values are real wherever the
//! two outputs are defined) and others over them. It is a list of cases, each a list of steps. A step replaces one subterm by
//! an equal one, or shows a fact: that a term has one of certain signs. Its rule is one of [`Rule`]'s, a closed list; the
//! checker works out which conditions the rule needs, compares them with those that the step lists, and looks for each among
//! the facts and in the form of the term. Facts come from earlier steps, from the case, or from the formulas being defined
//! ([`Rule::Defined`], the only hypotheses). The one large step is polynomial identity: two terms are equal when, over atoms
//! that are taken as they are, they multiply out to the same fraction (`algebra`). Every step is true on a dense open subset
//! of the set where both outputs are defined and the case holds; so is, in the end, their equality.

mod algebra;
mod ball;
mod expand;
mod rules;
mod sign;
mod term;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};

use expr::Op;

use num_rational::BigRational;
use num_traits::Signed;

use super::number::Coefficient;
use algebra::{Atom, Frac, Monomial, Poly};
use ball::Ball;
pub(crate) use sign::{Mask, NEGATIVE, NOT_NEGATIVE, NOT_POSITIVE, NOT_ZERO, POSITIVE, REAL, ZERO};
pub(crate) use term::{Term, TermId, Terms};

/// How many sample points have enclosures.
const SAMPLES: usize = 6;

/// Why a step is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reject {
    Wrong(&'static str),
    TooLarge,
}

type Result<T> = std::result::Result<T, Reject>;

/// Every rule there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    /// An operator by exponentials, logarithms and powers: sin a = (e^(ia) - e^(-ia))/(2i), a^b = e^(b·ln a) where a != 0.
    Definition,
    /// e^(a + c·ln b + …) = e^a·b^c·…, where b > 0 or c is whole.
    ExponentialOfSum,
    /// e^(i·pi·p/q) for q = 1, 2, 3, 4, 6, 12; e^(±i·asin u), e^(±i·atan u).
    ExponentialOfAngle,
    /// (a^p·b^q·…)^r = a^(pr)·b^(qr)·…, where a, b, … are not negative (for e^w: w real).
    PowerOfProduct,
    /// ln(a^p·e^w·…·b) = p·ln a + w + … + ln b, where a > 0 and w is real; nothing is needed of the last.
    LogarithmOfProduct,
    /// cbrt(a^n·b^s·…) = cbrt(a)^n·b^(s/3)·…, where b is not negative.
    CubeRootOfProduct,
    /// f(-a) = -f(a).
    Odd,
    /// floor(a + n) = floor(a) + n for a whole n; the floor of a number.
    FloorOfShift,
    /// abs, sign, relu, min, max, comparisons and branches where signs decide.
    BySign,
    /// A fact: a live operator is defined only where its arguments have these signs, and has a real value.
    Defined(Mask),
    /// A fact: a term has this sign because an equal one, in its form, shows it.
    Sign(Mask),
    /// A fact: a term is not 0 but on a nowhere dense set, as it is analytic on a convex domain and not 0 at a sample point.
    IsolatedZeros,
    /// The case: a real term has this sign. The other signs are other cases' (but for isolated zeros).
    Assume(Mask),
    /// The last step of each case: both sides are equal when multiplied out.
    Identity,
}

/// One step. For facts `before` is what has the sign, and `after` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Step {
    pub(crate) rule: Rule,
    pub(crate) before: TermId,
    pub(crate) after: TermId,
    pub(crate) conditions: Vec<(TermId, Mask)>,
}

/// A proof that two terms are equal.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) terms: Vec<Term>,
    pub(crate) sides: [TermId; 2],
    pub(crate) cases: Vec<Vec<Step>>,
}

impl Certificate {
    /// Whether every step follows, and the cases are all there are.
    pub(crate) fn check(&self) -> Result<()> {
        let ordered =
            (0..self.terms.len()).all(|id| below(&self.terms[id]).iter().all(|&part| (part as usize) < id));
        if !ordered {
            return Err(Reject::Wrong("a term that contains itself"));
        }
        let mut cases = Vec::new();
        for case in &self.cases {
            let mut checker = Checker::new(self.terms.clone(), self.sides);
            case.iter().try_for_each(|step| checker.apply(step))?;
            if case.last().is_none_or(|step| step.rule != Rule::Identity) {
                return Err(Reject::Wrong("a case without an end"));
            }
            cases.push(checker.assumed);
        }
        match covers(&cases.iter().map(Vec::as_slice).collect::<Vec<_>>()) {
            true => Ok(()),
            false => Err(Reject::Wrong("cases that leave something out")),
        }
    }
}

/// The parts of a term.
fn below(term: &Term) -> Vec<TermId> {
    match term {
        Term::Number(_) | Term::Pi | Term::Input(_) => Vec::new(),
        Term::Sum(of) | Term::Product(of) | Term::Apply(_, of) => of.clone(),
        Term::Power(of, _) | Term::Exp(of) | Term::Ln(of) => vec![*of],
    }
}

/// Larger proofs are left as they are: looking for idle facts checks the proof once per fact.
const MOST_LEAN_STEPS: usize = 48;

impl Certificate {
    /// The same proof without facts that no later step needs; nothing else is left out.
    pub(crate) fn lean(mut self) -> Certificate {
        if self.cases.iter().map(Vec::len).sum::<usize>() > MOST_LEAN_STEPS {
            return self;
        }
        for case in 0..self.cases.len() {
            for at in (0..self.cases[case].len()).rev() {
                let step = &self.cases[case][at];
                if step.before != step.after || matches!(step.rule, Rule::Assume(_)) {
                    continue;
                }
                let step = self.cases[case].remove(at);
                if self.check().is_err() {
                    self.cases[case].insert(at, step);
                }
            }
        }
        self
    }
}

/// What a case assumes: a term, its sign, and whether it was known not to be 0.
type Assumed = (TermId, Mask, bool);

/// Whether cases leave no sign out.
fn covers(cases: &[&[Assumed]]) -> bool {
    let Some(first) = cases.first() else { return false };
    let Some(&(of, ..)) = first.first() else { return true };
    let with = |mask: Mask| -> Vec<_> {
        let fits = cases.iter().filter(|case| case.first().is_some_and(|&(t, m, _)| t == of && m == mask));
        fits.map(|case| &case[1..]).collect()
    };
    let never_zero = cases.iter().all(|case| case.first().is_some_and(|&(t, _, never)| t == of && never));
    covers(&with(POSITIVE)) && covers(&with(NEGATIVE)) && (never_zero || covers(&with(ZERO)))
}

/// What is known in one case so far.
#[derive(Debug)]
pub(crate) struct Checker {
    terms: Vec<Term>,
    sides: [TermId; 2],
    /// Whose values both sides need, as far as branches are decided.
    live: HashSet<TermId>,
    taken: HashMap<TermId, TermId>,
    atoms: Vec<(Atom, Vec<Option<Ball>>)>,
    replaced: HashMap<(u32, Coefficient), Frac>,
    values: HashMap<TermId, Frac>,
    /// What has a sign: its direction, whether it was turned, and the signs.
    facts: Vec<(Frac, bool, Mask)>,
    /// What is not 0, in the form of a divisor.
    divisors: BTreeSet<Poly>,
    known: Vec<(TermId, Mask)>,
    assumed: Vec<Assumed>,
    sound: BTreeSet<TermId>,
    changed: bool,
    without_facts: bool,
    depth: u32,
    work: u64,
}

impl Checker {
    pub(crate) fn new(terms: Vec<Term>, sides: [TermId; 2]) -> Checker {
        let mut checker = Checker {
            terms,
            sides,
            live: HashSet::new(),
            taken: HashMap::new(),
            atoms: Vec::new(),
            replaced: HashMap::new(),
            values: HashMap::new(),
            facts: Vec::new(),
            divisors: BTreeSet::new(),
            known: Vec::new(),
            assumed: Vec::new(),
            sound: BTreeSet::new(),
            changed: false,
            without_facts: false,
            depth: 0,
            work: 0,
        };
        sides.iter().for_each(|&side| checker.enliven(side));
        checker
    }

    /// Terms that were made since.
    pub(crate) fn learn(&mut self, terms: &Terms) {
        self.terms.extend_from_slice(&terms.list[self.terms.len()..]);
    }

    pub(crate) fn is_decided(&self, branch: TermId) -> bool {
        self.taken.contains_key(&branch)
    }

    /// Whether the last step put something new in an atom's place.
    pub(crate) fn has_changed(&self) -> bool {
        self.changed
    }

    fn enliven(&mut self, root: TermId) {
        let mut stack = vec![root];
        while let Some(id) = stack.pop() {
            if self.live.insert(id) {
                let decided = self.parts(id);
                stack.extend(
                    below(&self.terms[id as usize]).into_iter().filter(|part| decided.contains(part)),
                );
            }
        }
    }

    fn add_fact(&mut self, of: TermId, mask: Mask) -> Result<()> {
        let value = self.expand(of)?;
        let (turned, direction) = value.direction();
        self.known.push((of, mask));
        if !self.facts.contains(&(direction.clone(), turned, mask)) {
            self.facts.push((direction, turned, mask));
        }
        if mask.has(ZERO) || value.top.is_empty() { Ok(()) } else { self.add_divisors(&value) }
    }

    /// What is not 0 has no factor that is.
    fn add_divisors(&mut self, value: &Frac) -> Result<()> {
        let inverse = self.inverse(value)?;
        self.divisors.extend(inverse.below.into_keys());
        if let (1, Some(m)) = (inverse.top.len(), inverse.top.keys().next()) {
            for (k, _) in m.iter().filter(|(_, e)| e.re.is_negative()) {
                let alone =
                    Poly::from([(Monomial::from([(*k, Coefficient::integer(1))]), Coefficient::integer(1))]);
                self.facts.push((Frac { top: alone, ..Frac::default() }, false, NOT_ZERO));
            }
        }
        Ok(())
    }

    /// Whether every term in this one has a value where both sides are defined.
    fn is_sound(&mut self, root: TermId) -> Result<()> {
        let mut stack = vec![root];
        while let Some(id) = stack.pop() {
            if self.live.contains(&id) || self.sound.contains(&id) {
                continue;
            }
            match self.terms[id as usize].clone() {
                Term::Power(base, e) if !matches!(self.terms[base as usize], Term::Exp(_)) => {
                    let value = self.expand(base)?;
                    let whole = e.real().is_some_and(BigRational::is_integer);
                    if e.re.is_negative() && !self.is_never_zero(&value)?
                        || !whole && !self.mask(base)?.within(NOT_NEGATIVE)
                    {
                        return Err(Reject::Wrong("a power that may be undefined"));
                    }
                }
                Term::Ln(of) => {
                    let of = self.expand(of)?;
                    if !self.is_known(&Atom::Ln(of.clone())) && !self.is_never_zero(&of)? {
                        return Err(Reject::Wrong("a logarithm that may be undefined"));
                    }
                }
                Term::Apply(op, of) if !op.undefined().is_empty() && op != Op::Cbrt => {
                    let of = of.iter().map(|&t| self.expand(t)).collect::<Result<Vec<_>>>()?;
                    if !self.is_known(&Atom::Apply(op, of)) {
                        return Err(Reject::Wrong("a function that may be undefined"));
                    }
                }
                _ => {}
            }
            stack.extend(self.parts(id));
            self.sound.insert(id);
        }
        Ok(())
    }

    fn is_known(&self, atom: &Atom) -> bool {
        self.atoms.iter().any(|(known, _)| known == atom)
    }
}

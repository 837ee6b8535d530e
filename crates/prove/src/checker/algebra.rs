//! Polynomial identity: fractions over atoms, multiplied out in exact numbers. Atoms are opaque but for the laws of exponents
//! (of e^w, of a root b^r and of cbrt b).

use std::collections::BTreeMap;

use expr::Op;
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::super::number::Coefficient;
use super::{Checker, Reject, Result, SAMPLES};

pub(super) type Monomial = Vec<(u32, Coefficient)>;
pub(super) type Poly = BTreeMap<Monomial, Coefficient>;

/// The most products of terms in one case.
const MOST_WORK: u64 = 4_000_000;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Frac {
    pub(super) top: Poly,
    pub(super) below: BTreeMap<Poly, u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Atom {
    Input(u32),
    Pi,
    Exp(Frac),
    Root(Frac),
    Ln(Frac),
    Apply(Op, Vec<Frac>),
}

impl Atom {
    pub(super) fn arguments(&self) -> &[Frac] {
        match self {
            Atom::Input(_) | Atom::Pi => &[],
            Atom::Exp(of) | Atom::Root(of) | Atom::Ln(of) => std::slice::from_ref(of),
            Atom::Apply(_, of) => of,
        }
    }
}

pub(super) fn constant(value: Coefficient) -> Frac {
    let top = if value.is_zero() { Poly::new() } else { Poly::from([(Monomial::new(), value)]) };
    Frac { top, below: BTreeMap::new() }
}

pub(super) fn integer(value: i64) -> Frac {
    constant(Coefficient::integer(value))
}

pub(super) fn half() -> Coefficient {
    Coefficient::rational(BigRational::new(1.into(), 2.into()))
}

impl Frac {
    pub(super) fn scaled(&self, by: &Coefficient) -> Frac {
        let top = self.top.iter().map(|(m, c)| (m.clone(), c.times(by))).collect();
        if by.is_zero() { Frac::default() } else { Frac { top, below: self.below.clone() } }
    }

    pub(super) fn negated(&self) -> Frac {
        self.scaled(&Coefficient::integer(-1))
    }

    pub(super) fn constant(&self) -> Option<Coefficient> {
        match self.top.first_key_value() {
            None => Some(Coefficient::integer(0)),
            Some((m, c)) => (m.is_empty() && self.top.len() == 1 && self.below.is_empty()).then(|| c.clone()),
        }
    }

    /// The polynomials above and below, and the atoms in them.
    pub(super) fn atoms(&self) -> impl Iterator<Item = &(u32, Coefficient)> {
        self.below.keys().chain([&self.top]).flat_map(|p| p.keys().flatten())
    }

    /// The multiple by a positive number that is the same for all of them, up to its sign, and whether that was turned.
    pub(super) fn direction(&self) -> (bool, Frac) {
        let lead = self.top.first_key_value().map_or_else(|| Coefficient::integer(1), |(_, c)| c.clone());
        let size = if lead.re.is_zero() { lead.im.abs() } else { lead.re.abs() };
        let turned = !lead.is_leading();
        let scale = Coefficient::rational(if turned { -size.recip() } else { size.recip() });
        (turned, self.scaled(&scale))
    }

    /// A number times something whose first coefficient is 1.
    pub(super) fn monic(&self) -> (Coefficient, Frac) {
        let lead = self.top.first_key_value().map_or_else(|| Coefficient::integer(1), |(_, c)| c.clone());
        let rest = self.scaled(&lead.inverse());
        (lead, rest)
    }
}

/// The number by which a polynomial has whole coefficients without a common divisor, the first one leading.
fn integral(p: &Poly) -> Coefficient {
    let (mut divisor, mut multiple) = (BigInt::zero(), BigInt::one());
    for part in p.values().flat_map(|c| [&c.re, &c.im]) {
        divisor = divisor.gcd(part.numer());
        multiple = multiple.lcm(part.denom());
    }
    let turned = p.first_key_value().is_some_and(|(_, c)| !c.is_leading());
    let scale = BigRational::new(multiple, divisor);
    Coefficient::rational(if turned { -scale } else { scale })
}

fn add_term(p: &mut Poly, m: Monomial, c: &Coefficient) {
    let sum = p.get(&m).map_or_else(|| c.clone(), |old| old.plus(c));
    if sum.is_zero() {
        p.remove(&m)
    } else {
        p.insert(m, sum)
    };
}

fn times(a: &Monomial, b: &Monomial) -> Monomial {
    let mut product: BTreeMap<u32, Coefficient> = a.iter().cloned().collect();
    for (k, e) in b {
        let sum = product.get(k).map_or_else(|| e.clone(), |old| old.plus(e));
        product.insert(*k, sum);
    }
    product.into_iter().filter(|(_, e)| !e.is_zero()).collect()
}

impl Checker {
    fn product(&mut self, a: &Poly, b: &Poly) -> Result<Poly> {
        self.work += (a.len() * b.len()) as u64;
        if self.work > MOST_WORK {
            return Err(Reject::TooLarge);
        }
        let mut product = Poly::new();
        for (m, c) in a {
            b.iter().for_each(|(n, d)| add_term(&mut product, times(m, n), &c.times(d)));
        }
        Ok(product)
    }

    pub(super) fn plus(&mut self, a: &Frac, b: &Frac) -> Result<Frac> {
        let (mut below, mut tops) = (a.below.clone(), [a.top.clone(), b.top.clone()]);
        b.below.iter().for_each(|(p, &n)| {
            let most = below.entry(p.clone()).or_insert(0);
            *most = n.max(*most);
        });
        for (p, &n) in &below {
            for (top, own) in tops.iter_mut().zip([&a.below, &b.below]) {
                for _ in own.get(p).copied().unwrap_or(0)..n {
                    *top = self.product(top, p)?;
                }
            }
        }
        let [mut top, other] = tops;
        other.into_iter().for_each(|(m, c)| add_term(&mut top, m, &c));
        self.reduced(Frac { top, below })
    }

    pub(super) fn times(&mut self, a: &Frac, b: &Frac) -> Result<Frac> {
        let mut below = a.below.clone();
        b.below.iter().for_each(|(p, n)| *below.entry(p.clone()).or_insert(0) += n);
        let top = self.product(&a.top, &b.top)?;
        self.reduced(Frac { top, below })
    }

    pub(super) fn minus(&mut self, a: &Frac, b: &Frac) -> Result<Frac> {
        self.plus(a, &b.negated())
    }

    /// Powers of a root from the first upwards are powers of what stands below it.
    fn reduced(&mut self, f: Frac) -> Result<Frac> {
        if f.top.is_empty() {
            return Ok(Frac::default());
        }
        let step = |atom: &Atom| match atom {
            Atom::Root(of) => Some((of.clone(), 1)),
            Atom::Apply(Op::Cbrt, of) => Some((of[0].clone(), 3)),
            _ => None,
        };
        let whole = |checker: &Checker, (k, e): &(u32, Coefficient)| {
            let (_, step) = step(&checker.atoms[*k as usize].0)?;
            Some((&e.re / BigRational::from_integer(step.into())).floor()).filter(|whole| !whole.is_zero())
        };
        // The latest first: the base of a root has only earlier atoms in it.
        let open = f.top.keys().flatten().filter(|power| whole(self, power).is_some()).map(|(k, _)| *k).max();
        let Some(k) = open else { return Ok(f) };
        let (base, step) = step(&self.atoms[k as usize].0).expect("a root");
        let mut groups: BTreeMap<BigRational, Poly> = BTreeMap::new();
        for (m, c) in f.top {
            let (mut m, mut group) = (m, BigRational::zero());
            if let Some(power) = m.iter_mut().find(|(n, _)| *n == k) {
                group = whole(self, power).unwrap_or_default();
                power.1 =
                    power.1.plus(&Coefficient::rational(-&group * BigRational::from_integer(step.into())));
            }
            m.retain(|(_, e)| !e.is_zero());
            add_term(groups.entry(group).or_default(), m, &c);
        }
        let mut sum = Frac::default();
        for (whole, top) in groups {
            let whole = i64::try_from(whole.to_integer()).map_err(|_| Reject::TooLarge)?;
            let factor = self.power(&base, whole)?;
            let term = self.times(&Frac { top, below: f.below.clone() }, &factor)?;
            sum = self.plus(&sum, &term)?;
        }
        Ok(sum)
    }

    pub(super) fn inverse(&mut self, a: &Frac) -> Result<Frac> {
        if a.top.is_empty() {
            return Err(Reject::Wrong("division by 0"));
        }
        // What divides every term is taken out; of an exponential, which is never 0, the lowest power.
        let mut content: BTreeMap<u32, Coefficient> = BTreeMap::new();
        for (k, _) in a.top.keys().flatten() {
            let of = |m: &Monomial| m.iter().find(|(n, _)| n == k).map(|(_, e)| e.clone());
            let lowest = a.top.keys().map(|m| of(m).unwrap_or(Coefficient::integer(0))).min();
            content.insert(*k, lowest.expect("a term").negated());
        }
        let inverse: Monomial = content.into_iter().filter(|(_, e)| !e.is_zero()).collect();
        let mut front =
            Frac { top: Poly::from([(inverse, Coefficient::integer(1))]), below: BTreeMap::new() };
        let divisor = Frac { top: self.product(&a.top, &front.top)?, below: BTreeMap::new() };
        let scale = match divisor.top.first_key_value() {
            Some((_, c)) if c.real().is_none() || divisor.top.len() == 1 => c.inverse(),
            _ => Coefficient::integer(1),
        };
        let scale = scale.times(&integral(&divisor.scaled(&scale).top));
        front = front.scaled(&scale);
        let divisor = divisor.scaled(&scale).top;
        let below = if divisor.len() == 1 { BTreeMap::new() } else { BTreeMap::from([(divisor, 1)]) };
        let mut top = front.top;
        for (p, &n) in &a.below {
            for _ in 0..n {
                top = self.product(&top, p)?;
            }
        }
        self.reduced(Frac { top, below })
    }

    pub(super) fn power(&mut self, a: &Frac, n: i64) -> Result<Frac> {
        if n < 0 {
            let inverse = self.inverse(a)?;
            return self.power(&inverse, n.checked_neg().ok_or(Reject::TooLarge)?);
        }
        if let (true, Some((m, c)), 1) = (a.below.is_empty(), a.top.first_key_value(), a.top.len())
            && (c.is_one() || n <= 64)
        {
            let m = m.iter().map(|(k, e)| (*k, e.times(&Coefficient::integer(n))));
            let mut power = Coefficient::integer(1);
            (0..if c.is_one() { 0 } else { n }).for_each(|_| power = power.times(c));
            let m = if n == 0 { Monomial::new() } else { m.collect() };
            return self.reduced(Frac { top: Poly::from([(m, power)]), below: BTreeMap::new() });
        }
        if n > 64 {
            return Err(Reject::TooLarge);
        }
        (0..n).try_fold(integer(1), |power, _| self.times(&power, a))
    }

    pub(super) fn equal(&mut self, a: &Frac, b: &Frac) -> Result<bool> {
        if a == b {
            return Ok(true);
        }
        let both = |s| self.ball(a, s).zip(self.ball(b, s));
        let apart = |s| both(s).is_some_and(|(a, b)| a.minus(b).is_apart());
        Ok(!(0..SAMPLES).any(apart) && self.minus(a, b)?.top.is_empty())
    }

    /// The atom, or what a step has put in its place.
    pub(super) fn atom(&mut self, atom: Atom, e: Coefficient) -> Result<Frac> {
        let kind = |a: &Atom| match a {
            Atom::Apply(op, _) => (5, *op as u32),
            Atom::Input(k) => (0, *k),
            Atom::Pi => (1, 0),
            Atom::Exp(_) => (2, 0),
            Atom::Root(_) => (3, 0),
            Atom::Ln(_) => (4, 0),
        };
        let mut found = None;
        for k in 0..self.atoms.len() {
            if kind(&self.atoms[k].0) == kind(&atom) {
                let known = self.atoms[k].0.arguments().to_vec();
                let mut same = known.iter().zip(atom.arguments()).map(|(a, b)| self.equal(a, b));
                if same.try_fold(true, |all, one| one.map(|one| all && one))? {
                    found = Some(k);
                    break;
                }
            }
        }
        let k = found.unwrap_or(self.atoms.len());
        if found.is_none() {
            let values = (0..SAMPLES).map(|s| self.atom_ball(&atom, s)).collect();
            self.atoms.push((atom, values));
        }
        if let Some(value) = self.replaced.get(&(k as u32, e.clone())) {
            return Ok(value.clone());
        }
        self.reduced(Frac {
            top: Poly::from([(vec![(k as u32, e)], Coefficient::integer(1))]),
            below: BTreeMap::new(),
        })
    }

    pub(super) fn exp(&mut self, w: &Frac) -> Result<Frac> {
        match w.constant() {
            Some(c) if c.is_zero() => Ok(integer(1)),
            Some(c) => self.atom(Atom::Exp(integer(1)), c),
            None => {
                let (lead, rest) = w.monic();
                self.atom(Atom::Exp(rest), lead)
            }
        }
    }

    pub(super) fn ln(&mut self, a: &Frac) -> Result<Frac> {
        if a.constant().is_some_and(|c| c.is_one()) {
            return Ok(Frac::default());
        }
        self.atom(Atom::Ln(a.clone()), Coefficient::integer(1))
    }

    /// A real power of what is not negative, or a whole one.
    pub(super) fn root(&mut self, a: &Frac, e: &Coefficient) -> Result<Frac> {
        let r = e.real().ok_or(Reject::Wrong("a complex power"))?;
        match r.is_integer() {
            true => self.power(a, i64::try_from(r.to_integer()).map_err(|_| Reject::TooLarge)?),
            false if a.top.is_empty() && r.is_positive() => Ok(Frac::default()),
            false if a.constant().is_some_and(|c| c.is_one()) => Ok(integer(1)),
            false => self.atom(Atom::Root(a.clone()), e.clone()),
        }
    }
}

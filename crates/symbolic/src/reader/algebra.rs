//! What formulas are made of here: products of powers of *atoms*, a sum being an atom itself.

use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::{CheckedAdd, CheckedMul, One, Signed, ToPrimitive, Zero};
use rustc_hash::{FxHashMap, FxHashSet};

use expr::{NodeId, Op};

/// The form becomes too large, or has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GiveUp;

pub(super) type Result<T> = std::result::Result<T, GiveUp>;

pub(super) type AtomId = u32;
pub(super) type Exponent = Ratio<i64>;
pub(super) type Powers = Vec<(AtomId, Exponent)>;

/// A number times powers of atoms, these in ascending order, no exponent zero; zero has no powers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Product {
    pub(super) number: BigRational,
    pub(super) powers: Powers,
}

/// What is not taken apart further.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Atom {
    /// A node that is written as it is: an input, a read, a size, π.
    Leaf(NodeId),
    /// A sum of several terms without common number, its first term positive unless a root wants it otherwise.
    Sum(Vec<Product>),
    /// A product below a root that cannot be drawn from its factors.
    Group(Product),
    /// e to a term with the number 1 or -1.
    Exp(Product),
    /// A base to a term with the number 1 that is no number.
    Power(Product, Product),
    /// A function.
    Apply(Op, Vec<Product>),
    /// A sum, product or iteration over an axis, or one result of it: the node as it was, over other children.
    Bound(NodeId, Vec<Product>),
}

/// How formulas are brought into a form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Mode {
    /// Sums are brought to a common denominator and multiplied out, and their common factors found.
    pub(super) common: bool,
    /// What squares of sines and cosines become.
    pub(super) circular: Circular,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Circular {
    #[default]
    Kept,
    /// `sin²` becomes `1 - cos²`; tangents become quotients.
    Cosines,
    /// `cos²` becomes `1 - sin²`; tangents become quotients.
    Sines,
}

/// All atoms met so far, and what is known of them.
#[derive(Debug, Default)]
pub(super) struct Algebra {
    pub(super) atoms: Vec<Atom>,
    ids: FxHashMap<Atom, AtomId>,
    pub(super) mode: Mode,
    /// Sums whose first term is negative because a root is taken of them.
    pub(super) preferred: FxHashSet<Vec<Product>>,
    /// Exponents of e that were met with a minus sign first.
    pub(super) falling: FxHashMap<Powers, bool>,
    /// Exponentials that the user wrote as powers of e.
    pub(super) powers_of_e: FxHashSet<AtomId>,
    /// Sums of squares of which the user wrote `hypot`.
    pub(super) hypots: FxHashMap<AtomId, [Product; 2]>,
    /// Terms of sums in the order in which the user wrote them.
    pub(super) orders: FxHashMap<AtomId, Vec<Product>>,
    /// Sums that the user wrote and that are products here, by their terms.
    pub(super) as_written: FxHashMap<Product, Vec<Product>>,
    /// Products that were multiplied out below a root.
    pub(super) shown: FxHashMap<AtomId, Product>,
    /// Whether decimals are written rather than fractions.
    pub(super) decimals: bool,
    /// The leaf that is π.
    pub(super) pi: Option<AtomId>,
    /// How many terms may still be made.
    pub(super) work: u64,
}

/// Exact numbers with more digits than this make no formula.
const MOST_BITS: u64 = 1_200;

impl Product {
    pub(super) fn number(number: BigRational) -> Product {
        Product { number, powers: Vec::new() }
    }

    pub(super) fn integer(value: i64) -> Product {
        Product::number(BigRational::from_integer(BigInt::from(value)))
    }

    pub(super) fn atom(id: AtomId) -> Product {
        Product { number: BigRational::one(), powers: vec![(id, Exponent::one())] }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.number.is_zero()
    }

    pub(super) fn is_one(&self) -> bool {
        self.powers.is_empty() && self.number.is_one()
    }

    pub(super) fn as_number(&self) -> Option<&BigRational> {
        self.powers.is_empty().then_some(&self.number)
    }

    /// The atom that it is, if it is one as it stands.
    pub(super) fn as_atom(&self) -> Option<AtomId> {
        match self.powers.as_slice() {
            [(id, e)] if e.is_one() && self.number.is_one() => Some(*id),
            _ => None,
        }
    }

    pub(super) fn scaled(mut self, by: &BigRational) -> Product {
        self.number *= by;
        if self.number.is_zero() {
            self.powers.clear();
        }
        self
    }

    pub(super) fn negated(self) -> Product {
        self.scaled(&-BigRational::one())
    }

    pub(super) fn exponent(&self, id: AtomId) -> Exponent {
        self.powers.iter().find(|(own, _)| *own == id).map_or(Exponent::zero(), |(_, e)| *e)
    }

    pub(super) fn without(mut self, id: AtomId) -> Product {
        self.powers.retain(|(own, _)| *own != id);
        self
    }
}

/// An exact number as an exponent; none when it is large.
pub(super) fn exponent(value: &BigRational) -> Option<Exponent> {
    let small = |value: &BigInt, bits: u32| value.to_i64().filter(|value| value.abs() < 1 << bits);
    Some(Ratio::new(small(value.numer(), 40)?, small(value.denom(), 20)?))
}

pub(super) fn rational(e: Exponent) -> BigRational {
    BigRational::new((*e.numer()).into(), (*e.denom()).into())
}

impl Algebra {
    pub(super) fn new(mode: Mode, decimals: bool, work: u64) -> Algebra {
        Algebra { mode, decimals, work, ..Algebra::default() }
    }

    pub(super) fn id(&mut self, atom: Atom) -> AtomId {
        if let Some(id) = self.ids.get(&atom) {
            return *id;
        }
        let id = self.atoms.len() as AtomId;
        self.atoms.push(atom.clone());
        self.ids.insert(atom, id);
        id
    }

    pub(super) fn get(&self, id: AtomId) -> &Atom {
        &self.atoms[id as usize]
    }

    pub(super) fn apply(&mut self, op: Op, arguments: Vec<Product>) -> Product {
        Product::atom(self.id(Atom::Apply(op, arguments)))
    }

    /// The atom that is the sign of another one, if it is known.
    pub(super) fn known_sign(&self, of: AtomId) -> Option<AtomId> {
        self.ids.get(&Atom::Apply(Op::Sign, vec![Product::atom(of)])).copied()
    }

    pub(super) fn spend(&mut self, terms: usize) -> Result<()> {
        self.work = self.work.checked_sub(terms as u64).ok_or(GiveUp)?;
        Ok(())
    }

    pub(super) fn times(&mut self, a: &Product, b: &Product) -> Result<Product> {
        self.spend(a.powers.len() + b.powers.len() + 1)?;
        let number = &a.number * &b.number;
        if number.is_zero() {
            return Ok(Product::integer(0));
        }
        if number.numer().bits() + number.denom().bits() > MOST_BITS {
            return Err(GiveUp);
        }
        let mut powers: Powers = Vec::with_capacity(a.powers.len() + b.powers.len());
        let (mut left, mut right) = (a.powers.iter().peekable(), b.powers.iter().peekable());
        loop {
            let next = match (left.peek(), right.peek()) {
                (None, None) => break,
                (Some((x, _)), Some((y, _))) if x == y => {
                    let (x, y) = (left.next().ok_or(GiveUp)?, right.next().ok_or(GiveUp)?);
                    (x.0, x.1.checked_add(&y.1).ok_or(GiveUp)?)
                }
                (Some((x, _)), Some((y, _))) => {
                    *if x < y { left.next() } else { right.next() }.ok_or(GiveUp)?
                }
                (Some(_), None) => *left.next().ok_or(GiveUp)?,
                (None, Some(_)) => *right.next().ok_or(GiveUp)?,
            };
            if !next.1.is_zero() {
                powers.push(next);
            }
        }
        self.settled(Product { number, powers })
    }

    pub(super) fn product(&mut self, factors: &[&Product]) -> Result<Product> {
        factors.iter().try_fold(Product::integer(1), |product, factor| self.times(&product, factor))
    }

    /// Takes apart what has become more than an atom: a whole power of a root, an even one of an absolute value.
    fn settled(&mut self, p: Product) -> Result<Product> {
        for &(id, e) in &p.powers {
            if !e.is_integer() {
                continue;
            }
            let e = e.to_integer();
            match self.get(id) {
                Atom::Group(inner) => {
                    let inner = inner.clone();
                    let power = self.whole_power(&inner, e)?;
                    return self.times(&p.without(id), &power);
                }
                Atom::Apply(Op::Abs, inner) if e.div_euclid(2) != 0 && inner[0].as_atom().is_some() => {
                    let inner = inner[0].clone();
                    let even = self.whole_power(&inner, 2 * e.div_euclid(2))?;
                    let mut rest = p.without(id);
                    if e.rem_euclid(2) == 1 {
                        rest = self.times(&rest, &Product::atom(id))?;
                    }
                    return self.times(&rest, &even);
                }
                _ => {}
            }
        }
        Ok(p)
    }

    pub(super) fn whole_power(&mut self, p: &Product, n: i64) -> Result<Product> {
        if n == 0 {
            return Ok(Product::integer(1));
        }
        if p.is_zero() {
            return if n > 0 { Ok(p.clone()) } else { Err(GiveUp) };
        }
        let bits = p.number.numer().bits().max(p.number.denom().bits());
        if !p.number.abs().is_one() && bits.saturating_mul(n.unsigned_abs()) > MOST_BITS {
            return Err(GiveUp);
        }
        let number = match p.number.abs().is_one() {
            true if n % 2 == 0 => p.number.abs(),
            true => p.number.clone(),
            false => num_traits::Pow::pow(&p.number, i32::try_from(n).map_err(|_| GiveUp)?),
        };
        let n = Exponent::from_integer(n);
        let scale = |&(id, e): &(AtomId, Exponent)| Some((id, e.checked_mul(&n)?));
        let powers = p.powers.iter().map(scale).collect::<Option<Powers>>().ok_or(GiveUp)?;
        self.settled(Product { number, powers })
    }

    pub(super) fn inverse(&mut self, p: &Product) -> Result<Product> {
        self.whole_power(p, -1)
    }

    /// Whether an atom is positive wherever it is defined.
    pub(super) fn is_positive(&self, id: AtomId) -> bool {
        match self.get(id) {
            Atom::Exp(_) => true,
            Atom::Leaf(_) => self.pi == Some(id),
            Atom::Apply(op, _) => matches!(op, Op::Cosh | Op::Sigmoid | Op::Softplus | Op::Expmsq | Op::Erfc),
            Atom::Power(base, _) => self.is_positive_product(base),
            Atom::Sum(terms) => {
                let not_negative = |term: &Product| {
                    let even = |&(id, e): &(AtomId, Exponent)| e.numer() % 2 == 0 || self.is_positive(id);
                    term.number.is_positive() && term.powers.iter().all(even)
                };
                terms.iter().all(not_negative) && terms.iter().any(|term| self.is_positive_product(term))
            }
            Atom::Group(_) | Atom::Bound(..) => false,
        }
    }

    pub(super) fn is_positive_product(&self, p: &Product) -> bool {
        p.number.is_positive() && p.powers.iter().all(|&(id, _)| self.is_positive(id))
    }
}

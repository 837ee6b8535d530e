//! Roots, exponentials, general powers, and the functions that have laws of their own.

use num_rational::BigRational;
use num_traits::{CheckedMul, One, Signed, Zero};

use expr::Op;

use super::algebra::{
    Algebra, Atom, AtomId, Circular, Exponent, GiveUp, Powers, Product, Result, exponent, rational,
};

/// Products below a root are multiplied out as long as they have no more terms than this.
const MOST_MULTIPLIED: usize = 12;

impl Algebra {
    /// A power with a constant exponent.
    pub(super) fn power(&mut self, p: &Product, r: Exponent) -> Result<Product> {
        if r.is_integer() {
            return self.whole_power(p, r.to_integer());
        }
        if p.is_zero() {
            return if r > Exponent::zero() { Ok(p.clone()) } else { Err(GiveUp) };
        }
        if let Some(number) = p.as_number() {
            return self.root_of_number(number, r);
        }
        // What is positive comes out of the root, everything else stays below it.
        let (outer, mut inner): (Powers, Powers) = p.powers.iter().partition(|(id, _)| self.is_positive(*id));
        let scale = |(id, e): (AtomId, Exponent)| Some((id, e.checked_mul(&r)?));
        let outer = outer.into_iter().map(scale).collect::<Option<Powers>>().ok_or(GiveUp)?;
        let mut outer = Product { number: BigRational::one(), powers: outer };
        let mut number = p.number.clone();
        if inner.is_empty() {
            let root = self.root_of_number(&number, r)?;
            return self.times(&outer, &root);
        }
        if let Some(root) = exact_root(&number.abs(), r) {
            outer = outer.scaled(&root);
            number = number.signum();
        }
        // A sum whose sign makes the number below the root positive.
        if number.is_negative()
            && let Some(place) = inner.iter().position(|(id, e)| {
                e.is_integer() && e.numer() % 2 != 0 && matches!(self.get(*id), Atom::Sum(_))
            })
        {
            inner[place].0 = self.turned(inner[place].0);
            number = -number;
        }
        let under = Product { number, powers: inner };
        let base = match under.powers.as_slice() {
            [(id, e)] if under.number.is_one() => Some((*id, *e)),
            powers if powers.iter().any(|(id, _)| matches!(self.get(*id), Atom::Sum(_))) => {
                self.multiplied_out(&under).map(|id| (id, Exponent::one()))
            }
            _ => None,
        };
        let root = match base {
            Some((id, e)) if e.is_integer() && e.numer() % 2 == 0 => {
                let size = self.absolute(&Product::atom(id))?;
                let e = e.checked_mul(&r).ok_or(GiveUp)?;
                self.power(&size, e)?
            }
            Some((id, e)) => {
                let e = e.checked_mul(&r).ok_or(GiveUp)?;
                Product { number: BigRational::one(), powers: vec![(id, e)] }
            }
            None => {
                let mut powers = under.powers.clone();
                powers.sort_unstable();
                let group = self.id(Atom::Group(Product { powers, ..under }));
                Product { number: BigRational::one(), powers: vec![(group, r)] }
            }
        };
        self.times(&outer, &root)
    }

    fn root_of_number(&mut self, number: &BigRational, r: Exponent) -> Result<Product> {
        if !number.is_positive() {
            return Err(GiveUp);
        }
        if let Some(root) = exact_root(number, r) {
            return Ok(Product::number(root));
        }
        let mut root = Product::integer(1);
        let parts = [(number.numer(), r), (number.denom(), -r)];
        for (part, r) in parts.into_iter().filter(|(part, _)| !part.is_one()) {
            let part = BigRational::from_integer(part.clone());
            let power = match exact_root(&part, r) {
                Some(exact) => Product::number(exact),
                None => {
                    let group = self.id(Atom::Group(Product::number(part)));
                    Product { number: BigRational::one(), powers: vec![(group, r)] }
                }
            };
            root = self.times(&root, &power)?;
        }
        Ok(root)
    }

    /// A sum with all signs changed, as an atom that will be preferred to the one it was.
    fn turned(&mut self, id: AtomId) -> AtomId {
        let Atom::Sum(terms) = self.get(id) else { return id };
        let turned: Vec<Product> = terms.iter().cloned().map(Product::negated).collect();
        self.preferred.insert(turned.clone());
        if let Some(order) = self.orders.get(&id).cloned() {
            let own = self.id(Atom::Sum(turned.clone()));
            self.orders.entry(own).or_insert_with(|| order.into_iter().map(Product::negated).collect());
        }
        self.id(Atom::Sum(turned))
    }

    /// A short polynomial product as a sum, so that what is written in different ways below roots becomes the same.
    fn multiplied_out(&mut self, p: &Product) -> Option<AtomId> {
        let whole = |&(id, e): &(AtomId, Exponent)| {
            e.is_integer() && *e.numer() > 0 && *e.numer() <= 4 && !matches!(self.get(id), Atom::Group(_))
        };
        if !p.powers.iter().all(whole) {
            return None;
        }
        let terms = self.expanded(p).ok().filter(|terms| terms.len() <= MOST_MULTIPLIED)?;
        if terms.len() < 2 {
            return None;
        }
        let sum: Vec<Product> =
            terms.into_iter().map(|(powers, number)| Product { number, powers }).collect();
        let found = self.sum_of(sum).ok()?;
        let [(id, e)] = found.powers.as_slice() else { return None };
        let id = match () {
            () if !e.is_one() => return None,
            () if found.number.is_one() => *id,
            () if (-&found.number).is_one() => self.turned(*id),
            () => return None,
        };
        // What is written with an atom is made of earlier ones, so that writing ends.
        if p.powers.iter().all(|(own, _)| *own < id) {
            self.shown.entry(id).or_insert_with(|| p.clone());
        }
        Some(id)
    }

    /// e to the power of something: one factor per term, so that what cancels does.
    pub(super) fn exponential(&mut self, u: &Product, as_power: bool) -> Result<Product> {
        let mut product = Product::integer(1);
        for term in self.terms_of(u) {
            let mut factor = self.exponential_of_term(&term, as_power)?;
            factor = self.times(&product, &factor)?;
            product = factor;
        }
        Ok(product)
    }

    /// The terms of a sum, or the only one.
    pub(super) fn terms_of(&self, u: &Product) -> Vec<Product> {
        if u.is_zero() {
            return Vec::new();
        }
        if let [(id, e)] = u.powers.as_slice()
            && e.is_one()
            && let Atom::Sum(terms) = self.get(*id)
        {
            return terms.iter().map(|term| term.clone().scaled(&u.number)).collect();
        }
        vec![u.clone()]
    }

    fn exponential_of_term(&mut self, term: &Product, as_power: bool) -> Result<Product> {
        if let [(id, e)] = term.powers.as_slice()
            && e.is_one()
            && let Atom::Apply(Op::Ln, of) = self.get(*id)
            && self.mode.common
            && let Some(r) = exponent(&term.number)
        {
            let of = of[0].clone();
            return self.power(&of, r);
        }
        let falling = *self.falling.entry(term.powers.clone()).or_insert(term.number.is_negative());
        let sign = if falling { -BigRational::one() } else { BigRational::one() };
        let (argument, e) = match exponent(&(&term.number * &sign)) {
            Some(e) => (Product { number: sign, powers: term.powers.clone() }, e),
            None => (term.clone(), Exponent::one()),
        };
        let id = self.id(Atom::Exp(argument));
        if as_power {
            self.powers_of_e.insert(id);
        }
        Ok(Product { number: BigRational::one(), powers: vec![(id, e)] })
    }

    /// A power whose exponent may be anything.
    pub(super) fn general_power(&mut self, base: &Product, by: &Product) -> Result<Product> {
        if let Some(number) = by.as_number() {
            if let Some(r) = exponent(number) {
                return self.power(base, r);
            }
            return Ok(self.apply(Op::Pow, vec![base.clone(), by.clone()]));
        }
        if base.is_one() {
            return Ok(Product::integer(1));
        }
        let exponentials = !base.powers.is_empty() && base.number.is_one();
        if exponentials && base.powers.iter().all(|(id, _)| matches!(self.get(*id), Atom::Exp(_))) {
            let as_power = base.powers.iter().any(|(id, _)| self.powers_of_e.contains(id));
            let of = self.logarithm(base)?;
            let of = self.times(&of, by)?;
            return self.exponential(&of, as_power);
        }
        let mut product = Product::integer(1);
        for term in self.terms_of(by) {
            let factor = match exponent(&term.number) {
                Some(r) if term.powers.is_empty() => self.power(base, r)?,
                Some(r) => {
                    let argument = Product { number: BigRational::one(), powers: term.powers };
                    let id = self.id(Atom::Power(base.clone(), argument));
                    Product { number: BigRational::one(), powers: vec![(id, r)] }
                }
                None => return Ok(self.apply(Op::Pow, vec![base.clone(), by.clone()])),
            };
            product = self.times(&product, &factor)?;
        }
        Ok(product)
    }

    pub(super) fn logarithm(&mut self, of: &Product) -> Result<Product> {
        if of.is_one() {
            return Ok(Product::integer(0));
        }
        let all = of.powers.iter().map(|&(id, e)| match self.get(id) {
            Atom::Exp(argument) => Some(argument.clone().scaled(&rational(e))),
            _ => None,
        });
        match all.collect::<Option<Vec<Product>>>() {
            Some(terms) if of.number.is_one() => self.sum_of(terms),
            _ => Ok(self.apply(Op::Ln, vec![of.clone()])),
        }
    }

    pub(super) fn absolute(&mut self, of: &Product) -> Result<Product> {
        if let Some(number) = of.as_number() {
            return Ok(Product::number(number.abs()));
        }
        if self.is_positive_product(&Product { number: BigRational::one(), ..of.clone() }) {
            return Ok(Product { number: of.number.abs(), ..of.clone() });
        }
        let inner = Product { number: BigRational::one(), ..of.clone() };
        // |u²| is u², and |u³| is u²·|u|.
        if let [(id, e)] = inner.powers.as_slice()
            && e.is_integer()
        {
            let (id, e) = (*id, e.to_integer());
            if let Atom::Apply(Op::Abs, _) = self.get(id) {
                return Ok(inner.scaled(&of.number.abs()));
            }
            let even = self.whole_power(&Product::atom(id), e - e.rem_euclid(2))?;
            let odd =
                if e % 2 == 0 { Product::integer(1) } else { self.apply(Op::Abs, vec![Product::atom(id)]) };
            // The sign has a name, should it be wanted when this is written.
            self.apply(Op::Sign, vec![Product::atom(id)]);
            return Ok(self.times(&even, &odd)?.scaled(&of.number.abs()));
        }
        let size = self.apply(Op::Abs, vec![inner]);
        Ok(size.scaled(&of.number.abs()))
    }

    /// The sign, as the quotient of the size and the number itself where that may cancel something.
    pub(super) fn sign(&mut self, of: &Product) -> Result<Product> {
        let inner = Product { number: BigRational::one(), ..of.clone() };
        match inner.as_atom() {
            Some(id) if !self.is_positive(id) => {
                let size = self.absolute(&inner)?;
                let below = self.inverse(&inner)?;
                Ok(self.times(&size, &below)?.scaled(&of.number.signum()))
            }
            _ => Ok(self.apply(Op::Sign, vec![of.clone()])),
        }
    }

    /// A function that is odd or even takes a sign out of its argument.
    pub(super) fn function(&mut self, op: Op, mut of: Product) -> Result<Product> {
        let negative = of.number.is_negative();
        let sign = is_odd(op) && negative;
        if matches!(op, Op::Cos | Op::Cosh | Op::Expmsq | Op::Sech) {
            of.number = of.number.abs();
        }
        if sign {
            of = of.negated();
        }
        let value = match (op, self.mode.circular) {
            // Of these two 0 is no argument.
            _ if of.is_zero()
                && (is_odd(op) && !matches!(op, Op::Csch | Op::Acsc)
                    || matches!(op, Op::Expm1 | Op::Log1p)) =>
            {
                of
            }
            (Op::Cos | Op::Cosh, _) if of.is_zero() => Product::integer(1),
            (Op::Tan, Circular::Cosines | Circular::Sines) => {
                let (sine, cosine) = (self.apply(Op::Sin, vec![of.clone()]), self.apply(Op::Cos, vec![of]));
                let below = self.inverse(&cosine)?;
                self.times(&sine, &below)?
            }
            (Op::Expmsq, _) if self.mode.common => {
                let square = self.whole_power(&of, 2)?;
                self.exponential(&square.negated(), false)?
            }
            _ => self.apply(op, vec![of]),
        };
        Ok(if sign { value.negated() } else { value })
    }
}

/// A rational power of a positive number, if it is rational.
fn exact_root(number: &BigRational, r: Exponent) -> Option<BigRational> {
    if number.is_one() {
        return Some(number.clone());
    }
    let (top, degree) = (i32::try_from(*r.numer()).ok()?, u32::try_from(*r.denom()).ok()?);
    if degree > 64 || top.unsigned_abs() > 64 || number.numer().bits() + number.denom().bits() > 400 {
        return None;
    }
    let root = |value: &num_bigint::BigInt| {
        let root = value.nth_root(degree);
        (num_traits::Pow::pow(&root, degree) == *value).then_some(root)
    };
    let root = BigRational::new(root(number.numer())?, root(number.denom())?);
    Some(num_traits::Pow::pow(&root, top))
}

/// Whether op(-a) = -op(a).
fn is_odd(op: Op) -> bool {
    use Op::{Acsc, Asin, Asinh, Atan, Atanh, Cbrt, Csch, Erf, Erfinv, Sin, Sinh, Tan, Tanh};
    matches!(op, Sin | Tan | Sinh | Tanh | Asin | Atan | Asinh | Atanh | Erf | Cbrt | Csch | Acsc | Erfinv)
}

//! One product as a fraction: a sign, what stands above the line, what stands below it.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use expr::{NodeId, Op};

use super::algebra::{Algebra, Atom, AtomId, Exponent, Powers, Product, Result, rational};
use super::write::{Rank, Writer};

/// A product that is ready to be written.
pub(super) struct Fraction {
    pub(super) negative: bool,
    number: BigRational,
    above: Vec<NodeId>,
    below: Vec<NodeId>,
}

/// What is written as one factor, and the exponent that decides on which side of the line.
struct Factor {
    rank: Rank,
    first: AtomId,
    node: NodeId,
    below: bool,
}

impl Fraction {
    /// The node; `signed` with the minus sign that it may have.
    pub(super) fn write(&self, writer: &Writer<'_>, signed: bool) -> Result<NodeId> {
        let negative = signed && self.negative;
        let (top, bottom) = match writer.is_literal(&self.number) {
            true => (self.number.clone(), BigRational::one()),
            false if self.above.is_empty() && self.below.is_empty() => {
                (self.number.clone(), BigRational::one())
            }
            false => {
                let part = |value: &BigInt| BigRational::from_integer(value.clone());
                (part(self.number.numer()), part(self.number.denom()))
            }
        };
        let mut above = Vec::new();
        if !top.is_one() || self.above.is_empty() {
            above.push(writer.number(&if negative { -top } else { top })?);
            above.extend(&self.above);
        } else {
            above.extend(&self.above);
            if negative {
                above[0] = writer.apply(Op::Neg, &[above[0]]);
            }
        }
        let mut below = Vec::new();
        if !bottom.is_one() {
            below.push(writer.number(&bottom)?);
        }
        below.extend(&self.below);
        let product = |factors: &[NodeId]| {
            factors.iter().copied().reduce(|product, factor| writer.apply(Op::Mul, &[product, factor]))
        };
        let above = product(&above).expect("there is a number or a factor");
        Ok(match product(&below) {
            Some(below) => writer.apply(Op::Div, &[above, below]),
            None => above,
        })
    }
}

impl Writer<'_> {
    /// The parts of a product.
    pub(super) fn fraction(&mut self, p: &Product) -> Result<Fraction> {
        self.spend(1 + p.powers.len())?;
        let mut number = p.number.clone();
        let mut powers = signs_of_sizes(self.algebra, &p.powers);
        let mut factors: Vec<Factor> = Vec::new();
        let turned = self.orientations(&mut number, &powers);
        if self.algebra.decimals && !number.is_integer() {
            self.multiply_into_sum(&mut number, &mut powers, &turned, &mut factors)?;
        }
        self.exponentials(&mut powers, &mut factors)?;
        self.general_powers(&mut powers, &mut factors)?;
        self.positive_roots(&mut powers, &mut factors)?;
        for (id, e) in powers {
            let below = e < Exponent::zero();
            let size = if below { -e } else { e };
            let hypot = self.algebra.hypots.get(&id).filter(|_| *e.denom() == 2).cloned();
            let node = match hypot {
                Some([a, b]) => {
                    let sides = [self.sum(&[a])?, self.sum(&[b])?];
                    let root = self.apply(Op::Hypot, &sides);
                    self.raised(root, size * 2)?
                }
                None => {
                    let base = self.atom(id, turned.contains(&id))?;
                    self.raised(base, size)?
                }
            };
            factors.push(Factor { rank: self.rank(id), first: id, node, below });
        }
        factors.sort_by_key(|factor| (factor.rank, factor.first));
        let side = |below: bool| factors.iter().filter(|f| f.below == below).map(|f| f.node).collect();
        Ok(Fraction {
            negative: number.is_negative(),
            number: number.abs(),
            above: side(false),
            below: side(true),
        })
    }

    /// Which sums are written with their signs changed, and what that does to the number: such that they begin without a minus
    /// sign, but first of all such that the product has none.
    fn orientations(&self, number: &mut BigRational, powers: &Powers) -> Vec<AtomId> {
        let mut turned = Vec::new();
        let sums =
            powers.iter().filter(|(id, e)| e.is_integer() && matches!(self.algebra.get(*id), Atom::Sum(_)));
        for (id, e) in sums.clone() {
            if self.begins_negative(*id) {
                turned.push(*id);
                if e.numer() % 2 != 0 {
                    *number = -number.clone();
                }
            }
        }
        if number.is_negative()
            && let Some((id, _)) = { sums }
                .filter(|(id, e)| e.numer() % 2 != 0 && self.is_mixed(*id))
                .min_by_key(|(_, e)| (e.numer().abs(), *e < Exponent::zero()))
        {
            *number = -number.clone();
            match turned.iter().position(|other| other == id) {
                Some(place) => {
                    turned.remove(place);
                }
                None => turned.push(*id),
            }
        }
        turned
    }

    /// A decimal is multiplied into a sum rather than written as a fraction before it.
    fn multiply_into_sum(
        &mut self,
        number: &mut BigRational,
        powers: &mut Powers,
        turned: &[AtomId],
        factors: &mut Vec<Factor>,
    ) -> Result<()> {
        let Some(place) =
            powers.iter().position(|(id, e)| e.is_one() && matches!(self.algebra.get(*id), Atom::Sum(_)))
        else {
            return Ok(());
        };
        let id = powers[place].0;
        let Atom::Sum(terms) = self.algebra.get(id) else { return Ok(()) };
        let terms = self.algebra.orders.get(&id).unwrap_or(terms);
        let by = if turned.contains(&id) { -number.abs() } else { number.abs() };
        let terms: Vec<Product> = terms.iter().map(|term| term.clone().scaled(&by)).collect();
        if terms.iter().any(|term| !self.is_literal(&term.number)) {
            return Ok(());
        }
        let node = self.sum(&terms)?;
        factors.push(Factor { rank: self.rank(id), first: id, node, below: false });
        powers.remove(place);
        *number = number.signum();
        Ok(())
    }

    /// All exponentials as one.
    fn exponentials(&mut self, powers: &mut Powers, factors: &mut Vec<Factor>) -> Result<()> {
        let (own, rest): (Powers, Powers) =
            powers.drain(..).partition(|(id, _)| matches!(self.algebra.get(*id), Atom::Exp(_)));
        *powers = rest;
        let groups: Vec<Powers> =
            if self.apart { own.chunks(1).map(<[_]>::to_vec).collect() } else { vec![own] };
        for own in groups {
            let Some(&(first, _)) = own.first() else { continue };
            // Below the line only where the text has them with the other sign, and something else stands above it.
            let alone = !powers.iter().any(|(_, e)| *e > Exponent::zero());
            let below = !alone && own.iter().all(|(_, e)| *e < Exponent::zero());
            let terms: Vec<Product> =
                own.iter().map(|&(id, e)| self.exponents(id, if below { -e } else { e })).collect();
            let argument = self.sum(&terms)?;
            let as_power = own.iter().any(|(id, _)| self.algebra.powers_of_e.contains(id));
            let node = match as_power {
                true => {
                    let e = self.builder.lift(&expr::Constant::E).id();
                    if terms.iter().all(Product::is_one) { e } else { self.raised_to(e, argument) }
                }
                false => self.apply(Op::Exp, &[argument]),
            };
            factors.push(Factor { rank: Rank::Power, first, node, below });
        }
        Ok(())
    }

    /// A power whose exponent is a node: an integer is one of another kind.
    fn raised_to(&self, base: NodeId, by: NodeId) -> NodeId {
        let whole = {
            let graph = self.builder.graph();
            matches!(graph.node(by), expr::Node::Const(c) if graph.constant(c).as_integer().is_some())
        };
        self.apply(if whole { Op::Powi } else { Op::Pow }, &[base, by])
    }

    /// Powers of one base as one, the base itself included.
    fn general_powers(&mut self, powers: &mut Powers, factors: &mut Vec<Factor>) -> Result<()> {
        while let Some(place) =
            powers.iter().position(|(id, _)| matches!(self.algebra.get(*id), Atom::Power(..)))
        {
            let first = powers[place].0;
            let Atom::Power(base, _) = self.algebra.get(first).clone() else { break };
            let same = |id: AtomId| matches!(self.algebra.get(id), Atom::Power(other, _) if *other == base);
            let (own, rest): (Powers, Powers) = powers.drain(..).partition(|(id, _)| same(*id));
            *powers = rest;
            let mut terms: Vec<Product> = own.iter().map(|&(id, e)| self.exponents(id, e)).collect();
            if let Some(id) = base.as_atom()
                && let Some(place) = powers.iter().position(|(own, e)| *own == id && e.is_integer())
            {
                terms.push(Product::number(rational(powers.remove(place).1)));
            }
            let below = terms.iter().all(|term| term.number.is_negative());
            if below {
                terms = terms.into_iter().map(Product::negated).collect();
            }
            let (base, by) = (self.inside(first, &base)?, self.sum(&terms)?);
            let node = self.apply(Op::Pow, &[base, by]);
            factors.push(Factor { rank: Rank::Power, first, node, below });
        }
        Ok(())
    }

    /// Square roots of what is positive as one, together with one more: `sqrt(2*pi)`.
    fn positive_roots(&mut self, powers: &mut Powers, factors: &mut Vec<Factor>) -> Result<()> {
        for side in [1, -1] {
            let half = Exponent::new(side, 2);
            let positive = |id: AtomId| {
                self.algebra.is_positive(id)
                    || matches!(self.algebra.get(id), Atom::Group(inner) if self.algebra.is_positive_product(inner))
            };
            let roots: Powers = powers
                .iter()
                .filter(|(id, e)| *e == half && !self.algebra.hypots.contains_key(id))
                .copied()
                .collect();
            let mut own: Vec<AtomId> = roots.iter().map(|(id, _)| *id).filter(|id| positive(*id)).collect();
            own.extend(roots.iter().map(|(id, _)| *id).find(|id| !positive(*id)));
            if own.len() < 2 || !own.iter().any(|id| positive(*id)) {
                continue;
            }
            powers.retain(|(id, _)| !own.contains(id));
            let mut under = Product::integer(1);
            for id in &own {
                match self.algebra.get(*id) {
                    Atom::Group(inner) if inner.powers.is_empty() => under.number *= &inner.number,
                    _ => under.powers.push((*id, Exponent::one())),
                }
            }
            under.powers.sort_unstable();
            let argument = self.product(&under)?;
            let node = self.apply(Op::Sqrt, &[argument]);
            let rank = own.iter().map(|id| self.rank(*id)).max().unwrap_or(Rank::Leaf);
            factors.push(Factor { rank, first: own[0], node, below: side < 0 });
        }
        Ok(())
    }
}

/// `|u|/u` is the sign of u, and `|u|/u²` is `1/|u|`.
fn signs_of_sizes(algebra: &Algebra, powers: &Powers) -> Powers {
    let mut powers = powers.clone();
    let size = |&(id, e): &(AtomId, Exponent)| match algebra.get(id) {
        Atom::Apply(Op::Abs, of) if e.is_one() => Some((id, of[0].as_atom()?)),
        _ => None,
    };
    for (id, of) in powers.clone().iter().filter_map(size) {
        let Some(place) =
            powers.iter().position(|(own, e)| *own == of && e.is_integer() && *e < Exponent::zero())
        else {
            continue;
        };
        let odd = powers[place].1.numer() % 2 != 0;
        powers[place].1 += if odd { 1 } else { 2 };
        let own = powers.iter().position(|(own, _)| *own == id);
        match (odd, own, algebra.known_sign(of)) {
            (true, Some(own), Some(sign)) => powers[own] = (sign, Exponent::one()),
            (false, Some(own), _) => powers[own].1 = -Exponent::one(),
            _ => powers[place].1 -= if odd { 1 } else { 2 },
        }
        powers.retain(|(_, e)| !e.is_zero());
    }
    powers
}

//! From products of powers of atoms to nodes, as people write them: numbers first, one sign, one fraction.

use std::cell::Cell;
use std::cmp::Reverse;

use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use rustc_hash::FxHashMap;

use expr::{Builder, Constant, Expr, Node, NodeId, Op, Scalar};

use super::algebra::{Algebra, Atom, AtomId, Exponent, GiveUp, Product, Result, rational};
use super::length::Lengths;

/// Decimals with more digits than this are written as fractions.
const MOST_DIGITS: usize = 20;

/// Writes products into a graph.
pub(super) struct Writer<'a> {
    pub(super) algebra: &'a Algebra,
    pub(super) builder: &'a Builder,
    pub(super) lengths: Lengths,
    atoms: FxHashMap<(AtomId, bool), NodeId>,
    /// Whether exponentials of different terms stay apart: `exp(x)*exp(exp(x))`.
    pub(super) apart: bool,
    /// How many factors may still be written, in all forms together.
    left: &'a Cell<u64>,
}

/// Where a factor stands in a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Constant,
    Leaf,
    ShortSum,
    Power,
    Function,
    Sum,
    /// The derivative of a part, in the steps of a derivation.
    Slope,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        algebra: &'a Algebra,
        builder: &'a Builder,
        apart: bool,
        left: &'a Cell<u64>,
    ) -> Writer<'a> {
        Writer { algebra, builder, lengths: Lengths::default(), atoms: FxHashMap::default(), apart, left }
    }

    /// What is asked for in many forms, or again and again inside itself, ends.
    pub(super) fn spend(&self, factors: usize) -> Result<()> {
        self.left.set(self.left.get().checked_sub(factors as u64).ok_or(GiveUp)?);
        Ok(())
    }

    pub(super) fn length(&mut self, id: NodeId) -> u64 {
        self.lengths.of(&self.builder.graph(), id)
    }

    pub(super) fn apply(&self, op: Op, arguments: &[NodeId]) -> NodeId {
        let arguments: Vec<Expr<'_>> = arguments.iter().map(|id| self.builder.handle(*id)).collect();
        Expr::apply(op, &arguments).id()
    }

    /// Writes what the product is made of, from the inside outwards, and then the product.
    pub(super) fn write(&mut self, terms: &[Product]) -> Result<NodeId> {
        let mut needed = std::collections::BTreeSet::new();
        let mut open: Vec<AtomId> = terms.iter().flat_map(|term| &term.powers).map(|(id, _)| *id).collect();
        while let Some(id) = open.pop() {
            if needed.insert(id) {
                let mut read = |p: &Product| open.extend(p.powers.iter().map(|(id, _)| *id));
                match self.algebra.get(id) {
                    Atom::Leaf(_) => {}
                    Atom::Sum(all) | Atom::Apply(_, all) | Atom::Bound(_, all) => {
                        all.iter().for_each(&mut read)
                    }
                    Atom::Group(p) | Atom::Exp(p) => read(p),
                    Atom::Power(a, b) => [a, b].into_iter().for_each(&mut read),
                }
                self.algebra.orders.get(&id).into_iter().flatten().for_each(&mut read);
                self.algebra.hypots.get(&id).into_iter().flatten().for_each(&mut read);
                self.algebra.shown.get(&id).into_iter().for_each(&mut read);
            }
        }
        for id in needed {
            self.atom(id, false)?;
        }
        self.sum(terms)
    }

    /// An atom, or a sum with all signs changed.
    pub(super) fn atom(&mut self, id: AtomId, negated: bool) -> Result<NodeId> {
        if let Some(node) = self.atoms.get(&(id, negated)) {
            return Ok(*node);
        }
        let node = match self.algebra.get(id).clone() {
            Atom::Leaf(node) => node,
            Atom::Sum(terms) => self.sum_atom(id, &terms, negated)?,
            Atom::Group(inner) => self.inside(id, &inner)?,
            // These are written together with their exponents.
            Atom::Exp(_) | Atom::Power(..) => self.sum(&[Product::atom(id)])?,
            Atom::Apply(op, of) => {
                let of = of.iter().map(|p| self.inside(id, p)).collect::<Result<Vec<NodeId>>>()?;
                self.apply(op, &of)
            }
            Atom::Bound(node, of) => {
                let of =
                    of.iter().map(|p| self.sum(std::slice::from_ref(p))).collect::<Result<Vec<NodeId>>>()?;
                self.bound(node, &of)
            }
        };
        self.atoms.insert((id, negated), node);
        Ok(node)
    }

    /// What stands in an atom, as the sum that the user wrote if it was one and is no longer so.
    pub(super) fn inside(&mut self, atom: AtomId, p: &Product) -> Result<NodeId> {
        let own = self.sum(std::slice::from_ref(p))?;
        // What has no sum in it is shorter than any sum: `2*x`, not `x + x`.
        let has_sum = p.powers.iter().any(|(id, _)| matches!(self.algebra.get(*id), Atom::Sum(_)));
        if let Some(terms) = self.algebra.as_written.get(p).filter(|_| has_sum)
            // Earlier atoms only, so that writing ends.
            && terms.iter().flat_map(|term| &term.powers).all(|(id, _)| *id < atom)
        {
            let other = self.sum_in_order(terms)?;
            if self.length(other) <= self.length(own) {
                return Ok(other);
            }
        }
        Ok(own)
    }

    /// A node that the algebra does not look into, over other children.
    fn bound(&self, node: NodeId, of: &[NodeId]) -> NodeId {
        let (kind, range) = {
            let graph = self.builder.graph();
            (graph.node(node), graph.scope(node).map(|scope| scope.range.clone()))
        };
        let of: Vec<Expr<'_>> = of.iter().map(|&id| self.builder.handle(id)).collect();
        match (kind, range) {
            (Node::Reduce(fold, ..), Some(range)) => self.builder.reduce(fold, range, of[0]).id(),
            (Node::Fold(fold, _), _) => self.builder.fold(fold, &of).id(),
            _ => node,
        }
    }

    /// A sum as its terms stand in the text, as far as that is no longer than what they come to.
    fn sum_atom(&mut self, id: AtomId, terms: &[Product], negated: bool) -> Result<NodeId> {
        let turned = |terms: &[Product]| -> Vec<Product> {
            terms.iter().map(|term| if negated { term.clone().negated() } else { term.clone() }).collect()
        };
        let mut best = self.sum_in_order(&self.sorted(turned(terms)))?;
        let mut consider = |writer: &mut Self, other: NodeId| {
            if writer.length(other) <= writer.length(best) {
                best = other;
            }
        };
        if let Some(order) = self.algebra.orders.get(&id) {
            let other = self.sum_in_order(&turned(order))?;
            consider(self, other);
        }
        if let Some(shown) = self.algebra.shown.get(&id).filter(|_| !negated) {
            let other = self.product(shown)?;
            if self.length(other) < self.length(best) {
                best = other;
            }
        }
        Ok(best)
    }

    /// Terms of a sum from the highest power down, a positive one first.
    pub(super) fn sorted(&self, mut terms: Vec<Product>) -> Vec<Product> {
        terms.sort_by_cached_key(|term| self.key(term));
        terms
    }

    fn key(&self, term: &Product) -> impl Ord + use<> {
        let leaves: Vec<(AtomId, Reverse<Exponent>)> = term
            .powers
            .iter()
            .filter(|(id, _)| self.rank(*id) == Rank::Leaf)
            .map(|(id, e)| (*id, Reverse(*e)))
            .collect();
        let others: Vec<(AtomId, Exponent)> =
            term.powers.iter().filter(|(id, _)| self.rank(*id) != Rank::Leaf).copied().collect();
        (Reverse(self.degree(term)), term.powers.is_empty(), leaves, Reverse(others.len()), others)
    }

    /// The degree in what is written as a name.
    fn degree(&self, p: &Product) -> i64 {
        // In hundredths: only the order counts.
        let hundredths = |e: Exponent| (e.numer().saturating_mul(100)) / e.denom();
        let of = |&(id, e): &(AtomId, Exponent)| match self.algebra.get(id) {
            Atom::Leaf(_) if self.algebra.pi != Some(id) => hundredths(e),
            Atom::Sum(_) if e.is_integer() => hundredths(e),
            _ => 0,
        };
        p.powers.iter().map(of).fold(0, i64::saturating_add)
    }

    pub(super) fn rank(&self, id: AtomId) -> Rank {
        match self.algebra.get(id) {
            Atom::Leaf(_) if self.algebra.pi == Some(id) => Rank::Constant,
            Atom::Leaf(node) if self.is_primed(*node) => Rank::Slope,
            Atom::Leaf(_) => Rank::Leaf,
            Atom::Group(p) if p.powers.iter().all(|(id, _)| self.rank(*id) == Rank::Constant) => {
                Rank::Constant
            }
            Atom::Group(_) => Rank::Leaf,
            Atom::Sum(terms) => {
                let plain = |p: &Product| p.powers.iter().all(|(id, _)| self.rank(*id) <= Rank::Leaf);
                if terms.iter().all(plain) { Rank::ShortSum } else { Rank::Sum }
            }
            Atom::Exp(_) | Atom::Power(..) => Rank::Power,
            Atom::Apply(..) | Atom::Bound(..) => Rank::Function,
        }
    }

    /// Whether an input stands for the derivative of something: `(x^2)'`.
    fn is_primed(&self, node: NodeId) -> bool {
        let graph = self.builder.graph();
        matches!(graph.node(node), Node::Input(block, _) if graph.block(block).name.ends_with(")'"))
    }

    /// A sum of products; of one, the product.
    pub(super) fn sum(&mut self, terms: &[Product]) -> Result<NodeId> {
        match terms {
            [] => self.number(&BigRational::zero()),
            [one] => self.product(one),
            _ => self.sum_in_order(&self.sorted(terms.to_vec())),
        }
    }

    fn sum_in_order(&mut self, terms: &[Product]) -> Result<NodeId> {
        let parts = terms.iter().map(|term| self.fraction(term)).collect::<Result<Vec<_>>>()?;
        let first = parts.iter().position(|part| !part.negative).unwrap_or(0);
        let mut sum = parts[first].write(self, true)?;
        for (_, part) in parts.iter().enumerate().filter(|(k, _)| *k != first) {
            let term = part.write(self, false)?;
            sum = self.apply(if part.negative { Op::Sub } else { Op::Add }, &[sum, term]);
        }
        Ok(sum)
    }

    pub(super) fn product(&mut self, p: &Product) -> Result<NodeId> {
        // A number is multiplied into a sum that stands alone, where that is no longer.
        if let [(id, e)] = p.powers.as_slice()
            && e.is_one()
            && let Atom::Sum(terms) = self.algebra.get(*id)
        {
            if p.number.is_one() {
                return self.atom(*id, false);
            }
            if (-&p.number).is_one() {
                return self.atom(*id, true);
            }
            let terms = match self.algebra.orders.get(id) {
                Some(order) => order.clone(),
                None => self.sorted(terms.clone()),
            };
            let into: Vec<Product> = terms.into_iter().map(|term| term.scaled(&p.number)).collect();
            let multiplied = self.sum_in_order(&into)?;
            let factored = self.fraction(p)?.write(self, true)?;
            let shorter = self.length(multiplied) <= self.length(factored);
            return Ok(if shorter || self.algebra.decimals && !p.number.is_integer() {
                multiplied
            } else {
                factored
            });
        }
        self.fraction(p)?.write(self, true)
    }

    /// A power with a positive exponent.
    pub(super) fn raised(&mut self, base: NodeId, e: Exponent) -> Result<NodeId> {
        if e.is_one() {
            return Ok(base);
        }
        if e == Exponent::new(1, 2) {
            return Ok(self.apply(Op::Sqrt, &[base]));
        }
        let by = self.number(&rational(e))?;
        Ok(self.apply(if e.is_integer() { Op::Powi } else { Op::Pow }, &[base, by]))
    }

    pub(super) fn integer(&self, value: i64) -> NodeId {
        self.builder.lift(&Constant::Integer(value)).id()
    }

    /// An exact number: an integer, a decimal where the function has such, or a fraction.
    pub(super) fn number(&self, number: &BigRational) -> Result<NodeId> {
        if let Some(constant) = decimal(number).filter(|_| self.algebra.decimals || number.is_integer()) {
            return Ok(self.builder.lift(&constant).id());
        }
        let part = |value: &num_bigint::BigInt| {
            value
                .to_i64()
                .filter(|value| value.abs() < 1_000_000_000_000_000)
                .map(|value| self.integer(value))
        };
        match (part(number.numer()), part(number.denom())) {
            (Some(top), Some(below)) => Ok(self.apply(Op::Div, &[top, below])),
            _ => decimal(number).map(|constant| self.builder.lift(&constant).id()).ok_or(GiveUp),
        }
    }

    /// Whether an exact number is written as one literal.
    pub(super) fn is_literal(&self, number: &BigRational) -> bool {
        number.is_integer() || self.algebra.decimals && decimal(number).is_some()
    }

    /// Whether a sum begins, as it is written, with a minus sign unless its terms change places.
    pub(super) fn begins_negative(&self, id: AtomId) -> bool {
        let Atom::Sum(terms) = self.algebra.get(id) else { return false };
        match self.algebra.orders.get(&id) {
            Some(order) => order.first().is_some_and(|term| term.number.is_negative()),
            None => self.sorted(terms.clone()).first().is_some_and(|term| term.number.is_negative()),
        }
    }

    /// Whether a sum has terms of both signs.
    pub(super) fn is_mixed(&self, id: AtomId) -> bool {
        let Atom::Sum(terms) = self.algebra.get(id) else { return false };
        terms.iter().any(|term| term.number.is_negative())
            && terms.iter().any(|term| term.number.is_positive())
    }

    /// The terms of an exponent, each with the exponent of its atom multiplied in.
    pub(super) fn exponents(&self, id: AtomId, e: Exponent) -> Product {
        match self.algebra.get(id) {
            Atom::Exp(argument) | Atom::Power(_, argument) => argument.clone().scaled(&rational(e)),
            _ => Product::integer(1),
        }
    }
}

/// A number as one decimal, if it is one of not too many digits.
pub(super) fn decimal(number: &BigRational) -> Option<Constant> {
    let (mut below, mut digits, mut power) = (number.denom().clone(), number.numer().clone(), 0i32);
    for (factor, other) in [(2, 5), (5, 2)] {
        loop {
            let (quotient, left) = below.div_rem(&factor.into());
            if !left.is_zero() {
                break;
            }
            below = quotient;
            digits *= other;
            power -= 1;
        }
    }
    let text = format!("{digits}");
    if !below.is_one() || text.trim_start_matches('-').trim_end_matches('0').len() > MOST_DIGITS {
        return None;
    }
    Constant::parse(&format!("{text}e{power}")).ok()
}

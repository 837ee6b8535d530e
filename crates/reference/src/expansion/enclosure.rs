//! Signs and doubles of exact numbers: by their normal form, or by enclosures of their kernels.

use expr::{Calculus, Fold, Op, Scalar};

use super::exact::{Definition, Exact, Field, Kernel};
use crate::interval::Interval;

impl<'w> Field<'w> {
    /// -1, 0 or 1 where that is certain: 0 by the normal form, else by an enclosure that excludes 0.
    pub(crate) fn sign(&mut self, a: &Exact) -> Option<i8> {
        if let Some(value) = a.as_rational() {
            return Some(value.sign());
        }
        if let Some(&known) = self.signs.get(a) {
            return known;
        }
        let mut found = self.sign_at(a, 0);
        if found.is_none() && self.cleared(a).is_some_and(|cleared| cleared.is_empty()) {
            found = Some(0);
        }
        for level in 1..self.worlds.len() {
            if found.is_some() || self.is_exhausted() {
                break;
            }
            found = self.sign_at(a, level);
        }
        if self.is_exhausted() {
            return None;
        }
        self.signs.insert(a.clone(), found);
        found
    }

    fn sign_at(&mut self, a: &Exact, level: usize) -> Option<i8> {
        let interval = self.enclosed(a, level);
        match (interval.is_positive(), interval.is_negative()) {
            _ if self.is_exhausted() => None,
            (true, _) => Some(1),
            (_, true) => Some(-1),
            _ => None,
        }
    }

    /// An interval at the lowest precision that decides its double, or at the highest, with its bits.
    pub(crate) fn narrow(&mut self, a: &Exact) -> (Interval<'w>, usize) {
        let mut level = 0;
        loop {
            let interval = self.enclosed(a, level);
            if interval.decided().is_some() || level + 1 == self.worlds.len() || self.is_exhausted() {
                return (interval, self.worlds[level].bits);
            }
            level += 1;
        }
    }

    /// An interval that holds the number.
    pub(crate) fn enclosed(&mut self, a: &Exact, level: usize) -> Interval<'w> {
        let context = &self.worlds[level];
        self.enclose_kernels(a, level);
        if self.is_exhausted() {
            return Interval::entire(context);
        }
        let terms: Vec<Interval<'w>> = a
            .terms
            .iter()
            .map(|(monomial, coefficient)| {
                let powers = monomial
                    .iter()
                    .map(|&(kernel, power)| self.enclosure_of(kernel, level).to_the(power.into()));
                powers.fold(coefficient.enclosed(context), |product, power| product * power)
            })
            .collect();
        Interval::fold(Fold::Sum, context, &terms)
    }

    fn enclosure_of(&self, kernel: Kernel, level: usize) -> Interval<'w> {
        self.enclosures[level][kernel.0 as usize].clone().expect("it was enclosed before")
    }

    /// Encloses all kernels that the number is made of, without recursion: definitions may nest as deep as the graph.
    fn enclose_kernels(&mut self, a: &Exact, level: usize) {
        let count = self.definitions.len();
        self.enclosures[level].resize(count, None);
        let mut open: Vec<Kernel> = a.kernels().collect();
        while let Some(&kernel) = open.last() {
            if self.enclosures[level][kernel.0 as usize].is_some() || self.is_exhausted() {
                open.pop();
                continue;
            }
            let missing = |k: &Kernel| self.enclosures[level][k.0 as usize].is_none();
            let below: Vec<Kernel> = match self.definition(kernel) {
                Definition::Pi => Vec::new(),
                Definition::Exp(a) | Definition::Ln(a) | Definition::Sin(a) | Definition::Cos(a) => {
                    a.kernels().filter(missing).collect()
                }
                Definition::Root(a, _)
                | Definition::Sum(a)
                | Definition::Value(_, a)
                | Definition::Order(_, a, _) => a.kernels().filter(missing).collect(),
            };
            if !below.is_empty() {
                open.extend(below);
                continue;
            }
            open.pop();
            let bits = self.worlds[level].bits;
            self.charge(bits * bits / 2048 + 8);
            let enclosure = self.enclose(kernel, level);
            self.enclosures[level][kernel.0 as usize] = Some(enclosure);
        }
    }

    /// Of a kernel whose argument is made of enclosed ones.
    fn enclose(&mut self, kernel: Kernel, level: usize) -> Interval<'w> {
        let context = &self.worlds[level];
        match self.definition(kernel).clone() {
            Definition::Pi => Interval::pi(context),
            Definition::Exp(a) => self.enclosed(&a, level).exp(),
            Definition::Ln(a) => self.enclosed(&a, level).ln(),
            Definition::Sin(a) => self.enclosed(&a, level).sin(),
            Definition::Cos(a) => self.enclosed(&a, level).cos(),
            Definition::Sum(a) => self.enclosed(&a, level),
            Definition::Value(op, a) => Interval::apply(op, &[self.enclosed(&a, level)]),
            Definition::Order(op, a, order) => {
                Interval::apply(op, &[self.enclosed(&a, level), Interval::integer(context, order.into())])
            }
            Definition::Root(a, 2) => self.enclosed(&a, level).root(),
            Definition::Root(a, 3) => Interval::apply(Op::Cbrt, &[self.enclosed(&a, level)]),
            Definition::Root(a, n) => {
                let power = Interval::integer(context, 1) / Interval::integer(context, n.into());
                (Calculus::ln(self.enclosed(&a, level)) * power).exp()
            }
        }
    }
}

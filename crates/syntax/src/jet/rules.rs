//! What operators do to jets, by the operator table.

use super::{Jet, Jets, What};
use expr::{Constant, Expr, Fold, Op, fold};
use expr::{Node, NodeId};

impl Jets<'_> {
    pub(super) fn apply(&self, op: Op, arguments: &[What]) -> What {
        let level = arguments.iter().map(|&what| self.level(what)).max().unwrap_or(0);
        if level == 0 {
            let mut ids = [NodeId::default(); 3];
            for (id, what) in ids.iter_mut().zip(arguments) {
                let What::Plain(plain) = *what else { unreachable!("there is no level") };
                *id = plain;
            }
            return What::Plain(self.builder.apply_as(op, &ids[..arguments.len()], self.style.get()));
        }
        let mut key = [arguments[0]; 3];
        key[..arguments.len()].copy_from_slice(arguments);
        let key = (op, key, self.style.get());
        if let Some(&known) = self.known.borrow().get(&key) {
            return known;
        }
        let order =
            arguments.iter().filter(|&&what| self.level(what) == level).map(|&what| self.order(what)).max();
        let order = order.expect("one of them has the level");
        let parts: Vec<Vec<What>> = arguments.iter().map(|&what| self.coefficients(what, level)).collect();
        let made = self.make(level, order, self.parts(op, arguments, &parts, level, order));
        self.known.borrow_mut().insert(key, made);
        made
    }

    /// The value of an operator and its derivatives.
    pub(super) fn parts(
        &self,
        op: Op,
        arguments: &[What],
        parts: &[Vec<What>],
        level: u32,
        order: u32,
    ) -> Vec<What> {
        let heads: Vec<What> = parts.iter().map(|part| part[0]).collect();
        let value = self.apply(op, &heads);
        if op == Op::Select {
            // Derivatives of the branch that is taken; those of the other may well be undefined.
            let part = |k: usize, c: usize| parts[k].get(c).copied().unwrap_or_else(|| self.zero());
            let longest = parts[1].len().max(parts[2].len());
            let branch = |c: usize| self.derived(|| self.apply(op, &[heads[0], part(1, c), part(2, c)]));
            return std::iter::once(value).chain((1..longest).map(branch)).collect();
        }
        let moves = (0..arguments.len()).filter(|&k| op.has_slope(k) && parts[k].len() > 1);
        let wanted = moves.fold(0u8, |wanted, k| wanted | 1 << k);
        if wanted == 0 {
            return vec![value];
        }
        if op == Op::Mul && order > 1 {
            return self.product(value, &parts[0], &parts[1], order);
        }
        let (lower, slopes) = self.split(parts, level, order);
        let result = if order == 1 { value } else { self.apply(op, &lower) };
        let derivative = self.derived(|| {
            let lower: Vec<Jet<'_>> = lower.iter().map(|&what| self.of(what)).collect();
            let one = self.of(What::Plain(self.builder.lift(&Constant::Integer(1)).id()));
            let mut terms: Vec<What> = Vec::new();
            op.pull_back(wanted, &lower, &self.of(result), &one, |k: usize, local: Jet<'_>| {
                terms.push(self.scaled(local.what, slopes[k]));
            });
            terms.into_iter().reduce(|sum, term| self.apply(Op::Add, &[sum, term]))
        });
        let derivative = derivative.unwrap_or_else(|| self.zero());
        std::iter::once(value).chain(self.coefficients(derivative, level)).collect()
    }

    /// A product and its derivatives by Leibniz's rule: what the rule of the table comes to, its equal terms counted.
    pub(super) fn product(&self, value: What, a: &[What], b: &[What], order: u32) -> Vec<What> {
        self.derived(|| {
            let mut parts = vec![value];
            let mut binomials: Vec<f64> = vec![1.0];
            for c in 1..=order as usize {
                let row = { binomials.windows(2) }.map(|pair| pair[0] + pair[1]);
                binomials = std::iter::once(1.0).chain(row).chain([1.0]).collect();
                let terms = (0..=c).filter(|&j| j < b.len() && c - j < a.len()).map(|j| {
                    let product = self.apply(Op::Mul, &[a[c - j], b[j]]);
                    let count = What::Plain(self.builder.constant(binomials[j]).id());
                    self.apply(Op::Mul, &[count, product])
                });
                let sum = terms.reduce(|sum, term| self.apply(Op::Add, &[sum, term]));
                parts.push(sum.unwrap_or_else(|| self.zero()));
            }
            parts
        })
    }

    /// Arguments up to one order less, and their derivatives.
    pub(super) fn split(&self, parts: &[Vec<What>], level: u32, order: u32) -> (Vec<What>, Vec<What>) {
        let lower = parts.iter().map(|part| self.make(level, order - 1, part.clone())).collect();
        let slope = |part: &Vec<What>| match part.get(1..) {
            Some(rest) if !rest.is_empty() => self.make(level, order - 1, rest.to_vec()),
            _ => self.zero(),
        };
        (lower, parts.iter().map(slope).collect())
    }

    /// A local gradient times a derivative; within the branch, where the derivative is 0 outside it.
    pub(super) fn scaled(&self, local: What, derivative: What) -> What {
        if let What::Plain(id) = derivative {
            let node = self.builder.graph().node(id);
            if let Node::Ternary(Op::Select, [condition, a, b]) = node
                && self.is_zero(What::Plain(b))
            {
                let inside = self.scaled(local, What::Plain(a));
                return self.apply(Op::Select, &[What::Plain(condition), inside, What::Plain(b)]);
            }
        }
        self.apply(Op::Mul, &[local, derivative])
    }

    /// A sum, product or extreme of many.
    pub(super) fn fold(&self, kind: Fold, terms: &[What]) -> What {
        if kind.is_extreme() && terms.len() == 2 {
            return self.apply(kind.op(), terms);
        }
        let level = terms.iter().map(|&what| self.level(what)).max().unwrap_or(0);
        if level == 0 {
            let handle = |what: &What| match *what {
                What::Plain(id) => self.builder.handle(id),
                What::Deep(_) => unreachable!("there is no level"),
            };
            let terms: Vec<Expr<'_>> = terms.iter().map(handle).collect();
            return What::Plain(self.builder.fold(kind, &terms).id());
        }
        let order =
            { terms.iter() }.filter(|&&what| self.level(what) == level).map(|&what| self.order(what)).max();
        let order = order.expect("one of them has the level");
        let parts: Vec<Vec<What>> = terms.iter().map(|&what| self.coefficients(what, level)).collect();
        let heads: Vec<What> = parts.iter().map(|part| part[0]).collect();
        let value = self.fold(kind, &heads);
        let sum = |terms: Vec<What>| match *terms {
            [] => self.zero(),
            [a, b] => self.apply(Op::Add, &[a, b]),
            _ => self.fold(Fold::Sum, &terms),
        };
        let derivative = self.derived(|| {
            let (lower, slopes) = self.split(&parts, level, order);
            let result = if kind.is_extreme() { self.fold(kind, &lower) } else { value };
            let lower: Vec<Jet<'_>> = lower.iter().map(|&what| self.of(what)).collect();
            let one = self.of(What::Plain(self.builder.lift(&Constant::Integer(1)).id()));
            let mut found: Vec<What> = Vec::new();
            fold::pull_back(kind, &lower, &self.of(result), &one, |k, local: Jet<'_>| {
                if !self.is_zero(slopes[k]) {
                    found.push(self.scaled(local.what, slopes[k]));
                }
            });
            sum(found)
        });
        let rest = self.coefficients(derivative, level);
        self.make(level, order, std::iter::once(value).chain(rest).collect())
    }
}

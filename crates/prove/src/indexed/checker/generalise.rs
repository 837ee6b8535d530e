//! From terms without borders to scalar functions: what is not taken apart becomes a variable, the same one for the same term.
//!
//! An equality that holds for all values of the variables holds for those that they have. But the scalar prover leaves out
//! places where the sign of something is 0, and with elements at hand such a place may be everywhere: `n - 5` is 0 for all `x` at
//! `n = 5`, `x[j] - x[1]` at `j = 1`, a sum over `1..j-1` at `j = 1`. So what jumps at such a place becomes a variable as a
//! whole, unless only scalars and elements that are surely different ones are in it. Functions without a jump need no such care: what holds beside
//! the place holds at it.

use std::collections::BTreeMap;

use expr::index::Index;
use expr::{Builder, Expr, Fold, Function, NodeId, Op, Scalar, Style};

use super::super::term::Term;
use super::linear::Region;
use super::predicate::Predicate;

/// Both sides as outputs of a flat function; nothing when they cannot be. The names are for readers.
pub(crate) fn generalise(left: &Term, right: &Term, region: &Region, names: &[String]) -> Option<Function> {
    let builder = Builder::new(Style::Written);
    let mut lift = Lift { builder: &builder, region, names, variables: BTreeMap::new() };
    let outputs: Vec<NodeId> = vec![lift.term(left)?.id(), lift.term(right)?.id()];
    Some(builder.finish(outputs))
}

struct Lift<'g, 'a> {
    builder: &'g Builder,
    region: &'a Region,
    names: &'a [String],
    variables: BTreeMap<Term, Expr<'g>>,
}

impl<'g> Lift<'g, '_> {
    fn variable(&mut self, term: &Term) -> Expr<'g> {
        if let Some(known) = self.variables.get(term) {
            return *known;
        }
        // Two terms that look alike stay two variables.
        let mut name = match self.names {
            [] => format!("v{}", self.variables.len()),
            names => term.text(names),
        };
        while self.builder.graph().block_named(&name).is_some() {
            name.push('\'');
        }
        let variable = self.builder.input(&name);
        self.variables.insert(term.clone(), variable);
        variable
    }

    fn term(&mut self, term: &Term) -> Option<Expr<'g>> {
        Some(match term {
            Term::Index(form) => self.form(form)?,
            Term::Constant(constant) => self.builder.lift(constant),
            Term::Scalar(_) | Term::Read(..) | Term::Reduce(..) => self.variable(term),
            Term::Fold(fold, terms) => {
                let terms = terms.iter().map(|term| self.term(term)).collect::<Option<Vec<_>>>()?;
                self.builder.fold(*fold, &terms)
            }
            Term::Apply(Op::Powi, of) if of[1].as_integer().is_none() => self.power(term, of)?,
            Term::Apply(op, of) => {
                let jumping = match op {
                    Op::Select => of.first(),
                    op if jumps(*op) => Some(term),
                    _ => None,
                };
                if jumping.is_some_and(|of| !self.is_free_to_vary(of)) {
                    return Some(self.variable(term));
                }
                let of = of.iter().map(|term| self.term(term)).collect::<Option<Vec<_>>>()?;
                Expr::apply(*op, &of)
            }
        })
    }

    /// A whole power with an index in its exponent: what is added to the exponent as a number is a factor of its own.
    fn power(&mut self, term: &Term, of: &[Term]) -> Option<Expr<'g>> {
        let Term::Index(exponent) = &of[1] else { return Some(self.variable(term)) };
        let added = exponent.terms().iter().find(|(symbols, _)| symbols.is_empty()).map_or(0, |term| term.1);
        let rest = Term::Index(exponent.minus(&added.into())?);
        let power = self.variable(&Term::Apply(Op::Powi, vec![of[0].clone(), rest]));
        if added == 0 {
            return Some(power);
        }
        let base = self.term(&of[0])?;
        let added = self.builder.lift(&expr::Constant::Integer(added));
        Some(power * Expr::apply(Op::Powi, &[base, added]))
    }

    fn form(&mut self, form: &Index) -> Option<Expr<'g>> {
        let integer = |value: i64| {
            (value.unsigned_abs() < 1_000_000_000_000_000)
                .then(|| self.builder.lift(&expr::Constant::Integer(value)))
        };
        let mut terms = Vec::new();
        for (symbols, factor) in form.terms() {
            let mut factors = vec![integer(*factor)?];
            for &symbol in symbols {
                factors.push(self.variable(&Term::Index(Index::from(symbol))));
            }
            terms.push(self.builder.fold(Fold::Product, &factors));
        }
        Some(self.builder.fold(Fold::Sum, &terms))
    }

    /// Whether everything in a term can take all values whatever the others are: scalars, and elements that are surely different.
    fn is_free_to_vary(&self, term: &Term) -> bool {
        let mut reads: Vec<(&String, &Vec<Index>)> = Vec::new();
        let mut todo = vec![term];
        while let Some(term) = todo.pop() {
            match term {
                Term::Index(form) if form.as_constant().is_none() => return false,
                Term::Reduce(..) => return false,
                Term::Read(block, position) if !reads.contains(&(block, position)) => {
                    reads.push((block, position));
                }
                _ => todo.extend(term.children()),
            }
        }
        let apart = |a: &Index, b: &Index| {
            a.minus(b).is_some_and(|d| Predicate::Zero(d).decided(self.region) == Some(false))
        };
        reads.iter().enumerate().all(|(k, (block, position))| {
            reads[..k]
                .iter()
                .all(|(other, place)| other != block || position.iter().zip(*place).any(|(a, b)| apart(a, b)))
        })
    }
}

/// Operators that jump: their values on both sides of a place say nothing of that at it.
fn jumps(op: Op) -> bool {
    use Op::*;
    matches!(op, Sign | Floor | Ceil | Round | Trunc | Atan2 | Lt | Le | Gt | Ge | Eq | Ne | Select)
}

/// Elements of one block that may be the same one, in something that jumps: they are told apart by cases.
pub(crate) fn may_coincide(term: &Term, region: &Region) -> Option<Predicate> {
    let reads = |of: &Term| {
        let (mut found, mut todo) = (Vec::new(), vec![of.clone()]);
        while let Some(term) = todo.pop() {
            match &term {
                Term::Read(block, position) => found.push((block.clone(), position.clone())),
                Term::Reduce(..) => {}
                _ => todo.extend(term.children().iter().cloned()),
            }
        }
        found
    };
    match term {
        Term::Reduce(..) => None,
        Term::Apply(op, of) if jumps(*op) => {
            let found = reads(if *op == Op::Select { &of[0] } else { term });
            let pairs = found.iter().enumerate().flat_map(|(k, a)| found[..k].iter().map(move |b| (a, b)));
            let mut undecided = pairs.filter(|(a, b)| a.0 == b.0 && a.1 != b.1).filter_map(|(a, b)| {
                let differences: Option<Vec<Index>> = a.1.iter().zip(&b.1).map(|(a, b)| a.minus(b)).collect();
                let predicates: Vec<Predicate> = differences?.into_iter().map(Predicate::Zero).collect();
                let decided: Vec<_> = predicates.iter().map(|zero| zero.decided(region)).collect();
                let open = decided.iter().position(Option::is_none)?;
                (!decided.contains(&Some(false))).then(|| predicates[open].clone())
            });
            undecided.next().or_else(|| of.iter().find_map(|child| may_coincide(child, region)))
        }
        _ => term.children().iter().find_map(|child| may_coincide(child, region)),
    }
}

//! Terms multiplied out.

use std::collections::BTreeSet;

use expr::Op;

use super::super::number::Coefficient;
use super::algebra::{Atom, Frac, constant, integer};
use super::{Checker, Reject, Result, Term, TermId};

impl Checker {
    /// A term, multiplied out.
    pub(super) fn expand(&mut self, root: TermId) -> Result<Frac> {
        let (mut needed, mut stack) = (BTreeSet::new(), vec![root]);
        while let Some(id) = stack.pop() {
            if !self.values.contains_key(&id) && needed.insert(id) {
                stack.extend(self.parts(id));
            }
        }
        for id in needed {
            let value = |checker: &Checker, id: &TermId| checker.values[id].clone();
            let expanded = match self.terms[id as usize].clone() {
                Term::Number(c) => constant(c),
                Term::Pi => self.atom(Atom::Pi, Coefficient::integer(1))?,
                Term::Input(k) => self.atom(Atom::Input(k), Coefficient::integer(1))?,
                Term::Sum(of) => of.iter().try_fold(Frac::default(), |sum, id| {
                    let term = value(self, id);
                    self.plus(&sum, &term)
                })?,
                Term::Product(of) => of.iter().try_fold(integer(1), |product, id| {
                    let factor = value(self, id);
                    self.times(&product, &factor)
                })?,
                Term::Power(base, e) => match self.terms[base as usize] {
                    Term::Exp(w) => {
                        let w = value(self, &w).scaled(&e);
                        self.exp(&w)?
                    }
                    _ => {
                        let base = value(self, &base);
                        self.root(&base, &e)?
                    }
                },
                Term::Exp(w) => {
                    let w = value(self, &w);
                    self.exp(&w)?
                }
                Term::Ln(of) => {
                    let of = value(self, &of);
                    self.ln(&of)?
                }
                Term::Apply(Op::Select, _) => match self.taken.get(&id) {
                    Some(branch) => value(self, branch),
                    None => return Err(Reject::Wrong("a branch that is not decided")),
                },
                Term::Apply(op, of) => {
                    let of = of.iter().map(|id| value(self, id)).collect();
                    self.atom(Atom::Apply(op, of), Coefficient::integer(1))?
                }
            };
            self.values.insert(id, expanded);
        }
        Ok(self.values[&root].clone())
    }

    /// The terms whose values a term needs.
    pub(super) fn parts(&self, id: TermId) -> Vec<TermId> {
        match &self.terms[id as usize] {
            Term::Number(_) | Term::Pi | Term::Input(_) => Vec::new(),
            Term::Sum(of) | Term::Product(of) => of.clone(),
            Term::Power(base, _) => match self.terms[*base as usize] {
                Term::Exp(w) => vec![w],
                _ => vec![*base],
            },
            Term::Exp(of) | Term::Ln(of) => vec![*of],
            Term::Apply(Op::Select, of) => {
                self.taken.get(&id).map_or(vec![of[0]], |&branch| vec![of[0], branch])
            }
            Term::Apply(_, of) => of.clone(),
        }
    }
}

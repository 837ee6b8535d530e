//! `diff(u, x)` and `f'(u)`: differentiated first, substituted after. The name `x` stands for its value with derivative 1
//! while `u` is read; what else is in sight does not depend on it, but for `let`s and definitions when `x` is an input.

use super::{Binding, Elaborator, Element, Meaning, Seed, Task};
use crate::diagnostic::Diagnostic;
use crate::jet::{Jet, MAX_LEVELS};
use crate::name_resolution::Derivative;
use crate::parser::AstId;
use expr::graph::Role;
use expr::index::Index;
use expr::{Calculus, Scalar};

impl<'p, 'g> Elaborator<'p, 'g> {
    /// A derivative of this order begins, at this place.
    fn begin(&mut self, order: u32, id: AstId) -> Result<u32, Diagnostic> {
        if self.jets.levels() == MAX_LEVELS {
            let message = format!("more than {MAX_LEVELS} derivatives inside each other");
            return Err(Diagnostic::at(self.place(id), message, "one too many"));
        }
        Ok(self.jets.enter(order))
    }

    pub(super) fn enter_derivative(
        &mut self,
        id: AstId,
        derivative: &'p Derivative<'p>,
    ) -> Result<(), Diagnostic> {
        let &Derivative { of, definition, by, name, indices, order } = derivative;
        let forms = self.forms(indices)?;
        let is_local = self.local(name).is_some();
        let variable = self.name(name);
        let level = self.begin(order, id)?;
        let seeded = match &variable {
            Meaning::Number(value, index) => {
                if !is_local && index.is_some() {
                    let message = format!("{name} is a size, an integer: it has no derivative");
                    return Err(Diagnostic::at(self.place(by), message, "not an input"));
                }
                Meaning::Number(self.jets.seeded(*value, self.jets.integer(1), level), None)
            }
            Meaning::Block(block, _) if self.builder.graph().block(*block).role == Role::Data => {
                let message = format!("{name} is data, it has no derivative");
                return Err(Diagnostic::at(self.place(by), message, "read in an index"));
            }
            Meaning::Block(block, elements) => {
                let element = Element { forms: forms.clone(), level };
                Meaning::Block(*block, elements.iter().cloned().chain([element]).collect())
            }
            Meaning::Array(_) | Meaning::Results(_) => return Err(self.no_derivative(by)),
        };
        let binding = if is_local { Binding::Local } else { Binding::Seed };
        if is_local {
            self.locals.push((name, seeded.clone()));
        } else {
            let block = self.blocks[name];
            let seed = Seed { block, element: Element { forms, level } };
            self.seeds = self.seeds.iter().cloned().chain([seed]).collect();
        }
        self.tasks.push(Task::LeaveDerivative { level, order, binding, id });
        match definition {
            // The name of a definition is read as f(x).
            Some(definition) => {
                self.results.push(seeded);
                self.expand(definition, &[by])
            }
            None => {
                self.tasks.push(Task::Visit(of));
                Ok(())
            }
        }
    }

    pub(super) fn enter_prime(&mut self, definition: usize, order: u32, id: AstId) -> Result<(), Diagnostic> {
        let argument = self.program.nodes[id].children[0];
        let meaning = self.results.pop().expect("the argument");
        let value = self.number(&meaning, argument)?;
        let level = self.begin(order, id)?;
        self.results.push(Meaning::Number(self.jets.seeded(value, self.jets.integer(1), level), None));
        self.tasks.push(Task::LeaveDerivative { level, order, binding: Binding::Nothing, id });
        self.expand(definition, &[argument])
    }

    pub(super) fn leave_derivative(
        &mut self,
        level: u32,
        order: u32,
        binding: Binding,
        id: AstId,
    ) -> Result<Meaning<'g>, Diagnostic> {
        match binding {
            Binding::Local => {
                self.locals.pop();
            }
            Binding::Seed => {
                let outer = &self.seeds[..self.seeds.len() - 1];
                self.seeds = outer.into();
            }
            Binding::Nothing => {}
        }
        let derivative = |jet: Jet<'g>| jet.derivative(level, order);
        let found = self.results.pop().expect("what is differentiated");
        let of = |meaning: Meaning<'g>| match meaning {
            Meaning::Number(value, _) => Ok(Meaning::Number(derivative(value), None)),
            // An error: it has an index.
            Meaning::Block(..) => Ok(Meaning::Number(derivative(self.number(&meaning, id)?), None)),
            _ => Err(self.no_derivative(id)),
        };
        let meaning = match found {
            Meaning::Results(all) => Meaning::Results(all.into_iter().map(of).collect::<Result<_, _>>()?),
            meaning => of(meaning)?,
        };
        self.jets.leave();
        Ok(meaning)
    }

    /// The derivative of one element of an input by another: 1 where they are the same; nothing where they never are.
    pub(super) fn coincidence(&mut self, forms: &[Index], element: &[Index]) -> Option<Jet<'g>> {
        let mut same: Option<Jet<'g>> = None;
        for (form, wanted) in forms.iter().zip(element) {
            let difference = form.minus(wanted);
            match difference.as_ref().and_then(Index::as_constant) {
                Some(0) => continue,
                Some(_) => return None,
                None => {}
            }
            let [form, wanted] = [form, wanted].map(|form| self.jets.plain(self.builder.spelled(form)));
            let equal = form.eq(wanted);
            same = Some(same.map_or(equal, |same| same * equal));
        }
        self.coincidences.extend(same.map(|same| same.value().id()));
        let one = self.jets.integer(1);
        Some(same.map_or(one, |same| same.select(one, Jet::lift(self.jets, &expr::Constant::Integer(0)))))
    }
}

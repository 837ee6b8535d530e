//! What binds names: sums, products and iterations their index variables and states.

use super::{Elaborator, Meaning, Task};
use crate::diagnostic::Diagnostic;
use crate::jet::{Jet, Levels};
use crate::name_resolution::{Iteration, Reduction};
use crate::parser::AstId;
use expr::Axis;
use expr::graph::{AxisRange, MAX_AXES};
use expr::index::{Index, Symbol};
use expr::{Expr, Fold};

impl<'p, 'g> Elaborator<'p, 'g> {
    fn bounds(&mut self, [from, to]: [AstId; 2]) -> Result<(Index, Index), Diagnostic> {
        let high = self.results.pop().expect("the upper bound");
        let low = self.results.pop().expect("the lower bound");
        Ok((self.index(&low, from)?, self.index(&high, to)?))
    }

    /// A new axis for an index variable: of another name when that one is bound around it already.
    fn axis(&mut self, id: AstId, index: &'p str, states: &[&str]) -> Result<Axis, Diagnostic> {
        if self.builder.graph().axis_count() >= MAX_AXES {
            let message = format!("more than {MAX_AXES} different index variables and iterations");
            return Err(Diagnostic::at(self.place(id), message, "one too many"));
        }
        // The names of inputs, sizes and axes around this one stay theirs: an argument that mentions one of them may
        // come to stand in the body.
        let mut names: Vec<String> = Vec::with_capacity(1 + states.len());
        for word in [index].iter().chain(states) {
            let used = |name: &String| {
                self.active.contains(name)
                    || names.contains(name)
                    || self.blocks.contains_key(name.as_str())
                    || self.builder.graph().sizes().contains(name)
            };
            let mut name = (*word).to_owned();
            let mut k = 2;
            while used(&name) {
                name = format!("{word}_{k}");
                k += 1;
            }
            names.push(name);
        }
        let states: Vec<&str> = names[1..].iter().map(String::as_str).collect();
        let axis = self.builder.axis(&names[0], &states);
        self.active.extend(names);
        let symbol = Symbol::Axis(axis);
        let value = self.jets.plain(self.builder.symbol(symbol));
        self.locals.push((index, Meaning::Number(value, Some(symbol.into()))));
        Ok(axis)
    }

    pub(super) fn enter_reduction(
        &mut self,
        id: AstId,
        reduction: &'p Reduction<'p>,
    ) -> Result<(), Diagnostic> {
        let axis = self.axis(id, reduction.index, &[])?;
        self.tasks.push(Task::LeaveReduction(id, reduction, axis));
        self.tasks.push(Task::Visit(reduction.body));
        Ok(())
    }

    /// A sum or product. A product whose body has derivatives is gone through once more, and then there is nothing yet.
    pub(super) fn leave_reduction(
        &mut self,
        id: AstId,
        reduction: &'p Reduction<'p>,
        axis: Axis,
    ) -> Result<Option<Meaning<'g>>, Diagnostic> {
        let fold = reduction.fold;
        self.locals.pop();
        self.active.pop();
        let body = self.results.pop().expect("the body");
        let body = self.number(&body, reduction.body)?;
        let bounds =
            [self.results[self.results.len() - 2].clone(), self.results[self.results.len() - 1].clone()];
        let (low, high) = self.bounds(reduction.bounds)?;
        let range = AxisRange { axis, low, high };
        let reduced = |part| self.builder.reduce(fold, range.clone(), self.builder.handle(part));
        let value = reduced(body.value().id());
        self.builder.place(value, self.place(id));
        if fold == Fold::Product && body.levels() != 0 {
            self.results.extend(bounds);
            self.enter_product(id, reduction, body.levels(), value)?;
            return Ok(None);
        }
        Ok(Some(Meaning::Number(body.map(|part| reduced(part).id()), None)))
    }

    /// The product as an iteration over its value and derivatives: p starts as 1, and each factor multiplies it.
    fn enter_product(
        &mut self,
        id: AstId,
        product: &'p Reduction<'p>,
        levels: Levels,
        value: Expr<'g>,
    ) -> Result<(), Diagnostic> {
        let states: Vec<String> = (0..self.jets.part_count(levels)).map(|k| primed("p", k)).collect();
        let states: Vec<&str> = states.iter().map(String::as_str).collect();
        let axis = self.axis(id, product.index, &states)?;
        self.tasks.push(Task::LeaveProduct(product, axis, levels, value));
        self.tasks.push(Task::Visit(product.body));
        Ok(())
    }

    pub(super) fn leave_product(
        &mut self,
        product: &'p Reduction<'p>,
        axis: Axis,
        levels: Levels,
        value: Expr<'g>,
    ) -> Result<Meaning<'g>, Diagnostic> {
        let body = self.results.pop().expect("the body");
        let body = self.number(&body, product.body)?;
        let count = self.jets.part_count(levels);
        self.locals.pop();
        self.active.truncate(self.active.len() - 1 - count);
        let (low, high) = self.bounds(product.bounds)?;
        let state = self.state(axis, levels, 0);
        let next = (state * body).parts(levels);
        let nexts: Vec<Expr<'g>> = next.into_iter().map(|part| self.builder.handle(part)).collect();
        let inits: Vec<Expr<'g>> = (0..count).map(|k| self.jets.integer(i64::from(k == 0)).value()).collect();
        let results = self.builder.iterate(AxisRange { axis, low, high }, &inits, &nexts);
        let mut parts = results.iter().map(|result| result.id());
        let product = self.jets.filled(levels, &mut || parts.next().expect("a result per part"));
        Ok(Meaning::Number(product.with_value(value), None))
    }

    /// The states from this one on as a number of these levels.
    fn state(&self, axis: Axis, levels: Levels, first: usize) -> Jet<'g> {
        let mut k = first;
        self.jets.filled(levels, &mut || {
            k += 1;
            self.builder.state(axis, k - 1).id()
        })
    }

    pub(super) fn enter_iteration(
        &mut self,
        id: AstId,
        iteration: &'p Iteration<'p>,
    ) -> Result<(), Diagnostic> {
        let values = self.numbers(iteration.inits)?;
        let levels = values.iter().map(|value| value.levels()).collect();
        self.results.extend(values.into_iter().map(|value| Meaning::Number(value, None)));
        self.enter_body(id, iteration, levels)
    }

    /// Goes on to the body of an iteration whose states have derivatives of these levels.
    fn enter_body(
        &mut self,
        id: AstId,
        iteration: &'p Iteration<'p>,
        levels: Vec<Levels>,
    ) -> Result<(), Diagnostic> {
        let Iteration { index, states, nexts, .. } = iteration;
        let parts: Vec<String> = { states.iter().zip(&levels) }
            .flat_map(|(state, &levels)| (0..self.jets.part_count(levels)).map(|k| primed(state, k)))
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let axis = self.axis(id, index, &parts)?;
        let mut first = 0;
        for (state, &levels) in states.iter().zip(&levels) {
            self.locals.push((state, Meaning::Number(self.state(axis, levels, first), None)));
            first += self.jets.part_count(levels);
        }
        self.tasks.push(Task::LeaveIteration(id, iteration, axis, levels));
        self.tasks.extend(nexts.iter().rev().map(|&next| Task::Visit(next)));
        Ok(())
    }

    /// The results of an iteration; nothing yet where the body gives a state derivatives of further levels: then it is
    /// gone through once more.
    pub(super) fn leave_iteration(
        &mut self,
        id: AstId,
        iteration: &'p Iteration<'p>,
        axis: Axis,
        levels: Vec<Levels>,
    ) -> Result<Option<Meaning<'g>>, Diagnostic> {
        let nexts = self.numbers(iteration.nexts)?;
        let counts: Vec<usize> = levels.iter().map(|&levels| self.jets.part_count(levels)).collect();
        self.locals.truncate(self.locals.len() - 1 - nexts.len());
        self.active.truncate(self.active.len() - 1 - counts.iter().sum::<usize>());
        let found: Vec<Levels> =
            nexts.iter().zip(&levels).map(|(next, &levels)| next.levels() | levels).collect();
        if found != levels {
            self.enter_body(id, iteration, found)?;
            return Ok(None);
        }
        let inits = self.numbers(iteration.inits)?;
        let (low, high) = self.bounds(iteration.bounds)?;
        let handles = |jets: Vec<Jet<'g>>| -> Vec<Expr<'g>> {
            let parts = jets.into_iter().zip(&levels).flat_map(|(jet, &levels)| jet.parts(levels));
            parts.map(|part| self.builder.handle(part)).collect()
        };
        let results = self.builder.iterate(AxisRange { axis, low, high }, &handles(inits), &handles(nexts));
        if let Some(all) = self.builder.parent_of(results[0]) {
            self.builder.place(all, self.place(id));
        }
        let mut parts = results.iter().map(|result| result.id());
        let results: Vec<Jet<'g>> = { levels.iter() }
            .map(|&levels| self.jets.filled(levels, &mut || parts.next().expect("a result per part")))
            .collect();
        Ok(Some(match results.as_slice() {
            [result] => Meaning::Number(*result, None),
            _ => Meaning::Results(results),
        }))
    }
}

/// The name of a state and its derivatives: `y`, `y'`, `y''`, …
fn primed(state: &str, k: usize) -> String {
    if k < 4 { format!("{state}{}", "'".repeat(k)) } else { format!("{state}'{k}") }
}

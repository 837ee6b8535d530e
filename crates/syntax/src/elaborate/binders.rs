//! What binds names: sums, products and iterations their index variables and states.

use super::arrays::{Array, Elements};
use super::{Elaborator, Meaning, Task};
use crate::diagnostic::Diagnostic;
use crate::jet::{Jet, Levels};
use crate::name_resolution::{Iteration, Reducer, Reduction};
use crate::parser::AstId;
use expr::Axis;
use expr::graph::{AxisRange, MAX_AXES};
use expr::index::{Index, Symbol};
use expr::{Calculus, Expr, Fold};

impl<'p, 'g> Elaborator<'p, 'g> {
    pub(super) fn bounds(&mut self, [from, to]: [AstId; 2]) -> Result<(Index, Index), Diagnostic> {
        let high = self.results.pop().expect("the upper bound");
        let low = self.results.pop().expect("the lower bound");
        Ok((self.index(&low, from)?, self.index(&high, to)?))
    }

    /// A new axis for an index variable: of another name when that one is bound around it already.
    pub(super) fn axis(&mut self, id: AstId, index: &'p str, states: &[&str]) -> Result<Axis, Diagnostic> {
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

    /// Remembers the range of an axis, so that axes of our own take other names for other ranges.
    pub(super) fn binds(&mut self, axis: Axis, low: &Index, high: &Index) {
        let name = self.builder.graph().axis_names(axis).index.clone();
        self.fresh.binds(&name, low, high);
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
        self.locals.pop();
        self.active.pop();
        let body = self.results.pop().expect("the body");
        let body = self.number(&body, reduction.body)?;
        let bounds =
            [self.results[self.results.len() - 2].clone(), self.results[self.results.len() - 1].clone()];
        let (low, high) = self.bounds(reduction.bounds)?;
        self.binds(axis, &low, &high);
        let range = AxisRange { axis, low, high };
        if reduction.reducer == Reducer::Fold(Fold::Product) && body.levels() != 0 {
            let value = self.builder.reduce(Fold::Product, range, body.value());
            self.builder.place(value, self.place(id));
            self.results.extend(bounds);
            self.enter_product(id, reduction, body.levels(), value)?;
            return Ok(None);
        }
        self.reduced(reduction.reducer, &[range], body, id).map(|value| Some(Meaning::Number(value, None)))
    }

    /// What becomes of a number over these ranges, the innermost last; a product only of what has no derivatives.
    pub(super) fn reduced(
        &mut self,
        reducer: Reducer,
        ranges: &[AxisRange],
        body: Jet<'g>,
        id: AstId,
    ) -> Result<Jet<'g>, Diagnostic> {
        let over = |value: Expr<'g>, one: &dyn Fn(AxisRange, Expr<'g>) -> Expr<'g>| {
            ranges.iter().rev().fold(value, |body, range| one(range.clone(), body))
        };
        let place = |value: Expr<'g>| {
            self.builder.place(value, self.place(id));
            value
        };
        match reducer {
            Reducer::Fold(fold) if fold.is_extreme() && body.levels() != 0 => {
                let message = "derivatives inside expressions are not there yet for the extremes of a range";
                let label = "depends on what the derivative is taken by";
                Err(Diagnostic::at(self.place(id), message, label))
            }
            Reducer::Fold(fold) => {
                let folded = |range, body| self.builder.reduce(fold, range, body);
                Ok(body.map(|part| place(over(self.builder.handle(part), &folded)).id()))
            }
            Reducer::Mean => {
                let sum = self.reduced(Reducer::Fold(Fold::Sum), ranges, body, id)?;
                Ok(sum / self.count(ranges, id)?)
            }
        }
    }

    /// How many elements there are over these ranges.
    pub(super) fn count(&self, ranges: &[AxisRange], id: AstId) -> Result<Jet<'g>, Diagnostic> {
        let length = |range: &AxisRange| range.high.minus(&range.low)?.plus(&Index::from(1));
        let lengths = ranges.iter().try_fold(Index::from(1), |all, range| all.times(&length(range)?));
        let depends = |form: &Index| {
            form.symbols().any(|symbol| ranges.iter().any(|range| symbol == Symbol::Axis(range.axis)))
        };
        match lengths {
            Some(form) if !depends(&form) => Ok(self.jets.plain(self.builder.spelled(&form))),
            _ => {
                let message = "the mean of an array whose rows have different lengths";
                Err(Diagnostic::at(self.place(id), message, "how many elements?"))
            }
        }
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

    /// The state that starts as this.
    fn state_like(&self, init: &Meaning<'g>, axis: Axis, levels: Levels, first: usize) -> Meaning<'g> {
        match init {
            Meaning::Array(array) => {
                let elements = Elements::Node(self.builder.state(axis, first));
                Meaning::Array(Array { elements, ..array.clone() })
            }
            _ => Meaning::Number(self.state(axis, levels, first), None),
        }
    }

    pub(super) fn enter_iteration(
        &mut self,
        id: AstId,
        iteration: &'p Iteration<'p>,
    ) -> Result<(), Diagnostic> {
        let inits = self.states(iteration.inits)?;
        let levels = inits.iter().map(levels).collect();
        self.results.extend(inits);
        self.enter_body(id, iteration, levels)
    }

    /// The last results as values of states: numbers, or arrays that are nodes.
    fn states(&mut self, of: &[AstId]) -> Result<Vec<Meaning<'g>>, Diagnostic> {
        let all = self.results.split_off(self.results.len() - of.len());
        let state = |(meaning, &id): (Meaning<'g>, &AstId)| {
            Ok(match self.as_array(meaning, id)? {
                Ok(array) => self.closed(Meaning::Array(array), id)?,
                Err(value) => Meaning::Number(value, None),
            })
        };
        all.into_iter().zip(of).map(state).collect()
    }

    /// Goes on to the body of an iteration whose states have derivatives of these levels, and whose inits are the last results.
    fn enter_body(
        &mut self,
        id: AstId,
        iteration: &'p Iteration<'p>,
        levels: Vec<Levels>,
    ) -> Result<(), Diagnostic> {
        let Iteration { index, states, nexts, inits, .. } = iteration;
        let parts: Vec<String> = { states.iter().zip(&levels) }
            .flat_map(|(state, &levels)| (0..self.jets.part_count(levels)).map(|k| primed(state.name, k)))
            .collect();
        let stops = iteration.until.map(|_| "held");
        let parts: Vec<&str> = parts.iter().map(String::as_str).chain(stops).collect();
        let axis = self.axis(id, index, &parts)?;
        let inits = self.results[self.results.len() - inits.len()..].to_vec();
        let mut first = 0;
        for ((state, &levels), init) in states.iter().zip(&levels).zip(&inits) {
            let value = self.state_like(init, axis, levels, first);
            self.locals.push((state.name, value));
            first += self.jets.part_count(levels);
        }
        self.tasks.push(Task::LeaveIteration(id, iteration, axis, levels));
        self.tasks.extend(iteration.kept.or(iteration.until).map(Task::Visit));
        for (state, &next) in states.iter().zip(*nexts).rev() {
            self.tasks.push(match state.header {
                Some(header) => Task::Begin(header, next),
                None => Task::Visit(next),
            });
        }
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
        let condition = match iteration.until {
            Some(until) => {
                let condition = self.results.pop().expect("the condition");
                let condition = self.number(&condition, until)?;
                Some(self.condition(condition))
            }
            None => None,
        };
        let kept = match &iteration.kept {
            Some(kept) => self.states(std::slice::from_ref(kept))?,
            None => Vec::new(),
        };
        let mut nexts = self.states(iteration.nexts)?;
        let counts: Vec<usize> = levels.iter().map(|&levels| self.jets.part_count(levels)).collect();
        self.locals.truncate(self.locals.len() - 1 - nexts.len());
        let count = counts.iter().sum::<usize>();
        self.active.truncate(self.active.len() - 1 - count - usize::from(iteration.until.is_some()));
        let inits = self.results[self.results.len() - nexts.len()..].to_vec();
        for (k, (init, next)) in inits.iter().zip(&nexts).enumerate() {
            let same = match (init, next) {
                (Meaning::Array(init), Meaning::Array(next)) => self.same_ranges(&init.ranges, &next.ranges),
                (Meaning::Number(..), Meaning::Number(..)) => true,
                _ => false,
            };
            if !same {
                let message = format!("the state {} changes its shape in a step", iteration.states[k].name);
                let place = self.place(iteration.nexts[k]);
                return Err(Diagnostic::at(place, message, "not of the shape that it starts with"));
            }
        }
        let found: Vec<Levels> =
            nexts.iter().zip(&levels).map(|(next, &before)| self::levels(next) | before).collect();
        if found != levels {
            self.enter_body(id, iteration, found)?;
            return Ok(None);
        }
        let mut all_levels = levels.iter().copied().chain(kept.iter().map(self::levels));
        if iteration.scan && all_levels.any(|levels| levels != 0) {
            return Err(self.no_derivative(id));
        }
        self.results.truncate(self.results.len() - inits.len());
        let (low, mut high) = self.bounds(iteration.bounds)?;
        let mut holds = None;
        if let Some(condition) = condition {
            let held = self.jets.plain(self.builder.state(axis, count));
            let now = held.select(self.jets.integer(1), condition);
            let index = || self.jets.plain(self.builder.symbol(Symbol::Axis(axis)));
            let within = iteration.counts.then(|| index().le(self.jets.plain(self.builder.spelled(&high))));
            let mut first = 0;
            for ((next, &levels), init) in nexts.iter_mut().zip(&levels).zip(&inits) {
                let before = self.state_like(init, axis, levels, first);
                *next = self.stopped(now, within, before, next)?;
                first += self.jets.part_count(levels);
            }
            holds = Some(now);
            // One step more: it tests the condition after the last.
            high = high.plus(&1.into()).ok_or_else(|| self.too_large(iteration.bounds[1]))?;
            if high.minus(&low).and_then(|room| room.as_constant()).is_some_and(|room| room < 0) {
                high = low.clone();
            }
        }
        let parts = |all: &[Meaning<'g>]| -> Result<Vec<Expr<'g>>, Diagnostic> {
            let mut parts = Vec::new();
            for (meaning, &levels) in all.iter().zip(&levels) {
                match meaning {
                    Meaning::Array(array) => parts.push(self.node(array)?),
                    Meaning::Number(jet, _) => {
                        parts.extend(jet.parts(levels).into_iter().map(|part| self.builder.handle(part)));
                    }
                    _ => unreachable!("states are numbers or arrays"),
                }
            }
            Ok(parts)
        };
        let (mut starts, mut steps) = (parts(&inits)?, parts(&nexts)?);
        if let Some(now) = holds {
            starts.push(self.jets.integer(0).value());
            steps.push(now.value());
        }
        let eaches = match (iteration.scan, kept.is_empty()) {
            (false, _) => Vec::new(),
            (true, true) => steps.clone(),
            (true, false) => parts(&kept)?,
        };
        let range = AxisRange { axis, low, high };
        let results = self.builder.scan(range.clone(), iteration.falling, &starts, &steps, &eaches);
        if let Some(all) = self.builder.parent_of(results[0]) {
            self.builder.place(all, self.place(id));
        }
        let mut nodes = results[if iteration.scan { starts.len() } else { 0 }..].iter();
        let mut node = || *nodes.next().expect("a result per part");
        let shapes = if kept.is_empty() { &inits } else { &kept };
        let results: Vec<Meaning<'g>> = { shapes.iter().zip(&levels) }
            .map(|(init, &levels)| match init {
                Meaning::Array(array) => {
                    let steps = iteration.scan.then(|| range.clone());
                    let ranges = steps.into_iter().chain(array.ranges.iter().cloned()).collect();
                    Meaning::Array(Array { ranges, elements: Elements::Node(node()), origin: id })
                }
                _ if iteration.scan => {
                    let ranges = [range.clone()].into();
                    Meaning::Array(Array { ranges, elements: Elements::Node(node()), origin: id })
                }
                _ => Meaning::Number(self.jets.filled(levels, &mut || node().id()), None),
            })
            .collect();
        let results = match holds {
            Some(_) => {
                let held = self.jets.plain(node());
                results.into_iter().map(|last| self.defined(held, last)).collect::<Result<_, _>>()?
            }
            None => results,
        };
        Ok(Some(match results.len() {
            1 => results.into_iter().next().expect("one result"),
            _ => Meaning::Results(results),
        }))
    }
}

/// The levels of the variables that a state depends on; arrays depend on none.
fn levels(meaning: &Meaning<'_>) -> Levels {
    match meaning {
        Meaning::Number(jet, _) => jet.levels(),
        _ => 0,
    }
}

/// The name of a state and its derivatives: `y`, `y'`, `y''`, …
fn primed(state: &str, k: usize) -> String {
    if k < 4 { format!("{state}{}", "'".repeat(k)) } else { format!("{state}'{k}") }
}

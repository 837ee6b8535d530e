//! What binds names: sums, products and iterations their index variables and states, definitions their parameters.

use super::{Elaborator, Meaning, Task};
use crate::Fold;
use crate::graph::{AxisRange, MAX_AXES};
use crate::index::{Index, Symbol};
use crate::language::diagnostic::Diagnostic;
use crate::language::survey::items;
use crate::language::syntax::{AstId, Syntax};
use crate::node::Axis;

impl<'p, 'g> Elaborator<'p, 'g> {
    pub(super) fn bounds(&mut self, id: AstId) -> Result<(Index, Index), Diagnostic> {
        let children = &self.program.nodes[id].children;
        let high = self.results.pop().expect("the upper bound");
        let low = self.results.pop().expect("the lower bound");
        Ok((self.index(&low, children[1])?, self.index(&high, children[2])?))
    }

    /// A new axis for an index variable: of another name when that one is bound around it already.
    pub(super) fn axis(&mut self, id: AstId, index: &'p str, states: &[&'p str]) -> Result<Axis, Diagnostic> {
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
                    || self.sizes.contains_key(name.as_str())
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
        self.locals.push((index, Meaning::Number(self.builder.symbol(symbol), Some(symbol.into()))));
        Ok(axis)
    }

    pub(super) fn index_name(&self, id: AstId) -> &'p str {
        match &self.program.nodes[self.program.nodes[id].children[0]].syntax {
            Syntax::Name(name) => name,
            _ => unreachable!("checked by the survey"),
        }
    }

    pub(super) fn enter_sum(&mut self, id: AstId) -> Result<(), Diagnostic> {
        let axis = self.axis(id, self.index_name(id), &[])?;
        self.tasks.push(Task::LeaveSum(id, axis));
        self.tasks.push(Task::Visit(self.program.nodes[id].children[3]));
        Ok(())
    }

    pub(super) fn leave_sum(&mut self, id: AstId, axis: Axis) -> Result<Meaning<'g>, Diagnostic> {
        let node = &self.program.nodes[id];
        self.locals.pop();
        self.active.pop();
        let body = self.results.pop().expect("the body");
        let body = self.number(&body, node.children[3])?;
        let (low, high) = self.bounds(id)?;
        let fold = if matches!(&node.syntax, Syntax::Call(name) if name == "sum") {
            Fold::Sum
        } else {
            Fold::Product
        };
        let value = self.builder.reduce(fold, AxisRange { axis, low, high }, body);
        self.builder.place(value, node.place.clone());
        Ok(Meaning::Number(value, None))
    }

    pub(super) fn enter_iterate(&mut self, id: AstId) -> Result<(), Diagnostic> {
        let children = &self.program.nodes[id].children;
        let states: Vec<&'p str> = items(self.program, children[3])
            .iter()
            .map(|&state| match &self.program.nodes[state].syntax {
                Syntax::Name(name) => name.as_str(),
                _ => unreachable!("checked by the survey"),
            })
            .collect();
        let axis = self.axis(id, self.index_name(id), &states)?;
        for (k, state) in states.into_iter().enumerate() {
            self.locals.push((state, Meaning::Number(self.builder.state(axis, k), None)));
        }
        self.tasks.push(Task::LeaveIterate(id, axis));
        self.tasks.extend(items(self.program, children[5]).iter().rev().map(|&next| Task::Visit(next)));
        Ok(())
    }

    pub(super) fn leave_iterate(&mut self, id: AstId, axis: Axis) -> Result<Meaning<'g>, Diagnostic> {
        let children = &self.program.nodes[id].children;
        let (inits, nexts) = (items(self.program, children[4]), items(self.program, children[5]));
        let nexts = self.numbers(nexts)?;
        let inits = self.numbers(inits)?;
        self.locals.truncate(self.locals.len() - 1 - nexts.len());
        self.active.truncate(self.active.len() - 1 - nexts.len());
        let (low, high) = self.bounds(id)?;
        let results = self.builder.iterate(AxisRange { axis, low, high }, &inits, &nexts);
        if let Some(all) = self.builder.parent_of(results[0]) {
            self.builder.place(all, self.place(id));
        }
        Ok(match results.as_slice() {
            [result] => Meaning::Number(*result, None),
            _ => Meaning::Results(results),
        })
    }

    pub(super) fn enter_definition(&mut self, definition: usize, id: AstId) -> Result<(), Diagnostic> {
        let statement = &self.program.statements[definition];
        let parameters = statement.parameters.as_deref().unwrap_or_default();
        let arguments = self.results.split_off(self.results.len() - parameters.len());
        let mut key = Vec::with_capacity(arguments.len());
        for (argument, &place) in arguments.iter().zip(&self.program.nodes[id].children) {
            key.push(match argument {
                Meaning::Number(value, index) => (Some(value.id()), index.clone(), None),
                Meaning::Block(block) => (None, None, Some(*block)),
                Meaning::Results(_) => return self.number(argument, place).map(|_| ()),
            });
        }
        let key = (definition, key);
        if let Some(meaning) = self.known.get(&key) {
            self.results.push(meaning.clone());
            return Ok(());
        }
        self.tasks.push(Task::LeaveDefinition(key, self.frame, self.statement));
        self.statement = definition;
        self.tasks.push(Task::Visit(statement.body));
        self.frame = self.locals.len();
        self.locals.extend(parameters.iter().map(|parameter| parameter.name.as_str()).zip(arguments));
        Ok(())
    }
}

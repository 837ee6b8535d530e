//! Calls: of definitions, of what binds names, of the library.

use std::ops::Range;

use expr::Fold;

use super::{Binding, Call, Global, Iteration, Reduction, Resolution, Task, refuse_reserved, reserved};
use crate::diagnostic::{Diagnostic, closest};
use crate::keywords::{instead, is_constant, is_function, is_reserved, plain};
use crate::library::{arity, functions};
use crate::parser::{AstId, Syntax};

impl<'p> Resolution<'p> {
    pub(super) fn call(
        &mut self,
        id: AstId,
        name: &'p str,
        tasks: &mut Vec<Task<'p>>,
    ) -> Result<(), Diagnostic> {
        let node = &self.program.nodes[id];
        let arguments = &node.children;
        let visit = |node: AstId, index: bool| Task::Visit { node, index };
        let wrong = |usage: &str| {
            Err(Diagnostic::at(node.place.clone(), format!("{name} is written {usage}"), "not of this form"))
        };
        if matches!(self.globals.get(name), Some(Global::Function(..))) {
            return self.definition(id, name, tasks);
        }
        if self.current == Some(name) && !self.last {
            return Err(in_terms_of_itself(name, node.head.clone()));
        }
        if matches!(self.globals.get(name), Some(Global::Value(..))) {
            return Err(self.not_a_function(name, node.head.clone()));
        }
        if name.ends_with('\'') && !is_function(name) {
            return self.prime(id, name, tasks);
        }
        match name {
            "sum" | "prod" => {
                let fold = if name == "sum" { Fold::Sum } else { Fold::Product };
                if let [list] = **arguments
                    && self.program.nodes[list].syntax == Syntax::List
                {
                    let terms = &self.program.nodes[list].children;
                    tasks.extend(terms.iter().map(|&term| visit(term, false)));
                    self.resolve(id, Call::List(fold, terms));
                    return Ok(());
                }
                let usage = format!("{name}(i, 1, n, …) or {name}([a, b, …])");
                let [axis, low, high, body] = **arguments else { return wrong(&usage) };
                let Syntax::Name(index) = &self.program.nodes[axis].syntax else { return wrong(&usage) };
                refuse_reserved(index, &node.place)?;
                tasks.extend([
                    Task::Unbind(1),
                    visit(body, false),
                    Task::Bind(vec![(index, Binding::Index)]),
                ]);
                tasks.extend([visit(high, true), visit(low, true)]);
                self.resolve(id, Call::Reduction(Reduction { fold, index, bounds: [low, high], body }));
            }
            "iterate" => {
                const USAGE: &str = "iterate(k, 1, n, y, start, next), or with (y, z), (start, …), (next, …) for several states";
                let [axis, low, high, states, inits, nexts] = **arguments else { return wrong(USAGE) };
                let Syntax::Name(axis) = &self.program.nodes[axis].syntax else { return wrong(USAGE) };
                let (states, inits, nexts) = (self.items(states), self.items(inits), self.items(nexts));
                if inits.len() != states.len() || nexts.len() != states.len() {
                    return Err(Diagnostic::at(
                        node.place.clone(),
                        format!("{} states, {} starts and {} nexts", states.len(), inits.len(), nexts.len()),
                        "as many of each are needed",
                    ));
                }
                refuse_reserved(axis, &node.place)?;
                let mut bound = vec![(axis.as_str(), Binding::Index)];
                for &state in states {
                    let Syntax::Name(state) = &self.program.nodes[state].syntax else { return wrong(USAGE) };
                    refuse_reserved(state, &node.place)?;
                    if bound.iter().any(|(name, _)| name == state) {
                        return Err(Diagnostic::at(
                            node.place.clone(),
                            format!("{state} is bound twice in one iterate"),
                            "two meanings",
                        ));
                    }
                    bound.push((state, Binding::State));
                }
                let index = bound[0].0;
                let states = bound[1..].iter().map(|(state, _)| *state).collect();
                let bounds = [low, high];
                self.resolve(id, Call::Iteration(Iteration { index, bounds, states, inits, nexts }));
                tasks.push(Task::Unbind(bound.len()));
                tasks.extend(nexts.iter().map(|&next| visit(next, false)));
                tasks.push(Task::Bind(bound));
                tasks.extend(inits.iter().map(|&init| visit(init, false)));
                tasks.extend([visit(high, true), visit(low, true)]);
            }
            "diff" => return self.derivative(id, tasks),
            _ => {
                let Some((fewest, most)) = arity(plain(name)) else {
                    return Err(self.unknown_function(name, node.head.clone()));
                };
                if !(fewest..=most).contains(&arguments.len()) {
                    let nearest = arguments.len().clamp(fewest, most);
                    return Err(wrong_arity(name, nearest, arguments.len(), node.place.clone()));
                }
                tasks.extend(arguments.iter().map(|&argument| visit(argument, false)));
                self.resolve(id, Call::Library);
            }
        }
        Ok(())
    }

    /// A call of a definition.
    fn definition(&mut self, id: AstId, name: &'p str, tasks: &mut Vec<Task<'p>>) -> Result<(), Diagnostic> {
        let node = &self.program.nodes[id];
        let Some(Global::Function(statement, parameters)) = self.globals.get(name) else {
            unreachable!("looked up by the caller")
        };
        let statement = *statement;
        if parameters.len() != node.children.len() {
            return Err(wrong_arity(name, parameters.len(), node.children.len(), node.place.clone()));
        }
        let uses: Vec<(bool, Option<usize>)> =
            parameters.iter().map(|(_, usage)| (usage.index, usage.rank)).collect();
        self.resolve(id, Call::Definition(statement));
        for (&argument, (index, rank)) in node.children.iter().zip(uses) {
            let Some(rank) = rank else {
                tasks.push(Task::Visit { node: argument, index });
                continue;
            };
            let place = self.program.nodes[argument].place.clone();
            match &self.program.nodes[argument].syntax {
                Syntax::Name(input) => self.mention(input, place, false, Some(rank))?,
                _ => {
                    return Err(Diagnostic::at(
                        place,
                        format!("{name} indexes this argument"),
                        "must be the name of an indexed input",
                    ));
                }
            }
        }
        Ok(())
    }

    /// A name that is known and called, though it is no function.
    pub(super) fn not_a_function(&self, name: &str, place: Range<usize>) -> Diagnostic {
        let error = Diagnostic::at(place, format!("{name} is not a function"), "cannot be called");
        error.help(format!("to multiply, write {name}*(…)"))
    }

    pub(super) fn unknown_function(&self, name: &str, place: Range<usize>) -> Diagnostic {
        if self.current == Some(name) {
            return in_terms_of_itself(name, place);
        }
        let known = self.parameters.iter().any(|(own, _)| own == name) || self.free.contains_key(name);
        if known || is_constant(name) || self.binding(name).is_some() {
            return self.not_a_function(name, place);
        }
        if is_reserved(name) {
            return reserved(name, place, "not a function");
        }
        let defined = { self.globals.iter() }.filter(|(_, global)| matches!(global, Global::Function(..)));
        let library = functions().chain(["diff"]).map(|name| name as &str);
        let mut known: Vec<&str> = defined.map(|(name, _)| *name).chain(library).collect();
        known.sort_unstable();
        let error = Diagnostic::at(place, format!("there is no function {name}"), "not known");
        if let Some(instead) = instead(name) {
            return error.help(instead);
        }
        match closest(name, known) {
            Some(close) => error.help(format!("did you mean {close}? To multiply, write {name}*(…)")),
            None => error.help(format!("to multiply, write {name}*(…)")),
        }
    }
}

pub(super) fn in_terms_of_itself(name: &str, place: Range<usize>) -> Diagnostic {
    Diagnostic::at(place, format!("{name} is defined in terms of itself"), "recursion is not possible")
}

pub(super) fn wrong_arity(name: &str, takes: usize, given: usize, place: Range<usize>) -> Diagnostic {
    let least = if matches!(name, "min" | "max") { "at least " } else { "" };
    let count = |n: usize| if n == 1 { "1 argument".to_owned() } else { format!("{n} arguments") };
    Diagnostic::at(
        place,
        format!("{name} takes {least}{}, not {given}", count(takes)),
        format!("{} given", count(given)),
    )
}

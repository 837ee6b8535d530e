//! Calls: of definitions, of what binds names, of the library.

use std::ops::Range;

use expr::Fold;

use super::Reducer;
use super::arrays::whole;
use super::{
    Binding, Call, Global, Iteration, Reduction, Resolution, State, Task, refuse_reserved, reserved,
};
use crate::diagnostic::{Diagnostic, closest};
use crate::keywords::{instead, is_constant, is_function, is_reserved, plain};
use crate::library::{arity, functions};
use crate::parser::{AstId, Syntax};

impl<'p> Resolution<'p> {
    /// Whether the one argument of a call is a list: `[a, b]`.
    fn is_list(&self, arguments: &[AstId]) -> bool {
        matches!(*arguments, [list] if self.program.nodes[list].syntax == Syntax::List)
    }

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
        if let Some((function, takes)) = whole(name)
            && arguments.len() == takes
            && !(matches!(name, "sum" | "max" | "min") && self.is_list(arguments))
        {
            return self.whole(id, function, tasks);
        }
        match name {
            "sum" | "prod" | "max" | "min" if self.is_list(arguments) => {
                let fold =
                    Fold::ALL.into_iter().find(|fold| fold.name() == name).expect("folds have these names");
                let terms = &self.program.nodes[arguments[0]].children;
                tasks.extend(terms.iter().map(|&term| visit(term, false)));
                self.resolve(id, Call::List(fold, terms));
                return Ok(());
            }
            "sum" | "prod" => {
                let fold = if name == "sum" { Fold::Sum } else { Fold::Product };
                let usage = format!("{name}(i, 1, n, …) or {name}([a, b, …])");
                return self.reduction(id, Reducer::Fold(fold), &usage, tasks);
            }
            "mean" => return self.reduction(id, Reducer::Mean, "mean(i, 1, n, …) or mean(x)", tasks),
            "max" | "min" if arguments.len() == 4 && self.reducer(id, name)?.is_some() => {
                let reducer = self.reducer(id, name)?.expect("just seen");
                return self.reduction(id, reducer, "", tasks);
            }
            "iterate" | "iterate_down" | "scan" | "scan_down" | "until" => {
                let (scan, until) = (name.starts_with("scan"), name == "until");
                let condition = if until { ", condition" } else { "" };
                let usage = format!(
                    "{name}(k, 1, n, y, start, next{condition}), or with (y, z), (start, …), (next, …) for several states"
                );
                let [axis, low, high, states, inits, nexts, ref last @ ..] = **arguments else {
                    return wrong(&usage);
                };
                if last.len() > usize::from(scan || until) || until && last.is_empty() {
                    return wrong(&usage);
                }
                let Syntax::Name(axis) = &self.program.nodes[axis].syntax else { return wrong(&usage) };
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
                let mut carried = Vec::with_capacity(states.len());
                for &state in states {
                    let (state, header) = match &self.program.nodes[state].syntax {
                        Syntax::Name(name) => (name, None),
                        Syntax::State(name, _) => (name, Some(state)),
                        _ => return wrong(&usage),
                    };
                    refuse_reserved(state, &node.place)?;
                    if bound.iter().any(|(name, _)| name == state) {
                        return Err(Diagnostic::at(
                            node.place.clone(),
                            format!("{state} is bound twice in one {name}"),
                            "two meanings",
                        ));
                    }
                    bound.push((state, Binding::State));
                    carried.push(State { name: state, header });
                }
                let index = bound[0].0;
                let count = bound.len();
                // The ranges of a state are read outside the iteration, its next inside.
                let mut steps = vec![visit(low, true), visit(high, true)];
                let mut inner = Vec::new();
                for (state, (&init, &next)) in carried.iter().zip(inits.iter().zip(nexts)) {
                    let Some(header) = state.header else {
                        steps.push(visit(init, false));
                        inner.push(visit(next, false));
                        continue;
                    };
                    let Syntax::State(_, indices) = &self.program.nodes[header].syntax else {
                        unreachable!("a state with a header")
                    };
                    steps.extend(self.header(header)?);
                    steps.extend([visit(init, false), Task::Unbind(indices.len())]);
                    inner.push(Task::Bind(
                        indices.iter().map(|index| (index.as_str(), Binding::Index)).collect(),
                    ));
                    inner.extend([visit(next, false), Task::Unbind(indices.len())]);
                }
                inner.extend(last.iter().map(|&last| visit(last, false)));
                steps.push(Task::Bind(bound));
                steps.extend(inner);
                steps.push(Task::Unbind(count));
                tasks.extend(steps.into_iter().rev());
                let iteration = Iteration {
                    index,
                    bounds: [low, high],
                    states: carried,
                    falling: name.ends_with("_down"),
                    scan,
                    kept: last.first().copied().filter(|_| scan),
                    until: last.first().copied().filter(|_| until),
                    counts: nexts.iter().any(|&next| self.names(index, next)),
                    inits,
                    nexts,
                };
                self.resolve(id, Call::Iteration(iteration));
            }
            "diff" => return self.derivative(id, tasks),
            _ => {
                if let Some((_, takes)) = whole(name)
                    && arity(name).is_none()
                {
                    return Err(wrong_arity(name, takes, arguments.len(), node.place.clone()));
                }
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

    /// Whether a name stands anywhere in an expression, whatever it means there.
    fn names(&self, name: &str, id: AstId) -> bool {
        let mut todo = vec![id];
        while let Some(id) = todo.pop() {
            let node = &self.program.nodes[id];
            if matches!(&node.syntax, Syntax::Name(own) if own == name) {
                return true;
            }
            todo.extend(&node.children);
        }
        false
    }

    /// A reduction over an index: `sum(i, 1, n, x[i])`.
    fn reduction(
        &mut self,
        id: AstId,
        reducer: Reducer,
        usage: &str,
        tasks: &mut Vec<Task<'p>>,
    ) -> Result<(), Diagnostic> {
        let node = &self.program.nodes[id];
        let Syntax::Call(name) = &node.syntax else { unreachable!("a call") };
        let wrong = || {
            let message = format!("{name} is written {usage}");
            Err(Diagnostic::at(node.place.clone(), message, "not of this form"))
        };
        let [axis, low, high, body] = *node.children else { return wrong() };
        let Syntax::Name(index) = &self.program.nodes[axis].syntax else { return wrong() };
        refuse_reserved(index, &node.place)?;
        let visit = |node: AstId, index: bool| Task::Visit { node, index };
        tasks.extend([Task::Unbind(1), visit(body, false), Task::Bind(vec![(index, Binding::Index)])]);
        tasks.extend([visit(high, true), visit(low, true)]);
        self.resolve(id, Call::Reduction(Reduction { reducer, index, bounds: [low, high], body }));
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
        let uses: Vec<(bool, bool, Option<usize>)> =
            parameters.iter().map(|(_, usage)| (usage.index, usage.whole, usage.rank)).collect();
        self.resolve(id, Call::Definition(statement));
        for (&argument, (index, whole, rank)) in node.children.iter().zip(uses) {
            let place = self.program.nodes[argument].place.clone();
            match (&self.program.nodes[argument].syntax, rank) {
                (Syntax::Name(input), Some(rank)) => self.mention(input, place, false, Some(rank))?,
                (Syntax::Name(input), None) if whole => self.mention_whole(input, place)?,
                _ => tasks.push(Task::Visit { node: argument, index }),
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

//! Calls: of definitions and their derivatives, of what binds names, of the library.

use std::ops::Range;

use expr::Fold;

use super::{
    Binding, Call, Derivative, Global, Iteration, Reduction, Resolution, Task, Use, refuse_reserved, reserved,
};
use crate::diagnostic::{Diagnostic, closest};
use crate::keywords::{instead, is_constant, is_function, is_reserved, plain};
use crate::library::{arity, functions};
use crate::parser::{Ast, AstId, Syntax};

/// Derivatives of higher order are refused: their formulas grow with the square of the order.
const MAX_ORDER: usize = 32;

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

    /// `f'(u)`: the derivative of a definition of one argument.
    fn prime(&mut self, id: AstId, name: &'p str, tasks: &mut Vec<Task<'p>>) -> Result<(), Diagnostic> {
        let node = &self.program.nodes[id];
        let function = name.trim_end_matches('\'');
        let order = name.len() - function.len();
        let local = self.parameters.iter().any(|(own, _)| own == name) || self.binding(name).is_some();
        match self.globals.get(function) {
            _ if local => Err(self.not_a_function(name, node.head.clone())),
            Some(Global::Function(statement, parameters)) => {
                if order > MAX_ORDER {
                    return Err(too_high(node.head.clone()));
                }
                one_argument(function, parameters, node.head.clone())?;
                if parameters[0].1.rank.is_some() {
                    return Err(indexes_argument(function, node.head.clone()));
                }
                let [argument] = *node.children else {
                    return Err(wrong_arity(name, 1, node.children.len(), node.place.clone()));
                };
                tasks.push(Task::Visit { node: argument, index: false });
                let statement = *statement;
                self.resolve(id, Call::Prime(statement, order as u32));
                Ok(())
            }
            None if is_function(function) => {
                let function = plain(function);
                let order = if order > 1 { format!(", {order}") } else { String::new() };
                let message =
                    format!("{name} is not known: ' is for definitions, {function} is of the library");
                let help = format!("write diff({function}(t), t{order}), or g(t) = {function}(t) and g'(…)");
                Err(Diagnostic::at(node.head.clone(), message, "not a definition").help(help))
            }
            _ => Err(self.unknown_function(name, node.head.clone())),
        }
    }

    /// `diff(u, x)` and `diff(u, x, k)`.
    fn derivative(&mut self, id: AstId, tasks: &mut Vec<Task<'p>>) -> Result<(), Diagnostic> {
        let node = &self.program.nodes[id];
        let (of, by, order) = match *node.children {
            [of, by] => (of, by, 1),
            [of, by, order] => {
                let place = self.program.nodes[order].place.clone();
                let literal = match &self.program.nodes[order].syntax {
                    Syntax::Number(k) if self.program.integral[order] => k.as_integer(),
                    _ => None,
                };
                match literal {
                    Some(order) if order > MAX_ORDER as i64 => return Err(too_high(place)),
                    Some(order) if order > 0 => (of, by, order as u32),
                    _ => {
                        return Err(Diagnostic::at(
                            place,
                            "the order of a derivative is a literal integer, at least 1",
                            "not a literal integer",
                        ));
                    }
                }
            }
            _ => {
                let message = "diff is written diff(u, x), or diff(u, x, k) for the k-th derivative";
                return Err(Diagnostic::at(node.place.clone(), message, "not of this form"));
            }
        };
        let variable = &self.program.nodes[by];
        let place = variable.place.clone();
        let (variable_name, indices): (&'p str, &'p [AstId]) = match &variable.syntax {
            Syntax::Name(name) => {
                self.refuse_variable(name, &place)?;
                self.mention(name, place, false, None)?;
                (name, &[])
            }
            Syntax::Subscript(name) => {
                self.refuse_variable(name, &place)?;
                tasks.push(Task::Visit { node: by, index: false });
                (name, &variable.children)
            }
            _ => {
                return Err(Diagnostic::at(
                    place,
                    "a derivative is taken by a name or an element, as x or x[1]",
                    "not a name",
                ));
            }
        };
        let definition = self.differentiated(of, variable, tasks)?;
        let derivative = Derivative { of, definition, by, name: variable_name, indices, order };
        self.resolve(id, Call::Derivative(derivative));
        Ok(())
    }

    /// What is differentiated: the statement of a definition, if it is the name of one.
    fn differentiated(
        &mut self,
        of: AstId,
        variable: &Ast,
        tasks: &mut Vec<Task<'p>>,
    ) -> Result<Option<usize>, Diagnostic> {
        let Syntax::Name(name) = &self.program.nodes[of].syntax else {
            tasks.push(Task::Visit { node: of, index: false });
            return Ok(None);
        };
        let place = self.program.nodes[of].place.clone();
        let local = self.binding(name).is_some() || self.parameters.iter().any(|(own, _)| own == name);
        match self.globals.get(name.as_str()) {
            Some(Global::Function(statement, parameters)) if !local => {
                one_argument(name, parameters, place.clone())?;
                if parameters[0].1.rank.is_some() {
                    return Err(Diagnostic::at(
                        place,
                        format!("{name} indexes its argument"),
                        "of an element?",
                    )
                    .help(format!("write diff({name}(x), x[1])")));
                }
                // A parameter of the last statement is an input, and hides it.
                let own = self.program.statements[self.statement].parameters.iter().flatten();
                let hidden = self.last && { own }.any(|parameter| parameter.name == *name);
                return Ok(Some(*statement).filter(|_| !hidden));
            }
            None if is_function(name) && !local && !self.free.contains_key(name.as_str()) => {
                let by = match &variable.syntax {
                    Syntax::Name(by) => by,
                    _ => "x",
                };
                return Err(Diagnostic::at(
                    place,
                    format!("{name} is a function"),
                    "its argument is missing",
                )
                .help(format!("write diff({name}({by}), {by})")));
            }
            _ => tasks.push(Task::Visit { node: of, index: false }),
        }
        Ok(None)
    }

    /// A derivative is taken by what varies by itself.
    fn refuse_variable(&self, name: &str, place: &Range<usize>) -> Result<(), Diagnostic> {
        let wrong = |what: &str, label: &str| Err(Diagnostic::at(place.clone(), what, label));
        match self.binding(name) {
            Some(Binding::State) => return Ok(()),
            Some(Binding::Index) => {
                return wrong(
                    &format!("{name} is an integer here, it has no derivative"),
                    "an index or a length",
                );
            }
            None if self.parameters.iter().any(|(own, _)| own == name) => return Ok(()),
            None => {}
        }
        match self.globals.get(name) {
            Some(Global::Value(body, _)) => {
                let own = &self.program.nodes[*body];
                let first = self.inputs_below(*body).next();
                let message = format!(
                    "{name} is defined by other names: a derivative is taken by an input or a parameter"
                );
                let error = Diagnostic::at(place.clone(), message, "not an input");
                let _ = own;
                Err(match first {
                    Some(input) => error
                        .help(format!("write diff(…, {input}), or make {name} a parameter: g({name}) = …")),
                    None => error.help(format!("make {name} a parameter: g({name}) = …")),
                })
            }
            Some(Global::Function(..)) => {
                wrong(&format!("{name} is a function, not an input"), "not an input")
            }
            None if is_constant(name) => wrong(&format!("{name} is a constant"), "not an input"),
            None => Ok(()),
        }
    }

    /// The names in a definition that nothing else defines.
    fn inputs_below(&self, body: AstId) -> impl Iterator<Item = &'p str> {
        let mut todo = vec![body];
        let mut found = Vec::new();
        while let Some(id) = todo.pop() {
            let node = &self.program.nodes[id];
            if let Syntax::Name(name) = &node.syntax
                && !self.globals.contains_key(name.as_str())
                && !is_reserved(name)
            {
                found.push(name.as_str());
            }
            todo.extend(node.children.iter().rev());
        }
        found.into_iter()
    }

    /// A name that is known and called, though it is no function.
    fn not_a_function(&self, name: &str, place: Range<usize>) -> Diagnostic {
        let error = Diagnostic::at(place, format!("{name} is not a function"), "cannot be called");
        error.help(format!("to multiply, write {name}*(…)"))
    }

    fn unknown_function(&self, name: &str, place: Range<usize>) -> Diagnostic {
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
        let mut known: Vec<&str> = Vec::new();
        for (name, global) in &self.globals {
            if matches!(global, Global::Function(..)) {
                known.push(name);
            }
        }
        for function in functions().chain(["diff"]) {
            known.push(function);
        }
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

fn in_terms_of_itself(name: &str, place: Range<usize>) -> Diagnostic {
    Diagnostic::at(place, format!("{name} is defined in terms of itself"), "recursion is not possible")
}

fn indexes_argument(name: &str, place: Range<usize>) -> Diagnostic {
    Diagnostic::at(place, format!("{name} indexes its argument"), "by which element?")
        .help(format!("write diff({name}(x), x[1])"))
}

fn too_high(place: Range<usize>) -> Diagnostic {
    Diagnostic::at(place, format!("the order of a derivative is at most {MAX_ORDER}"), "too high")
}

/// A definition stands without its argument only if it has one.
fn one_argument(name: &str, parameters: &[(String, Use)], place: Range<usize>) -> Result<(), Diagnostic> {
    if parameters.len() == 1 {
        return Ok(());
    }
    let names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    let Some(first) = names.first() else { return Ok(()) };
    Err(Diagnostic::at(place, format!("{name} has {} arguments", names.len()), "by which of them?")
        .help(format!("write diff({name}({}), {first})", names.join(", "))))
}

fn wrong_arity(name: &str, takes: usize, given: usize, place: Range<usize>) -> Diagnostic {
    let least = if matches!(name, "min" | "max") { "at least " } else { "" };
    let count = |n: usize| if n == 1 { "1 argument".to_owned() } else { format!("{n} arguments") };
    Diagnostic::at(
        place,
        format!("{name} takes {least}{}, not {given}", count(takes)),
        format!("{} given", count(given)),
    )
}

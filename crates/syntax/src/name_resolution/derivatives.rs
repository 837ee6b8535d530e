//! Derivatives in expressions: `f'(u)` and `diff(u, x)`, and what they are taken by.

use std::ops::Range;

use super::calls::wrong_arity;
use super::{Binding, Call, Derivative, Global, Resolution, Task, Use};
use crate::diagnostic::Diagnostic;
use crate::keywords::{is_constant, is_function, is_reserved, plain};
use crate::parser::{Ast, AstId, Syntax};

/// Derivatives of higher order are refused: their formulas grow with the square of the order.
const MAX_ORDER: usize = 32;

impl<'p> Resolution<'p> {
    /// `f'(u)`: the derivative of a definition of one argument.
    pub(super) fn prime(
        &mut self,
        id: AstId,
        name: &'p str,
        tasks: &mut Vec<Task<'p>>,
    ) -> Result<(), Diagnostic> {
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
                    return Err(indexes_argument(function, node.head.clone(), "by which element?"));
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
    pub(super) fn derivative(&mut self, id: AstId, tasks: &mut Vec<Task<'p>>) -> Result<(), Diagnostic> {
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
                    return Err(indexes_argument(name, place, "of an element?"));
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
                let first = self.input_below(*body);
                let message = format!(
                    "{name} is defined by other names: a derivative is taken by an input or a parameter"
                );
                let error = Diagnostic::at(place.clone(), message, "not an input");
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

    /// The first name in a definition that nothing else defines.
    fn input_below(&self, body: AstId) -> Option<&'p str> {
        let mut todo = vec![body];
        while let Some(id) = todo.pop() {
            let node = &self.program.nodes[id];
            if let Syntax::Name(name) = &node.syntax
                && !self.globals.contains_key(name.as_str())
                && !is_reserved(name)
            {
                return Some(name);
            }
            todo.extend(node.children.iter().rev());
        }
        None
    }
}

fn indexes_argument(name: &str, place: Range<usize>, label: &str) -> Diagnostic {
    Diagnostic::at(place, format!("{name} indexes its argument"), label)
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

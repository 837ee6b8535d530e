//! What every name is: an input (and with how many indices), a size, or bound; found before anything is built.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::diagnostic::{Diagnostic, closest};
use super::syntax::{AstId, Program, Statement, Syntax};
use crate::Op;
use crate::library::{arity, functions, instead};

/// The free names of a program.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// In order, with the number of indices each takes.
    pub(super) inputs: Vec<(String, usize)>,
    pub(super) sizes: FxHashSet<String>,
}

/// How a name is used.
#[derive(Clone, Debug, Default)]
struct Use {
    first: usize,
    /// In a bound or an index.
    index: bool,
    /// As a number.
    plain: Option<Range<usize>>,
    /// With so many indices.
    rank: Option<usize>,
}

enum Global {
    /// A named expression, and whether it has been read as an index.
    Value(AstId, bool),
    Function(Vec<(String, Use)>),
}

enum Task<'p> {
    Visit { node: AstId, index: bool },
    Bind(Vec<&'p str>),
    Unbind(usize),
}

struct Survey<'p> {
    program: &'p Program,
    globals: FxHashMap<&'p str, Global>,
    free: FxHashMap<&'p str, Use>,
    /// Names bound where we are.
    bound: Vec<&'p str>,
    /// The parameters of the definition that is being read.
    parameters: Vec<(String, Use)>,
    /// The name that is being defined.
    current: Option<&'p str>,
    /// Named expressions that turned out to be indices.
    indices: Vec<AstId>,
}

pub(super) fn survey(program: &Program, sizes: &[String]) -> Result<Names, Diagnostic> {
    let mut survey = Survey {
        program,
        globals: FxHashMap::default(),
        free: FxHashMap::default(),
        bound: Vec::new(),
        parameters: Vec::new(),
        current: None,
        indices: Vec::new(),
    };
    let last = program.statements.len() - 1;
    for (k, statement) in program.statements.iter().enumerate() {
        survey.statement(statement, k == last)?;
    }
    // Parameters of the last definition come first, in their order; the others as they first appear.
    let given: FxHashMap<&str, usize> = program.statements[last]
        .parameters
        .iter()
        .flatten()
        .enumerate()
        .map(|(k, (name, _))| (name.as_str(), k))
        .collect();
    let mut order: Vec<(&str, Use)> = survey.free.into_iter().collect();
    order.sort_by_key(|(name, usage)| match given.get(name) {
        Some(&k) => (0, k),
        None => (1, usage.first),
    });
    let mut names = Names::default();
    for (name, usage) in order {
        if usage.index || (sizes.iter().any(|size| size == name) && usage.rank.is_none()) {
            names.sizes.insert(name.to_owned());
        } else {
            names.inputs.push((name.to_owned(), usage.rank.unwrap_or(0)));
        }
    }
    Ok(names)
}

impl<'p> Survey<'p> {
    fn statement(&mut self, statement: &'p Statement, last: bool) -> Result<(), Diagnostic> {
        let program = self.program;
        self.current = statement.name.as_ref().map(|(name, _)| name.as_str());
        self.parameters.clear();
        let Some((name, place)) = &statement.name else {
            if !last {
                let place = program.nodes[statement.body].place.clone();
                return Err(Diagnostic::at(
                    place,
                    "only the last statement may be a bare expression",
                    "its value is lost",
                )
                .help("give it a name, as in q = …, or write several outputs as [a, b]"));
            }
            return self.walk(statement.body, true);
        };
        if let Some((name, place)) =
            statement.parameters.iter().flatten().chain(&statement.name).find(|(name, _)| is_constant(name))
        {
            return Err(Diagnostic::at(
                place.clone(),
                format!("{name} is a constant of the language"),
                "cannot be given another meaning",
            ));
        }
        if is_function(name) {
            return Err(Diagnostic::at(
                place.clone(),
                format!("{name} is a function of the language"),
                "cannot be defined again",
            ));
        }
        if self.globals.contains_key(name.as_str()) {
            return Err(Diagnostic::at(
                place.clone(),
                format!("{name} is defined twice"),
                "the second definition",
            ));
        }
        for (k, (parameter, place)) in statement.parameters.iter().flatten().enumerate() {
            if statement.parameters.iter().flatten().take(k).any(|(before, _)| before == parameter) {
                return Err(Diagnostic::at(
                    place.clone(),
                    format!("the parameter {parameter} occurs twice"),
                    "the second one",
                ));
            }
            if last {
                let declared = statement.shapes.iter().find(|(name, ..)| name == parameter);
                let rank = declared.map(|(_, shape, _)| shape.len());
                self.free.entry(parameter).or_insert(Use { first: place.start, rank, ..Use::default() });
            } else {
                self.parameters.push((parameter.clone(), Use::default()));
            }
        }
        self.walk(statement.body, last)?;
        if let Some(usage) = self.free.get(name.as_str()).filter(|_| !last) {
            let place = usage.first..usage.first + name.len();
            return Err(Diagnostic::at(
                place,
                format!("{name} is used before it is defined"),
                "defined further on",
            ));
        }
        let global = match &statement.parameters {
            Some(_) => Global::Function(std::mem::take(&mut self.parameters)),
            None => Global::Value(statement.body, false),
        };
        self.globals.insert(name, global);
        Ok(())
    }

    fn walk(&mut self, body: AstId, outputs: bool) -> Result<(), Diagnostic> {
        self.walk_as(body, false, outputs)?;
        // What turned out to be an index is made of sizes: it is read once more as one, outside all parameters.
        while let Some(body) = self.indices.pop() {
            let parameters = std::mem::take(&mut self.parameters);
            self.walk_as(body, true, false)?;
            self.parameters = parameters;
        }
        Ok(())
    }

    fn walk_as(&mut self, body: AstId, index: bool, outputs: bool) -> Result<(), Diagnostic> {
        let mut tasks = vec![Task::Visit { node: body, index }];
        while let Some(task) = tasks.pop() {
            match task {
                Task::Bind(names) => self.bound.extend(names),
                Task::Unbind(count) => self.bound.truncate(self.bound.len() - count),
                Task::Visit { node, index } => {
                    self.visit(node, index, outputs && node == body, &mut tasks)?;
                }
            }
        }
        Ok(())
    }

    fn visit(
        &mut self,
        id: AstId,
        index: bool,
        top: bool,
        tasks: &mut Vec<Task<'p>>,
    ) -> Result<(), Diagnostic> {
        let node = &self.program.nodes[id];
        let all = |index: bool| node.children.iter().rev().map(move |&node| Task::Visit { node, index });
        match &node.syntax {
            Syntax::Number(_) => {}
            Syntax::Name(name) => return self.mention(name, node.place.clone(), index, None),
            Syntax::Subscript(name) => {
                self.mention(name, node.head.clone(), false, Some(node.children.len()))?;
                tasks.extend(all(true));
            }
            Syntax::Apply(op) => {
                let arithmetic = matches!(op, Op::Add | Op::Sub | Op::Mul | Op::Neg | Op::Pow);
                tasks.extend(all(index && arithmetic));
            }
            Syntax::List if top => tasks.extend(all(false)),
            Syntax::List => {
                return Err(Diagnostic::at(
                    node.place.clone(),
                    "a list can only be the whole function, or the terms of sum([…])",
                    "a list",
                ));
            }
            Syntax::Tuple => {
                return Err(Diagnostic::at(
                    node.place.clone(),
                    "several expressions in one pair of parentheses",
                    "only states of iterate",
                )
                .help("several outputs are written [a, b]"));
            }
            Syntax::Pick => {
                let which = &self.program.nodes[node.children[1]];
                let items = node.children.len();
                if items != 2 || !matches!(&which.syntax, Syntax::Number(k) if k.as_integer().is_some()) {
                    return Err(Diagnostic::at(
                        node.place.clone(),
                        "a result of iterate is picked by one literal integer",
                        "as in [1]",
                    ));
                }
                tasks.push(Task::Visit { node: node.children[0], index: false });
            }
            Syntax::Call(name) => return self.call(id, name, tasks),
        }
        Ok(())
    }

    /// A use of a name.
    fn mention(
        &mut self,
        name: &'p str,
        place: Range<usize>,
        index: bool,
        rank: Option<usize>,
    ) -> Result<(), Diagnostic> {
        if self.bound.contains(&name) {
            return match rank {
                None => Ok(()),
                Some(_) => Err(Diagnostic::at(
                    place,
                    format!("{name} is bound here, it is not an indexed input"),
                    "cannot be indexed",
                )),
            };
        }
        let usage = match self.parameters.iter_mut().find(|(parameter, _)| parameter == name) {
            Some((_, usage)) => usage,
            None => match self.globals.get(name) {
                Some(Global::Function(_)) => {
                    return Err(Diagnostic::at(
                        place,
                        format!("{name} is a function"),
                        "its arguments are missing",
                    ));
                }
                Some(Global::Value(..)) if rank.is_some() => {
                    return Err(Diagnostic::at(
                        place,
                        format!("{name} is one number, it cannot be indexed"),
                        "not an indexed input",
                    ));
                }
                Some(Global::Value(body, read)) => {
                    // What an index is made of is made of sizes.
                    if index && !*read {
                        self.indices.push(*body);
                        self.globals.insert(name, Global::Value(self.indices[self.indices.len() - 1], true));
                    }
                    return Ok(());
                }
                None if self.current == Some(name) => {
                    return Err(Diagnostic::at(
                        place,
                        format!("{name} is defined in terms of itself"),
                        "recursion is not possible",
                    ));
                }
                None if is_constant(name) && !self.free.contains_key(name) && rank.is_none() => return Ok(()),
                None if is_function(name) => {
                    return Err(Diagnostic::at(
                        place,
                        format!("{name} is a function"),
                        "its arguments are missing",
                    ));
                }
                None => self.free.entry(name).or_insert(Use { first: place.start, ..Use::default() }),
            },
        };
        usage.first = usage.first.min(place.start);
        match rank {
            Some(rank) => {
                if usage.plain.is_some() || usage.index {
                    return Err(mixed(name, place));
                }
                if let Some(before) = usage.rank.filter(|&before| before != rank) {
                    let count = |n: usize| if n == 1 { "1 index".to_owned() } else { format!("{n} indices") };
                    let message = format!("{name} has {} here and {} elsewhere", count(rank), count(before));
                    return Err(Diagnostic::at(place, message, "another number of indices"));
                }
                usage.rank = Some(rank);
            }
            None => {
                if usage.rank.is_some() {
                    return Err(mixed(name, place));
                }
                usage.index |= index;
                if !index {
                    usage.plain.get_or_insert(place);
                }
            }
        }
        Ok(())
    }

    fn call(&mut self, id: AstId, name: &'p str, tasks: &mut Vec<Task<'p>>) -> Result<(), Diagnostic> {
        let node = &self.program.nodes[id];
        let arguments = &node.children;
        let visit = |node: AstId, index: bool| Task::Visit { node, index };
        let wrong = |usage: &str| {
            Err(Diagnostic::at(node.place.clone(), format!("{name} is written {usage}"), "not of this form"))
        };
        if let Some(Global::Function(parameters)) = self.globals.get(name) {
            if parameters.len() != arguments.len() {
                return Err(wrong_arity(name, parameters.len(), arguments.len(), node.place.clone()));
            }
            let uses: Vec<(bool, Option<usize>)> =
                parameters.iter().map(|(_, usage)| (usage.index, usage.rank)).collect();
            for (&argument, (index, rank)) in arguments.iter().zip(uses) {
                let Some(rank) = rank else {
                    tasks.push(visit(argument, index));
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
            return Ok(());
        }
        match name {
            "sum" | "prod" => {
                if let [list] = **arguments
                    && self.program.nodes[list].syntax == Syntax::List
                {
                    tasks.extend(self.program.nodes[list].children.iter().map(|&term| visit(term, false)));
                    return Ok(());
                }
                let usage = format!("{name}(i, 1, n, …) or {name}([a, b, …])");
                let [axis, low, high, body] = **arguments else { return wrong(&usage) };
                let Syntax::Name(axis) = &self.program.nodes[axis].syntax else { return wrong(&usage) };
                tasks.extend([Task::Unbind(1), visit(body, false), Task::Bind(vec![axis])]);
                tasks.extend([visit(high, true), visit(low, true)]);
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
                let mut bound = vec![axis.as_str()];
                for &state in states {
                    let Syntax::Name(state) = &self.program.nodes[state].syntax else { return wrong(USAGE) };
                    if bound.contains(&state.as_str()) {
                        return Err(Diagnostic::at(
                            node.place.clone(),
                            format!("{state} is bound twice in one iterate"),
                            "two meanings",
                        ));
                    }
                    bound.push(state);
                }
                tasks.push(Task::Unbind(bound.len()));
                tasks.extend(nexts.iter().map(|&next| visit(next, false)));
                tasks.push(Task::Bind(bound));
                tasks.extend(inits.iter().map(|&init| visit(init, false)));
                tasks.extend([visit(high, true), visit(low, true)]);
            }
            _ => {
                let Some((fewest, most)) = arity(name) else {
                    return Err(self.unknown_function(name, node.head.clone()));
                };
                if !(fewest..=most).contains(&arguments.len()) {
                    let nearest = arguments.len().clamp(fewest, most);
                    return Err(wrong_arity(name, nearest, arguments.len(), node.place.clone()));
                }
                tasks.extend(arguments.iter().map(|&argument| visit(argument, false)));
            }
        }
        Ok(())
    }

    /// The items of a tuple; one expression is its only item.
    fn items(&self, id: AstId) -> &'p [AstId] {
        items(self.program, id)
    }

    fn unknown_function(&self, name: &str, place: Range<usize>) -> Diagnostic {
        if self.current == Some(name) {
            return Diagnostic::at(
                place,
                format!("{name} is defined in terms of itself"),
                "recursion is not possible",
            );
        }
        let own = self
            .globals
            .iter()
            .filter(|(_, global)| matches!(global, Global::Function(_)))
            .map(|(name, _)| *name);
        let mut known: Vec<&str> = own.collect();
        for function in functions() {
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

/// The items of a tuple; one expression is its only item.
pub(super) fn items(program: &Program, id: AstId) -> &[AstId] {
    let node = &program.nodes[id];
    match node.syntax {
        Syntax::Tuple => &node.children,
        // A node's own id, as a list of one: found again among its parent's children.
        _ => std::slice::from_ref(&program.own_ids[id]),
    }
}

fn mixed(name: &str, place: Range<usize>) -> Diagnostic {
    Diagnostic::at(place, format!("{name} is used with an index and without"), "used the other way elsewhere")
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

/// The exact constants that have names.
pub(super) fn is_constant(name: &str) -> bool {
    matches!(name, "pi" | "e")
}

fn is_function(name: &str) -> bool {
    functions().any(|function| function == name)
}

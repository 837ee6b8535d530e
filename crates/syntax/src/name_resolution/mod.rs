//! What every name is: an input (and with how many indices), a size, or bound; and what every call is, with as many arguments
//! as it takes. Found before anything is built, and once: what is built looks nothing of it up again.

mod arrays;
mod calls;
mod derivatives;
mod found;
mod uses;

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

pub(super) use found::{Call, Derivative, Iteration, Names, Reducer, Reduction, State, Whole};

use super::diagnostic::Diagnostic;
use super::keywords::{is_constant, is_function, is_reserved, is_unlikely_input};
use super::parser::{AstId, Length, Parameter, Program, Statement, Syntax};
use super::setting::Setting;
use expr::Op;

/// How a name is used.
#[derive(Clone, Debug, Default)]
struct Use {
    first: usize,
    /// In a bound or an index.
    index: bool,
    /// As a whole, where that must be an array.
    whole: bool,
    /// With so many indices.
    rank: Option<usize>,
}

enum Global {
    /// A named expression, and whether it has been read as an index.
    Value(AstId, bool),
    /// By its statement, with its parameters.
    Function(usize, Vec<(String, Use)>),
}

/// What binds a name.
#[derive(Clone, Copy, PartialEq)]
enum Binding {
    /// An index variable, or a length that is local to a definition.
    Index,
    /// A carried state.
    State,
}

enum Task<'p> {
    Visit { node: AstId, index: bool },
    Bind(Vec<(&'p str, Binding)>),
    Unbind(usize),
}

struct Resolution<'p> {
    text: &'p str,
    program: &'p Program,
    globals: FxHashMap<&'p str, Global>,
    free: FxHashMap<&'p str, Use>,
    /// Names bound where we are.
    bound: Vec<(&'p str, Binding)>,
    /// The parameters of the definition that is being read.
    parameters: Vec<(String, Use)>,
    /// The name that is being defined, by which statement, and whether that is the last one.
    current: Option<&'p str>,
    statement: usize,
    last: bool,
    calls: FxHashMap<AstId, Call<'p>>,
    indexed: FxHashSet<(usize, usize)>,
    /// Named expressions that turned out to be indices.
    indices: Vec<AstId>,
    notes: Vec<Diagnostic>,
}

pub(super) fn resolve<'p>(
    text: &'p str,
    program: &'p Program,
    sizes: &[String],
) -> Result<Names<'p>, Diagnostic> {
    let mut resolution = Resolution {
        text,
        program,
        globals: FxHashMap::default(),
        free: FxHashMap::default(),
        bound: Vec::new(),
        parameters: Vec::new(),
        current: None,
        statement: 0,
        last: false,
        calls: FxHashMap::default(),
        indexed: FxHashSet::default(),
        indices: Vec::new(),
        notes: Vec::new(),
    };
    let last = program.statements.len() - 1;
    for (k, statement) in program.statements.iter().enumerate() {
        resolution.statement = k;
        resolution.statement(statement, k == last)?;
    }
    // Parameters of the last definition come first, in their order; the others as they first appear.
    let given: FxHashMap<&str, usize> = program.statements[last]
        .parameters
        .iter()
        .flatten()
        .enumerate()
        .map(|(k, parameter)| (parameter.name.as_str(), k))
        .collect();
    let mut order: Vec<(&str, Use)> = resolution.free.into_iter().collect();
    order.sort_by_key(|(name, usage)| match given.get(name) {
        Some(&k) => (0, k),
        None => (1, usage.first),
    });
    let mut names = Names {
        calls: resolution.calls,
        notes: resolution.notes,
        indexed: resolution.indexed,
        ..Names::default()
    };
    for (name, usage) in order {
        if usage.index || (sizes.iter().any(|size| size == name) && usage.rank.is_none() && !usage.whole) {
            names.sizes.insert(name.to_owned());
        } else {
            if is_unlikely_input(name) && !given.contains_key(name) {
                names.notes.push(unlikely_input(name, usage.first..usage.first + name.len()));
            }
            names.inputs.push((name.to_owned(), usage.rank.unwrap_or(usize::from(usage.whole))));
        }
    }
    names.notes.sort_by_key(|note| note.place.start);
    Ok(names)
}

fn unlikely_input(name: &str, place: Range<usize>) -> Diagnostic {
    let note = Diagnostic::at(place, format!("{name} is an input here"), "a name like any other");
    if is_function(name) {
        note.help(format!("as a function it stands directly before its argument in parentheses: {name}(x)"))
    } else {
        note.help("functions have no such number").set(Setting::NotFinite)
    }
}

impl<'p> Resolution<'p> {
    fn statement(&mut self, statement: &'p Statement, last: bool) -> Result<(), Diagnostic> {
        let program = self.program;
        self.current = statement.name.as_ref().map(|(name, _)| name.as_str());
        self.last = last;
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
        refuse_reserved(name, place)?;
        if self.globals.contains_key(name.as_str()) {
            return Err(Diagnostic::at(
                place.clone(),
                format!("{name} is defined twice"),
                "the second definition",
            ));
        }
        if is_function(name) && !last {
            let message = format!("from here on {name} is what this statement defines");
            let note = Diagnostic::at(place.clone(), message, format!("hides the function {name}"));
            self.notes.push(note);
        }
        let mut lengths: Vec<(&'p str, Binding)> = Vec::new();
        for (k, parameter) in statement.parameters.iter().flatten().enumerate() {
            self.parameter(
                parameter,
                &statement.parameters.as_deref().unwrap_or_default()[..k],
                &mut lengths,
            )?;
        }
        let local = lengths.len();
        self.bound.extend(lengths);
        self.walk(statement.body, last)?;
        self.bound.truncate(self.bound.len() - local);
        if let Some(usage) = self.free.get(name.as_str()).filter(|_| !last) {
            let place = usage.first..usage.first + name.len();
            return Err(Diagnostic::at(
                place,
                format!("{name} is used before it is defined"),
                "defined further on",
            ));
        }
        let global = match &statement.parameters {
            Some(_) => {
                let parameters = std::mem::take(&mut self.parameters);
                let ranked = parameters.iter().enumerate().filter(|(_, (_, usage))| usage.rank.is_some());
                self.indexed.extend(ranked.map(|(k, _)| (self.statement, k)));
                Global::Function(self.statement, parameters)
            }
            None => Global::Value(statement.body, false),
        };
        self.globals.insert(name, global);
        Ok(())
    }

    /// A parameter of a definition: of the last one it is an input, and lengths are sizes; elsewhere both are local.
    fn parameter(
        &mut self,
        parameter: &'p Parameter,
        before: &[Parameter],
        lengths: &mut Vec<(&'p str, Binding)>,
    ) -> Result<(), Diagnostic> {
        let Parameter { name, place, shape } = parameter;
        refuse_reserved(name, place)?;
        if before.iter().any(|before| before.name == *name) {
            return Err(Diagnostic::at(
                place.clone(),
                format!("the parameter {name} occurs twice"),
                "the second one",
            ));
        }
        let rank = shape.as_ref().map(Vec::len);
        let usage = Use { first: place.start, rank, ..Use::default() };
        if self.last {
            // It hides what is defined by that name before.
            if matches!(self.globals.get(name.as_str()), Some(Global::Value(..))) {
                self.globals.remove(name.as_str());
            }
            // Definitions before may have used it as a whole.
            let known = self.free.entry(name).or_insert(usage);
            known.rank = known.rank.or(rank);
        } else {
            self.parameters.push((name.clone(), usage));
        }
        for extent in shape.iter().flatten() {
            let Length::Size(size) = &extent.length else { continue };
            refuse_reserved(size, &extent.place)?;
            if self.last {
                self.mention(size, extent.place.clone(), true, None)?;
            } else if !lengths.iter().any(|(known, _)| known == size) {
                lengths.push((size, Binding::Index));
            }
        }
        Ok(())
    }

    fn walk(&mut self, body: AstId, outputs: bool) -> Result<(), Diagnostic> {
        self.walk_as(body, false, outputs)?;
        // What turned out to be an index is made of sizes: it is read once more as one, outside all parameters.
        while let Some(body) = self.indices.pop() {
            let parameters = std::mem::take(&mut self.parameters);
            let bound = std::mem::take(&mut self.bound);
            self.walk_as(body, true, false)?;
            (self.parameters, self.bound) = (parameters, bound);
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
            Syntax::Logic(_) => tasks.extend(all(false)),
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
                tasks.extend(node.children[1..].iter().map(|&node| Task::Visit { node, index: true }));
                tasks.push(Task::Visit { node: node.children[0], index: false });
            }
            Syntax::Array(_) => return self.array(id, tasks),
            Syntax::State(name, _) => return Err(misplaced_state(name, node.place.clone())),
            Syntax::Call(name) => return self.call(id, name, tasks),
        }
        Ok(())
    }

    /// Says what a call is, unless that is known: what turns out to be an index is walked once more.
    fn resolve(&mut self, id: AstId, call: Call<'p>) {
        self.calls.entry(id).or_insert(call);
    }

    /// The items of a tuple; one expression is its only item.
    fn items(&self, id: AstId) -> &'p [AstId] {
        let node = &self.program.nodes[id];
        match node.syntax {
            Syntax::Tuple => &node.children,
            // A node's own id, as a list of one: found again among its parent's children.
            _ => std::slice::from_ref(&self.program.own_ids[id]),
        }
    }
}

fn misplaced_state(name: &str, place: Range<usize>) -> Diagnostic {
    let error = Diagnostic::at(place, format!("{name} has ranges for its indices here"), "not a value");
    error.help(format!(
        "an array is defined by let {name}[i: 1..n] = …; an array without a name is [i: 1..n] …"
    ))
}

fn reserved(name: &str, place: Range<usize>, label: &str) -> Diagnostic {
    let kind = if is_constant(name) { "constant" } else { "word" };
    Diagnostic::at(place, format!("{name} is a {kind} of the language"), label)
}

/// Words of the language mean what they mean.
fn refuse_reserved(name: &str, place: &Range<usize>) -> Result<(), Diagnostic> {
    if is_reserved(name) {
        return Err(reserved(name, place.clone(), "cannot be given another meaning"));
    }
    Ok(())
}

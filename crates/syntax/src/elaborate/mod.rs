//! The syntax tree to a graph: definitions are expanded where they are called, once for the same arguments.
//!
//! Every number is a [`Jet`]: inside `diff` and `f'` it carries derivatives along, elsewhere it is a node of the graph. So a
//! derivative is what the rules of the operator table make of the text, read once more.

mod arrays;
mod binders;
mod definitions;
mod derivatives;
mod fresh;
mod lengths;
mod names;
mod operations;
mod task;
mod until;
mod vectors;

use std::ops::Range;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::diagnostic::Diagnostic;
use super::name_resolution::{Call, Names};
use super::parser::{AstId, Program, Syntax};
use crate::jet::{Jet, Jets, What};
use crate::setting::Setting;
use arrays::Array;
use expr::BlockId;
use expr::graph::Role;
use expr::index::{Index, Symbol};
use expr::{Builder, Function, Node, NodeId, Style};
use fresh::{Found, Fresh};
use task::Task;

/// What a piece of the tree stands for.
#[derive(Clone)]
enum Meaning<'g> {
    /// A number; and the index form that it is, if it is one.
    Number(Jet<'g>, Option<Index>),
    /// An indexed input by itself, as an argument of a definition; and by which of its elements derivatives are taken.
    Block(BlockId, Rc<[Element]>),
    /// An array.
    Array(Array<'g>),
    /// The results of an iteration with several states.
    Results(Vec<Meaning<'g>>),
}

/// An element of an indexed input by which a derivative is taken, and the level of that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Element {
    forms: Vec<Index>,
    level: u32,
}

/// An input by which a derivative is taken wherever it is read: a scalar has no index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Seed {
    block: BlockId,
    element: Element,
}

/// What of an argument decides the result.
#[derive(PartialEq, Eq, Hash)]
enum KeyPart {
    Number(What, Option<Index>),
    Block(BlockId, Rc<[Element]>),
    Array(NodeId),
}

/// Same statement, same arguments, derivatives by the same inputs: same result.
type CallKey = (usize, Vec<KeyPart>, Rc<[Seed]>);

/// What was bound for the time of a derivative.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Binding {
    Local,
    Seed,
    Nothing,
}

/// Where names are looked up.
#[derive(Clone, Copy)]
struct Frame {
    /// Names bound below this belong to callers and are out of sight.
    locals: usize,
    /// The statement that is being read: what is defined further on is not known in it.
    statement: usize,
}

struct Elaborator<'p, 'g> {
    text: &'p str,
    program: &'p Program,
    calls: &'p FxHashMap<AstId, Call<'p>>,
    /// Which definitions index which of their parameters.
    indexed: &'p FxHashSet<(usize, usize)>,
    builder: &'g Builder,
    jets: &'g Jets<'g>,
    blocks: FxHashMap<&'p str, BlockId>,
    sizes: FxHashMap<&'p str, Symbol>,
    /// Which statement defines a name.
    definitions: FxHashMap<&'p str, usize>,
    /// Values of earlier `let`s, outside all derivatives by inputs.
    values: FxHashMap<usize, Meaning<'g>>,
    /// Names bound where we are.
    locals: Vec<(&'p str, Meaning<'g>)>,
    frame: Frame,
    /// The inputs that derivatives are taken by.
    seeds: Rc<[Seed]>,
    /// Names of axes and states bound anywhere around us, callers included.
    active: Vec<String>,
    known: FxHashMap<CallKey, Meaning<'g>>,
    tasks: Vec<Task<'p, 'g>>,
    results: Vec<Meaning<'g>>,
    /// Per node, whether it is a condition.
    truths: Vec<bool>,
    /// Conditions that say whether two elements of an input are the same.
    coincidences: FxHashSet<NodeId>,
    max_nodes: usize,
    /// What is known of the lengths of inputs.
    found: &'p mut Found,
    fresh: Fresh,
    /// The index variables of the text.
    binders: FxHashSet<&'p str>,
}

pub(super) fn elaborate<'p>(
    text: &'p str,
    program: &'p Program,
    names: &'p Names<'p>,
    max_nodes: usize,
) -> Result<Function, Diagnostic> {
    let mut found = Found::default();
    loop {
        found.again = false;
        let function = read(text, program, names, max_nodes, &mut found);
        // Each time another length is known.
        if !found.again {
            return function;
        }
    }
}

fn read<'p>(
    text: &'p str,
    program: &'p Program,
    names: &'p Names<'p>,
    max_nodes: usize,
    found: &mut Found,
) -> Result<Function, Diagnostic> {
    let builder = Builder::new(Style::Written);
    let outputs: Vec<NodeId> = {
        let jets = Jets::new(&builder);
        let block = |(name, rank): &'_ (String, usize)| builder.block(name, *rank, Role::Variable);
        let blocks = names.inputs.iter().map(|input| (input.0.as_str(), block(input))).collect();
        found.data.iter().for_each(|&block| builder.give_role(block, Role::Data));
        let mut sorted: Vec<&String> = names.sizes.iter().collect();
        sorted.sort();
        let sizes = sorted.into_iter().map(|size| (size.as_str(), builder.size(size))).collect();
        let mut elaborator = Elaborator {
            text,
            program,
            calls: &names.calls,
            indexed: &names.indexed,
            builder: &builder,
            jets: &jets,
            blocks,
            sizes,
            definitions: FxHashMap::default(),
            values: FxHashMap::default(),
            locals: Vec::new(),
            frame: Frame { locals: 0, statement: 0 },
            seeds: Rc::from([]),
            active: Vec::new(),
            known: FxHashMap::default(),
            tasks: Vec::new(),
            results: Vec::new(),
            truths: Vec::new(),
            coincidences: FxHashSet::default(),
            max_nodes,
            found,
            fresh: Fresh::default(),
            binders: fresh::binders(program),
        };
        let outputs = elaborator.run()?;
        elaborator.settle_lengths()?;
        lengths::declare_lengths(&builder, &outputs, &elaborator.coincidences);
        outputs
    };
    let name = program.statements.last().and_then(|statement| Some(statement.name.as_ref()?.0.clone()));
    let function = builder.finish(outputs).named(name);
    let settled = !function.graph().used_sizes().contains(&true)
        && !function.graph().used_data().contains(&true)
        && function.graph().nodes().iter().all(|node| {
            !matches!(
                node,
                Node::Symbol(_) | Node::Reduce(..) | Node::Iterate(_) | Node::Project(..) | Node::State(..)
            ) && !matches!(node, Node::Array(..) | Node::Element(..))
        });
    if !settled || function.is_flat() {
        return Ok(function);
    }
    // Only reads at fixed places: nothing is left to be bound.
    function.unroll(max_nodes as u64).map_err(|error| Diagnostic::unroll(&error, &function, text))
}

/// Each is remembered, so that equal calls are one; more than this is a function that doubles with every definition.
const MOST_CALLS: usize = 500_000;

impl<'p, 'g> Elaborator<'p, 'g> {
    fn run(&mut self) -> Result<Vec<NodeId>, Diagnostic> {
        let program = self.program;
        let last = program.statements.len() - 1;
        let parameters = program.statements[last].parameters.as_deref().unwrap_or_default();
        for parameter in parameters.iter().filter(|parameter| parameter.shape.is_some()) {
            self.declare_input(parameter)?;
        }
        for (k, statement) in program.statements[..last].iter().enumerate() {
            let Some((name, _)) = &statement.name else { unreachable!("refused by name resolution") };
            self.frame.statement = k;
            if statement.parameters.is_none() {
                let meaning = self.evaluate(statement.body)?;
                let meaning = self.closed(meaning, statement.body)?;
                match &meaning {
                    Meaning::Number(value, _) => self.builder.name(value.value(), name),
                    Meaning::Array(array) => self.builder.name(self.node(array)?, name),
                    _ => {}
                }
                self.values.insert(k, meaning);
            }
            self.definitions.insert(name, k);
        }
        self.frame.statement = last;
        // Parameters of the last definition hide earlier names: they are the inputs.
        for parameter in parameters {
            if self.definitions.contains_key(parameter.name.as_str()) {
                let input = self.name(&parameter.name);
                self.locals.push((&parameter.name, input));
            }
        }
        let body = program.statements[last].body;
        let outputs = match &program.nodes[body].syntax {
            Syntax::List => &program.nodes[body].children,
            _ => std::slice::from_ref(&program.own_ids[body]),
        };
        outputs
            .iter()
            .map(|&output| {
                let meaning = self.evaluate(output)?;
                match self.closed(meaning, output)? {
                    Meaning::Array(array) => Ok(self.node(&array)?.id()),
                    meaning => self.number(&meaning, output).map(|number| number.value().id()),
                }
            })
            .collect()
    }

    fn evaluate(&mut self, body: AstId) -> Result<Meaning<'g>, Diagnostic> {
        self.tasks.push(Task::Visit(body));
        while let Some(task) = self.tasks.pop() {
            self.step(task)?;
        }
        Ok(self.results.pop().expect("one result per expression"))
    }

    fn place(&self, id: AstId) -> Range<usize> {
        self.program.nodes[id].place.clone()
    }

    fn step(&mut self, task: Task<'p, 'g>) -> Result<(), Diagnostic> {
        let meaning = match task {
            Task::Visit(id) => return self.visit(id),
            Task::Apply(op, id) => self.apply(op, id)?,
            Task::Whole(whole, name, id) => self.whole(whole, name, id)?,
            Task::Join(logic, id) => self.join(logic, id)?,
            Task::Call(name, id) => self.call(name, id)?,
            Task::Subscript(id) => self.subscript(id)?,
            Task::Element(id) => self.named_element(id)?,
            Task::Pick(id) => self.pick(id)?,
            Task::List(fold, terms) => self.list(fold, terms)?,
            Task::Begin(header, body) => return self.begin_array(header, body),
            Task::Header(header) => return self.enter_header(header),
            Task::LeaveArray(id, body, ranges) => self.leave_array(id, body, ranges)?,
            Task::EnterReduction(id, reduction) => return self.enter_reduction(id, reduction),
            Task::LeaveReduction(id, reduction, axis) => match self.leave_reduction(id, reduction, axis)? {
                Some(meaning) => meaning,
                None => return Ok(()),
            },
            Task::LeaveProduct(product, axis, levels, value) => {
                self.leave_product(product, axis, levels, value)?
            }
            Task::EnterIteration(id, iteration) => return self.enter_iteration(id, iteration),
            Task::LeaveIteration(id, iteration, axis, levels) => {
                match self.leave_iteration(id, iteration, axis, levels)? {
                    Some(meaning) => meaning,
                    None => return Ok(()),
                }
            }
            Task::EnterDefinition(definition, id) => return self.enter_definition(definition, id),
            Task::Leave(key, frame) => {
                self.locals.truncate(self.frame.locals);
                let body = self.program.statements[self.frame.statement].body;
                self.frame = frame;
                let meaning = self.results.pop().expect("the body's result");
                let meaning = self.closed(meaning, body)?;
                self.known.insert(key, meaning.clone());
                meaning
            }
            Task::EnterDerivative(id, derivative) => return self.enter_derivative(id, derivative),
            Task::EnterPrime(definition, order, id) => return self.enter_prime(definition, order, id),
            Task::LeaveDerivative { level, order, binding, id } => {
                self.leave_derivative(level, order, binding, id)?
            }
        };
        if self.builder.len().max(self.jets.len()) > self.max_nodes {
            let message = format!("the function has more than {} nodes", self.max_nodes);
            return Err(Diagnostic::at(0..0, message, "too large").set(Setting::Nodes));
        }
        if self.known.len() > MOST_CALLS {
            let message = format!("the definitions are used with more than {MOST_CALLS} different arguments");
            return Err(Diagnostic::at(0..0, message, "too large")
                .help("`iterate` repeats a step without writing it out"));
        }
        self.results.push(meaning);
        Ok(())
    }

    fn visit(&mut self, id: AstId) -> Result<(), Diagnostic> {
        let program = self.program;
        let node = &program.nodes[id];
        let (task, children): (Task<'p, 'g>, &[AstId]) = match &node.syntax {
            Syntax::Number(constant) => {
                let index = constant.as_integer().map(Index::from);
                let value = self.jets.plain(self.builder.lift(constant));
                self.results.push(Meaning::Number(value, index));
                return Ok(());
            }
            Syntax::Name(name) => return self.enter_name(name),
            Syntax::Apply(op) => (Task::Apply(*op, id), &node.children),
            Syntax::Logic(logic) => (Task::Join(*logic, id), &node.children),
            Syntax::Subscript(name) if self.definition_of(name).is_some() => {
                self.tasks.push(Task::Element(id));
                self.tasks.extend(node.children.iter().rev().map(|&child| Task::Visit(child)));
                return self.enter_name(name);
            }
            Syntax::Subscript(_) => (Task::Subscript(id), &node.children),
            Syntax::Pick => (Task::Pick(id), &node.children),
            Syntax::Array(_) => return self.begin_array(id, node.children[node.children.len() - 1]),
            Syntax::Call(name) => match &self.calls[&id] {
                Call::Definition(definition) => (Task::EnterDefinition(*definition, id), &node.children),
                Call::Prime(definition, order) => (Task::EnterPrime(*definition, *order, id), &node.children),
                Call::List(fold, terms) => (Task::List(*fold, terms), terms),
                Call::Reduction(reduction) => (Task::EnterReduction(id, reduction), &reduction.bounds),
                Call::Iteration(iteration) => {
                    self.tasks.push(Task::EnterIteration(id, iteration));
                    for (state, &init) in iteration.states.iter().zip(iteration.inits).rev() {
                        self.tasks.push(match state.header {
                            Some(header) => Task::Begin(header, init),
                            None => Task::Visit(init),
                        });
                    }
                    self.tasks.extend(iteration.bounds.iter().rev().map(|&bound| Task::Visit(bound)));
                    return Ok(());
                }
                Call::Whole(whole) => (Task::Whole(*whole, name, id), &node.children),
                // Where the element stands is known before the derivative begins.
                Call::Derivative(derivative) => (Task::EnterDerivative(id, derivative), derivative.indices),
                Call::Library => (Task::Call(name, id), &node.children),
            },
            Syntax::List | Syntax::Tuple | Syntax::State(..) => unreachable!("refused by name resolution"),
        };
        self.then(task, children)
    }

    fn then(&mut self, task: Task<'p, 'g>, children: &[AstId]) -> Result<(), Diagnostic> {
        self.tasks.push(task);
        self.tasks.extend(children.iter().rev().map(|&child| Task::Visit(child)));
        Ok(())
    }
}

//! The syntax tree to a graph: definitions are expanded where they are called, once for the same arguments.

mod binders;

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::diagnostic::Diagnostic;
use super::survey::{Names, items};
use super::syntax::{AstId, Extent, Length, Logic, Program, Syntax};
use super::truth;
use super::words::{is_constant, plain};
use crate::graph::Role;
use crate::index::{Index, Symbol};
use crate::library::define;
use crate::node::{Axis, BlockId};
use crate::{Builder, Calculus, Constant, Expr, Fold, Function, Node, NodeId, Op, Scalar, Style};

/// What a piece of the tree stands for.
#[derive(Clone)]
enum Meaning<'g> {
    /// A number; and the index form that it is, if it is one.
    Number(Expr<'g>, Option<Index>),
    /// An indexed input by itself, as an argument of a definition.
    Block(BlockId),
    /// The results of an iteration with several states.
    Results(Vec<Expr<'g>>),
}

/// Same definition, same arguments: same result.
type CallKey = (usize, Vec<(Option<NodeId>, Option<Index>, Option<BlockId>)>);

enum Task<'p> {
    Visit(AstId),
    Apply(Op, AstId),
    Join(Logic, AstId),
    Call(&'p str, AstId),
    Subscript(AstId),
    Pick(AstId),
    /// The bounds are there: bind the axis and go on to the body.
    EnterSum(AstId),
    LeaveSum(AstId, Axis),
    EnterIterate(AstId),
    LeaveIterate(AstId, Axis),
    EnterDefinition(usize, AstId),
    LeaveDefinition(CallKey, usize, usize),
}

struct Elaborator<'p, 'g> {
    program: &'p Program,
    builder: &'g Builder,
    blocks: FxHashMap<&'p str, BlockId>,
    sizes: FxHashMap<&'p str, Symbol>,
    /// Values of earlier `let`s, and which statement defines a function.
    values: FxHashMap<&'p str, Meaning<'g>>,
    definitions: FxHashMap<&'p str, usize>,
    /// Names bound where we are; those below `frame` belong to callers and are out of sight.
    locals: Vec<(&'p str, Meaning<'g>)>,
    frame: usize,
    /// The statement that is being read: what is defined further on is not known in it.
    statement: usize,
    /// Names of axes and states bound anywhere around us, callers included.
    active: Vec<String>,
    known: FxHashMap<CallKey, Meaning<'g>>,
    tasks: Vec<Task<'p>>,
    results: Vec<Meaning<'g>>,
    /// Per node, whether it is a condition.
    truths: Vec<bool>,
    max_nodes: usize,
}

pub(super) fn elaborate(
    text: &str,
    program: &Program,
    names: &Names,
    max_nodes: usize,
) -> Result<Function, Diagnostic> {
    let builder = Builder::new(Style::Written);
    let outputs: Vec<NodeId> = {
        let block = |(name, rank): &'_ (String, usize)| builder.block(name, *rank, Role::Variable);
        let blocks = names.inputs.iter().map(|input| (input.0.as_str(), block(input))).collect();
        let mut sorted: Vec<&String> = names.sizes.iter().collect();
        sorted.sort();
        let sizes = sorted.into_iter().map(|size| (size.as_str(), builder.size(size))).collect();
        let mut elaborator = Elaborator {
            program,
            builder: &builder,
            blocks,
            sizes,
            values: FxHashMap::default(),
            definitions: FxHashMap::default(),
            locals: Vec::new(),
            frame: 0,
            statement: 0,
            active: Vec::new(),
            known: FxHashMap::default(),
            tasks: Vec::new(),
            results: Vec::new(),
            truths: Vec::new(),
            max_nodes,
        };
        elaborator.run()?
    };
    let function = builder.finish(outputs);
    let settled = !function.graph().used_sizes().contains(&true)
        && function.graph().nodes().iter().all(|node| {
            !matches!(
                node,
                Node::Symbol(_) | Node::Reduce(..) | Node::Iterate(_) | Node::Project(..) | Node::State(..)
            )
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
        for (k, statement) in program.statements.iter().enumerate() {
            self.statement = k;
            match &statement.name {
                Some((name, _)) if k < last && statement.parameters.is_some() => {
                    self.definitions.insert(name, k);
                }
                Some((name, _)) if k < last => {
                    let meaning = self.evaluate(statement.body)?;
                    if let Meaning::Number(value, _) = &meaning {
                        self.builder.name(*value, name);
                    }
                    self.values.insert(name, meaning);
                }
                _ => {}
            }
        }
        let body = program.statements[last].body;
        let outputs = match &program.nodes[body].syntax {
            Syntax::List => &program.nodes[body].children,
            _ => std::slice::from_ref(&program.own_ids[body]),
        };
        // Parameters of the last definition hide earlier names: they are the inputs.
        for parameter in program.statements[last].parameters.iter().flatten() {
            self.values.remove(parameter.name.as_str());
            if let Some(shape) = &parameter.shape {
                self.declare(&parameter.name, &parameter.place, shape)?;
            }
        }
        outputs
            .iter()
            .map(|&output| {
                let meaning = self.evaluate(output)?;
                self.number(&meaning, output).map(Expr::id)
            })
            .collect()
    }

    /// The lengths of an input, where they are declared as numbers.
    fn declare(&mut self, name: &'p str, place: &Range<usize>, shape: &[Extent]) -> Result<(), Diagnostic> {
        let block = self.blocks.get(name).copied();
        let Some(block) = block.filter(|&block| self.builder.graph().block(block).rank == shape.len()) else {
            return Err(Diagnostic::at(
                place.clone(),
                format!("{name} is used with another number of indices"),
                "declared so",
            ));
        };
        let lengths = shape.iter().map(|extent| match extent.length {
            Length::Number(length) => Some(length),
            Length::Size(_) => None,
        });
        if let Some(lengths) = lengths.collect() {
            self.builder.shape(block, lengths);
        }
        Ok(())
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

    fn step(&mut self, task: Task<'p>) -> Result<(), Diagnostic> {
        let meaning = match task {
            Task::Visit(id) => return self.visit(id),
            Task::Apply(op, id) => self.apply(op, id)?,
            Task::Join(logic, id) => self.join(logic, id)?,
            Task::Call(name, id) => self.call(name, id)?,
            Task::Subscript(id) => self.subscript(id)?,
            Task::Pick(id) => self.pick(id)?,
            Task::EnterSum(id) => return self.enter_sum(id),
            Task::LeaveSum(id, axis) => self.leave_sum(id, axis)?,
            Task::EnterIterate(id) => return self.enter_iterate(id),
            Task::LeaveIterate(id, axis) => self.leave_iterate(id, axis)?,
            Task::EnterDefinition(definition, id) => return self.enter_definition(definition, id),
            Task::LeaveDefinition(key, frame, statement) => {
                self.locals.truncate(self.frame);
                (self.frame, self.statement) = (frame, statement);
                let meaning = self.results.pop().expect("the body's result");
                self.known.insert(key, meaning.clone());
                meaning
            }
        };
        if self.builder.len() > self.max_nodes {
            let message = format!("the function has more than {} nodes", self.max_nodes);
            return Err(Diagnostic::at(0..0, message, "too large").help("raise the budget with --max-nodes"));
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
        let defined = match &node.syntax {
            Syntax::Call(name) => self.definition(name),
            _ => None,
        };
        let mut then = |task: Task<'p>, children: &[AstId]| {
            self.tasks.push(task);
            self.tasks.extend(children.iter().rev().map(|&child| Task::Visit(child)));
            Ok(())
        };
        match &node.syntax {
            Syntax::Number(constant) => {
                let index = constant.as_integer().map(Index::from);
                self.results.push(Meaning::Number(self.builder.lift(constant), index));
                Ok(())
            }
            Syntax::Name(name) => {
                let meaning = self.name(name);
                self.results.push(meaning);
                Ok(())
            }
            Syntax::Apply(op) => then(Task::Apply(*op, id), &node.children),
            Syntax::Logic(logic) => then(Task::Join(*logic, id), &node.children),
            Syntax::Subscript(_) => then(Task::Subscript(id), &node.children),
            Syntax::Pick => then(Task::Pick(id), &node.children[..1]),
            Syntax::Call(_) if let Some(definition) = defined => {
                then(Task::EnterDefinition(definition, id), &node.children)
            }
            Syntax::Call(name) => match (name.as_str(), &*node.children) {
                ("sum" | "prod", [_, low, high, _]) => then(Task::EnterSum(id), &[*low, *high]),
                ("sum" | "prod", list) => then(Task::Call(name, id), &program.nodes[list[0]].children),
                ("iterate", [_, low, high, _, inits, _]) => {
                    let mut children = vec![*low, *high];
                    children.extend(items(program, *inits));
                    then(Task::EnterIterate(id), &children)
                }
                (_, children) => then(Task::Call(name, id), children),
            },
            Syntax::List | Syntax::Tuple => unreachable!("refused by the survey"),
        }
    }

    /// The statement that defines a function, if it comes before the one that is being read.
    fn definition(&self, name: &str) -> Option<usize> {
        self.definitions.get(name).copied().filter(|&definition| definition < self.statement)
    }

    fn name(&self, name: &'p str) -> Meaning<'g> {
        if let Some((_, meaning)) = self.locals[self.frame..].iter().rev().find(|(local, _)| *local == name) {
            return meaning.clone();
        }
        if let Some(meaning) = self.values.get(name) {
            return meaning.clone();
        }
        if let Some(&size) = self.sizes.get(name) {
            return Meaning::Number(self.builder.symbol(size), Some(size.into()));
        }
        match self.blocks.get(name) {
            Some(&block) if self.builder.graph().block(block).rank > 0 => Meaning::Block(block),
            Some(_) => Meaning::Number(self.builder.input(name), None),
            None if is_constant(name) => {
                let constant = if name == "e" { Constant::E } else { Constant::Pi };
                Meaning::Number(self.builder.lift(&constant), None)
            }
            None => unreachable!("the survey knows every name"),
        }
    }

    fn number(&self, meaning: &Meaning<'g>, id: AstId) -> Result<Expr<'g>, Diagnostic> {
        match meaning {
            Meaning::Number(value, _) => Ok(*value),
            Meaning::Block(_) => Err(Diagnostic::at(
                self.place(id),
                "an indexed input stands here without its index",
                "needs an index",
            )),
            Meaning::Results(all) => Err(Diagnostic::at(
                self.place(id),
                format!("this iterate has {} results", all.len()),
                "pick one",
            )
            .help("write iterate(…)[1] for the first")),
        }
    }

    /// The results of the last children, as numbers.
    fn numbers(&mut self, children: &[AstId]) -> Result<Vec<Expr<'g>>, Diagnostic> {
        let all = self.results.split_off(self.results.len() - children.len());
        all.iter().zip(children).map(|(meaning, &id)| self.number(meaning, id)).collect()
    }

    fn index(&self, meaning: &Meaning<'g>, id: AstId) -> Result<Index, Diagnostic> {
        match meaning {
            Meaning::Number(_, Some(index)) => Ok(index.clone()),
            Meaning::Number(value, _) if self.is_huge(*value) => {
                Err(Diagnostic::at(self.place(id), "this bound or index is too large", "beyond any memory"))
            }
            _ => Err(Diagnostic::at(
                self.place(id),
                "a bound or an index must be an integer",
                "not made of integers, sizes and index variables",
            )
            .help("use + - * and constant powers of integers, sizes and index variables")),
        }
    }

    fn is_huge(&self, value: Expr<'g>) -> bool {
        match self.builder.graph().node(value.id()) {
            Node::Const(constant) => self.builder.graph().constant(constant).to_f64().abs() >= 1e15,
            _ => false,
        }
    }

    fn apply(&mut self, op: Op, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let children = &self.program.nodes[id].children;
        let operands = self.results[self.results.len() - children.len()..].to_vec();
        let numbers = self.numbers(children)?;
        let form = |k: usize| match &operands[k] {
            Meaning::Number(_, index) => index.as_ref(),
            _ => None,
        };
        if op == Op::Pow {
            let exponent = self.literal(children[1]);
            let index = form(0).zip(exponent).and_then(|(base, k)| base.to_the(u32::try_from(k).ok()?));
            let value = match exponent {
                Some(k) => numbers[0].powi(self.builder.lift(&Constant::Integer(k))),
                None => numbers[0].pow(numbers[1]),
            };
            return Ok(Meaning::Number(value, index));
        }
        let index = match (op, children.len()) {
            (Op::Neg, _) => form(0).and_then(|a| Index::from(0).minus(a)),
            (Op::Add, _) => form(0).zip(form(1)).and_then(|(a, b)| a.plus(b)),
            (Op::Sub, _) => form(0).zip(form(1)).and_then(|(a, b)| a.minus(b)),
            (Op::Mul, _) => form(0).zip(form(1)).and_then(|(a, b)| a.times(b)),
            _ => None,
        };
        Ok(Meaning::Number(Expr::apply(op, &numbers), index))
    }

    /// The integer that a piece of the tree is by itself: digits, perhaps with a minus sign.
    fn literal(&self, id: AstId) -> Option<i64> {
        let text_is_integer =
            |constant: &Constant, id: AstId| constant.as_integer().filter(|_| self.program.integral[id]);
        let node = &self.program.nodes[id];
        match &node.syntax {
            Syntax::Number(constant) => text_is_integer(constant, id),
            Syntax::Apply(Op::Neg) => match &self.program.nodes[node.children[0]].syntax {
                Syntax::Number(constant) => text_is_integer(constant, node.children[0]).map(|k| -k),
                _ => None,
            },
            _ => None,
        }
    }

    /// `a and b`, `a or b`, `not a`: branches, so that what is not needed is not read.
    fn join(&mut self, logic: Logic, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let numbers = self.numbers(&self.program.nodes[id].children)?;
        let [first, last] = [numbers[0], numbers[numbers.len() - 1]].map(|number| self.condition(number));
        let [zero, one] = [0, 1].map(|integer| self.builder.lift(&Constant::Integer(integer)));
        let value = match logic {
            Logic::And => first.select(last, zero),
            Logic::Or => first.select(one, last),
            Logic::Not => first.select(zero, one),
        };
        Ok(Meaning::Number(value, None))
    }

    /// A number as a condition: what is 0 or 1 as it stands, of everything else whether it is not 0.
    fn condition(&mut self, number: Expr<'g>) -> Expr<'g> {
        truth::extend(&self.builder.graph(), &mut self.truths);
        if self.truths[number.id().index()] { number } else { number.ne(self.builder.constant(0.0)) }
    }

    fn call(&mut self, name: &'p str, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let children = match (name, &*self.program.nodes[id].children) {
            ("sum" | "prod", list) => &self.program.nodes[list[0]].children,
            (_, children) => children,
        };
        let numbers = self.numbers(children)?;
        let left = |op: Op| {
            let rest = numbers[1..].iter();
            rest.fold(numbers[0], |all, next| Expr::apply(op, &[all, *next]))
        };
        let value = match name {
            "sum" => self.builder.fold(Fold::Sum, &numbers),
            "prod" => self.builder.fold(Fold::Product, &numbers),
            "min" => left(Op::Min),
            "max" => left(Op::Max),
            "if" => {
                let condition = self.condition(numbers[0]);
                condition.select(numbers[1], numbers[2])
            }
            "powi" if self.literal(children[1]).is_none() => {
                return Err(Diagnostic::at(
                    self.place(children[1]),
                    "the exponent of powi is a literal integer",
                    "not a literal",
                )
                .help("for any other exponent write pow or ^"));
            }
            name => define(self.builder, plain(name), &numbers)
                .map_err(|(k, message)| Diagnostic::at(self.place(children[k]), message, "here"))?,
        };
        Ok(Meaning::Number(value, None))
    }

    fn subscript(&mut self, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let node = &self.program.nodes[id];
        let Syntax::Subscript(name) = &node.syntax else { unreachable!("a subscript") };
        let Meaning::Block(block) = self.name(name) else {
            return Err(Diagnostic::at(
                node.head.clone(),
                format!("{name} cannot be indexed"),
                "not an indexed input",
            ));
        };
        let all = self.results.split_off(self.results.len() - node.children.len());
        let forms: Result<Vec<Index>, Diagnostic> =
            all.iter().zip(&node.children).map(|(meaning, &child)| self.index(meaning, child)).collect();
        let value = self.builder.read(block, &forms?);
        self.builder.place(value, node.place.clone());
        Ok(Meaning::Number(value, None))
    }

    fn pick(&mut self, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let which = self.program.nodes[id].children[1];
        let Syntax::Number(k) = &self.program.nodes[which].syntax else {
            unreachable!("checked by the survey")
        };
        let all = match self.results.pop().expect("the iteration") {
            Meaning::Results(all) => all,
            Meaning::Number(value, _) => vec![value],
            Meaning::Block(_) => unreachable!("an iteration has results"),
        };
        let k = k.as_integer().and_then(|k| usize::try_from(k).ok()).filter(|k| (1..=all.len()).contains(k));
        match k {
            Some(k) => Ok(Meaning::Number(all[k - 1], None)),
            None => Err(Diagnostic::at(
                self.place(which),
                format!("this iterate has {} results", all.len()),
                "counted from 1",
            )),
        }
    }
}

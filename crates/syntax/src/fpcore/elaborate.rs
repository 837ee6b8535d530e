//! Forms to a graph, without recursion: every form leaves one value.

use super::arguments::{Argument, Arguments, is_number, legal};
use super::form::{FormId, Forms};
use super::loops::{Loop, Uncounted};
use super::operators::{arity, comparison, function};
use crate::Diagnostic;
use expr::graph::{AxisRange, MAX_AXES, Role};
use expr::index::{Index, Symbol};
use expr::{Axis, Builder, Calculus, Constant, Expr, Node, NodeId, Op, Scalar};

/// Why a form could not be read.
pub(super) enum Unread {
    /// What is wrong with it.
    Wrong(Diagnostic),
    /// A loop runs to this argument, which was read as an input: it is a size.
    RunsTo(String),
}

impl From<Diagnostic> for Unread {
    fn from(diagnostic: Diagnostic) -> Unread {
        Unread::Wrong(diagnostic)
    }
}

/// What remains to be done, last first.
enum Task {
    Evaluate(FormId),
    /// Gives an operator its arguments, which are the last values.
    Combine(FormId, usize),
    /// The last values under these names, for what comes next.
    Bind(Vec<FormId>),
    /// The last value under this name too, in a step that others follow.
    Rebind(FormId),
    /// The names bound since then end here.
    Leave(usize),
    EnterLoop(FormId),
    LeaveLoop(FormId, Axis, usize),
}

/// A loop's pieces.
struct LoopForm {
    /// Whether each start and step sees those before it.
    sequential: bool,
    /// `for` rather than `while`.
    counted: bool,
    /// The condition, or the index with its extent.
    first: FormId,
    /// Name, start and step.
    states: Vec<[FormId; 3]>,
    body: FormId,
}

pub(super) struct Elaborator<'a, 't> {
    pub(super) forms: &'a Forms<'t>,
    pub(super) builder: &'a Builder,
    values: Vec<Expr<'a>>,
    pub(super) scope: Vec<(&'t str, Expr<'a>)>,
    tasks: Vec<Task>,
    loops: usize,
}

impl<'a, 't> Elaborator<'a, 't> {
    pub(super) fn new(forms: &'a Forms<'t>, builder: &'a Builder, arguments: &Arguments<'t>) -> Self {
        let value = |argument: &Argument<'t>| match argument.is_size {
            true => builder.symbol(builder.size(&argument.legal)),
            false => builder.element(builder.block(&argument.legal, 0, Role::Variable), 0),
        };
        let scope = arguments.all.iter().map(|argument| (argument.name, value(argument))).collect();
        Elaborator { forms, builder, values: Vec::new(), scope, tasks: Vec::new(), loops: 0 }
    }

    pub(super) fn elaborate(mut self, body: FormId) -> Result<NodeId, Unread> {
        self.tasks.push(Task::Evaluate(body));
        while let Some(task) = self.tasks.pop() {
            self.perform(task)?;
        }
        Ok(self.values.pop().expect("one value").id())
    }

    fn perform(&mut self, task: Task) -> Result<(), Unread> {
        match task {
            Task::Evaluate(form) => match self.forms.word(form) {
                Some(word) => {
                    let value = self.word(form, word)?;
                    self.values.push(value);
                }
                None => self.call(form)?,
            },
            Task::Combine(form, count) => {
                let arguments = self.values.split_off(self.values.len() - count);
                let (head, _) = self.forms.call(form).expect("it was called");
                let value = self.combine(head, &arguments);
                self.builder.place(value, self.forms.place(form));
                self.values.push(value);
            }
            Task::Bind(names) => {
                let values = self.values.split_off(self.values.len() - names.len());
                for (name, value) in names.into_iter().zip(values) {
                    let name = self.name(name)?;
                    self.builder.name(value, &legal(name));
                    self.scope.push((name, value));
                }
            }
            Task::Rebind(name) => {
                let value = *self.values.last().expect("a step");
                self.scope.push((self.name(name)?, value));
            }
            Task::Leave(length) => self.scope.truncate(length),
            Task::EnterLoop(form) => self.enter_loop(form)?,
            Task::LeaveLoop(form, axis, scope) => self.leave_loop(form, axis, scope)?,
        }
        Ok(())
    }

    pub(super) fn wrong<T>(
        &self,
        form: FormId,
        message: impl Into<String>,
        label: &str,
    ) -> Result<T, Diagnostic> {
        Err(Diagnostic::at(self.forms.place(form), message, label))
    }

    pub(super) fn number(&self, value: i64) -> Expr<'a> {
        self.builder.lift(&Constant::Integer(value))
    }

    fn name(&self, form: FormId) -> Result<&'t str, Diagnostic> {
        match self.forms.word(form) {
            Some(name) if !is_number(name) => Ok(name),
            Some(_) => self.wrong(form, "a number is no name", "not a name"),
            None => self.wrong(form, "a name is expected", "not a name"),
        }
    }

    fn call(&mut self, form: FormId) -> Result<(), Diagnostic> {
        let forms = self.forms;
        let Some((head, rest)) = forms.call(form) else {
            return self.wrong(form, "an operator is expected after the bracket", "no operator");
        };
        let misused = || self.wrong(form, format!("`{head}` with other parts than it has"), "not read");
        match (head, rest) {
            ("let" | "let*", [bindings, body]) => {
                let Some(bindings) = forms.list(*bindings) else { return misused() };
                let pair = |&binding: &FormId| match forms.list(binding) {
                    Some(&[name, value]) => Ok((name, value)),
                    _ => self.wrong(binding, "a binding is a name and a value", "not so here"),
                };
                let pairs: Vec<(FormId, FormId)> = bindings.iter().map(pair).collect::<Result<_, _>>()?;
                let names: Vec<&str> =
                    pairs.iter().map(|(name, _)| self.name(*name)).collect::<Result<_, _>>()?;
                if let Some(k) = (1..names.len()).find(|&k| head == "let" && names[..k].contains(&names[k])) {
                    return self.wrong(pairs[k].0, format!("{} is bound twice", names[k]), "the second time");
                }
                self.tasks.extend([Task::Leave(self.scope.len()), Task::Evaluate(*body)]);
                if head == "let" {
                    self.tasks.push(Task::Bind(pairs.iter().map(|(name, _)| *name).collect()));
                    self.tasks.extend(pairs.iter().rev().map(|&(_, value)| Task::Evaluate(value)));
                } else {
                    for (name, value) in pairs.into_iter().rev() {
                        self.tasks.extend([Task::Bind(vec![name]), Task::Evaluate(value)]);
                    }
                }
            }
            ("let" | "let*", _) => return misused(),
            ("while" | "while*" | "for" | "for*", _) => {
                let Some(parts) = self.loop_form(form) else { return misused() };
                self.tasks.push(Task::EnterLoop(form));
                for [name, start, _] in parts.states.iter().rev() {
                    if parts.sequential {
                        self.tasks.push(Task::Bind(vec![*name]));
                    }
                    self.tasks.push(Task::Evaluate(*start));
                }
            }
            ("digits", &[mantissa, exponent, base]) => {
                let value = self.digits([mantissa, exponent, base])?;
                self.values.push(value);
            }
            ("!", [.., body]) | ("cast", [body]) => self.tasks.push(Task::Evaluate(*body)),
            _ => {
                match arity(head) {
                    Some(arity) if arity.contains(&rest.len()) => {}
                    Some(_) => return misused(),
                    None => {
                        let message = format!("`{head}` has no counterpart here");
                        return self.wrong(form, message, "not read");
                    }
                }
                self.tasks.push(Task::Combine(form, rest.len()));
                self.tasks.extend(rest.iter().rev().map(|&argument| Task::Evaluate(argument)));
            }
        }
        Ok(())
    }

    fn combine(&self, head: &str, arguments: &[Expr<'a>]) -> Expr<'a> {
        let (zero, one) = (|| self.number(0), || self.number(1));
        let fold = |op: Op| {
            let (first, rest) = arguments.split_first().expect("at least one");
            rest.iter().fold(*first, |a, &b| Expr::apply(op, &[a, b]))
        };
        match (head, arguments) {
            ("-", &[a]) => -a,
            ("+", _) => fold(Op::Add),
            ("-", _) => fold(Op::Sub),
            ("*", _) => fold(Op::Mul),
            ("/", _) => fold(Op::Div),
            ("pow", &[a, b]) if self.is_integer(b) => a.powi(b),
            ("fma", &[a, b, c]) => a * b + c,
            ("fdim", &[a, b]) => (a - b).relu(),
            ("fmin", _) => fold(Op::Min),
            ("fmax", _) => fold(Op::Max),
            ("if", &[condition, a, b]) => condition.select(a, b),
            ("not", &[a]) => a.select(zero(), one()),
            ("and", parts) => parts.iter().rev().fold(one(), |all, a| a.select(all, zero())),
            ("or", parts) => parts.iter().rev().fold(zero(), |any, a| a.select(one(), any)),
            _ => match comparison(head) {
                Some(op) => self.chain(op, arguments),
                None => Expr::apply(function(head).expect("its arity is known"), arguments),
            },
        }
    }

    /// `a < b < c`; of `!=` every pair counts, of the others neighbours.
    fn chain(&self, op: Op, terms: &[Expr<'a>]) -> Expr<'a> {
        let zero = self.number(0);
        let mut all: Option<Expr<'a>> = None;
        for (k, &a) in terms.iter().enumerate() {
            let reach = if op == Op::Ne { terms.len() } else { 1 };
            for &b in terms[k + 1..].iter().take(reach) {
                let holds = Expr::apply(op, &[a, b]);
                all = Some(all.map_or(holds, |all| all.select(holds, zero)));
            }
        }
        all.unwrap_or_else(|| self.number(1))
    }

    fn is_integer(&self, value: Expr<'a>) -> bool {
        let graph = self.builder.graph();
        matches!(graph.node(value.id()), Node::Const(constant) if graph.constant(constant).as_integer().is_some())
    }

    fn loop_form(&self, form: FormId) -> Option<LoopForm> {
        let (head, &[first, states, body]) = self.forms.call(form)? else { return None };
        let triple = |&state: &FormId| <[FormId; 3]>::try_from(self.forms.list(state)?).ok();
        Some(LoopForm {
            sequential: head.ends_with('*'),
            counted: head.starts_with("for"),
            first,
            states: self.forms.list(states)?.iter().map(triple).collect::<Option<_>>()?,
            body,
        })
    }

    /// The starts are there, as values or, one after the other, under their names.
    fn enter_loop(&mut self, form: FormId) -> Result<(), Unread> {
        let parts = self.loop_form(form).expect("it was read before");
        let count = parts.states.len();
        if parts.sequential {
            let starts = self.scope.split_off(self.scope.len() - count);
            self.values.extend(starts.into_iter().map(|(_, value)| value));
        }
        if self.builder.graph().axis_count() >= MAX_AXES {
            return Ok(self.wrong(form, format!("more than {MAX_AXES} loops"), "one too many")?);
        }
        self.loops += 1;
        let names: Vec<&str> =
            parts.states.iter().map(|state| self.name(state[0])).collect::<Result<_, _>>()?;
        // Axes of the same names would be the same; names of inputs are left alone when a function is printed.
        let own = |name: &str| match self.loops {
            1 => legal(name),
            loops => format!("{}_{loops}", legal(name)),
        };
        let states: Vec<String> = names.iter().map(|name| own(name)).collect();
        let states: Vec<&str> = states.iter().map(String::as_str).collect();
        let axis = self.builder.axis(&own("k"), &states);
        let scope = self.scope.len();
        self.tasks.push(Task::LeaveLoop(form, axis, scope));
        for &[name, _, step] in parts.states.iter().rev() {
            if parts.sequential {
                self.tasks.push(Task::Rebind(name));
            }
            self.tasks.push(Task::Evaluate(step));
        }
        if parts.counted {
            let index = self.index_of(parts.first)?;
            let symbol = self.builder.symbol(Symbol::Axis(axis));
            self.scope.push((index.0, symbol));
        } else {
            self.tasks.push(Task::Evaluate(parts.first));
        }
        self.scope.extend(names.into_iter().enumerate().map(|(k, name)| (name, self.builder.state(axis, k))));
        Ok(())
    }

    /// Starts, the condition of `while`, and steps are there, as values.
    fn leave_loop(&mut self, form: FormId, axis: Axis, scope: usize) -> Result<(), Unread> {
        let parts = self.loop_form(form).expect("it was read before");
        let count = parts.states.len();
        self.scope.truncate(scope);
        let nexts = self.values.split_off(self.values.len() - count);
        let (low, high) = if parts.counted {
            let (_, extent) = self.index_of(parts.first)?;
            let last = extent.minus(&Index::from(1));
            (Index::from(0), last.expect("extents are far from overflow"))
        } else {
            let condition = self.values.pop().expect("the condition");
            let inits = &self.values[self.values.len() - count..];
            let ids = |values: &[Expr<'_>]| values.iter().map(|value| value.id()).collect::<Vec<_>>();
            let (inits, nexts) = (ids(inits), ids(&nexts));
            let rounds = Loop { axis, condition: condition.id(), inits: &inits, nexts: &nexts };
            let found = rounds.rounds(&self.builder.graph());
            let refused = match found {
                Ok(rounds) => Ok((Index::from(1), rounds)),
                Err(Uncounted::RunsTo(input)) => return Err(self.runs_to(input)),
                Err(Uncounted::DependsOnInputs) => {
                    Err(("depends on the inputs: no iteration can say that", "not known beforehand"))
                }
                Err(Uncounted::DependsOnLoop) => {
                    Err(("depends on another loop: no iteration can say that", "not known beforehand"))
                }
                Err(Uncounted::Endless) => Err(("has no end: it does not end", "holds for ever")),
                Err(Uncounted::TooLong) => {
                    Err(("is not known: it does not end within 10 000 000 rounds", "still holds"))
                }
            };
            refused.or_else(|(why, label)| {
                self.wrong(parts.first, format!("how often this `while` goes round {why}"), label)
            })?
        };
        let inits = self.values.split_off(self.values.len() - count);
        let results = match count {
            0 => Vec::new(),
            _ => self.builder.iterate(AxisRange { axis, low, high }, &inits, &nexts),
        };
        if let Some(all) = results.first().and_then(|&result| self.builder.parent_of(result)) {
            self.builder.place(all, self.forms.place(form));
        }
        for (&[name, ..], result) in parts.states.iter().zip(results) {
            let name = self.name(name)?;
            self.scope.push((name, result));
        }
        self.tasks.extend([Task::Leave(scope), Task::Evaluate(parts.body)]);
        Ok(())
    }

    /// An argument that was read as an input is a size.
    fn runs_to(&self, input: NodeId) -> Unread {
        let graph = self.builder.graph();
        let Node::Input(block, _) = graph.node(input) else { unreachable!("an input") };
        Unread::RunsTo(graph.block(block).name.clone())
    }

    /// Index and extent of a `for` over one index.
    fn index_of(&self, first: FormId) -> Result<(&'t str, Index), Unread> {
        let single = |&[pair]: &[FormId; 1]| <[FormId; 2]>::try_from(self.forms.list(pair)?).ok();
        let pair = self.forms.list(first).and_then(|list| single(&<[FormId; 1]>::try_from(list).ok()?));
        let Some([index, extent]) = pair else {
            return Ok(self.wrong(
                first,
                "only a `for` over one index has a counterpart here",
                "not read",
            )?);
        };
        let Some(word) = self.forms.word(extent) else {
            return Ok(self.wrong(
                extent,
                "the extent of a `for` is an integer or an argument",
                "not read",
            )?);
        };
        let named = self.scope.iter().rev().find(|(name, _)| *name == word).map(|(_, value)| value.id());
        let integer = |count: i64| (0..1 << 40).contains(&count).then(|| Index::from(count));
        let found = match named.map(|id| self.builder.graph().node(id)) {
            Some(Node::Symbol(symbol)) => Some(Index::from(symbol)),
            Some(Node::Const(constant)) => {
                self.builder.graph().constant(constant).as_integer().and_then(integer)
            }
            Some(Node::Input(..)) => return Err(self.runs_to(named.expect("it has a node"))),
            Some(_) => None,
            None => word.parse().ok().and_then(integer),
        };
        match found {
            Some(extent) => Ok((self.name(index)?, extent)),
            None => {
                let message = "the extent of a `for` is an integer that is not negative, or an argument";
                Ok(self.wrong(extent, message, "not read")?)
            }
        }
    }
}

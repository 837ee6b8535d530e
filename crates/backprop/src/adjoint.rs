//! The adjoint of a program: one forward pass, then one backward pass per output.

use crate::product::{product_scratch, pull_product};
use crate::slot_paths::{Paths, SlotPaths};
use engine::{Action, Number, Program, Recorded, Run, Straight};
use expr::interrupt::checkpoint;
use expr::{
    Calculus, Constant, Dispatch, Fold, Function, Op, Scalar, Sink, expect_places, expect_point,
    nan_without_value,
};

/// A function prepared for gradients. Immutable and shared; numbers are in a [`Workspace`].
///
/// ```
/// use backprop::Adjoint;
/// let adjoint = Adjoint::compile(&syntax::parse("x^2*y").unwrap());
/// let mut workspace = adjoint.workspace(|value| value);
/// let (mut values, mut gradient) = ([0.0], [0.0; 2]);
/// adjoint.run(&mut workspace, &[3.0, 1.0], &mut values, &mut gradient); // allocates nothing
/// assert_eq!((values, gradient), ([9.0], [6.0, 9.0]));
/// ```
#[derive(Clone, Debug)]
pub struct Adjoint {
    program: Program,
    /// Under which conditions steps count; in most functions every one does.
    paths: Option<SlotPaths>,
    /// The most factors of any product.
    widest: usize,
    /// The inputs to which no step passes anything on.
    unread: Vec<u32>,
}

/// The numbers of both passes, made once per function.
///
/// ```
/// use backprop::{Adjoint, Workspace};
/// let adjoint = Adjoint::compile(&syntax::parse("[x*y, x + y]").unwrap());
/// let mut workspace: Workspace<f64> = adjoint.workspace(|value| value);
/// workspace.inputs_mut().copy_from_slice(&[2.0, 3.0]);
/// adjoint.forward(&mut workspace);
/// adjoint.backward(&mut workspace, 0); // of the first output alone
/// assert_eq!(workspace.gradient(), [3.0, 2.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Workspace<S> {
    inputs: usize,
    forward: engine::Workspace<S>,
    upstream: Vec<S>,
    /// Per predicate, whether it holds; as often as there are numbers in a slot.
    holds: Vec<S>,
    /// Per slot, whether the backward pass has come to it; empty where every step counts.
    reached: Vec<bool>,
    /// Factors of a product, and what [`pull_product`] makes of them.
    scratch: Vec<S>,
}

impl Adjoint {
    /// Compiles a flat function, in linear time.
    ///
    /// # Panics
    /// When the function is not flat.
    pub fn compile(f: &Function) -> Adjoint {
        Adjoint::compile_for(f, |_| true)
    }

    /// Compiles a flat function of which only some inputs need a gradient.
    ///
    /// # Panics
    /// When the function is not flat.
    pub fn compile_for(f: &Function, wanted: impl Fn(usize) -> bool) -> Adjoint {
        let program = Program::compile_for(f, wanted);
        let products = program.runs().iter().filter(|run| run.action == Action::Fold(Fold::Product));
        let widths = products.flat_map(|run| run.steps().map(|step| program.terms(run, step).len()));
        let widest = widths.max().unwrap_or(0);
        let paths = SlotPaths::of(f, &program);
        let unread = unread(&program);
        Adjoint { program, paths, widest, unread }
    }

    /// The forward program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Steps of one forward and one backward pass.
    pub fn steps(&self) -> usize {
        let differentiated = self.program.runs().iter().filter(|run| run.active != 0);
        self.program.steps() + differentiated.map(|run| run.steps().len()).sum::<usize>()
    }

    /// The bytes that it holds, with one workspace of `f64`.
    pub fn bytes(&self) -> usize {
        let paths = self.paths.as_ref().map_or(0, SlotPaths::bytes);
        self.program.bytes() + paths + self.program.slots() * 16
    }

    /// What is run, in a few lines for people.
    pub fn explain(&self) -> Vec<String> {
        let runs = self.program.runs();
        let mut lines = vec![format!(
            "one point at a time: {} steps in {} runs of the same operator, then backward",
            self.program.steps(),
            runs.len()
        )];
        lines.extend(runs.iter().map(|run| {
            let name = match run.action {
                Action::Apply(op) => op.name(),
                Action::Fold(fold) => fold.name(),
            };
            let backward = if run.active == 0 { ", forward only" } else { "" };
            format!("{} × {name}{backward}", run.steps().len())
        }));
        lines
    }

    /// Numbers for runs, of any kind that `number` makes.
    pub fn workspace<S: Scalar>(&self, number: impl Fn(f64) -> S) -> Workspace<S> {
        self.around(number(0.0), self.program.workspace(number))
    }

    /// Numbers for runs of what was compiled from `f`, with [constants of their own
    /// kind](Program::workspace_in).
    pub fn workspace_in<S: Number>(&self, f: &Function) -> Workspace<S> {
        self.around(S::lift((), &Constant::Integer(0)), self.program.workspace_in(f))
    }

    fn around<S: Scalar>(&self, zero: S, forward: engine::Workspace<S>) -> Workspace<S> {
        let predicates = self.paths.as_ref().map_or(0, SlotPaths::count);
        Workspace {
            inputs: self.program.inputs(),
            upstream: vec![zero.clone(); self.program.slots()],
            holds: vec![zero.clone(); predicates],
            reached: vec![false; if self.paths.is_some() { self.program.slots() } else { 0 }],
            // Factors, their slopes, and what these need.
            scratch: vec![zero; 2 * self.widest + product_scratch(self.widest)],
            forward,
        }
    }

    /// Values of the outputs, and their gradients row after row: one row per output, one column per input.
    ///
    /// # Panics
    /// When there is not one number per input, or not one place per output or per component of a gradient, or the
    /// workspace is that of another function; before anything is written.
    pub fn run<S: Number>(
        &self,
        workspace: &mut Workspace<S>,
        x: &[S],
        values: &mut [S],
        gradient: &mut [S],
    ) {
        let outputs = self.program.outputs().len();
        expect_point(x.len(), self.program.inputs());
        expect_places(values.len(), gradient.len(), outputs, x.len());
        self.program.expect_own(&workspace.forward);
        workspace.inputs_mut().copy_from_slice(x);
        self.forward(workspace);
        for (k, value) in values.iter_mut().enumerate() {
            checkpoint();
            *value = self.output(workspace, k);
            self.backward(workspace, k);
            gradient[k * x.len()..][..x.len()].copy_from_slice(workspace.gradient());
        }
    }

    /// Both passes written down, with the outputs and then their gradients; nothing where that is more than `most` instructions.
    pub fn straight(&self, most: usize) -> Option<Straight> {
        // Every step is at least an instruction, but for those that are another one's.
        if self.program.steps() > most {
            return None;
        }
        let outputs = self.program.outputs().len();
        Straight::record(self.program.inputs(), most, |x| {
            let zero = Recorded::constant(0.0);
            let (mut values, mut gradient) = (vec![zero; outputs], vec![zero; outputs * x.len()]);
            self.run(&mut self.workspace(Recorded::constant), x, &mut values, &mut gradient);
            [values, gradient]
        })
    }

    /// The forward pass, from the inputs that the workspace holds.
    ///
    /// # Panics
    /// When the workspace is that of another function.
    pub fn forward<S: Number>(&self, workspace: &mut Workspace<S>) {
        self.program.forward_from_inputs(&mut workspace.forward);
        if let Some(paths) = &self.paths {
            paths.fill(workspace.forward.values(), &mut workspace.holds);
        }
    }

    /// The value of an output after a forward pass.
    pub fn output<S: Number>(&self, workspace: &Workspace<S>, output: usize) -> S {
        workspace.forward.values()[self.program.outputs()[output] as usize]
    }

    /// The backward pass from one output, after a forward pass: leaves [the gradient](Workspace::gradient).
    ///
    /// # Panics
    /// When the workspace is that of another function.
    pub fn backward<S: Number>(&self, workspace: &mut Workspace<S>, output: usize) {
        self.program.expect_own(&workspace.forward);
        self.clear(workspace);
        self.seed(workspace, output, S::lift((), &Constant::Integer(1)));
        self.pull(workspace);
    }

    /// Makes a workspace ready for a backward pass: nothing has been received. That is -0, to which any number is added without a
    /// change, so that sums start as their first term.
    pub(crate) fn clear<S: Number>(&self, workspace: &mut Workspace<S>) {
        let zero = S::lift((), &Constant::Integer(0));
        workspace.upstream.fill(-zero);
        workspace.reached.fill(false);
        for &input in &self.unread {
            workspace.upstream[input as usize] = zero;
        }
    }

    /// Hands an output what it receives from outside.
    pub(crate) fn seed<S: Number>(&self, workspace: &mut Workspace<S>, output: usize, upstream: S) {
        let slot = self.program.outputs()[output] as usize;
        workspace.upstream[slot] = workspace.upstream[slot] + upstream;
        if let Some(reached) = workspace.reached.get_mut(slot) {
            *reached = true;
        }
    }

    /// The backward pass from whatever outputs have received.
    pub(crate) fn pull<S: Number>(&self, workspace: &mut Workspace<S>) {
        match &self.paths {
            None if S::FAST => self.pull_along(workspace, ()),
            paths => self.pull_along(workspace, paths.as_ref()),
        }
        // What another output reads may have received nothing from this one.
        let inputs = workspace.upstream.iter_mut().take(workspace.inputs);
        for (received, _) in inputs.zip(&workspace.reached).filter(|(_, reached)| !**reached) {
            *received = S::lift((), &Constant::Integer(0));
        }
    }

    fn pull_along<S: Number>(&self, workspace: &mut Workspace<S>, paths: impl Paths) {
        let Workspace { forward, upstream, holds, reached, scratch, .. } = workspace;
        let program = &self.program;
        let first = program.first_step();
        for run in program.runs().iter().rev().filter(|run| run.active != 0) {
            // A run reads, and so passes on to, only what is before it.
            let middle = first + run.start as usize;
            let (before, results) = forward.values().split_at(middle);
            let (downstream, received) = upstream.split_at_mut(middle);
            let received = &received[..run.steps().len()];
            let mut pass = Pass { paths, holds, reached, downstream, slot: 0 };
            let work = Backward { program, run, before, results, received, pass: &mut pass };
            match run.action {
                Action::Apply(op) if S::PER_OPERATOR => op.dispatch(work),
                Action::Apply(op) => Dispatch::run(work, op),
                Action::Fold(fold) => work.fold(fold, scratch),
            }
        }
    }
}

/// The inputs that are neither outputs nor differentiated by any step.
fn unread(program: &Program) -> Vec<u32> {
    let mut receives = vec![false; program.inputs()];
    let mut reaches = |slot: u32| {
        if let Some(receives) = receives.get_mut(slot as usize) {
            *receives = true;
        }
    };
    program.outputs().iter().for_each(|&slot| reaches(slot));
    for run in program.runs() {
        for step in run.steps() {
            for (k, &slot) in program.reads(run, step).iter().enumerate() {
                let bit = if matches!(run.action, Action::Fold(_)) { 0 } else { k };
                if run.active & (1 << bit) != 0 {
                    reaches(slot);
                }
            }
        }
    }
    (0..program.inputs() as u32).filter(|&input| !receives[input as usize]).collect()
}

impl<S> Workspace<S> {
    /// The numbers of the inputs, to be filled.
    pub fn inputs_mut(&mut self) -> &mut [S] {
        self.forward.inputs_mut()
    }

    /// What the last backward pass found for each input.
    pub fn gradient(&self) -> &[S] {
        &self.upstream[..self.inputs]
    }
}

/// Where the downstream gradients of a step go.
struct Pass<'a, S, A> {
    paths: A,
    holds: &'a [S],
    reached: &'a mut [bool],
    downstream: &'a mut [S],
    /// Whose gradients they are.
    slot: usize,
}

impl<S: Number, A: Paths> Pass<'_, S, A> {
    #[inline(always)]
    fn counts(&mut self, slot: usize) -> bool {
        self.slot = slot;
        self.paths.counts(slot, self.reached)
    }

    /// Passes a gradient on.
    #[inline(always)]
    fn on(&mut self, slot: u32, gradient: S) {
        self.paths.reach(slot, self.reached);
        let into = &mut self.downstream[slot as usize];
        *into = *into + self.paths.masked(self.slot, self.holds, gradient);
    }
}

/// The backward pass over one run.
struct Backward<'a, 'b, S, A> {
    program: &'a Program,
    run: &'a Run,
    before: &'a [S],
    results: &'a [S],
    received: &'a [S],
    pass: &'a mut Pass<'b, S, A>,
}

impl<S: Number, A: Paths> Dispatch for Backward<'_, '_, S, A> {
    #[inline(always)]
    fn run(mut self, op: Op) {
        // Most steps pass on to every argument: a loop of their own has nothing to look up.
        let all = (1 << op.arity()) - 1;
        match self.run.active == all {
            true => self.every_step(op, all),
            false => self.every_step(op, self.run.active),
        }
    }
}

impl<S: Number, A: Paths> Backward<'_, '_, S, A> {
    #[inline(always)]
    fn every_step(&mut self, op: Op, wanted: u8) {
        match op.arity() {
            1 => self.steps::<1>(op, wanted),
            2 => self.steps::<2>(op, wanted),
            _ => self.steps::<3>(op, wanted),
        }
    }

    #[inline(always)]
    fn steps<const ARITY: usize>(&mut self, op: Op, wanted: u8) {
        let operands = self.program.operands::<ARITY>(self.run);
        let steps = operands.len();
        let (results, received) = (&self.results[..steps], &self.received[..steps]);
        // From the last to the first: the whole pass then goes through memory in one direction.
        for step in (0..steps).rev() {
            if !self.pass.counts(self.before.len() + step) {
                continue;
            }
            // Copies, which no write through `downstream` can change.
            let (slots, result, upstream) = (engine::slots(&operands[step]), results[step], received[step]);
            let arguments = slots.map(|slot| self.before[slot as usize]);
            let downstream = Downstream { pass: &mut *self.pass, op, slots, result };
            op.pull_back(wanted, &arguments, &result, &upstream, downstream);
        }
    }

    #[inline(always)]
    fn fold(self, fold: Fold, scratch: &mut [S]) {
        for (k, (step, received)) in self.run.steps().zip(self.received).enumerate().rev() {
            if !self.pass.counts(self.program.first_step() + step) {
                continue;
            }
            let (terms, received) = (self.program.terms(self.run, step), *received);
            match fold {
                Fold::Sum => terms.iter().for_each(|&term| self.pass.on(term, received)),
                Fold::Product => {
                    let (factors, scratch) = scratch.split_at_mut(terms.len());
                    let (slopes, scratch) = scratch.split_at_mut(terms.len());
                    factors.iter_mut().zip(terms).for_each(|(f, &term)| *f = self.before[term as usize]);
                    pull_product(factors, received, slopes, scratch);
                    terms.iter().zip(slopes).for_each(|(&term, slope)| self.pass.on(term, *slope));
                }
                Fold::Max | Fold::Min => share(self.pass, terms, self.before, self.results[k], received),
            }
        }
    }
}

/// An equal share for each term that is the extreme. By itself, because it would keep the other folds from registers.
#[inline(never)]
fn share<S: Number, A: Paths>(
    pass: &mut Pass<'_, S, A>,
    terms: &[u32],
    before: &[S],
    extreme: S,
    received: S,
) {
    let zero = S::lift((), &Constant::Integer(0));
    let is_it = |term: u32| before[term as usize].eq(extreme);
    let count = terms.iter().fold(zero, |count, &term| count + is_it(term));
    let share = received / count;
    terms.iter().for_each(|&term| pass.on(term, is_it(term).select(share, zero)));
}

/// Takes the gradients of the arguments of one step.
struct Downstream<'a, 'b, S, A> {
    pass: &'a mut Pass<'b, S, A>,
    op: Op,
    slots: [u32; 3],
    result: S,
}

impl<S: Number, A: Paths> Sink<S> for Downstream<'_, '_, S, A> {
    #[inline(always)]
    fn take(&mut self, argument: usize, gradient: S) {
        self.pass.on(self.slots[argument], nan_without_value(self.op, &self.result, gradient));
    }
}

//! Compiling a flat function, and running it.

use std::ops::Range;
use std::sync::Arc;

use expr::interrupt::checkpoint;
use expr::{BlockId, Constant, Dispatch, Function, Node, NodeId, Op, Scalar, expect_length, expect_point};

use crate::action::Action;
use crate::fold_places::fold_places;
use crate::native::{Recorded, Straight};
use crate::number::Number;
use crate::schedule::{Scheduled, fixed_value, schedule};

/// Steps next to each other that do the same, and do not read each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// What they do.
    pub action: Action,
    /// Bit k is set where the slope of an output depends on argument k through these steps; a fold has bit 0 for
    /// all its terms. 0: nothing here has to be differentiated.
    pub active: u8,
    /// The first step.
    pub start: u32,
    /// The step after the last.
    pub end: u32,
    /// Where in [the operands of all runs](Program::operands) its own begin.
    first_operand: usize,
}

impl Run {
    /// Its steps.
    pub fn steps(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A flat function as runs of steps: nodes in the order of their distance from the leaves, and among equals by
/// what they do, so that the choice of an operator is made once per run and not once per node.
#[derive(Clone, Debug)]
pub struct Program {
    inputs: usize,
    constants: Vec<f64>,
    runs: Vec<Run>,
    /// Per step, as many slots as the operator takes; of folds, where the terms of each begin, and where those of the last end.
    /// A flat program is mostly this, and both passes stream through it.
    operands: Vec<u32>,
    lists: Vec<u32>,
    outputs: Vec<u32>,
    slot_of_node: Vec<u32>,
    /// What its workspaces are known by: one of another program may have as many slots, with other constants in them.
    identity: Arc<()>,
}

/// The numbers of a run, owned by the caller and made once per program.
#[derive(Clone, Debug)]
pub struct Workspace<S> {
    /// One per slot; what is behind the inputs is the program's to write.
    pub(crate) values: Vec<S>,
    inputs: usize,
    program: Arc<()>,
}

impl<S> Workspace<S> {
    /// The numbers of all slots.
    pub fn values(&self) -> &[S] {
        &self.values
    }

    /// The numbers of the inputs, to be filled.
    pub fn inputs_mut(&mut self) -> &mut [S] {
        &mut self.values[..self.inputs]
    }
}

const NONE: u32 = u32::MAX;

impl Program {
    /// Compiles a flat function, in time linear in its nodes. Operations on constants alone are done here, once.
    ///
    /// # Panics
    /// When the function is not flat.
    pub fn compile(f: &Function) -> Program {
        Program::compile_for(f, |_| true)
    }

    /// Compiles a flat function of which only some inputs need a gradient: what only the others change is never
    /// [active](Run::active).
    ///
    /// # Panics
    /// When the function is not flat.
    pub fn compile_for(f: &Function, wanted: impl Fn(usize) -> bool) -> Program {
        assert!(f.is_flat(), "a function is unrolled before it is compiled");
        let graph = f.graph();
        let inputs = f.input_count();
        let mut fixed: Vec<Option<f64>> = vec![None; graph.len()];
        for id in graph.ids() {
            fixed[id.index()] = fixed_value(f, id, &fixed);
        }
        let mut program = Program {
            inputs,
            constants: Vec::new(),
            runs: Vec::new(),
            operands: Vec::new(),
            lists: Vec::new(),
            outputs: Vec::new(),
            slot_of_node: vec![NONE; graph.len()],
            identity: Arc::default(),
        };
        // Constants that something else reads, or that are outputs, have slots; the rest are gone.
        let mut read = vec![false; graph.len()];
        f.outputs().iter().for_each(|output| read[output.index()] = true);
        for id in graph.ids().filter(|id| fixed[id.index()].is_none()) {
            graph.children(id).iter().for_each(|child| read[child.index()] = true);
        }
        for id in graph.ids().filter(|id| read[id.index()]) {
            if let Some(value) = fixed[id.index()] {
                program.slot_of_node[id.index()] = (inputs + program.constants.len()) as u32;
                program.constants.push(value);
            }
        }
        for (block, offset, id) in input_nodes(f) {
            program.slot_of_node[id.index()] = f.position(block, offset) as u32;
        }
        let first_step = inputs + program.constants.len();
        let mut step = 0;
        for run in schedule(f, &fixed, wanted).chunk_by(Scheduled::runs_with) {
            let Scheduled { action, active, .. } = run[0];
            let (start, first_operand) = (step, program.operands.len());
            for node in run {
                program.slot_of_node[node.id.index()] = first_step as u32 + step;
                step += 1;
            }
            program.runs.push(Run { action, active, start, end: step, first_operand });
            // A run reads only what is before it.
            let slot = |child: &NodeId| program.slot_of_node[child.index()];
            match action {
                Action::Apply(op) => {
                    for node in run {
                        program
                            .operands
                            .extend(graph.node(node.id).operands()[..op.arity()].iter().map(slot));
                    }
                }
                Action::Fold(_) => {
                    program.operands.push(program.lists.len() as u32);
                    for node in run {
                        program.lists.extend(graph.children(node.id).iter().map(slot));
                        program.operands.push(program.lists.len() as u32);
                    }
                }
            }
        }
        program.outputs = f.outputs().iter().map(|output| program.slot_of_node[output.index()]).collect();
        program
    }

    /// How many scalar inputs it has; their slots come first.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// How many slots there are.
    pub fn slots(&self) -> usize {
        self.first_step() + self.steps()
    }

    /// The slots of the outputs.
    pub fn outputs(&self) -> &[u32] {
        &self.outputs
    }

    /// How many steps there are.
    pub fn steps(&self) -> usize {
        self.runs.last().map_or(0, |run| run.end as usize)
    }

    /// The runs in order, which together are all steps.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The slots that each step of a run of an operator with so many arguments reads.
    #[inline(always)]
    pub fn operands<const ARITY: usize>(&self, run: &Run) -> &[[u32; ARITY]] {
        &self.operands[run.first_operand..].as_chunks().0[..run.steps().len()]
    }

    /// The slots that a step of a run of folds adds or multiplies.
    pub fn terms(&self, run: &Run, step: usize) -> &[u32] {
        let at = run.first_operand + step - run.start as usize;
        &self.lists[self.operands[at] as usize..self.operands[at + 1] as usize]
    }

    /// The slots that a step of a run reads.
    pub fn reads(&self, run: &Run, step: usize) -> &[u32] {
        match run.action {
            Action::Apply(op) => {
                let at = run.first_operand + (step - run.start as usize) * op.arity();
                &self.operands[at..][..op.arity()]
            }
            Action::Fold(_) => self.terms(run, step),
        }
    }

    /// The slot of the first step's result; the others follow.
    pub fn first_step(&self) -> usize {
        self.inputs + self.constants.len()
    }

    /// The slot of a node of the function that was compiled, unless nothing reads it.
    pub fn slot(&self, id: NodeId) -> Option<u32> {
        Some(self.slot_of_node[id.index()]).filter(|&slot| slot != NONE)
    }

    /// The bytes that it holds.
    pub fn bytes(&self) -> usize {
        self.constants.len() * 8
            + self.operands.len() * 4
            + self.runs.len() * size_of::<Run>()
            + (self.lists.len() + self.outputs.len() + self.slot_of_node.len()) * 4
    }

    /// Numbers for a run, one per slot, constants in place.
    pub fn workspace<S: Scalar>(&self, number: impl Fn(f64) -> S) -> Workspace<S> {
        let mut values = vec![number(0.0); self.slots()];
        for (value, &constant) in values[self.inputs..].iter_mut().zip(&self.constants) {
            *value = number(constant);
        }
        Workspace { values, inputs: self.inputs, program: self.identity.clone() }
    }

    /// Numbers for a run of a program compiled from `f`, where constants, and operations on constants alone, are what
    /// they are for numbers of this kind rather than the nearest `f64`.
    pub fn workspace_in<S: Number>(&self, f: &Function) -> Workspace<S> {
        let mut workspace = self.workspace(|_| S::lift((), &Constant::Integer(0)));
        let graph = f.graph();
        let depends = f.depends_on_inputs();
        let mut known: Vec<Option<S>> = vec![None; graph.len()];
        for id in graph.ids().filter(|id| !depends[id.index()]) {
            let value = graph.value(id, (), |child| known[child.index()].expect("constants first"));
            known[id.index()] = Some(value);
            if let Some(slot) = self.slot(id) {
                workspace.values[slot as usize] = value;
            }
        }
        workspace
    }

    /// Runs the steps; afterwards every slot of the workspace holds its value.
    ///
    /// # Panics
    /// When there is not one number per input, or the workspace is that of another program.
    pub fn forward<S: Number>(&self, workspace: &mut Workspace<S>, x: &[S]) {
        expect_point(x.len(), self.inputs);
        self.expect_own(workspace);
        workspace.inputs_mut().copy_from_slice(x);
        self.forward_from_inputs(workspace);
    }

    /// Fails unless a workspace was made by this program, or one that it was cloned from.
    ///
    /// # Panics
    /// When it is that of another program.
    #[inline]
    #[track_caller]
    pub fn expect_own<S>(&self, workspace: &Workspace<S>) {
        assert!(Arc::ptr_eq(&self.identity, &workspace.program), "the workspace of another program");
    }

    /// Runs the steps where the inputs are in their slots, the first ones, already.
    ///
    /// # Panics
    /// When the workspace is that of another program.
    pub fn forward_from_inputs<S: Number>(&self, workspace: &mut Workspace<S>) {
        self.expect_own(workspace);
        let values = &mut workspace.values;
        for run in &self.runs {
            // A run reads only what is before it.
            let (before, rest) = values.split_at_mut(self.first_step() + run.start as usize);
            let results = &mut rest[..run.steps().len()];
            match run.action {
                Action::Apply(op) => {
                    let work = Forward { program: self, run, before, results };
                    if S::PER_OPERATOR { op.dispatch(work) } else { work.run(op) }
                }
                Action::Fold(fold) => {
                    for (result, step) in results.iter_mut().zip(run.steps()) {
                        let value = |slot: u32| before[slot as usize];
                        *result = fold_places(fold, self.terms(run, step), value).expect("folds have terms");
                    }
                }
            }
        }
    }

    /// The outputs at a point.
    ///
    /// # Panics
    /// When there is not one number per input and one place per output, or the workspace is that of another program.
    pub fn run<S: Number>(&self, workspace: &mut Workspace<S>, x: &[S], out: &mut [S]) {
        checkpoint();
        expect_length(out.len(), "places for values", self.outputs.len(), "one per output");
        self.forward(workspace, x);
        for (out, &slot) in out.iter_mut().zip(&self.outputs) {
            *out = workspace.values[slot as usize];
        }
    }
}

impl Program {
    /// The steps written down, with the first `values` outputs as one list and the others as another; nothing where that is more than
    /// `most` instructions.
    pub fn straight(&self, values: usize, most: usize) -> Option<Straight> {
        if self.steps() > most {
            return None;
        }
        Straight::record(self.inputs, most, |x| {
            let mut all = vec![Recorded::constant(0.0); self.outputs.len()];
            self.run(&mut self.workspace(Recorded::constant), x, &mut all);
            let others = all.split_off(values);
            [all, others]
        })
    }
}

/// The forward pass over one run.
struct Forward<'a, S> {
    program: &'a Program,
    run: &'a Run,
    before: &'a [S],
    results: &'a mut [S],
}

impl<S: Number> Dispatch for Forward<'_, S> {
    #[inline(always)]
    fn run(self, op: Op) {
        match op.arity() {
            1 => self.steps::<1>(op),
            2 => self.steps::<2>(op),
            _ => self.steps::<3>(op),
        }
    }
}

impl<S: Number> Forward<'_, S> {
    #[inline(always)]
    fn steps<const ARITY: usize>(self, op: Op) {
        for (result, operands) in self.results.iter_mut().zip(self.program.operands::<ARITY>(self.run)) {
            *result = S::step(op, slots(operands).map(|slot| self.before[slot as usize]));
        }
    }
}

/// Three slots for a step; where its operator takes fewer the first again, which costs nothing.
#[inline(always)]
pub fn slots<const ARITY: usize>(operands: &[u32; ARITY]) -> [u32; 3] {
    let at = |k: usize| operands[if k < ARITY { k } else { 0 }];
    [at(0), at(1), at(2)]
}

/// The inputs that the graph has nodes for.
fn input_nodes(f: &Function) -> impl Iterator<Item = (BlockId, u32, NodeId)> + '_ {
    f.graph().ids().filter_map(|id| match f.graph().node(id) {
        Node::Input(block, offset) => Some((block, offset, id)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, point: &[f64]) {
        let f = syntax::parse(text).unwrap().unroll(100_000).unwrap();
        let program = Program::compile(&f);
        let mut out = vec![0.0; f.outputs().len()];
        program.run(&mut program.workspace(|v| v), point, &mut out);
        let expected = f.evaluate((), point);
        let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&out), bits(&expected), "{text}");
    }

    #[test]
    fn programs_give_the_bits_of_the_oracle() {
        check("sin(x*y) + exp(x/y) - ln(x^2 + y^2)", &[0.3, 0.7]);
        check("sum(i, 1, 300, x^i/i)*prod(i, 1, 20, 1 + x/i)", &[0.9]);
        check("[x, 2, x, pi*2 + 0*x, if(x < 1, x, clamp(x, 2, 3))]", &[0.5]);
        check("sum(i, 1, 300, sin(i)) + x", &[0.5]);
        check("iterate(k, 1, 50, y, x, 3.2*y*(1 - y))", &[0.3]);
    }

    #[test]
    fn a_function_without_inputs_is_constants_only() {
        let f = syntax::parse("1 + sin(2)").unwrap();
        let program = Program::compile(&f);
        assert!(program.runs().is_empty());
        let mut out = [0.0];
        program.run(&mut program.workspace(|v| v), &[], &mut out);
        assert_eq!(out, [1.0 + 2f64.sin()]);
    }

    #[test]
    fn constants_are_computed_once_and_dead_ones_not_kept() {
        let program = Program::compile(&syntax::parse("x*(2/sqrt(pi))").unwrap());
        assert_eq!((program.steps(), program.slots()), (1, 3));
    }
}

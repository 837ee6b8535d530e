//! A function with arrays run as it stands: its loops are loops, and what it comes to has the bits of evaluation node by node.
//!
//! **Where values are computed** (`axes.rs`, `regions.rs`). A value depends on axes: those of its indices, those that their ranges depend
//! on, and of a state those of its iteration. It is computed in the innermost loop of these. Loops over one axis that are ready at
//! the same time are one loop: a backward pass makes many. What takes long (an operator such as `exp`, a loop) is computed once for
//! each value of its own axes: where other loops are around it, or several loops need it, loops of its own *keep* it in an array.
//! In `sum(i, 1, n, sum(j, 1, m, sin(x[i])*tanh(y[j])))` that is `tanh(y[j])`.
//!
//! **Loops inside out** (`interchange.rs`). `[j: 1..m] sum(i, 1, n, f(x[i], y[j]))` with more `i` than `j` goes through all `i` once, and adds to `m` sums: what
//! terms have in common is computed once, and kept nowhere.
//!
//! **Loops that are none** (`lower/unrolled.rs`, `lower/frames.rs`). A loop of few iterations is unrolled: a value stands in the outermost body in which all is
//! known that it depends on, and is not computed again there; elements of small arrays are where they were computed, and never in memory if nothing else
//! reads them. A loop all of whose values fit into one block is straight code too, and its rows stay at hand for the next one of so many values.
//!
//! **Products of matrices** (`contraction.rs`, `matrix.rs`). Sums of products of two values that depend on different axes are computed all at once from both
//! factors in memory, two rows by eight columns at a time.
//!
//! **What is run in blocks** (`lanes.rs`). One loop of a nest is run for blocks of its values at a time, each operator over a row of
//! numbers by the kernels of [`VectorProgram`](crate::VectorProgram), so that choosing the operator costs nothing. Loops around it are run
//! value by value over numbers; loops inside of it too, over rows: of many samples each lane is a sample. Estimates of costs decide
//! which loop that is; an iteration is never it, but may be inside, or around.
//!
//! **Where numbers are** (`place.rs`, `form.rs`, `registers.rs`). Inputs, data and arrays are in one memory that is laid out when the plan
//! is made, an array by the largest indices that it may have. A place is an index form in axes and data. Numbers have slots, rows
//! are given again when nothing needs them any more. Operators over numbers, with the loads and stores beside them, are one list (`numbers.rs`).
//! A run allocates nothing.
//!
//! **Why the bits are those of evaluation.** Operators are the same kernels. A sum over blocks, over values, and of rows adds its terms in
//! canonical order (`folds.rs`): eight partial results per chunk, of which each takes its terms in order wherever these come from. A scatter
//! adds what one part contributes in the order of its loops and then the parts in theirs (`scatter.rs`), starting as the first, so that -0
//! stays -0.
//!
//! **Branches.** A read that a condition on indices excludes may be out of range. Nothing looks at its value, since `if` chooses by the same
//! condition; so it is not asked for: a place out of range has the value 0, and of a block only the lanes in range are loaded. That the
//! reads that count are in range is checked before ([`Function::shapes`]). A loop that such a condition excludes is skipped.
//!
//! Not planned, and left to unrolling: an axis bound inside of a loop over the same axis, where what is inside depends on both
//! ([`NotPlanned`] has the list).

mod axes;
mod contraction;
mod explain;
mod folds;
mod form;
mod guards;
mod interchange;
mod lanes;
mod layout;
mod lower;
mod matrix;
mod numbers;
mod place;
mod regions;
mod registers;
mod run;
mod scatter;
mod step;
#[cfg(test)]
mod tests;

use std::rc::Rc;
use std::sync::Arc;

use expr::passes::NoDerivative;
use expr::scope::Axes;
use expr::{Function, UnrollError};
use rustc_hash::FxHashMap;

use crate::Folding;
use crate::number::{LANES, Lanes};
use crate::rows::{Registers, Term};
use axes::AxisTable;
use contraction::contractions;
use form::Tables;
use interchange::Interchange;
use lanes::{Choice, Costs, Counted};
use layout::{elements, layout};
use lower::{Lowering, Val};
use matrix::Panels;
use place::Place;
use regions::Nest;
use step::Step;

/// What a plan may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanBudget {
    /// Bytes of memory for all arrays of a run, inputs included.
    pub bytes: u64,
    /// Iterations that are visited to find the shapes of inputs.
    pub visits: u64,
    /// Values of a block: 8, 16, … 256.
    pub block: usize,
}

impl Default for PlanBudget {
    fn default() -> Self {
        PlanBudget { bytes: 4 << 30, visits: u64::MAX, block: 256 }
    }
}

/// Why a function is not run as it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPlanned {
    /// It has no value that could be computed.
    #[error("{0}")]
    Unroll(#[from] UnrollError),
    /// Its axes are not those of one range each, and cannot be made so.
    #[error("{0}")]
    Names(#[from] NoDerivative),
    /// An axis without a range, or with several.
    #[error("an index variable without one range")]
    Axes,
    /// A loop inside of another one over the same axis.
    #[error("a loop inside of another one over the same index variable")]
    Shadowed,
    /// Loops of which it is not found which values should be kept for others.
    #[error("loops nested in too many ways")]
    Nesting,
    /// Bounds or arrays beyond 64 bits.
    #[error("a bound or an array is too large")]
    TooLarge,
    /// An array that more parts contribute to than are added up.
    #[error("an array with too many contributions")]
    Parts,
    /// A gradient that is not one component for each input, or that reads more of them than the function does.
    #[error("inputs of another shape than the gradient's")]
    Inputs,
    /// More memory than the budget.
    #[error("arrays of {bytes} bytes and more")]
    Memory {
        /// How much at least.
        bytes: u64,
    },
}

/// A function prepared to be run with its loops. Immutable and shared; numbers are in a [`PlanWorkspace`].
///
/// ```
/// use engine::{Plan, PlanBudget};
/// let f = syntax::parse("sum(i, 1, n, sum(j, 1, i, sin(x[i])*x[j]))").unwrap().with_sizes(&[("n", 100)]).unwrap();
/// let plan = Plan::new(&f, None, PlanBudget::default()).unwrap();
/// let (mut workspace, x, mut out) = (plan.workspace(), vec![0.5; 100], [0.0]);
/// plan.run(&mut workspace, &x, &mut out);
/// assert_eq!(out, *f.evaluate((), &x));
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    steps: Vec<Step>,
    terms: Vec<Term>,
    tables: Tables,
    /// Numbers as they are before anything runs.
    numbers: Vec<f64>,
    rows: usize,
    partials: usize,
    folds: usize,
    row_folds: usize,
    axes: usize,
    axis_names: Vec<String>,
    packs: usize,
    /// Space for the factors of products of matrices.
    panels: Panels,
    /// About how many operators are run.
    work: f64,
    /// About how many steps are chosen for that.
    choices: f64,
    memory: usize,
    /// The first numbers of memory.
    inputs: usize,
    /// What is in memory from the beginning.
    data: Vec<(usize, Vec<f64>)>,
    outputs: Vec<PlanOutput>,
    output_count: usize,
    /// What its workspaces are known by.
    identity: Arc<()>,
}

#[derive(Clone, Debug)]
enum PlanOutput {
    Number(u32),
    Array(Place),
}

/// The numbers of runs, made once per plan.
#[derive(Clone, Debug)]
pub struct PlanWorkspace {
    space: Registers,
    memory: Vec<f64>,
    axes: Vec<i64>,
    folds: Vec<Folding>,
    /// How many terms folds of rows have had.
    counts: Vec<u64>,
    panels: Panels,
    /// How many values the block has.
    count: usize,
    /// The identity of the plan that made it.
    plan: Arc<()>,
}

impl Plan {
    /// Plans a function whose sizes and data are bound. `extents` are those of its inputs where they are known, as
    /// [`Function::shapes`] gives them.
    ///
    /// # Errors
    /// When the function cannot be evaluated, or not within the budget, or is none of those that are planned.
    ///
    /// # Panics
    /// When a block is not 8 to 256 values, by powers of two.
    pub fn new(f: &Function, extents: Option<&[Vec<usize>]>, budget: PlanBudget) -> Result<Plan, NotPlanned> {
        Plan::with_blocks_by(Choice::ByCost, f, extents, budget)
    }

    fn with_blocks_by(
        choice: Choice,
        f: &Function,
        extents: Option<&[Vec<usize>]>,
        budget: PlanBudget,
    ) -> Result<Plan, NotPlanned> {
        let block = budget.block;
        assert!(block.is_power_of_two() && (LANES..=256).contains(&block), "a block of {block} values");
        let f = f.separated()?;
        let graph = f.graph();
        let extents = match extents {
            Some(extents) => extents.to_vec(),
            None => f.shapes(budget.visits)?,
        };
        if let Some(size) = f.unbound_sizes().first() {
            return Err(UnrollError::Unbound { size: (*size).to_owned() }.into());
        }
        let tables = Tables::of(&f);
        let axes = AxisTable::of(&f, &tables)?;
        let conditional = f.conditional_loops();
        let most_memory = usize::try_from(budget.bytes / 8).unwrap_or(usize::MAX);
        let (blocks, data, inputs, memory) = layout(&f, &extents, most_memory)?;
        let blocks: Vec<Rc<Place>> = blocks.into_iter().map(Rc::new).collect();
        let contractions = contractions(graph, &axes, &conditional, most_memory / 4, choice.contractions());
        let costs = Costs { graph, axes: &axes, contractions: &contractions, block: block as f64, choice };
        let build = |interchange: Interchange| {
            let mut nest =
                Nest::new(graph, &axes, &conditional, &tables.bounds, interchange, contractions.clone());
            let empty = Nest::new(
                graph,
                &axes,
                &conditional,
                &tables.bounds,
                Interchange::None,
                FxHashMap::default(),
            );
            let mut sizes = Lowering::new(&f, &axes, &tables, &extents, &empty, blocks.clone(), 0, 0, block);
            let may_keep = |id| {
                let around =
                    axes.innermost_state(id).map_or(0, |axis| axes.closed[axis.index()].iter().count());
                let own = axes.in_order(axes.free[id.index()]).into_iter().skip(around);
                let dims = own.map(|axis| axes.extent(axis)).chain(sizes.lengths(id));
                let mut dims = dims;
                let size = dims.try_fold(1usize, |all, len| all.checked_mul(len?));
                size.is_some_and(|size| size <= most_memory / 4)
            };
            let mut root = nest.build(f.outputs(), may_keep)?;
            let decided = costs.decide(&mut root);
            Ok::<_, NotPlanned>((nest, root, decided))
        };
        let (nest, mut root) = match build(choice.interchange()) {
            Ok((nest, root, true)) => (nest, root),
            _ => build(Interchange::None).map(|(nest, root, _)| (nest, root))?,
        };
        costs.unroll(&mut root, Axes::NONE);
        let (work, choices) = (costs.work(&root, Counted::Values), costs.work(&root, Counted::Choices));
        let mut lowering =
            Lowering::new(&f, &axes, &tables, &extents, &nest, blocks, memory, most_memory, block);
        let mut steps = lowering.all(&root)?;
        let (mut outputs, mut output_count) = (Vec::new(), 0usize);
        for &id in f.outputs() {
            outputs.push(match lowering.value(id) {
                Val::Number(number) => {
                    output_count += 1;
                    PlanOutput::Number(*number)
                }
                Val::Array(place) => {
                    output_count += elements(&place.dims, &mut vec![0; graph.axis_count()], &tables);
                    PlanOutput::Array((**place).clone())
                }
                Val::Row(_) | Val::Nowhere => unreachable!("outputs stand outside of all loops"),
            });
        }
        let read = outputs.iter().filter_map(|output| match output {
            PlanOutput::Array(place) => Some(place.base.array),
            PlanOutput::Number(_) => None,
        });
        lower::remove_stores(&mut steps, read.collect());
        let one = lowering.constant(1.0);
        numbers::join_numbers(&mut steps, &lowering.terms, one);
        let Lowering { numbers, mut terms, rows, partials, folds, row_folds, memory, panels, .. } = lowering;
        let rows = registers::allocate(&mut steps, &mut terms, rows as usize);
        Ok(Plan {
            steps,
            terms,
            numbers,
            rows,
            partials,
            folds: folds as usize,
            row_folds: row_folds as usize,
            axes: graph.axis_count(),
            axis_names: graph.axes().map(|axis| graph.axis_names(axis).index.clone()).collect(),
            packs: block / LANES,
            panels,
            work,
            choices,
            memory,
            inputs,
            data,
            outputs,
            output_count,
            tables,
            identity: Arc::default(),
        })
    }

    /// Whether most of what a function computes is products of matrices. Asked before anything is planned.
    pub fn suits(f: &Function) -> bool {
        let Ok(f) = f.separated() else { return false };
        let tables = Tables::of(&f);
        f.unbound_sizes().is_empty()
            && AxisTable::of(&f, &tables).is_ok_and(|axes| contraction::are_most(&f, &axes))
    }

    /// How many scalar inputs there are.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// How many numbers the outputs are.
    pub fn outputs(&self) -> usize {
        self.output_count
    }

    /// About how many operators a run evaluates: each as often as its loops say, wherever blocks of values are run at a time.
    pub fn work(&self) -> u64 {
        self.work as u64
    }

    /// About how many steps are chosen in a run: as many as operators where these are done number by number, and one for a block.
    pub fn choices(&self) -> u64 {
        self.choices as u64
    }

    /// The bytes that it holds, with one workspace.
    pub fn bytes(&self) -> usize {
        let rows = (self.rows + self.partials) * self.packs * size_of::<Lanes>();
        let folds = self.folds * size_of::<Folding>();
        8 * (self.memory + 2 * self.numbers.len()) + rows + folds + 2 * self.panels.bytes()
    }

    /// Numbers for runs.
    pub fn workspace(&self) -> PlanWorkspace {
        let row = vec![Lanes([0.0; LANES]); self.packs];
        let mut memory = vec![0.0; self.memory];
        for (start, numbers) in &self.data {
            memory[*start..][..numbers.len()].copy_from_slice(numbers);
        }
        PlanWorkspace {
            space: Registers {
                uniforms: self.numbers.clone(),
                rows: vec![row.clone(); self.rows],
                partials: vec![row; self.partials],
                packs: self.packs,
                used: self.packs,
                program: self.identity.clone(),
            },
            memory,
            axes: vec![0; self.axes],
            folds: vec![Folding::new(expr::Fold::Sum); self.folds],
            counts: vec![0; self.row_folds],
            panels: self.panels.clone(),
            count: 0,
            plan: self.identity.clone(),
        }
    }
}

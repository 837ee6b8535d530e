//! The function itself, prepared for evaluation: what every cost is measured in.

use backprop::{Staged, StagedWorkspace};
use engine::{Cones, Plan, PlanBudget, PlanWorkspace, Program, Registers, VectorProgram, Workspace};
use expr::{Function, UnrollError, expect_length, expect_point};
use numerical::Batch;

use crate::backprop_strategy::{WithLoops, planned, staged, with_loops};
use crate::strategy::Budget;

/// A function, compiled, with room for its numbers: unrolled, or with its loops.
///
/// ```
/// use chainrule::{Budget, CompiledFunction};
/// let written = chainrule::parse("sum(i, 1, 99, x[i]*x[i+1])")?;
/// let flat = written.unroll(10_000)?;
/// let mut out = [0.0];
/// CompiledFunction::new(&flat).run(&[1.0; 100], &mut out);
/// assert_eq!(out, [99.0]);
/// CompiledFunction::of(&written, &flat).run(&[2.0; 100], &mut out); // as a loop
/// assert_eq!(out, [396.0]);
/// // As a loop, and never unrolled.
/// assert!(CompiledFunction::with_loops_of_gradient(&written, &Budget::default())?.is_some());
/// let mut rolled = CompiledFunction::rolled(&written, &Budget::default())?.unwrap();
/// rolled.run(&[2.0; 100], &mut out);
/// assert_eq!((out, rolled.program().is_none()), ([396.0], true));
/// assert_eq!((rolled.inputs(), rolled.outputs()), (100, 1));
/// // Of 99 products two depend on an input; counted are steps of the program, the sum among them, and bytes.
/// let mut compiled = CompiledFunction::new(&flat);
/// assert!(compiled.cones().is_some() && compiled.steps() == 100 && compiled.bytes() > 0);
/// assert_eq!((compiled.work(), compiled.moved_work()), (198, Some(10_098)));
/// assert!(compiled.whole().cones().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct CompiledFunction {
    inputs: usize,
    outputs: usize,
    work: u64,
    /// Without its loops, unless it was never unrolled.
    flat: Option<Flat>,
    /// With its loops, where it has any that are kept.
    rolled: Option<Rolled>,
    point: Vec<f64>,
}

/// A function with its loops, and room for its numbers.
#[derive(Debug)]
enum Rolled {
    Staged(Box<(Staged, StagedWorkspace)>),
    Planned(Box<(Plan, PlanWorkspace)>),
}

impl Rolled {
    fn new(prepared: WithLoops<Plan>) -> Rolled {
        match prepared {
            WithLoops::Staged(staged) => {
                let workspace = staged.workspace();
                Rolled::Staged(Box::new((staged, workspace)))
            }
            WithLoops::Planned(plan) => {
                let workspace = plan.workspace();
                Rolled::Planned(Box::new((plan, workspace)))
            }
        }
    }

    /// Inputs, outputs and evaluations of nodes.
    fn figures(&self) -> (usize, usize, u64) {
        match self {
            Rolled::Staged(own) => (own.0.inputs(), own.0.outputs(), own.0.steps() as u64),
            Rolled::Planned(own) => (own.0.inputs(), own.0.outputs(), own.0.work()),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Rolled::Staged(own) => own.0.bytes(),
            Rolled::Planned(own) => own.0.bytes(),
        }
    }

    fn run(&mut self, x: &[f64], out: &mut [f64]) {
        match self {
            Rolled::Staged(own) => own.0.evaluate(&mut own.1, x, out),
            Rolled::Planned(own) => own.0.run(&mut own.1, x, out),
        }
    }
}

#[derive(Debug)]
struct Flat {
    program: Program,
    one: Workspace<f64>,
    rows: VectorProgram,
    many: Registers,
    /// Looked for at the first batch that could use them.
    cones: Option<Option<Cones>>,
}

/// With fewer inputs no cone is small.
const MANY_INPUTS: usize = 16;

impl CompiledFunction {
    /// Compiles a flat function.
    ///
    /// # Panics
    /// When the function is not flat.
    pub fn new(f: &Function) -> CompiledFunction {
        let program = Program::compile(f);
        let rows = VectorProgram::compile(f, |_| true, |_| false);
        CompiledFunction {
            inputs: program.inputs(),
            work: operators(f),
            outputs: program.outputs().len(),
            rolled: None,
            point: vec![0.0; program.inputs()],
            flat: Some(Flat {
                one: program.workspace(|value| value),
                many: rows.space(rows.packs(), 0),
                rows,
                cones: None,
                program,
            }),
        }
    }

    /// The same, with the loops of the function as it is `written`.
    ///
    /// # Panics
    /// When `f` is not flat.
    pub fn of(written: &Function, f: &Function) -> CompiledFunction {
        let budget = Budget { nodes: u64::MAX, ..Budget::default() };
        let staged = staged(written, &budget).ok().flatten();
        let rolled = staged.map(|staged| Rolled::new(WithLoops::Staged(staged)));
        CompiledFunction { rolled, ..CompiledFunction::new(f) }
    }

    /// A function whose gradient backpropagation finds without unrolling it, with its loops; nothing where that unrolls it.
    ///
    /// # Errors
    /// As [`Function::stages`].
    pub fn with_loops_of_gradient(
        written: &Function,
        budget: &Budget,
    ) -> Result<Option<CompiledFunction>, UnrollError> {
        let rolled = CompiledFunction::rolled(written, budget)?;
        let gradient = || with_loops(written, budget, || planned(written, budget));
        Ok(rolled.filter(|own| {
            matches!(own.rolled, Some(Rolled::Staged(_))) || gradient().is_ok_and(|found| found.is_some())
        }))
    }

    /// A function with its loops, without unrolling it; nothing where it has none that are kept.
    ///
    /// # Errors
    /// As [`Function::stages`].
    pub fn rolled(written: &Function, budget: &Budget) -> Result<Option<CompiledFunction>, UnrollError> {
        let planned = || {
            let limits = PlanBudget { visits: budget.nodes, ..PlanBudget::default() };
            (!written.is_flat()).then(|| Plan::new(written, None, limits).ok()).flatten()
        };
        let rolled = with_loops(written, budget, planned)?.map(Rolled::new);
        Ok(rolled.map(|rolled| {
            let (inputs, outputs, work) = rolled.figures();
            let point = vec![0.0; inputs];
            CompiledFunction { inputs, outputs, work, flat: None, rolled: Some(rolled), point }
        }))
    }

    /// The same, with all of the function evaluated at every point of a batch, whatever moved.
    pub fn whole(mut self) -> CompiledFunction {
        self.flat.iter_mut().for_each(|flat| flat.cones = Some(None));
        self
    }

    /// What of the function runs again when each input has moved once, where that is less than all of it.
    pub fn cones(&mut self) -> Option<&Cones> {
        let worth = self.inputs >= MANY_INPUTS;
        let Flat { cones, program, .. } = self.flat.as_mut()?;
        cones.get_or_insert_with(|| worth.then(|| Cones::of(program)).flatten()).as_ref()
    }

    /// Evaluations of nodes that one evaluation of the function takes: a sum or product of m terms counts as m, a loop as often as
    /// it is run.
    pub fn work(&self) -> u64 {
        self.work
    }

    /// The same where each input has moved once, and each time only what depends on it runs, if that is less than all.
    pub fn moved_work(&mut self) -> Option<u64> {
        self.cones()?;
        let Flat { cones, program, .. } = self.flat.as_ref()?;
        cones.as_ref()?.as_ref().map(|cones| cones.work(program))
    }

    /// The compiled program of the function unrolled, if it was.
    pub fn program(&self) -> Option<&Program> {
        self.flat.as_ref().map(|flat| &flat.program)
    }

    /// How many scalar inputs there are.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// How many outputs.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The steps of one evaluation; with loops, as often as they are run, and with those of a backward pass.
    pub fn steps(&self) -> usize {
        match (&self.flat, &self.rolled) {
            (Some(flat), _) => flat.program.steps(),
            (None, _) => self.work as usize,
        }
    }

    /// The bytes that it holds between runs.
    pub fn bytes(&self) -> usize {
        match (&self.flat, &self.rolled) {
            (Some(Flat { program, rows, cones, .. }), _) => {
                let cones = cones.iter().flatten().map(Cones::bytes).sum::<usize>();
                program.bytes() + program.slots() * 8 + rows.bytes(rows.packs()) + cones
            }
            (None, rolled) => rolled.as_ref().map_or(0, Rolled::bytes),
        }
    }

    /// The outputs at a point.
    ///
    /// # Panics
    /// When there is not one number per input and one place per output.
    pub fn run(&mut self, x: &[f64], out: &mut [f64]) {
        match (&mut self.rolled, &mut self.flat) {
            (Some(rolled), _) => rolled.run(x, out),
            (None, Some(flat)) => flat.program.run(&mut flat.one, x, out),
            (None, None) => unreachable!("it was compiled in one form or the other"),
        }
    }

    /// The outputs at every point of a batch, a row each: several points at once, or of each only what depends on the
    /// input that moved, where that is little. The bits are the same. What was never unrolled runs point by point.
    ///
    /// ```
    /// use chainrule::CompiledFunction;
    /// use chainrule::numerical::{Scheme, differentiate};
    /// let mut compiled = CompiledFunction::new(&chainrule::parse("x^2*y")?);
    /// let found = differentiate(Scheme::Central4, &[3.0, 1.0], 1, |batch, out| compiled.run_batch(batch, out));
    /// assert!((found.derivative[0] - 6.0).abs() < 1e-10 && (found.derivative[1] - 9.0).abs() < 1e-10);
    /// # Ok::<(), chainrule::Diagnostic>(())
    /// ```
    ///
    /// # Panics
    /// When the batch's base point has not one number per input, or `out` not one place per point and output.
    pub fn run_batch(&mut self, batch: &Batch<'_>, out: &mut [f64]) {
        expect_point(batch.base().len(), self.inputs);
        let outputs = self.outputs;
        let places = batch.len() * outputs;
        expect_length(out.len(), "places for values", places, "a row of outputs per point");
        let spared = batch.len() > 1 && self.cones().is_some();
        let CompiledFunction { flat, rolled, point, .. } = self;
        let Some(Flat { program, one, rows, many, cones }) = flat else {
            let Some(rolled) = rolled else { return };
            for (k, row) in out.chunks_mut(outputs).enumerate() {
                batch.fill(k, point);
                rolled.run(point, row);
            }
            return;
        };
        if spared && let Some(Some(cones)) = cones {
            program.forward(one, batch.base());
            for (moved, row) in batch.moves().iter().zip(out.chunks_mut(outputs)) {
                // The base point is the first input at its own value.
                let (input, value) = moved.map_or((0, batch.base()[0]), |moved| (moved.input, moved.value));
                cones.run_moved(program, one, input, value, row);
            }
            return;
        }
        let fill = |k: usize, point: &mut [f64]| batch.fill(k, point);
        rows.run_many(many, batch.len(), fill, point, out);
    }

    /// The outputs at many points, a row each, several at once where the function was unrolled: `fill(k, x)` writes point k.
    ///
    /// ```
    /// use chainrule::CompiledFunction;
    /// let mut compiled = CompiledFunction::new(&chainrule::parse("x^2*y")?);
    /// let mut out = [0.0; 3];
    /// compiled.run_many(3, |k, x| x.copy_from_slice(&[k as f64, 2.0]), &mut out);
    /// assert_eq!(out, [0.0, 2.0, 8.0]);
    /// # Ok::<(), chainrule::Diagnostic>(())
    /// ```
    ///
    /// # Panics
    /// When `out` has not one place per point and output.
    pub fn run_many(&mut self, points: usize, mut fill: impl FnMut(usize, &mut [f64]), out: &mut [f64]) {
        let places = points * self.outputs;
        expect_length(out.len(), "places for values", places, "a row of outputs per point");
        let CompiledFunction { flat, rolled, point, outputs, .. } = self;
        match (flat, rolled) {
            (Some(Flat { rows, many, .. }), _) => rows.run_many(many, points, fill, point, out),
            (None, Some(rolled)) => {
                for (k, row) in out.chunks_mut(*outputs).enumerate() {
                    fill(k, point);
                    rolled.run(point, row);
                }
            }
            (None, None) => unreachable!("it was compiled in one form or the other"),
        }
    }
}

/// A sum or product of m terms counts as m.
fn operators(f: &Function) -> u64 {
    let graph = f.graph();
    let of = |id| if graph.node(id).op().is_some() { 1 } else { graph.children(id).len() as u64 };
    graph.ids().map(of).sum()
}

//! The function itself, prepared for evaluation: what every cost is measured in.

use backprop::{Staged, StagedWorkspace};
use engine::{Cones, Program, Registers, VectorProgram, Workspace};
use expr::{Function, expect_length, expect_point};
use numerical::Batch;

use crate::strategy::Budget;

/// A flat function, compiled, with room for its numbers.
///
/// ```
/// use chainrule::CompiledFunction;
/// let written = chainrule::parse("sum(i, 1, 99, x[i]*x[i+1])")?;
/// let flat = written.unroll(10_000)?;
/// let mut out = [0.0];
/// CompiledFunction::new(&flat).run(&[1.0; 100], &mut out);
/// assert_eq!(out, [99.0]);
/// CompiledFunction::of(&written, &flat).run(&[2.0; 100], &mut out); // as a loop
/// assert_eq!(out, [396.0]);
/// // Of 99 products two depend on an input; counted are steps of the program, the sum among them, and bytes.
/// let mut compiled = CompiledFunction::new(&flat);
/// assert!(compiled.cones().is_some() && compiled.program().steps() == 100 && compiled.bytes() > 0);
/// assert!(compiled.whole().cones().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct CompiledFunction {
    program: Program,
    one: Workspace<f64>,
    rows: VectorProgram,
    many: Registers,
    point: Vec<f64>,
    /// The same with its loops, where it has any that are kept.
    rolled: Option<(Staged, StagedWorkspace)>,
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
            one: program.workspace(|value| value),
            many: rows.space(rows.packs(), 0),
            rows,
            point: vec![0.0; program.inputs()],
            rolled: None,
            cones: None,
            program,
        }
    }

    /// The same, with the loops of the function as it is `written`.
    ///
    /// # Panics
    /// When `f` is not flat.
    pub fn of(written: &Function, f: &Function) -> CompiledFunction {
        let budget = Budget { nodes: u64::MAX, ..Budget::default() };
        let staged = crate::backprop_strategy::staged(written, &budget).ok().flatten();
        CompiledFunction {
            rolled: staged.map(|staged| (staged.clone(), staged.workspace())),
            ..CompiledFunction::new(f)
        }
    }

    /// The same, with all of the function evaluated at every point of a batch, whatever moved.
    pub fn whole(mut self) -> CompiledFunction {
        self.cones = Some(None);
        self
    }

    /// What of the function runs again when each input has moved once, where that is less than all of it.
    pub fn cones(&mut self) -> Option<&Cones> {
        let worth = self.program.inputs() >= MANY_INPUTS;
        self.cones.get_or_insert_with(|| worth.then(|| Cones::of(&self.program)).flatten()).as_ref()
    }

    /// The compiled program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The bytes that it holds between runs.
    pub fn bytes(&self) -> usize {
        let cones = self.cones.iter().flatten().map(Cones::bytes).sum::<usize>();
        self.program.bytes() + self.program.slots() * 8 + self.rows.bytes(self.rows.packs()) + cones
    }

    /// The outputs at a point.
    ///
    /// # Panics
    /// When there is not one number per input and one place per output.
    pub fn run(&mut self, x: &[f64], out: &mut [f64]) {
        match &mut self.rolled {
            Some((staged, workspace)) => staged.evaluate(workspace, x, out),
            None => self.program.run(&mut self.one, x, out),
        }
    }

    /// The outputs at every point of a batch, a row each: several points at once, or of each only what depends on the
    /// input that moved, where that is little. The bits are the same.
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
        expect_point(batch.base().len(), self.program.inputs());
        let places = batch.len() * self.program.outputs().len();
        expect_length(out.len(), "places for values", places, "a row of outputs per point");
        if batch.len() > 1
            && self.cones().is_some()
            && let Some(Some(cones)) = &mut self.cones
        {
            let outputs = self.program.outputs().len();
            self.program.forward(&mut self.one, batch.base());
            for (moved, row) in batch.moves().iter().zip(out.chunks_mut(outputs)) {
                // The base point is the first input at its own value.
                let (input, value) = moved.map_or((0, batch.base()[0]), |moved| (moved.input, moved.value));
                cones.run_moved(&self.program, &mut self.one, input, value, row);
            }
            return;
        }
        let fill = |k: usize, point: &mut [f64]| batch.fill(k, point);
        let CompiledFunction { rows, many, point, .. } = self;
        rows.run_many(many, batch.len(), fill, point, out);
    }
}

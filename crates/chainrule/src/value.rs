//! The function itself, prepared for evaluation: what every cost is measured in.

use engine::{LANES, Lanes, Program, Workspace};
use expr::Function;
use numerical::Batch;

/// A flat function, compiled, with room for its numbers.
#[derive(Debug)]
pub struct Value {
    program: Program,
    one: Workspace<f64>,
    many: Workspace<Lanes>,
    point: Vec<f64>,
    lanes: Vec<Lanes>,
}

impl Value {
    /// Compiles a flat function.
    ///
    /// # Panics
    /// When the function is not flat.
    pub fn new(f: &Function) -> Value {
        let program = Program::compile(f);
        Value {
            one: program.workspace(|value| value),
            many: program.workspace(|value| Lanes([value; LANES])),
            point: vec![0.0; program.inputs()],
            lanes: vec![Lanes([0.0; LANES]); program.inputs()],
            program,
        }
    }

    /// The compiled program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The outputs at a point.
    ///
    /// # Panics
    /// When lengths do not fit.
    pub fn run(&mut self, x: &[f64], out: &mut [f64]) {
        self.program.run(&mut self.one, x, out);
    }

    /// The outputs at every point of a batch, a row each.
    ///
    /// # Panics
    /// When lengths do not fit.
    pub fn run_batch(&mut self, batch: &Batch<'_>, out: &mut [f64]) {
        let fill = |k: usize, point: &mut [f64]| batch.fill(k, point);
        let Value { program, many, point, lanes, .. } = self;
        program.run_many(many, batch.len(), fill, point, lanes, out);
    }
}

//! A function compiled for inputs of some shapes, with workspaces that threads take and give back.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use chainrule::{
    Backprop, BatchGradient, Budget, CompiledFunction, Derivative, Function, Prepared, Refusal, Strategy,
    Want,
};
use expr::graph::Role;
use pyo3::prelude::*;

use crate::errors::{refusal, unroll_error};

/// Evaluations of nodes that take less time than another thread needs to be let in.
const SHORT: f64 = 4_000.0;

/// An input that is no data.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    /// The position of its first number in a point.
    pub(crate) start: usize,
}

impl Input {
    pub(crate) fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// A function whose sizes and data are bound, prepared when something is first asked of it.
pub(crate) struct Evaluation {
    pub(crate) function: Function,
    pub(crate) inputs: Vec<Input>,
    pub(crate) numbers: usize,
    gradients: Mutex<Vec<Gradients>>,
    values: Mutex<Vec<Values>>,
    batch: OnceLock<(usize, BatchGradient)>,
}

/// What one thread runs for value and gradient, and where it leaves them.
struct Gradients {
    prepared: Box<dyn Prepared>,
    point: Vec<f64>,
    found: Derivative,
    short: bool,
}

/// What one thread runs for values alone.
struct Values {
    compiled: CompiledFunction,
    point: Vec<f64>,
    found: Vec<f64>,
    short: bool,
}

impl Evaluation {
    /// Of a function that has all its sizes and data.
    pub(crate) fn new(function: Function) -> PyResult<Evaluation> {
        let budget = Budget::default();
        function.check_data().map_err(|error| unroll_error(&error))?;
        let shapes = function.shapes(budget.nodes).map_err(|error| unroll_error(&error))?;
        let mut numbers = 0;
        let mut inputs = Vec::new();
        for (block, shape) in function.graph().blocks().iter().zip(shapes) {
            if block.role != Role::Data {
                let input = Input { name: block.name.clone(), shape, start: numbers };
                numbers += input.len();
                inputs.push(input);
            }
        }
        Ok(Evaluation {
            inputs,
            numbers,
            function,
            gradients: Mutex::default(),
            values: Mutex::default(),
            batch: OnceLock::new(),
        })
    }

    /// Value and gradient at the point that `fill` writes; other Python threads run meanwhile where that takes longer than letting
    /// them. Python's own code runs neither before the point is written nor after the answer is there.
    pub(crate) fn gradient<T>(
        &self,
        py: Python<'_>,
        fill: impl FnOnce(&mut Vec<f64>),
        answer: impl FnOnce(&Derivative) -> PyResult<T>,
    ) -> PyResult<T> {
        let spare = lock(&self.gradients).pop();
        let mut own = spare.map_or_else(|| py.detach(|| self.prepare()), Ok)?;
        own.point.clear();
        fill(&mut own.point);
        let ran = match own.short {
            true => own.prepared.run(&own.point, &mut own.found),
            false => py.detach(|| own.prepared.run(&own.point, &mut own.found)),
        };
        let answer = ran.map_err(|refused| refusal(&refused)).and_then(|()| answer(&own.found));
        lock(&self.gradients).push(own);
        answer
    }

    /// The outputs at a point, likewise.
    pub(crate) fn values<T>(
        &self,
        py: Python<'_>,
        fill: impl FnOnce(&mut Vec<f64>),
        answer: impl FnOnce(&[f64]) -> PyResult<T>,
    ) -> PyResult<T> {
        let spare = lock(&self.values).pop();
        let mut own = spare.map_or_else(|| py.detach(|| self.compile()), Ok)?;
        own.point.clear();
        fill(&mut own.point);
        match own.short {
            true => own.compiled.run(&own.point, &mut own.found),
            false => py.detach(|| own.compiled.run(&own.point, &mut own.found)),
        }
        let answer = answer(&own.found);
        lock(&self.values).push(own);
        answer
    }

    /// How many outputs there are, and the function prepared for many points.
    pub(crate) fn batch(&self) -> Result<&(usize, BatchGradient), Refusal> {
        if let Some(batch) = self.batch.get() {
            return Ok(batch);
        }
        let budget = Budget::default();
        let flat = self.function.unroll(budget.nodes)?;
        let batch = BatchGradient::new(&flat, &budget)?;
        Ok(self.batch.get_or_init(|| (flat.outputs().len(), batch)))
    }

    fn prepare(&self) -> PyResult<Gradients> {
        let prepared = Backprop.prepare(&self.function, Want::Gradient, &Budget::default());
        let prepared = prepared.map_err(|refused| refusal(&refused))?;
        let short = prepared.most_work() < SHORT;
        Ok(Gradients { prepared, point: Vec::new(), found: Derivative::default(), short })
    }

    fn compile(&self) -> PyResult<Values> {
        let budget = Budget::default();
        let rolled = CompiledFunction::with_loops_of_gradient(&self.function, &budget);
        let compiled = match rolled.map_err(|error| unroll_error(&error))? {
            Some(compiled) => compiled,
            None => {
                let flat = self.function.unroll(budget.nodes).map_err(|error| unroll_error(&error))?;
                CompiledFunction::new(&flat)
            }
        };
        let (short, found) = ((compiled.work() as f64) < SHORT, vec![0.0; compiled.outputs()]);
        Ok(Values { compiled, point: Vec::new(), found, short })
    }
}

/// What a thread that panicked has left is as good as new: nothing is held half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

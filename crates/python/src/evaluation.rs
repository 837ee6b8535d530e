//! A function compiled for inputs of some shapes, with workspaces that threads take and give back.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use chainrule::{
    Backprop, BatchGradient, Budget, CompiledFunction, Derivative, Function, Prepared, Refusal, Strategy,
    Want,
};
use expr::graph::Role;
use pyo3::prelude::*;

use crate::errors::{refusal, unroll_error};
use crate::interruptible::interruptible;

/// How long a call takes, and so who may run meanwhile.
#[derive(Clone, Copy)]
enum Length {
    /// Less time than another thread needs to be let in.
    Short,
    /// Other threads run meanwhile.
    Middle,
    /// Long enough for someone to press Ctrl-C.
    Long,
}

impl Length {
    /// By evaluations of nodes.
    fn of(work: f64) -> Length {
        match work {
            ..4e3 => Length::Short,
            ..2e7 => Length::Middle,
            _ => Length::Long,
        }
    }

    fn run<T: Send>(self, py: Python<'_>, work: impl FnOnce() -> PyResult<T> + Send) -> PyResult<T> {
        match self {
            Length::Short => work(),
            Length::Middle => py.detach(work),
            Length::Long => interruptible(py, work),
        }
    }
}

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
    budget: Budget,
    gradients: Mutex<Vec<Gradients>>,
    values: Mutex<Vec<Values>>,
    batch: OnceLock<(usize, BatchGradient)>,
}

/// What one thread runs for value and gradient, and where it leaves them.
struct Gradients {
    prepared: Box<dyn Prepared>,
    point: Vec<f64>,
    found: Derivative,
    length: Length,
}

/// What one thread runs for values alone.
struct Values {
    compiled: CompiledFunction,
    point: Vec<f64>,
    found: Vec<f64>,
    length: Length,
}

impl Evaluation {
    /// Of a function that has all its sizes and data.
    pub(crate) fn new(function: Function, budget: &Budget) -> PyResult<Evaluation> {
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
            budget: *budget,
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
        let mut own = spare.map_or_else(|| interruptible(py, || self.prepare()), Ok)?;
        own.point.clear();
        fill(&mut own.point);
        let Gradients { prepared, point, found, length } = &mut own;
        // What was interrupted is not used again.
        length.run(py, || prepared.run(point, found).map_err(|refused| refusal(&refused)))?;
        let answer = answer(&own.found);
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
        let mut own = spare.map_or_else(|| interruptible(py, || self.compile()), Ok)?;
        own.point.clear();
        fill(&mut own.point);
        let Values { compiled, point, found, length } = &mut own;
        length.run(py, || {
            compiled.run(point, found);
            Ok(())
        })?;
        let answer = answer(&own.found);
        lock(&self.values).push(own);
        answer
    }

    /// How many outputs there are, and the function prepared for many points.
    pub(crate) fn batch(&self) -> Result<&(usize, BatchGradient), Refusal> {
        if let Some(batch) = self.batch.get() {
            return Ok(batch);
        }
        let flat = self.function.unroll(self.budget.nodes)?;
        let batch = BatchGradient::new(&flat, &self.budget)?;
        Ok(self.batch.get_or_init(|| (flat.outputs().len(), batch)))
    }

    fn prepare(&self) -> PyResult<Gradients> {
        let prepared = Backprop.prepare(&self.function, Want::Gradient, &self.budget);
        let prepared = prepared.map_err(|refused| refusal(&refused))?;
        let length = Length::of(prepared.most_work());
        Ok(Gradients { prepared, point: Vec::new(), found: Derivative::default(), length })
    }

    /// The value of the first output for a caller that knows nothing of Python; NaN where there is none.
    pub(crate) fn value_alone(&self, point: &[f64]) -> f64 {
        let spare = lock(&self.values).pop();
        let Some(mut own) = spare.or_else(|| self.compile().ok()) else { return f64::NAN };
        own.compiled.run(point, &mut own.found);
        let value = own.found.first().copied().unwrap_or(f64::NAN);
        lock(&self.values).push(own);
        value
    }

    /// How many outputs there are.
    pub(crate) fn outputs(&self, py: Python<'_>) -> PyResult<usize> {
        let own = interruptible(py, || self.compile())?;
        let outputs = own.found.len();
        lock(&self.values).push(own);
        Ok(outputs)
    }

    fn compile(&self) -> PyResult<Values> {
        let budget = &self.budget;
        let rolled = CompiledFunction::with_loops_of_gradient(&self.function, budget);
        let compiled = match rolled.map_err(|error| unroll_error(&error))? {
            Some(compiled) => compiled,
            None => {
                let flat = self.function.unroll(budget.nodes).map_err(|error| unroll_error(&error))?;
                CompiledFunction::new(&flat)
            }
        };
        let (length, found) = (Length::of(compiled.work() as f64), vec![0.0; compiled.outputs()]);
        Ok(Values { compiled, point: Vec::new(), found, length })
    }
}

/// What a thread that panicked has left is as good as new: nothing is held half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

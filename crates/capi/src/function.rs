//! A function with all its sizes, and what threads run for it.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use chainrule::{
    Backprop, BatchGradient, BatchInput, Budget, CompiledFunction, Derivative, Prepared, Strategy, Want,
};
use expr::Function;
use expr::graph::Role;
use syntax::Reader;

use crate::error::{CrStatus, Error};

/// A function of real numbers. Several threads may call it at the same time.
pub struct CrFunction {
    function: Function,
    /// Where the numbers of each input stand in a point: name, first, count.
    inputs: Vec<(String, usize, usize)>,
    numbers: usize,
    outputs: usize,
    gradients: Mutex<Vec<(Box<dyn Prepared>, Derivative)>>,
    values: Mutex<Vec<CompiledFunction>>,
    batch: OnceLock<BatchGradient>,
}

impl CrFunction {
    /// Reads a function and gives its sizes values.
    pub(crate) fn read(text: &str, sizes: &[(&str, i64)]) -> Result<CrFunction, Error> {
        let names = sizes.iter().map(|(name, _)| (*name).to_owned()).collect();
        let reader = Reader { sizes: names, ..Reader::default() };
        let read = reader.parse(text).map_err(|diagnostic| Error::text(&diagnostic, text))?;
        let function = read.with_sizes(sizes)?;
        function.check_data()?;
        let shapes = function.shapes(Budget::default().nodes)?;
        let (mut inputs, mut numbers) = (Vec::new(), 0);
        for (block, shape) in function.graph().blocks().iter().zip(shapes) {
            if block.role != Role::Data {
                let count = shape.iter().product();
                inputs.push((block.name.clone(), numbers, count));
                numbers += count;
            }
        }
        let value = compiled(&function)?;
        Ok(CrFunction {
            function,
            inputs,
            numbers,
            outputs: value.outputs(),
            gradients: Mutex::default(),
            values: Mutex::new(vec![value]),
            batch: OnceLock::new(),
        })
    }

    pub(crate) fn numbers(&self) -> usize {
        self.numbers
    }

    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// Where an input's numbers begin in a point, and how many they are.
    pub(crate) fn input(&self, name: &str) -> Result<(usize, usize), Error> {
        let found = self.inputs.iter().find(|(own, ..)| own == name);
        found.map(|&(_, first, count)| (first, count)).ok_or_else(|| {
            let names: Vec<&str> = self.inputs.iter().map(|(name, ..)| name.as_str()).collect();
            let message = format!("the function has no input {name}; its inputs are {}", names.join(", "));
            Error::new(CrStatus::Name, message)
        })
    }

    pub(crate) fn value(&self, point: &[f64], values: &mut [f64]) -> Result<(), Error> {
        let spare = lock(&self.values).pop();
        let mut own = spare.map_or_else(|| compiled(&self.function), Ok)?;
        own.run(point, values);
        lock(&self.values).push(own);
        Ok(())
    }

    /// The gradient, row after row, and the values where there is a place for them.
    pub(crate) fn gradient(
        &self,
        point: &[f64],
        values: Option<&mut [f64]>,
        gradient: &mut [f64],
    ) -> Result<(), Error> {
        let spare = lock(&self.gradients).pop();
        let (mut prepared, mut found) = match spare {
            Some(own) => own,
            None => {
                let prepared = Backprop.prepare(&self.function, Want::Gradient, &Budget::default())?;
                (prepared, Derivative::default())
            }
        };
        prepared.run(point, &mut found)?;
        if let Some(values) = values {
            values.copy_from_slice(&found.values);
        }
        gradient.copy_from_slice(&found.gradient);
        lock(&self.gradients).push((prepared, found));
        Ok(())
    }

    pub(crate) fn batch(
        &self,
        columns: &[BatchInput<'_>],
        rows: usize,
        values: &mut [f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        let batch = match self.batch.get() {
            Some(batch) => batch,
            None => {
                let batch = BatchGradient::new(&self.function, &Budget::default())?;
                self.batch.get_or_init(|| batch)
            }
        };
        batch.values_and_gradients(columns, rows, values, gradients);
        Ok(())
    }
}

/// For values alone: with the loops of the gradient, so that both have the same bits, else unrolled.
fn compiled(function: &Function) -> Result<CompiledFunction, Error> {
    let budget = Budget::default();
    Ok(match CompiledFunction::with_loops_of_gradient(function, &budget)? {
        Some(rolled) => rolled,
        None => CompiledFunction::new(&function.unroll(budget.nodes)?),
    })
}

/// What a thread that panicked has left is as good as new: nothing is held half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

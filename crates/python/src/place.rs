//! Where a function is evaluated: from a point or inputs by name to what is compiled for them.

use std::sync::{Arc, PoisonError};

use chainrule::{Function as Graph, Gradient};
use expr::graph::Role;
use numpy::{PyArray1, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::columns::Column;
use crate::errors::{gradient_error, unroll_error, value_error};
use crate::evaluation::{Evaluation, Input};
use crate::function::Function;
use crate::interruptible::interruptible;

/// Shapes of inputs for which a function stays compiled.
const MOST_KEPT: usize = 16;

/// A compiled function, and for which inputs.
pub(crate) struct Kept {
    shapes: Shapes,
    evaluation: Arc<Evaluation>,
}

/// Inputs that need the same compiled function.
#[derive(Clone, PartialEq)]
enum Shapes {
    /// A flat point of so many numbers.
    Numbers(usize),
    /// Inputs by name, with their lengths along each index.
    Named(Vec<(String, Vec<usize>)>),
}

impl Function {
    /// How many indices each input has, in the order of a point.
    pub(crate) fn ranks(&self) -> Vec<usize> {
        let blocks = self.graph.graph().blocks().iter();
        blocks.filter(|block| block.role != Role::Data).map(|block| block.rank).collect()
    }

    /// Runs something at a point: the compiled function, the numbers, and whether they were given by name.
    pub(crate) fn at<'py, T>(
        &self,
        py: Python<'py>,
        point: Option<&Bound<'py, PyAny>>,
        inputs: Option<&Bound<'py, PyDict>>,
        run: impl FnOnce(&Arc<Evaluation>, &dyn Fn(&mut Vec<f64>), bool) -> PyResult<T>,
    ) -> PyResult<T> {
        match (point, inputs) {
            (Some(point), None) => {
                if let Ok(array) = point.cast_exact::<PyArray1<f64>>()
                    && array.is_contiguous()
                {
                    let evaluation = self.for_numbers(py, array.len())?;
                    #[expect(
                        unsafe_code,
                        reason = "NumPy's registry of borrows takes longer than a small gradient"
                    )]
                    // SAFETY: between here and the end of the copy no code of Python runs, and only that changes the array.
                    let copy = |to: &mut Vec<f64>| unsafe {
                        to.extend_from_slice(array.as_slice().unwrap_or_default())
                    };
                    return run(&evaluation, &copy, false);
                }
                let column = Column::read("the point", point)?;
                if column.shape().len() > 1 {
                    return Err(value_error(format!(
                        "a point is one row of numbers, not an array of {} axes; give inputs by name, or many points to batch",
                        column.shape().len()
                    )));
                }
                let numbers = column.numbers();
                let evaluation = self.for_numbers(py, numbers.len())?;
                run(&evaluation, &|to| to.extend_from_slice(&numbers), false)
            }
            (Some(_), Some(_)) => {
                Err(PyTypeError::new_err("a point is one array, or inputs by name, not both"))
            }
            (None, _) => {
                let columns = self.columns(inputs)?;
                let shapes = columns.iter().map(|(name, column)| (name.clone(), column.shape().to_vec()));
                let evaluation = self.for_shapes(py, shapes.collect())?;
                for (input, (name, column)) in evaluation.inputs.iter().zip(&columns) {
                    fits(input, name, column.shape())?;
                }
                let fill = |to: &mut Vec<f64>| {
                    columns.iter().for_each(|(_, column)| to.extend_from_slice(&column.numbers()));
                };
                run(&evaluation, &fill, true)
            }
        }
    }

    /// The compiled function, and the point as numbers.
    pub(crate) fn place<'py>(
        &self,
        py: Python<'py>,
        point: Option<&Bound<'py, PyAny>>,
        inputs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<(Arc<Evaluation>, Vec<f64>)> {
        self.at(py, point, inputs, |evaluation, fill, _| {
            let mut at = Vec::with_capacity(evaluation.numbers);
            fill(&mut at);
            Ok((evaluation.clone(), at))
        })
    }

    /// Inputs by name, in the order of a point: all of them, and no others.
    pub(crate) fn columns<'py>(
        &self,
        inputs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Vec<(String, Column<'py>)>> {
        let names = self.input_names();
        for (name, _) in inputs.into_iter().flatten() {
            let name: String = name.extract()?;
            if !names.contains(&name) {
                return Err(PyTypeError::new_err(format!(
                    "the function has no input {name}; its inputs are {}",
                    names.join(", ")
                )));
            }
        }
        let read = |name: String| {
            let given = inputs.map(|inputs| inputs.get_item(&name)).transpose()?.flatten();
            let given =
                given.ok_or_else(|| PyTypeError::new_err(format!("no value for the input {name}")))?;
            let column = Column::read(&name, &given)?;
            Ok((name, column))
        };
        names.into_iter().map(read).collect()
    }

    /// The function compiled for a flat point of so many numbers.
    pub(crate) fn for_numbers(&self, py: Python<'_>, numbers: usize) -> PyResult<Arc<Evaluation>> {
        self.kept(
            py,
            |shapes| *shapes == Shapes::Numbers(numbers),
            || {
                let gradient = Gradient::new(self.graph.clone());
                let graph = gradient.function_at(numbers).map_err(|error| gradient_error(&error))?;
                let evaluation = Evaluation::new(graph, &self.budget)?;
                match evaluation.numbers == numbers {
                    true => Ok((Shapes::Numbers(numbers), evaluation)),
                    false => Err(value_error(format!(
                        "the point has {}; the function has {}",
                        counted(numbers, "number"),
                        counted(evaluation.numbers, "input")
                    ))),
                }
            },
        )
    }

    /// The function compiled for inputs of these lengths.
    pub(crate) fn for_shapes(
        &self,
        py: Python<'_>,
        named: Vec<(String, Vec<usize>)>,
    ) -> PyResult<Arc<Evaluation>> {
        self.kept(
            py,
            |shapes| matches!(shapes, Shapes::Named(own) if *own == named),
            || {
                let lengths: Vec<(&str, &[usize])> =
                    named.iter().map(|(name, lengths)| (name.as_str(), lengths.as_slice())).collect();
                let mut graph = sized(&self.graph, &lengths)?;
                for (name, lengths) in lengths {
                    if graph.is_read_by_data(name, lengths.len()) {
                        graph =
                            graph.with_lengths(&[(name, lengths)]).map_err(|error| unroll_error(&error))?;
                    }
                }
                Ok((Shapes::Named(named.clone()), Evaluation::new(graph, &self.budget)?))
            },
        )
    }

    /// What is compiled already, or is now, without holding up other threads.
    fn kept(
        &self,
        py: Python<'_>,
        fits: impl Fn(&Shapes) -> bool,
        make: impl FnOnce() -> PyResult<(Shapes, Evaluation)> + Send,
    ) -> PyResult<Arc<Evaluation>> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept().iter().find(|own| fits(&own.shapes)) {
            return Ok(found.evaluation.clone());
        }
        let (shapes, evaluation) = interruptible(py, make)?;
        let evaluation = Arc::new(evaluation);
        let mut kept = kept();
        kept.truncate(MOST_KEPT - 1);
        kept.insert(0, Kept { shapes, evaluation: evaluation.clone() });
        Ok(evaluation)
    }
}

/// The function with the sizes bound that follow from the lengths of inputs.
pub(crate) fn sized(graph: &Graph, lengths: &[(&str, &[usize])]) -> PyResult<Graph> {
    let sizes = graph.sizes_for(lengths).map_err(value_error)?;
    let sizes: Vec<(&str, i64)> = sizes.iter().map(|(name, size)| (name.as_str(), *size)).collect();
    graph.with_sizes(&sizes).map_err(|error| unroll_error(&error))
}

/// Refuses an input of another shape than it is read with.
fn fits(input: &Input, name: &str, shape: &[usize]) -> PyResult<()> {
    match input.shape == shape {
        true => Ok(()),
        false => Err(value_error(format!(
            "{name} has the shape {}; it needs {}",
            shown(shape),
            shown(&input.shape)
        ))),
    }
}

/// As NumPy writes it.
pub(crate) fn shown(shape: &[usize]) -> String {
    match shape {
        [length] => format!("({length},)"),
        shape => format!("({})", shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

//! A function summed over rows: from batches of any kind to partial sums.

use std::sync::{Arc, Mutex, PoisonError};

use chainrule::{BatchInput, Order, Place};
use expr::graph::Role;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::arrow::{self, Batches};
use super::rows::{self, Batch, Numbers};
use super::total::Partial;
use crate::columns::Column;
use crate::errors::{partial_error, refusal, unroll_error, value_error};
use crate::function::Function;
use crate::place::{shown, sized};

/// Shapes of inputs for which a sum stays compiled.
const MOST_KEPT: usize = 16;
/// Arguments of `partial`, which no parameter can be called like.
const ARGUMENTS: [&str; 3] = ["first_row", "part", "nulls"];

/// The inputs with their lengths along each index.
type Shapes = Vec<(String, Vec<usize>)>;

/// A parameter: its name, its lengths along each index, its numbers.
type Parameter = (String, Vec<usize>, Vec<f64>);

/// A function that is summed over rows of data, and differentiated by the inputs that all rows share.
///
/// >>> import chainrule as cr
/// >>> loss = cr.parse("(a*x + b - y)^2").sum_over("x", "y")
/// >>> loss.parameters
/// ('a', 'b')
/// >>> parts = [loss.partial({"x": [0.0, 1.0], "y": [1.0, 3.5]}, a=2.0, b=1.0, first_row=0),
/// ...          loss.partial({"x": [2.0], "y": [5.5]}, a=2.0, b=1.0, first_row=2)]
/// >>> cr.merge(parts).finish(rows=3).value
/// 0.5
#[pyclass(frozen, module = "chainrule")]
pub(crate) struct SumOver {
    function: Py<Function>,
    names: Vec<String>,
    rows: Vec<String>,
    order: Order,
    kept: Mutex<Vec<(Shapes, Arc<chainrule::SumOver>)>>,
}

impl Function {
    /// What `sum_over` gives.
    pub(crate) fn summed(own: &Bound<'_, Self>, rows: Vec<String>, order: &str) -> PyResult<SumOver> {
        let order: Order = order.parse().map_err(PyValueError::new_err)?;
        let names = own.get().input_names();
        if rows.is_empty() {
            return Err(PyTypeError::new_err("name the inputs that every row has its own numbers of"));
        }
        if let Some(unknown) = rows.iter().find(|row| !names.contains(row)) {
            let known = names.join(", ");
            return Err(PyTypeError::new_err(format!(
                "the function has no input {unknown}; its inputs are {known}"
            )));
        }
        if let Some(name) =
            names.iter().find(|name| !rows.contains(name) && ARGUMENTS.contains(&name.as_str()))
        {
            return Err(value_error(format!(
                "{name} is an argument of partial, so no parameter can have that name: rename it in the text"
            )));
        }
        Ok(SumOver { function: own.clone().unbind(), names, rows, order, kept: Mutex::default() })
    }
}

#[pymethods]
impl SumOver {
    /// The inputs that rows have, as they were named.
    #[getter]
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.rows)
    }

    /// The inputs that all rows share.
    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let parameters: Vec<&String> = self.names.iter().filter(|name| !self.rows.contains(name)).collect();
        PyTuple::new(py, parameters)
    }

    /// "row" or "any".
    #[getter]
    fn order(&self) -> String {
        self.order.to_string()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let function = self.function.bind(py).repr()?;
        let rows: Vec<String> = self.rows.iter().map(|row| format!("{row:?}")).collect();
        Ok(format!("{function}.sum_over({}, order=\"{}\")", rows.join(", "), self.order))
    }

    /// The sum over the rows of a batch: a dict of arrays, or anything with the Arrow PyCapsule interface, such as a table of pyarrow,
    /// pandas or polars, or a reader of batches, of which one is held at a time. Columns that the function does not read are ignored.
    ///
    /// With order="row", first_row is the number of the batch's first row, from 0. With order="any" a part may have a name, and then is
    /// refused when it is merged twice. A null is an error, or with nulls="skip" its row is left out and counted.
    ///
    /// >>> import chainrule as cr
    /// >>> loss = cr.parse("(a*x - y)^2").sum_over("x", "y", order="any")
    /// >>> loss.partial({"x": [1.0, 2.0], "y": [1.0, 1.0]}, a=1.0, part="monday").finish().gradient
    /// {'a': array(4.)}
    #[pyo3(signature = (batch, /, *, first_row = None, part = None, nulls = "error", **parameters))]
    fn partial(
        &self,
        py: Python<'_>,
        batch: &Bound<'_, PyAny>,
        first_row: Option<u64>,
        part: Option<String>,
        nulls: &str,
        parameters: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Partial> {
        let place = self.place(first_row, part.as_deref())?;
        let skip = match nulls {
            "error" => false,
            "skip" => true,
            other => return Err(value_error(format!("nulls is \"error\" or \"skip\", not {other:?}"))),
        };
        let parameters = self.read_parameters(parameters)?;
        let mut adding =
            Adding { sum: self, place, skip, parameters, from: first_row.unwrap_or(0), found: None };
        if let Ok(columns) = batch.cast::<PyDict>() {
            rows::with_columns(columns, &self.rows, |batch| adding.add(py, batch))?;
        } else if let Some(mut batches) = Batches::of(batch)? {
            while let Some(batch) = batches.next()? {
                adding.add(py, &arrow::read(&batch, &self.rows)?)?;
            }
        } else {
            let what = batch.get_type().qualname()?;
            let message = format!(
                "a batch is a dict of arrays, or has the Arrow PyCapsule interface; a {what} has not"
            );
            return Err(PyTypeError::new_err(message));
        }
        adding.finish(py)
    }

    fn __reduce__<'py>(own: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = own.py();
        let restore = py.import("chainrule._chainrule")?.getattr("_restore_sum")?;
        let this = own.get();
        Ok((restore, (this.function.clone_ref(py), &this.rows, this.order.to_string()).into_pyobject(py)?))
    }
}

/// What pickle calls.
#[pyfunction]
#[pyo3(name = "_restore_sum")]
pub(crate) fn restore_sum(
    function: &Bound<'_, Function>,
    rows: Vec<String>,
    order: &str,
) -> PyResult<SumOver> {
    Function::summed(function, rows, order)
}

impl SumOver {
    fn place<'a>(&self, first_row: Option<u64>, part: Option<&'a str>) -> PyResult<Place<'a>> {
        match (self.order, first_row, part) {
            (Order::Row, Some(row), None) => Ok(Place::FromRow(row)),
            (Order::Any, None, Some(part)) => Ok(Place::Part(part)),
            (Order::Any, None, None) => Ok(Place::Anywhere),
            (Order::Row, ..) => Err(PyTypeError::new_err(
                "with order=\"row\" say first_row=, the number of the batch's first row, and no part",
            )),
            (Order::Any, ..) => {
                Err(PyTypeError::new_err("with order=\"any\" rows have no numbers: say no first_row"))
            }
        }
    }

    /// The parameters, in the order of the function's inputs: all of them, and no others.
    fn read_parameters(&self, given: Option<&Bound<'_, PyDict>>) -> PyResult<Vec<Parameter>> {
        let own: Vec<&String> = self.names.iter().filter(|name| !self.rows.contains(name)).collect();
        for (name, _) in given.into_iter().flatten() {
            let name: String = name.extract()?;
            if self.rows.contains(&name) {
                return Err(PyTypeError::new_err(format!(
                    "{name} is a column of the batch, and no parameter"
                )));
            }
            if !own.contains(&&name) {
                let known = own.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
                return Err(PyTypeError::new_err(format!("there is no parameter {name}; there are {known}")));
            }
        }
        let read = |name: &String| {
            let given = given.map(|given| given.get_item(name)).transpose()?.flatten();
            let given =
                given.ok_or_else(|| PyTypeError::new_err(format!("no value for the parameter {name}")))?;
            let column = Column::read(name, &given)?;
            Ok((name.clone(), column.shape().to_vec(), column.numbers().into_owned()))
        };
        own.into_iter().map(read).collect()
    }

    /// The sum compiled for inputs of these lengths.
    fn compiled(&self, py: Python<'_>, shapes: Shapes) -> PyResult<Arc<chainrule::SumOver>> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = kept().iter().find(|(own, _)| *own == shapes) {
            return Ok(found.clone());
        }
        let graph = &self.function.get().graph;
        let compiled = py.detach(|| {
            let lengths: Vec<(&str, &[usize])> =
                shapes.iter().map(|(name, lengths)| (name.as_str(), lengths.as_slice())).collect();
            let mut graph = sized(graph, &lengths)?;
            for (name, lengths) in &lengths {
                if graph.is_read_by_data(name, lengths.len()) {
                    graph = graph.with_lengths(&[(name, lengths)]).map_err(|error| unroll_error(&error))?;
                }
            }
            let needed =
                graph.shapes(chainrule::Budget::default().nodes).map_err(|error| unroll_error(&error))?;
            let blocks =
                graph.graph().blocks().iter().zip(needed).filter(|(block, _)| block.role != Role::Data);
            for ((_, needed), (name, given)) in blocks.zip(&shapes) {
                if needed != *given {
                    let message = format!(
                        "{name} has the shape {} in a row; it needs {}",
                        shown(given),
                        shown(&needed)
                    );
                    return Err(value_error(message));
                }
            }
            let rows: Vec<&str> = self.rows.iter().map(String::as_str).collect();
            chainrule::SumOver::new(&graph, &rows, self.order).map_err(|refused| refusal(&refused))
        })?;
        let compiled = Arc::new(compiled);
        let mut kept = kept();
        kept.truncate(MOST_KEPT - 1);
        kept.insert(0, (shapes, compiled.clone()));
        Ok(compiled)
    }
}

/// Batches on the way to a partial sum.
struct Adding<'a> {
    sum: &'a SumOver,
    place: Place<'a>,
    skip: bool,
    parameters: Vec<Parameter>,
    /// The number of the next row.
    from: u64,
    found: Option<chainrule::Partial>,
}

impl Adding<'_> {
    fn add(&mut self, py: Python<'_>, batch: &Batch<'_>) -> PyResult<()> {
        let skipped = batch.skipped(self.skip, self.from)?;
        let column = |name: &str| self.sum.rows.iter().position(|row| row == name).map(|k| &batch.columns[k]);
        let parameter = |name: &str| self.parameters.iter().find(|(own, ..)| own == name);
        let shape = |name: &String| {
            let row = column(name).map(|column| &column.shape);
            let shape = row.or(parameter(name).map(|(_, shape, _)| shape));
            (name.clone(), shape.cloned().unwrap_or_default())
        };
        let sum = self.sum.compiled(py, self.sum.names.iter().map(shape).collect())?;
        let numbers: Vec<Option<Numbers<'_>>> = self
            .sum
            .names
            .iter()
            .map(|name| column(name).map(|column| Numbers::of(column, batch.rows)))
            .collect();
        let mut inputs: Vec<BatchInput<'_>> = Vec::new();
        for (name, columns) in self.sum.names.iter().zip(&numbers) {
            match columns {
                Some(columns) => inputs.extend(columns.inputs()),
                None => inputs.extend(
                    parameter(name).into_iter().flat_map(|own| &own.2).map(|x| BatchInput::Shared(*x)),
                ),
            }
        }
        let (found, from, place) = (self.found.take(), self.from, self.place);
        let found = py.detach(|| match found {
            None => sum.partial_skipping(&inputs, batch.rows, &skipped, &place),
            Some(found) => sum.extend(found, &inputs, batch.rows, &skipped, from),
        });
        self.found = Some(found.map_err(|error| partial_error(py, &error))?);
        self.from += batch.rows as u64;
        Ok(())
    }

    /// The sum; over no rows where there was no batch at all.
    fn finish(mut self, py: Python<'_>) -> PyResult<Partial> {
        if self.found.is_none() {
            let blocks = self.sum.function.get().ranks();
            if blocks
                .iter()
                .zip(&self.sum.names)
                .any(|(rank, name)| *rank > 0 && self.sum.rows.contains(name))
            {
                return Err(value_error("a stream without a batch does not say how long its lists are"));
            }
            let empty = |_: &String| rows::RowColumn { numbers: (&[][..]).into(), shape: Vec::new() };
            let columns = self.sum.rows.iter().map(empty).collect();
            self.add(py, &Batch { rows: 0, columns, nulls: Vec::new() })?;
        }
        Ok(Partial(self.found.expect("something was added")))
    }
}

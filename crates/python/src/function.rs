//! `chainrule.Function`: a function from text, called and differentiated.

use std::ffi::CString;
use std::sync::{Arc, Mutex, PoisonError};

use chainrule::{Derivative, Diagnostic, Function as Graph, Gradient};
use expr::graph::Role;
use numpy::{PyArray1, PyArrayDyn, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyTypeError, PyUserWarning};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::answers;
use crate::columns::Column;
use crate::errors::{gradient_error, parse_error, unroll_error, value_error};
use crate::evaluation::{Evaluation, Input};
use crate::report::{Report, Trace};

/// Shapes of inputs for which a function stays compiled.
const MOST_KEPT: usize = 16;

/// Reads a function; sizes are bound by name. What its writer may not expect is a `UserWarning`.
///
/// >>> import chainrule as cr
/// >>> cr.parse("x^2*y").gradient([3.0, 1.0])
/// array([6., 9.])
#[pyfunction]
#[pyo3(signature = (text, /, **sizes))]
pub(crate) fn parse(py: Python<'_>, text: &str, sizes: Option<&Bound<'_, PyDict>>) -> PyResult<Function> {
    let sizes = read_sizes(sizes)?;
    let (function, notes) = Function::read(text, sizes.iter().map(|(name, _)| name.clone()).collect())?;
    for note in notes {
        let note = CString::new(note.render_note(text, "function", false))?;
        PyErr::warn(py, &py.get_type::<PyUserWarning>(), &note, 1)?;
    }
    function.bound(&sizes)
}

fn read_sizes(sizes: Option<&Bound<'_, PyDict>>) -> PyResult<Vec<(String, i64)>> {
    let Some(sizes) = sizes else { return Ok(Vec::new()) };
    let read = |(name, size): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        let name: String = name.extract()?;
        let size = size.extract::<i64>();
        let size = size.map_err(|_| PyTypeError::new_err(format!("the size {name} is an integer")))?;
        Ok((name, size))
    };
    sizes.iter().map(read).collect()
}

/// Data bound to an input: its name, its lengths along each index, its numbers.
#[derive(Clone)]
struct Data {
    name: String,
    lengths: Vec<usize>,
    numbers: Vec<f64>,
}

/// A function of real numbers, with its gradient.
///
/// Inputs are given as one flat array, or by name; what is returned has the same form.
#[pyclass(frozen, module = "chainrule")]
pub(crate) struct Function {
    text: String,
    graph: Graph,
    data: Vec<Data>,
    kept: Mutex<Vec<Kept>>,
}

/// A compiled function, and for which inputs.
struct Kept {
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

#[pymethods]
impl Function {
    /// The text that the function was read from.
    #[getter]
    fn text(&self) -> &str {
        &self.text
    }

    /// The names of the inputs, in the order of a flat point. Data are none.
    #[getter]
    fn inputs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.input_names())
    }

    /// The sizes, None where they have no value yet.
    #[getter]
    fn sizes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let sizes = PyDict::new(py);
        for name in self.graph.graph().sizes() {
            sizes.set_item(name, self.graph.size(name))?;
        }
        Ok(sizes)
    }

    fn __repr__(&self) -> String {
        let bound = self.graph.graph().sizes().iter();
        let bound = bound.filter_map(|name| Some(format!(", {name}={}", self.graph.size(name)?)));
        let data = self.data.iter().map(|data| format!(" with data {}", data.name));
        format!("chainrule.parse({:?}{}){}", self.text, bound.collect::<String>(), data.collect::<String>())
    }

    /// The same function with sizes bound.
    #[pyo3(signature = (**sizes))]
    fn with_sizes(&self, sizes: Option<&Bound<'_, PyDict>>) -> PyResult<Function> {
        self.bound(&read_sizes(sizes)?)
    }

    /// The same function with data bound: inputs that have no derivative and are no part of a point, such as integers in an index.
    #[pyo3(signature = (**data))]
    fn with_data(&self, data: Option<&Bound<'_, PyDict>>) -> PyResult<Function> {
        let mut bound = Vec::new();
        for (name, given) in data.into_iter().flatten() {
            let name: String = name.extract()?;
            let column = Column::read(&name, &given)?;
            bound.push(Data {
                lengths: column.shape().to_vec(),
                numbers: column.numbers().into_owned(),
                name,
            });
        }
        self.with_bound_data(bound)
    }

    /// The value: a number, or an array where there are several outputs.
    #[pyo3(signature = (point = None, /, **inputs))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        point: Option<&Bound<'py, PyAny>>,
        inputs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.at(py, point, inputs, |evaluation, point, _| {
            evaluation.values(py, point, |values| value(py, values))
        })
    }

    /// The gradient, by backpropagation: a flat array for a flat point, a row for each output where there are several; for inputs
    /// by name a dict of arrays, each of its input's shape.
    #[pyo3(signature = (point = None, /, **inputs))]
    fn gradient<'py>(
        &self,
        py: Python<'py>,
        point: Option<&Bound<'py, PyAny>>,
        inputs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.at(py, point, inputs, |evaluation, point, named| {
            evaluation.gradient(py, point, |found| gradient(py, evaluation, found, named))
        })
    }

    /// Value and gradient, as a call and `gradient` give them.
    #[pyo3(signature = (point = None, /, **inputs))]
    fn value_and_gradient<'py>(
        &self,
        py: Python<'py>,
        point: Option<&Bound<'py, PyAny>>,
        inputs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        self.at(py, point, inputs, |evaluation, point, named| {
            evaluation.gradient(py, point, |found| {
                Ok((value(py, &found.values)?, gradient(py, evaluation, found, named)?))
            })
        })
    }

    /// Values and gradients at many points: axis 0 of an input is the point; an input without that axis is the same at all.
    ///
    /// Returns an array of values and a dict with an array of partial derivatives for each input.
    #[pyo3(signature = (**inputs))]
    fn batch<'py>(
        &self,
        py: Python<'py>,
        inputs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyDict>)> {
        let columns = self.columns(inputs)?;
        crate::batch::run(py, self, &columns)
    }

    /// The three strategies side by side at a point, against the certified gradient.
    #[pyo3(signature = (point = None, /, **inputs))]
    fn compare<'py>(
        &self,
        py: Python<'py>,
        point: Option<&Bound<'py, PyAny>>,
        inputs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Report> {
        let (evaluation, at) = self.place(py, point, inputs)?;
        py.detach(|| answers::compared(&self.text, &evaluation.function, at))
    }

    /// The forward and the backward pass at a point, node by node.
    #[pyo3(signature = (point = None, /, **inputs))]
    fn trace<'py>(
        &self,
        py: Python<'py>,
        point: Option<&Bound<'py, PyAny>>,
        inputs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Trace> {
        let (evaluation, at) = self.place(py, point, inputs)?;
        py.detach(|| answers::traced(&self.text, &evaluation.function, &at))
    }

    /// The gradient as text, latex, c, rust, python, fpcore or dot; for every size where sizes are open.
    #[pyo3(signature = (kind = "text"))]
    fn derive(&self, py: Python<'_>, kind: &str) -> PyResult<String> {
        py.detach(|| answers::derived(&self.text, &self.graph, kind))
    }

    /// Arguments of `scipy.optimize.minimize`: the function with its gradient, and where to start.
    fn scipy<'py>(own: &Bound<'py, Self>, x0: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
        let arguments = PyDict::new(own.py());
        arguments.set_item("fun", own.getattr("value_and_gradient")?)?;
        arguments.set_item("jac", true)?;
        arguments.set_item("x0", start(x0)?)?;
        Ok(arguments)
    }

    /// Arguments of `scipy.optimize.least_squares`: the outputs are the residuals.
    fn least_squares<'py>(own: &Bound<'py, Self>, x0: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
        let arguments = PyDict::new(own.py());
        arguments.set_item("fun", own)?;
        arguments.set_item("jac", own.getattr("gradient")?)?;
        arguments.set_item("x0", start(x0)?)?;
        Ok(arguments)
    }

    fn __copy__(own: Py<Self>) -> Py<Self> {
        own
    }

    fn __deepcopy__(own: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        own
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let restore = py.import("chainrule._chainrule")?.getattr("_restore")?;
        let sizes = PyDict::new(py);
        for name in self.graph.graph().sizes() {
            sizes.set_item(name, self.graph.size(name))?;
        }
        let data = PyDict::new(py);
        for own in &self.data {
            data.set_item(&own.name, PyArray1::from_slice(py, &own.numbers).reshape(own.lengths.clone())?)?;
        }
        Ok((restore, (self.text.as_str(), sizes, data).into_pyobject(py)?))
    }
}

/// What pickle calls.
#[pyfunction]
#[pyo3(name = "_restore")]
pub(crate) fn restore(text: &str, sizes: &Bound<'_, PyDict>, data: &Bound<'_, PyDict>) -> PyResult<Function> {
    let (function, _) = Function::read(text, sizes.keys().extract()?)?;
    let bound = PyDict::new(sizes.py());
    for (name, size) in sizes.iter().filter(|(_, size)| !size.is_none()) {
        bound.set_item(name, size)?;
    }
    function.with_sizes(Some(&bound))?.with_data(Some(data))
}

impl Function {
    /// Reads a text with sizes of these names; with notes on what its writer may not expect.
    fn read(text: &str, sizes: Vec<String>) -> PyResult<(Function, Vec<Diagnostic>)> {
        let reader = syntax::Reader { sizes, ..syntax::Reader::default() };
        let read = reader.parse_with_notes(text);
        let (graph, notes) = read.map_err(|diagnostic| parse_error(&diagnostic, text, "function"))?;
        Ok((Function { text: text.to_owned(), graph, data: Vec::new(), kept: Mutex::default() }, notes))
    }

    pub(crate) fn input_names(&self) -> Vec<String> {
        let blocks = self.graph.graph().blocks().iter();
        blocks.filter(|block| block.role != Role::Data).map(|block| block.name.clone()).collect()
    }

    /// How many indices each input has, in the order of a point.
    pub(crate) fn ranks(&self) -> Vec<usize> {
        let blocks = self.graph.graph().blocks().iter();
        blocks.filter(|block| block.role != Role::Data).map(|block| block.rank).collect()
    }

    fn with_graph(&self, graph: Graph) -> Function {
        Function { text: self.text.clone(), graph, data: self.data.clone(), kept: Mutex::default() }
    }

    fn bound(&self, sizes: &[(String, i64)]) -> PyResult<Function> {
        let sizes: Vec<(&str, i64)> = sizes.iter().map(|(name, size)| (name.as_str(), *size)).collect();
        Ok(self.with_graph(self.graph.with_sizes(&sizes).map_err(|error| unroll_error(&error))?))
    }

    /// With data, and with the sizes that follow from their lengths.
    fn with_bound_data(&self, data: Vec<Data>) -> PyResult<Function> {
        let named: Vec<(&str, &[usize])> =
            data.iter().map(|own| (own.name.as_str(), own.lengths.as_slice())).collect();
        let all: Vec<(&str, &[usize], &[f64])> =
            data.iter().map(|own| (own.name.as_str(), &own.lengths[..], &own.numbers[..])).collect();
        let graph = self.graph.with_data(&all).map_err(|error| unroll_error(&error))?;
        let graph = sized(&graph, &named)?;
        let kept = self.data.iter().filter(|own| !data.iter().any(|new| new.name == own.name)).cloned();
        Ok(Function { data: kept.chain(data.iter().cloned()).collect(), ..self.with_graph(graph) })
    }

    /// Runs something at a point: the compiled function, the numbers, and whether they were given by name.
    fn at<'py, T>(
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
    fn place<'py>(
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
    fn columns<'py>(&self, inputs: Option<&Bound<'py, PyDict>>) -> PyResult<Vec<(String, Column<'py>)>> {
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
    fn for_numbers(&self, py: Python<'_>, numbers: usize) -> PyResult<Arc<Evaluation>> {
        self.kept(
            py,
            |shapes| *shapes == Shapes::Numbers(numbers),
            || {
                let gradient = Gradient::new(self.graph.clone());
                let graph = gradient.function_at(numbers).map_err(|error| gradient_error(&error))?;
                let evaluation = Evaluation::new(graph)?;
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
                Ok((Shapes::Named(named.clone()), Evaluation::new(graph)?))
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
        let (shapes, evaluation) = py.detach(make)?;
        let evaluation = Arc::new(evaluation);
        let mut kept = kept();
        kept.truncate(MOST_KEPT - 1);
        kept.insert(0, Kept { shapes, evaluation: evaluation.clone() });
        Ok(evaluation)
    }
}

/// Where an optimizer starts.
fn start<'py>(x0: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray1<f64>>> {
    Ok(PyArray1::from_slice(x0.py(), &Column::read("x0", x0)?.numbers()))
}

/// The function with the sizes bound that follow from the lengths of inputs.
fn sized(graph: &Graph, lengths: &[(&str, &[usize])]) -> PyResult<Graph> {
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

fn value<'py>(py: Python<'py>, values: &[f64]) -> PyResult<Bound<'py, PyAny>> {
    match values {
        [value] => value.into_bound_py_any(py),
        values => PyArray1::from_slice(py, values).into_bound_py_any(py),
    }
}

fn gradient<'py>(
    py: Python<'py>,
    evaluation: &Evaluation,
    found: &Derivative,
    named: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let (outputs, numbers) = (found.values.len(), evaluation.numbers);
    if !named {
        let flat = PyArray1::from_slice(py, &found.gradient);
        return match outputs {
            1 => Ok(flat.into_any()),
            outputs => Ok(flat.reshape([outputs, numbers])?.into_any()),
        };
    }
    let all = PyDict::new(py);
    for input in &evaluation.inputs {
        let rows = found.gradient.chunks(numbers.max(1)).take(outputs);
        let own: Vec<f64> = rows.flat_map(|row| &row[input.start..][..input.len()]).copied().collect();
        let several = (outputs != 1).then_some(outputs);
        let shape: Vec<usize> = several.into_iter().chain(input.shape.iter().copied()).collect();
        let own: Bound<'py, PyArrayDyn<f64>> = PyArray1::from_vec(py, own).reshape(shape)?;
        all.set_item(&input.name, own)?;
    }
    Ok(all.into_any())
}

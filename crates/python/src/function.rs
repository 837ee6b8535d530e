//! `chainrule.Function`: a function from text, called and differentiated.

use std::ffi::CString;
use std::sync::Mutex;

use chainrule::{Budget, Derivative, Diagnostic, Function as Graph};
use expr::graph::Role;
use numpy::{PyArray1, PyArrayDyn, PyArrayMethods};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyTypeError, PyUserWarning};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::answers;
use crate::columns::Column;
use crate::errors::{parse_error, unroll_error};
use crate::evaluation::Evaluation;
use crate::interruptible::interruptible;
use crate::notebook;
use crate::partial::SumOver;
use crate::place::{Kept, sized};
use crate::report::{Report, Steps, Trace};
use crate::words;

/// Reads a function; sizes are bound by name. What its writer may not expect is a `UserWarning`.
///
/// >>> import chainrule as cr
/// >>> cr.parse("x^2*y").gradient([3.0, 1.0])
/// array([6., 9.])
#[pyfunction]
#[pyo3(signature = (text, /, **sizes))]
pub(crate) fn parse(py: Python<'_>, text: &str, sizes: Option<&Bound<'_, PyDict>>) -> PyResult<Function> {
    let sizes = read_sizes(sizes)?;
    let names = sizes.iter().map(|(name, _)| name.clone()).collect();
    let (function, notes) = interruptible(py, || Function::read(text, names))?;
    for note in notes {
        let note = note.worded(words::of_texts);
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
    pub(crate) graph: Graph,
    data: Vec<Data>,
    pub(crate) budget: Budget,
    pub(crate) kept: Mutex<Vec<Kept>>,
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

    /// The text, and what the inputs and sizes are.
    fn _repr_html_(&self) -> String {
        notebook::html(&self.text, &self.graph)
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

    /// The same function with another budget: how many nodes a graph of it may have before it is refused.
    #[pyo3(signature = (*, nodes))]
    fn with_budget(&self, nodes: u64) -> Function {
        let budget = Budget { nodes, ..self.budget };
        Function { budget, ..self.with_graph(self.graph.clone()) }
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

    /// The sum over rows of data: each row has its own numbers of the inputs named here, the rest are parameters. With order="row" sums have
    /// the bits of one process that adds all rows in turn, and are told where their rows begin; with order="any" they are exact until they are
    /// rounded once, and rows need no numbers.
    ///
    /// >>> import chainrule as cr
    /// >>> cr.parse("(a*x + b - y)^2").sum_over("x", "y", order="any")
    /// chainrule.parse("(a*x + b - y)^2").sum_over("x", "y", order="any")
    #[pyo3(signature = (*inputs, order = "row"))]
    fn sum_over(own: &Bound<'_, Self>, inputs: Vec<String>, order: &str) -> PyResult<SumOver> {
        Function::summed(own, inputs, order)
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
        interruptible(py, || answers::compared(&self.text, &evaluation.function, &self.budget, at))
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
        interruptible(py, || answers::traced(&self.text, &evaluation.function, &self.budget, &at))
    }

    /// How far difference quotients are off, by their steps: the error of the partial derivative by one input, the first where none is
    /// named. In a notebook it is a chart.
    #[pyo3(signature = (point = None, /, *, by = None, **inputs))]
    fn steps<'py>(
        &self,
        py: Python<'py>,
        point: Option<&Bound<'py, PyAny>>,
        by: Option<&str>,
        inputs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Steps> {
        let (evaluation, at) = self.place(py, point, inputs)?;
        interruptible(py, || answers::stepped(&self.text, &evaluation.function, &self.budget, &at, by))
    }

    /// The gradient as text, latex, c, rust, python, fpcore or dot; for every size where sizes are open.
    #[pyo3(signature = (kind = "text"))]
    fn derive(&self, py: Python<'_>, kind: &str) -> PyResult<String> {
        interruptible(py, || answers::derived(&self.text, &self.graph, &self.budget, kind))
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

    /// Value of one output for SciPy's compiled callers, such as `scipy.integrate.quad` and `nquad`: a
    /// `scipy.LowLevelCallable` that they call without Python. The first input is integrated over, the others are `args`.
    fn low_level_callable<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        crate::low_level::callable(py, self)
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
        Ok((restore, (self.text.as_str(), sizes, data, self.budget.nodes).into_pyobject(py)?))
    }
}

/// What pickle calls.
#[pyfunction]
#[pyo3(name = "_restore")]
pub(crate) fn restore(
    text: &str,
    sizes: &Bound<'_, PyDict>,
    data: &Bound<'_, PyDict>,
    nodes: u64,
) -> PyResult<Function> {
    let (function, _) = Function::read(text, sizes.keys().extract()?)?;
    let bound = PyDict::new(sizes.py());
    for (name, size) in sizes.iter().filter(|(_, size)| !size.is_none()) {
        bound.set_item(name, size)?;
    }
    Ok(function.with_sizes(Some(&bound))?.with_data(Some(data))?.with_budget(nodes))
}

impl Function {
    /// Reads a text with sizes of these names; with notes on what its writer may not expect.
    fn read(text: &str, sizes: Vec<String>) -> PyResult<(Function, Vec<Diagnostic>)> {
        let reader = syntax::Reader { sizes, ..syntax::Reader::default() };
        let read = reader.parse_with_notes(text);
        let (graph, notes) = read.map_err(|diagnostic| parse_error(&diagnostic, text, "function"))?;
        let (text, budget) = (text.to_owned(), Budget::default());
        Ok((Function { text, graph, data: Vec::new(), budget, kept: Mutex::default() }, notes))
    }

    pub(crate) fn input_names(&self) -> Vec<String> {
        let blocks = self.graph.graph().blocks().iter();
        blocks.filter(|block| block.role != Role::Data).map(|block| block.name.clone()).collect()
    }

    fn with_graph(&self, graph: Graph) -> Function {
        Function {
            text: self.text.clone(),
            graph,
            data: self.data.clone(),
            budget: self.budget,
            kept: Mutex::default(),
        }
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
}

/// Where an optimizer starts.
fn start<'py>(x0: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray1<f64>>> {
    Ok(PyArray1::from_slice(x0.py(), &Column::read("x0", x0)?.numbers()))
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

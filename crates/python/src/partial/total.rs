//! Partial sums and totals as Python's objects.

use chainrule::Tally;
use numpy::{PyArray1, PyArrayDyn, PyArrayMethods};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::errors::partial_error;

/// The sum over some rows. `+` and `chainrule.merge` join it with the sums over others, in any order with the same bits; `bytes`
/// and pickle take it to other processes.
///
/// >>> import chainrule as cr
/// >>> loss = cr.parse("a*x").sum_over("x")
/// >>> part = loss.partial({"x": [1.0, 2.0]}, a=1.0, first_row=2)
/// >>> part
/// <chainrule.Partial of rows 2..4: a*x over x in order row>
/// >>> cr.Partial.from_bytes(bytes(part)) == part
/// True
/// >>> part.finish(rows=4)
/// Traceback (most recent call last):
///     ...
/// chainrule.Gap: rows 0..2 are missing
#[pyclass(frozen, module = "chainrule")]
pub(crate) struct Partial(pub(crate) chainrule::Partial);

#[pymethods]
impl Partial {
    /// The partial sum of which these are the bytes; others are a PartialError.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: &[u8]) -> PyResult<Partial> {
        chainrule::Partial::from_bytes(bytes).map(Partial).map_err(|error| partial_error(py, &error))
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.to_bytes())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        Ok((py.get_type::<Partial>().getattr("from_bytes")?, (self.__bytes__(py),).into_pyobject(py)?))
    }

    fn __add__(&self, py: Python<'_>, other: &Partial) -> PyResult<Partial> {
        merged(py, vec![self.0.clone(), other.0.clone()])
    }

    fn __eq__(&self, other: &Partial) -> bool {
        self.0 == other.0
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.__bytes__(py).hash()
    }

    /// How many rows were summed or skipped.
    #[getter]
    fn rows(&self) -> u64 {
        self.0.rows()
    }

    /// The ranges of rows, as pairs of the first and one past the last; none with order="any".
    #[getter]
    fn ranges(&self) -> Vec<(u64, u64)> {
        self.0.ranges().into_iter().map(|range| (range.start, range.end)).collect()
    }

    /// The names of parts; only with order="any".
    #[getter]
    fn parts(&self) -> Vec<String> {
        self.0.parts().to_vec()
    }

    /// The total. With rows=, all of these rows must be there, and no others; else those from row 0 to the last.
    #[pyo3(signature = (*, rows = None))]
    fn finish(&self, py: Python<'_>, rows: Option<u64>) -> PyResult<Total> {
        let total = self.0.finish(rows).map_err(|error| partial_error(py, &error))?;
        Ok(Total { total, parameters: self.0.parameters().to_vec() })
    }

    fn __repr__(&self) -> String {
        let ranges = self.0.ranges();
        let named: Vec<String> =
            ranges.iter().take(3).map(|range| format!("{}..{}", range.start, range.end)).collect();
        let rows = match (self.0.order(), ranges.len()) {
            (chainrule::Order::Row, 1..=3) => format!("rows {}", named.join(", ")),
            (chainrule::Order::Row, 4..) => format!("{} rows in {} ranges", self.0.rows(), ranges.len()),
            _ => format!("{} rows", self.0.rows()),
        };
        format!("<chainrule.Partial of {rows}: {}>", self.0.text())
    }
}

/// The sum over the rows of all partial sums, in any order with the same bits. A row or a named part that is in two of them is an
/// error, as are other parameters and another function.
///
/// >>> import chainrule as cr
/// >>> loss = cr.parse("a*x").sum_over("x", order="any")
/// >>> parts = [loss.partial({"x": [x]}, a=1.0) for x in (1e100, 1.0, -1e100)]
/// >>> cr.merge(parts).finish().value
/// 1.0
#[pyfunction]
#[pyo3(signature = (parts, /))]
pub(crate) fn merge(py: Python<'_>, parts: &Bound<'_, PyAny>) -> PyResult<Partial> {
    let parts = parts.try_iter()?.map(|part| Ok(part?.cast::<Partial>()?.get().0.clone()));
    merged(py, parts.collect::<PyResult<Vec<chainrule::Partial>>>()?)
}

fn merged(py: Python<'_>, parts: Vec<chainrule::Partial>) -> PyResult<Partial> {
    py.detach(|| chainrule::Partial::merge_all(parts)).map(Partial).map_err(|error| partial_error(py, &error))
}

/// The sum over all rows.
///
/// >>> import chainrule as cr
/// >>> loss = cr.parse("a*ln(x)").sum_over("x")
/// >>> loss.partial({"x": [1.0, -1.0]}, a=1.0, first_row=0).finish()
/// Total(value=nan, gradient={'a': array(nan)}, rows 0..2, undefined 1 (first: row 1))
#[pyclass(frozen, module = "chainrule")]
pub(crate) struct Total {
    total: chainrule::RowTotal,
    parameters: Vec<(String, Vec<usize>)>,
}

#[pymethods]
impl Total {
    /// The sum: a number, or an array where there are several outputs.
    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.total.values[..] {
            [value] => value.into_bound_py_any(py),
            values => PyArray1::from_slice(py, values).into_bound_py_any(py),
        }
    }

    /// For each parameter an array of the sum's partial derivatives, of the parameter's shape.
    #[getter]
    fn gradient<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        let outputs = self.total.values.len();
        let length = |shape: &[usize]| shape.iter().product::<usize>();
        let numbers: usize = self.parameters.iter().map(|(_, shape)| length(shape)).sum();
        let mut start = 0;
        for (name, shape) in &self.parameters {
            let rows = self.total.gradient.chunks(numbers.max(1)).take(outputs);
            let own: Vec<f64> = rows.flat_map(|row| &row[start..start + length(shape)]).copied().collect();
            let several = (outputs != 1).then_some(outputs);
            let shape: Vec<usize> = several.into_iter().chain(shape.iter().copied()).collect();
            start += own.len() / outputs;
            let own: Bound<'py, PyArrayDyn<f64>> = PyArray1::from_vec(py, own).reshape(shape)?;
            all.set_item(name, own)?;
        }
        Ok(all)
    }

    /// How many rows were summed or skipped.
    #[getter]
    fn rows(&self) -> u64 {
        self.total.rows.end
    }

    /// How many rows were skipped, since they had a null.
    #[getter]
    fn skipped(&self) -> u64 {
        self.total.skipped.count
    }

    /// How many rows are at a kink by a parameter: the gradient is one by convention there.
    #[getter]
    fn kinks(&self) -> u64 {
        self.total.kinks.count
    }

    /// How many rows have a value or gradient that is NaN or infinite, or are by a parameter at an end of the domain.
    #[getter]
    fn undefined(&self) -> u64 {
        self.total.undefined.count
    }

    /// The first row that was skipped: its number, or with order="any" the part and its number there, if the part has a name.
    #[getter]
    fn first_skipped<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        first(py, &self.total.skipped)
    }

    /// The first row at a kink, likewise.
    #[getter]
    fn first_kink<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        first(py, &self.total.kinks)
    }

    /// The first row that is undefined, likewise.
    #[getter]
    fn first_undefined<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        first(py, &self.total.undefined)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut text = format!(
            "Total(value={}, gradient={}, rows 0..{}",
            self.value(py)?.repr()?,
            self.gradient(py)?.repr()?,
            self.total.rows.end
        );
        let tallies = [
            ("skipped", &self.total.skipped),
            ("kinks", &self.total.kinks),
            ("undefined", &self.total.undefined),
        ];
        for (what, tally) in tallies.into_iter().filter(|(_, tally)| tally.count > 0) {
            text += &format!(", {what} {}", tally.count);
            if let Some(first) = &tally.first {
                let part = first.part.as_ref().map(|part| format!("part {part:?}, "));
                text += &format!(" (first: {}row {})", part.unwrap_or_default(), first.row);
            }
        }
        Ok(text + ")")
    }
}

fn first<'py>(py: Python<'py>, tally: &Tally) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(first) = &tally.first else { return Ok(None) };
    Ok(Some(match &first.part {
        None => first.row.into_bound_py_any(py)?,
        Some(part) => (part, first.row).into_bound_py_any(py)?,
    }))
}

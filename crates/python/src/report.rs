//! Answers of commands as Python's objects: their text, their JSON as a dict, and how notebooks show them.

use commands::markup::escape;
use experiments::steps::SCHEMES;
use numpy::PyArray1;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// JSON as Python's own objects.
fn loads<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (json,))
}

/// The strategies side by side at a point.
#[pyclass(frozen, module = "chainrule")]
pub(crate) struct Report {
    pub(crate) verdict: &'static str,
    pub(crate) table: String,
    pub(crate) html: String,
    pub(crate) json: String,
}

#[pymethods]
impl Report {
    /// agree, disagree, unchecked, overflow, undefined, kink, removable or refused.
    #[getter]
    fn verdict(&self) -> &'static str {
        self.verdict
    }

    /// What each strategy answers, as in `to_dict()["points"][0]["strategies"]`.
    #[getter]
    fn strategies<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        loads(py, &self.json)?.get_item("points")?.get_item(0)?.get_item("strategies")
    }

    /// The comparison in the schema `chainrule/compare/2`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        loads(py, &self.json)
    }

    fn __str__(&self) -> &str {
        &self.table
    }

    fn __repr__(&self) -> String {
        format!("<chainrule.Report: {}>", self.verdict)
    }

    fn _repr_html_(&self) -> &str {
        &self.html
    }

    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err("a report has several verdicts: compare report.verdict with \"agree\""))
    }
}

/// The forward and the backward pass at a point, node by node.
#[pyclass(frozen, module = "chainrule")]
pub(crate) struct Trace {
    pub(crate) text: String,
    pub(crate) json: String,
    pub(crate) page: String,
}

#[pymethods]
impl Trace {
    /// The nodes in the schema `chainrule/trace/1`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        loads(py, &self.json)
    }

    /// A page by itself that steps through both passes: one file, no network.
    fn to_html(&self) -> &str {
        &self.page
    }

    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> &'static str {
        "<chainrule.Trace>"
    }

    fn _repr_html_(&self) -> String {
        // Styles and scripts of the page stay in it.
        format!(
            "<iframe srcdoc=\"{}\" sandbox=\"allow-scripts\" title=\"Forward and backward pass\" \
             style=\"width: 100%; height: 40em; border: 0\"></iframe>",
            escape(&self.page)
        )
    }
}

/// How far difference quotients are off, by their steps.
#[pyclass(frozen, module = "chainrule")]
pub(crate) struct Steps {
    pub(crate) found: experiments::steps::Steps,
    pub(crate) svg: String,
}

#[pymethods]
impl Steps {
    /// The input that was moved.
    #[getter]
    fn input(&self) -> &str {
        &self.found.input
    }

    /// The certified slope.
    #[getter]
    fn certified(&self) -> f64 {
        self.found.truth
    }

    /// The steps, descending.
    #[getter]
    fn steps<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.found.steps)
    }

    /// For each scheme the relative error at every step; NaN outside the domain.
    #[getter]
    fn errors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let errors = PyDict::new(py);
        for (scheme, own) in SCHEMES.iter().zip(&self.found.errors) {
            errors.set_item(scheme.name(), PyArray1::from_slice(py, own))?;
        }
        Ok(errors)
    }

    fn __repr__(&self) -> String {
        format!("<chainrule.Steps: {}>", self.found.input)
    }

    fn _repr_html_(&self) -> String {
        format!("<div style=\"max-width: 48em\">{}</div>", self.svg)
    }
}

/// Claimed derivatives, each proved, refuted or unknown.
#[pyclass(frozen, module = "chainrule")]
pub(crate) struct Claims {
    pub(crate) status: &'static str,
    pub(crate) text: String,
    pub(crate) json: String,
}

#[pymethods]
impl Claims {
    /// proved where all claims are, refuted where one is, else unknown.
    #[getter]
    fn status(&self) -> &'static str {
        self.status
    }

    /// Every claim with its status, and its counterexample where it is refuted.
    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        loads(py, &self.json)?.get_item("claims")
    }

    /// The claims in the schema `chainrule/check/2`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        loads(py, &self.json)
    }

    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("<chainrule.Claims: {}>", self.status)
    }

    fn _repr_html_(&self) -> String {
        format!("<pre>{}</pre>", escape(&self.text))
    }

    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err("a claim is proved, refuted or unknown: compare .status with \"proved\""))
    }
}

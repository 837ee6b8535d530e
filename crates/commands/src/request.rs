//! Requests as JSON, for languages that call no Rust: a text in, a text out.
//!
//! The document in an answer is, but for times, the JSON that the program prints.

use chainrule::{Budget, Strategy, StrategyName, StrategySpec};
use experiments::Family;
use experiments::steps::steps;
use export::Target;
use harness::Options;
use serde::{Deserialize, Serialize};
use syntax::Setting;

use crate::check::{self, CheckRequest, ClaimText, Written};
use crate::compare::{CompareRequest, compare, document};
use crate::derive::{self, DeriveRequest, Form, Simplify};
use crate::descent::DescentRequest;
use crate::input::{FunctionRequest, ORIGIN, rolled, sizes};
use crate::output::json;
use crate::stepper::{Part, Stepper};
use crate::{Failure, PointRequest, descent, points, steps as step_sizes, swell, trace};

/// What is asked: `{"command": "compare", "function": {"expression": "x^2"}, "points": {"at": ["x=3"]}}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "command", rename_all = "lowercase", deny_unknown_fields)]
pub enum Request {
    /// The strategies side by side.
    Compare {
        /// The function.
        function: FunctionRequest,
        /// Where.
        #[serde(default)]
        points: PointRequest,
        /// Strategies, each as `numerical` or `symbolic=auto`; all of them where none is named.
        #[serde(default)]
        strategies: Vec<String>,
        /// Whether a finite difference that contradicts its own error estimate counts as disagreeing.
        #[serde(default)]
        strict: bool,
    },
    /// The derivative as a formula or a program.
    Derive {
        /// The function.
        function: FunctionRequest,
        /// Inputs or elements to differentiate by; all where none is named.
        #[serde(default)]
        wrt: Vec<String>,
        /// 1 for the gradient.
        #[serde(default = "first")]
        order: usize,
        /// Whether the rule of each step is shown.
        #[serde(default)]
        steps: bool,
        /// The language.
        #[serde(default)]
        to: Option<String>,
        /// How far formulas are simplified.
        #[serde(default)]
        simplify: Option<Simplify>,
        /// For people or for programs.
        #[serde(default)]
        form: Option<Form>,
    },
    /// Claimed derivatives, each proved, refuted or unknown.
    Check {
        /// The function.
        function: FunctionRequest,
        /// What is claimed.
        claims: Vec<ClaimRequest>,
    },
    /// Both passes, node by node.
    Trace {
        /// The function.
        function: FunctionRequest,
        /// Where.
        #[serde(default)]
        points: PointRequest,
    },
    /// Both passes as a part of a page.
    Stepper {
        /// The function.
        function: FunctionRequest,
        /// Where.
        #[serde(default)]
        points: PointRequest,
        /// What the part is called.
        id: String,
    },
    /// The names of a function: what it is called, its inputs, its sizes.
    Names {
        /// The function.
        function: FunctionRequest,
    },
    /// Errors of difference quotients against their step.
    Steps {
        /// The function.
        function: FunctionRequest,
        /// Where.
        #[serde(default)]
        points: PointRequest,
        /// The input that is moved: the first where none is named.
        #[serde(default)]
        wrt: Option<String>,
    },
    /// Where a descent goes, on contours or a curve.
    Descend {
        /// The function.
        function: FunctionRequest,
        /// Where it starts.
        #[serde(default)]
        points: PointRequest,
        /// How it is made.
        descent: DescentRequest,
    },
    /// Operators of the derivative as a tree and as a graph, size by size.
    Swell {
        /// The function; the size that varies is not among its sizes.
        function: FunctionRequest,
        /// The size that varies.
        name: String,
        /// What it becomes.
        sizes: Vec<i64>,
    },
}

/// More sizes than this are refused.
const MOST_SIZES: usize = 200;

fn first() -> usize {
    1
}

/// A derivative that somebody worked out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimRequest {
    /// What the function is differentiated by.
    pub input: String,
    /// What that derivative is said to be.
    pub formula: String,
}

/// The names of a function, as `chainrule/names/1`.
#[derive(Serialize)]
struct NamesDocument {
    schema: &'static str,
    name: String,
    /// Every scalar input; nothing where a size has no value.
    inputs: Option<Vec<String>>,
    /// With their values, where they have one.
    sizes: Vec<(String, Option<i64>)>,
    /// The function as an equation; nothing where LaTeX has no word for an operator.
    latex: Option<String>,
}

/// A part of a page that steps through both passes, as `chainrule/stepper/1`.
#[derive(Serialize)]
struct StepperDocument {
    schema: &'static str,
    nodes: usize,
    html: String,
}

/// Why there is no answer, as `chainrule/error/1`.
#[derive(Serialize)]
struct ErrorDocument<'a> {
    schema: &'static str,
    /// As a terminal shows it.
    shown: String,
    message: &'a str,
    place: Option<ErrorPlace<'a>>,
}

#[derive(Serialize)]
struct ErrorPlace<'a> {
    /// The text that the place is in, and where that is from.
    text: &'a str,
    origin: &'a str,
    /// In bytes of UTF-8.
    start: usize,
    end: usize,
    label: &'a str,
    help: Option<&'a str>,
}

/// Answers a request: `{"document": …, "notes": […]}`, or `{"error": …, "notes": […]}`; notes say what in a text may not be read as
/// its writer expects.
///
/// ```
/// let asked = r#"{"command": "derive", "function": {"expression": "x^3"}}"#;
/// assert!(commands::request::answer(asked).contains(r#""text":"df_dx = 3*x^2"#));
/// let asked = r#"{"command": "derive", "function": {"expression": "x +"}}"#;
/// assert!(commands::request::answer(asked).starts_with(r#"{"error":{"schema":"chainrule/error/1""#));
/// ```
pub fn answer(request: &str) -> String {
    let mut notes: Vec<String> = Vec::new();
    let request = serde_json::from_str::<Request>(request)
        .map_err(|error| Failure::text(format!("the request: {error}")));
    let found = request.and_then(|request| request.document(&mut notes));
    let (kind, document) = match &found {
        Ok(document) => ("document", document.trim_end().to_owned()),
        Err(failure) => ("error", error(failure)),
    };
    let notes = json::text(&notes);
    format!("{{\"{kind}\":{document},\"notes\":{}}}", notes.trim_end())
}

fn error(failure: &Failure) -> String {
    let (message, place) = failure.parts();
    let place = place.map(|(text, diagnostic)| (text, diagnostic.clone().worded(Setting::neutral)));
    let place = place.as_ref().map(|(text, diagnostic)| ErrorPlace {
        text,
        origin: ORIGIN,
        start: diagnostic.place.start.min(text.len()),
        end: diagnostic.place.end.min(text.len()),
        label: &diagnostic.label,
        help: diagnostic.help.as_deref(),
    });
    let shown = failure.shown(Setting::neutral, false);
    json::text(&ErrorDocument { schema: "chainrule/error/1", shown, message, place }).trim_end().to_owned()
}

impl Request {
    /// The document as JSON.
    fn document(&self, notes: &mut Vec<String>) -> Result<String, Failure> {
        let mut note = |note: &syntax::Diagnostic, text: &str| {
            let said = note.render_note(text, ORIGIN, false);
            if !notes.contains(&said) {
                notes.push(said);
            }
        };
        match self {
            Request::Compare { function, points: at, strategies, strict } => {
                let given = function.read(Some(at), &mut note)?;
                let at = points::points(&given, at)?;
                let strategies = named(strategies)?;
                let budget = Budget { nodes: function.max_nodes, ..Budget::default() };
                let options = Options { formulas: true, budget, ..Options::default() };
                let request = CompareRequest {
                    function: &given,
                    points: &at,
                    strategies: &strategies,
                    options,
                    strict: *strict,
                };
                let found = compare(&request, &mut |_| {})?;
                Ok(json::text(&document(&given, &found)))
            }
            Request::Derive { function, wrt, order, steps, to, simplify, form } => {
                let to = target(to.as_deref())?;
                if *order < 1 || (*steps && to != Target::Text) {
                    return Err(Failure::text("orders begin with 1, and steps are shown in text"));
                }
                let request = DeriveRequest {
                    wrt: wrt.clone(),
                    order: *order,
                    steps: *steps,
                    simplify: simplify.unwrap_or(Simplify::Fast),
                    form: *form,
                    max_nodes: function.max_nodes,
                    rows: true,
                    ..DeriveRequest::to(to)
                };
                match function.read(None, &mut note) {
                    Ok(given) => Ok(json::text(&derive::derive(&request, &given)?)),
                    Err(problem) => {
                        let (text, sizes) = (&function.expression, sizes(&function.size)?);
                        match rolled(text, ORIGIN, &sizes, function.max_nodes, false, &mut note) {
                            Ok(f) if derive::is_open(&f) => {
                                Ok(json::text(&derive::derive_every(&request, &f, text)?))
                            }
                            _ => Err(problem),
                        }
                    }
                }
            }
            Request::Check { function, claims } => {
                let family = Family::named(function.expression.trim()).and_then(|family| family.form.text());
                let text = family.unwrap_or(&function.expression).to_owned();
                let sizes = sizes(&function.size)?;
                let f = rolled(&text, ORIGIN, &sizes, function.max_nodes, false, &mut note)?;
                let given = ClaimText::new(text, f, sizes)?;
                let request = CheckRequest { max_nodes: function.max_nodes, ..CheckRequest::default() };
                let written = claims.iter().map(|claim| Written {
                    input: claim.input.clone(),
                    formula: claim.formula.clone(),
                    origin: format!("claim for {}", claim.input),
                });
                let lines = written.map(|claim| check::examine(&request, &given, claim));
                let lines = lines.collect::<Result<Vec<_>, _>>()?;
                Ok(json::text(&check::document(&given, &lines, &request)))
            }
            Request::Trace { function, points: at } => {
                let given = function.read(Some(at), &mut note)?;
                let at = points::points(&given, at)?;
                let flat = trace::one_output(&given)?;
                let found: Vec<String> = { at.all.iter() }
                    .map(|at| json::text(&trace::Document::new(&trace::trace(flat, at))))
                    .collect();
                Ok(found.concat())
            }
            Request::Stepper { function, points: at, id } => {
                let given = function.read(Some(at), &mut note)?;
                let at = points::points(&given, at)?;
                let found = trace::trace(trace::one_output(&given)?, &at.all[0]);
                let (title, origin) = (given.title(), at.origin(0));
                let stepper = Stepper::named(&found, Part::of(&found, None), &title, &origin, &given.name());
                let (nodes, html) = (found.nodes.len(), stepper.fragment(id));
                Ok(json::text(&StepperDocument { schema: "chainrule/stepper/1", nodes, html }))
            }
            Request::Names { function } => {
                let sizes = sizes(&function.size)?;
                let f = rolled(&function.expression, ORIGIN, &sizes, function.max_nodes, false, &mut note)?;
                let sizes = f.graph().sizes().iter().map(|size| (size.clone(), f.size(size))).collect();
                let inputs = f.unbound_sizes().is_empty().then(|| f.input_names());
                let name = crate::parsed::definition_name(&function.expression);
                let latex = export::latex_function(&f, &name).ok();
                Ok(json::text(&NamesDocument { schema: "chainrule/names/1", name, inputs, sizes, latex }))
            }
            Request::Steps { function, points: at, wrt } => {
                let given = function.read(Some(at), &mut note)?;
                let at = points::points(&given, at)?;
                let input = step_sizes::input(&given, wrt.as_deref())?;
                let found = steps(given.flat()?, &at.all[0], input).map_err(Failure::text)?;
                Ok(json::text(&step_sizes::Document::new(&found)))
            }
            Request::Descend { function, points: at, descent } => {
                let given = function.read(Some(at), &mut note)?;
                let at = points::points(&given, at)?;
                Ok(json::text(&descent::descent(descent, &given, &at.all[0])?))
            }
            Request::Swell { function, name, sizes } => {
                if sizes.len() > MOST_SIZES {
                    return Err(Failure::text(format!("{} sizes are more than {MOST_SIZES}", sizes.len())));
                }
                let read = |size: i64| {
                    let mut function = function.clone();
                    function.size.push(format!("{name}={size}"));
                    function.read(None, &mut note)
                };
                Ok(json::text(&swell::Document::new(sizes, function.max_nodes, read)?))
            }
        }
    }
}

fn named(strategies: &[String]) -> Result<Vec<Box<dyn Strategy>>, Failure> {
    let spec = |text: &String| {
        text.parse::<StrategySpec>().map_err(|error| Failure::text(format!("{text}: {error}")))
    };
    let specs = match strategies {
        [] => StrategyName::ALL.map(StrategySpec::from).to_vec(),
        all => all.iter().map(spec).collect::<Result<_, _>>()?,
    };
    Ok(specs.into_iter().map(|spec| Box::new(spec) as Box<dyn Strategy>).collect())
}

fn target(name: Option<&str>) -> Result<Target, Failure> {
    let all =
        [Target::Text, Target::Latex, Target::Rust, Target::C, Target::Python, Target::Fpcore, Target::Dot];
    let name = name.unwrap_or("text");
    all.into_iter().find(|target| target.name() == name).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|target| target.name()).collect();
        Failure::text(format!("{name} is none of {}", known.join(", ")))
    })
}

//! Symbolic derivatives as a strategy: formulas found once, compiled, and evaluated.

use engine::{Program, Workspace};
use expr::{DoubleDouble, Function, Node, NodeId};
use symbolic::{Arm, Limits, StopReason};

use crate::Random;
use crate::strategy::{Budget, Cost, Derivative, Prepared, Refusal, Strategy, Unit, Want};

/// Derivative formulas by one of the arms, perhaps simplified with egg.
#[derive(Clone, Copy, Debug)]
pub struct Symbolic {
    /// The order in which the chain rule is applied.
    pub arm: Arm,
    /// Whether f and all partial derivatives are simplified together.
    pub egg: bool,
}

impl Default for Symbolic {
    fn default() -> Self {
        Symbolic { arm: Arm::Auto, egg: true }
    }
}

struct Ready {
    /// f and its partial derivatives.
    derivative: Function,
    program: Program,
    workspace: Workspace<f64>,
    all: Vec<f64>,
    outputs: usize,
    /// f as it was given: a formula like 1/x does not say that ln has no value at -1.
    given: Function,
    remarks: Vec<String>,
}

impl Strategy for Symbolic {
    fn name(&self) -> &'static str {
        "symbolic"
    }

    fn variant(&self) -> String {
        format!("{}{}", self.arm.name(), if self.egg { "+egg" } else { "" })
    }

    fn prepare(&self, f: &Function, _: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        let given = crate::unroll(f, budget)?;
        let found = symbolic::differentiate(&given, self.arm, budget.nodes).map_err(|error| {
            Refusal::OverBudget { needed: error.needed, budget: error.budget, unit: Unit::Nodes }
        })?;
        let mut remarks = Vec::new();
        if self.arm == Arm::Auto {
            remarks.push(format!("{} chosen as the smaller", found.arm.name()));
        }
        let mut derivative = found.function;
        if self.egg {
            let simplified = symbolic::simplify(&derivative, &Limits::default());
            let (before, after) = (simplified.cost_before, simplified.cost_after);
            remarks.push(match simplified.stop {
                StopReason::TooLarge => "too large for egg, left as derived".to_owned(),
                StopReason::Branches => "has branches, left as derived".to_owned(),
                StopReason::DefinedNowhere => "defined nowhere, left as derived".to_owned(),
                StopReason::Disabled => "built without egg".to_owned(),
                _ if before == after => format!("egg found nothing cheaper than {before}"),
                _ if loses_digits(&derivative, &simplified.function) => {
                    format!("egg's form (cost {after} instead of {before}) loses digits where this one does not, so it is not used")
                }
                _ => {
                    derivative = simplified.function;
                    format!("egg brought the cost of f with all partials from {before} to {after}")
                }
            });
        }
        let program = Program::compile(&derivative);
        let workspace = program.workspace(|value| value);
        let all = vec![0.0; derivative.outputs().len()];
        let outputs = given.outputs().len();
        Ok(Box::new(Ready { derivative, program, workspace, all, outputs, given, remarks }))
    }
}

impl Prepared for Ready {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        self.program.run(&mut self.workspace, x, &mut self.all);
        let (values, gradient) = self.all.split_at(self.outputs);
        out.values.clear();
        out.values.extend_from_slice(values);
        out.gradient.clear();
        out.gradient.extend_from_slice(gradient);
        out.error_estimate = None;
        if values.iter().any(|value| value.is_nan()) {
            undefine(&self.given, x, &mut out.gradient);
        }
        Ok(())
    }

    fn cost(&self) -> Cost {
        let bytes = self.program.bytes() + self.program.slots() * 8 + self.derivative.graph().bytes();
        Cost { evaluations: 1, nodes: self.program.steps() as u64, bytes: bytes as u64 }
    }

    fn formulas(&self) -> Option<Vec<String>> {
        // Formulas of very large derivatives are of no use to anyone.
        let worth_reading = self.derivative.graph().len() <= 5_000;
        let all = self.outputs..self.derivative.outputs().len();
        worth_reading.then(|| expr::formulas(&self.derivative, all.take(1_000)))
    }

    fn remarks(&self) -> Vec<String> {
        self.remarks.clone()
    }
}

/// Points at which a simplified form is tried.
const TRIED: u64 = 40;

/// Whether `simplified`, equal to `written` in real numbers, is clearly further from the truth in doubles at any of some
/// points of many sizes: rules of algebra may undo what keeps digits or stays in range.
pub(crate) fn loses_digits(written: &Function, simplified: &Function) -> bool {
    let mut random = Random::new(0, &["loses digits"], 0);
    for k in 0..TRIED {
        // Around 1, within a few decades, and all inputs together very large or very small.
        let decades = [0.5, 2.0, 4.0, 2.0][(k % 4) as usize];
        let common = if k % 4 == 3 { random.between(-300.0, 300.0) } else { 0.0 };
        let positive = k % 8 < 4;
        let mut draw = || {
            let size = 10f64.powf(common + random.between(-decades, decades));
            if positive || random.between(0.0, 1.0) < 0.5 { size } else { -size }
        };
        let x: Vec<f64> = (0..written.input_count()).map(|_| draw()).collect();
        let (before, after) = (written.evaluate((), &x), simplified.evaluate((), &x));
        let apart =
            |a: f64, b: f64| (a - b).abs() > 1e-9 * a.abs().max(b.abs()) || (a.is_finite() && !b.is_finite());
        if !before.iter().zip(&after).any(|(&a, &b)| apart(a, b)) {
            continue;
        }
        let truth = truth(written, simplified, &x, [&before, &after]);
        for ((&a, &b), truth) in before.iter().zip(&after).zip(truth) {
            let Some(truth) = truth.filter(|truth| truth.is_finite() && apart(a, b)) else { continue };
            let (error, worse) = ((a - truth).abs(), (b - truth).abs());
            if error.is_finite() && (worse.is_nan() || worse > 8.0 * error + 1e-12 * truth.abs()) {
                return true;
            }
        }
    }
    false
}

/// The value that both forms stand for, per output: in double-double numbers where that settles it, else certified.
fn truth(written: &Function, simplified: &Function, x: &[f64], plain: [&[f64]; 2]) -> Vec<Option<f64>> {
    let point: Vec<DoubleDouble> = x.iter().map(|&x| x.into()).collect();
    let [before, after] = [written, simplified].map(|f| f.evaluate((), &point));
    let near = |a: f64, b: f64, digits: f64| (a - b).abs() <= digits * a.abs();
    let settled: Vec<Option<f64>> = (0..before.len())
        .map(|k| {
            let (w, s) = (before[k].hi, after[k].hi);
            // Two ways to one number; or a number that no precision changes, where the other form has none.
            let known = near(w, s, 1e-14) || near(w, plain[0][k], 1e-9) && !plain[1][k].is_finite();
            known.then_some(w)
        })
        .collect();
    if settled.iter().all(Option::is_some) {
        return settled;
    }
    let limits = reference::Limits { most_bits: 1536, ..reference::Limits::default() };
    reference::values(written, x, &limits)
}

/// Where an operator has no value, its derivative is NaN, whatever the formula gives there: sets the components that
/// depend on such a node.
fn undefine(f: &Function, x: &[f64], gradient: &mut [f64]) {
    let graph = f.graph();
    let values = f.values((), x);
    let outside =
        |id: &NodeId| graph.node(*id).op().is_some_and(|op| op.is_partial()) && values[id.index()].is_nan();
    for (row, &output) in gradient.chunks_mut(x.len().max(1)).zip(f.outputs()) {
        // Below the output, then below what is undefined there.
        let mut below = vec![false; graph.len()];
        let mut undefined = vec![false; graph.len()];
        below[output.index()] = true;
        for id in graph.ids().rev().filter(|id| id.index() <= output.index()) {
            if !below[id.index()] {
                continue;
            }
            let trouble = undefined[id.index()] || outside(&id);
            for child in graph.children(id) {
                below[child.index()] = true;
                undefined[child.index()] |= trouble;
            }
            if let Node::Input(block, offset) = graph.node(id)
                && undefined[id.index()]
            {
                row[f.position(block, offset)] = f64::NAN;
            }
        }
    }
}

//! Symbolic derivatives as a strategy: formulas found once, compiled, and evaluated.

use std::cell::OnceCell;
use std::sync::{Arc, OnceLock};

use engine::{Program, Tier, Workspace};
use expr::{Function, Node, NodeId, Op, expect_point};
use symbolic::Mode;
use syntax::Sharing;

use crate::kinds::{self, Want};
use crate::simplified::simplified;
use crate::spec::StrategySpec;
use crate::strategy::{Budget, Cost, Derivative, Formulas, Prepared, Refusal, Remark, Strategy, Unit};

/// Derivative formulas by one of the modes, perhaps simplified with egg.
///
/// ```
/// use chainrule::{Budget, Derivative, Strategy, Symbolic, Want};
/// let f = chainrule::parse("ln(x^2 + 1)")?;
/// let mut prepared = Symbolic::default().prepare(&f, Want::Gradient, &Budget::default())?;
/// assert_eq!(prepared.formulas().unwrap().text(), ["2*x/(x^2 + 1)"]);
/// let mut out = Derivative::default();
/// prepared.run(&[1.0], &mut out)?;
/// assert_eq!(out.gradient, [1.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Symbolic {
    /// The order in which the chain rule is applied.
    pub mode: Mode,
    /// Whether f and all partial derivatives are simplified together. A form that clearly loses digits is not used.
    pub egg: bool,
    /// Whether the simplified form is used only if the worst error of no component, over sampled points and against the
    /// reference, is larger than before.
    pub accurate: bool,
}

impl Default for Symbolic {
    fn default() -> Self {
        Symbolic { mode: Mode::Auto, egg: true, accurate: false }
    }
}

/// More formulas than this are not written.
const MOST_FORMULAS: usize = 1_000;

struct Ready {
    /// f and its partial derivatives.
    derivative: Function,
    /// The same as derived, if it was simplified since.
    derived: Option<Function>,
    /// The formulas for readers, once they have been asked for.
    formulas: OnceCell<Arc<Formulas>>,
    program: Arc<Program>,
    workspace: Workspace<f64>,
    tier: Tier,
    all: Vec<f64>,
    outputs: usize,
    /// f as it was given: a formula like 1/x does not say that ln has no value at -1.
    given: Function,
    remarks: Vec<Remark>,
}

impl Strategy for Symbolic {
    fn spec(&self) -> StrategySpec {
        StrategySpec::Symbolic(*self)
    }

    fn prepare(&self, f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        if want != Want::Gradient {
            return kinds::symbolic::prepare(self, f, want, budget);
        }
        let given = crate::unroll(f, budget)?;
        let found = symbolic::differentiate(&given, self.mode, budget.nodes).map_err(|error| {
            Refusal::OverBudget { needed: error.needed, budget: error.budget, unit: Unit::Nodes }
        })?;
        let mut remarks = Vec::new();
        if self.mode == Mode::Auto {
            remarks.push(Remark::Mode(found.mode));
        }
        let mut derivative = found.function;
        let mut derived = None;
        if self.egg {
            derived = Some(derivative.clone());
            let found = simplified(derivative, self.accurate);
            derivative = found.function.clone();
            remarks.push(Remark::Simplification(found));
        }
        let program = Arc::new(Program::compile(&derivative));
        let workspace = program.workspace(|value| value);
        let all = vec![0.0; derivative.outputs().len()];
        let outputs = given.outputs().len();
        let formulas = OnceCell::new();
        Ok(Box::new(Ready {
            derivative,
            derived,
            formulas,
            program,
            workspace,
            tier: Tier::default(),
            all,
            outputs,
            given,
            remarks,
        }))
    }
}

impl Prepared for Ready {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        expect_point(x.len(), self.program.inputs());
        out.make_room(self.outputs, x.len());
        let written = || {
            let (program, outputs) = (self.program.clone(), self.outputs);
            move |most| program.straight(outputs, most)
        };
        match self.tier.code(written) {
            Some(code) => code.run(x, &mut out.values, &mut out.gradient),
            None => {
                self.program.run(&mut self.workspace, x, &mut self.all);
                let (values, gradient) = self.all.split_at(self.outputs);
                out.values.copy_from_slice(values);
                out.gradient.copy_from_slice(gradient);
            }
        }
        if out.values.iter().any(|value| value.is_nan()) {
            undefine(&self.given, x, &mut out.gradient);
        }
        Ok(())
    }

    fn compile(&mut self) {
        self.tier.compile(|most| self.program.straight(self.outputs, most));
    }

    fn cost(&self) -> Cost {
        let bytes = self.program.bytes() + self.program.slots() * 8 + self.derivative.graph().bytes();
        Cost { evaluations: 1, nodes: self.program.steps() as u64, bytes: bytes as u64 }
    }

    fn formulas(&self) -> Option<Arc<Formulas>> {
        let formulas = || Arc::new(readable(&self.derivative, self.derived.as_ref(), self.outputs));
        worth_reading(&self.derivative).then(|| self.formulas.get_or_init(formulas).clone())
    }

    fn remarks(&self) -> Vec<Remark> {
        self.remarks.clone()
    }
}

/// Formulas of very large derivatives are of no use to anyone.
pub(crate) fn worth_reading(derivative: &Function) -> bool {
    derivative.graph().len() <= 5_000
}

/// The outputs behind the first ones as people write them; of the variant without simplification, which was not `derived` before, as they
/// are.
pub(crate) fn readable(derivative: &Function, derived: Option<&Function>, before: usize) -> Formulas {
    let all = before..derivative.outputs().len().min(before + MOST_FORMULAS);
    let (function, partials, sharing) = match derived {
        None => (derivative.clone(), all, Sharing::Always),
        Some(derived) => {
            let found = symbolic::reader::form_of(derived, all, Some(derivative)).function;
            let partials = 0..found.outputs().len();
            (found, partials, Sharing::Long)
        }
    };
    Formulas { function, partials, sharing, text: OnceLock::new() }
}

/// Where an operator has no value, its derivative is NaN, whatever the formula gives there: sets the components that
/// depend on such a node.
fn undefine(f: &Function, x: &[f64], gradient: &mut [f64]) {
    let graph = f.graph();
    let values = f.values((), x);
    let outside =
        |id: &NodeId| graph.node(*id).op().is_some_and(|op| op.is_partial()) && values[id.index()].is_nan();
    let taken = |id: NodeId, k: usize| match graph.node(id) {
        Node::Ternary(Op::Select, [condition, a, b]) => {
            let untaken = if values[condition.index()] != 0.0 { b } else { a };
            a == b || graph.children(id)[k] != untaken
        }
        _ => true,
    };
    for (row, &output) in gradient.chunks_mut(x.len().max(1)).zip(f.outputs()) {
        let below = graph.reached_along(&[output], taken);
        let undefined: Vec<NodeId> = graph.ids().filter(|id| below[id.index()] && outside(id)).collect();
        let undefined = graph.reached_along(&undefined, taken);
        for id in graph.ids().filter(|id| undefined[id.index()]) {
            if let Some(k) = f.input_at(id) {
                row[k] = f64::NAN;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untaken_branch_does_not_poison_gradient() {
        // The first output has no value, so that somebody looks for what is undefined; the second one takes the other branch.
        let f = syntax::parse("[asin(3 + x^2), if(x < 0, ln(x), x^2)]").unwrap();
        let mut out = Derivative::default();
        let strategy = Symbolic { egg: false, ..Symbolic::default() };
        strategy.prepare(&f, Want::Gradient, &Budget::default()).unwrap().run(&[1.5], &mut out).unwrap();
        assert!(out.gradient[0].is_nan());
        assert_eq!(out.gradient[1], 3.0);
        // Both branches are one node: then it is taken.
        let f = syntax::parse("let t = ln(x); [if(x < 0, t, t)]").unwrap();
        strategy.prepare(&f, Want::Gradient, &Budget::default()).unwrap().run(&[-1.5], &mut out).unwrap();
        assert!(out.gradient[0].is_nan());
    }
}

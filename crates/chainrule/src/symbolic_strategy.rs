//! Symbolic derivatives as a strategy: formulas found once, compiled, and evaluated.

use std::cell::OnceCell;

use engine::{Program, Workspace};
use expr::{Function, Node, NodeId, Op, expect_point};
use symbolic::Arm;
use syntax::Sharing;

use crate::simplified::simplified;
use crate::strategy::{Budget, Cost, Derivative, Prepared, Refusal, Strategy, Unit, Want};

/// Derivative formulas by one of the arms, perhaps simplified with egg.
#[derive(Clone, Copy, Debug)]
pub struct Symbolic {
    /// The order in which the chain rule is applied.
    pub arm: Arm,
    /// Whether f and all partial derivatives are simplified together. A form that clearly loses digits is not used.
    pub egg: bool,
    /// Whether the simplified form is used only if the worst error of no component, over sampled points and against the
    /// reference, is larger than before.
    pub accurate: bool,
}

impl Default for Symbolic {
    fn default() -> Self {
        Symbolic { arm: Arm::Auto, egg: true, accurate: false }
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
    formulas: OnceCell<Vec<String>>,
    program: Program,
    workspace: Workspace<f64>,
    all: Vec<f64>,
    outputs: usize,
    /// f as it was given: a formula like 1/x does not say that ln has no value at -1.
    given: Function,
    remarks: Vec<String>,
    /// How simplification went, for people.
    simplification: Option<String>,
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
            remarks.push(format!("{} mode, the smaller of the two", found.arm.name()));
        }
        let mut derivative = found.function;
        let mut simplification = None;
        let mut derived = None;
        if self.egg {
            derived = Some(derivative.clone());
            let found = simplified(derivative, self.accurate);
            simplification = Some(found.figures);
            remarks.push(found.remark);
            derivative = found.function;
        }
        let program = Program::compile(&derivative);
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
            all,
            outputs,
            given,
            remarks,
            simplification,
        }))
    }
}

impl Prepared for Ready {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        expect_point(x.len(), self.program.inputs());
        self.program.run(&mut self.workspace, x, &mut self.all);
        let (values, gradient) = self.all.split_at(self.outputs);
        out.values.clear();
        out.values.extend_from_slice(values);
        out.gradient.clear();
        out.gradient.extend_from_slice(gradient);
        out.error_estimate = None;
        out.blind.clear();
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
        worth_reading.then(|| self.formulas.get_or_init(|| self.readable()).clone())
    }

    fn steps(&self) -> Vec<String> {
        self.simplification.iter().flat_map(|text| text.lines()).map(str::to_owned).collect()
    }

    fn remarks(&self) -> Vec<String> {
        self.remarks.clone()
    }
}

impl Ready {
    /// The partials as people write them; of the variant without simplification as they were derived.
    fn readable(&self) -> Vec<String> {
        let all = self.outputs..self.derivative.outputs().len().min(self.outputs + MOST_FORMULAS);
        let Some(derived) = &self.derived else { return syntax::formulas(&self.derivative, all) };
        let found = symbolic::reader::form_of(derived, all, Some(&self.derivative)).function;
        syntax::formulas_sharing(&found, 0..found.outputs().len(), Sharing::Long)
    }
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
            // What a branch that is not taken would be is nobody's trouble.
            let untaken = match graph.node(id) {
                Node::Ternary(Op::Select, [condition, a, b]) => {
                    let untaken = if values[condition.index()] != 0.0 { b } else { a };
                    (a != b).then_some(untaken)
                }
                _ => None,
            };
            for child in graph.children(id).iter().filter(|child| Some(**child) != untaken) {
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

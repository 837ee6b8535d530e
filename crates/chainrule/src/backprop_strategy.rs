//! Backpropagation as a strategy.

use backprop::{Adjoint, Workspace};
use expr::Function;

use crate::strategy::{Budget, Cost, Derivative, Prepared, Refusal, Strategy, Want};

/// One forward and one backward pass.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backprop;

struct Ready {
    adjoint: Adjoint,
    workspace: Workspace<f64>,
}

impl Strategy for Backprop {
    fn name(&self) -> &'static str {
        "backprop"
    }

    fn variant(&self) -> String {
        "standard".to_owned()
    }

    fn prepare(&self, f: &Function, _: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        let adjoint = Adjoint::compile(&crate::unroll(f, budget)?);
        let workspace = adjoint.workspace(|value| value);
        Ok(Box::new(Ready { adjoint, workspace }))
    }
}

impl Prepared for Ready {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        let outputs = self.adjoint.program().outputs().len();
        out.values.resize(outputs, 0.0);
        out.gradient.resize(outputs * x.len(), 0.0);
        out.error_estimate = None;
        self.adjoint.run(&mut self.workspace, x, &mut out.values, &mut out.gradient);
        Ok(())
    }

    fn cost(&self) -> Cost {
        Cost { evaluations: 1, nodes: self.adjoint.steps() as u64, bytes: self.adjoint.bytes() as u64 }
    }
}

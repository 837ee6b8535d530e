//! Backpropagation as a strategy.

use backprop::{Adjoint, Staged, StagedWorkspace, Workspace};
use expr::{Function, UnrollError};

use crate::strategy::{Budget, Cost, Derivative, Prepared, Refusal, Strategy, Want};

/// One forward and one backward pass; loops of many rounds are run as loops, and not unrolled.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backprop;

/// Fewer rounds are not worth a loop.
const FEWEST: u64 = 8;

/// The function as stages, where that pays.
pub(crate) fn staged(f: &Function, budget: &Budget) -> Result<Option<Staged>, UnrollError> {
    Ok(f.stages(FEWEST, budget.nodes)?.map(|stages| Staged::compile(&stages)))
}

struct Flat {
    adjoint: Adjoint,
    workspace: Workspace<f64>,
}

struct Rolled {
    staged: Staged,
    workspace: StagedWorkspace,
}

impl Strategy for Backprop {
    fn name(&self) -> &'static str {
        "backprop"
    }

    fn variant(&self) -> String {
        "standard".to_owned()
    }

    fn prepare(&self, f: &Function, _: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        if let Some(staged) = staged(f, budget)? {
            let workspace = staged.workspace();
            return Ok(Box::new(Rolled { staged, workspace }));
        }
        let adjoint = Adjoint::compile(&crate::unroll(f, budget)?);
        let workspace = adjoint.workspace(|value| value);
        Ok(Box::new(Flat { adjoint, workspace }))
    }
}

impl Prepared for Rolled {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        out.values.resize(self.staged.outputs(), 0.0);
        out.gradient.resize(self.staged.outputs() * x.len(), 0.0);
        out.error_estimate = None;
        self.staged.run(&mut self.workspace, x, &mut out.values, &mut out.gradient);
        Ok(())
    }

    fn cost(&self) -> Cost {
        Cost { evaluations: 1, nodes: self.staged.steps() as u64, bytes: self.staged.bytes() as u64 }
    }

    fn steps(&self) -> Vec<String> {
        self.staged.explain()
    }
}

impl Prepared for Flat {
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

    fn steps(&self) -> Vec<String> {
        self.adjoint.explain()
    }
}

//! Backpropagation: passes over the function as it is written, run for one direction after the other or for many side by side.

use backprop::{Seeded, SeededWorkspace, Sweep, UnrollOrPlan};
use expr::Function;

use super::assemble::assemble;
use super::{Seeds, Want};
use crate::backprop_strategy::UNROLL_OR_PLAN;
use crate::strategy::{Budget, Cost, Derivative, Prepared, Refusal};

struct Ready {
    want: Want,
    sweep: Sweep,
    seeded: Seeded,
    workspace: SeededWorkspace,
    /// Sweeps of the last run.
    sweeps: u64,
}

/// Prepares any kind but gradients.
pub(crate) fn prepare(f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
    Ok(compile(f, want, budget)?.1)
}

/// A function prepared, and how many inputs and outputs it has.
pub(crate) type Sized = ([usize; 2], Box<dyn Prepared>);

/// The same, with how many inputs and outputs there are.
pub(crate) fn compile(f: &Function, want: Want, budget: &Budget) -> Result<Sized, Refusal> {
    let seeded = |sweep: Sweep, many: bool| -> Result<Seeded, Refusal> {
        let choice = UnrollOrPlan { nodes: budget.nodes, ..UNROLL_OR_PLAN };
        Ok(Seeded::new(f, sweep, many, &choice)?)
    };
    if want == Want::Hessian {
        let inputs = crate::input_count(f, budget)?;
        want.within(inputs, 1, budget)?;
    }
    let (sweep, seeded) = match want {
        Want::Gradient => unreachable!("gradients have backward passes of their own"),
        Want::Jvp => (Sweep::Jvp, seeded(Sweep::Jvp, false)?),
        Want::Vjp => (Sweep::Vjp, seeded(Sweep::Vjp, false)?),
        Want::Hvp => (Sweep::Hvp, seeded(Sweep::Hvp, false)?),
        Want::Hessian | Want::HessianDiagonal => (Sweep::Hvp, seeded(Sweep::Hvp, true)?),
        Want::Jacobian => cheaper(budget, &seeded)?,
    };
    let workspace = seeded.workspace();
    let sizes = [seeded.inputs(), seeded.outputs()];
    Ok((sizes, Box::new(Ready { want, sweep, seeded, workspace, sweeps: 0 })))
}

/// The sweeps that a Jacobian takes fewer operators by: a backward one for each output, or a forward one for each input.
fn cheaper(
    budget: &Budget,
    seeded: &dyn Fn(Sweep, bool) -> Result<Seeded, Refusal>,
) -> Result<(Sweep, Seeded), Refusal> {
    let backward = seeded(Sweep::Vjp, true)?;
    let (inputs, outputs) = (backward.inputs(), backward.outputs());
    Want::Jacobian.within(inputs, outputs, budget)?;
    // One backward pass is never more than a forward pass for each input, unless there is only one.
    if outputs <= 1 && inputs > 1 {
        return Ok((Sweep::Vjp, seeded(Sweep::Vjp, false)?));
    }
    let forward = seeded(Sweep::Jvp, inputs > 1)?;
    let all = |sweeps: usize, of: &Seeded| sweeps as f64 * of.work() as f64;
    Ok(match all(inputs, &forward) < all(outputs, &backward) {
        true => (Sweep::Jvp, forward),
        false => (Sweep::Vjp, backward),
    })
}

impl Prepared for Ready {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        self.run_with(x, Seeds::NONE, out)
    }

    fn run_with(&mut self, x: &[f64], seeds: Seeds<'_>, out: &mut Derivative) -> Result<(), Refusal> {
        let Ready { want, sweep, seeded, workspace, sweeps } = self;
        let (inputs, outputs) = (seeded.inputs(), seeded.outputs());
        *sweeps =
            assemble((*want, *sweep), [inputs, outputs], x, seeds, out, |weights, count, fill, take| {
                seeded.run(workspace, x, weights, count, fill, take);
            });
        Ok(())
    }

    fn cost(&self) -> Cost {
        let work = self.seeded.work();
        Cost { evaluations: self.sweeps, nodes: work, bytes: self.seeded.bytes() as u64 }
    }

    fn most_work(&self) -> f64 {
        let sweeps = match (self.want, self.sweep) {
            (Want::Jacobian, Sweep::Vjp) => self.seeded.outputs(),
            (Want::Jacobian | Want::Hessian | Want::HessianDiagonal, _) => self.seeded.inputs(),
            _ => 1,
        };
        sweeps as f64 * self.seeded.work() as f64
    }

    fn listing(&self) -> Vec<String> {
        self.seeded.explain()
    }
}

//! Backpropagation in double-double numbers: the same passes, unrolled, one product after the other.

use backprop::{Product, Sweep, Unrolled};
use engine::{Program, Workspace};
use expr::{DoubleDouble, Function};

use super::assemble::assemble;
use super::{Seeds, Want};
use crate::strategy::{Budget, Cost, Derivative, Prepared, Refusal};

struct Ready {
    want: Want,
    sweep: Sweep,
    inputs: usize,
    outputs: usize,
    weights: usize,
    program: Program,
    workspace: Workspace<DoubleDouble>,
    /// The point, the weights, and the seed of a product.
    all: Vec<f64>,
    numbers: Vec<DoubleDouble>,
    found: Vec<DoubleDouble>,
    nearest: Vec<f64>,
    sweeps: u64,
}

/// Prepares any kind but gradients.
pub(crate) fn prepare(f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
    if want == Want::Hessian {
        want.within(crate::input_count(f, budget)?, 1, budget)?;
    }
    let sweep = match want {
        Want::Jvp => Sweep::Jvp,
        Want::Gradient | Want::Jacobian | Want::Vjp => Sweep::Vjp,
        Want::Hessian | Want::HessianDiagonal | Want::Hvp => Sweep::Hvp,
    };
    let Unrolled { function, inputs, outputs, weights } = Unrolled::new(f, sweep, budget.nodes)?;
    want.within(inputs, outputs, budget)?;
    let program = Program::compile(&function);
    let zeros = |count: usize| vec![DoubleDouble::from(0.0); count];
    Ok(Box::new(Ready {
        want,
        sweep,
        inputs,
        outputs,
        weights,
        workspace: program.workspace_in(&function),
        all: vec![0.0; function.input_count()],
        numbers: zeros(function.input_count()),
        found: zeros(function.outputs().len()),
        nearest: vec![0.0; function.outputs().len()],
        program,
        sweeps: 0,
    }))
}

impl Prepared for Ready {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        self.run_with(x, Seeds::NONE, out)
    }

    fn run_with(&mut self, x: &[f64], seeds: Seeds<'_>, out: &mut Derivative) -> Result<(), Refusal> {
        let Ready {
            want,
            sweep,
            inputs,
            outputs,
            weights,
            program,
            workspace,
            all,
            numbers,
            found,
            nearest,
            sweeps,
        } = self;
        *sweeps =
            assemble((*want, *sweep), [*inputs, *outputs], x, seeds, out, |given, count, fill, take| {
                let fixed = *inputs + if *sweep == Sweep::Vjp { 0 } else { *weights };
                let (point, seed) = all.split_at_mut(fixed);
                let (x_here, own) = point.split_at_mut(*inputs);
                x_here.copy_from_slice(x);
                own.fill(1.0);
                own.iter_mut().zip(given).for_each(|(own, given)| *own = *given);
                // One output has no weight of its own.
                let scale =
                    given.first().copied().filter(|_| *weights == 0 && *sweep == Sweep::Hvp).unwrap_or(1.0);
                for k in 0..count {
                    seed.fill(0.0);
                    fill(k, seed);
                    let given = x_here.iter().chain(&*own).chain(&*seed);
                    numbers.iter_mut().zip(given).for_each(|(number, given)| *number = (*given).into());
                    program.run(workspace, numbers, found);
                    let rounded = found.iter().enumerate().map(|(k, number)| match k < *outputs {
                        true => number.hi,
                        false => (*number * DoubleDouble::from(scale)).hi,
                    });
                    nearest.iter_mut().zip(rounded).for_each(|(nearest, number)| *nearest = number);
                    take(k, Product::of_all(nearest, *inputs, *outputs, *sweep));
                }
            });
        Ok(())
    }

    fn cost(&self) -> Cost {
        let bytes = self.program.bytes() + self.program.slots() * 16;
        Cost { evaluations: self.sweeps, nodes: self.program.steps() as u64, bytes: bytes as u64 }
    }
}

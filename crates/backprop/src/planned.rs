//! The gradient of a function that is not unrolled: the function with its backward pass is a function, and is run as it stands.

use engine::{NotPlanned, Plan, PlanBudget, PlanWorkspace};
use expr::graph::Role;
use expr::{Function, expect_places, expect_point};

/// A function prepared for gradients, loops kept. Immutable and shared; numbers are in a [`PlannedWorkspace`].
///
/// ```
/// use backprop::Planned;
/// let f = syntax::parse("sum(i, 1, n, (if(i > 1, x[i-1], 0) - x[i])^2)").unwrap().with_sizes(&[("n", 1000)]).unwrap();
/// let planned = Planned::new(&f, u64::MAX).unwrap();
/// let (mut workspace, mut value, mut gradient) = (planned.workspace(), [0.0], [0.0; 1000]);
/// planned.run(&mut workspace, &[1.0; 1000], &mut value, &mut gradient);
/// assert_eq!((value[0], gradient[0], gradient[999]), (1.0, 2.0, 0.0));
/// ```
#[derive(Clone, Debug)]
pub struct Planned {
    plan: Plan,
    /// How many outputs the function has.
    outputs: usize,
}

/// The numbers of runs, made once per function.
#[derive(Clone, Debug)]
pub struct PlannedWorkspace {
    plan: PlanWorkspace,
    out: Vec<f64>,
}

impl Planned {
    /// Prepares a function. Where the shapes of its inputs cannot be told from the ranges of its loops, so many iterations may be
    /// visited.
    ///
    /// # Errors
    /// When the function cannot be evaluated, or its gradient is none of those that are planned.
    pub fn new(f: &Function, visits: u64) -> Result<Planned, NotPlanned> {
        if f.graph().blocks().iter().any(|block| block.role == Role::Parameter) {
            return Err(NotPlanned::Inputs);
        }
        let shapes = f.shapes(visits)?;
        let outputs = f.outputs().len();
        let g = f.gradients(0..outputs)?;
        // What no iteration of the function reads its derivative may read: of that it would be told nothing.
        let own = g.shapes(visits)?;
        let names =
            |f: &Function| f.graph().blocks().iter().map(|block| block.name.clone()).collect::<Vec<_>>();
        if shapes != own || names(f) != names(&g) {
            return Err(NotPlanned::Inputs);
        }
        let plan = Plan::new(&g, Some(&shapes), PlanBudget { visits, ..PlanBudget::default() })?;
        match plan.outputs() == outputs * (1 + plan.inputs()) {
            true => Ok(Planned { plan, outputs }),
            false => Err(NotPlanned::Inputs),
        }
    }

    /// How many scalar inputs there are.
    pub fn inputs(&self) -> usize {
        self.plan.inputs()
    }

    /// How many outputs.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// About how many operators are run for the values and the gradients.
    pub fn work(&self) -> u64 {
        self.plan.work()
    }

    /// About how many steps are chosen for these, as [`Plan::choices`].
    pub fn choices(&self) -> u64 {
        self.plan.choices()
    }

    /// The bytes that it holds, with one workspace.
    pub fn bytes(&self) -> usize {
        self.plan.bytes() + 8 * self.plan.outputs()
    }

    /// What is run, line by line for people.
    pub fn explain(&self) -> Vec<String> {
        let title = "value and gradient as one function, with its loops".to_owned();
        std::iter::once(title).chain(self.plan.explain()).collect()
    }

    /// Numbers for runs.
    pub fn workspace(&self) -> PlannedWorkspace {
        PlannedWorkspace { plan: self.plan.workspace(), out: vec![0.0; self.plan.outputs()] }
    }

    /// Values of the outputs, and their gradients row after row: one row per output, one column per input.
    ///
    /// # Panics
    /// When there is not one number per input, or not one place per output or per component of a gradient, or the
    /// workspace is that of another function; before anything is written.
    pub fn run(&self, workspace: &mut PlannedWorkspace, x: &[f64], values: &mut [f64], gradient: &mut [f64]) {
        expect_point(x.len(), self.inputs());
        expect_places(values.len(), gradient.len(), self.outputs, x.len());
        self.plan.run(&mut workspace.plan, x, &mut workspace.out);
        let (own_values, own_gradient) = workspace.out.split_at(self.outputs);
        values.copy_from_slice(own_values);
        gradient.copy_from_slice(own_gradient);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Adjoint;

    #[test]
    fn gradients_are_those_of_the_function_unrolled() {
        for text in [
            "sum(i, 1, 100, (if(i > 1, x[i-1], 0) - sin(x[i])*cos(x[i]))^2)",
            "let m = max(i, 1, 100, x[i]); m + ln(sum(i, 1, 100, exp(x[i] - m)))",
            "[sum(i, 1, 70, sum(j, i+1, 70, (x[i] - x[j])^2*y[j])), prod(i, 1, 70, 1 + x[i]/i), x[3]]",
            "let z = iterate(t, 1, 9, y[j: 1..70], x[j], y[j] + h*y[71 - j]^2); sum(k, 1, 70, z[k])",
            "sum(s, 1, 90, iterate(t, 1, 20, (y, z), (x[s], a), (z, sin(y)*a + b[t]))[1])",
            "f(x, y, z) = sum(i, 1, 9, sin(x*i))*z",
        ] {
            let f = syntax::parse(text).unwrap();
            let planned = Planned::new(&f, u64::MAX).unwrap_or_else(|error| panic!("{text}: {error}"));
            let adjoint = Adjoint::compile(&f.unroll(1_000_000).unwrap());
            let point: Vec<f64> = (0..planned.inputs()).map(|k| 0.5 + (k as f64).sin() / 3.0).collect();
            let run = |run: &mut dyn FnMut(&mut [f64], &mut [f64])| {
                let mut values = vec![0.0; planned.outputs()];
                let mut gradient = vec![0.0; values.len() * point.len()];
                run(&mut values, &mut gradient);
                (values, gradient)
            };
            let (values, gradient) = run(&mut |values, gradient| {
                planned.run(&mut planned.workspace(), &point, values, gradient);
            });
            let (expected_values, expected) = run(&mut |values, gradient| {
                adjoint.run(&mut adjoint.workspace(|value| value), &point, values, gradient);
            });
            let bits = |all: &[f64]| all.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&values), bits(&expected_values), "{text}");
            for (k, (a, b)) in gradient.iter().zip(&expected).enumerate() {
                assert!((a - b).abs() <= 1e-12 * (1.0 + b.abs()), "{text}: component {k} is {a}, not {b}");
            }
        }
    }

    #[test]
    fn what_no_iteration_reads_has_no_elements() {
        let f = syntax::parse("sum(i, 1, 0, sum(j, 1, 3, x[j]*i)) + y").unwrap();
        let planned = Planned::new(&f, u64::MAX).unwrap();
        let (mut value, mut gradient) = ([0.0], [0.0]);
        planned.run(&mut planned.workspace(), &[2.0], &mut value, &mut gradient);
        assert_eq!((value, gradient), ([2.0], [1.0]));
    }
}

//! Finite differences as a strategy: values of the compiled function, and nothing else of it.

use expr::{Function, expect_point};
use numerical::Scheme;

use crate::compiled::CompiledFunction;
use crate::spec::StrategySpec;
use crate::strategy::{Budget, Cost, Derivative, Prepared, Refusal, Strategy, Unit, Want};

/// Finite differences by a scheme.
///
/// ```
/// use chainrule::{Budget, Derivative, Numerical, Strategy, Want};
/// let f = chainrule::parse("x^2*y")?;
/// let mut prepared = Numerical::default().prepare(&f, Want::Gradient, &Budget::default())?;
/// let mut out = Derivative::default();
/// prepared.run(&[3.0, 1.0], &mut out)?;
/// let error = out.error_estimate.unwrap()[0]; // the adaptive scheme's own
/// assert!((out.gradient[0] - 6.0).abs() <= 10.0 * error && error < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Numerical {
    /// Which one.
    pub scheme: Scheme,
    /// Evaluate all of f for every stencil point, also where little of it depends on the input that moved: finite
    /// differences as they are of a function that nobody can look into.
    pub whole: bool,
}

struct Ready {
    scheme: Scheme,
    value: CompiledFunction,
    outputs: usize,
    evaluations: u64,
}

impl Strategy for Numerical {
    fn spec(&self) -> StrategySpec {
        StrategySpec::Numerical(*self)
    }

    fn prepare(&self, f: &Function, _: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        let f = crate::unroll(f, budget)?;
        let needed = self.scheme.max_evaluations(f.input_count());
        if needed > budget.evaluations {
            let needed = needed as f64;
            return Err(Refusal::OverBudget { needed, budget: budget.evaluations, unit: Unit::Evaluations });
        }
        let outputs = f.outputs().len();
        let value = CompiledFunction::new(&f);
        let value = if self.whole { value.whole() } else { value };
        Ok(Box::new(Ready { scheme: self.scheme, value, outputs, evaluations: 0 }))
    }
}

impl Prepared for Ready {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        expect_point(x.len(), self.value.program().inputs());
        let value = &mut self.value;
        let found =
            numerical::differentiate(self.scheme, x, self.outputs, |batch, out| value.run_batch(batch, out));
        self.evaluations = found.evaluations;
        out.values = found.values;
        out.gradient = found.derivative;
        out.error_estimate = found.error;
        out.blind = found.blind;
        Ok(())
    }

    fn cost(&self) -> Cost {
        let program = self.value.program();
        Cost {
            evaluations: self.evaluations,
            nodes: program.steps() as u64,
            bytes: self.value.bytes() as u64,
        }
    }
}

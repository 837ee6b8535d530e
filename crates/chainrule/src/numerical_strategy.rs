//! Finite differences as a strategy: values of the compiled function, and nothing else of it.

use expr::{Function, UnrollError, expect_point};
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
    most_work: f64,
    evaluations: u64,
}

impl Strategy for Numerical {
    fn spec(&self) -> StrategySpec {
        StrategySpec::Numerical(*self)
    }

    fn prepare(&self, f: &Function, _: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        let value = self.compiled(f, budget)?;
        let outputs = value.outputs();
        let mut value = if self.whole { value.whole() } else { value };
        let all = self.scheme.max_evaluations(value.inputs()) as f64 * value.work() as f64;
        let each = (self.scheme.max_evaluations(1) - 1) as f64;
        let one = value.work() as f64;
        let most_work = value.moved_work().map_or(all, |moved| each * moved as f64 + one);
        Ok(Box::new(Ready { scheme: self.scheme, value, outputs, most_work, evaluations: 0 }))
    }
}

/// A function of more nodes is run with its loops, where these are kept and that takes no more work than is granted. Unrolled it
/// may run faster, as an input that moves runs only what depends on it; but building it takes longer than either.
const MOST_UNROLLED: u64 = 2_000_000;
/// Evaluations of single nodes that a gradient through loops may take.
const MOST_WORK: u64 = 20_000_000_000;

impl Numerical {
    fn compiled(&self, f: &Function, budget: &Budget) -> Result<CompiledFunction, Refusal> {
        let within = |inputs: usize| {
            let needed = self.scheme.max_evaluations(inputs);
            match needed > budget.evaluations {
                true => Err(Refusal::OverBudget {
                    needed: needed as f64,
                    budget: budget.evaluations,
                    unit: Unit::Evaluations,
                }),
                false => Ok(needed),
            }
        };
        match f.unroll(budget.nodes.min(MOST_UNROLLED)) {
            Ok(flat) => {
                within(flat.input_count())?;
                return Ok(CompiledFunction::new(&flat));
            }
            Err(UnrollError::TooLarge { .. } | UnrollError::OutOfMemory { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let mut most = f64::INFINITY;
        if let Some(rolled) = CompiledFunction::rolled(f, budget)? {
            let evaluations = within(rolled.inputs())?;
            most = evaluations as f64 * rolled.steps() as f64;
            if most <= MOST_WORK as f64 {
                return Ok(rolled);
            }
        }
        match f.unroll(budget.nodes) {
            Ok(flat) => {
                within(flat.input_count())?;
                Ok(CompiledFunction::new(&flat))
            }
            Err(UnrollError::TooLarge { .. }) if most.is_finite() => {
                Err(Refusal::OverBudget { needed: most, budget: MOST_WORK, unit: Unit::NodeEvaluations })
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Prepared for Ready {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        expect_point(x.len(), self.value.inputs());
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

    fn most_work(&self) -> f64 {
        self.most_work
    }

    fn cost(&self) -> Cost {
        Cost {
            evaluations: self.evaluations,
            nodes: self.value.steps() as u64,
            bytes: self.value.bytes() as u64,
        }
    }
}

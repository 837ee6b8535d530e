//! Finite differences as a strategy: values of the compiled function, and nothing else of it.

use expr::{Function, UnrollError, expect_point};
use numerical::Scheme;

use crate::compiled::CompiledFunction;
use crate::kinds::{Seeds, Want, numerical as kinds};
use crate::spec::StrategySpec;
use crate::strategy::{Budget, Cost, Derivative, Prepared, Refusal, Strategy, Unit};

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
    want: Want,
    value: CompiledFunction,
    outputs: usize,
    most_work: f64,
    evaluations: u64,
    /// How many there may be.
    budget: u64,
}

impl Strategy for Numerical {
    fn spec(&self) -> StrategySpec {
        StrategySpec::Numerical(*self)
    }

    fn prepare(&self, f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        let value = self.compiled(f, want, budget)?;
        want.within(value.inputs(), value.outputs(), budget)?;
        let outputs = value.outputs();
        let mut value = if self.whole { value.whole() } else { value };
        let one = value.work() as f64;
        let all = kinds::max_evaluations(self.scheme, want, value.inputs(), 1) as f64 * one;
        let each = (self.scheme.max_evaluations(1) - 1) as f64;
        // Only where each point moves one input is less than all of the function run.
        let moved = if want.is_second() || want == Want::Jvp { None } else { value.moved_work() };
        let most_work = moved.map_or(all, |moved| each * moved as f64 + one);
        let budget = budget.evaluations;
        Ok(Box::new(Ready { scheme: self.scheme, want, value, outputs, most_work, evaluations: 0, budget }))
    }
}

/// A function of more nodes is run with its loops, where these are kept and that takes no more work than is granted. Unrolled it
/// may run faster, as an input that moves runs only what depends on it; but building it takes longer than either.
const MOST_UNROLLED: u64 = 2_000_000;
/// Evaluations of single nodes that a gradient through loops may take.
const MOST_WORK: u64 = 20_000_000_000;

impl Numerical {
    fn compiled(&self, f: &Function, want: Want, budget: &Budget) -> Result<CompiledFunction, Refusal> {
        let within = |inputs: usize| {
            let needed = kinds::max_evaluations(self.scheme, want, inputs, 1);
            granted(needed, budget.evaluations).map(|()| needed)
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

fn granted(needed: u64, budget: u64) -> Result<(), Refusal> {
    match needed > budget {
        true => Err(Refusal::OverBudget { needed: needed as f64, budget, unit: Unit::Evaluations }),
        false => Ok(()),
    }
}

impl Prepared for Ready {
    fn run_with(&mut self, x: &[f64], seeds: Seeds<'_>, out: &mut Derivative) -> Result<(), Refusal> {
        if self.want == Want::Gradient {
            seeds.products(self.want, x.len(), self.outputs);
            return self.run(x, out);
        }
        let products = seeds.products(self.want, self.value.inputs(), self.outputs);
        granted(kinds::max_evaluations(self.scheme, self.want, self.value.inputs(), products), self.budget)?;
        self.evaluations = kinds::run(self.scheme, &mut self.value, self.want, x, seeds, out);
        Ok(())
    }

    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        if self.want != Want::Gradient {
            return self.run_with(x, Seeds::NONE, out);
        }
        expect_point(x.len(), self.value.inputs());
        out.make_room(self.outputs, x.len());
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

//! The complex step as a strategy: the same program, run over complex numbers.

use engine::{Program, Workspace};
use expr::{Complex, Function, expect_point};

use crate::kinds::complex_step::Values;
use crate::kinds::{Seeds, Want};
use crate::spec::StrategySpec;
use crate::strategy::{Budget, Cost, Derivative, Prepared, Refusal, Strategy, Unit};

/// The numerical strategy by a complex step.
///
/// ```
/// use chainrule::{Budget, ComplexStep, Derivative, Strategy, Want};
/// let f = chainrule::parse("exp(x)*sin(x)")?;
/// let mut out = Derivative::default();
/// ComplexStep.prepare(&f, Want::Gradient, &Budget::default())?.run(&[1.5], &mut out)?;
/// assert!((out.gradient[0] - 1.5f64.exp() * (1.5f64.sin() + 1.5f64.cos())).abs() < 1e-14);
/// // An operator without a complex value is refused when the function is prepared.
/// let refused = ComplexStep.prepare(&chainrule::parse("erf(x)")?, Want::Gradient, &Budget::default());
/// assert_eq!(refused.err().unwrap().to_string(), "erf has no complex value here");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ComplexStep;

struct Ready {
    want: Want,
    program: Program,
    workspace: Workspace<Complex>,
    point: Vec<Complex>,
    found: Vec<Complex>,
    evaluations: u64,
}

impl Strategy for ComplexStep {
    fn spec(&self) -> StrategySpec {
        StrategySpec::ComplexStep
    }

    fn prepare(&self, f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        if want.is_second() {
            return Err(Refusal::NotOffered { spec: self.spec(), want });
        }
        let f = crate::unroll(f, budget)?;
        let operators = || f.graph().nodes().iter().filter_map(|node| node.op());
        if let Some(op) = operators().find(|&op| !Complex::continues(op)) {
            return Err(Refusal::NoComplexValue { operator: op.name() });
        }
        let needed = 1 + f.input_count() as u64;
        if needed > budget.evaluations {
            return Err(Refusal::OverBudget {
                needed: needed as f64,
                budget: budget.evaluations,
                unit: Unit::Evaluations,
            });
        }
        want.within(f.input_count(), f.outputs().len(), budget)?;
        let program = Program::compile(&f);
        let workspace = program.workspace(|re| Complex { re, im: 0.0 });
        let numbers = |count: usize| vec![Complex { re: 0.0, im: 0.0 }; count];
        let (point, found) = (numbers(f.input_count()), numbers(f.outputs().len()));
        Ok(Box::new(Ready { want, program, workspace, point, found, evaluations: 0 }))
    }
}

impl Prepared for Ready {
    fn run_with(&mut self, x: &[f64], seeds: Seeds<'_>, out: &mut Derivative) -> Result<(), Refusal> {
        let Ready { want, program, workspace, point, found, evaluations } = self;
        if *want == Want::Gradient {
            seeds.products(*want, point.len(), found.len());
            return self.run(x, out);
        }
        *evaluations = Values { program, workspace, point, found }.run(*want, x, seeds, out);
        Ok(())
    }

    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        if self.want != Want::Gradient {
            return self.run_with(x, Seeds::NONE, out);
        }
        expect_point(x.len(), self.point.len());
        let Ready { program, workspace, point, found: values, .. } = self;
        let found = numerical::complex_step(x, program.outputs().len(), |pairs, out| {
            for (point, &(re, im)) in point.iter_mut().zip(pairs) {
                *point = Complex { re, im };
            }
            program.run(workspace, point, values);
            for (out, value) in out.iter_mut().zip(&*values) {
                *out = (value.re, value.im);
            }
        });
        self.evaluations = found.evaluations;
        out.make_room(self.found.len(), x.len());
        out.values = found.values;
        out.gradient = found.derivative;
        Ok(())
    }

    fn cost(&self) -> Cost {
        let bytes = (self.program.bytes() + self.program.slots() * 16) as u64;
        Cost { evaluations: self.evaluations, nodes: self.program.steps() as u64, bytes }
    }
}

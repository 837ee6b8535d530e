//! Backpropagation over double-double numbers: the same program, for functions that lose digits.

use backprop::{Adjoint, Workspace};
use expr::{DoubleDouble, Function, expect_point};

use crate::kinds::{self, Want};
use crate::spec::{Precision, StrategySpec};
use crate::strategy::{Budget, Cost, Derivative, Prepared, Refusal, Strategy};

/// One forward and one backward pass over numbers of some 32 digits, rounded at the end: within a unit in the last place
/// of the truth unless the function loses more than 12 digits, at some fifty times the cost.
///
/// ```
/// use chainrule::{AccurateBackprop, Budget, Derivative, Strategy, Want};
/// // Of the slope in doubles no digit is right here, not even the sign.
/// let f = chainrule::parse("(1 - cos(x))/x^2")?;
/// let mut out = Derivative::default();
/// AccurateBackprop.prepare(&f, Want::Gradient, &Budget::default())?.run(&[1e-4], &mut out)?;
/// assert_eq!(out.gradient, [-8.333333327777778e-6]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct AccurateBackprop;

struct Ready {
    adjoint: Adjoint,
    workspace: Workspace<DoubleDouble>,
    x: Vec<DoubleDouble>,
    values: Vec<DoubleDouble>,
    gradient: Vec<DoubleDouble>,
}

impl Strategy for AccurateBackprop {
    fn spec(&self) -> StrategySpec {
        StrategySpec::Backprop(Precision::Accurate)
    }

    fn prepare(&self, f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        if want != Want::Gradient {
            return kinds::accurate::prepare(f, want, budget);
        }
        let f = crate::unroll(f, budget)?;
        let adjoint = Adjoint::compile(&f);
        let workspace = adjoint.workspace_in(&f);
        let numbers = |count: usize| vec![DoubleDouble::from(0.0); count];
        let (inputs, outputs) = (f.input_count(), f.outputs().len());
        Ok(Box::new(Ready {
            adjoint,
            workspace,
            x: numbers(inputs),
            values: numbers(outputs),
            gradient: numbers(inputs * outputs),
        }))
    }
}

impl Prepared for Ready {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        expect_point(x.len(), self.x.len());
        self.x.iter_mut().zip(x).for_each(|(slot, &x)| *slot = x.into());
        self.adjoint.run(&mut self.workspace, &self.x, &mut self.values, &mut self.gradient);
        out.make_room(self.values.len(), x.len());
        let nearest = |numbers: &[DoubleDouble], into: &mut Vec<f64>| {
            into.clear();
            into.extend(numbers.iter().map(|number| number.hi));
        };
        nearest(&self.values, &mut out.values);
        nearest(&self.gradient, &mut out.gradient);
        Ok(())
    }

    fn cost(&self) -> Cost {
        // Twice the bytes of the plain form, but for the program itself.
        let bytes = self.adjoint.bytes() + self.adjoint.program().slots() * 16;
        Cost { evaluations: 1, nodes: self.adjoint.steps() as u64, bytes: bytes as u64 }
    }
}

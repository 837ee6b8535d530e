//! A strategy by its spec.

use expr::Function;

use crate::kinds::Want;
use crate::spec::{Precision, StrategyName, StrategySpec};
use crate::strategy::{Budget, Prepared, Refusal, Strategy};
use crate::{AccurateBackprop, Backprop, ComplexStep};

/// The three strategies in their default variants.
///
/// ```
/// use chainrule::{Budget, Derivative, Want, strategies};
/// let f = chainrule::parse("x^2*y")?;
/// for strategy in strategies() {
///     let mut out = Derivative::default();
///     strategy.prepare(&f, Want::Gradient, &Budget::default())?.run(&[3.0, 1.0], &mut out)?;
///     assert!((out.gradient[0] - 6.0).abs() < 1e-9, "{}", strategy.spec());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn strategies() -> Vec<Box<dyn Strategy>> {
    let default = |name| -> Box<dyn Strategy> { Box::new(StrategySpec::from(name)) };
    StrategyName::ALL.map(default).into()
}

impl Strategy for StrategySpec {
    fn spec(&self) -> StrategySpec {
        *self
    }

    fn prepare(&self, f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        match self {
            StrategySpec::Numerical(numerical) => numerical.prepare(f, want, budget),
            StrategySpec::ComplexStep => ComplexStep.prepare(f, want, budget),
            #[cfg(feature = "symbolic")]
            StrategySpec::Symbolic(symbolic) => symbolic.prepare(f, want, budget),
            StrategySpec::Backprop(Precision::Standard) => Backprop.prepare(f, want, budget),
            StrategySpec::Backprop(Precision::Accurate) => AccurateBackprop.prepare(f, want, budget),
        }
    }
}

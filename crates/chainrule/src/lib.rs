//! Differentiate a function, and know how far to trust the answer.
//!
//! ```
//! let f = chainrule::gradient("x^2 + 7*y")?;
//! assert_eq!(f.at(&[3.0, 1.0]), [6.0, 7.0]);
//! # Ok::<(), chainrule::GradientError>(())
//! ```
//!
//! A function is written down once, as text or with [`expr::Function::build`], and kept as a graph. Three strategies
//! differentiate that graph: [`Numerical`], [`Symbolic`] and [`Backprop`].
//!
//! | task | use |
//! |---|---|
//! | the gradient of a text at some points | [`gradient`] |
//! | gradients without allocations, budgets, another strategy | [`Strategy::prepare`] |
//! | many points at once, sums over rows of data | [`Many`] |
//! | a check of a gradient that you wrote by hand | [`check_gradient`], [`assert_gradient!`] |
//! | the right digits, proved | [`reference::certify`] |
//! | a formula, or source code of it | [`symbolic::export`] |
//! | the derivative of any Rust closure | [`numerical::gradient`] |
//!
//! A function with a size, at points of any length:
//!
//! ```
//! let f = chainrule::gradient("sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)")?;
//! assert_eq!(f.at(&[1.0, 1.0, 1.0, 1.0]), [0.0; 4]);
//! # Ok::<(), chainrule::GradientError>(())
//! ```
//!
//! One strategy for another, prepared once and run without allocations, within a budget that is a count:
//!
//! ```
//! use chainrule::{Backprop, Budget, Derivative, Numerical, Strategy, Symbolic, Want};
//! let f = chainrule::expr::parse("sin(x*y) + exp(x/y)")?;
//! let strategies: [&dyn Strategy; 3] = [&Numerical::default(), &Symbolic::default(), &Backprop];
//! for strategy in strategies {
//!     let mut prepared = strategy.prepare(&f, Want::Gradient, &Budget::default())?;
//!     let mut out = Derivative::default();
//!     prepared.run(&[1.0, 2.0], &mut out)?;
//!     assert!((out.gradient[0] - (2.0 * 2f64.cos() + 0.5f64.exp() / 2.0)).abs() < 1e-10);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A gradient that you wrote by hand:
//!
//! ```
//! chainrule::assert_gradient!(|x: &[f64]| x[0].powi(3), |x: &[f64]| [3.0 * x[0].powi(2)], &[1.5]);
//! ```
//!
//! The right digits of a derivative, whatever the function does to doubles:
//!
//! ```
//! use chainrule::reference::{Limits, certify};
//! let f = chainrule::expr::parse("(1 - cos(x))/x^2")?;
//! let certified = certify(&f, &[1e-8], &Limits::default());
//! assert_eq!(certified.gradients[0][0].known(), Some(-8.333333333333333e-10));
//! # Ok::<(), chainrule::expr::Diagnostic>(())
//! ```

/// README's samples in Rust are run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

mod accurate;
mod backprop_strategy;
mod check;
mod complex_step;
mod digits;
mod gradient;
mod many;
mod numerical_strategy;
mod random;
mod simplified;
mod spec;
mod strategy;
mod symbolic_strategy;
mod value;

pub use {backprop, engine, expr, numerical, reference, symbolic};

pub use accurate::AccurateBackprop;
pub use backprop_strategy::Backprop;
pub use check::{
    Agreement, CheckOptions, CheckedComponent, GradientCheck, Slope, WrongLength, check_gradient,
    check_gradient_with,
};
pub use complex_step::ComplexStep;
pub use gradient::{Gradient, GradientError, gradient};
pub use many::{Column, Many, Total, on_threads};
pub use numerical_strategy::Numerical;
pub use random::Random;
pub use simplified::{Decision, Fault, Simplification, simplified};
pub use spec::{ParseStrategyError, Precision, StrategyName, StrategySpec, strategies};
pub use strategy::{Budget, Cost, Derivative, Formulas, Prepared, Refusal, Remark, Strategy, Unit, Want};
pub use symbolic_strategy::Symbolic;
pub use value::Value;

/// A function without axes, within the budget.
fn unroll(f: &expr::Function, budget: &Budget) -> Result<expr::Function, Refusal> {
    Ok(f.unroll(budget.nodes)?)
}

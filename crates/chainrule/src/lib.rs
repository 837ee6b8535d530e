//! Differentiate a function, and know how far to trust the answer.
//!
//! ```
//! let f = chainrule::gradient("x^2 + 7*y")?;
//! assert_eq!(f.at(&[3.0, 1.0]), [6.0, 7.0]);
//! # Ok::<(), chainrule::GradientError>(())
//! ```
//!
//! A function is written down once, as text or with [`Function::build`], and kept as a graph. Three strategies
//! differentiate that graph: [`Numerical`], [`Symbolic`] and [`Backprop`].
//!
//! | task | use |
//! |---|---|
//! | the gradient of a text at some points | [`gradient`] |
//! | gradients without allocations, budgets, another strategy | [`Strategy::prepare`] |
//! | many points at once, sums over rows of data | [`BatchGradient`] |
//! | a check of a gradient that you wrote by hand | [`check_gradient`], [`assert_gradient!`] |
//! | the right digits, proved | [`reference::certify`] |
//! | a formula, or source code of it | [`export::export`] |
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
//! let f = chainrule::parse("sin(x*y) + exp(x/y)")?;
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
//! let f = chainrule::parse("(1 - cos(x))/x^2")?;
//! let certified = certify(&f, &[1e-8], &Limits::default());
//! assert_eq!(certified.gradients[0][0].known(), Some(-8.333333333333333e-10));
//! # Ok::<(), chainrule::Diagnostic>(())
//! ```
//!
//! # Features
//!
//! All are there by default; a build without them has half as many dependencies.
//!
//! | feature | what it adds |
//! |---|---|
//! | `symbolic` | the symbolic strategy, derivatives as formulas and as source code; `reference` with it, which judges simplifications |
//! | `reference` | the certified derivative |
//! | `threads` | many points on all threads |

/// README's samples in Rust are run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

mod accurate;
mod backprop_strategy;
mod batch;
mod check;
mod choice;
mod compiled;
mod complex_step;
#[cfg(feature = "symbolic")]
mod digits;
mod gradient;
mod numerical_strategy;
mod random;
#[cfg(feature = "symbolic")]
mod simplified;
mod spec;
mod strategy;
#[cfg(feature = "symbolic")]
mod symbolic_strategy;

pub use expr::{Builder, Calculus, Expr, Function, Op, UnrollError};
pub use syntax::{Diagnostic, parse};

/// Finite differences and the complex step of any closure.
pub mod numerical {
    pub use numerical::{Batch, Blind, Jacobian, Scheme, complex_step, differentiate, gradient, quotient};
}

/// Derivatives as functions, of any order, simplified.
#[cfg(feature = "symbolic")]
pub mod symbolic {
    pub use symbolic::{
        Derivative, Derivatives, Limits, Mode, SizedDerivatives, TooLarge, differentiate,
        differentiate_for_readers, differentiate_repeatedly, differentiate_sized, simplify,
    };
}

/// Derivatives as text, LaTeX and source code.
#[cfg(feature = "symbolic")]
pub mod export {
    pub use export::{Caption, Inexpressible, Target, export, export_sized, latex_sized};
}

/// The backward pass of a function, compiled, or node by node.
pub mod backprop {
    pub use backprop::{Adjoint, Trace, Workspace, trace};
}

/// The certified derivative.
#[cfg(feature = "reference")]
pub mod reference {
    pub use reference::{Certificate, Component, How, KinkKind, Limits, Side, Total, certify};
}

pub use accurate::AccurateBackprop;
pub use backprop_strategy::Backprop;
#[cfg(feature = "threads")]
pub use batch::on_threads;
pub use batch::{BatchGradient, BatchInput, Total};
pub use check::{
    Agreement, CheckOptions, CheckedComponent, GradientCheck, Slope, WrongLength, check_gradient,
    check_gradient_with,
};
pub use choice::strategies;
pub use compiled::CompiledFunction;
pub use complex_step::ComplexStep;
pub use gradient::{Gradient, GradientError, gradient};
pub use numerical_strategy::Numerical;
pub use random::Random;
#[cfg(feature = "symbolic")]
pub use simplified::{Decision, Fault, Simplification, simplified};
pub use spec::{ParseStrategyError, Precision, StrategyName, StrategySpec};
pub use strategy::{Budget, Cost, Derivative, Formulas, Prepared, Refusal, Remark, Strategy, Unit, Want};
#[cfg(feature = "symbolic")]
pub use symbolic_strategy::Symbolic;

/// A function without axes, within the budget.
fn unroll(f: &expr::Function, budget: &Budget) -> Result<expr::Function, Refusal> {
    Ok(f.unroll(budget.nodes)?)
}

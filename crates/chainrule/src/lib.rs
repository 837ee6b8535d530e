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
//! | sums over rows that no one process sees all of | [`SumOver`], [`Partial`] |
//! | a check of a gradient that you wrote by hand | [`check_gradient`], [`assert_gradient!`] |
//! | the right digits, proved | [`reference::certify`] |
//! | a formula, or source code of it | [`export::export`] |
//! | the derivative of any Rust closure | [`numerical::gradient`] |
//!
//! # One point
//!
//! A point has one number per input, in the order in which the text names them.
//!
//! ```
//! let f = chainrule::gradient("x^2*y")?;
//! let found = f.derivative_at(&[3.0, 1.0])?;
//! assert_eq!((found.values, found.gradient), (vec![9.0], vec![6.0, 9.0]));
//! # Ok::<(), chainrule::GradientError>(())
//! ```
//!
//! [`StrategySpec`] names the other strategies. A function is prepared once, within a budget that is a count; what
//! backpropagation has prepared runs without allocations:
//!
//! ```
//! use chainrule::{Budget, Derivative, Strategy, StrategyName, StrategySpec, Want};
//! let f = chainrule::parse("sin(x*y) + exp(x/y)")?;
//! for name in StrategyName::ALL {
//!     let mut prepared = StrategySpec::from(name).prepare(&f, Want::Gradient, &Budget::default())?;
//!     let mut out = Derivative::default();
//!     prepared.run(&[1.0, 2.0], &mut out)?;
//!     assert!((out.gradient[0] - (2.0 * 2f64.cos() + 0.5f64.exp() / 2.0)).abs() < 1e-10);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Many points
//!
//! Inputs and results are columns; points are computed side by side, on all threads, with the bits that each has alone.
//!
//! ```
//! use chainrule::{BatchGradient, BatchInput::Each, Budget};
//! let f = BatchGradient::new(&chainrule::parse("x^2*y")?, &Budget::default())?;
//! let (x, y) = ([1.0, 2.0, 3.0], [5.0, 5.0, 7.0]);
//! let (mut values, mut gradients) = ([0.0; 3], [0.0; 6]);
//! f.values_and_gradients(&[Each(&x), Each(&y)], 3, &mut values, &mut gradients);
//! assert_eq!(values, [5.0, 20.0, 63.0]);
//! assert_eq!(gradients, [10.0, 20.0, 42.0, 1.0, 4.0, 9.0]); // by x at every point, then by y
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Fitting
//!
//! The loss of one row of data is written down; [`BatchGradient::total`] is its sum over rows, and the gradient of that by the
//! inputs that rows share. Gradient descent needs no more:
//!
//! ```
//! use chainrule::{BatchGradient, BatchInput::{Each, Shared}, Budget};
//! let loss = BatchGradient::new(&chainrule::parse("(a*x + b - y)^2")?, &Budget::default())?;
//! let (x, y) = ([0.0, 1.0, 2.0, 3.0], [1.0, 3.0, 5.0, 7.0]);
//! let (mut a, mut b) = (0.0, 0.0);
//! for _ in 0..500 {
//!     let total = loss.total(&[Shared(a), Each(&x), Shared(b), Each(&y)], x.len());
//!     a -= 0.03 * total.gradient[0];
//!     b -= 0.03 * total.gradient[1];
//! }
//! assert!((a - 2.0).abs() < 1e-9 && (b - 1.0).abs() < 1e-9);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Hessian
//!
//! Likewise Jacobians, and products of both with vectors:
//!
//! ```
//! let f = chainrule::hessian("x^2*y + y^3")?;
//! assert_eq!(f.at(&[2.0, 1.0]), [2.0, 4.0, 4.0, 6.0]); // row after row
//! let f = chainrule::hvp("x^2*y + y^3")?; // without the matrix
//! assert_eq!(f.at(&[2.0, 1.0], &[1.0, 10.0]), [42.0, 64.0]);
//! let f = chainrule::jacobian("f(x, y) = [x*y, x + y, y^2]")?;
//! assert_eq!(f.at(&[2.0, 3.0]), [3.0, 2.0, 1.0, 1.0, 0.0, 6.0]);
//! # Ok::<(), chainrule::GradientError>(())
//! ```
//!
//! [`Want`] names the kinds, and every strategy finds them: numerically, by formulas, and by passes one over the other.
//!
//! | want | rows x columns | seeds |
//! |---|---|---|
//! | [`Want::Jacobian`] | outputs x inputs | |
//! | [`Want::Jvp`] | outputs x products | [`Seeds::along`] |
//! | [`Want::Vjp`] | products x inputs | [`Seeds::weights`] |
//! | [`Want::Hessian`] | inputs x inputs | weights of the outputs, if they are not 1 |
//! | [`Want::HessianDiagonal`] | 1 x inputs | likewise |
//! | [`Want::Hvp`] | inputs x products | [`Seeds::along`], and likewise |
//!
//! ```
//! use chainrule::{Budget, Derivative, Seeds, Strategy, Want, strategies};
//! let f = chainrule::parse("x^2*y + y^3")?;
//! for strategy in strategies() {
//!     let mut hessian = strategy.prepare(&f, Want::Hessian, &Budget::default())?;
//!     let mut out = Derivative::default();
//!     hessian.run_with(&[2.0, 1.0], Seeds::NONE, &mut out)?;
//!     for (entry, right) in out.entries.iter().zip([2.0, 4.0, 4.0, 6.0]) {
//!         assert!((entry - right).abs() < 1e-6, "{}", strategy.spec());
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! As formulas, and of any order, mixed derivatives once:
//!
//! ```
//! # #[cfg(feature = "symbolic")] {
//! use chainrule::symbolic::differentiate_repeatedly;
//! let f = chainrule::parse("x^2*y + y^3")?;
//! let derivatives = differentiate_repeatedly(&f, &[0, 1], 2, 10_000)?; // by x and y, at most 10,000 nodes
//! assert_eq!(derivatives.highest().evaluate((), &[2.0, 1.0]), [2.0, 4.0, 6.0]); // xx, xy, yy
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Sizes
//!
//! A size is bound by name, or has the value that fits the length of the point:
//!
//! ```
//! let f = chainrule::gradient("sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)")?;
//! assert_eq!(f.at(&[1.0, 1.0, 1.0, 1.0]), [0.0; 4]);
//! let f = chainrule::gradient("iterate(k, 1, n, y, x, 2*y)")?.with_size("n", 10)?;
//! assert_eq!(f.at(&[1.0]), [1024.0]);
//! # Ok::<(), chainrule::GradientError>(())
//! ```
//!
//! [`Strategy::prepare`] takes a function with its sizes bound: `chainrule::parse(text)?.with_sizes(&[("n", 10)])?`.
//!
//! # Errors
//!
//! Every error is a type with fields, and a message with [`Display`](std::fmt::Display):
//!
//! | what is wrong | type |
//! |---|---|
//! | a text | [`Diagnostic`] from [`parse`]; in [`gradient`], a [`GradientError`] that shows the place |
//! | a point's length, a size without a value | [`GradientError`] from [`Gradient::try_at`]; with [`Gradient::at`] a panic with its words |
//! | a function beyond the [`Budget`], or beyond what a strategy can do | [`Refusal`] from [`Strategy::prepare`], [`Prepared::run`] and [`BatchGradient::new`] |
//! | sizes and indices | [`UnrollError`], alone or in one of the others |
//! | the name of a strategy | [`ParseStrategyError`] |
//! | formulas and source code | [`symbolic::TooLarge`], [`symbolic::NeedsSizes`], [`export::Inexpressible`] |
//! | the length of a gradient to check | [`WrongLength`] from [`check_gradient`] |
//! | the length of a point or a column for what is prepared already | a panic with both lengths |
//!
//! Where a function has no value the answer is NaN, and at a pole an infinity; neither is an error.
//!
//! ```
//! use chainrule::{BatchGradient, Budget, Refusal, Unit};
//! let wrong = chainrule::gradient("x +* y").unwrap_err().to_string();
//! assert!(wrong.starts_with("error: `*` where an expression should be\n --> function:1:4"));
//! let wrong = chainrule::gradient("x*y")?.try_at(&[1.0]).unwrap_err().to_string();
//! assert_eq!(wrong, "the point has 1 number; the function has 2 inputs");
//! let large = chainrule::parse("sum(i, 1, 10^9, x[i]^2)")?;
//! let refused = BatchGradient::new(&large, &Budget::default()).unwrap_err();
//! assert!(matches!(refused, Refusal::OverBudget { unit: Unit::Nodes, .. }));
//! assert!(chainrule::gradient("ln(x)")?.at(&[-1.0])[0].is_nan());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Kinks
//!
//! Where one-sided slopes differ, [`Symbolic`] and [`Backprop`] answer by convention and do not say so: 0 for `abs`, `sign`,
//! `relu` and `floor`, a half for each argument of `max` and `min` where these are equal, the slope of the branch that `if`
//! takes; simplified formulas may differ there. The adaptive finite differences of [`Numerical`] say in
//! [`Derivative::blind`] that they see a kink, and [`reference::certify`] proves it:
//!
//! ```
//! # #[cfg(feature = "reference")] {
//! use chainrule::reference::{Component, KinkKind, Limits, certify};
//! let f = chainrule::gradient("abs(x)")?;
//! assert_eq!(f.at(&[0.0]), [0.0]);
//! let certified = certify(f.function(), &[0.0], &Limits::default());
//! let Component::Kink { kind, hull, .. } = certified.gradients[0][0] else { panic!("a kink") };
//! assert_eq!((kind, hull), (KinkKind::Corner, [-1.0, 1.0])); // the slopes of both sides
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Trust
//!
//! A gradient that you wrote by hand, checked by values of the function alone:
//!
//! ```
//! chainrule::assert_gradient!(|x: &[f64]| x[0].powi(3), |x: &[f64]| [3.0 * x[0].powi(2)], &[1.5]);
//! ```
//!
//! The right digits of a derivative, whatever the function does to doubles:
//!
//! ```
//! # #[cfg(feature = "reference")] {
//! use chainrule::reference::{Limits, certify};
//! let f = chainrule::parse("(1 - cos(x))/x^2")?;
//! let certified = certify(&f, &[1e-8], &Limits::default());
//! assert_eq!(certified.gradients[0][0].known(), Some(-8.333333333333333e-10));
//! # }
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
mod kept;
mod kinds;
mod numerical_strategy;
mod partial;
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
///
/// ```
/// use chainrule::numerical::{Scheme, gradient};
/// let found = gradient(Scheme::Adaptive, &[3.0, 1.0], |x| x[0] * x[0] * x[1]);
/// assert!((found.derivative[0] - 6.0).abs() < 1e-9);
/// ```
pub mod numerical {
    pub use numerical::{Batch, Blind, Jacobian, Scheme, complex_step, differentiate, gradient, quotient};
}

/// Derivatives as functions, of any order, simplified.
///
/// ```
/// use chainrule::symbolic::{Limits, Mode, differentiate, simplify};
/// let f = chainrule::parse("x^2*y")?;
/// let derived = differentiate(&f, Mode::Auto, 10_000)?;
/// let simple = simplify(&derived.function, &Limits::default()).function;
/// assert_eq!(simple.evaluate((), &[3.0, 1.0]), [9.0, 6.0, 9.0]); // f, and its partial derivatives
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "symbolic")]
pub mod symbolic {
    pub use symbolic::{
        Derivative, Derivatives, Limits, Mode, NeedsSizes, Place, SizedDerivatives, TooLarge, differentiate,
        differentiate_for_readers, differentiate_repeatedly, differentiate_sized, simplify,
    };
}

/// Derivatives as text, LaTeX and source code.
///
/// ```
/// use chainrule::export::{Caption, Target, export};
/// use chainrule::symbolic::differentiate_for_readers;
/// let f = chainrule::parse("x^2*sin(y)")?;
/// let (derivatives, _) = differentiate_for_readers(&f, &[0, 1], 1, 10_000)?;
/// let code = export(&derivatives, Target::C, Caption { name: "f", text: "x^2*sin(y)" })?;
/// assert!(code.contains("double f_and_gradient(double x, double y, double gradient[2])"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "symbolic")]
pub mod export {
    pub use export::{Caption, Inexpressible, Target, export, export_sized, latex_sized};
}

/// The backward pass of a function, compiled, or node by node.
///
/// ```
/// use chainrule::backprop::trace;
/// let trace = trace(&chainrule::parse("q = x + y; q*z")?, &[-2.0, 5.0, -4.0]);
/// let q = trace.nodes.iter().find(|node| node.name.as_deref() == Some("q")).unwrap();
/// assert_eq!((q.value, q.gradient), (3.0, -4.0)); // forward, and backward
/// # Ok::<(), chainrule::Diagnostic>(())
/// ```
pub mod backprop {
    pub use backprop::{Adjoint, Trace, Workspace, trace};
}

/// The certified derivative.
///
/// ```
/// use chainrule::reference::{Limits, certify};
/// let certified = certify(&chainrule::parse("sin(x)/x")?, &[0.0], &Limits::default());
/// assert_eq!(certified.gradients[0][0].word(), "removable");
/// assert_eq!(certified.gradients[0][0].known(), Some(0.0));
/// # Ok::<(), chainrule::Diagnostic>(())
/// ```
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
pub use kinds::{Matrix, ParseWantError, Product, Seeds, Want, hessian, hvp, jacobian, jvp, vjp};
pub use numerical_strategy::Numerical;
pub use partial::{Order, Partial, PartialError, Place, RowPlace, RowTotal, SumOver, Tally};
pub use random::Random;
#[cfg(feature = "symbolic")]
pub use simplified::{Decision, Fault, Simplification, simplified};
pub use spec::{ParseStrategyError, Precision, StrategyName, StrategySpec};
pub use strategy::{Budget, Cost, Derivative, Formulas, Prepared, Refusal, Remark, Strategy, Unit};
#[cfg(feature = "symbolic")]
pub use symbolic_strategy::Symbolic;

/// A function without axes, within the budget.
fn unroll(f: &expr::Function, budget: &Budget) -> Result<expr::Function, Refusal> {
    Ok(f.unroll(budget.nodes)?)
}

/// How many scalar inputs a function has, known without unrolling it where its loops say so.
fn input_count(f: &expr::Function, budget: &Budget) -> Result<usize, UnrollError> {
    let shapes = f.shapes(budget.nodes)?;
    let blocks = f.graph().blocks().iter().zip(&shapes);
    let inputs = blocks.filter(|(block, _)| block.role != expr::graph::Role::Data);
    Ok(inputs.map(|(_, shape)| shape.iter().product::<usize>()).sum())
}

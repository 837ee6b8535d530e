//! One dependency for users: the strategies behind one contract.
//!
//! ```
//! use chainrule::{Budget, Derivative, Strategy, Want};
//! let f = chainrule::expr::parse("sin(x*y) + exp(x/y)").unwrap();
//! let mut gradient = chainrule::Backprop.prepare(&f, Want::Gradient, &Budget::default()).unwrap();
//! let mut out = Derivative::default();
//! gradient.run(&[1.0, 2.0], &mut out).unwrap();
//! assert_eq!(out.gradient[0], 2.0 * 2f64.cos() + 0.5f64.exp() / 2.0);
//! ```

mod accurate;
mod backprop_strategy;
mod check;
mod complex_step;
mod digits;
mod many;
mod numerical_strategy;
mod random;
mod simplified;
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
pub use many::{Column, Many, Total, on_threads};
pub use numerical_strategy::Numerical;
pub use random::Random;
pub use simplified::{Simplification, simplified};
pub use strategy::{Budget, Cost, Derivative, Prepared, Refusal, Strategy, Unit, Want};
pub use symbolic_strategy::Symbolic;
pub use value::Value;

/// The names of the strategies, in the order in which they are shown.
pub const STRATEGIES: [&str; 3] = ["numerical", "symbolic", "backprop"];

/// A strategy by its name, and the form of it by its own (the default one if none is given).
///
/// # Errors
/// What is wrong with the name.
pub fn strategy(name: &str, variant: Option<&str>) -> Result<Box<dyn Strategy>, String> {
    match name {
        "numerical" => {
            if variant == Some("complex-step") {
                return Ok(Box::new(ComplexStep));
            }
            let scheme = variant.map_or(Ok(numerical::Scheme::default()), str::parse);
            Ok(Box::new(Numerical { scheme: scheme.map_err(|error| error.to_string())?, whole: false }))
        }
        "symbolic" => {
            let variant = variant.unwrap_or("auto+egg");
            let (arm, egg) = match variant.strip_suffix("+egg") {
                Some(arm) => (arm, true),
                None => (variant, false),
            };
            let arm = arm.parse().map_err(|error: symbolic::ParseArmError| error.to_string())?;
            Ok(Box::new(Symbolic { arm, egg, ..Symbolic::default() }))
        }
        "backprop" => match variant {
            None | Some("standard") => Ok(Box::new(Backprop)),
            Some("accurate") => Ok(Box::new(AccurateBackprop)),
            Some(other) => Err(format!("{other}: backprop has the forms standard and accurate")),
        },
        _ => Err(format!("{name} is no strategy; there are {}", STRATEGIES.join(", "))),
    }
}

/// A function without axes, within the budget.
fn unroll(f: &expr::Function, budget: &Budget) -> Result<expr::Function, Refusal> {
    Ok(f.unroll(budget.nodes)?)
}

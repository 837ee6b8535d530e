//! What is asked for, and what it is asked with.

use std::fmt;
use std::str::FromStr;

use expr::expect_length;

use crate::strategy::{Budget, Derivative, Refusal, Unit};

/// What is asked for.
///
/// ```
/// use chainrule::{Backprop, Budget, Derivative, Seeds, Strategy, Want};
/// let f = chainrule::parse("[x*y, x + y]")?;
/// let mut out = Derivative::default();
/// Backprop.prepare(&f, Want::Gradient, &Budget::default())?.run(&[2.0, 3.0], &mut out)?;
/// assert_eq!(out.gradient, [3.0, 2.0, 1.0, 1.0]);
/// let mut hessian = Backprop.prepare(&f, Want::Hessian, &Budget::default())?;
/// hessian.run_with(&[2.0, 3.0], Seeds { weights: &[10.0, 1.0], ..Seeds::NONE }, &mut out)?; // of 10*x*y + x + y
/// assert_eq!((out.shape, &out.entries[..]), ([2, 2], &[0.0, 10.0, 10.0, 0.0][..]));
/// assert_eq!((&out.values[..], &out.gradient[..]), (&[6.0, 5.0][..], &[31.0, 21.0][..]));
/// assert_eq!("hessian-diagonal".parse(), Ok(Want::HessianDiagonal));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Want {
    /// The gradient of every output with respect to every input.
    #[default]
    Gradient,
    /// The matrix of all first derivatives: a row per output, a column per input.
    Jacobian,
    /// The Jacobian times directions.
    Jvp,
    /// Weights times the Jacobian.
    Vjp,
    /// The matrix of all second derivatives of the weighted sum of the outputs.
    Hessian,
    /// Its diagonal.
    HessianDiagonal,
    /// The Hessian times directions.
    Hvp,
}

impl Want {
    /// All of them.
    ///
    /// ```
    /// use chainrule::Want;
    /// assert!(Want::ALL.into_iter().all(|want| want.as_str().parse() == Ok(want)));
    /// ```
    pub const ALL: [Want; 7] = [
        Want::Gradient,
        Want::Jacobian,
        Want::Jvp,
        Want::Vjp,
        Want::Hessian,
        Want::HessianDiagonal,
        Want::Hvp,
    ];

    /// As it is typed.
    ///
    /// ```
    /// assert_eq!(chainrule::Want::HessianDiagonal.as_str(), "hessian-diagonal");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Want::Gradient => "gradient",
            Want::Jacobian => "jacobian",
            Want::Jvp => "jvp",
            Want::Vjp => "vjp",
            Want::Hessian => "hessian",
            Want::HessianDiagonal => "hessian-diagonal",
            Want::Hvp => "hvp",
        }
    }

    /// Whether it is made of second derivatives.
    ///
    /// ```
    /// use chainrule::Want;
    /// assert!(Want::Hvp.is_second() && !Want::Jvp.is_second());
    /// ```
    pub const fn is_second(self) -> bool {
        matches!(self, Want::Hessian | Want::HessianDiagonal | Want::Hvp)
    }

    /// Whether it is a product with directions.
    ///
    /// ```
    /// use chainrule::Want;
    /// assert!(Want::Jvp.takes_directions() && !Want::Vjp.takes_directions()); // that takes weights
    /// ```
    pub const fn takes_directions(self) -> bool {
        matches!(self, Want::Jvp | Want::Hvp)
    }

    /// How many rows and columns the entries have, of a function of so many inputs and outputs and so many products.
    ///
    /// ```
    /// use chainrule::Want;
    /// assert_eq!((Want::Jacobian.shape(5, 2, 1), Want::Hvp.shape(5, 2, 3)), ([2, 5], [5, 3]));
    /// ```
    pub const fn shape(self, inputs: usize, outputs: usize, products: usize) -> [usize; 2] {
        match self {
            Want::Gradient => [0, 0],
            Want::Jacobian => [outputs, inputs],
            Want::Jvp => [outputs, products],
            Want::Vjp => [products, inputs],
            Want::Hessian => [inputs, inputs],
            Want::HessianDiagonal => [1, inputs],
            Want::Hvp => [inputs, products],
        }
    }

    /// Whether its matrix fits the budget.
    pub(crate) fn within(self, inputs: usize, outputs: usize, budget: &Budget) -> Result<(), Refusal> {
        let [rows, columns] = self.shape(inputs, outputs, 1);
        let needed = rows as f64 * columns as f64;
        match needed > budget.entries as f64 {
            true => Err(Refusal::OverBudget { needed, budget: budget.entries, unit: Unit::Entries }),
            false => Ok(()),
        }
    }
}

impl fmt::Display for Want {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Want {
    type Err = ParseWantError;

    fn from_str(name: &str) -> Result<Want, ParseWantError> {
        let found = Want::ALL.into_iter().find(|want| want.as_str() == name);
        found.ok_or_else(|| ParseWantError { given: name.to_owned() })
    }
}

/// There is no such kind of derivative.
///
/// ```
/// use chainrule::Want;
/// let wrong = "hesse".parse::<Want>().unwrap_err();
/// assert_eq!(
///     wrong.to_string(),
///     "unknown kind of derivative hesse; choose one of gradient, jacobian, jvp, vjp, hessian, hessian-diagonal, hvp"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of derivative {given}; choose one of {}", Want::ALL.map(Want::as_str).join(", "))]
pub struct ParseWantError {
    /// What was written.
    pub given: String,
}

/// What a derivative is asked with, beside the point.
///
/// ```
/// use chainrule::{Backprop, Budget, Derivative, Seeds, Strategy, Want};
/// let f = chainrule::parse("[x*y, x + y]")?;
/// let mut out = Derivative::default();
/// let two = Seeds { along: &[1.0, 0.0, 0.0, 2.0], ..Seeds::NONE }; // the columns (1, 0) and (0, 2)
/// Backprop.prepare(&f, Want::Jvp, &Budget::default())?.run_with(&[2.0, 3.0], two, &mut out)?;
/// assert_eq!((out.shape, &out.entries[..]), ([2, 2], &[3.0, 4.0, 1.0, 2.0][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seeds<'a> {
    /// Directions, of [`Want::Jvp`] and [`Want::Hvp`]: a row per input, a column per product.
    pub along: &'a [f64],
    /// Weights of the outputs: of [`Want::Vjp`] a row per product; of second derivatives one row, or none, which means that all
    /// are 1.
    pub weights: &'a [f64],
}

impl Seeds<'_> {
    /// None.
    pub const NONE: Seeds<'static> = Seeds { along: &[], weights: &[] };

    /// How many products are asked for.
    ///
    /// # Panics
    /// When there are not as many numbers as a product takes, or some where none are taken.
    #[track_caller]
    pub(crate) fn products(&self, want: Want, inputs: usize, outputs: usize) -> usize {
        let Seeds { along, weights } = self;
        let rows = |numbers: usize, of: usize, what: &str, why: &str| match of {
            0 => 0,
            of => {
                expect_length(numbers, what, numbers.div_ceil(of).max(1) * of, why);
                numbers / of
            }
        };
        match want.takes_directions() {
            true => {
                let products =
                    rows(along.len(), inputs, "numbers in the directions", "a row per scalar input");
                self.expect_weights(want, outputs);
                products
            }
            false => {
                expect_length(
                    along.len(),
                    "numbers in the directions",
                    0,
                    "only products with directions take them",
                );
                match want {
                    Want::Vjp => rows(weights.len(), outputs, "weights", "one per output"),
                    _ => {
                        self.expect_weights(want, outputs);
                        1
                    }
                }
            }
        }
    }

    #[track_caller]
    fn expect_weights(&self, want: Want, outputs: usize) {
        match want.is_second() {
            _ if self.weights.is_empty() => {}
            true => expect_length(self.weights.len(), "weights", outputs, "one per output"),
            false => expect_length(self.weights.len(), "weights", 0, "only sums of outputs take them"),
        }
    }

    /// The weight of an output in a sum.
    pub(crate) fn weight(&self, output: usize) -> f64 {
        self.weights.get(output).copied().unwrap_or(1.0)
    }
}

impl Derivative {
    /// Room for an answer of this kind, and no estimates.
    pub(crate) fn make_room_for(&mut self, want: Want, inputs: usize, outputs: usize, products: usize) {
        self.shape = want.shape(inputs, outputs, products);
        self.values.resize(outputs, 0.0);
        self.gradient.resize(if want.is_second() { inputs } else { 0 }, 0.0);
        self.entries.resize(self.shape[0] * self.shape[1], 0.0);
        self.error_estimate = None;
        self.blind.clear();
    }

    /// An output without a value has no derivatives, nor has a sum that it is part of.
    pub(crate) fn undefine(&mut self, want: Want) {
        if !self.values.iter().any(|value| value.is_nan()) {
            return;
        }
        let columns = self.shape[1];
        match want {
            Want::Gradient => {}
            Want::Jacobian | Want::Jvp => {
                for (k, row) in self.entries.chunks_mut(columns.max(1)).enumerate() {
                    if self.values[k].is_nan() {
                        row.fill(f64::NAN);
                    }
                }
            }
            Want::Vjp | Want::Hessian | Want::HessianDiagonal | Want::Hvp => {
                self.entries.fill(f64::NAN);
                self.gradient.fill(f64::NAN);
            }
        }
    }
}

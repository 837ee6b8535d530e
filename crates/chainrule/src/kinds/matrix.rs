//! The shortest way from a text to derivatives of other kinds: `chainrule::hessian("x^2*y")?.at(&[3.0, 1.0])`.

use std::fmt;

use expr::Function;

use super::{Seeds, Want};
use crate::gradient::GradientError;
use crate::kept::{Kept, read};
use crate::strategy::Derivative;

/// The Hessian of a function that is given as text, by backpropagation.
///
/// ```
/// let f = chainrule::hessian("x^2*y + y^3")?;
/// assert_eq!(f.at(&[2.0, 1.0]), [2.0, 4.0, 4.0, 6.0]); // n rows of n
/// # Ok::<(), chainrule::GradientError>(())
/// ```
///
/// # Errors
/// When the text is no function: [`GradientError::Text`], with a caret at the place.
pub fn hessian(text: &str) -> Result<Matrix, GradientError> {
    Ok(Matrix::hessian(read(text)?))
}

/// The Jacobian of a function that is given as text, by backpropagation.
///
/// ```
/// let f = chainrule::jacobian("f(x, y) = [x*y, x + y, y^2]")?;
/// assert_eq!(f.at(&[2.0, 3.0]), [3.0, 2.0, 1.0, 1.0, 0.0, 6.0]); // m rows of n
/// # Ok::<(), chainrule::GradientError>(())
/// ```
///
/// # Errors
/// As [`hessian`].
pub fn jacobian(text: &str) -> Result<Matrix, GradientError> {
    Ok(Matrix::jacobian(read(text)?))
}

/// The Hessian of a function that is given as text, times a vector: without the matrix, at some three times the cost of a gradient.
///
/// ```
/// let f = chainrule::hvp("x^2*y + y^3")?;
/// assert_eq!(f.at(&[2.0, 1.0], &[1.0, 10.0]), [42.0, 64.0]);
/// # Ok::<(), chainrule::GradientError>(())
/// ```
///
/// # Errors
/// As [`hessian`].
pub fn hvp(text: &str) -> Result<Product, GradientError> {
    Ok(Product::hvp(read(text)?))
}

/// The Jacobian of a function that is given as text, times a vector: how much each output changes along a direction.
///
/// ```
/// let f = chainrule::jvp("f(x, y) = [x*y, x + y, y^2]")?;
/// assert_eq!(f.at(&[2.0, 3.0], &[1.0, 10.0]), [23.0, 11.0, 60.0]);
/// # Ok::<(), chainrule::GradientError>(())
/// ```
///
/// # Errors
/// As [`hessian`].
pub fn jvp(text: &str) -> Result<Product, GradientError> {
    Ok(Product::jvp(read(text)?))
}

/// A vector times the Jacobian of a function that is given as text: the gradient of the weighted sum of its outputs.
///
/// ```
/// let f = chainrule::vjp("f(x, y) = [x*y, x + y, y^2]")?;
/// assert_eq!(f.at(&[2.0, 3.0], &[1.0, 10.0, 0.5]), [13.0, 15.0]);
/// # Ok::<(), chainrule::GradientError>(())
/// ```
///
/// # Errors
/// As [`hessian`].
pub fn vjp(text: &str) -> Result<Product, GradientError> {
    Ok(Product::vjp(read(text)?))
}

/// A matrix of derivatives at any number of points; made by [`hessian`] or [`jacobian`].
///
/// As [`Gradient`](crate::Gradient) it is compiled at the first point, and again where a point of another length means another size.
///
/// ```
/// let f = chainrule::hessian("sum(i, 1, n, x[i]^3)/6")?;
/// assert_eq!(f.at(&[1.0, 2.0]), [1.0, 0.0, 0.0, 2.0]);
/// assert_eq!(f.at(&[5.0]), [5.0]); // compiled again, for n = 1
/// # Ok::<(), chainrule::GradientError>(())
/// ```
pub struct Matrix {
    kept: Kept,
    weights: Vec<f64>,
}

/// Products of derivatives with vectors at any number of points; made by [`hvp`], [`jvp`] or [`vjp`].
///
/// ```
/// let f = chainrule::hvp("sum(i, 1, n, x[i]^3)/6")?;
/// assert_eq!(f.at(&[1.0, 2.0], &[1.0, 1.0]), [1.0, 2.0]);
/// # Ok::<(), chainrule::GradientError>(())
/// ```
pub struct Product {
    kept: Kept,
}

impl fmt::Debug for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.kept.want, syntax::text(&self.kept.function))
    }
}

impl fmt::Debug for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.kept.want, syntax::text(&self.kept.function))
    }
}

/// What both can be told before the first point.
macro_rules! settings {
    ($example:literal) => {
        /// Binds a size.
        ///
        #[doc = $example]
        ///
        /// # Errors
        /// When the function has no size of that name.
        pub fn with_size(mut self, name: &str, value: i64) -> Result<Self, GradientError> {
            self.kept = self.kept.with_size(name, value)?;
            Ok(self)
        }

        /// Binds data, as [`Gradient::with_data`](crate::Gradient::with_data) does.
        ///
        /// ```
        /// let f = chainrule::hessian("sum(i, 1, m, y[i]*x^2)")?.with_data("y", &[2], &[1.0, 2.0])?;
        /// assert_eq!(f.at(&[5.0]), [6.0]);
        /// # Ok::<(), chainrule::GradientError>(())
        /// ```
        ///
        /// # Errors
        /// As [`Gradient::with_data`](crate::Gradient::with_data).
        pub fn with_data(
            mut self,
            name: &str,
            lengths: &[usize],
            values: &[f64],
        ) -> Result<Self, GradientError> {
            self.kept = self.kept.with_data(name, lengths, values)?;
            Ok(self)
        }

        /// The function that is differentiated.
        ///
        /// ```
        /// let f = chainrule::jacobian("y*exp(x)")?;
        /// assert_eq!(f.function().input_names(), ["y", "x"]); // the order of a point's numbers
        /// # Ok::<(), chainrule::GradientError>(())
        /// ```
        pub fn function(&self) -> &Function {
            &self.kept.function
        }
    };
}

impl Matrix {
    /// The Hessian of a function that is at hand as a graph.
    ///
    /// ```
    /// use chainrule::{Function, Matrix};
    /// let f = Matrix::hessian(Function::build(|g| vec![g.input("x") * g.input("y")]));
    /// assert_eq!(f.at(&[3.0, 7.0]), [0.0, 1.0, 1.0, 0.0]);
    /// ```
    pub fn hessian(function: Function) -> Matrix {
        Matrix { kept: Kept::new(function, Want::Hessian), weights: Vec::new() }
    }

    /// The Jacobian of a function that is at hand as a graph.
    ///
    /// ```
    /// use chainrule::{Function, Matrix};
    /// let f = Matrix::jacobian(Function::build(|g| vec![g.input("x") * g.input("y")]));
    /// assert_eq!(f.at(&[3.0, 7.0]), [7.0, 3.0]);
    /// ```
    pub fn jacobian(function: Function) -> Matrix {
        Matrix { kept: Kept::new(function, Want::Jacobian), weights: Vec::new() }
    }

    settings!(
        "```
let f = chainrule::jacobian(\"iterate(k, 1, n, y, x, 2*y)\")?.with_size(\"n\", 10)?;
assert_eq!(f.at(&[1.0]), [1024.0]);
# Ok::<(), chainrule::GradientError>(())
```"
    );

    /// The Hessian of the sum of the outputs, each times its weight; without them all are 1.
    ///
    /// ```
    /// let f = chainrule::hessian("[x^2, x^3]")?.with_weights(&[10.0, 1.0]);
    /// assert_eq!(f.at(&[2.0]), [32.0]);
    /// assert!(f.with_weights(&[1.0]).try_at(&[2.0]).is_err()); // two outputs
    /// # Ok::<(), chainrule::GradientError>(())
    /// ```
    #[must_use]
    pub fn with_weights(self, weights: &[f64]) -> Matrix {
        Matrix { weights: weights.to_vec(), ..self }
    }

    /// The matrix, row after row: n rows of n for a Hessian, a row of n for each output for a Jacobian.
    ///
    /// ```
    /// let f = chainrule::jacobian("[i: 1..n-1] x[i]*x[i+1]")?;
    /// assert_eq!(f.at(&[1.0, 2.0, 3.0]), [2.0, 1.0, 0.0, 0.0, 3.0, 2.0]);
    /// # Ok::<(), chainrule::GradientError>(())
    /// ```
    ///
    /// # Panics
    /// Where [`try_at`](Self::try_at) returns an error, with the same words.
    #[track_caller]
    pub fn at(&self, point: &[f64]) -> Vec<f64> {
        match self.try_at(point) {
            Ok(entries) => entries,
            Err(error) => panic!("{error}"),
        }
    }

    /// The matrix as [`at`](Self::at) gives it.
    ///
    /// ```
    /// let f = chainrule::hessian("x*y")?;
    /// assert_eq!(f.try_at(&[2.0, 3.0])?, [0.0, 1.0, 1.0, 0.0]);
    /// assert_eq!(f.try_at(&[2.0]).unwrap_err().to_string(), "the point has 1 number; the function has 2 inputs");
    /// # Ok::<(), chainrule::GradientError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Gradient::try_at`](crate::Gradient::try_at); when the matrix has more entries than the budget; when there are weights, and
    /// not one for each output.
    pub fn try_at(&self, point: &[f64]) -> Result<Vec<f64>, GradientError> {
        Ok(self.derivative_at(point)?.entries)
    }

    /// The values of all outputs, of a Hessian the gradient, and the entries with their shape.
    ///
    /// ```
    /// let found = chainrule::hessian("x^2*y")?.derivative_at(&[3.0, 5.0])?;
    /// assert_eq!((found.values, found.gradient), (vec![45.0], vec![30.0, 9.0]));
    /// assert_eq!((found.entries, found.shape), (vec![10.0, 6.0, 6.0, 0.0], [2, 2]));
    /// # Ok::<(), chainrule::GradientError>(())
    /// ```
    ///
    /// # Errors
    /// As [`try_at`](Self::try_at).
    pub fn derivative_at(&self, point: &[f64]) -> Result<Derivative, GradientError> {
        let weights = &self.weights[..];
        self.kept.answer(point, |_, outputs| match (weights.len(), self.kept.want) {
            (0, _) => Ok(Seeds::NONE),
            (given, Want::Hessian) if given == outputs => Ok(Seeds { weights, ..Seeds::NONE }),
            (given, Want::Hessian) => Err(wrong("weight", "output", outputs, given)),
            (given, _) => Err(wrong("weight", "row for each output, and no sum", 0, given)),
        })
    }
}

fn wrong(what: &'static str, of: &'static str, expected: usize, given: usize) -> GradientError {
    GradientError::Seeds { what, of, expected, given }
}

impl Product {
    /// The Hessian times vectors, of a function that is at hand as a graph.
    ///
    /// ```
    /// use chainrule::{Function, Product};
    /// let f = Product::hvp(Function::build(|g| vec![g.input("x") * g.input("y")]));
    /// assert_eq!(f.at(&[3.0, 7.0], &[1.0, 2.0]), [2.0, 1.0]);
    /// ```
    pub fn hvp(function: Function) -> Product {
        Product { kept: Kept::new(function, Want::Hvp) }
    }

    /// The Jacobian times vectors, of a function that is at hand as a graph.
    ///
    /// ```
    /// use chainrule::{Function, Product};
    /// let f = Product::jvp(Function::build(|g| vec![g.input("x") * g.input("y")]));
    /// assert_eq!(f.at(&[3.0, 7.0], &[1.0, 2.0]), [13.0]);
    /// ```
    pub fn jvp(function: Function) -> Product {
        Product { kept: Kept::new(function, Want::Jvp) }
    }

    /// Vectors times the Jacobian, of a function that is at hand as a graph.
    ///
    /// ```
    /// use chainrule::{Function, Product};
    /// let f = Product::vjp(Function::build(|g| vec![g.input("x") * g.input("y")]));
    /// assert_eq!(f.at(&[3.0, 7.0], &[2.0]), [14.0, 6.0]);
    /// ```
    pub fn vjp(function: Function) -> Product {
        Product { kept: Kept::new(function, Want::Vjp) }
    }

    settings!(
        "```
let f = chainrule::jvp(\"iterate(k, 1, n, y, x, 2*y)\")?.with_size(\"n\", 10)?;
assert_eq!(f.at(&[1.0], &[0.5]), [512.0]);
# Ok::<(), chainrule::GradientError>(())
```"
    );

    /// The product with a vector: of [`hvp`] and [`jvp`] one number per input, of [`vjp`] one per output.
    ///
    /// ```
    /// let f = chainrule::hvp("x*y")?;
    /// assert_eq!(f.at(&[2.0, 3.0], &[1.0, 0.0]), [0.0, 1.0]);
    /// # Ok::<(), chainrule::GradientError>(())
    /// ```
    ///
    /// # Panics
    /// Where [`try_at`](Self::try_at) returns an error, with the same words.
    #[track_caller]
    pub fn at(&self, point: &[f64], vector: &[f64]) -> Vec<f64> {
        match self.try_at(point, vector) {
            Ok(entries) => entries,
            Err(error) => panic!("{error}"),
        }
    }

    /// The product as [`at`](Self::at) gives it.
    ///
    /// ```
    /// let f = chainrule::jvp("x*y")?;
    /// let wrong = f.try_at(&[2.0, 3.0], &[1.0]).unwrap_err().to_string();
    /// assert_eq!(wrong, "1 number in the direction; the function has 2 inputs");
    /// # Ok::<(), chainrule::GradientError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Gradient::try_at`](crate::Gradient::try_at), and when the vector has another length.
    pub fn try_at(&self, point: &[f64], vector: &[f64]) -> Result<Vec<f64>, GradientError> {
        Ok(self.derivative_at(point, vector)?.entries)
    }

    /// The values of all outputs, of [`hvp`] the gradient, and the product with its shape.
    ///
    /// ```
    /// let found = chainrule::hvp("x^2*y")?.derivative_at(&[3.0, 5.0], &[1.0, 0.0])?;
    /// assert_eq!((found.gradient, found.entries, found.shape), (vec![30.0, 9.0], vec![10.0, 6.0], [2, 1]));
    /// # Ok::<(), chainrule::GradientError>(())
    /// ```
    ///
    /// # Errors
    /// As [`try_at`](Self::try_at).
    pub fn derivative_at(&self, point: &[f64], vector: &[f64]) -> Result<Derivative, GradientError> {
        self.kept.answer(point, |inputs, outputs| {
            let given = vector.len();
            match self.kept.want {
                Want::Vjp if given == outputs => Ok(Seeds { weights: vector, ..Seeds::NONE }),
                Want::Vjp => Err(wrong("weight", "output", outputs, given)),
                _ if given == inputs => Ok(Seeds { along: vector, ..Seeds::NONE }),
                _ => Err(wrong("number in the direction", "input", inputs, given)),
            }
        })
    }
}

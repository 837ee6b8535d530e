//! The shortest way from a text to numbers: `chainrule::gradient("x^2 + 7*y")?.at(&[3.0, 1.0])`.

use std::fmt;

use expr::{Function, SizeConflict, UnrollError};
use syntax::Diagnostic;

use crate::WrongLength;
use crate::kept::{Kept, read};
use crate::kinds::{Seeds, Want};
use crate::strategy::{Derivative, Refusal};

/// The gradient of a function that is given as text, by backpropagation.
///
/// ```
/// let f = chainrule::gradient("x^2 + 7*y")?;
/// assert_eq!(f.at(&[3.0, 1.0]), [6.0, 7.0]);
/// # Ok::<(), chainrule::GradientError>(())
/// ```
///
/// # Errors
/// When the text is no function: [`GradientError::Text`], with a caret at the place.
pub fn gradient(text: &str) -> Result<Gradient, GradientError> {
    Ok(Gradient::new(read(text)?))
}

/// The gradient of a function at any number of points; made by [`gradient`].
///
/// The function is compiled at the first point, and again where a point of another length means another size. Threads may
/// share it, but take turns: for many points at once there is [`BatchGradient`](crate::BatchGradient).
///
/// ```
/// let f = chainrule::gradient("sum(i, 1, n, x[i]^2)")?;
/// assert_eq!(f.at(&[1.0, 2.0]), [2.0, 4.0]);
/// assert_eq!(f.at(&[1.0, 2.0, 3.0]), [2.0, 4.0, 6.0]); // compiled again, for n = 3
/// # Ok::<(), chainrule::GradientError>(())
/// ```
pub struct Gradient {
    kept: Kept,
}

/// Why there is no gradient.
///
/// Shown with `{:?}`, as `main` and `unwrap` do, it reads as with `{}`.
///
/// ```
/// use chainrule::{GradientError, WrongLength, gradient};
/// assert!(matches!(gradient("x +* y"), Err(GradientError::Text { diagnostic, .. }) if diagnostic.place == (3..4)));
/// let wrong = gradient("x*y")?.try_at(&[1.0]).unwrap_err();
/// assert_eq!(wrong, GradientError::Length(WrongLength { expected: 2, given: 1 }));
/// assert_eq!(wrong.to_string(), "the point has 1 number; the function has 2 inputs");
/// # Ok::<(), GradientError>(())
/// ```
#[derive(Clone, PartialEq, thiserror::Error)]
pub enum GradientError {
    /// The text is no function.
    #[error("{}", diagnostic.render(.text, "function", false))]
    Text {
        /// The text.
        text: String,
        /// What is wrong, and where.
        diagnostic: Diagnostic,
    },
    /// The point has another length than the function has inputs.
    #[error("the point has {}; the function has {}", counted(.0.given, "number"), counted(.0.expected, "input"))]
    Length(WrongLength),
    /// There are not as many numbers in a direction, or weights, as the function has inputs, or outputs.
    #[error("{}; the function has {}", counted(*.given, what), counted(*.expected, of))]
    Seeds {
        /// What there are: `number in the direction`, or `weight`.
        what: &'static str,
        /// What of the function there should be as many of.
        of: &'static str,
        /// How many that is.
        expected: usize,
        /// How many were given.
        given: usize,
    },
    /// A size has no value, and not exactly one value fits the length of the point.
    #[error(
        "the size {size} cannot be inferred from a point of {}; bind it with .with_size({size:?}, …)",
        counted(*.numbers, "number")
    )]
    Size {
        /// Its name.
        size: String,
        /// The length of the point.
        numbers: usize,
    },
    /// Data make a size two different numbers.
    #[error("{0}")]
    Conflict(SizeConflict),
    /// The function cannot be prepared: it is larger than the budget, or has no size of a name, or an index is out of range.
    #[error("{0}")]
    Refused(#[from] Refusal),
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

impl fmt::Debug for GradientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<UnrollError> for GradientError {
    fn from(error: UnrollError) -> GradientError {
        GradientError::Refused(error.into())
    }
}

impl fmt::Debug for Gradient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gradient of {}", syntax::text(&self.kept.function))
    }
}

impl Gradient {
    /// The gradient of a function that is at hand as a graph.
    ///
    /// ```
    /// use chainrule::{Function, Gradient};
    /// let f = Gradient::new(Function::build(|g| vec![g.input("x") * g.input("y")]));
    /// assert_eq!(f.at(&[3.0, 7.0]), [7.0, 3.0]);
    /// ```
    pub fn new(function: Function) -> Gradient {
        Gradient { kept: Kept::new(function, Want::Gradient) }
    }

    /// Binds a size.
    ///
    /// ```
    /// let f = chainrule::gradient("iterate(k, 1, n, y, x, 2*y)")?.with_size("n", 10)?;
    /// assert_eq!(f.at(&[1.0]), [1024.0]);
    /// # Ok::<(), chainrule::GradientError>(())
    /// ```
    ///
    /// # Errors
    /// When the function has no size of that name.
    pub fn with_size(self, name: &str, value: i64) -> Result<Gradient, GradientError> {
        Ok(Gradient { kept: self.kept.with_size(name, value)? })
    }

    /// Binds data, which have no derivative and are no part of a point: their lengths along each index, and their numbers, row
    /// after row. What is read inside an index is always data; every other input may be. Sizes that their lengths determine
    /// are bound too.
    ///
    /// ```
    /// let f = chainrule::gradient("sum(i, 1, m, (x[k[i]] - y[i])^2)")?;
    /// let f = f.with_data("k", &[3], &[2.0, 1.0, 2.0])?.with_data("y", &[3], &[0.5, 0.0, 1.5])?;
    /// assert_eq!(f.at(&[3.0, 1.0]), [6.0, 0.0]);
    /// # Ok::<(), chainrule::GradientError>(())
    /// ```
    ///
    /// # Errors
    /// When the function has no such input, there are not as many numbers as the lengths say, or two inputs make a size two
    /// different numbers.
    pub fn with_data(self, name: &str, lengths: &[usize], values: &[f64]) -> Result<Gradient, GradientError> {
        Ok(Gradient { kept: self.kept.with_data(name, lengths, values)? })
    }

    /// The function that is differentiated.
    ///
    /// ```
    /// let f = chainrule::gradient("y*exp(x)")?;
    /// assert_eq!(f.function().input_names(), ["y", "x"]); // the order of a point's numbers
    /// # Ok::<(), chainrule::GradientError>(())
    /// ```
    pub fn function(&self) -> &Function {
        &self.kept.function
    }

    /// The gradient: one number per input; of several outputs a row for each, one after the other. One size that has no
    /// value is inferred from the length of the point.
    ///
    /// ```
    /// let f = chainrule::gradient("sum(i, 1, n, x[i]^2)")?;
    /// assert_eq!(f.at(&[1.0, 2.0, 3.0]), [2.0, 4.0, 6.0]);
    /// # Ok::<(), chainrule::GradientError>(())
    /// ```
    ///
    /// # Panics
    /// Where [`try_at`](Self::try_at) returns an error, with the same words.
    #[track_caller]
    pub fn at(&self, point: &[f64]) -> Vec<f64> {
        match self.try_at(point) {
            Ok(gradient) => gradient,
            Err(error) => panic!("{error}"),
        }
    }

    /// The gradient as [`at`](Self::at) gives it.
    ///
    /// ```
    /// let f = chainrule::gradient("x*y")?;
    /// assert_eq!(f.try_at(&[2.0, 3.0])?, [3.0, 2.0]);
    /// assert!(f.try_at(&[2.0]).is_err());
    /// # Ok::<(), chainrule::GradientError>(())
    /// ```
    ///
    /// # Errors
    /// When the point has another length than the function has inputs, when its length does not determine a size, or
    /// when the function cannot be prepared.
    pub fn try_at(&self, point: &[f64]) -> Result<Vec<f64>, GradientError> {
        Ok(self.derivative_at(point)?.gradient)
    }

    /// The values of all outputs, and the gradient as [`at`](Self::at) gives it.
    ///
    /// ```
    /// let derivative = chainrule::gradient("x^2 + 7*y")?.derivative_at(&[3.0, 1.0])?;
    /// assert_eq!((derivative.values, derivative.gradient), (vec![16.0], vec![6.0, 7.0]));
    /// # Ok::<(), chainrule::GradientError>(())
    /// ```
    ///
    /// # Errors
    /// As [`try_at`](Self::try_at).
    pub fn derivative_at(&self, point: &[f64]) -> Result<Derivative, GradientError> {
        self.kept.answer(point, |_, _| Ok(Seeds::NONE))
    }

    /// The function with its sizes bound as points of so many numbers need it: what [`at`](Self::at) compiles.
    ///
    /// ```
    /// let f = chainrule::gradient("sum(i, 1, n, x[i]^2)")?;
    /// assert_eq!(f.function_at(3)?.size("n"), Some(3));
    /// # Ok::<(), chainrule::GradientError>(())
    /// ```
    ///
    /// # Errors
    /// When data are missing, or so many numbers do not determine a size; where no size is open they may be any number.
    pub fn function_at(&self, numbers: usize) -> Result<Function, GradientError> {
        self.kept.function_at(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str, point: &[f64]) -> String {
        gradient(text).and_then(|f| f.try_at(point)).unwrap_err().to_string()
    }

    #[test]
    fn sizes_follow_from_the_length_of_the_point() {
        for n in [1, 2, 5, 9, 40] {
            let x: Vec<f64> = (0..n).map(f64::from).collect();
            let expected: Vec<f64> = x.iter().map(|x| 2.0 * x).collect();
            assert_eq!(gradient("sum(i, 1, n, x[i]^2)").unwrap().at(&x), expected);
            let matrix: Vec<f64> = (0..n * n).map(f64::from).collect();
            let f = gradient("sum(i, 1, n, sum(j, 1, n, A[i,j]))").unwrap();
            assert_eq!(f.at(&matrix), vec![1.0; matrix.len()], "n = {n}");
        }
        // One value serves points of two lengths, and each is compiled for its own.
        let f = gradient("sum(i, 1, n - 1, x[i]*x[i+1])").unwrap();
        assert_eq!(f.at(&[1.0, 2.0]), [2.0, 1.0]);
        assert_eq!(f.at(&[1.0, 2.0, 3.0]), [2.0, 4.0, 2.0]);
        assert_eq!(f.at(&[1.0, 2.0]), [2.0, 1.0]);
    }

    #[test]
    fn sizes_that_a_length_does_not_determine_are_asked_for() {
        assert!(message("iterate(k, 1, n, y, x, 2*y)", &[1.0]).contains("with_size(\"n\""));
        assert!(message("sum(i, 1, n, x[i]) + x[9]", &[0.0; 9]).contains("the size n"));
        assert!(message("sum(i, 1, n, x[i]) + sum(i, 1, m, y[i])", &[0.0; 3]).contains("the size"));
        assert!(message("sum(i, 1, n, x[i]*y[i])", &[0.0; 21]).contains("21 numbers"));
        let f = gradient("sum(i, 1, n, x[i]) + sum(i, 1, m, y[i])").unwrap();
        let f = f.with_size("n", 2).unwrap();
        assert_eq!(f.at(&[0.0; 3]), [1.0; 3]);
        assert!(f.with_size("k", 2).unwrap_err().to_string().contains("no size k"));
    }

    #[test]
    fn a_point_of_another_length_is_an_error_with_both_lengths() {
        let words = message("x*y", &[1.0]);
        assert!(words.contains("1 number") && words.contains("2 inputs"), "{words}");
        let f = gradient("x*y").unwrap();
        assert!(f.try_at(&[1.0, 2.0, 3.0]).is_err());
        assert_eq!(f.at(&[2.0, 3.0]), [3.0, 2.0]);
    }

    #[test]
    fn data_that_do_not_fit_are_errors() {
        let f = || gradient("sum(i, 1, m, w[i]*x[k[i]])").unwrap();
        assert_eq!(f().try_at(&[1.0]).unwrap_err().to_string(), "the data k have no values");
        let with = |k: &[f64]| f().with_data("k", &[k.len()], k);
        assert_eq!(with(&[2.0, 1.0]).unwrap().at(&[1.0, 10.0, 7.0, 8.0]), [8.0, 7.0, 10.0, 1.0]);
        let words = with(&[1.0, 0.5]).unwrap().try_at(&[1.0; 4]).unwrap_err().to_string();
        assert!(words.contains("k[2] is 0.5, which is no integer"), "{words}");
        let words = with(&[1.0, -1.0]).unwrap().try_at(&[1.0; 4]).unwrap_err().to_string();
        assert!(words.contains("index -1 of x") && words.contains("k[2] is -1"), "{words}");
        let words = f().with_data("k", &[2], &[1.0]).unwrap_err().to_string();
        assert!(words.contains("1 numbers, a list of 2, for k"), "{words}");
        assert!(f().with_data("q", &[1], &[1.0]).unwrap_err().to_string().contains("no such input q"));
        let conflict = with(&[1.0]).unwrap().with_size("m", 1).unwrap().with_data("w", &[2], &[1.0, 2.0]);
        let words = conflict.unwrap().try_at(&[1.0]).unwrap_err().to_string();
        assert_eq!(words, "w has length 2, where length 1 is needed");
        // Empty data, and a point of which all is data but one number.
        assert_eq!(f().with_data("k", &[0], &[]).unwrap().at(&[]), [0.0; 0]);
        let f = gradient("(a*x - y)^2").unwrap().with_data("x", &[], &[2.0]).unwrap();
        assert_eq!(f.with_data("y", &[], &[0.5]).unwrap().at(&[1.0]), [6.0]);
    }

    #[test]
    #[should_panic(expected = "the function has 2 inputs")]
    fn at_panics_with_the_same_words() {
        gradient("x*y").unwrap().at(&[]);
    }

    #[test]
    fn what_debug_shows_is_for_people() {
        let error = gradient("x + ").unwrap_err();
        assert_eq!(format!("{error:?}"), format!("{error}"));
        assert!(format!("{error:?}").contains("x + "), "{error:?}");
        assert_eq!(format!("{:?}", gradient("x^2").unwrap()), "gradient of x^2");
    }
}

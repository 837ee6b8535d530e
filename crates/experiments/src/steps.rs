//! Error against step size: the V-curve of every difference quotient, where truncation meets rounding.

use chainrule::CompiledFunction;
use expr::Function;
use numerical::{Scheme, quotient};
use reference::{Component, Limits, certify};

/// Schemes with one step.
pub const SCHEMES: [Scheme; 4] = [Scheme::Forward, Scheme::Central2, Scheme::Central4, Scheme::Central6];

/// The errors of one partial derivative at one point.
#[derive(Clone, Debug)]
pub struct Steps {
    /// The name of the input.
    pub input: String,
    /// The certified slope.
    pub truth: f64,
    /// Descending; powers of two, so that x + h loses as little as it can.
    pub steps: Vec<f64>,
    /// Per scheme, the relative error at each step; NaN outside the domain.
    pub errors: Vec<Vec<f64>>,
    /// Per scheme, the step at which truncation and rounding should balance: ε^(1/(p+1)) times the size of x.
    pub predicted: Vec<f64>,
    /// The slope that the adaptive scheme found, its estimate of its error, and the evaluations it took.
    pub adaptive: (f64, f64, u64),
}

impl Steps {
    /// Of a scheme: the step with the least error, and that error.
    pub fn best(&self, scheme: usize) -> (f64, f64) {
        let found = self.steps.iter().zip(&self.errors[scheme]).filter(|(_, error)| !error.is_nan());
        found.min_by(|a, b| a.1.total_cmp(b.1)).map_or((f64::NAN, f64::NAN), |(&step, &error)| (step, error))
    }

    /// What the adaptive scheme missed, relative.
    pub fn adaptive_error(&self) -> f64 {
        relative(self.adaptive.0, self.truth)
    }
}

/// The order of a scheme: how its truncation error falls with the step.
fn order(scheme: Scheme) -> f64 {
    match scheme {
        Scheme::Forward => 1.0,
        Scheme::Central2 => 2.0,
        Scheme::Central4 => 4.0,
        _ => 6.0,
    }
}

fn relative(found: f64, truth: f64) -> f64 {
    if found == truth { 0.0 } else { (found - truth).abs() / truth.abs() }
}

/// Why there is no certified finite slope to compare with, but 0.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoSlope {
    /// It is 0.
    #[error("the derivative by {input} is {slope} here: there are no relative errors of that")]
    Zero {
        /// The input.
        input: String,
        /// The zero.
        slope: f64,
    },
    /// There are two slopes.
    #[error("the function has a kink by {input} here: there is no one slope")]
    Kink {
        /// The input.
        input: String,
    },
    /// There is none.
    #[error("the function has no finite derivative by {input} here")]
    Undefined {
        /// The input.
        input: String,
    },
    /// It is no double.
    #[error("the derivative by {input} is about {mantissa:.4}e{exponent}, larger than any double")]
    Overflow {
        /// The input.
        input: String,
        /// About so many…
        mantissa: f64,
        /// … times this power of ten.
        exponent: i64,
    },
    /// The reference did not find out.
    #[error("the derivative by {input} could not be certified here")]
    Undecided {
        /// The input.
        input: String,
    },
}

/// Examines the first output along one input.
///
/// # Errors
/// When there is no certified finite slope to compare with.
pub fn steps(f: &Function, at: &[f64], input: usize) -> Result<Steps, NoSlope> {
    let name = f.input_names()[input].clone();
    let slope = &certify(f, at, &Limits::default()).gradients[0][input];
    let truth = match (slope, name.clone()) {
        (Component::Certified { gradient, .. } | Component::Removable { gradient, .. }, _)
            if *gradient != 0.0 =>
        {
            *gradient
        }
        (Component::Certified { gradient, .. } | Component::Removable { gradient, .. }, input) => {
            return Err(NoSlope::Zero { input, slope: *gradient });
        }
        (Component::Kink { .. }, input) => return Err(NoSlope::Kink { input }),
        (Component::Undefined { .. }, input) => return Err(NoSlope::Undefined { input }),
        (Component::Overflow { mantissa, exponent }, input) => {
            return Err(NoSlope::Overflow { input, mantissa: *mantissa, exponent: *exponent });
        }
        (Component::Undecided { .. }, input) => return Err(NoSlope::Undecided { input }),
    };
    let x = at[input];
    let scale = if x == 0.0 { 1.0 } else { x.abs() };
    let mut value = CompiledFunction::new(f);
    let mut moved = at.to_vec();
    let mut outputs = vec![0.0; f.outputs().len()];
    let mut along = |x: f64| {
        moved[input] = x;
        value.run(&moved, &mut outputs);
        outputs[0]
    };
    let steps: Vec<f64> = (1..=56).map(|k| (scale.log2().floor() - f64::from(k) + 1.0).exp2()).collect();
    let errors = SCHEMES
        .iter()
        .map(|&scheme| {
            let error = |&h: &f64| {
                let slope = quotient(scheme, x, h, &mut along);
                if slope.is_finite() { relative(slope, truth) } else { f64::NAN }
            };
            steps.iter().map(error).collect()
        })
        .collect();
    let predicted = SCHEMES.iter().map(|&s| f64::EPSILON.powf(1.0 / (order(s) + 1.0)) * scale).collect();
    let found = numerical::gradient(Scheme::Adaptive, &[x], |x| along(x[0]));
    let estimate = found.error.map_or(f64::NAN, |errors| errors[0]);
    Ok(Steps {
        input: name,
        truth,
        steps,
        errors,
        predicted,
        adaptive: (found.derivative[0], estimate, found.evaluations),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_have_the_slopes_of_their_orders() {
        let f = syntax::parse("exp(sin(3*x))").unwrap();
        let found = steps(&f, &[0.8], 0).unwrap();
        for (k, &scheme) in SCHEMES.iter().enumerate() {
            let (best, least) = found.best(k);
            // Where truncation rules, halving the step divides the error by 2^p.
            let large: Vec<f64> = found
                .steps
                .iter()
                .zip(&found.errors[k])
                .filter(|(h, e)| **h > 8.0 * best && **h < 0.1 && **e > 100.0 * least)
                .map(|(_, e)| *e)
                .collect();
            assert!(large.len() >= 2, "{scheme}: {found:?}");
            let rate = (large[0] / large[large.len() - 1]).log2() / (large.len() - 1) as f64;
            assert!((rate - order(scheme)).abs() < 0.35, "{scheme}: {rate}");
            // The prediction is within a factor of a few.
            assert!(
                (found.predicted[k] / best).log2().abs() < 6.0,
                "{scheme}: {best} and {}",
                found.predicted[k]
            );
        }
        assert!(found.adaptive_error() < 1e-12);
    }

    #[test]
    fn without_a_slope_there_are_no_errors() {
        for (text, at) in [("abs(x)", 0.0), ("ln(x)", -1.0), ("0*x + 3", 1.0)] {
            assert!(steps(&syntax::parse(text).unwrap(), &[at], 0).is_err(), "{text}");
        }
    }
}

//! The law by which a figure grows: a line through logarithms by least squares, and how sure its slope is.

/// How a figure grows with n.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// As a power of n: the slope is the exponent.
    Power,
    /// By the same factor for every unit of n: the slope is that factor's logarithm.
    Exponential,
}

/// A fitted law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Which of the two lies closer to the points.
    pub law: Law,
    /// The exponent of n, or the natural logarithm of the factor per unit of n.
    pub slope: f64,
    /// The logarithm of the figure where ln n (or n) is 0.
    pub intercept: f64,
    /// The standard error of the slope; NaN with only two points, through which any line goes.
    pub standard_error: f64,
    /// The slope lies within this of the true one with 95% confidence, were errors normal and the law exact; infinite with two
    /// points.
    pub uncertainty: f64,
    /// The exponent between the two largest sizes alone, where what is constant weighs least.
    pub last: f64,
    /// Through so many points.
    pub points: usize,
}

/// The 97.5% quantiles of Student's t for 1, 2, … degrees of freedom (Student 1908; Abramowitz and Stegun 1972, table
/// 26.10).
const STUDENT: [f64; 12] =
    [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179];
/// For more of them.
const NORMAL: f64 = 1.96;
/// How much smaller the squared residuals of the exponential law must be before it is believed.
const CLEARLY: f64 = 0.1;

impl Fit {
    /// What the law says of a size: the logarithm of the figure.
    pub fn ln_at(&self, n: f64) -> f64 {
        let along = match self.law {
            Law::Power => n.ln(),
            Law::Exponential => n,
        };
        self.intercept + self.slope * along
    }
}

/// A law for points `(n, ln figure)` with ascending n; nothing with fewer than two of them that are numbers.
pub fn fit(points: &[(f64, f64)]) -> Option<Fit> {
    let points: Vec<(f64, f64)> = points.iter().copied().filter(|(n, y)| *n > 0.0 && y.is_finite()).collect();
    let power = line(points.iter().map(|&(n, y)| (n.ln(), y)))?;
    let exponential = line(points.iter().copied())?;
    // Three points cannot tell a law from chance unless one of the two fits far better.
    let (law, line) = match points.len() > 2 && exponential.residual < CLEARLY * power.residual {
        true => (Law::Exponential, exponential),
        false => (Law::Power, power),
    };
    let [.., (n, y), (m, z)] = points.as_slice() else { return None };
    Some(Fit {
        law,
        slope: line.slope,
        intercept: line.intercept,
        standard_error: line.standard_error,
        uncertainty: match points.len() - 2 {
            0 => f64::INFINITY,
            freedom => STUDENT.get(freedom - 1).unwrap_or(&NORMAL) * line.standard_error,
        },
        last: (z - y) / (m.ln() - n.ln()),
        points: points.len(),
    })
}

struct Line {
    slope: f64,
    intercept: f64,
    standard_error: f64,
    /// The sum of squares of what the line misses.
    residual: f64,
}

/// Least squares; nothing where there are no two different abscissas.
fn line(points: impl Iterator<Item = (f64, f64)> + Clone) -> Option<Line> {
    let count = points.clone().count() as f64;
    let mean = |of: fn((f64, f64)) -> f64| points.clone().map(of).sum::<f64>() / count;
    let (x_mean, y_mean) = (mean(|p| p.0), mean(|p| p.1));
    let spread: f64 = points.clone().map(|(x, _)| (x - x_mean).powi(2)).sum();
    if count < 2.0 || spread == 0.0 {
        return None;
    }
    let slope = points.clone().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum::<f64>() / spread;
    let intercept = y_mean - slope * x_mean;
    let residual: f64 = points.map(|(x, y)| (y - intercept - slope * x).powi(2)).sum();
    let standard_error = (residual / (count - 2.0) / spread).sqrt();
    Some(Line { slope, intercept, standard_error, residual })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_is_found_with_its_uncertainty() {
        let exact = fit(&[10.0, 100.0, 1000.0, 1e4].map(|n: f64| (n, (3.0 * n * n).ln()))).unwrap();
        assert!(exact.law == Law::Power && (exact.slope - 2.0).abs() < 1e-12 && exact.uncertainty < 1e-12);
        assert!((exact.ln_at(50.0) - 7500f64.ln()).abs() < 1e-9);
        // By hand: residuals +d, -d, -d, +d at abscissas 0, 1, 2, 3 leave the slope as it is.
        let d = 0.1;
        let curved: Vec<(f64, f64)> =
            [d, -d, -d, d].iter().zip(0..).map(|(d, k)| (f64::from(k).exp(), f64::from(k) + d)).collect();
        let curved = fit(&curved).unwrap();
        assert!((curved.slope - 1.0).abs() < 1e-12, "{curved:?}");
        assert!((curved.standard_error - (4.0 * d * d / 2.0 / 5.0f64).sqrt()).abs() < 1e-12, "{curved:?}");
        assert!((curved.uncertainty / curved.standard_error - 4.303).abs() < 1e-9);
        assert!((curved.last - 1.2).abs() < 1e-12);
    }

    #[test]
    fn what_explodes_is_told_from_a_power() {
        let doubling = fit(&[5.0, 20.0, 80.0].map(|n: f64| (n, n * 2f64.ln()))).unwrap();
        assert!(doubling.law == Law::Exponential && (doubling.slope - 2f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn two_points_have_a_line_and_no_uncertainty_and_one_has_none() {
        let two = fit(&[(1.0, 0.0), (10.0, 10f64.ln())]).unwrap();
        assert!((two.slope - 1.0).abs() < 1e-12 && two.uncertainty.is_infinite());
        assert_eq!(fit(&[(1.0, 0.0)]), None);
        assert_eq!(fit(&[(1.0, 0.0), (1.0, 1.0)]), None);
        assert_eq!(fit(&[(1.0, 0.0), (2.0, f64::INFINITY)]), None);
    }
}

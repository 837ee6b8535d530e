//! Fractions in print, as the steps of a proof show them.

use std::fmt::Write;

use expr::Function;
use num_traits::{One, Signed};

use super::field::{Field, Fraction, Kernel};
use super::number::{Coefficient, Exponent};
use super::polynomial::Polynomial;

/// Longer texts are cut.
const MOST: usize = 160;
/// What is nested deeper is not read by anyone.
const MOST_NESTED: usize = 20;

/// A fraction with the names of the function's inputs.
pub(super) fn show(field: &Field, fraction: &Fraction, f: &Function) -> String {
    cut(&Printer { field, names: f.input_names() }.fraction(fraction, MOST_NESTED))
}

/// The first part of a text that is too long to be read.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

struct Printer<'a> {
    field: &'a Field,
    names: Vec<String>,
}

impl Printer<'_> {
    fn fraction(&self, fraction: &Fraction, depth: usize) -> String {
        let Some(depth) = depth.checked_sub(1) else { return "…".to_owned() };
        let top = self.polynomial(&fraction.top, depth);
        if fraction.below.is_empty() {
            return top;
        }
        let top = if fraction.top.0.len() > 1 { format!("({top})") } else { top };
        let divisors = fraction.below.iter().map(|(&id, &power)| {
            let divisor = self.polynomial(&self.field.divisors[id], depth);
            if power == 1 { format!("({divisor})") } else { format!("({divisor})^{power}") }
        });
        let divisors: Vec<String> = divisors.collect();
        match divisors.as_slice() {
            [one] => format!("{top}/{one}"),
            more => format!("{top}/({})", more.join("*")),
        }
    }

    fn polynomial(&self, p: &Polynomial, depth: usize) -> String {
        let mut text = String::new();
        for (monomial, coefficient) in &p.0 {
            let negative = coefficient.real().is_some_and(|c| c.is_negative());
            let size = if negative { coefficient.negated() } else { coefficient.clone() };
            text += match (text.is_empty(), negative) {
                (true, true) => "-",
                (true, false) => "",
                (false, true) => " - ",
                (false, false) => " + ",
            };
            let mut factors: Vec<String> = monomial.iter().map(|&(k, e)| self.power(k, e, depth)).collect();
            if !size.is_one() || factors.is_empty() {
                factors.insert(0, size.to_string());
            }
            text += &factors.join("*");
            if text.len() > 4 * MOST {
                break;
            }
        }
        if text.is_empty() { "0".to_owned() } else { text }
    }

    fn power(&self, k: u32, e: Exponent, depth: usize) -> String {
        let exponent = |e: Exponent| match (e.is_real(), e.re.is_integer()) {
            (true, true) if e.re >= num_traits::Zero::zero() => e.re.to_string(),
            (true, _) => format!("({})", e.re),
            _ => format!("({})", self.complex(e)),
        };
        let (base, atom) = match &self.field.kernels[k as usize] {
            Kernel::Exp(argument) => {
                let argument = self.fraction(argument, depth);
                return match (e.is_real() && e.re.is_one(), argument.as_str()) {
                    (true, "1") => "e".to_owned(),
                    (true, argument) => format!("e^({argument})"),
                    (false, "1") => format!("e^{}", exponent(e)),
                    (false, argument) => format!("e^({}*{argument})", self.complex(e)),
                };
            }
            Kernel::Input(position) => (self.names[*position].clone(), true),
            Kernel::Pi => ("pi".to_owned(), true),
            Kernel::Root(base) => {
                let base = self.fraction(base, depth);
                let atom = base.bytes().all(|byte| byte.is_ascii_alphanumeric());
                (if atom { base } else { format!("({base})") }, true)
            }
            Kernel::Cbrt(of) => (format!("cbrt({})", self.fraction(of, depth)), true),
            Kernel::Ln(of) => (format!("ln({})", self.fraction(of, depth)), true),
            Kernel::Apply(op, of) => {
                let of: Vec<String> = of.iter().map(|a| self.fraction(a, depth)).collect();
                (format!("{}({})", op.name(), of.join(", ")), true)
            }
        };
        let mut text = if atom { base } else { format!("({base})") };
        if e != Exponent::integer(1) {
            let _ = write!(text, "^{}", exponent(e));
        }
        text
    }

    fn complex(&self, e: Exponent) -> String {
        let rational = |r: num_rational::Ratio<i64>| {
            num_rational::BigRational::new((*r.numer()).into(), (*r.denom()).into())
        };
        Coefficient { re: rational(e.re), im: rational(e.im) }.to_string()
    }
}

//! Words: numbers and constants.

use super::arguments::is_number;
use super::elaborate::Elaborator;
use super::form::FormId;
use crate::Diagnostic;
use expr::{Calculus, Constant, Expr};

impl<'a, 't> Elaborator<'a, 't> {
    /// A number, a constant or a name.
    pub(super) fn word(&self, form: FormId, word: &'t str) -> Result<Expr<'a>, Diagnostic> {
        if let Some((_, value)) = self.scope.iter().rev().find(|(name, _)| *name == word) {
            return Ok(*value);
        }
        let (one, two) = (self.number(1), self.number(2));
        let pi = self.builder.lift(&Constant::Pi);
        Ok(match word {
            "PI" => pi,
            "E" => self.builder.lift(&Constant::E),
            "PI_2" => pi / two,
            "PI_4" => pi / self.number(4),
            "M_1_PI" | "1_PI" => one / pi,
            "M_2_PI" | "2_PI" => two / pi,
            "M_2_SQRTPI" | "2_SQRTPI" => two / pi.sqrt(),
            "SQRT2" => two.sqrt(),
            "SQRT1_2" => (one / two).sqrt(),
            "LN2" => two.ln(),
            "LN10" => self.number(10).ln(),
            "LOG2E" => one / two.ln(),
            "LOG10E" => one / self.number(10).ln(),
            "INFINITY" => self.builder.constant(f64::INFINITY),
            "NAN" => self.builder.constant(f64::NAN),
            "TRUE" => one,
            "FALSE" => self.number(0),
            _ if is_number(word) => return self.literal(form, word),
            _ => return self.wrong(form, format!("{word} is neither an argument nor bound here"), "unknown"),
        })
    }

    /// A decimal, a quotient of integers or a hexadecimal number.
    fn literal(&self, form: FormId, word: &str) -> Result<Expr<'a>, Diagnostic> {
        let decimal = |text: &str| Constant::parse(text.strip_prefix('+').unwrap_or(text)).ok();
        if let Some(constant) = decimal(word) {
            return Ok(self.builder.lift(&constant));
        }
        if let Some((p, q)) = word.split_once('/')
            && let (Some(p), Some(q)) = (decimal(p), decimal(q))
        {
            return Ok(self.builder.lift(&p) / self.builder.lift(&q));
        }
        match hexadecimal(word) {
            Some(value) => Ok(self.builder.constant(value)),
            None => self.wrong(form, format!("{word} is not a number"), "not read"),
        }
    }

    /// `mantissa · base^exponent`, of integers.
    pub(super) fn digits(&self, parts: [FormId; 3]) -> Result<Expr<'a>, Diagnostic> {
        let mut integers = [0i64; 3];
        for (integer, part) in integers.iter_mut().zip(parts) {
            let Some(word) = self.forms.word(part).and_then(|word| word.parse().ok()) else {
                return self.wrong(part, "mantissa, exponent and base are integers", "not one of ours");
            };
            *integer = word;
        }
        let [mantissa, exponent, base] = integers;
        match base {
            10 => self.literal(parts[0], &format!("{mantissa}e{exponent}")),
            _ => {
                let lift = |integer: i64| self.builder.lift(&Constant::shortest(integer as f64));
                Ok(lift(mantissa) * lift(base).powi(lift(exponent)))
            }
        }
    }
}

/// `0x1.8p3`, as a double.
fn hexadecimal(word: &str) -> Option<f64> {
    let (sign, digits) = match word.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, word.strip_prefix('+').unwrap_or(word)),
    };
    let digits = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"))?;
    let (mantissa, exponent) = digits.split_once(['p', 'P']).unwrap_or((digits, "0"));
    let exponent: i32 = exponent.parse().ok().filter(|exponent: &i32| exponent.unsigned_abs() < 5000)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    // 13 digits are 52 bits: more would round twice.
    if all.is_empty() || all.trim_start_matches('0').len() > 13 || !all.is_ascii() {
        return None;
    }
    let integer = u64::from_str_radix(all.trim_start_matches('0'), 16).or(all
        .chars()
        .all(|c| c == '0')
        .then_some(0)
        .ok_or(()));
    let shift = exponent.checked_sub(4 * i32::try_from(fraction.len()).ok()?)?;
    // In two steps, so that neither power leaves the range before the product does.
    let half = shift / 2;
    Some(sign * integer.ok()? as f64 * 2f64.powi(half) * 2f64.powi(shift - half))
}

//! Constants as they were written: exact decimals and exact symbols, never a rounded stand-in for them.

use std::fmt;

/// A constant. Two constants are equal when they are the same number (and, for zero, the same sign).
///
/// Its value in double precision is the nearest `f64`; in any better number it is the constant itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Constant {
    /// An integer of at most 15 digits, hence an `f64` as it stands. The common case, kept cheap.
    Integer(i64),
    /// Any other decimal: `-0.0`, `0.1`, `1e300`.
    Decimal(Decimal),
    /// The ratio of a circle's circumference to its diameter.
    Pi,
    /// The base of natural logarithms.
    E,
}

/// A finite decimal in canonical form `[-]digits e exponent`: no leading or trailing zero digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Decimal {
    negative: bool,
    digits: Box<str>,
    exponent: i32,
}

/// Why a piece of text is not a decimal that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// Not of the form `12`, `1.5`, `.5`, `2e-3`.
    Malformed,
    /// Beyond the largest `f64`.
    TooLarge,
}

const INTEGER_DIGITS: usize = 15;

impl Constant {
    /// Reads `12`, `-1.5`, `.5`, `2e-3`.
    ///
    /// # Errors
    /// When the text is not a decimal, or its nearest `f64` is infinite.
    pub fn parse(text: &str) -> Result<Constant, DecimalError> {
        let decimal = Decimal::parse(text)?;
        if decimal.nearest().is_infinite() {
            return Err(DecimalError::TooLarge);
        }
        Ok(decimal.into())
    }

    /// The shortest decimal whose nearest `f64` is `value`: what `0.1` in a program means.
    ///
    /// # Panics
    /// When `value` is not finite: an infinity or NaN is the result of an operation, not a decimal.
    pub fn shortest(value: f64) -> Constant {
        assert!(value.is_finite(), "{value} is not a constant: write it as a quotient, such as 1/0");
        if value.fract() == 0.0 && value.abs() < 1e15 && !(value == 0.0 && value.is_sign_negative()) {
            return Constant::Integer(value as i64);
        }
        Decimal::parse(&format!("{value:e}")).expect("formatted floats are decimals").into()
    }

    /// The decimal that *is* `value`, with as many digits as that takes, or nothing when `value` is not finite.
    pub fn exact(value: f64) -> Option<Constant> {
        if !value.is_finite() {
            return None;
        }
        if value.fract() == 0.0 && value.abs() < 1e15 {
            return Some(Constant::shortest(value));
        }
        // It is a 53-bit integer times 2^-k, so has no more than 16 + 0.7 k significant digits (and never more than 767), or is an integer
        // of 309; formatting all 767 takes ten times as long for the numbers that data are.
        let k = 1075 - (value.to_bits() >> 52 & 0x7ff) as i64;
        let digits = if k > 0 { 767.min(17 + k as usize) } else { 309 };
        Some(Decimal::parse(&format!("{value:.digits$e}")).expect("formatted floats are decimals").into())
    }

    /// The nearest `f64`.
    #[inline]
    pub fn to_f64(&self) -> f64 {
        match self {
            Constant::Integer(value) => *value as f64,
            Constant::Decimal(decimal) => decimal.nearest(),
            Constant::Pi => std::f64::consts::PI,
            Constant::E => std::f64::consts::E,
        }
    }

    /// The value, when it is an `f64` without rounding.
    pub fn as_exact_f64(&self) -> Option<f64> {
        match self {
            Constant::Integer(value) => Some(*value as f64),
            Constant::Decimal(_) => {
                let value = self.to_f64();
                (Constant::exact(value).as_ref() == Some(self)).then_some(value)
            }
            Constant::Pi | Constant::E => None,
        }
    }

    /// The integer this is, if it is one that an `i64` of at most 15 digits can hold.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Constant::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The constant with the other sign; symbols have none.
    pub fn negated(&self) -> Option<Constant> {
        match self {
            Constant::Integer(0) => {
                Some(Constant::Decimal(Decimal { negative: true, digits: "0".into(), exponent: 0 }))
            }
            Constant::Integer(value) => Some(Constant::Integer(-value)),
            Constant::Decimal(decimal) => {
                Some(Decimal { negative: !decimal.negative, ..decimal.clone() }.into())
            }
            Constant::Pi | Constant::E => None,
        }
    }

    /// Whether it is written with a minus sign.
    pub fn is_negative(&self) -> bool {
        match self {
            Constant::Integer(value) => *value < 0,
            Constant::Decimal(decimal) => decimal.negative,
            Constant::Pi | Constant::E => false,
        }
    }
}

impl Decimal {
    fn parse(text: &str) -> Result<Decimal, DecimalError> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(DecimalError::Malformed);
        }
        let significant = digits.trim_start_matches('0');
        let trimmed = significant.trim_end_matches('0');
        if trimmed.is_empty() {
            return Ok(Decimal { negative, digits: "0".into(), exponent: 0 });
        }
        let exponent = exponent + (significant.len() - trimmed.len()) as i64 - fraction.len() as i64;
        let exponent = i32::try_from(exponent).map_err(|_| DecimalError::TooLarge)?;
        Ok(Decimal { negative, digits: trimmed.into(), exponent })
    }

    fn nearest(&self) -> f64 {
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{}e{}", self.digits, self.exponent).parse().expect("canonical decimals are floats")
    }

    /// Whether it carries a minus sign (minus zero does).
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// The digits of the integer that [`exponent`](Self::exponent) scales.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// The power of ten that scales [`digits`](Self::digits).
    pub fn exponent(&self) -> i32 {
        self.exponent
    }
}

/// A decimal exponent, saturated far outside the range of `f64`.
fn parse_exponent(text: &str) -> Result<i64, DecimalError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(DecimalError::Malformed);
    }
    let magnitude = digits.parse::<i64>().unwrap_or(i64::MAX).min(1_000_000_000);
    Ok(if text.starts_with('-') { -magnitude } else { magnitude })
}

impl From<Decimal> for Constant {
    fn from(decimal: Decimal) -> Constant {
        let zeros = usize::try_from(decimal.exponent).ok();
        match zeros {
            Some(zeros)
                if decimal.digits.len() + zeros <= INTEGER_DIGITS
                    && !(decimal.negative && &*decimal.digits == "0") =>
            {
                let magnitude: i64 =
                    format!("{}{}", decimal.digits, "0".repeat(zeros)).parse().expect("15 digits fit an i64");
                Constant::Integer(if decimal.negative { -magnitude } else { magnitude })
            }
            _ => Constant::Decimal(decimal),
        }
    }
}

impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Constant::Integer(value) => write!(f, "{value}"),
            Constant::Decimal(decimal) => decimal.fmt(f),
            Constant::Pi => f.write_str("pi"),
            Constant::E => f.write_str("e"),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Decimal { negative, digits, exponent } = self;
        if *negative {
            f.write_str("-")?;
        }
        let point = digits.len() as i64 + i64::from(*exponent);
        match *exponent {
            _ if &**digits == "0" => f.write_str("0.0"),
            exponent if exponent < 0 && point > 0 => {
                write!(f, "{}.{}", &digits[..point as usize], &digits[point as usize..])
            }
            exponent if exponent < 0 && point > -6 => {
                write!(f, "0.{}{digits}", "0".repeat(-point as usize))
            }
            exponent => write!(f, "{digits}e{exponent}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_equal_constants() {
        for (a, b) in [("1", "1.0"), ("10", "1e1"), ("0.50", ".5"), ("1e300", "10e299"), ("0", "0.000e5")] {
            assert_eq!(Constant::parse(a), Constant::parse(b));
        }
        assert_ne!(Constant::parse("0"), Constant::parse("-0"));
    }

    #[test]
    fn display_reads_back() {
        for text in ["0", "-0.0", "0.1", "-1.5", "123456.789", "0.00001", "1e-7", "1e300", "15", "1e15"] {
            let constant = Constant::parse(text).unwrap();
            assert_eq!(
                Constant::parse(&constant.to_string()),
                Ok(constant.clone()),
                "{text} printed {constant}"
            );
        }
        assert_eq!(Constant::parse("-0").unwrap().to_string(), "-0.0");
    }

    #[test]
    fn no_digit_of_an_exact_decimal_is_missing() {
        let mut bits = 1u64;
        for k in 0..2_000u64 {
            bits = bits.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let value = f64::from_bits(if k % 20 == 0 { bits >> 12 } else { bits });
            if value.is_finite() {
                let all = Decimal::parse(&format!("{value:.767e}")).unwrap();
                assert_eq!(Constant::exact(value), Some(all.into()), "{value:e}");
            }
        }
        for value in [f64::MIN_POSITIVE, f64::MIN_POSITIVE / 2.0, f64::MAX, 5e-324, 0.1, 1e16 + 2.0] {
            let all = Decimal::parse(&format!("{value:.767e}")).unwrap();
            assert_eq!(Constant::exact(value), Some(all.into()), "{value:e}");
        }
    }

    #[test]
    fn exactness_is_decided_on_the_decimal() {
        let exact = |text| Constant::parse(text).unwrap().as_exact_f64();
        assert_eq!(exact("0.5"), Some(0.5));
        assert_eq!(exact("0.1"), None);
        assert_eq!(exact("9007199254740993"), None);
        assert_eq!(exact("9007199254740992"), Some(9007199254740992.0));
        assert_eq!(exact("1e300"), None);
    }

    #[test]
    fn too_large_is_said() {
        assert_eq!(Constant::parse("1e999"), Err(DecimalError::TooLarge));
        assert_eq!(Constant::parse("1e99999999999999999999"), Err(DecimalError::TooLarge));
        assert_eq!(Constant::parse("1.2.3"), Err(DecimalError::Malformed));
    }
}

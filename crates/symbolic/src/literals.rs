//! What decimals in formulas mean as exact numbers.

use expr::Constant;
use num_bigint::BigInt;
use num_rational::BigRational;

/// What a decimal in a formula means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Literals {
    /// The nearest double, as everywhere else.
    #[default]
    Nearest,
    /// The number that is written.
    Exact,
}

impl Literals {
    /// The exact number that a decimal or an integer stands for; none where its exponent is beyond all bounds.
    pub fn value(self, constant: &Constant) -> Option<BigRational> {
        match constant {
            Constant::Integer(value) => Some(BigRational::from_integer((*value).into())),
            Constant::Decimal(_) if self == Literals::Nearest => BigRational::from_float(constant.to_f64()),
            Constant::Decimal(decimal) => {
                let digits: BigInt = decimal.digits().parse().ok()?;
                let digits = if decimal.is_negative() { -digits } else { digits };
                let power = decimal.exponent();
                let scale = BigInt::from(10).pow(Some(power.unsigned_abs()).filter(|power| *power <= 400)?);
                Some(if power < 0 {
                    BigRational::new(digits, scale)
                } else {
                    BigRational::from_integer(digits * scale)
                })
            }
            Constant::Pi | Constant::E => None,
        }
    }
}

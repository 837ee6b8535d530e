//! Double-double numbers in which literals are the decimals that are written, not the doubles nearest to them.

use expr::{Constant, Decimal, DoubleDouble, Op, Scalar};

/// A number of some 32 digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exact(pub(super) DoubleDouble);
expr::arithmetic!(Exact);

impl Scalar for Exact {
    type Context = ();

    fn context(&self) {}

    fn lift((): (), constant: &Constant) -> Exact {
        Exact(match constant {
            Constant::Decimal(decimal) => read(decimal),
            other => DoubleDouble::lift((), other),
        })
    }

    fn apply(op: Op, arguments: &[Exact]) -> Exact {
        let mut own = [DoubleDouble::from(0.0); 3];
        own.iter_mut().zip(arguments).for_each(|(own, argument)| *own = argument.0);
        Exact(DoubleDouble::apply(op, &own[..arguments.len()]))
    }
}

fn read(decimal: &Decimal) -> DoubleDouble {
    let digit = |digit: u8| DoubleDouble::from(f64::from(digit - b'0'));
    let ten = DoubleDouble::from(10.0);
    let digits = decimal.digits().bytes().fold(DoubleDouble::from(0.0), |all, next| all * ten + digit(next));
    let power = DoubleDouble::apply(Op::Powi, &[ten, f64::from(decimal.exponent().unsigned_abs()).into()]);
    let value = if decimal.exponent() < 0 { digits / power } else { digits * power };
    // At the ends of the range there are no 32 digits to be had.
    let nearest = Constant::Decimal(decimal.clone()).to_f64();
    let value = if decimal.is_negative() { -value } else { value };
    if value.hi == nearest { value } else { nearest.into() }
}

#[cfg(test)]
mod tests {
    use super::{DoubleDouble, Exact};

    #[test]
    fn a_tenth_is_a_tenth() {
        let value = |text: &str, x: f64| syntax::parse(text).unwrap().evaluate((), &[Exact(x.into())])[0].0;
        let zero = |value: DoubleDouble| value.hi.abs() < 1e-31;
        assert!(zero(value("0.1*x - 1", 10.0)));
        assert!(zero(value("1.1 - 1 - x/10", 1.0)));
        assert!(zero(value("x*(0.3 - 3*0.1)", 7.0)));
        assert!(zero(value("1.25e-7*x - 1", 8e6)));
        assert_eq!(value("-2.5*x", 2.0).hi, -5.0);
        assert_eq!(value("1e-320*x", 1.0).hi, 1e-320);
    }
}

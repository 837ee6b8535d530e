//! Intervals as numbers: which function of them each operator of the table is.

use dashu_int::IBig;
use expr::{Constant, Op, Scalar};

use crate::elementary::power;
use crate::endpoint::{self, End, floor, is_integer, sign, truncated};
use crate::interval::{Context, Interval, Reading};

expr::arithmetic!(Interval<'w>, ['w]);

impl<'w> Scalar for Interval<'w> {
    type Context = Context<'w>;

    fn context(&self) -> Context<'w> {
        self.context
    }

    fn lift(context: Context<'w>, constant: &Constant) -> Self {
        match constant {
            Constant::Pi => Interval::pi(context),
            Constant::E => Interval::integer(context, 1).exp(),
            Constant::Decimal(decimal) if context.reading == Reading::Exact => {
                Interval::decimal(context, decimal)
            }
            literal => Interval::point(context, endpoint::from_f64(literal.to_f64())),
        }
    }

    fn apply(op: Op, arguments: &[Self]) -> Self {
        let a = &arguments[0];
        let context = a.context;
        let b = arguments.get(1).unwrap_or(a);
        let one = || Interval::integer(context, 1);
        let truth = |yes: bool, no: bool| match (yes, no) {
            (true, _) => one(),
            (_, true) => Interval::integer(context, 0),
            _ => Interval::between(context, 0, 1),
        };
        match op {
            Op::Neg => a.negated(),
            Op::Add => a.plus(b),
            Op::Sub => a.plus(&b.negated()),
            Op::Mul => a.times(b),
            Op::Div => a.over(b),
            Op::Pow | Op::Powi => power(a, b),
            Op::Square => a.squared(),
            Op::Recip => one().over(a),
            Op::Sqrt => a.root(),
            Op::Cbrt => a.cube_root(),
            Op::Hypot => a.squared().plus(&b.squared()).root(),
            Op::Exp => a.exp(),
            Op::Exp2 => a.exp_2(),
            Op::Expm1 => a.expm1(),
            Op::Ln => a.ln(),
            Op::Log1p => a.ln_1p(),
            Op::Log2 => a.log(2),
            Op::Log10 => a.log(10),
            Op::Sin => a.sin(),
            Op::Cos => a.cos(),
            Op::Tan => a.tan(),
            Op::Asin => a.asin(),
            Op::Acos => a.acos(),
            Op::Atan => a.atan(),
            Op::Atan2 => a.atan2(b),
            Op::Sinh => a.sinh(),
            Op::Cosh => a.magnitude().cosh_of_magnitude(),
            Op::Tanh => a.tanh(),
            Op::Asinh => a.asinh(),
            Op::Acosh => a.acosh(),
            Op::Atanh => a.atanh(),
            Op::Abs => a.magnitude(),
            Op::Sign => Interval::between(context, sign(&a.low).into(), sign(&a.high).into()),
            Op::Floor => step(a, floor),
            Op::Ceil => step(a, |end| -floor(&endpoint::negated(end))),
            Op::Trunc => step(a, truncated),
            Op::Round => step(a, rounded_half_away),
            Op::Min => a.min_with(b),
            Op::Max => a.max_with(b),
            Op::Clamp => a.max_with(b).min_with(&arguments[2]),
            // 1/(1 + e^-a) for each end, where it never cancels.
            Op::Sigmoid => one().over(&one().plus(&a.negated().exp())),
            // ln(1 + e^a) = a + ln(1 + e^-a): whichever exponential is small.
            Op::Softplus => {
                let range = Interval::new(context, End::zero(), End::infinity());
                a.rising(range, |end| {
                    let end = Interval::point(context, end.clone());
                    match end.is_positive() {
                        true => end.plus(&end.negated().exp().ln_1p()),
                        false => end.exp().ln_1p(),
                    }
                })
            }
            Op::Relu => a.max_with(&Interval::integer(context, 0)),
            Op::Erf => {
                a.rising(Interval::between(context, -1, 1), |end| Interval::point(context, end.clone()).erf())
            }
            Op::Erfc => a.erfc_of_any(),
            Op::Expmsq => a.squared().negated().exp(),
            Op::Xlogy => match a.is_zero() {
                true => Interval::integer(context, 0),
                false => a.times(&b.ln()),
            },
            Op::Lt => truth(a.high < b.low, a.low >= b.high),
            Op::Le => truth(a.high <= b.low, a.low > b.high),
            Op::Gt => truth(a.low > b.high, a.high <= b.low),
            Op::Ge => truth(a.low >= b.high, a.high < b.low),
            Op::Eq => truth(equal(a, b), a.high < b.low || a.low > b.high),
            Op::Ne => truth(a.high < b.low || a.low > b.high, equal(a, b)),
            Op::Select => match (a.is_zero(), a.contains_zero()) {
                (true, _) => arguments[2].clone(),
                (_, false) => b.clone(),
                _ => b.clone().hull(arguments[2].clone()),
            },
            Op::Sech => one().over(&a.magnitude().cosh_of_magnitude()),
            Op::Csch => one().over(&a.sinh()),
            Op::Asec => a.inverse_secant(),
            Op::Acsc => a.inverse_cosecant(),
            Op::Mod => a.modulo(b),
            Op::Rem => a.remainder(b),
            Op::Logit => a.logit(),
            Op::Log1mexp => a.ln_1m_exp(),
            Op::Sinc => a.with_order(b, |k| a.sinc(k)),
            Op::Lgamma => a.ln_gamma(),
            Op::Polygamma => a.with_order(b, |k| a.polygamma(k)),
            Op::Lbeta => a.ln_beta(b),
            Op::Digammadiff => a.with_order(&arguments[2], |k| a.polygamma_difference(b, k)),
            Op::Erfinv => a.erf_inverse(),
            Op::Normcdf => a.normal(),
            Op::Lognormcdf => a.ln_normal(),
            Op::Mills => a.with_order(b, |k| a.mills(k)),
            // A new row of the table is certified nowhere until its intervals are written down here.
            #[allow(unreachable_patterns)]
            _ => Interval::entire(context),
        }
    }
}

/// Certainly the same number.
fn equal(a: &Interval<'_>, b: &Interval<'_>) -> bool {
    a.as_point().is_some_and(|a| b.as_point() == Some(a))
}

/// A staircase, step by step at both ends; integers are where they belong already.
fn step<'w>(a: &Interval<'w>, at: impl Fn(&End) -> IBig) -> Interval<'w> {
    let at = |end: &End| match end.is_infinite() || is_integer(end) {
        true => end.clone(),
        false => End::new(at(end), 0),
    };
    Interval::new(a.context, at(&a.low), at(&a.high))
}

fn rounded_half_away(end: &End) -> IBig {
    if sign(end) < 0 {
        -endpoint::nearest_integer(&endpoint::negated(end))
    } else {
        endpoint::nearest_integer(end)
    }
}

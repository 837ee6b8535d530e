//! Comparisons of indices as statements about whole numbers: `j < 100.5` is `j <= 100`, `j < exp(5)` is `j <= 148`.

use expr::index::{Index, Symbol};
use expr::{Constant, Op};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{FromPrimitive, Signed, ToPrimitive, Zero};

use super::super::term::Term;
use super::expand::rational;
use super::linear::{Region, below_zero};

/// What a comparison of indices says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Predicate {
    /// Always the same.
    Known(bool),
    /// The form is at least 0.
    AtLeast(Index),
    /// The form is 0.
    Zero(Index),
    /// The form is not 0.
    NonZero(Index),
}

impl Predicate {
    /// Whether it holds everywhere in a region, or nowhere; nothing when that depends.
    pub(crate) fn decided(&self, region: &Region) -> Option<bool> {
        let negative = |form: &Index| below_zero(form).is_some_and(|opposite| region.implies(&opposite));
        match self {
            Predicate::Known(holds) => Some(*holds),
            Predicate::AtLeast(form) if region.implies(form) => Some(true),
            Predicate::AtLeast(form) => negative(form).then_some(false),
            Predicate::Zero(form) => {
                let opposite = Index::default().minus(form)?;
                let (above, below) = (region.implies(form), region.implies(&opposite));
                match (above, below) {
                    (true, true) => Some(true),
                    _ if negative(form) || negative(&opposite) => Some(false),
                    _ => None,
                }
            }
            Predicate::NonZero(form) => Predicate::Zero(form.clone()).decided(region).map(|zero| !zero),
        }
    }

    /// The cases of which one holds for all whole numbers, each as forms that are at least 0.
    pub(crate) fn cases(&self) -> Option<Vec<Vec<Index>>> {
        Some(match self {
            Predicate::Known(_) => vec![Vec::new()],
            Predicate::AtLeast(form) => vec![vec![form.clone()], vec![below_zero(form)?]],
            Predicate::Zero(form) | Predicate::NonZero(form) => {
                let opposite = Index::default().minus(form)?;
                vec![
                    vec![form.clone(), opposite.clone()],
                    vec![below_zero(&opposite)?],
                    vec![below_zero(form)?],
                ]
            }
        })
    }

    /// The form that it speaks of.
    pub(crate) fn form(&self) -> Option<&Index> {
        match self {
            Predicate::Known(_) => None,
            Predicate::AtLeast(form) | Predicate::Zero(form) | Predicate::NonZero(form) => Some(form),
        }
    }
}

/// What the comparison of two terms says of indices, when it speaks of nothing else and of these linearly.
pub(crate) fn predicate(op: Op, left: &Term, right: &Term) -> Option<Predicate> {
    let (a, b) = (linear(left)?, linear(right)?);
    let difference = a.plus(&b.times(&Bounds::exact(-one()))?);
    match op {
        Op::Lt => difference.negated()?.at_least(true),
        Op::Le => difference.negated()?.at_least(false),
        Op::Gt => difference.at_least(true),
        Op::Ge => difference.at_least(false),
        Op::Eq => difference.zero(),
        Op::Ne => Some(match difference.zero()? {
            Predicate::Known(holds) => Predicate::Known(!holds),
            Predicate::Zero(form) => Predicate::NonZero(form),
            other => other,
        }),
        _ => None,
    }
}

fn one() -> BigRational {
    BigRational::from_integer(1.into())
}

/// A number between two.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    low: BigRational,
    high: BigRational,
}

/// Symbols with factors, and a number between two.
struct Linear {
    factors: Vec<(Vec<Symbol>, BigRational)>,
    rest: Bounds,
}

impl Bounds {
    fn exact(value: BigRational) -> Bounds {
        Bounds { low: value.clone(), high: value }
    }

    fn around(low: f64, high: f64) -> Option<Bounds> {
        Some(Bounds { low: BigRational::from_f64(low)?, high: BigRational::from_f64(high)? })
    }

    fn as_exact(&self) -> Option<&BigRational> {
        (self.low == self.high).then_some(&self.low)
    }

    fn times(&self, other: &Bounds) -> Bounds {
        let products = [
            &self.low * &other.low,
            &self.low * &other.high,
            &self.high * &other.low,
            &self.high * &other.high,
        ];
        Bounds {
            low: products.iter().min().expect("there are four").clone(),
            high: products.iter().max().expect("there are four").clone(),
        }
    }
}

impl Linear {
    fn plus(&self, other: &Linear) -> Linear {
        let mut factors = self.factors.clone();
        for (of, factor) in &other.factors {
            match factors.iter_mut().find(|(known, _)| known == of) {
                Some((_, sum)) => *sum += factor,
                None => factors.push((of.clone(), factor.clone())),
            }
        }
        factors.retain(|(_, factor)| !factor.is_zero());
        let rest = Bounds { low: &self.rest.low + &other.rest.low, high: &self.rest.high + &other.rest.high };
        Linear { factors, rest }
    }

    fn times(&self, number: &Bounds) -> Option<Linear> {
        let rest = self.rest.times(number);
        if self.factors.is_empty() {
            return Some(Linear { factors: Vec::new(), rest });
        }
        let scale = number.as_exact()?;
        let scaled = |(of, factor): &(Vec<Symbol>, BigRational)| (of.clone(), factor * scale);
        Some(Linear { factors: self.factors.iter().map(scaled).collect(), rest })
    }

    fn negated(&self) -> Option<Linear> {
        self.times(&Bounds::exact(-one()))
    }

    /// Whole factors, and what the rest becomes by the same scale.
    fn whole(&self) -> Option<(Index, Bounds)> {
        let one = BigInt::from(1);
        let scale = self.factors.iter().fold(one, |scale, (_, factor)| &scale * (factor * &scale).denom());
        let mut form = Index::default();
        for (symbols, factor) in &self.factors {
            let factor = (factor * &scale).to_integer().to_i64()?;
            let term = symbols
                .iter()
                .try_fold(Index::from(factor), |product, &symbol| product.times(&symbol.into()))?;
            form = form.plus(&term)?;
        }
        Some((form, self.rest.times(&Bounds::exact(scale.into()))))
    }

    /// At least 0, or above 0.
    fn at_least(&self, strictly: bool) -> Option<Predicate> {
        // form + rest >= 0 means form >= -rest, and a whole number is at least a number when it is at least its ceiling.
        let (form, rest) = self.whole()?;
        let least = |rest: &BigRational| {
            let ceiling = (-rest).ceil();
            if strictly && ceiling == -rest { ceiling + one() } else { ceiling }
        };
        let (a, b) = (least(&rest.low), least(&rest.high));
        if a != b {
            return None;
        }
        let whole = form.minus(&Index::from(a.to_integer().to_i64()?))?;
        Some(match whole.as_constant() {
            Some(constant) => Predicate::Known(constant >= 0),
            None => Predicate::AtLeast(whole),
        })
    }

    fn zero(&self) -> Option<Predicate> {
        let (form, rest) = self.whole()?;
        match rest.as_exact() {
            Some(rest) if rest.is_integer() => {
                let whole = form.plus(&Index::from(rest.to_integer().to_i64()?))?;
                Some(match whole.as_constant() {
                    Some(constant) => Predicate::Known(constant == 0),
                    None => Predicate::Zero(whole),
                })
            }
            // A whole number is none that lies between two neighbouring ones.
            _ => {
                let apart = rest.low.floor() == rest.high.floor() && !rest.low.is_integer();
                apart.then_some(Predicate::Known(false))
            }
        }
    }
}

/// A term as a sum of symbols with factors, and a number.
fn linear(term: &Term) -> Option<Linear> {
    let number = |rest: Bounds| Linear { factors: Vec::new(), rest };
    Some(match term {
        Term::Index(form) => {
            let mut found = number(Bounds::exact(BigRational::zero()));
            for (symbols, factor) in form.terms() {
                let factor = BigRational::from_integer((*factor).into());
                match symbols.is_empty() {
                    true => found.rest = Bounds::exact(factor),
                    false => found.factors.push((symbols.clone(), factor)),
                }
            }
            found
        }
        Term::Constant(constant) => number(enclosed(constant)?),
        Term::Apply(Op::Neg, of) => linear(&of[0])?.negated()?,
        Term::Apply(Op::Add, of) => linear(&of[0])?.plus(&linear(&of[1])?),
        Term::Apply(Op::Sub, of) => linear(&of[0])?.plus(&linear(&of[1])?.negated()?),
        Term::Apply(Op::Mul, of) => {
            let (a, b) = (linear(&of[0])?, linear(&of[1])?);
            match (a.factors.is_empty(), b.factors.is_empty()) {
                (true, _) => b.times(&a.rest)?,
                (_, true) => a.times(&b.rest)?,
                _ => return None,
            }
        }
        Term::Apply(Op::Div, of) => {
            let (a, b) = (linear(&of[0])?, linear(&of[1])?);
            let apart = b.factors.is_empty() && (b.rest.low.is_positive() || b.rest.high.is_negative());
            apart.then_some(())?;
            a.times(&Bounds { low: b.rest.high.recip(), high: b.rest.low.recip() })?
        }
        Term::Apply(Op::Pow | Op::Powi, of) => {
            let base = linear(&of[0])?;
            let exponent = of[1].as_integer().filter(|e| (0..=64).contains(e) && base.factors.is_empty())?;
            number((0..exponent).fold(Bounds::exact(one()), |power, _| power.times(&base.rest)))
        }
        Term::Apply(op, of) => {
            let of = linear(of.first().filter(|_| of.len() == 1)?)?;
            of.factors.is_empty().then_some(())?;
            number(rising(*op, &of.rest)?)
        }
        _ => return None,
    })
}

fn enclosed(constant: &Constant) -> Option<Bounds> {
    let value = constant.to_f64();
    match constant {
        // The nearest double, so that the neighbours are on both sides.
        Constant::Pi | Constant::E => Bounds::around(value.next_down(), value.next_up()),
        _ => Some(Bounds::exact(rational(constant)?)),
    }
}

/// How far values of the table's functions may be from the right ones, in doubles; they keep within 2.
const ULPS: usize = 8;

/// Functions that rise, from below and from above.
fn rising(op: Op, of: &Bounds) -> Option<Bounds> {
    let (low, high) = (of.low.to_f64()?.next_down(), of.high.to_f64()?.next_up());
    let defined = match op {
        Op::Exp | Op::Exp2 | Op::Expm1 | Op::Cbrt | Op::Atan | Op::Sinh | Op::Tanh | Op::Asinh => true,
        Op::Ln | Op::Log2 | Op::Log10 | Op::Sqrt => low > 0.0,
        Op::Log1p => low > -1.0,
        _ => false,
    };
    defined.then_some(())?;
    let (mut below, mut above) = (op.value(&[low]), op.value(&[high]));
    for _ in 0..ULPS {
        (below, above) = (below.next_down(), above.next_up());
    }
    Bounds::around(below, above)
}

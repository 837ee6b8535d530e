//! Functions that are written by others as soon as they are read.

use crate::jet::{Jet, Jets};
use expr::{Calculus, Constant, Op, Scalar};

/// An argument that is not the literal that it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoLiteral {
    #[error("the order of a derivative is a literal integer from 0 to 1000")]
    Order { position: usize },
    #[error("the degree of a root is not 0")]
    Degree { position: usize },
}

impl NoLiteral {
    /// Which of the arguments it is.
    pub(crate) fn position(self) -> usize {
        let (NoLiteral::Order { position } | NoLiteral::Degree { position }) = self;
        position
    }
}

/// A function of the language at its arguments, of which there are as many as it takes.
///
/// # Errors
/// Where an argument has to be another literal.
pub(crate) fn define<'g>(
    builder: &'g Jets<'g>,
    name: &str,
    arguments: &[Jet<'g>],
) -> Result<Jet<'g>, NoLiteral> {
    let one = || builder.lift(&Constant::Integer(1));
    let own = || Op::by_name(name).expect("a function of the language");
    let order = |k: i64| builder.lift(&Constant::Integer(k));
    let own_order = |k: Jet<'g>, position: usize| match k.literal() {
        Some(0..=MOST_ORDERS) => Ok(k),
        _ => Err(NoLiteral::Order { position }),
    };
    Ok(match (name, arguments) {
        ("sec", &[x]) => one() / x.cos(),
        ("csc", &[x]) => one() / x.sin(),
        ("cot", &[x]) => x.cos() / x.sin(),
        // The angle in (0, π): continuous at 0, and of one operator that loses nothing.
        ("acot", &[x]) => one().atan2(x),
        // By the tangent, which does not overflow.
        ("coth", &[x]) => one() / x.tanh(),
        ("log", &[x, base]) => match base.literal() {
            Some(2) => x.log2(),
            Some(10) => x.log10(),
            _ => x.ln() / base.ln(),
        },
        ("root", &[x, degree]) => match degree.literal() {
            Some(0) => return Err(NoLiteral::Degree { position: 1 }),
            Some(n) if n < 0 => one() / root(builder, x, n.unsigned_abs()),
            Some(n) => root(builder, x, n.unsigned_abs()),
            None => x.pow(one() / degree),
        },
        ("digamma", &[x]) => x.polygamma(order(0)),
        ("trigamma", &[x]) => x.polygamma(order(1)),
        // The order comes first, as everywhere else in print.
        ("polygamma", &[k, x]) => x.polygamma(own_order(k, 0)?),
        ("sinc" | "mills", &[x]) => Jet::apply(own(), &[x, order(0)]),
        ("sinc" | "mills", &[x, k]) => Jet::apply(own(), &[x, own_order(k, 1)?]),
        ("digammadiff", &[a, b]) => a.digammadiff(b, order(0)),
        ("digammadiff", &[a, b, k]) => a.digammadiff(b, own_order(k, 2)?),
        _ => Jet::apply(own(), arguments),
    })
}

/// The largest order for which there are values.
const MOST_ORDERS: i64 = expr::MOST_ORDERS as i64;

/// How an operator with an order is called: its name, and what stands before and after its arguments.
pub(crate) fn written(op: Op, order: i64) -> (&'static str, String, String) {
    match (op, order) {
        (Op::Polygamma, 0) => ("digamma", String::new(), String::new()),
        (Op::Polygamma, 1) => ("trigamma", String::new(), String::new()),
        (Op::Polygamma, _) => (op.name(), format!("{order}, "), String::new()),
        (_, 0) => (op.name(), String::new(), String::new()),
        _ => (op.name(), String::new(), format!(", {order}")),
    }
}

/// The root of a literal degree: of degrees 2 and 3 as often as they divide it, of the rest by a power; odd ones of
/// negative numbers too.
fn root<'g>(builder: &'g Jets<'g>, x: Jet<'g>, degree: u64) -> Jet<'g> {
    let (mut x, mut degree, mut signed) = (x, degree, true);
    while degree.is_multiple_of(2) {
        (x, degree, signed) = (x.sqrt(), degree / 2, false);
    }
    while degree.is_multiple_of(3) {
        (x, degree) = (x.cbrt(), degree / 3);
    }
    let integer = |n: i64| builder.lift(&Constant::Integer(n));
    match i64::try_from(degree) {
        Ok(1) => x,
        Ok(n) if signed => x.sign() * x.abs().pow(integer(1) / integer(n)),
        Ok(n) => x.pow(integer(1) / integer(n)),
        Err(_) => x.pow(integer(1) / builder.constant(degree as f64)),
    }
}

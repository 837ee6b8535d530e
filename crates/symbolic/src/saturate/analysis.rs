//! What is known of an e-class on D: which signs its value can have, and its exact value if it is a constant.

use std::sync::LazyLock;

use egg::{Analysis, DidMerge, EGraph, Id, Language};
use expr::{Certainty, Constant, ConstantId, FactDomain, Node, Op};
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, Zero};

use super::enode::ENode;

/// The signs that a value may have, as a set.
pub(crate) type Signs = u8;
pub(crate) const NEGATIVE: Signs = 1;
pub(crate) const ZERO: Signs = 2;
pub(crate) const POSITIVE: Signs = 4;
pub(crate) const ANY: Signs = 7;

/// Constants with more digits than this stay unfolded.
const MOST_BITS: u64 = 256;

/// The analysis of all e-classes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// What opaque constants stand for.
    constants: Vec<Constant>,
    /// The signs that inputs can have, by their position; those beyond can have any.
    inputs: Vec<Signs>,
    /// Whether what stands in a term is evidence: a divisor is not 0 where its quotient is defined.
    presence: bool,
    /// Two facts cannot both hold: D is empty.
    pub(crate) contradiction: bool,
}

/// What is known of one e-class.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fact {
    pub(crate) signs: Signs,
    pub(crate) value: Option<BigRational>,
}

impl Facts {
    pub(crate) fn new(constants: Vec<Constant>, inputs: Vec<Signs>, presence: bool) -> Facts {
        Facts { constants, inputs, presence, contradiction: false }
    }

    pub(super) fn sign_of_constant(&self, id: ConstantId) -> Signs {
        let value = self.constants[id.index()].to_f64();
        if value > 0.0 {
            POSITIVE
        } else if value < 0.0 {
            NEGATIVE
        } else {
            ZERO
        }
    }
}

/// The numbers of some signs, by their ends.
struct Range(f64, f64);

impl Range {
    fn of(signs: Signs) -> Range {
        let least = [(NEGATIVE, f64::MIN), (ZERO, 0.0), (POSITIVE, f64::MIN_POSITIVE)];
        let greatest = [(POSITIVE, f64::MAX), (ZERO, 0.0), (NEGATIVE, -f64::MIN_POSITIVE)];
        let first = |ends: [(Signs, f64); 3]| ends.into_iter().find(|(sign, _)| signs & sign != 0);
        first(least)
            .zip(first(greatest))
            .map_or(Range(f64::NAN, f64::NAN), |(low, high)| Range(low.1, high.1))
    }
}

impl FactDomain for Range {
    type End = f64;

    fn ends(&self) -> [&f64; 2] {
        [&self.0, &self.1]
    }

    fn end(number: f64) -> f64 {
        number
    }
}

/// Per operator, and whether its second argument is known to be negative: which signs its arguments can have where it is
/// defined.
static NEEDED: LazyLock<Vec<[[Signs; 3]; 2]>> = LazyLock::new(|| {
    let needed = |op: Op, second: Signs, k: usize| {
        let possible = |sign: &Signs| {
            let others = [ANY, second, ANY];
            let arguments = [0, 1, 2].map(|j| Range::of(if j == k { *sign } else { others[j] }));
            op.undefined().iter().all(|fact| fact.without_value(&arguments) != Certainty::Yes)
        };
        [NEGATIVE, ZERO, POSITIVE].into_iter().filter(possible).fold(0, |signs, sign| signs | sign)
    };
    let arguments =
        |op: Op, second| [0, 1, 2].map(|k| if k < op.arity() { needed(op, second, k) } else { ANY });
    Op::ALL.iter().map(|&op| [arguments(op, ANY), arguments(op, NEGATIVE)]).collect()
});

/// Tells `learn(k, signs)` which signs the arguments of an operator can have where it is defined; `negative_second`
/// says whether the second one is known to be negative.
pub(super) fn needs(op: Op, negative_second: impl Fn() -> bool, mut learn: impl FnMut(usize, Signs)) {
    if op.undefined().is_empty() {
        return;
    }
    let needed = NEEDED[op as usize][usize::from(op.arity() > 1 && negative_second())];
    (0..op.arity()).filter(|&k| needed[k] != ANY).for_each(|k| learn(k, needed[k]));
}

pub(super) fn sign_of(value: &BigRational) -> Signs {
    if value.is_zero() {
        ZERO
    } else if value.is_positive() {
        POSITIVE
    } else {
        NEGATIVE
    }
}

fn flipped(signs: Signs) -> Signs {
    (signs & ZERO)
        | if signs & NEGATIVE != 0 { POSITIVE } else { 0 }
        | if signs & POSITIVE != 0 { NEGATIVE } else { 0 }
}

/// The signs of a product.
fn times(a: Signs, b: Signs) -> Signs {
    let mut signs = 0;
    if (a | b) & ZERO != 0 {
        signs |= ZERO;
    }
    if a & POSITIVE != 0 {
        signs |= b & !ZERO;
    }
    if a & NEGATIVE != 0 {
        signs |= flipped(b) & !ZERO;
    }
    signs
}

/// The signs of a sum: both positive is positive, and so on.
fn plus(a: Signs, b: Signs) -> Signs {
    let mut signs = (a | b) & !ZERO;
    if a & b & ZERO != 0 || (a | b) & (POSITIVE | NEGATIVE) == POSITIVE | NEGATIVE {
        signs |= ZERO;
    }
    signs
}

impl Facts {
    pub(super) fn signs(&self, op: Op, of: &dyn Fn(usize) -> Fact) -> Signs {
        let arg = |k: usize| of(k).signs;
        match op {
            Op::Neg => flipped(arg(0)),
            Op::Add => plus(arg(0), arg(1)),
            Op::Sub => plus(arg(0), flipped(arg(1))),
            Op::Mul => times(arg(0), arg(1)),
            // A quotient that is defined has a divisor other than 0, and its sign is that of the product.
            Op::Div => times(arg(0), arg(1) & !ZERO),
            Op::Recip => arg(0) & !ZERO,
            Op::Exp | Op::Exp2 | Op::Cosh | Op::Sigmoid | Op::Softplus | Op::Expmsq | Op::Erfc => POSITIVE,
            Op::Sech | Op::Normcdf | Op::Mills => POSITIVE,
            Op::Lognormcdf | Op::Log1mexp => NEGATIVE,
            Op::Csch | Op::Acsc | Op::Erfinv => arg(0),
            Op::Asec => POSITIVE | ZERO,
            Op::Sqrt | Op::Abs | Op::Square | Op::Hypot => {
                let zero = if op == Op::Hypot { arg(0) & arg(1) & ZERO } else { arg(0) & ZERO };
                POSITIVE | zero
            }
            Op::Relu => POSITIVE | ZERO,
            Op::Sign | Op::Cbrt | Op::Sinh | Op::Tanh | Op::Asinh | Op::Atan | Op::Erf | Op::Expm1 => arg(0),
            Op::Powi => match of(1).value {
                Some(exponent) if exponent.is_integer() => {
                    let even = (exponent.numer() % 2u32).is_zero();
                    let signs = if even { POSITIVE | (arg(0) & ZERO) } else { arg(0) };
                    if exponent.is_zero() { POSITIVE } else { signs }
                }
                _ => ANY,
            },
            Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Eq | Op::Ne => ZERO | POSITIVE,
            Op::Select => arg(1) | arg(2),
            Op::Max | Op::Min => arg(0) | arg(1),
            _ => ANY,
        }
    }

    /// The exact value of an operation on exact values.
    fn value(op: Op, of: &dyn Fn(usize) -> Fact) -> Option<BigRational> {
        let arg = |k: usize| of(k).value;
        let value = match op {
            Op::Neg => -arg(0)?,
            Op::Add => arg(0)? + arg(1)?,
            Op::Sub => arg(0)? - arg(1)?,
            Op::Mul => arg(0)? * arg(1)?,
            Op::Div => {
                let divisor = arg(1).filter(|divisor| !divisor.is_zero())?;
                arg(0)? / divisor
            }
            Op::Square => arg(0)?.pow(2),
            Op::Abs => arg(0)?.abs(),
            Op::Powi => {
                let exponent = i32::try_from(arg(1).filter(BigRational::is_integer)?.numer()).ok()?;
                let base = arg(0)?;
                if exponent.unsigned_abs() > 64 || (exponent < 0 && base.is_zero()) {
                    return None;
                }
                if exponent == 0 { BigRational::one() } else { base.pow(exponent) }
            }
            _ => return None,
        };
        (value.numer().bits() <= MOST_BITS && value.denom().bits() <= MOST_BITS).then_some(value)
    }
}

impl Analysis<ENode> for Facts {
    type Data = Fact;

    fn make(egraph: &mut EGraph<ENode, Self>, enode: &ENode, _: Id) -> Fact {
        let of = |k: usize| egraph[enode.children()[k]].data.clone();
        match enode {
            ENode::Rational(value) => Fact { signs: sign_of(value), value: Some(value.clone()) },
            ENode::Node(Node::Const(id)) => {
                Fact { signs: egraph.analysis.sign_of_constant(*id), value: None }
            }
            ENode::Node(Node::Input(_, offset)) => {
                let signs = egraph.analysis.inputs.get(*offset as usize).copied().unwrap_or(ANY);
                Fact { signs, value: None }
            }
            ENode::Node(node) => match node.op() {
                Some(op) => {
                    let value = Facts::value(op, &of);
                    let signs = value.as_ref().map_or_else(|| egraph.analysis.signs(op, &of), sign_of);
                    Fact { signs, value }
                }
                None => Fact { signs: ANY, value: None },
            },
        }
    }

    /// Both facts hold of the merged class.
    fn merge(&mut self, a: &mut Fact, b: Fact) -> DidMerge {
        let both = Fact { signs: a.signs & b.signs, value: a.value.clone().or_else(|| b.value.clone()) };
        let differ = matches!((&a.value, &b.value), (Some(a), Some(b)) if a != b);
        if both.signs == 0 || differ {
            self.contradiction = true;
        }
        let merged = DidMerge(*a != both, b != both);
        *a = both;
        merged
    }

    /// A known value becomes a leaf; and where something stands, what it needs is so.
    fn modify(egraph: &mut EGraph<ENode, Self>, id: Id) {
        if let Some(value) = egraph[id].data.value.clone() {
            let leaf = egraph.add(ENode::Rational(value));
            egraph.union(id, leaf);
        }
        if !egraph.analysis.presence {
            return;
        }
        let mut learned: Vec<(Id, Signs)> = Vec::new();
        for enode in &egraph[id].nodes {
            let ENode::Node(node) = enode else { continue };
            let children = node.operands();
            let Some(op) = node.op() else { continue };
            let negative = || egraph[children[1]].data.value.as_ref().is_some_and(BigRational::is_negative);
            needs(op, negative, |k, signs| learned.push((children[k], signs)));
        }
        for (child, signs) in learned {
            let before = egraph[child].data.clone();
            let after = Fact { signs: before.signs & signs, ..before.clone() };
            if after.signs == 0 {
                egraph.analysis.contradiction = true;
            } else if after != before {
                egraph.set_analysis_data(child, after);
            }
        }
    }
}

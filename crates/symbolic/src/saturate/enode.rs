//! The e-graph's language: the IR's own node, with e-classes in its operands; and exact rational constants.

use std::fmt;
use std::mem::{Discriminant, discriminant};

use egg::{FromOp, Id, Language};
use expr::{Constant, ConstantId, Form, Node, Op};
use num_rational::BigRational;
use num_traits::ToPrimitive;

/// An e-node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ENode {
    /// A constant that is a rational number as it stands.
    Rational(BigRational),
    /// Everything else; other constants (0.1, whose nearest double is meant, pi, e) are opaque.
    Node(Node<Id>),
}

/// The e-node of a constant.
pub(crate) fn constant(id: ConstantId, constant: &Constant) -> ENode {
    let exact = constant.as_exact_f64().filter(|value| *value != 0.0 || !constant.is_negative());
    match exact.and_then(BigRational::from_float) {
        Some(rational) => ENode::Rational(rational),
        None => ENode::Node(Node::Const(id)),
    }
}

/// A rational as constants: one literal, or the quotient of two integers; nothing when neither is exact.
pub(crate) fn literals(rational: &BigRational) -> Option<(Constant, Option<Constant>)> {
    let double = rational.to_f64().filter(|value| BigRational::from_float(*value).as_ref() == Some(rational));
    if let Some(constant) = double.and_then(Constant::exact)
        && constant.to_string().len() <= 20
    {
        return Some((constant, None));
    }
    let integer = |value: &num_bigint::BigInt| {
        value.to_i64().filter(|value| value.unsigned_abs() < 1_000_000_000_000_000).map(Constant::Integer)
    };
    Some((integer(rational.numer())?, Some(integer(rational.denom())?)))
}

impl Language for ENode {
    type Discriminant = (Option<BigRational>, Discriminant<Node<()>>, Node<()>);

    fn discriminant(&self) -> Self::Discriminant {
        match self {
            ENode::Rational(value) => {
                let leaf = Node::Symbol(expr::index::Symbol::Size(0));
                (Some(value.clone()), discriminant(&leaf), leaf)
            }
            ENode::Node(node) => {
                let shape = node.map(|_| ());
                (None, discriminant(&shape), shape)
            }
        }
    }

    fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (ENode::Rational(a), ENode::Rational(b)) => a == b,
            (ENode::Node(a), ENode::Node(b)) => a.map(|_| ()) == b.map(|_| ()),
            _ => false,
        }
    }

    fn children(&self) -> &[Id] {
        match self {
            ENode::Rational(_) => &[],
            ENode::Node(node) => node.operands(),
        }
    }

    fn children_mut(&mut self) -> &mut [Id] {
        match self {
            ENode::Rational(_) => &mut [],
            ENode::Node(node) => node.operands_mut(),
        }
    }
}

impl fmt::Display for ENode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ENode::Rational(value) => value.fmt(f),
            ENode::Node(node) => match node.op() {
                Some(op) => f.write_str(op.name()),
                None => write!(f, "{node:?}"),
            },
        }
    }
}

/// No operator has that name and so many arguments.
#[derive(Debug, thiserror::Error)]
#[error("no operator {0}")]
pub(crate) struct UnknownOperator(String);

impl FromOp for ENode {
    type Error = UnknownOperator;

    /// Reads patterns: `+ - * /` and the names of the table; integers.
    fn from_op(name: &str, children: Vec<Id>) -> Result<Self, UnknownOperator> {
        if children.is_empty()
            && let Ok(integer) = name.parse::<i64>()
        {
            return Ok(ENode::Rational(BigRational::from_integer(integer.into())));
        }
        let written =
            |op: &Op| matches!(op.form(), Form::Infix(sign, _) if sign == name) || op.name() == name;
        let op = Op::ALL.iter().copied().filter(|op| op.arity() == children.len()).find(written);
        op.map(|op| ENode::Node(Node::apply(op, &children))).ok_or_else(|| UnknownOperator(name.to_owned()))
    }
}

//! A flat function along a direction: every node as a series in t, at x + t·d for small t > 0, and at the point itself.

use std::collections::BTreeMap;
use std::rc::Rc;

use expr::{Constant, Fold, Function, Node, NodeId};

use super::exact::Exact;
use super::rational::Rational;
use super::series::{Algebra, Outcome, Series, Stuck, Value};
use crate::interval::Reading;

/// A direction: how fast each input moves, as c·t^k; the others stand still.
pub(crate) type Direction = Vec<(usize, Series)>;

/// A function at a point, ready to be expanded.
pub(crate) struct Lines<'a, 'w> {
    pub(crate) f: &'a Function,
    pub(crate) algebra: Algebra<'w>,
    /// The nodes that the outputs in question are made of.
    pub(crate) needed: Vec<bool>,
    /// Every needed node at the point itself, as written.
    pub(crate) point: Rc<Vec<Outcome<Value>>>,
    inputs: Vec<Exact>,
}

/// The nodes of a function along a direction.
pub(crate) struct Line {
    /// Those that the direction moves.
    moved: Vec<Option<Outcome<Value>>>,
    point: Rc<Vec<Outcome<Value>>>,
}

impl Line {
    pub(crate) fn value(&self, id: NodeId) -> &Outcome<Value> {
        self.moved[id.index()].as_ref().unwrap_or(&self.point[id.index()])
    }
}

impl<'a, 'w> Lines<'a, 'w> {
    pub(crate) fn new(f: &'a Function, x: &[f64], outputs: &[NodeId], algebra: Algebra<'w>) -> Self {
        let number = |&x: &f64| Exact::rational(Rational::from_f64(x).expect("points are finite"));
        let inputs = x.iter().map(number).collect();
        let needed = f.graph().reached_from(outputs);
        let none = vec![Err(Stuck::Unsupported); f.graph().len()];
        let mut lines = Lines { f, algebra, needed, point: Rc::new(none), inputs };
        let mut line = Line { moved: vec![None; f.graph().len()], point: Rc::clone(&lines.point) };
        for id in f.graph().ids() {
            let value = match lines.needed[id.index()] {
                true => lines.checked(id, &Vec::new(), &line),
                false => Err(Stuck::Unsupported),
            };
            line.moved[id.index()] = Some(value);
        }
        lines.point = Rc::new(line.moved.into_iter().flatten().collect());
        lines
    }

    /// Every needed node at x + t·direction.
    pub(crate) fn along(&mut self, direction: &Direction, order: i64) -> Line {
        self.along_extended(direction, order, &BTreeMap::new())
    }

    /// The same with other values for some nodes.
    pub(crate) fn along_extended(
        &mut self,
        direction: &Direction,
        order: i64,
        instead: &BTreeMap<NodeId, Value>,
    ) -> Line {
        let graph = self.f.graph();
        self.algebra.order = Rational::integer(order);
        let mut line = Line { moved: vec![None; graph.len()], point: Rc::clone(&self.point) };
        for id in graph.ids() {
            if !self.needed[id.index()] {
                continue;
            }
            let moves = match graph.node(id) {
                Node::Input(block, offset) => {
                    let k = self.f.position(block, offset);
                    direction.iter().any(|(input, _)| *input == k)
                }
                _ => graph.children(id).iter().any(|child| line.moved[child.index()].is_some()),
            };
            if let Some(value) = instead.get(&id) {
                line.moved[id.index()] = Some(Ok(value.clone()));
            } else if moves {
                line.moved[id.index()] = Some(self.checked(id, direction, &line));
            }
        }
        line
    }

    /// What is computed without the means for it is meaningless.
    fn checked(&mut self, id: NodeId, direction: &Direction, line: &Line) -> Outcome<Value> {
        if self.algebra.field.is_exhausted() {
            return Err(Stuck::Unsupported);
        }
        let value = self.node(id, direction, line);
        if self.algebra.field.is_exhausted() { Err(Stuck::Unsupported) } else { value }
    }

    fn node(&mut self, id: NodeId, direction: &Direction, line: &Line) -> Outcome<Value> {
        let graph = self.f.graph();
        let children = graph.children(id);
        match graph.node(id) {
            Node::Const(constant) => {
                let value = self.constant(graph.constant(constant))?;
                Ok(Value::Series(Series::constant(value)))
            }
            Node::Input(block, offset) => {
                let k = self.f.position(block, offset);
                let mut value = Series::constant(self.inputs[k].clone());
                for (_, step) in direction.iter().filter(|(input, _)| *input == k) {
                    value = self.algebra.add(&value, step);
                }
                Ok(Value::Series(value))
            }
            Node::Fold(Fold::Sum, _) => self.sum(children, line),
            Node::Fold(Fold::Product, _) => {
                let mut product = Value::Series(Series::integer(1));
                for child in children {
                    product = self
                        .algebra
                        .product(&product, line.value(*child).as_ref().map_err(|stuck| *stuck)?)?;
                }
                Ok(product)
            }
            Node::Fold(fold, _) => {
                let mut extreme = line.value(children[0]).clone()?;
                for child in &children[1..] {
                    extreme = self.algebra.apply(fold.op(), &[&Ok(extreme), line.value(*child)])?;
                }
                Ok(extreme)
            }
            node => {
                let op = node.op().ok_or(Stuck::Unsupported)?;
                let arguments: Vec<&Outcome<Value>> =
                    children.iter().map(|&child| line.value(child)).collect();
                self.algebra.apply(op, &arguments)
            }
        }
    }

    fn sum(&mut self, children: &[NodeId], line: &Line) -> Outcome<Value> {
        let mut sum = Value::Series(Series::integer(0));
        for child in children {
            sum = self.algebra.sum(&sum, line.value(*child).as_ref().map_err(|stuck| *stuck)?)?;
        }
        Ok(sum)
    }

    fn constant(&mut self, constant: &Constant) -> Outcome<Exact> {
        let field = &mut self.algebra.field;
        const MAX_DECIMAL_EXPONENT: i32 = 2000;
        Ok(match constant {
            Constant::Pi => field.pi(),
            Constant::E => field.e(),
            Constant::Integer(value) => Exact::integer(*value),
            Constant::Decimal(decimal) if field.reading() == Reading::Exact => {
                if decimal.exponent().abs() > MAX_DECIMAL_EXPONENT {
                    return Err(Stuck::Unsupported);
                }
                let digits: dashu_int::IBig = decimal.digits().parse().expect("decimals have digits");
                let digits = if decimal.is_negative() { -digits } else { digits };
                let ten = Rational::integer(10).to_the(decimal.exponent().unsigned_abs() as usize);
                let ten = if decimal.exponent() < 0 { ten.inverse() } else { ten };
                Exact::rational(Rational::new(digits, dashu_int::UBig::ONE).times(&ten))
            }
            literal => Exact::rational(Rational::from_f64(literal.to_f64()).ok_or(Stuck::Unsupported)?),
        })
    }
}

/// The direction of an input, upward or downward.
pub(crate) fn step(input: usize, sign: i64) -> (usize, Series) {
    curve(input, sign, 1)
}

/// An input that moves as `sign`·t^`power`.
pub(crate) fn curve(input: usize, sign: i64, power: i64) -> (usize, Series) {
    (input, Series::monomial(Exact::integer(sign), Rational::integer(power), 0))
}

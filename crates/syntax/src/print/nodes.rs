//! One node and what is below it as text, with as few parentheses as reading takes.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::{ATOM, CONDITION, LOOSE, Printer};
use crate::library::written;
use crate::parser::Logic;
use crate::truth;
use expr::index::{Datum, Index, Symbol};
use expr::{Constant, Form, Op};
use expr::{Node, NodeId};

/// What remains to be written.
pub(super) enum Piece {
    /// A node, in a place where less than this precedence needs parentheses.
    Node(NodeId, u8),
    Text(&'static str),
    Owned(String),
}

impl Printer<'_> {
    /// One expression. `own` writes the node itself even if it has a name.
    pub(super) fn expression(&self, id: NodeId, precedence: u8, own: bool) -> String {
        let mut out = String::new();
        let mut todo = vec![Piece::Node(id, precedence)];
        let mut first = own;
        while let Some(piece) = todo.pop() {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Owned(text) => out.push_str(&text),
                Piece::Node(id, precedence) => match self.names.get(&id).filter(|_| !first) {
                    Some(name) => out.push_str(name),
                    None => self.node(
                        id,
                        precedence,
                        out.is_empty() || out.ends_with(['(', '[']) || out.ends_with(", "),
                        &mut todo,
                    ),
                },
            }
            first = false;
        }
        out
    }

    /// Puts the pieces of a node on the stack, last piece first.
    fn node(&self, id: NodeId, precedence: u8, at_start: bool, todo: &mut Vec<Piece>) {
        use Piece::{Node as Sub, Owned, Text};
        let graph = self.graph();
        let mut pieces: Vec<Piece> = Vec::new();
        let mut own = ATOM;
        let list = |pieces: &mut Vec<Piece>, ids: &[NodeId]| {
            for (k, &id) in ids.iter().enumerate() {
                if k > 0 {
                    pieces.push(Text(", "));
                }
                pieces.push(Sub(id, LOOSE));
            }
        };
        match graph.node(id) {
            Node::Const(constant) => {
                let constant = graph.constant(constant);
                pieces.push(Owned(constant.to_string()));
                // A negative literal reads as a negation: in parentheses unless it begins the text.
                if constant.is_negative() && !(at_start && precedence <= 4) && precedence > LOOSE {
                    own = LOOSE;
                }
            }
            Node::Input(block, offset) => pieces.push(Owned(graph.block(block).element(offset))),
            Node::Symbol(symbol) => pieces.push(Owned(self.symbol(symbol))),
            Node::State(axis, k) => pieces.push(Owned(self.axes[axis.index()].states[k as usize].clone())),
            Node::Read(block, position) => {
                let forms: Vec<String> =
                    graph.position(position).iter().map(|form| self.index(form)).collect();
                pieces.push(Owned(format!("{}[{}]", graph.block(block).name, forms.join(", "))));
            }
            Node::Fold(fold, children) => {
                // Of four the first would perhaps be read as an index.
                let plain = fold.is_extreme() && graph.list(children).len() != 4;
                pieces.extend([Text(fold.name()), Text(if plain { "(" } else { "([" })]);
                list(&mut pieces, graph.list(children));
                pieces.push(Text(if plain { ")" } else { "])" }));
            }
            Node::Reduce(fold, range, [body]) if fold.is_extreme() => {
                self.extreme(fold, graph.range(range), body, &mut pieces);
            }
            Node::Reduce(fold, range, [body]) => {
                let range = graph.range(range);
                let (low, high) = (self.index(&range.low), self.index(&range.high));
                let axis = &self.axes[range.axis.index()].index;
                pieces.extend([
                    Text(fold.name()),
                    Owned(format!("({axis}, {low}, {high}, ")),
                    Sub(body, LOOSE),
                    Text(")"),
                ]);
            }
            Node::Project([all], k) => self.iteration(all, k as usize, &mut pieces),
            Node::Iterate(_) => unreachable!("written where it is projected"),
            Node::Array(..) => {
                own = LOOSE;
                let (header, body) = self.nest(id);
                pieces.extend([Owned(format!("[{}] ", self.ranges(&header))), Sub(body, LOOSE)]);
            }
            Node::Element([array], position) => {
                let forms: Vec<String> =
                    graph.position(position).iter().map(|form| self.index(form)).collect();
                pieces.extend([Sub(array, ATOM), Owned(format!("[{}]", forms.join(", ")))]);
            }
            Node::Scatter(scatter) => self.scatter(id, graph.scatter(scatter), &mut pieces),
            Node::Unary(Op::Neg, [a]) => {
                own = 4;
                pieces.extend([Text("-"), Sub(a, 5)]);
            }
            Node::Binary(op @ (Op::Pow | Op::Powi), [a, b]) => {
                // What is read as an exponential or as the other kind of power is written as a call.
                let (integer, form) = (self.integer(b), self.form(b));
                let varies = form.as_ref().is_some_and(|form| form.as_constant().is_none());
                let sign = !self.is_e(a)
                    && match op {
                        Op::Powi => integer.is_some() || varies,
                        _ => form.is_none(),
                    };
                if sign {
                    own = 5;
                    pieces.extend([Sub(a, 6), Text("^"), Sub(b, 6)]);
                } else {
                    pieces.extend([Text(op.name()), Text("(")]);
                    list(&mut pieces, &[a, b]);
                    pieces.push(Text(")"));
                }
            }
            Node::Binary(op, [a, order]) if op.takes_integer() && self.integer(order).is_some() => {
                let order = self.integer(order).expect("just seen");
                let (name, before, after) = written(op, order);
                pieces.extend([Text(name), Text("("), Owned(before), Sub(a, LOOSE), Owned(after), Text(")")]);
            }
            Node::Ternary(op, [a, b, order]) if op.takes_integer() && self.integer(order).is_some() => {
                let order = self.integer(order).expect("just seen");
                let (name, before, after) = written(op, order);
                pieces.extend([Text(name), Text("("), Owned(before)]);
                list(&mut pieces, &[a, b]);
                pieces.extend([Owned(after), Text(")")]);
            }
            Node::Ternary(Op::Select, [condition, a, b]) => {
                if let Some((logic, first, last)) = truth::joined(graph, &self.truths, id) {
                    own = LOOSE;
                    // A chain of the same word groups to the left.
                    let joins = truth::joined(graph, &self.truths, first).map(|(inner, ..)| inner);
                    let left = if joins == Some(logic) { LOOSE } else { CONDITION };
                    match logic {
                        Logic::And => pieces.extend([Sub(first, left), Text(" and "), Sub(last, CONDITION)]),
                        Logic::Or => pieces.extend([Sub(first, left), Text(" or "), Sub(last, CONDITION)]),
                        Logic::Not => pieces.extend([Text("not "), Sub(first, ATOM)]),
                    }
                    if own < precedence {
                        pieces.insert(0, Text("("));
                        pieces.push(Text(")"));
                    }
                    todo.extend(pieces.into_iter().rev());
                    return;
                }
                pieces.push(Text(if self.truths[condition.index()] { "if(" } else { "select(" }));
                list(&mut pieces, &[condition, a, b]);
                pieces.push(Text(")"));
            }
            node => {
                let op = node.op().expect("all other kinds are above");
                let children = graph.children(id);
                match op.form() {
                    Form::Infix(sign, strength) => {
                        own = strength;
                        let sign = match sign {
                            "*" | "/" => sign.to_owned(),
                            _ => format!(" {sign} "),
                        };
                        // Neither comparisons nor anything else chains on the right.
                        let left = if strength == 1 { strength + 1 } else { strength };
                        // `a*-b` could be read, but not easily.
                        let right = if self.begins_with_minus(children[1]) { ATOM } else { strength + 1 };
                        pieces.extend([Sub(children[0], left), Owned(sign), Sub(children[1], right)]);
                    }
                    _ => {
                        pieces.extend([Text(op.name()), Text("(")]);
                        list(&mut pieces, children);
                        pieces.push(Text(")"));
                    }
                }
            }
        }
        if own < precedence {
            pieces.insert(0, Text("("));
            pieces.push(Text(")"));
        }
        todo.extend(pieces.into_iter().rev());
    }

    /// Whether the text of a node would begin with a minus sign.
    fn begins_with_minus(&self, mut id: NodeId) -> bool {
        loop {
            match self.graph().node(id) {
                _ if self.names.contains_key(&id) => return false,
                Node::Unary(Op::Neg, _) => return true,
                Node::Binary(op, [left, _]) if matches!(op.form(), Form::Infix(_, 2 | 3)) => id = left,
                _ => return false,
            }
        }
    }

    fn is_e(&self, id: NodeId) -> bool {
        matches!(self.graph().node(id), Node::Const(constant) if *self.graph().constant(constant) == Constant::E)
    }

    /// The index form as which a node is read, if it is made of integers, sizes and index variables.
    fn form(&self, id: NodeId) -> Option<Index> {
        let graph = self.graph();
        let mut below = BTreeSet::from([id]);
        let mut todo = vec![id];
        while let Some(id) = todo.pop() {
            match graph.node(id) {
                Node::Const(constant) => {
                    graph.constant(constant).as_integer()?;
                }
                Node::Symbol(_) => {}
                Node::Unary(Op::Neg, _) | Node::Binary(Op::Add | Op::Sub | Op::Mul | Op::Powi, _) => {
                    todo.extend(graph.children(id).iter().filter(|&&child| below.insert(child)));
                }
                _ => return None,
            }
        }
        let mut forms: FxHashMap<NodeId, Option<Index>> = FxHashMap::default();
        for id in below {
            let of = |child: NodeId| forms[&child].as_ref();
            let form = match graph.node(id) {
                Node::Const(constant) => graph.constant(constant).as_integer().map(Index::from),
                Node::Symbol(symbol) => Some(symbol.into()),
                Node::Unary(_, [a]) => of(a).and_then(|a| Index::from(0).minus(a)),
                Node::Binary(op, [a, b]) => of(a).zip(of(b)).and_then(|(a, b)| match op {
                    Op::Add => a.plus(b),
                    Op::Sub => a.minus(b),
                    Op::Mul => a.times(b),
                    _ => a.to_the(u32::try_from(b.as_constant()?).ok()?),
                }),
                _ => unreachable!("nothing else is made of integers"),
            };
            forms.insert(id, form);
        }
        forms.remove(&id)?
    }

    fn integer(&self, id: NodeId) -> Option<i64> {
        match self.graph().node(id) {
            Node::Const(constant) => self.graph().constant(constant).as_integer(),
            _ => None,
        }
    }

    pub(super) fn symbol(&self, symbol: Symbol) -> String {
        match symbol {
            Symbol::Axis(axis) => self.axes[axis.index()].index.clone(),
            Symbol::Size(size) => self.graph().sizes()[size as usize].clone(),
            Symbol::Datum(_) => unreachable!("a datum is written with its form"),
        }
    }

    /// An index form as it is written.
    pub(super) fn index(&self, form: &Index) -> String {
        form.text(|symbol| match symbol {
            Symbol::Datum(k) => {
                let Datum { block, position } = &form.data()[k as usize];
                let indices: Vec<String> = position.iter().map(|form| self.index(form)).collect();
                format!("{}[{}]", self.graph().block(*block).name, indices.join(","))
            }
            symbol => self.symbol(symbol),
        })
    }
}

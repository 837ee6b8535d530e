//! The terms of a sum that read one number: of a function that is a sum over many indices, all else is the same wherever that number
//! moves, and what is left has the same partial derivative by it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::NoDerivative;
use super::marked::{Marked, varying};
use crate::builder::{Builder, Expr};
use crate::graph::AxisRange;
use crate::index::{Index, Symbol};
use crate::node::{Axis, BlockId, Node, NodeId};
use crate::rewrite::Style;
use crate::{Constant, Fold, Function, Op, Scalar};

/// The values of an index for which a body may read the number.
enum Values {
    All,
    These(Vec<i64>),
}

impl Function {
    /// The terms of an output that may read the element of an input at these indices: nested sums, differences and constant
    /// multiples are taken apart, and loops over sums run for those values of their index alone for which they read it. The
    /// partial derivative by that element is that of the output.
    ///
    /// ```
    /// let f = syntax::parse("sum(i, 1, n, x[i]^2*x[i+1]) - 3*sum(i, 1, n, y[i]*x[5])").unwrap();
    /// let f = f.with_sizes(&[("n", 1_000_000)]).unwrap();
    /// let terms = f.terms_that_read(0, "x", &[7]).unwrap();
    /// assert_eq!(terms.unroll(100).unwrap().graph().nodes().iter().filter(|node| node.op().is_some()).count(), 5);
    /// ```
    ///
    /// # Errors
    /// When more axes are needed than there may be.
    ///
    /// # Panics
    /// When there is no such output or input.
    pub fn terms_that_read(
        &self,
        output: usize,
        input: &str,
        indices: &[i64],
    ) -> Result<Function, NoDerivative> {
        let f = super::separate::separate(self)?;
        let graph = f.graph();
        let block = graph.block_named(input).expect("an input of the function");
        let element = Element { f: &f, block, indices };
        let builder = Builder::resume(graph.clone(), Style::Written);
        let terms = element.terms(f.outputs()[output], &builder);
        let terms = terms.unwrap_or_else(|| builder.lift(&Constant::Integer(0))).id();
        Ok(f.with_same_bindings(builder.finish(vec![terms])))
    }
}

/// One number of an input.
struct Element<'a> {
    f: &'a Function,
    block: BlockId,
    indices: &'a [i64],
}

impl Element<'_> {
    /// A form, sizes having their values.
    fn sized(&self, form: &Index) -> Option<Index> {
        let graph = self.f.graph();
        form.substituted(&|symbol| match symbol {
            Symbol::Size(size) => {
                self.f.size(&graph.sizes()[size as usize]).map_or(symbol.into(), Index::from)
            }
            symbol => symbol.into(),
        })
    }

    fn number(&self, form: &Index) -> Option<i64> {
        self.sized(form)?.as_constant()
    }

    /// Whether a node is a read of the block that may be of the element.
    fn may_be(&self, id: NodeId) -> bool {
        let graph = self.f.graph();
        match graph.node(id) {
            Node::Input(block, offset) => {
                block == self.block && graph.block(block).indices(offset) == self.indices
            }
            Node::Read(block, position) if block == self.block => {
                let forms = graph.position(position).iter().zip(self.indices);
                forms.into_iter().all(|(form, index)| self.number(form).is_none_or(|number| number == *index))
            }
            _ => false,
        }
    }

    /// The values of an axis for which a read is of the element; all where nothing says otherwise.
    fn values_of_read(&self, read: NodeId, axis: Axis) -> Values {
        let graph = self.f.graph();
        let Node::Read(_, position) = graph.node(read) else { return Values::All };
        for (form, index) in graph.position(position).iter().zip(self.indices) {
            let Some((factor, rest)) = self.sized(form).and_then(|form| {
                let own = Index::from(Symbol::Axis(axis));
                let factor = form.factor(Symbol::Axis(axis)).filter(|factor| *factor != 0)?;
                Some((factor, form.minus(&own.times(&factor.into())?)?.as_constant()?))
            }) else {
                continue;
            };
            let way = i128::from(*index) - i128::from(rest);
            let value = (way % i128::from(factor) == 0).then(|| way / i128::from(factor));
            let value = value.and_then(|value| i64::try_from(value).ok());
            return Values::These(value.into_iter().collect());
        }
        Values::All
    }

    /// The values of the axis of a loop for which its body may read the element.
    fn values(&self, body: NodeId, range: &AxisRange, may: &Marked) -> Values {
        let graph = self.f.graph();
        let (Some(low), Some(high)) = (self.number(&range.low), self.number(&range.high)) else {
            return Values::All;
        };
        let mut all: Vec<i64> = Vec::new();
        let mut seen: FxHashSet<NodeId> = FxHashSet::default();
        let mut todo = vec![body];
        while let Some(id) = todo.pop() {
            if !may.has(id) || !seen.insert(id) {
                continue;
            }
            if self.may_be(id) {
                match self.values_of_read(id, range.axis) {
                    Values::All => return Values::All,
                    Values::These(values) => all.extend(values),
                }
            }
            // A loop inside that binds the same index hides it.
            if graph.scope(id).is_some_and(|scope| scope.range.axis == range.axis) {
                return Values::All;
            }
            todo.extend(graph.children(id));
        }
        all.retain(|value| (low..=high).contains(value));
        all.sort_unstable();
        all.dedup();
        Values::These(all)
    }

    /// What is left of a node, of which the terms that do not read the element are left out; nothing where none does.
    fn terms<'g>(&self, root: NodeId, builder: &'g Builder) -> Option<Expr<'g>> {
        let graph = self.f.graph();
        let (may, varies) = (Marked::of(graph, |id| self.may_be(id)), varying(graph));
        let (has, moves) = (|id: NodeId| may.has(id), |id: NodeId| varies.has(id));
        // Nodes that terms are only added up in, from the root down.
        let mut apart: FxHashSet<NodeId> = FxHashSet::from_iter([root]);
        let parts = |id: NodeId| -> Vec<NodeId> {
            let children = graph.children(id);
            match graph.node(id) {
                Node::Fold(Fold::Sum, _) | Node::Reduce(Fold::Sum, ..) => children.to_vec(),
                Node::Unary(Op::Neg, _) | Node::Binary(Op::Add | Op::Sub, _) => children.to_vec(),
                Node::Binary(Op::Mul, [a, b]) if !moves(a) => vec![b],
                Node::Binary(Op::Mul | Op::Div, [a, b]) if !moves(b) => vec![a],
                _ => Vec::new(),
            }
        };
        for id in graph.ids().rev() {
            if apart.contains(&id) && has(id) {
                apart.extend(parts(id));
            }
        }
        let mut left: FxHashMap<NodeId, Expr<'g>> = FxHashMap::default();
        for id in graph.ids().filter(|id| apart.contains(id) && has(*id)) {
            let whole = |id: NodeId| builder.handle(id);
            let of = |id: NodeId| left.get(&id).copied();
            let terms = match graph.node(id) {
                _ if parts(id).is_empty() => Some(whole(id)),
                Node::Unary(_, [a]) => of(a).map(|a| -a),
                Node::Binary(Op::Add, [a, b]) => of(a).into_iter().chain(of(b)).reduce(|a, b| a + b),
                Node::Binary(Op::Sub, [a, b]) => {
                    of(a).into_iter().chain(of(b).map(|b| -b)).reduce(|a, b| a + b)
                }
                Node::Binary(Op::Mul, [a, b]) if !moves(a) => of(b).map(|b| whole(a) * b),
                Node::Binary(op, [a, b]) => of(a).map(|a| Expr::apply(op, &[a, whole(b)])),
                Node::Reduce(_, range, [body]) => {
                    let range = graph.range(range);
                    of(body).and_then(|term| match self.values(body, range, &may) {
                        Values::All => Some(builder.reduce(Fold::Sum, range.clone(), term)),
                        Values::These(values) => {
                            let at = |&value: &i64| {
                                let range =
                                    AxisRange { low: value.into(), high: value.into(), ..range.clone() };
                                builder.reduce(Fold::Sum, range, term)
                            };
                            values.iter().map(at).reduce(|a, b| a + b)
                        }
                    })
                }
                _ => {
                    let terms: Vec<Expr<'g>> =
                        graph.children(id).iter().filter_map(|&child| of(child)).collect();
                    (!terms.is_empty()).then(|| builder.fold(Fold::Sum, &terms))
                }
            };
            left.extend(terms.map(|terms| (id, terms)));
        }
        left.get(&root).copied()
    }
}

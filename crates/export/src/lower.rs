//! What programs have no operator for, in operators that they have, with the same bits: sums of many, small powers.

use std::collections::BTreeMap;

use expr::{Builder, Constant, Expr, Fold, Function, Node, NodeId, Op, Scalar, Style, fold};

/// The same function with sums and products of two terms only, in their documented order, and squares, reciprocals and
/// powers of literal exponents as the table defines them. Loops stay; axes, sizes and blocks keep their numbers.
pub(crate) fn lower(f: &Function) -> Function {
    let builder = Builder::resume(f.graph().clone(), Style::Written);
    let graph = f.graph();
    let outputs = {
        let mut values: Vec<Expr<'_>> = Vec::with_capacity(graph.len());
        let mut results: BTreeMap<NodeId, Vec<Expr<'_>>> = BTreeMap::new();
        for id in graph.ids() {
            let of = |child: &NodeId| values[child.index()];
            let arguments: Vec<Expr<'_>> = graph.children(id).iter().map(of).collect();
            let literal = |child: NodeId| match graph.node(child) {
                Node::Const(constant) => graph.constant(constant).as_integer(),
                _ => None,
            };
            let one = || builder.lift(&Constant::Integer(1));
            values.push(match graph.node(id) {
                Node::Const(_) | Node::Input(..) | Node::Symbol(_) | Node::Read(..) | Node::State(..) => {
                    builder.handle(id)
                }
                Node::Fold(kind @ (Fold::Sum | Fold::Product), _) => fold::value(kind, &builder, &arguments),
                Node::Reduce(kind, range, _) => {
                    builder.reduce(kind, graph.range(range).clone(), arguments[0])
                }
                Node::Iterate(iteration) => {
                    let (inits, nexts) = arguments.split_at(arguments.len() / 2);
                    let all = builder.iterate(graph.iteration_range(iteration).clone(), inits, nexts);
                    results.insert(id, all);
                    // Only results are read.
                    builder.handle(id)
                }
                Node::Project([all], k) => results[&all][k as usize],
                Node::Unary(Op::Square, _) => arguments[0] * arguments[0],
                Node::Unary(Op::Recip, _) => one() / arguments[0],
                Node::Binary(Op::Powi, [_, exponent]) => match (literal(exponent), arguments[0]) {
                    (Some(2), a) => a * a,
                    (Some(3), a) => a * a * a,
                    (Some(1), a) => a,
                    (Some(-1), a) => one() / a,
                    (Some(_), _) => Expr::apply(Op::Pow, &arguments),
                    (None, _) => Expr::apply(Op::Powi, &arguments),
                },
                node => Expr::apply(node.op().expect("all others are operators"), &arguments),
            });
        }
        f.outputs().iter().map(|output| values[output.index()].id()).collect()
    };
    let found = builder.finish(outputs);
    symbolic::bound_like(f, found)
}

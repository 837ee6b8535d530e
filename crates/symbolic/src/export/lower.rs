//! What programs have no operator for, in operators that they have, with the same bits: sums of many, small powers.

use expr::{Builder, Constant, Expr, Fold, Function, Node, NodeId, Op, Scalar, Style, fold};

/// The same function with sums and products of two terms only, in their documented order, and squares, reciprocals and
/// powers of literal exponents as the table defines them.
pub(super) fn lower(f: &Function) -> Function {
    let graph = f.graph();
    let builder = Builder::new(Style::Written);
    builder.copy_blocks(graph);
    let mut values: Vec<Expr<'_>> = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        let of = |child: &NodeId| values[child.index()];
        let arguments: Vec<Expr<'_>> = graph.children(id).iter().map(of).collect();
        let literal = |child: NodeId| match graph.node(child) {
            Node::Const(constant) => graph.constant(constant).as_integer(),
            _ => None,
        };
        let one = || builder.lift(&Constant::Integer(1));
        values.push(match graph.node(id) {
            Node::Const(constant) => builder.lift(graph.constant(constant)),
            Node::Input(block, offset) => builder.element(block, offset),
            Node::Fold(kind @ (Fold::Sum | Fold::Product), _) => fold::value(kind, &builder, &arguments),
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
            node => Expr::apply(node.op().expect("the function is flat"), &arguments),
        });
    }
    let outputs = f.outputs().iter().map(|output| values[output.index()].id()).collect();
    builder.finish(outputs)
}

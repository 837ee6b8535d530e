//! What programs have no operator for, in operators that they have, with the same bits: sums of many, small powers.

use expr::{Builder, Constant, Expr, Function, Node, NodeId, Op, Rebuild, Scalar, Style, fold};

/// The same function with sums and products of two terms only, in the canonical order, and squares, reciprocals and
/// powers of literal exponents as the table defines them. Loops stay; axes, sizes and blocks keep their numbers.
pub(crate) fn lower(f: &Function) -> Function {
    let builder = Builder::resume(f.graph().clone(), Style::Written);
    let graph = f.graph();
    let mut made = Rebuild::new(graph, &builder);
    made.run(graph.ids(), |made, id| {
        let literal = |child: NodeId| match graph.node(child) {
            Node::Const(constant) => graph.constant(constant).as_integer(),
            _ => None,
        };
        let one = || builder.lift(&Constant::Integer(1));
        match graph.node(id) {
            Node::Fold(kind, list) => {
                let terms: Vec<Expr<'_>> = graph.list(list).iter().map(|&term| made.of(term)).collect();
                Some(fold::value(kind, &builder, &terms))
            }
            Node::Unary(Op::Square, [a]) => Some(made.of(a) * made.of(a)),
            Node::Unary(Op::Recip, [a]) => Some(one() / made.of(a)),
            Node::Binary(Op::Powi, [a, exponent]) => {
                let a = made.of(a);
                match literal(exponent)? {
                    2 => Some(a * a),
                    3 => Some(a * a * a),
                    1 => Some(a),
                    -1 => Some(one() / a),
                    _ => Some(Expr::apply(Op::Pow, &[a, made.of(exponent)])),
                }
            }
            _ => None,
        }
    });
    let outputs = made.ids(f.outputs());
    drop(made);
    let found = builder.finish(outputs);
    f.with_same_bindings(found)
}

//! A piece of a function, by itself: what is below one node, with some nodes in it turned into inputs.

use expr::{Builder, Expr, Function, Node, NodeId, Op, Rebuild, Scalar, Style};

/// A flat function with one output, and a point.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// The function.
    pub(crate) function: Function,
    /// One number per input.
    pub(crate) at: Vec<f64>,
}

impl Piece {
    pub(crate) fn root(&self) -> NodeId {
        self.function.outputs()[0]
    }

    /// One node of a flat function over inputs that have the values of its arguments; a literal exponent stays one.
    pub(crate) fn alone(f: &Function, values: &[f64], node: NodeId) -> Piece {
        let graph = f.graph();
        let literal = |child: &NodeId| {
            graph.node(node).op() == Some(Op::Powi) && matches!(graph.node(*child), Node::Const(_))
        };
        let builder = Builder::new(Style::Written);
        let mut at = Vec::new();
        let mut made = Rebuild::of_few(graph, &builder);
        for child in graph.children(node) {
            if literal(child) {
                made.run([*child], |_, _| None);
            } else if made.get(*child).is_none() {
                at.push(values[child.index()]);
                made.set(*child, builder.input(&format!("a{}", at.len())));
            }
        }
        let output = made.copy(node).id();
        drop(made);
        Piece { function: builder.finish(vec![output]), at }
    }

    /// The same with something done to its result.
    pub(crate) fn then(&self, apply: impl for<'g> Fn(Expr<'g>) -> Expr<'g>) -> Piece {
        let builder = Builder::resume(self.function.graph().clone(), Style::Written);
        let output = apply(builder.handle(self.root())).id();
        Piece { function: builder.finish(vec![output]), at: self.at.clone() }
    }
}

/// Nodes that a name shows.
const SHOWN: usize = 24;

/// A node in the words of whoever wrote the function: the name that it was given, else its text; deep parts are cut, and
/// literals stay literals.
pub(crate) fn text(f: &Function, node: NodeId) -> String {
    let graph = f.graph();
    if let Some(name) = graph.name(node) {
        return name.to_owned();
    }
    (1..=SHOWN)
        .map_while(|depth| {
            let mut shown = 0;
            let builder = Builder::new(Style::Written);
            builder.copy_blocks(graph);
            let output = written(f, &builder, node, depth, true, &mut shown)?.id();
            let whole = shown <= SHOWN;
            let cut = builder.finish(vec![output]);
            (whole || depth == 1).then(|| syntax::written_out(&cut, 0))
        })
        .last()
        .unwrap_or_else(|| "…".to_owned())
}

/// The node with what is more than so deep below it left out; recursion is as deep as `depth`.
fn written<'g>(
    f: &Function,
    builder: &'g Builder,
    id: NodeId,
    depth: usize,
    root: bool,
    shown: &mut usize,
) -> Option<Expr<'g>> {
    let graph = f.graph();
    *shown += 1;
    if *shown > 4 * SHOWN {
        return None;
    }
    let name = graph.name(id).filter(|name| !root && graph.block_named(name).is_none());
    Some(match (graph.node(id), name) {
        (Node::Input(block, offset), _) => builder.element(block, offset),
        (Node::Const(constant), _) => builder.lift(graph.constant(constant)),
        (_, Some(name)) => builder.input(name),
        _ if depth == 0 => builder.input("…"),
        (node, None) => {
            let below =
                |child: &NodeId, shown: &mut usize| written(f, builder, *child, depth - 1, false, shown);
            let children = graph.children(id);
            // Of a long sum the first terms.
            let first = &children[..children.len().min(4)];
            let mut made: Vec<Expr<'g>> =
                first.iter().map(|child| below(child, shown)).collect::<Option<_>>()?;
            if first.len() < children.len() {
                made.push(builder.input("…"));
            }
            match node {
                Node::Fold(fold, _) => builder.fold(fold, &made),
                node => Expr::apply(node.op()?, &made),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_named_as_they_were_written() {
        let of = |text: &str, op: Op| {
            let f = syntax::parse(text).unwrap().unroll(10_000).unwrap();
            let graph = f.graph();
            super::text(&f, graph.ids().rev().find(|&id| graph.node(id).op() == Some(op)).unwrap())
        };
        assert_eq!(of("2*x[10]*1e300", Op::Mul), "2*x[10]*1e300");
        assert_eq!(of("let q = x + y; sin(q*z)", Op::Sin), "sin(q*z)");
        assert_eq!(of("let q = x + y; q*z", Op::Add), "q");
        assert_eq!(of("x^2 + ln(3 - x)", Op::Powi), "x^2");
        let chaos = of("iterate(k, 1, 60, y, x, 4*y*(1 - y))", Op::Mul);
        assert!(chaos.chars().count() < 120 && chaos.contains('…') && !chaos.contains("t1"), "{chaos}");
    }
}

//! A piece of a function, by itself: what is below one node, with some nodes in it turned into inputs.

use std::collections::{BTreeMap, BTreeSet};

use chainrule::expr::{Builder, Expr, Function, Node, NodeId, Op, Scalar, Style};

/// A flat function with one output, and a point.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The function.
    pub function: Function,
    /// One number per input.
    pub at: Vec<f64>,
}

impl Piece {
    /// One output of a flat function at a point.
    pub fn of(f: &Function, output: usize, x: &[f64]) -> Piece {
        Piece::below(f, &f.values((), x), f.outputs()[output], &BTreeSet::new(), x)
    }

    pub(crate) fn root(&self) -> NodeId {
        self.function.outputs()[0]
    }

    /// The value of every node, in double precision.
    pub(crate) fn values(&self) -> Vec<f64> {
        self.function.values((), &self.at)
    }

    /// What is below `root`, with the nodes in `cut` as inputs that have their values.
    pub(crate) fn rooted(&self, root: NodeId, cut: &BTreeSet<NodeId>) -> Piece {
        Piece::below(&self.function, &self.values(), root, cut, &self.at)
    }

    /// One node over inputs that have the values of its arguments; a literal exponent stays one.
    pub(crate) fn alone(&self, node: NodeId) -> Piece {
        let graph = self.function.graph();
        let literal = |child: &&NodeId| {
            graph.node(node).op() == Some(Op::Powi) && matches!(graph.node(**child), Node::Const(_))
        };
        let cut = graph.children(node).iter().filter(|child| !literal(child)).copied().collect();
        self.rooted(node, &cut)
    }

    /// The same with something done to its result.
    pub(crate) fn then(&self, apply: impl for<'g> Fn(Expr<'g>) -> Expr<'g>) -> Piece {
        let builder = Builder::resume(self.function.graph().clone(), Style::Written);
        let output = apply(builder.handle(self.root())).id();
        Piece { function: builder.finish(vec![output]), at: self.at.clone() }
    }

    /// Whether both are the same function at the same point, whatever their inputs are called.
    pub(crate) fn same_but_for_names(&self, other: &Piece) -> bool {
        let shape = |piece: &Piece| -> Vec<_> {
            let graph = piece.function.graph();
            let children = |id| graph.children(id).to_vec();
            graph.ids().map(|id| (graph.node(id).op(), children(id))).collect()
        };
        self.at == other.at && shape(self) == shape(other)
    }

    fn below(f: &Function, values: &[f64], root: NodeId, cut: &BTreeSet<NodeId>, x: &[f64]) -> Piece {
        let graph = f.graph();
        let mut used = vec![false; graph.len()];
        used[root.index()] = true;
        for id in graph.ids().rev() {
            if used[id.index()] && !cut.contains(&id) {
                graph.children(id).iter().for_each(|child| used[child.index()] = true);
            }
        }
        let builder = Builder::new(Style::Written);
        let names = f.input_names();
        let mut taken: BTreeSet<String> = names.iter().map(|name| scalar(name)).collect();
        let mut at = Vec::new();
        let mut made: BTreeMap<NodeId, Expr<'_>> = BTreeMap::new();
        for id in graph.ids().filter(|id| used[id.index()]) {
            let children =
                || -> Vec<Expr<'_>> { graph.children(id).iter().map(|child| made[child]).collect() };
            let value = match graph.node(id) {
                Node::Input(block, offset) => {
                    let position = f.position(block, offset);
                    at.push(x[position]);
                    builder.input(&scalar(&names[position]))
                }
                _ if cut.contains(&id) => {
                    let name = (1..).map(|k| format!("t{k}")).find(|name| taken.insert(name.clone()));
                    at.push(values[id.index()]);
                    builder.input(&name.expect("there are infinitely many"))
                }
                Node::Const(constant) => builder.lift(graph.constant(constant)),
                Node::Fold(fold, _) => builder.fold(fold, &children()),
                node => Expr::apply(node.op().expect("the function is flat"), &children()),
            };
            made.insert(id, value);
        }
        let output = made[&root].id();
        Piece { function: builder.finish(vec![output]), at }
    }
}

/// `x[1,2]` as the name of a scalar.
fn scalar(name: &str) -> String {
    name.trim_end_matches(']').replace(['[', ','], "_")
}

/// Characters that are still read.
const LONGEST: usize = 200;

/// As people read it: the function, and where.
impl std::fmt::Display for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.function.to_string();
        // The order of the inputs, which the printer adds where it is not that of their appearance, is no matter here.
        let line = |line| match str::split_once(line, ") = ") {
            Some((inputs, body)) if inputs.starts_with("f(") => body,
            _ => line,
        };
        let text = text.lines().map(line).collect::<Vec<_>>().join("; ");
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => write!(f, "{}… ({} nodes)", &text[..end], self.function.graph().len())?,
            None => write!(f, "{text}")?,
        }
        let names = self.function.input_names();
        for (k, (name, value)) in names.iter().zip(&self.at).enumerate() {
            write!(f, "{} {name} = {}", if k == 0 { " at" } else { "," }, number(*value))?;
        }
        Ok(())
    }
}

/// A double, readable at every size.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        size if size == 0.0 || (1e-4..1e15).contains(&size) || !size.is_finite() => format!("{value}"),
        _ => format!("{value:e}"),
    }
}

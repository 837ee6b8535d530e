//! How large derivatives are when nothing is shared: counted, never built.
//!
//! Each count is that of the formula a textbook's rules give when written out as a tree, with the structural zeros and
//! ones left out, operators counted and leaves not. Sizes follow from those of the parts, so the count is linear in
//! the *shared* graph, while what it counts can be exponential.

use expr::{Builder, Expr, Function, Node, NodeId, Style};
use num_bigint::BigUint;
use num_traits::{One, Zero};

/// How many operators the derivatives of all outputs with respect to each input have as trees.
///
/// # Panics
/// When the function is not flat.
pub fn textbook_size(f: &Function) -> Vec<BigUint> {
    let graph = f.graph();
    let tree = tree_sizes(f);
    // Local gradients are the same for all inputs.
    let mut locals: Vec<Slope> = Vec::new();
    let starts: Vec<usize> = graph
        .ids()
        .map(|id| {
            let start = locals.len();
            let children = graph.children(id);
            let all: BigUint = match graph.node(id) {
                Node::Fold(..) => children.iter().map(|child| &tree[child.index()]).sum(),
                _ => BigUint::zero(),
            };
            locals.extend((0..children.len()).map(|k| local_size(f, id, k, &tree, &all)));
            start
        })
        .collect();
    let local = |id: NodeId, k: usize| locals[starts[id.index()] + k].clone();
    (0..f.input_count())
        .map(|input| {
            // For each node the operators of its derivative, if it depends on the input.
            let mut slopes: Vec<Option<Slope>> = Vec::with_capacity(graph.len());
            for id in graph.ids() {
                let slope = match graph.node(id) {
                    Node::Input(block, offset) if f.position(block, offset) == input => {
                        Some(Slope { size: BigUint::zero(), is_one: true })
                    }
                    node => {
                        let mut sum: Option<Slope> = None;
                        for (k, child) in graph.children(id).iter().enumerate() {
                            let has_slope = node.op().is_none_or(|op| op.has_slope(k));
                            let Some(inner) = slopes[child.index()].as_ref().filter(|_| has_slope) else {
                                continue;
                            };
                            let term = local(id, k).times(inner);
                            sum = Some(match sum {
                                Some(sum) => Slope { size: sum.size + term.size + 1u32, is_one: false },
                                None => term,
                            });
                        }
                        sum
                    }
                };
                slopes.push(slope);
            }
            let outputs = f.outputs().iter().filter_map(|output| slopes[output.index()].as_ref());
            outputs.map(|slope| slope.size.clone()).sum()
        })
        .collect()
}

/// The same for all inputs and outputs together.
///
/// # Panics
/// When the function is not flat.
pub fn textbook_total(f: &Function) -> BigUint {
    textbook_size(f).into_iter().sum()
}

/// The size of a formula, and whether it is just 1.
#[derive(Clone)]
struct Slope {
    size: BigUint,
    is_one: bool,
}

impl Slope {
    fn times(self, other: &Slope) -> Slope {
        match (self.is_one, other.is_one) {
            (true, _) => other.clone(),
            (_, true) => self,
            _ => Slope { size: self.size + &other.size + 1u32, is_one: false },
        }
    }
}

/// For every node the operators of the tree below it.
fn tree_sizes(f: &Function) -> Vec<BigUint> {
    let graph = f.graph();
    let mut sizes: Vec<BigUint> = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        let children = graph.children(id);
        let below: BigUint = children.iter().map(|child| &sizes[child.index()]).sum();
        let own: BigUint = match graph.node(id) {
            Node::Const(_) | Node::Input(..) => BigUint::zero(),
            Node::Fold(..) => BigUint::from(children.len().saturating_sub(1)),
            _ => BigUint::one(),
        };
        sizes.push(below + own);
    }
    sizes
}

/// The size of a node's local gradient with respect to its child `k`, with its arguments written out; `all` is that of
/// all children of a sum or product together.
fn local_size(f: &Function, id: NodeId, k: usize, tree: &[BigUint], all: &BigUint) -> Slope {
    let graph = f.graph();
    let children = graph.children(id);
    let node = graph.node(id);
    let Some(op) = node.op() else {
        // A sum's local gradient is 1, a product's the product of all other factors.
        return match node {
            Node::Fold(expr::Fold::Product, _) if children.len() > 1 => {
                let others = all - &tree[children[k].index()];
                Slope { size: others + BigUint::from(children.len() - 2), is_one: false }
            }
            _ => Slope { size: BigUint::zero(), is_one: true },
        };
    };
    // The rule over placeholders says how often each argument, and the result, is written.
    let builder = Builder::new(Style::Derived);
    let rule = {
        let names = ["a", "b", "c"].map(|name| builder.input(name));
        // Literal exponents simplify their rules, so literals stay what they are.
        let argument = |j: usize| match children.get(j).map(|&child| graph.node(child)) {
            Some(Node::Const(constant)) => builder.lift(graph.constant(constant)),
            _ => names[j],
        };
        let arguments = [0, 1, 2].map(argument);
        let result = builder.input("y");
        let one = builder.constant(1.0);
        let mut rule: Option<Expr<'_>> = None;
        op.pull_back(1 << k, &arguments, &result, &one, |_, local| rule = Some(local));
        rule.map(Expr::id)
    };
    let Some(rule) = rule else { return Slope { size: BigUint::zero(), is_one: false } };
    let rule = builder.finish(vec![rule]);
    let graph_of_rule = rule.graph();
    let mut sizes: Vec<BigUint> = Vec::with_capacity(graph_of_rule.len());
    for rule_id in graph_of_rule.ids() {
        let inner = graph_of_rule.children(rule_id);
        let below: BigUint = inner.iter().map(|child| &sizes[child.index()]).sum();
        sizes.push(match graph_of_rule.node(rule_id) {
            Node::Const(_) => below,
            Node::Input(block, _) => match graph_of_rule.block(block).name.as_str() {
                "a" => tree[children[0].index()].clone(),
                "b" => tree[children[1].index()].clone(),
                "c" => tree[children[2].index()].clone(),
                _ => tree[id.index()].clone(),
            },
            _ => below + 1u32,
        });
    }
    let output = rule.outputs()[0];
    let is_one = matches!(graph_of_rule.node(output), Node::Const(c) if graph_of_rule.constant(c).as_integer() == Some(1));
    Slope { size: sizes[output.index()].clone(), is_one }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(text: &str) -> Vec<u64> {
        let f = expr::parse(text).unwrap().unroll(10_000).unwrap();
        textbook_size(&f).into_iter().map(|size| size.try_into().unwrap()).collect()
    }

    #[test]
    fn small_cases_are_as_counted_by_hand() {
        assert_eq!(sizes("(x + y)*z"), [0, 0, 1]); // z, z, x + y
        assert_eq!(sizes("x^3"), [2]); // 3*x^2
        assert_eq!(sizes("sin(x*y)"), [3, 3]); // cos(x*y)*y: cos, *, *
        assert_eq!(sizes("x*x"), [1]); // x + x
        assert_eq!(sizes("prod(i, 1, 5, x[i])"), [3; 5]);
    }

    #[test]
    fn chains_grow_exponentially_where_sharing_would_not() {
        let total = |n: usize| sizes(&format!("iterate(k, 1, {n}, y, x, 4*y*(1 - y))"))[0] as f64;
        let growth = total(14) / total(13);
        assert!(growth > 1.9, "{growth}");
        let product = |n: usize| sizes(&format!("prod(i, 1, {n}, x[i])")).iter().sum::<u64>();
        assert_eq!(product(200), 200 * 198);
    }
}

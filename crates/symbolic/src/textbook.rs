//! How large derivatives are when nothing is shared: counted, never built.
//!
//! Each count is that of the formula a textbook's rules give when written out as a tree, with the structural zeros and
//! ones left out, operators counted and leaves not. Sizes follow from those of the parts, so the count is linear in
//! the *shared* graph, while what it counts can be exponential: a number of as many bits as the graph is deep. Numbers are
//! therefore forgotten once nothing later needs them.

use expr::{Builder, ConstantId, Expr, Fold, Function, Node, Op, Style};
use num_bigint::BigUint;
use num_traits::Zero;
use rustc_hash::FxHashMap;

/// How many operators the derivatives of all outputs with respect to each input have as trees.
///
/// # Panics
/// When the function is not flat.
pub fn textbook_size(f: &Function) -> Vec<BigUint> {
    let rules = Rules::of(f);
    (0..f.input_count()).map(|input| count(f, &rules, input)).collect()
}

/// The same for all inputs and outputs together.
///
/// # Panics
/// When the function is not flat.
pub fn textbook_total(f: &Function) -> BigUint {
    let rules = Rules::of(f);
    (0..f.input_count()).map(|input| count(f, &rules, input)).sum()
}

/// About how many bits the size of the function as a tree has: what each step of counting takes grows with it.
///
/// # Panics
/// When the function is not flat.
pub fn textbook_bits(f: &Function) -> f64 {
    let graph = f.graph();
    let mut bits: Vec<f64> = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        let children = graph.children(id).iter().map(|child| bits[child.index()]);
        // The logarithm of a sum, from those of its terms.
        let most = children.clone().fold(0.0, f64::max);
        bits.push(most + ((-most).exp2() + children.map(|bits| (bits - most).exp2()).sum::<f64>()).log2());
    }
    f.outputs().iter().map(|output| bits[output.index()]).fold(0.0, f64::max)
}

/// The size of a formula, and whether it is just 1.
#[derive(Clone)]
struct Slope {
    size: BigUint,
    is_one: bool,
}

/// The derivatives of all outputs by one input, node by node.
fn count(f: &Function, rules: &Rules, input: usize) -> BigUint {
    let graph = f.graph();
    let mut waiting = rules.uses.clone();
    let mut trees: Vec<Option<BigUint>> = vec![None; graph.len()];
    // For each node the operators of its derivative, if it depends on the input.
    let mut slopes: Vec<Option<Slope>> = vec![None; graph.len()];
    let mut edge = 0;
    for id in graph.ids() {
        let (children, node) = (graph.children(id), graph.node(id));
        let of_child = |k: usize| trees[children[k].index()].as_ref().expect("still needed");
        let below: BigUint = (0..children.len()).map(of_child).sum();
        let tree = below.clone()
            + match node {
                Node::Const(_) | Node::Input(..) => 0,
                Node::Fold(..) => children.len().saturating_sub(1),
                _ => 1,
            };
        let slope = match node {
            Node::Input(block, offset) if f.position(block, offset) == input => {
                Some(Slope { size: BigUint::zero(), is_one: true })
            }
            _ => {
                let mut sum: Option<Slope> = None;
                for (k, child) in children.iter().enumerate() {
                    let has_slope = node.op().is_none_or(|op| op.has_slope(k));
                    let Some(inner) = slopes[child.index()].as_ref().filter(|_| has_slope) else { continue };
                    let term = match rules.of_edge[edge + k] {
                        Some(rule) => rules.distinct[rule as usize].times(inner, &tree, of_child),
                        // A sum's local gradient is 1, a product's the product of all other factors.
                        None => match node {
                            Node::Fold(Fold::Product, _) if children.len() > 1 => {
                                let others = &below - of_child(k) + (children.len() - 2);
                                let size = if inner.is_one { others } else { others + &inner.size + 1u32 };
                                Slope { size, is_one: false }
                            }
                            // if(term == extreme, 1/(how many are it), 0)
                            Node::Fold(fold, _) if fold.is_extreme() => {
                                let count = &below + (&tree + 2u32) * children.len() - 1u32;
                                let share = count + of_child(k) + &tree + 3u32;
                                let size = if inner.is_one { share } else { share + &inner.size + 1u32 };
                                Slope { size, is_one: false }
                            }
                            _ => inner.clone(),
                        },
                    };
                    sum = Some(match sum {
                        Some(sum) => Slope { size: sum.size + term.size + 1u32, is_one: false },
                        None => term,
                    });
                }
                sum
            }
        };
        trees[id.index()] = Some(tree);
        slopes[id.index()] = slope;
        edge += children.len();
        for child in children {
            let waiting = &mut waiting[child.index()];
            *waiting -= 1;
            if *waiting == 0 {
                (trees[child.index()], slopes[child.index()]) = (None, None);
            }
        }
    }
    f.outputs().iter().filter_map(|output| slopes[output.index()].as_ref()).map(|slope| &slope.size).sum()
}

/// What of a function is the same for all inputs.
struct Rules {
    /// Of every edge of the graph, the local gradient that the table's rule gives; none for sums and products of many.
    of_edge: Vec<Option<u32>>,
    distinct: Vec<Rule>,
    /// How many edges, and outputs, need each node.
    uses: Vec<u32>,
}

/// A local gradient as a tree: so many operators of its own, and so often each argument and the result written out.
struct Rule {
    operators: u32,
    arguments: [u32; 3],
    result: u32,
    is_one: bool,
}

impl Rules {
    fn of(f: &Function) -> Rules {
        assert!(f.is_flat(), "a function is unrolled before its derivatives are counted");
        let graph = f.graph();
        let mut rules = Rules { of_edge: Vec::new(), distinct: Vec::new(), uses: vec![0; graph.len()] };
        let mut known: FxHashMap<(Op, usize, [Option<ConstantId>; 3]), u32> = FxHashMap::default();
        f.outputs().iter().for_each(|output| rules.uses[output.index()] += 1);
        for id in graph.ids() {
            let children = graph.children(id);
            children.iter().for_each(|child| rules.uses[child.index()] += 1);
            let Some(op) = graph.node(id).op() else {
                rules.of_edge.extend(children.iter().map(|_| None));
                continue;
            };
            // Literal exponents simplify their rules, so literals stay what they are.
            let literal = |j: usize| match children.get(j).map(|&child| graph.node(child)) {
                Some(Node::Const(constant)) => Some(constant),
                _ => None,
            };
            let literals = [0, 1, 2].map(literal);
            for k in 0..children.len() {
                let rule = *known.entry((op, k, literals)).or_insert_with(|| {
                    rules.distinct.push(Rule::of(f, op, k, literals));
                    rules.distinct.len() as u32 - 1
                });
                rules.of_edge.push(Some(rule));
            }
        }
        rules
    }
}

impl Rule {
    /// The rule over placeholders says how often each argument, and the result, is written.
    fn of(f: &Function, op: Op, k: usize, literals: [Option<ConstantId>; 3]) -> Rule {
        let builder = Builder::new(Style::Derived);
        let rule = {
            let names = ["a", "b", "c"].map(|name| builder.input(name));
            let argument = |j: usize| literals[j].map_or(names[j], |id| builder.lift(f.graph().constant(id)));
            let arguments = [0, 1, 2].map(argument);
            let result = builder.input("y");
            let one = builder.constant(1.0);
            let mut rule: Option<Expr<'_>> = None;
            op.pull_back(1 << k, &arguments, &result, &one, |_, local| rule = Some(local));
            rule.map(Expr::id)
        };
        let nothing = Rule { operators: 0, arguments: [0; 3], result: 0, is_one: false };
        let Some(rule) = rule else { return nothing };
        let rule = builder.finish(vec![rule]);
        let graph = rule.graph();
        // Operators, arguments, the result: of every node of the rule as a tree.
        let mut counts: Vec<[u32; 5]> = Vec::with_capacity(graph.len());
        for id in graph.ids() {
            let mut count = [0; 5];
            match graph.node(id) {
                Node::Const(_) => {}
                Node::Input(block, _) => {
                    let names = ["a", "b", "c", "y"];
                    let name = graph.block(block).name.as_str();
                    let which = names.iter().position(|known| *known == name).expect("a placeholder");
                    count[1 + which] = 1;
                }
                _ => {
                    count[0] = 1;
                    for child in graph.children(id) {
                        let child = counts[child.index()];
                        count.iter_mut().zip(child).for_each(|(count, child)| *count += child);
                    }
                }
            }
            counts.push(count);
        }
        let output = rule.outputs()[0];
        let [operators, a, b, c, result] = counts[output.index()];
        let is_one =
            matches!(graph.node(output), Node::Const(c) if graph.constant(c).as_integer() == Some(1));
        Rule { operators, arguments: [a, b, c], result, is_one }
    }

    /// This local gradient times the derivative of the argument; `tree` and `of_child` are the sizes of the node and of its
    /// children written out.
    fn times<'a>(&self, inner: &Slope, tree: &BigUint, of_child: impl Fn(usize) -> &'a BigUint) -> Slope {
        if self.is_one {
            return inner.clone();
        }
        let mut size = BigUint::from(self.operators);
        for (k, &times) in self.arguments.iter().enumerate().filter(|(_, times)| **times > 0) {
            size += of_child(k) * times;
        }
        if self.result > 0 {
            size += tree * self.result;
        }
        if !inner.is_one {
            size += &inner.size;
            size += 1u32;
        }
        Slope { size, is_one: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(text: &str) -> Vec<u64> {
        let f = syntax::parse(text).unwrap().unroll(10_000).unwrap();
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

    #[test]
    fn deep_chains_are_counted_in_little_memory_and_exactly() {
        let tree = |n: usize| {
            let f = syntax::parse(&format!("iterate(k, 1, {n}, y, x, 4*y*(1 - y))")).unwrap();
            textbook_total(&f.unroll(1_000_000).unwrap())
        };
        let d: Vec<BigUint> = (20..26).map(tree).collect();
        let difference = |k: usize| &d[k + 1] - &d[k];
        // Trees double with every step, and so do slopes, which have trees in them: differences e obey
        // e(n) = 4 e(n-1) - 4 e(n-2).
        for k in 0..3 {
            assert_eq!(difference(k + 2) + difference(k) * 4u32, difference(k + 1) * 4u32);
        }
        let deep = tree(5_000);
        assert!(deep.bits() > 5_000 && deep.bits() < 5_030, "{}", deep.bits());
        let f = syntax::parse("iterate(k, 1, 5000, y, x, 4*y*(1 - y))").unwrap().unroll(100_000).unwrap();
        assert!((textbook_bits(&f) - 5_001.0).abs() < 3.0, "{}", textbook_bits(&f));
    }
}

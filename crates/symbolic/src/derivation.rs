//! How a derivative comes about, as a student of calculus would say it: which rule, applied to what, gives what.
//!
//! Names of rules follow from how an operator is written and from which of its arguments depend on the input; what a
//! rule gives is the operator's pull-back in the table, over names. So there is nothing here that an operator would
//! have to be added to.

use expr::reverse_sweep::pull_back;
use expr::{
    Activity, Builder, Calculus, Constant, Expr, Fold, Form, Function, Node, NodeId, Op, Rebuild, Scalar,
    Style,
};

/// One application of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleStep {
    /// The rule's name.
    pub rule: String,
    /// What is differentiated.
    pub of: String,
    /// Its derivative; `(u)'` is that of a part.
    pub is: String,
}

/// How one derivative comes about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derivation {
    /// Names of parts too large to be written out: `t1 = …`.
    pub parts: Vec<(String, String)>,
    /// From the whole to its parts, each part once.
    pub steps: Vec<RuleStep>,
    /// How many steps were left out at the end.
    pub left_out: usize,
}

/// Parts with more nodes than this get a name.
const LARGEST: u32 = 9;

/// Names the rules that differentiate an output of a flat function by the scalar input at a position; of more than
/// `most` steps the first ones.
///
/// # Panics
/// When the function is not flat.
pub fn steps(f: &Function, output: usize, input: usize, most: usize) -> Derivation {
    let graph = f.graph();
    let root = f.outputs()[output];
    let activity = Activity::of(graph, |id| f.input_at(id) == Some(input));
    let below = graph.reached_along(&[root], |id, _| activity.is_active(id));
    let differentiated = |id: &NodeId| {
        below[id.index()] && activity.is_active(*id) && !matches!(graph.node(*id), Node::Input(..))
    };
    let mut order: Vec<NodeId> = graph.ids().rev().filter(differentiated).collect();
    let left_out = order.len().saturating_sub(most);
    order.truncate(most);
    let shown = Shown::new(f, &order);
    let builder = Builder::new(Style::Derived);
    let handles = shown.handles(f, &builder);
    let results: Vec<NodeId> = order
        .iter()
        .map(|&id| {
            let primed = |child: NodeId| match graph.node(child) {
                Node::Input(..) => builder.lift(&Constant::Integer(1)),
                _ => builder.input(&format!("{}'", shown.brackets(f, child))),
            };
            slope(f, id, &activity, &handles, primed).id()
        })
        .collect();
    let count = results.len();
    let written = if count == 0 { None } else { Some(crate::reader::collected(&builder.finish(results))) };
    let is = |k: usize| written.as_ref().map_or(String::new(), |written| syntax::written_out(written, k));
    let steps = order.iter().enumerate().map(|(k, &id)| RuleStep {
        rule: rule(f, id, &activity, input),
        of: shown.texts[id.index()].clone(),
        is: is(k),
    });
    Derivation { steps: steps.collect(), parts: shown.parts(), left_out }
}

/// What a rule is called, by how its operator is written and what varies in it.
fn rule(f: &Function, id: NodeId, activity: &Activity, input: usize) -> String {
    let graph = f.graph();
    let children = graph.children(id);
    let varies = |k: usize| activity.is_active(children[k]);
    let is_input = |k: usize| f.input_at(children[k]) == Some(input);
    let by_sign = |sign: &str| match sign {
        "+" => "sum rule",
        "-" if children.len() == 1 => "constant factor rule",
        "-" => "difference rule",
        "*" if varies(0) && varies(1) => "product rule",
        "*" => "constant factor rule",
        "/" if varies(1) => "quotient rule",
        "/" => "constant factor rule",
        "^" if varies(0) && varies(1) => "power rule and exponential rule",
        "^" if varies(1) => "exponential rule",
        "^" if is_input(0) => "power rule",
        "^" => "chain rule with the power rule",
        _ => "no slope",
    };
    match graph.node(id) {
        Node::Fold(Fold::Sum, _) => "sum rule".to_owned(),
        Node::Fold(Fold::Product, _) => "product rule".to_owned(),
        Node::Fold(fold, _) => format!("derivative of {}", fold.name()),
        Node::Ternary(Op::Select, _) => "case by case".to_owned(),
        node => {
            let op = node.op().expect("the function is flat");
            match op.form() {
                Form::Prefix(sign, _) | Form::Infix(sign, _) => by_sign(sign).to_owned(),
                Form::Call => {
                    let direct = (0..children.len()).all(|k| !varies(k) || is_input(k));
                    let name = op.name();
                    match direct {
                        true => format!("derivative of {name}"),
                        false => format!("chain rule with the derivative of {name}"),
                    }
                }
            }
        }
    }
}

/// The derivative of a node in terms of those of its children.
fn slope<'g>(
    f: &Function,
    id: NodeId,
    activity: &Activity,
    handles: &[Option<Expr<'g>>],
    primed: impl Fn(NodeId) -> Expr<'g>,
) -> Expr<'g> {
    let graph = f.graph();
    let children = graph.children(id);
    let handle = |id: NodeId| handles[id.index()].expect("what is written has handles");
    let y = handle(id);
    let context = y.context();
    let one = Expr::lift(context, &Constant::Integer(1));
    let mut terms: Vec<Expr<'g>> = Vec::new();
    let arguments: Vec<Expr<'g>> = children.iter().map(|&child| handle(child)).collect();
    let mut take = |k: usize, local: Expr<'g>| {
        if activity.is_active(children[k]) {
            terms.push(local * primed(children[k]));
        }
    };
    match graph.node(id) {
        Node::Ternary(Op::Select, [condition, a, b]) => {
            let zero = Expr::lift(context, &Constant::Integer(0));
            let branch = |child: NodeId| if activity.is_active(child) { primed(child) } else { zero };
            return handle(condition).select(branch(a), branch(b));
        }
        node => pull_back(node, activity.arguments(id), &arguments, &y, &one, &mut take),
    }
    terms.into_iter().reduce(|sum, term| sum + term).expect("it depends on the input")
}

/// The text of nodes, in which large parts are names.
struct Shown {
    /// Nodes that steps mention.
    mentioned: Vec<NodeId>,
    /// These, and what they are written with.
    written: Vec<NodeId>,
    /// Names of those that have one.
    names: Vec<Option<String>>,
    /// Of those that are mentioned.
    texts: Vec<String>,
}

impl Shown {
    fn new(f: &Function, order: &[NodeId]) -> Shown {
        let graph = f.graph();
        let mut sizes = vec![1u32; graph.len()];
        let mut names: Vec<Option<String>> = vec![None; graph.len()];
        let mut count = 0;
        let taken = |name: &str| f.graph().block_named(name).is_some();
        for id in graph.ids() {
            let children = graph.children(id);
            let size = children.iter().map(|child| sizes[child.index()]).fold(1, u32::saturating_add);
            sizes[id.index()] = size;
            let own = graph.name(id).filter(|name| !taken(name) && !children.is_empty());
            if size > LARGEST || own.is_some() {
                let fresh = || loop {
                    count += 1;
                    let name = format!("t{count}");
                    if !taken(&name) {
                        return name;
                    }
                };
                names[id.index()] = Some(own.map_or_else(fresh, str::to_owned));
                sizes[id.index()] = 1;
            }
        }
        // What steps mention, and what that is written with: named parts are not looked into further.
        let mut mentioned = vec![false; graph.len()];
        let mut reach = |from: &[NodeId]| {
            from.iter().for_each(|id| mentioned[id.index()] = true);
            let mut open: Vec<NodeId> = from.iter().flat_map(|&id| graph.children(id)).copied().collect();
            while let Some(id) = open.pop() {
                if !std::mem::replace(&mut mentioned[id.index()], true) && names[id.index()].is_none() {
                    open.extend(graph.children(id));
                }
            }
            graph.ids().filter(|id| mentioned[id.index()]).collect::<Vec<NodeId>>()
        };
        let mentioned = reach(order);
        let written = reach(&mentioned);
        let mut shown = Shown { mentioned, written, names, texts: vec![String::new(); graph.len()] };
        let builder = Builder::new(Style::Derived);
        let handles = shown.written(f, &builder, true);
        let ids = shown.mentioned.clone();
        let outputs: Vec<NodeId> = ids.iter().filter_map(|id| handles[id.index()].map(Expr::id)).collect();
        if !outputs.is_empty() {
            drop(handles);
            let written = builder.finish(outputs);
            for (k, id) in ids.iter().enumerate() {
                shown.texts[id.index()] = syntax::written_out(&written, k);
            }
        }
        shown
    }

    /// Handles of what is mentioned, named parts as their names.
    fn handles<'g>(&self, f: &Function, builder: &'g Builder) -> Vec<Option<Expr<'g>>> {
        self.written(f, builder, false)
    }

    /// Handles; with `inside`, of a named part what it is, though others see its name.
    fn written<'g>(&self, f: &Function, builder: &'g Builder, inside: bool) -> Vec<Option<Expr<'g>>> {
        let graph = f.graph();
        let names = f.input_names();
        let mut seen = Rebuild::new(graph, builder);
        let mut own: Vec<Option<Expr<'g>>> = vec![None; graph.len()];
        seen.run(self.written.iter().copied(), |seen, id| {
            let name = self.names[id.index()].as_ref();
            if let Some(name) = name.filter(|_| self.mentioned.binary_search(&id).is_err()) {
                return Some(builder.input(name));
            }
            let value = match graph.node(id) {
                Node::Input(block, offset) => builder.input(&names[f.position(block, offset)]),
                _ => seen.copy(id),
            };
            own[id.index()] = Some(value);
            Some(name.map_or(value, |name| builder.input(name)))
        });
        if inside { own } else { graph.ids().map(|id| seen.get(id)).collect() }
    }

    /// A part in a place where it must hold together.
    fn brackets(&self, f: &Function, id: NodeId) -> String {
        if let Some(name) = &self.names[id.index()] {
            return name.clone();
        }
        let text = &self.texts[id.index()];
        let graph = f.graph();
        let call = graph.node(id).op().is_none_or(|op| op.form() == Form::Call);
        if call { text.clone() } else { format!("({text})") }
    }

    /// The named parts that steps mention.
    fn parts(&self) -> Vec<(String, String)> {
        let part = |id: &NodeId| Some((self.names[id.index()].clone()?, self.texts[id.index()].clone()));
        self.mentioned.iter().filter_map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<String> {
        let f = syntax::parse(text).unwrap().unroll(10_000).unwrap();
        steps(&f, 0, 0, 100).steps.into_iter().map(|step| format!("{}: {}", step.rule, step.is)).collect()
    }

    #[test]
    fn rules_have_the_names_of_the_textbook() {
        assert_eq!(rules("x^3"), ["power rule: 3*x^2"]);
        assert_eq!(rules("2*x - y"), ["difference rule: (2*x)'", "constant factor rule: 2"]);
        assert_eq!(rules("sin(x)"), ["derivative of sin: cos(x)"]);
        assert_eq!(
            rules("sin(x*y)"),
            ["chain rule with the derivative of sin: cos(x*y)*(x*y)'", "constant factor rule: y"]
        );
        assert_eq!(rules("x/y")[0], "constant factor rule: 1/y");
        assert_eq!(rules("1/x + y")[1].split(':').next(), Some("quotient rule"));
        assert_eq!(rules("2^x")[0].split(':').next(), Some("exponential rule"));
        assert_eq!(rules("if(x > 0, x^2, y)")[0], "case by case: if(x > 0, (x^2)', 0)");
        assert!(rules("floor(x)*2").is_empty());
    }

    /// Every operator that has a slope has a rule with a name, whoever adds it.
    #[test]
    fn every_operator_has_a_rule() {
        for &op in Op::ALL {
            let f = Function::build(|g| {
                let inputs = ["x", "y", "z"].map(|name| g.input(name).sin());
                vec![Scalar::apply(op, &inputs[..op.arity()])]
            });
            for k in 0..op.arity() {
                let found = steps(&f, 0, k, 100);
                assert_eq!(op.has_slope(k), !found.steps.is_empty(), "{}", op.name());
                assert!(
                    found.steps.iter().all(|step| step.rule != "no slope" && !step.is.is_empty()),
                    "{found:?}"
                );
            }
        }
    }

    #[test]
    fn long_derivations_are_cut_and_deep_ones_have_names() {
        let f = syntax::parse("iterate(k, 1, 100000, y, x, sin(y) + 1)").unwrap().unroll(1_000_000).unwrap();
        let found = steps(&f, 0, 0, 30);
        assert_eq!((found.steps.len(), found.left_out), (30, 200_000 - 30));
        assert!(found.parts.len() <= 31 && found.steps.iter().all(|step| step.of.len() < 100), "{found:?}");
    }
}

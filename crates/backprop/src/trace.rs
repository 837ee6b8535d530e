//! The backward pass as it would be done by hand: every node of the graph as written, with what it receives and what
//! it passes on.

use expr::reverse_sweep::{self, at_inputs, nan_without_value, reverse_sweep};
use expr::{Analysis, Fold, Function, Node, NodeId, Op};

/// Both passes at one point.
///
/// ```
/// let f = syntax::parse("b = a + a; b*b").unwrap();
/// let trace = backprop::trace(&f, &[3.0]);
/// assert_eq!((trace.inputs, trace.value, trace.gradient), (vec!["a".into()], 36.0, vec![24.0]));
/// assert_eq!(trace.nodes[2].upstream, [(None, 1.0)]); // the output's own
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Names of the scalar inputs.
    pub inputs: Vec<String>,
    /// The point.
    pub at: Vec<f64>,
    /// The value of the output.
    pub value: f64,
    /// The gradient, one number per scalar input.
    pub gradient: Vec<f64>,
    /// The nodes in the order of the forward pass; the backward pass goes the other way.
    pub nodes: Vec<TracedNode>,
}

/// One node in both passes.
#[derive(Clone, Debug, PartialEq)]
pub struct TracedNode {
    /// Its number, counted from 1.
    pub id: usize,
    /// The name that its author gave it, or that of the input.
    pub name: Option<String>,
    /// What it computes, in terms of the names or numbers of its arguments.
    pub text: String,
    /// `input`, `constant`, or the operator.
    pub operator: String,
    /// The numbers of its arguments.
    pub arguments: Vec<usize>,
    /// Forward: its value.
    pub value: f64,
    /// Backward: the upstream gradients that it receives, and from which node; `None` for the output's own 1.
    pub upstream: Vec<(Option<usize>, f64)>,
    /// Their sum: how much the output changes with this node.
    pub gradient: f64,
    /// How much the node changes with each argument.
    pub local: Vec<f64>,
    /// What it passes to each argument: its gradient times the local one.
    pub downstream: Vec<f64>,
}

/// Traces the first output of a flat function at a point.
///
/// ```
/// let f = syntax::parse("q = x + y; q*z").unwrap();
/// let trace = backprop::trace(&f, &[-2.0, 5.0, -4.0]);
/// let product = trace.nodes.last().unwrap();
/// assert_eq!((&product.text[..], &product.local[..]), ("q * z", &[-4.0, 3.0][..]));
/// ```
///
/// # Panics
/// When the function is not flat, or the point has another length than its inputs.
pub fn trace(f: &Function, at: &[f64]) -> Trace {
    let graph = f.graph();
    let values = f.values((), at);
    let analysis = Analysis::of_every_node(f);
    let holds = analysis.paths.values((), |id| values[id.index()]);
    let counts = |id: NodeId| holds[analysis.paths.at(id).index()] != 0.0;
    let output = f.outputs()[0];
    let mut upstream: Vec<Vec<(Option<usize>, f64)>> = vec![Vec::new(); graph.len()];
    upstream[output.index()].push((None, 1.0));
    let received = reverse_sweep(f, &analysis, &values, (output, 1.0), |local, gradient, propagate| {
        // A node of a branch that is not taken passes nothing on, not even 0.
        if !counts(local.id) {
            return;
        }
        for (k, gradient) in pull_back(local.node(), local.arguments, *local.result, *gradient) {
            upstream[local.children[k].index()].push((Some(local.id.index() + 1), gradient));
            propagate(k, gradient);
        }
    });
    let nodes = graph.ids().zip(upstream).map(|(id, upstream)| {
        let arguments: Vec<f64> = graph.children(id).iter().map(|child| values[child.index()]).collect();
        // The gradients of all arguments, 0 where there is no slope.
        let pulled = |upstream: f64| {
            let mut all = vec![0.0; arguments.len()];
            let gradients = pull_back(graph.node(id), &arguments, values[id.index()], upstream);
            gradients.into_iter().for_each(|(k, gradient)| all[k] = gradient);
            all
        };
        let gradient = received[id.index()].unwrap_or(0.0);
        TracedNode {
            id: id.index() + 1,
            name: name(f, id),
            text: text(f, id),
            operator: operator(f, id),
            arguments: graph.children(id).iter().map(|child| child.index() + 1).collect(),
            value: values[id.index()],
            upstream,
            // 0 has no sign here.
            gradient: gradient + 0.0,
            local: pulled(1.0),
            downstream: if counts(id) { pulled(gradient) } else { vec![0.0; arguments.len()] },
        }
    });
    let nodes = nodes.collect();
    let gradient = at_inputs(f, received).into_iter().map(Option::unwrap_or_default).collect();
    Trace { inputs: f.input_names(), at: at.to_vec(), value: values[output.index()], gradient, nodes }
}

/// The downstream gradient of every argument that there is a slope to.
fn pull_back(node: Node<NodeId>, arguments: &[f64], result: f64, upstream: f64) -> Vec<(usize, f64)> {
    let mut all = Vec::with_capacity(arguments.len());
    reverse_sweep::pull_back(node, 7, arguments, &result, &upstream, |k, gradient| {
        all.push((k, node.op().map_or(gradient, |op| nan_without_value(op, &result, gradient))));
    });
    all
}

fn name(f: &Function, id: NodeId) -> Option<String> {
    match f.graph().node(id) {
        Node::Input(block, offset) => Some(f.graph().block(block).element(offset)),
        _ => f.graph().name(id).map(str::to_owned),
    }
}

fn operator(f: &Function, id: NodeId) -> String {
    match f.graph().node(id) {
        Node::Const(_) => "constant".to_owned(),
        Node::Input(..) => "input".to_owned(),
        Node::Fold(Fold::Product, _) => "product".to_owned(),
        Node::Fold(fold, _) => fold.name().to_owned(),
        node => node.op().map_or(String::new(), |op| op.name().to_owned()),
    }
}

/// How a node is called where others use it: by name, as a constant, or by its number.
pub fn label(f: &Function, id: NodeId) -> String {
    match (name(f, id), f.graph().node(id)) {
        (Some(name), _) => name,
        (None, Node::Const(constant)) => f.graph().constant(constant).to_string(),
        (None, _) => format!("#{}", id.index() + 1),
    }
}

/// The node's own operation, its arguments by their labels.
fn text(f: &Function, id: NodeId) -> String {
    let labels: Vec<String> = f.graph().children(id).iter().map(|&child| label(f, child)).collect();
    match (f.graph().node(id), labels.as_slice()) {
        (Node::Const(constant), _) => f.graph().constant(constant).to_string(),
        (Node::Input(block, offset), _) => f.graph().block(block).element(offset),
        (Node::Unary(Op::Neg, _), [a]) => format!("-{a}"),
        (Node::Binary(op, _), [a, b]) => match op.form() {
            expr::Form::Infix(sign, _) => format!("{a} {sign} {b}"),
            _ => format!("{}({a}, {b})", op.name()),
        },
        (_, labels) => format!("{}({})", operator(f, id), labels.join(", ")),
    }
}

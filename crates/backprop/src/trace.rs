//! The backward pass as it would be done by hand: every node of the graph as written, with what it receives and what
//! it passes on.

use expr::{Fold, Function, MaskId, Node, NodeId, Op, Taken, fold};

/// Both passes at one point.
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
/// # Panics
/// When the function is not flat, or the point has another length than its inputs.
pub fn trace(f: &Function, at: &[f64]) -> Trace {
    let graph = f.graph();
    let values = f.values((), at);
    let taken = Taken::mark(f);
    let masks = taken.values((), |id| values[id.index()]);
    let mut nodes: Vec<TracedNode> = graph
        .ids()
        .map(|id| TracedNode {
            id: id.index() + 1,
            name: name(f, id),
            text: text(f, id),
            operator: operator(f, id),
            arguments: graph.children(id).iter().map(|child| child.index() + 1).collect(),
            value: values[id.index()],
            upstream: Vec::new(),
            gradient: 0.0,
            local: Vec::new(),
            downstream: Vec::new(),
        })
        .collect();
    let mut gradient = vec![0.0; at.len()];
    nodes[f.outputs()[0].index()].upstream.push((None, 1.0));
    for id in graph.ids().rev() {
        let mask = taken.of(id);
        let counts = mask == MaskId::ALWAYS || masks[mask.index()] != 0.0;
        let received: f64 = nodes[id.index()].upstream.iter().map(|(_, gradient)| gradient).sum();
        // A sum of nothing is 0, whatever its sign.
        nodes[id.index()].gradient = received + 0.0;
        let children = graph.children(id);
        let arguments: Vec<f64> = children.iter().map(|child| values[child.index()]).collect();
        let pulled = |upstream: f64| pull(graph.node(id), &arguments, values[id.index()], upstream);
        if children.is_empty() {
            if let Node::Input(block, offset) = graph.node(id) {
                gradient[f.position(block, offset)] = received;
            }
            continue;
        }
        nodes[id.index()].local = pulled(1.0).into_iter().map(|(gradient, _)| gradient).collect();
        let downstream = pulled(received);
        nodes[id.index()].downstream =
            downstream.iter().map(|(gradient, _)| if counts { *gradient } else { 0.0 }).collect();
        let reached = !nodes[id.index()].upstream.is_empty();
        for (child, (gradient, passes)) in children.iter().zip(downstream).filter(|_| reached && counts) {
            if passes {
                nodes[child.index()].upstream.push((Some(id.index() + 1), gradient));
            }
        }
    }
    Trace { inputs: f.input_names(), at: at.to_vec(), value: values[f.outputs()[0].index()], gradient, nodes }
}

/// The downstream gradient of every argument, and whether there is a slope at all that it goes along.
fn pull(node: Node<NodeId>, arguments: &[f64], result: f64, upstream: f64) -> Vec<(f64, bool)> {
    let mut all = vec![(0.0, false); arguments.len()];
    match (node, node.op()) {
        (Node::Fold(kind, _), _) => {
            fold::pull_back(kind, arguments, &upstream, |k, gradient| all[k] = (gradient, true));
        }
        (_, Some(op)) => op.pull_back(7, &padded(arguments), &result, &upstream, |k, gradient| {
            // Where the operator has no value, it has no slope either.
            all[k] = (if op.is_partial() && result.is_nan() { f64::NAN } else { gradient }, true);
        }),
        _ => {}
    }
    all
}

fn padded(arguments: &[f64]) -> [f64; 3] {
    let mut all = [0.0; 3];
    all[..arguments.len()].copy_from_slice(arguments);
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
        Node::Fold(Fold::Sum, _) => "sum".to_owned(),
        Node::Fold(Fold::Product, _) => "product".to_owned(),
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

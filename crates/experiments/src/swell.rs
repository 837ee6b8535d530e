//! Expression swell: how many operators a function and its gradient take, by the way in which the gradient is written.
//!
//! An operator is a node that is neither an input nor a constant; a sum or product of k terms counts as k - 1. Only the
//! *tree* is what makes symbolic differentiation look infeasible; it is counted, never built.

use chainrule::{Backprop, Budget};
use expr::{Function, Node, Stage, Stages, UnrollError};
use harness::Stopwatch;
use symbolic::{
    self, Derivative, Limits, Mode, StopReason, TooLarge, differentiate, textbook_bits, textbook_shared,
    textbook_total,
};

/// How many nodes are visited at most in counting a tree, or in a forward sweep, which goes once over all nodes for
/// every input.
const VISITS: u64 = 400_000_000;
/// So many words of a number are added in the time of a visit.
const WORDS: f64 = 32.0;

/// Something counted, or the budget that it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many; of trees more than any integer type holds.
    Exactly(String),
    /// Not found out, and why.
    Over(String),
}

/// A graph that was built.
#[derive(Clone, Debug, PartialEq)]
pub struct Built {
    /// Its operators.
    pub operators: Count,
    /// How long that took, in nanoseconds.
    pub nanoseconds: Option<f64>,
    /// The bytes that its graph holds.
    pub bytes: Option<u64>,
}

/// What a function and its gradient take.
#[derive(Clone, Debug, PartialEq)]
pub struct Swell {
    /// Scalar inputs.
    pub inputs: Count,
    /// Operators of the function without axes, shared.
    pub function: Count,
    /// Operators of all partial derivatives as trees, nothing shared.
    pub tree: Count,
    /// Of f and all partials: the textbook's formulas with their common parts shared.
    pub common: Built,
    /// Of f and all partials: one sweep per input.
    pub forward: Built,
    /// Of f and all partials: one sweep per output.
    pub reverse: Built,
    /// Of f and all partials: the smaller of the two after egg.
    pub egg: Built,
    /// Operators of the function with its loops as loops.
    pub loops: u64,
    /// Operators of the bodies of its loops and of what is outside, each with its derivatives by all that it reads, where
    /// loops are kept: what there is to be run, over and over.
    pub rolled: Option<u64>,
}

/// Operators of a graph: of one with axes, each of a loop's body once.
pub fn operators(f: &Function) -> u64 {
    let graph = f.graph();
    let of = |id| match graph.node(id) {
        Node::Fold(_, list) => (graph.list(list).len() as u64).saturating_sub(1),
        Node::Reduce(..) | Node::Iterate(_) => 1,
        node => u64::from(node.op().is_some()),
    };
    graph.ids().map(of).sum()
}

impl Built {
    fn over(why: impl Into<String>) -> Built {
        Built { operators: Count::Over(why.into()), nanoseconds: None, bytes: None }
    }

    fn measure(build: impl FnOnce() -> Result<Function, TooLarge>) -> (Built, Option<Function>) {
        let start = Stopwatch::start();
        match build() {
            Ok(function) => {
                let nanoseconds = start.elapsed().as_nanos() as f64;
                let built = Built {
                    operators: Count::Exactly(operators(&function).to_string()),
                    nanoseconds: Some(nanoseconds),
                    bytes: Some(function.graph().bytes() as u64),
                };
                (built, Some(function))
            }
            Err(error) => (Built::over(format!("over {} nodes", error.budget)), None),
        }
    }
}

/// Counts and builds, within a budget of nodes for each graph.
///
/// # Errors
/// When the function cannot be unrolled at any budget.
pub fn swell(f: &Function, max_nodes: u64) -> Result<Swell, UnrollError> {
    let budget = Budget { nodes: max_nodes, ..Budget::default() };
    let loops = operators(f);
    let rolled = Backprop::stages(f, &budget).and_then(|stages| bodies(&stages, max_nodes));
    let flat = match f.unroll(max_nodes) {
        Ok(flat) => flat,
        Err(UnrollError::TooLarge { .. }) => {
            let why = format!("over {max_nodes} nodes");
            let over = || Count::Over(why.clone());
            let built = || Built::over(&why);
            return Ok(Swell {
                inputs: over(),
                function: over(),
                tree: over(),
                common: built(),
                forward: built(),
                reverse: built(),
                egg: built(),
                loops,
                rolled,
            });
        }
        Err(error) => return Err(error),
    };
    let many = visits(&flat) > VISITS;
    let why = format!("over {VISITS} visits");
    let tree = tree(&flat);
    let mode = |mode| {
        Built::measure(|| differentiate(&flat, mode, max_nodes).map(|found: Derivative| found.function))
    };
    let (reverse, reversed) = mode(Mode::Reverse);
    let (forward, forwarded) = if many { (Built::over(&why), None) } else { mode(Mode::Forward) };
    let common = match many {
        true => Built::over(&why),
        false => Built::measure(|| textbook_shared(&flat, max_nodes)).0,
    };
    let smaller = [reversed, forwarded].into_iter().flatten().min_by_key(symbolic::cost);
    let egg = smaller.map_or(Built::over(&why), |derivative| simplified(&derivative));
    Ok(Swell {
        inputs: Count::Exactly(flat.input_count().to_string()),
        function: Count::Exactly(operators(&flat).to_string()),
        tree,
        common,
        forward,
        reverse,
        egg,
        loops,
        rolled,
    })
}

/// How many nodes a forward sweep goes through.
fn visits(flat: &Function) -> u64 {
    let edges: u64 = flat.graph().ids().map(|id| flat.graph().children(id).len() as u64).sum();
    (flat.input_count() as u64).saturating_mul(edges.max(flat.graph().len() as u64))
}

/// Operators of all partial derivatives as trees.
fn tree(flat: &Function) -> Count {
    // A visit that adds large numbers takes as long as many.
    let words = textbook_bits(flat) / 64.0;
    match visits(flat) as f64 * (1.0 + words / WORDS) > VISITS as f64 {
        true => Count::Over(format!("over {VISITS} visits")),
        false => Count::Exactly(textbook_total(flat).to_string()),
    }
}

/// Sharing alone: the derivative as formulas, and as a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Operators of the function, shared.
    pub function: Count,
    /// Operators of all partial derivatives as trees, nothing shared.
    pub tree: Count,
    /// Operators of the function and its gradient by reverse mode, in one graph.
    pub graph: Count,
}

/// Counts both for a function without axes: what [`swell`] says of them, and nothing else.
pub fn shared(flat: &Function, max_nodes: u64) -> Shared {
    let graph = differentiate(flat, Mode::Reverse, max_nodes);
    Shared {
        function: Count::Exactly(operators(flat).to_string()),
        tree: tree(flat),
        graph: match graph {
            Ok(found) => Count::Exactly(operators(&found.function).to_string()),
            Err(error) => Count::Over(format!("over {} nodes", error.budget)),
        },
    }
}

/// Of every stage its body and the body's derivatives, counted once however many rounds there are.
fn bodies(stages: &Stages, max_nodes: u64) -> Option<u64> {
    let one = |stage: &Stage| {
        differentiate(&stage.body, Mode::Reverse, max_nodes).ok().map(|found| operators(&found.function))
    };
    stages.stages.iter().map(one).sum()
}

fn simplified(derivative: &Function) -> Built {
    let limits = Limits::default();
    let mut stop = StopReason::Saturated;
    let (built, _) = Built::measure(|| {
        let found = symbolic::simplify(derivative, &limits);
        stop = found.stop;
        Ok(found.function)
    });
    match stop {
        StopReason::TooLarge => Built::over(format!("over {} nodes", limits.function_nodes)),
        StopReason::DefinedNowhere => Built::over("defined nowhere"),
        StopReason::Disabled => Built::over("no egg"),
        // Partly simplified at least: what was left out costs what it did.
        StopReason::Saturated
        | StopReason::Nodes
        | StopReason::Iterations
        | StopReason::Windows
        | StopReason::Branches => built,
    }
}

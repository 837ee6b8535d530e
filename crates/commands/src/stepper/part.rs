//! Which nodes are shown: all of a small graph, of a large one the cone of an input.

use std::collections::HashSet;

use backprop::trace::{Trace, TracedNode};

/// More nodes than this are no picture.
const LIMIT: usize = 300;

/// The nodes that are shown.
#[derive(Debug)]
pub struct Part {
    /// Their positions in the trace, ascending.
    pub(crate) nodes: Vec<usize>,
    /// Of which input they are the cone, and how large that cone is.
    cone: Option<(String, usize)>,
}

/// Constants are written into the nodes that use them, and stand for themselves only where they are all there is.
fn stands(trace: &Trace, node: &TracedNode) -> bool {
    node.operator != "constant" || node.id == trace.nodes.len()
}

impl Part {
    /// The cone of the input with this position where one is asked for, or where the graph is too large; then of the
    /// first, if none is named.
    pub fn of(trace: &Trace, input: Option<usize>) -> Part {
        let all: Vec<usize> = (0..trace.nodes.len()).filter(|&k| stands(trace, &trace.nodes[k])).collect();
        let input = match input {
            None if all.len() <= LIMIT => return Part { nodes: all, cone: None },
            input => input.unwrap_or(0),
        };
        let Some(name) = trace.inputs.get(input) else { return Part { nodes: all, cone: None } };
        // How many edges each node is away from the input.
        let mut away = vec![usize::MAX; trace.nodes.len()];
        for (k, node) in trace.nodes.iter().enumerate() {
            let nearest = node.arguments.iter().map(|argument| away[argument - 1]).min();
            away[k] = match nearest {
                _ if node.operator == "input" && node.name.as_ref() == Some(name) => 0,
                Some(nearest) if nearest != usize::MAX => nearest + 1,
                _ => usize::MAX,
            };
        }
        let mut nodes: Vec<usize> = (0..away.len()).filter(|&k| away[k] != usize::MAX).collect();
        let cone = Some((name.clone(), nodes.len()));
        nodes.sort_by_key(|&k| (away[k], k));
        nodes.truncate(LIMIT);
        nodes.sort_unstable();
        Part { nodes, cone }
    }

    /// The positions of the inputs whose gradients are listed: all, or of a cone those in it.
    pub(crate) fn inputs(&self, trace: &Trace) -> Vec<usize> {
        let all = 0..trace.inputs.len();
        if self.cone.is_none() {
            return all.collect();
        }
        let nodes = self.nodes.iter().map(|&k| &trace.nodes[k]).filter(|node| node.operator == "input");
        let names: HashSet<&str> = nodes.filter_map(|node| node.name.as_deref()).collect();
        all.filter(|&k| names.contains(trace.inputs[k].as_str())).collect()
    }

    /// What is not shown, said.
    pub fn said(&self, trace: &Trace) -> Option<String> {
        let (name, size) = self.cone.as_ref()?;
        let all = trace.nodes.len();
        let about = format!("Of {all} nodes only those that depend on {name} are shown");
        Some(match self.nodes.len() {
            0 => format!("No node depends on {name}: there is nothing to show."),
            shown if shown < *size => {
                format!("{about}; of these {size}, the {shown} nearest to it.")
            }
            shown => format!("{about}: {shown}."),
        })
    }
}

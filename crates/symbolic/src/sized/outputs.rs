//! Outputs that are arrays: the derivatives for every size are those of the element at indices that are sizes.

use expr::index::Index;
use expr::{Function, Node, NodeId, Shape};

use super::substitute::Images;
use super::{Draft, NeedsSizes, SizedDerivatives, written};

/// An index of an output that is an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputIndex {
    /// The size that stands for it.
    pub name: String,
    /// Where it begins, and where it ends.
    pub range: [Index; 2],
}

impl SizedDerivatives {
    /// The name of an output, or of an element of it: `f`, `f2`, `f_i`.
    pub fn output_name(&self, name: &str, output: usize) -> String {
        let number = if self.outputs > 1 { (output + 1).to_string() } else { String::new() };
        let indices = self.output_indices[output].iter().map(|index| format!("_{}", index.name));
        format!("{name}{number}{}", indices.collect::<String>())
    }

    /// Which elements outputs have: `f[i]: every i from 1 to n - 1`.
    pub fn output_ranges(&self, name: &str) -> Vec<String> {
        let of = |(k, indices): (usize, &Vec<OutputIndex>)| {
            let number = if self.outputs > 1 { (k + 1).to_string() } else { String::new() };
            let names: Vec<&str> = indices.iter().map(|index| index.name.as_str()).collect();
            let range = |index: &OutputIndex| {
                let [low, high] = &index.range;
                let text = |form| written(&self.function, form);
                format!("every {} from {} to {}", index.name, text(low), text(high))
            };
            let ranges: Vec<String> = indices.iter().map(range).collect();
            (!indices.is_empty())
                .then(|| format!("{name}{number}[{}]: {}", names.join(","), ranges.join(", ")))
        };
        self.output_indices.iter().enumerate().filter_map(of).collect()
    }
}

/// The function followed by the element of each output at indices that are sizes, where one is an array; otherwise as it is.
pub(super) fn with_elements(
    f: &Function,
    max_nodes: u64,
) -> Result<(Function, Vec<Vec<OutputIndex>>), NeedsSizes> {
    let graph = f.graph();
    let shape = |id: NodeId| graph.shape(id, &|_, _| None);
    let mut all = vec![Vec::new(); f.outputs().len()];
    if f.outputs().iter().all(|&output| shape(output) == Shape::number()) {
        return Ok((f.clone(), all));
    }
    let draft = Draft::new(f, max_nodes)?;
    let mut outputs = f.outputs().to_vec();
    for (&output, indices) in f.outputs().iter().zip(&mut all) {
        let Shape::Ranges(ranges) = shape(output) else { return Err(NeedsSizes::ArrayOutput) };
        let (mut images, mut forms) = (Images::default(), Vec::new());
        for range in ranges.iter().map(|range| graph.range(*range)) {
            let range = images.range(range)?;
            // The index of the header, where nothing else has its name.
            let word = graph.axis_names(range.axis).index.clone();
            let name = draft.own_word(&word, range.axis).unwrap_or_else(|| draft.index_name());
            let size = draft.size(&name);
            images.indices.insert(range.axis.index(), size.clone());
            forms.push(size);
            indices.push(OutputIndex { name, range: [range.low, range.high] });
        }
        let (mut body, mut given) = (output, 0);
        while let Node::Array(_, [inner]) = graph.node(body) {
            (body, given) = (inner, given + 1);
        }
        let body = draft.substitute(draft.builder.handle(body), &images)?;
        let rest = &forms[given..];
        outputs.push(if rest.is_empty() { body } else { draft.builder.at(body, rest) }.id());
    }
    Ok((f.with_same_bindings(draft.builder.finish(outputs)), all))
}

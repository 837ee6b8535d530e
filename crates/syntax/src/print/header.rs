//! The name of a function and its inputs, where reading the text needs them.

use rustc_hash::FxHashSet;

use super::Printer;
use crate::keywords::continues_name;
use expr::Node;
use expr::graph::{Block, Role};

impl Printer<'_> {
    /// `f(x, y) = `, when reading the text would otherwise find other inputs, or in another order.
    pub(super) fn header(&mut self, lines: &[String], body: &str) -> String {
        let blocks: Vec<&str> = self.inputs().into_iter().map(|(block, _)| block.name.as_str()).collect();
        let known: FxHashSet<&str> = blocks.iter().copied().collect();
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        let mut found: Vec<&str> = Vec::new();
        let text = lines.join("\n") + "\n" + body;
        let word = continues_name;
        for name in text.split(|c| !word(c)) {
            if known.contains(name) && seen.insert(name) {
                found.push(name);
            }
        }
        let extents: Vec<String> = self.inputs().into_iter().map(|(_, extent)| extent).collect();
        let own = self.f.name().filter(|name| !self.taken.contains(*name));
        if own.is_none() && found == blocks && extents.iter().all(String::is_empty) {
            return String::new();
        }
        let name = self.unused(own.unwrap_or("f"));
        self.headed(&name)
    }

    /// `name(x, y) = `, with all inputs.
    pub(super) fn headed(&self, name: &str) -> String {
        let parameters: Vec<String> =
            self.inputs().into_iter().map(|(block, extent)| format!("{}{extent}", block.name)).collect();
        // No inputs, no brackets.
        if parameters.is_empty() {
            format!("{name} = ")
        } else {
            format!("{name}({}) = ", parameters.join(", "))
        }
    }

    /// The inputs, with the lengths that must be said of them; data that nothing needs are none.
    fn inputs(&self) -> Vec<(&Block, String)> {
        let graph = self.graph();
        let all = graph.blocks().iter().zip(self.unread_extents()).zip(graph.used_data());
        all.filter(|((block, _), used)| block.role != Role::Data || *used).map(|(own, _)| own).collect()
    }

    /// `[10]` for each indexed input that extends beyond what is read of it, or is declared with its lengths.
    fn unread_extents(&self) -> Vec<String> {
        let graph = self.graph();
        let mut largest: Vec<Vec<usize>> = graph.blocks().iter().map(|block| vec![0; block.rank]).collect();
        for node in graph.nodes() {
            if let Node::Input(block, offset) = *node {
                let shape = graph.block(block).shape.as_deref().unwrap_or_default();
                let mut rest = offset as usize;
                for (extent, index) in shape.iter().zip(&mut largest[block.index()]).rev() {
                    *index = (*index).max(rest % extent.max(&1) + 1);
                    rest /= extent.max(&1);
                }
            }
        }
        let text = |(block, largest): (&Block, Vec<usize>)| match &block.shape {
            _ if block.declared.is_some() => {
                let lengths: Vec<String> =
                    block.declared.iter().flatten().map(|length| self.index(length)).collect();
                format!("[{}]", lengths.join(", "))
            }
            Some(shape) if *shape != largest || largest.first() == Some(&0) => {
                let extents: Vec<String> = shape.iter().map(usize::to_string).collect();
                format!("[{}]", extents.join(", "))
            }
            _ => String::new(),
        };
        graph.blocks().iter().zip(largest).map(text).collect()
    }
}

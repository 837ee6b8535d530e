//! How many operators a derivative takes, written out in full or with its common parts shared.

use experiments::swell::{Count, Shared, shared};
use serde::Serialize;

use crate::{Failure, ParsedFunction};

/// A function at several sizes, to be serialised as `chainrule/shared/1`.
#[derive(Serialize)]
pub struct Document {
    schema: &'static str,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    size: i64,
    /// Of the function.
    function: String,
    /// Of all partial derivatives as formulas in which nothing is shared: digits, or the budget that it is over.
    tree: String,
    /// Of the function and its gradient as one graph.
    graph: String,
}

impl Document {
    /// A row per size, at which `read` gives the function.
    ///
    /// # Errors
    /// When it gives none, or that cannot be unrolled.
    pub fn new(
        sizes: &[i64],
        max_nodes: u64,
        mut read: impl FnMut(i64) -> Result<ParsedFunction, Failure>,
    ) -> Result<Document, Failure> {
        let mut rows = Vec::new();
        for &size in sizes {
            let given = read(size)?;
            let Shared { function, tree, graph } = shared(given.flat()?, max_nodes);
            let [function, tree, graph] = [function, tree, graph].map(|count| match count {
                Count::Exactly(digits) => digits,
                Count::Over(why) => why,
            });
            rows.push(Row { size, function, tree, graph });
        }
        Ok(Document { schema: "chainrule/shared/1", rows })
    }
}

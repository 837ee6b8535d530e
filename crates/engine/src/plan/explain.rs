//! A plan, line by line for people.

use super::Plan;
use super::step::{LoopStep, Step};

/// How many operators stand in steps, not counting those of loops inside.
fn operators(steps: &[Step]) -> usize {
    let of = |step: &Step| match step {
        Step::Rows(all) => all.len(),
        Step::Numbers(all) => all.len(),
        Step::When(_, inner) => operators(inner),
        Step::Loop(_) => 0,
        _ => 1,
    };
    steps.iter().map(of).sum()
}

impl Plan {
    /// What is run, line by line for people.
    pub fn explain(&self) -> Vec<String> {
        let mut lines = vec![format!("{} steps outside of loops", operators(&self.steps))];
        self.explain_loops(&self.steps, 0, &mut lines);
        lines
    }

    fn explain_loops(&self, steps: &[Step], depth: usize, lines: &mut Vec<String>) {
        for step in steps {
            match step {
                Step::When(_, inner) => self.explain_loops(inner, depth, lines),
                Step::Loop(inner) => {
                    let LoopStep { axis, in_blocks, body, about, .. } = &**inner;
                    let how = match in_blocks {
                        true => format!(", {} values at a time", self.packs * crate::LANES),
                        false => String::new(),
                    };
                    let indent = "  ".repeat(depth);
                    let name = &self.axis_names[*axis as usize];
                    lines.push(format!("{indent}loop over {name}{how}: {about}; {} steps", operators(body)));
                    self.explain_loops(body, depth + 1, lines);
                }
                Step::Lanes { axis, count, .. } => {
                    let name = &self.axis_names[*axis as usize];
                    lines.push(format!("{}all {count} values of {name} at once", "  ".repeat(depth)));
                }
                Step::Matrix(product) => {
                    let (rows, columns, terms) = (product.rows(), product.columns(), product.over.count);
                    let indent = "  ".repeat(depth);
                    lines.push(format!(
                        "{indent}product of matrices: {rows} rows, {columns} columns, sums of {terms} terms"
                    ));
                }
                _ => {}
            }
        }
    }
}

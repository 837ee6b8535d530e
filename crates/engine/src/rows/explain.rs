//! A program for rows, in words.

use super::{Operand, Step, VectorProgram};

impl VectorProgram {
    /// The steps, line by line for people: what is done once, then what is done for every block.
    pub fn explain(&self) -> Vec<String> {
        // Uniform places that nothing fills are constants.
        let mut filled: Vec<u32> = self
            .once
            .iter()
            .flat_map(|step| match step {
                Step::Apply { into, .. } | Step::Fold { into, .. } => [*into; 2],
                Step::SinCos { into, .. } => *into,
            })
            .collect();
        filled.extend(self.inputs.iter().flatten().filter_map(|place| match place {
            Operand::Uniform(k) => Some(*k),
            Operand::Row(_) => None,
        }));
        let place = |operand: &Operand| match operand {
            Operand::Row(row) => format!("r{row}"),
            Operand::Uniform(k) if filled.contains(k) => format!("u{k}"),
            Operand::Uniform(k) => format!("{}", self.uniforms[*k as usize]),
        };
        let line = |step: &Step, of: fn(u32) -> Operand| match step {
            Step::Apply { op, into, operands } => {
                let operands: Vec<String> = operands[..op.arity()].iter().map(place).collect();
                format!("{} = {}({})", place(&of(*into)), op.name(), operands.join(", "))
            }
            Step::SinCos { into: [sine, cosine], angle } => {
                format!("r{sine}, r{cosine} = sin and cos(r{angle})")
            }
            Step::Fold { fold, into, terms, .. } => {
                let terms = self.terms(terms);
                let products = terms.iter().filter(|term| term.second.is_some()).count();
                let what = match products {
                    0 => String::new(),
                    products => format!(", {products} of them products"),
                };
                format!("{} = {} of {} terms{what}", place(&of(*into)), fold.name(), terms.len())
            }
        };
        let once = self.once.iter().map(|step| format!("once: {}", line(step, Operand::Uniform)));
        once.chain(self.steps.iter().map(|step| line(step, Operand::Row))).collect()
    }
}

//! How often operators of a function with loops are singular at a point, without unrolling it.

use chainrule::{Budget, CompiledFunction};
use expr::Function;
use expr::passes::Singular;

/// The function that counts, ready to be run.
#[derive(Debug)]
pub(crate) enum Counting {
    /// No operator can be singular.
    Never,
    /// With its loops.
    Compiled(Box<CompiledFunction>),
    /// Node by node.
    Evaluated(Function),
}

/// A function is evaluated node by node where that takes no more evaluations of nodes than this.
const MOST_WORK: u64 = 20_000_000;

/// Counts the singularities of a function that takes so many evaluations of nodes; nothing where that would take too long.
pub(crate) fn count(
    f: &Function,
    budget: u64,
    work: u64,
    counts: impl Fn(Singular) -> bool,
) -> Option<Counting> {
    let Some(counted) = f.singularities_counted(counts).ok()? else { return Some(Counting::Never) };
    let budget = Budget { nodes: budget, ..Budget::default() };
    match CompiledFunction::rolled(&counted, &budget) {
        Ok(Some(compiled)) => Some(Counting::Compiled(Box::new(compiled))),
        _ if work <= MOST_WORK => Some(Counting::Evaluated(counted)),
        _ => None,
    }
}

impl Counting {
    /// The counts of all outputs, of which there are so many.
    pub(crate) fn run(&mut self, at: &[f64], outputs: usize) -> Option<Vec<f64>> {
        // The values come first.
        let counts = match self {
            Counting::Never => vec![0.0; outputs],
            Counting::Compiled(compiled) => {
                let mut counts = vec![0.0; compiled.outputs()];
                compiled.run(at, &mut counts);
                counts.split_off(outputs)
            }
            Counting::Evaluated(f) => f.evaluate((), at).split_off(outputs),
        };
        if counts.len() == outputs {
            return Some(counts);
        }
        // An output that is an array without a singularity has one count, and so it is not known whose the others are.
        Some(vec![counts.iter().sum(); outputs])
    }
}

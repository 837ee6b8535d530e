//! Certified partial derivatives of a function that is too large to be certified as a whole: by some of its inputs, of the terms that
//! read them.

use chainrule::Random;
use expr::{Builder, Function, Node, Rebuild, Style};
use reference::{Component, Limits, certify};

use crate::subject::Subject;

/// One component of a gradient that is certified by itself.
#[derive(Clone, Debug)]
pub struct Sampled {
    /// Its position, row after row.
    pub component: usize,
    /// What was found.
    pub found: Component,
}

/// So many components are certified of a function.
const MOST_COMPONENTS: usize = 4;
/// So many are tried.
const MOST_TRIED: usize = 16;
/// The terms of one component may be this many times the nodes of which a function is certified as a whole…
const NODES_OF_ONE: u64 = 4;
/// … and those of all components this many.
const NODES_OF_ALL: u64 = 8;
/// The work of certifying one component: a quarter of that of a whole function.
const WORK: u64 = 250_000_000;

/// Certifies components by inputs from everywhere in the point, where the terms that read them are few enough.
pub(crate) fn sample(subject: &Subject, outputs: usize, at: &[f64], most_nodes: usize) -> Vec<Sampled> {
    let f = subject.written();
    let mut found = Vec::new();
    if most_nodes == 0 || f.outputs().len() != outputs || at.iter().any(|x| !x.is_finite()) {
        return found;
    }
    let most = most_nodes as u64;
    let mut left = NODES_OF_ALL.saturating_mul(most);
    for (output, input) in chosen(subject, outputs) {
        let most = left.min(NODES_OF_ONE.saturating_mul(most));
        let Some(terms) = Terms::of(subject, output, input, most) else { continue };
        left -= (terms.function.graph().len() as u64).min(left);
        let point: Vec<f64> = terms.inputs.iter().map(|&input| at[input]).collect();
        let limits = Limits { most_work: WORK, ..Limits::default() };
        let mut certificate = certify(&terms.function, &point, &limits);
        let component = certificate.gradients[0].swap_remove(terms.own);
        found.push(Sampled { component: output * at.len() + input, found: component });
        if found.len() == MOST_COMPONENTS {
            break;
        }
    }
    found.sort_by_key(|sampled| sampled.component);
    found
}

/// Outputs and inputs to be tried: the first and last number of every input, and others at random.
fn chosen(subject: &Subject, outputs: usize) -> Vec<(usize, usize)> {
    let mut random = Random::new(0, &["sampled"], subject.input_count());
    let ends = subject.inputs().iter().filter(|input| !input.is_empty());
    let mut ends: Vec<usize> = ends.flat_map(|input| [input.start, input.start + input.len() - 1]).collect();
    // Inputs that come last are most often read by few terms.
    ends.reverse();
    let count = subject.input_count().max(1);
    let others: Vec<usize> = (0..MOST_TRIED).map(|_| random.below(count)).collect();
    let mut all: Vec<(usize, usize)> = Vec::new();
    for input in ends.into_iter().take(MOST_TRIED / 2).chain(others) {
        let next = (random.below(outputs.max(1)), input);
        if subject.input_count() > 0 && !all.contains(&next) && all.len() < MOST_TRIED {
            all.push(next);
        }
    }
    all
}

/// The terms that read an input, unrolled, over the inputs that they read.
struct Terms {
    function: Function,
    /// The positions of its inputs among those of the whole function.
    inputs: Vec<usize>,
    /// Which of its inputs it is about.
    own: usize,
}

impl Terms {
    fn of(subject: &Subject, output: usize, input: usize, most_nodes: u64) -> Option<Terms> {
        let block = subject.names().input_of(input)?;
        let terms = subject.written().terms_that_read(output, block.name(), &block.indices(input)).ok()?;
        let flat = terms.unroll_with_inputs(most_nodes, u64::MAX).ok()?;
        let graph = flat.graph();
        let builder = Builder::new(Style::Written);
        let (mut inputs, mut own) = (Vec::new(), None);
        let mut made = Rebuild::new(graph, &builder);
        made.run(graph.ids(), |_, id| {
            let Node::Input(block, offset) = graph.node(id) else { return None };
            let block = graph.block(block);
            let whole = subject.inputs().iter().find(|input| input.name() == block.name)?;
            let position = whole.position(&block.indices(offset));
            if position == input {
                own = Some(inputs.len());
            }
            inputs.push(position);
            Some(builder.input(&format!("x{position}")))
        });
        let outputs = made.ids(flat.outputs());
        drop(made);
        Some(Terms { function: builder.finish(outputs), inputs, own: own? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, n: i64, at: impl Fn(usize) -> f64) -> (Vec<Sampled>, Vec<f64>) {
        let f = syntax::parse(text).unwrap().with_sizes(&[("n", n)]).unwrap();
        let subject = Subject::new(f, 20_000_000).unwrap();
        let at: Vec<f64> = (0..subject.input_count()).map(at).collect();
        (sample(&subject, 1, &at, 20_000), at)
    }

    #[test]
    fn components_of_long_sums_are_certified_by_their_terms() {
        let (found, x) =
            of("sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)", 1_000_000, |k| (k % 7) as f64 / 8.0);
        assert_eq!(found.len(), MOST_COMPONENTS);
        assert_eq!((found[0].component, found[3].component), (0, 999_999));
        for Sampled { component: k, found } in found {
            let by_next = if k + 1 < x.len() {
                -400.0 * (x[k + 1] - x[k] * x[k]) * x[k] - 2.0 * (1.0 - x[k])
            } else {
                0.0
            };
            let by_last = if k > 0 { 200.0 * (x[k] - x[k - 1] * x[k - 1]) } else { 0.0 };
            let slope = found.known().unwrap();
            assert!((slope - by_next - by_last).abs() < 1e-12 * slope.abs().max(1.0), "{k}: {slope}");
        }
    }

    #[test]
    fn what_all_terms_read_is_not_certified() {
        let (found, _) = of("sum(i, 1, n, x*y[i])", 1_000_000, |k| k as f64);
        assert_eq!(found.len(), MOST_COMPONENTS);
        assert!(found.iter().all(|sampled| sampled.component > 0));
        assert!(of("sum(i, 1, n, sin(x)*i)", 1_000_000, |_| 1.0).0.is_empty());
        assert!(of("sin(sum(i, 1, n, x[i]))", 1_000_000, |_| 1e-6).0.is_empty());
    }

    #[test]
    fn kinks_of_a_component_are_its_own() {
        let (found, _) = of("sum(i, 1, n, abs(x[i])*i)", 1_000_000, |k| if k == 0 { 0.0 } else { 1.5 });
        assert_eq!(found[0].found.word(), "kink");
        assert_eq!(found[3].found.known(), Some(1e6));
    }
}

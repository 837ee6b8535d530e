//! The backward pass written down as a function, so that whatever runs functions runs it too.

use expr::graph::Role;
use expr::{
    Activity, Builder, Calculus, Constant, Expr, Function, Node, NodeId, PathConditions, Predicate, Style,
    fold, nan_without_value,
};

use crate::adjoint::Adjoint;

/// What an output receives from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seed {
    /// Nothing: it is not asked for.
    Nothing,
    /// One: its own gradient is wanted.
    One,
    /// What a further input says.
    Given,
}

/// Backward passes through a flat function, as a flat function.
#[derive(Clone, Debug)]
pub(crate) struct PullBack {
    /// Its inputs are those of the function, then what is given to each of its outputs; its outputs are those of the
    /// function, then whatever arrives.
    pub(crate) function: Function,
    /// Per pass and input, the output that says what arrives there, if anything does.
    pub(crate) arrivals: Vec<Vec<Option<usize>>>,
}

/// Follows the gradients of a flat function from its seeded outputs to its wanted inputs, once per pass. `adjoint`
/// is the function's own, compiled for the same inputs: sums of several gradients have the order that they have there.
pub(crate) fn pull_back(
    f: &Function,
    adjoint: &Adjoint,
    wanted: impl Fn(usize) -> bool,
    passes: &[Vec<Seed>],
) -> PullBack {
    let graph = f.graph();
    let inputs = f.input_count();
    let builder = Builder::resume(graph.clone(), Style::Written);
    // No name that anybody can write.
    let seeds = builder.block("∂", 1, Role::Variable);
    builder.shape(seeds, vec![f.outputs().len()]);
    let activity = activity(f, &wanted);
    let order = backward_order(f, adjoint);
    let paths = PathConditions::of(f);
    let mut outputs: Vec<NodeId> = f.outputs().to_vec();
    let mut arrivals = Vec::new();
    {
        let handle = |id: NodeId| builder.handle(id);
        let integer = |k| builder.lift(&Constant::Integer(k));
        let holds = if paths.is_unconditional() { Vec::new() } else { paths.values(&builder, handle) };
        for pass in passes {
            let mut upstream: Vec<Option<Expr<'_>>> = vec![None; graph.len()];
            for (k, output) in f.outputs().iter().enumerate() {
                let seed = match pass[k] {
                    Seed::Nothing => continue,
                    Seed::One => integer(1),
                    Seed::Given => builder.element(seeds, k as u32),
                };
                add(&mut upstream[output.index()], seed);
            }
            for &id in &order {
                let Some(received) = upstream[id.index()] else { continue };
                let predicate = paths.at(id);
                if predicate == Predicate::NEVER {
                    continue;
                }
                let children = graph.children(id);
                let mut pass_on = |k: usize, gradient| {
                    // A node of an untaken branch passes nothing on, not even NaN.
                    let gradient = match predicate {
                        Predicate::ALWAYS => gradient,
                        predicate => holds[predicate.index()].select(gradient, integer(0)),
                    };
                    add(&mut upstream[children[k].index()], gradient);
                };
                match graph.node(id) {
                    Node::Fold(kind, list) => {
                        let terms: Vec<Expr<'_>> =
                            graph.list(list).iter().map(|&term| handle(term)).collect();
                        if activity.is_active(id) {
                            fold::pull_back(kind, &terms, &handle(id), &received, pass_on);
                        }
                    }
                    node => {
                        let op = node.op().expect("inputs and constants have no place in the order");
                        let mut arguments = [received; 3];
                        arguments.iter_mut().zip(children).for_each(|(a, &child)| *a = handle(child));
                        let result = handle(id);
                        op.pull_back(
                            activity.arguments(id),
                            &arguments,
                            &result,
                            &received,
                            |k, gradient| {
                                pass_on(k, nan_without_value(op, &result, gradient));
                            },
                        );
                    }
                }
            }
            let mut row = vec![None; inputs];
            for id in graph.ids() {
                if let (Some(input), Some(arrived)) = (f.input_at(id), upstream[id.index()])
                    && wanted(input)
                {
                    row[input] = Some(outputs.len());
                    outputs.push(arrived.id());
                }
            }
            arrivals.push(row);
        }
    }
    PullBack { function: builder.finish(outputs), arrivals }
}

fn add<'g>(received: &mut Option<Expr<'g>>, gradient: Expr<'g>) {
    *received = Some(received.map_or(gradient, |before| before + gradient));
}

fn activity(f: &Function, wanted: impl Fn(usize) -> bool) -> Activity {
    Activity::of(f.graph(), |id| f.input_at(id).is_some_and(&wanted))
}

/// Which inputs of a flat function anything arrives at from some of its outputs, if these receive anything.
pub(crate) fn reach(f: &Function, wanted: impl Fn(usize) -> bool, received: &[bool]) -> Vec<bool> {
    let graph = f.graph();
    let activity = activity(f, wanted);
    let roots = f.outputs().iter().zip(received).filter(|(_, received)| **received);
    let roots: Vec<NodeId> = roots.map(|(output, _)| *output).collect();
    let reached = graph.reached_along(&roots, |id, k| activity.flows(graph, id, k));
    let mut inputs = vec![false; f.input_count()];
    for id in graph.ids() {
        if let Some(k) = f.input_at(id) {
            inputs[k] = reached[id.index()] && activity.is_active(id);
        }
    }
    inputs
}

/// The nodes that are computed, in the order in which the adjoint comes to them: from the last step to the first.
fn backward_order(f: &Function, adjoint: &Adjoint) -> Vec<NodeId> {
    let program = adjoint.program();
    let first = program.first_step();
    let mut nodes = vec![NodeId::default(); program.steps()];
    for id in f.graph().ids() {
        let step = program.slot(id).and_then(|slot| (slot as usize).checked_sub(first));
        if let Some(step) = step {
            nodes[step] = id;
        }
    }
    nodes.reverse();
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Zeros have no sign here: nothing that has been received adds up to +0.
    fn bits(number: f64) -> u64 {
        if number.is_nan() { f64::NAN } else { number + 0.0 }.to_bits()
    }

    #[test]
    fn a_backward_pass_written_down_is_the_one_that_is_run() {
        for text in [
            "(x + y)*z",
            "sin(x*y) + exp(x/y) - ln(x^2 + y^2)*z",
            "[if(x < y, ln(x - y)*z, x*y), prod(i, 1, 20, x + i*y), z, x + 1, 7]",
            "[max(x, y)*min(y, z) + clamp(x, y, z), atan2(x, y) + floor(x)*x + xlogy(0, x)]",
            "iterate(k, 1, 30, w, x, w + sin(w*y)/z/k) + sqrt(x)*asin(y/3) + x^z + hypot(y, z)",
        ] {
            let f = syntax::parse(text).unwrap().unroll(10_000).unwrap();
            let (inputs, outputs) = (f.input_count(), f.outputs().len());
            let adjoint = Adjoint::compile(&f);
            let seed = |output, pass| if output == pass { Seed::One } else { Seed::Nothing };
            let passes: Vec<Vec<Seed>> =
                (0..outputs).map(|pass| (0..outputs).map(|output| seed(output, pass)).collect()).collect();
            let written = pull_back(&f, &adjoint, |_| true, &passes);
            let mut workspace = adjoint.workspace(|number| number);
            for x in [[0.5, 2.0, 1.5], [2.0, 0.5, 1.0], [-1.0, 0.25, 3.0], [0.0, 0.0, -2.0], [1.0, 1.0, 1.0]]
            {
                let (mut values, mut gradient) = (vec![0.0; outputs], vec![0.0; outputs * inputs]);
                adjoint.run(&mut workspace, &x[..inputs], &mut values, &mut gradient);
                let point: Vec<f64> = x[..inputs].iter().copied().chain(vec![f64::NAN; outputs]).collect();
                let found = written.function.evaluate((), &point);
                for output in 0..outputs {
                    for input in 0..inputs {
                        let arrived = written.arrivals[output][input].map_or(0.0, |k| found[k]);
                        let expected = gradient[output * inputs + input];
                        assert_eq!(bits(arrived), bits(expected), "{text} at {x:?}: {output} by {input}");
                    }
                }
            }
        }
    }

    #[test]
    fn seeds_scale_what_arrives() {
        let f = syntax::parse("[x*y, x + y]").unwrap();
        let adjoint = Adjoint::compile(&f);
        let written = pull_back(&f, &adjoint, |input| input == 0, &[vec![Seed::Given, Seed::One]]);
        assert_eq!(written.arrivals, [[Some(2), None]]);
        assert_eq!(written.function.evaluate((), &[3.0, 5.0, 10.0, 0.0])[2], 51.0);
    }
}

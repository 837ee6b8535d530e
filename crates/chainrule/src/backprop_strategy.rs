//! Backpropagation as a strategy.

use std::sync::Arc;

use backprop::{Adjoint, Planned, PlannedWorkspace, Staged, StagedWorkspace, UnrollOrPlan, Workspace};
use engine::{Plan, Tier};
use expr::{Function, Stages, UnrollError, expect_point};

use crate::kinds::{self, Want};
use crate::spec::{Precision, StrategySpec};
use crate::strategy::{Budget, Cost, Derivative, Prepared, Refusal, Strategy};

/// One forward and one backward pass; loops of many rounds are run as loops, and not unrolled, nor is what does so many operations
/// that unrolling it would take longer than a gradient.
///
/// ```
/// use chainrule::{Backprop, Budget, Derivative, Strategy, Want};
/// let f = chainrule::parse("sum(i, 1, 1000, x[i]^2)")?;
/// let mut prepared = Backprop.prepare(&f, Want::Gradient, &Budget::default())?;
/// let mut out = Derivative::default();
/// prepared.run(&[3.0; 1000], &mut out)?;
/// assert_eq!((out.values, out.gradient), (vec![9000.0], vec![6.0; 1000]));
/// assert!(Backprop::stages(&f, &Budget::default()).is_some()); // run as a loop
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Backprop;

/// Fewer rounds are not worth a loop.
const FEWEST: u64 = 8;

/// A function of at most so many nodes is unrolled, since straight code is the fastest there is.
const FEW_NODES: u64 = 300;

/// Each output has a backward pass of its own; of a function with more outputs these are not one function.
const MOST_OUTPUTS: usize = 16;

/// A function whose value and gradient take fewer operators is unrolled: that is done in a few milliseconds, and run faster.
const FEW_OPERATORS: u64 = 30_000;

/// So is one that takes fewer than this where its loops are slow: a scan of numbers, or loops of few iterations.
const SOME_OPERATORS: u64 = 100_000;

/// Loops are slow where a step is chosen for fewer operators than this, on average.
const FEW_AT_A_TIME: u64 = 4;

/// The same of everything else than gradients.
pub(crate) const UNROLL_OR_PLAN: UnrollOrPlan = UnrollOrPlan {
    nodes: u64::MAX,
    few_operators: FEW_OPERATORS,
    some_operators: SOME_OPERATORS,
    few_at_a_time: FEW_AT_A_TIME,
};

/// A product of many factors keeps all of them: beyond this its loop is not run as one.
const MOST_BYTES: usize = 1 << 30;

/// The function as stages, where that pays.
pub(crate) fn staged(f: &Function, budget: &Budget) -> Result<Option<Staged>, UnrollError> {
    let staged = f.stages(FEWEST, budget.nodes)?.map(|stages| Staged::compile(&stages));
    Ok(staged.filter(|staged| staged.bytes() <= MOST_BYTES))
}

impl Backprop {
    /// The function with its loops as it is run, if any of them is kept.
    pub fn stages(f: &Function, budget: &Budget) -> Option<Stages> {
        f.stages(FEWEST, budget.nodes).ok().flatten()
    }

    /// The function prepared, and how many scalar inputs it has: known without unrolling where loops are kept.
    pub(crate) fn compile(f: &Function, budget: &Budget) -> Result<(usize, Box<dyn Prepared>), Refusal> {
        Ok(match with_loops(f, budget, || planned(f, budget))? {
            Some(WithLoops::Staged(staged)) => {
                let workspace = staged.workspace();
                (staged.inputs(), Box::new(RunsStaged { staged, workspace }))
            }
            Some(WithLoops::Planned(planned)) => {
                let workspace = planned.workspace();
                (planned.inputs(), Box::new(RunsPlanned { planned, workspace }))
            }
            None => {
                let adjoint = Arc::new(Adjoint::compile(&crate::unroll(f, budget)?));
                let workspace = adjoint.workspace(|value| value);
                let inputs = adjoint.program().inputs();
                (inputs, Box::new(RunsFlat { adjoint, workspace, tier: Tier::default() }))
            }
        })
    }
}

/// How a function is run with its loops.
pub(crate) enum WithLoops<P> {
    /// The outermost of them are kept.
    Staged(Staged),
    /// All of them, and arrays.
    Planned(P),
}

/// The function with its loops, where any of them is kept: by stages, which run faster but for products of matrices, else as it is
/// planned.
pub(crate) fn with_loops<P>(
    f: &Function,
    budget: &Budget,
    planned: impl FnOnce() -> Option<P>,
) -> Result<Option<WithLoops<P>>, UnrollError> {
    if f.unroll(FEW_NODES).is_ok() {
        return Ok(None);
    }
    // Stages would unroll these loops to find that they do not keep them, or take products of matrices for loops like others.
    let late = f.has_unrolled_loops() || Plan::suits(f);
    let first = if late { Ok(None) } else { staged(f, budget) };
    if let Ok(Some(staged)) = first {
        return Ok(Some(WithLoops::Staged(staged)));
    }
    if let Some(planned) = planned() {
        return Ok(Some(WithLoops::Planned(planned)));
    }
    Ok(if late { staged(f, budget)? } else { first? }.map(WithLoops::Staged))
}

/// The function with its loops and arrays, where that pays. What cannot be is unrolled, or has an error that unrolling finds.
pub(crate) fn planned(f: &Function, budget: &Budget) -> Option<Planned> {
    if f.is_flat() || f.outputs().len() > MOST_OUTPUTS {
        return None;
    }
    let pays = |planned: &Planned| {
        let work = planned.work();
        let is_slow = planned.choices() * FEW_AT_A_TIME > work;
        work >= if is_slow { SOME_OPERATORS } else { FEW_OPERATORS }
    };
    Planned::new(f, budget.nodes).ok().filter(pays)
}

struct RunsPlanned {
    planned: Planned,
    workspace: PlannedWorkspace,
}

struct RunsFlat {
    adjoint: Arc<Adjoint>,
    workspace: Workspace<f64>,
    tier: Tier,
}

struct RunsStaged {
    staged: Staged,
    workspace: StagedWorkspace,
}

impl Strategy for Backprop {
    fn spec(&self) -> StrategySpec {
        StrategySpec::Backprop(Precision::Standard)
    }

    fn prepare(&self, f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        if want != Want::Gradient {
            return kinds::backprop::prepare(f, want, budget);
        }
        Ok(Backprop::compile(f, budget)?.1)
    }
}

impl Prepared for RunsStaged {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        expect_point(x.len(), self.staged.inputs());
        out.make_room(self.staged.outputs(), x.len());
        self.staged.run(&mut self.workspace, x, &mut out.values, &mut out.gradient);
        Ok(())
    }

    fn cost(&self) -> Cost {
        Cost { evaluations: 1, nodes: self.staged.steps() as u64, bytes: self.staged.bytes() as u64 }
    }

    fn listing(&self) -> Vec<String> {
        self.staged.explain()
    }
}

impl Prepared for RunsPlanned {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        expect_point(x.len(), self.planned.inputs());
        out.make_room(self.planned.outputs(), x.len());
        self.planned.run(&mut self.workspace, x, &mut out.values, &mut out.gradient);
        Ok(())
    }

    fn cost(&self) -> Cost {
        Cost { evaluations: 1, nodes: self.planned.work(), bytes: self.planned.bytes() as u64 }
    }

    fn listing(&self) -> Vec<String> {
        self.planned.explain()
    }
}

impl Prepared for RunsFlat {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        expect_point(x.len(), self.adjoint.program().inputs());
        out.make_room(self.adjoint.program().outputs().len(), x.len());
        let written = || {
            let adjoint = self.adjoint.clone();
            move |most| adjoint.straight(most)
        };
        match self.tier.code(written) {
            Some(code) => code.run(x, &mut out.values, &mut out.gradient),
            None => self.adjoint.run(&mut self.workspace, x, &mut out.values, &mut out.gradient),
        }
        Ok(())
    }

    fn compile(&mut self) {
        self.tier.compile(|most| self.adjoint.straight(most));
    }

    fn cost(&self) -> Cost {
        Cost { evaluations: 1, nodes: self.adjoint.steps() as u64, bytes: self.adjoint.bytes() as u64 }
    }

    fn listing(&self) -> Vec<String> {
        self.adjoint.explain()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient(text: &str, x: &[f64]) -> Derivative {
        let f = syntax::parse(text).unwrap();
        let mut out = Derivative::default();
        Backprop.prepare(&f, Want::Gradient, &Budget::default()).unwrap().run(x, &mut out).unwrap();
        out
    }

    #[test]
    fn the_smallest_functions_and_the_widest_have_gradients() {
        let out = gradient("1 + 2*3", &[]);
        assert_eq!((&out.values[..], &out.gradient[..]), (&[7.0][..], &[][..]));
        let out = gradient("sum(i, 1, 0, 2) + 5", &[]);
        assert_eq!((&out.values[..], &out.gradient[..]), (&[5.0][..], &[][..]));
        let out = gradient("x", &[3.0]);
        assert_eq!((&out.values[..], &out.gradient[..]), (&[3.0][..], &[1.0][..]));
        let out = gradient("f(x, y) = 4", &[3.0, 2.0]);
        assert_eq!((&out.values[..], &out.gradient[..]), (&[4.0][..], &[0.0, 0.0][..]));

        // As many inputs as anybody has, of which one operator reads two, or one sum reads all.
        let x: Vec<f64> = (0..100_000).map(|k| (k % 17) as f64).collect();
        let out = gradient("x[1]*x[100000]", &[&x[..99_999], &[5.0]].concat());
        assert_eq!(out.values, [0.0]);
        assert_eq!((out.gradient[0], out.gradient[99_999]), (5.0, 0.0));
        assert!(out.gradient[1..99_999].iter().all(|&g| g == 0.0));
        let out = gradient("sum(i, 1, 100000, x[i])", &x);
        assert_eq!(out.values[0], x.iter().sum::<f64>());
        assert!(out.gradient.iter().all(|&g| g == 1.0));
        assert_eq!(out.gradient.len(), 100_000);
    }

    #[test]
    fn what_is_large_and_has_guards_arrays_or_many_states_is_not_unrolled() {
        // With what the derivative is by an input in the middle, at ones.
        for (text, runs_as_it_stands, inner) in [
            ("sum(i, 1, 100000, (if(i > 1, x[i-1], 0) - x[i])^2)", true, 0.0),
            ("sum(i, 1, 10, (if(i > 1, x[i-1], 0) - x[i])^2)", false, 0.0),
            ("sum(i, 1, 100000, (x[i+1] - x[i])^2)", false, 0.0), // by stages
            ("let h[i: 1..20000] = x[i]^2; sum(i, 1, 19999, h[i]*h[i+1])", true, 4.0),
            // Products of matrices, the same of too few numbers, and beside a loop that takes longer.
            ("sum(s, 1, 40, sum(i, 1, 40, sum(j, 1, 40, (x[j] - x[i])*(x[s] - x[j]))^2))", true, 0.0),
            ("sum(s, 1, 40, sum(i, 1, 4, sum(j, 1, 4, (x[j] - x[i])*(x[s] - x[j]))^2))", false, 0.0),
            (
                "sum(s, 1, 9, sum(i, 1, 9, sum(j, 1, 60, (x[j] - x[i])*(x[s] - x[j]))^2)) + sum(k, 1, 100000, (x[k+1] - x[k])^2)",
                false,
                0.0,
            ),
            // So many operators that they are not unrolled where they are run in blocks, as those of arrays above are.
            (
                "let z = iterate(t, 1, 4000, y[j: 1..3], x[j], y[4 - j]); z[1] + z[2] + z[3]*(1 + z[2])",
                false,
                2.0,
            ),
        ] {
            let f = syntax::parse(text).unwrap();
            let mut prepared = Backprop.prepare(&f, Want::Gradient, &Budget::default()).unwrap();
            let title = prepared.listing().swap_remove(0);
            assert_eq!(
                title == "value and gradient as one function, with its loops",
                runs_as_it_stands,
                "{text}: {title}"
            );
            let (mut out, x) = (Derivative::default(), vec![1.0; f.input_count()]);
            prepared.run(&x, &mut out).unwrap();
            assert_eq!((out.values.len(), out.gradient.len()), (1, x.len()));
            assert_eq!(out.gradient[x.len() / 2], inner, "{text}");
            if text.contains("iterate") {
                let work = Planned::new(&f, u64::MAX).unwrap().work();
                assert!((FEW_OPERATORS..SOME_OPERATORS).contains(&work), "{work}");
            }
        }
    }
}

//! What it costs to take up a changed structure: a layer added, a term of the loss replaced.

use std::collections::HashSet;
use std::time::Duration;

use chainrule::{Backprop, Budget, Derivative, Numerical, Random, Strategy, StrategyName, Symbolic, Want};
use expr::{self, Function};
use harness::{Outcome, Stopwatch, Subject, comparison};
use symbolic::{Limits, Mode, differentiate};

use super::claim::{Bound, Case, Claim};
use super::figure::{Figure, Picture, Table, brief, cell, duration};
use super::{Effort, Findings, Plan};
use harness::measure::time;

pub(super) const PLAN: Plan = Plan {
    id: "modularity",
    title: "Modularity",
    about: "A network on six samples is changed: a second hidden layer is added; the squared loss is replaced by \
            another; a penalty on one weight is added. Of the formulas of its partial derivatives those that differ would have to be derived again by hand; \
            for each strategy the time to take up the changed function is measured, the answers checked against the \
            certified gradient first.",
    run,
};

/// The network before anything is changed: n tanh units, and the squared loss.
const BASE: &str = "X(s, k) = sin(3*s + 2*k); t(s) = cos(2*s)
h(s, j) = tanh(sum(k, 1, 2, W[j,k]*X(s, k)) + b[j])
loss(W, b, v, c, V, d) = sum(s, 1, 6, (sum(j, 1, n, v[j]*h(s, j)) + c - t(s))^2)";

/// From so many of its own gradients on, preparing is felt in a training run, which takes thousands.
const FELT: f64 = 1000.0;

/// The changes, each with the network after it.
fn changes() -> [(&'static str, String); 3] {
    let layer = BASE.replace("loss(", "g(s, i) = tanh(sum(j, 1, n, V[i,j]*h(s, j)) + d[i])\nloss(");
    [
        ("a layer added", layer.replace("v[j]*h(s, j)", "v[j]*g(s, j)")),
        ("loss replaced", BASE.replace("(sum(j", "sqrt(1 + (sum(j").replace("- t(s))^2)", "- t(s))^2))")),
        ("a penalty added", format!("{BASE} + c^2/100")),
    ]
}

fn read(text: &str, n: usize) -> Function {
    // Inputs that the text does not use yet have no shape; they come with the layer.
    let text = if text.contains("V[") { text.to_owned() } else { text.replace(", V, d)", ")") };
    let function = syntax::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    function.with_sizes(&[("n", n as i64)]).expect("a network of ours has the size n")
}

/// What a change costs at one size.
#[derive(Default)]
struct Costs {
    formulas: Vec<Case>,
    /// Strategy, and preparing over a gradient.
    taken_up: Vec<(StrategyName, Case)>,
    words: Vec<Outcome>,
}

fn run(effort: &Effort) -> Findings {
    let mut table = Table::new(&[
        "n",
        "change",
        "strategy",
        "outcome",
        "prepare ns",
        "gradient ns",
        "numerical gradient ns",
    ]);
    let mut costs = Costs::default();
    // Egg leaves large graphs as they are; a small network shows what it costs.
    let sizes: &[usize] = effort.pick(&[2], &[2, 8], &[2, 16]);
    for &n in sizes {
        change(n, effort, &mut costs, &mut table);
    }
    let Costs { formulas, taken_up, words } = costs;
    let (backprop, symbolic): (Vec<_>, Vec<_>) = taken_up
        .into_iter()
        .filter(|(name, _)| *name != StrategyName::Numerical)
        .partition(|(name, _)| *name == StrategyName::Backprop);
    let cases = |of: Vec<(StrategyName, Case)>| of.into_iter().map(|(_, case)| case).collect();
    let claims = vec![
        Claim {
            says: "When something about the network or the loss changes, a gradient derived by hand starts from scratch.",
            quote: "you need to recalculate the gradient from scratch",
            measure: "share of the formulas of partial derivatives that are other ones afterwards; nearly all is 0.9 and more",
            bound: Bound::AtLeast(0.9),
            cases: formulas,
        },
        Claim {
            says: "A symbolic gradient has to be found again.",
            quote: "you need to recalculate the gradient from scratch",
            measure: "time to take up the changed function, in gradients of its own; it is felt in training from 1000 on",
            bound: Bound::AtLeast(FELT),
            cases: cases(symbolic),
        },
        Claim {
            says: "Backpropagation takes up a changed structure as it is: the building blocks stay the same.",
            quote: "the building blocks of the graph remain the same",
            measure: "time to take up the changed function, in gradients of its own; not felt in training up to 1000",
            bound: Bound::AtMost(FELT),
            cases: cases(backprop),
        },
    ];
    let figure = Figure {
        name: "changes".to_owned(),
        title: "What a change costs".to_owned(),
        about: "A network 2-n-1, with a second layer of n, another loss, or a penalty.".to_owned(),
        picture: Picture::None,
        table,
    };
    Findings { claims, figures: vec![figure], outcome: Outcome::worst(words) }
}

/// Every change of the network of this size.
fn change(n: usize, effort: &Effort, costs: &mut Costs, table: &mut Table) {
    let budget = Budget::default();
    let patience = Duration::from_millis(effort.pick(1, 10, 50));
    let before = read(BASE, n);
    for (change, text) in changes() {
        let after = read(&text, n);
        let change = format!("{change} (n = {n})");
        costs.formulas.extend(changed(&before, &after).map(|(share, all)| {
            Case::shown(change.clone(), share, format!("{:.0}% of {all}", 100.0 * share))
        }));
        let Ok(flat) = after.unroll(budget.nodes) else { continue };
        let mut random = Random::new(effort.seed, &["modularity"], n);
        let at: Vec<f64> = (0..flat.input_count()).map(|_| random.between(-1.0, 1.0)).collect();
        let differences = gradient(&Numerical::default(), &after, &at, patience);
        let formulas = |egg| Symbolic { mode: Mode::Reverse, egg, accurate: false };
        let strategies: [Box<dyn Strategy>; 4] = [
            Box::new(Numerical::default()),
            Box::new(formulas(false)),
            Box::new(formulas(true)),
            Box::new(Backprop),
        ];
        for strategy in strategies {
            let spec = strategy.spec();
            if spec == formulas(true).spec() && !fits_egg(&flat) {
                continue;
            }
            let word = judged(&strategy, &after, &flat, &at);
            costs.words.push(word);
            // No time is shown of a gradient that is not right.
            let prepare = (word == Outcome::Agree).then(|| prepare(strategy.as_ref(), &after, &budget));
            let own = prepare.and_then(|_| gradient(strategy.as_ref(), &after, &at, patience));
            table.push(vec![
                n.to_string(),
                change.clone(),
                spec.label(),
                word.word().to_owned(),
                cell(prepare),
                cell(own),
                cell(differences),
            ]);
            if let (Some(prepare), Some(own)) = (prepare, own) {
                let ratio = prepare / own;
                let shown = format!("{} ({})", brief(ratio), duration(prepare));
                let name = spec.name();
                let of = if name == StrategyName::Symbolic { spec.variant() } else { name.to_string() };
                costs.taken_up.push((name, Case::shown(format!("{of} with {change}"), ratio, shown)));
            }
        }
    }
}

/// Whether egg would look at the gradient at all.
fn fits_egg(flat: &Function) -> bool {
    let most = Limits::default().function_nodes;
    differentiate(flat, Mode::Reverse, most as u64).is_ok_and(|found| found.function.graph().len() <= most)
}

/// What the comparator says of a strategy at a point.
#[allow(clippy::borrowed_box)] // the comparator takes boxes
fn judged(strategy: &Box<dyn Strategy>, f: &Function, flat: &Function, at: &[f64]) -> Outcome {
    let options = comparison::Options::default();
    let compared =
        comparison::compare(&Subject::of(f, flat), &[at.to_vec()], std::slice::from_ref(strategy), &options);
    compared.points[0].entries[0].outcome
}

/// The share of the changed function's partial derivatives whose formula the function before it did not have.
fn changed(before: &Function, after: &Function) -> Option<(f64, usize)> {
    let formulas = |f: &Function| {
        let flat = f.unroll(1_000_000).ok()?;
        let found = differentiate(&flat, Mode::Reverse, 1_000_000).ok()?.function;
        let partials = 1..found.outputs().len();
        Some(syntax::formulas(&found, partials))
    };
    let known: HashSet<String> = formulas(before)?.into_iter().collect();
    let new = formulas(after)?;
    let other = new.iter().filter(|formula| !known.contains(*formula)).count();
    Some((other as f64 / new.len() as f64, new.len()))
}

/// Nanoseconds to prepare, the fastest of three.
fn prepare(strategy: &dyn Strategy, f: &Function, budget: &Budget) -> f64 {
    let once = |_| {
        let begin = Stopwatch::start();
        let prepared = strategy.prepare(f, Want::Gradient, budget);
        let taken = begin.elapsed().as_nanos() as f64;
        drop(prepared);
        taken
    };
    (0..3).map(once).fold(f64::INFINITY, f64::min)
}

/// Nanoseconds of a gradient.
fn gradient(strategy: &dyn Strategy, f: &Function, at: &[f64], patience: Duration) -> Option<f64> {
    let mut prepared = strategy.prepare(f, Want::Gradient, &Budget::default()).ok()?;
    let (mut out, mut ran) = (Derivative::default(), Ok(()));
    let times = time(patience, || ran = prepared.run(at, &mut out));
    ran.ok().map(|()| times.min)
}

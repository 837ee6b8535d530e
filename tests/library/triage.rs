//! Causes planted in generated functions, and found again: at least 95 of 100 of each of seven ways to plant them.
//! What was found instead: `cargo test --release -p chainrule-tests triage -- --nocapture`.

#![allow(clippy::print_stdout)] // the figures are what these tests are for

use chainrule::{
    AccurateBackprop, Backprop, Budget, Cost, Derivative, Prepared, Refusal, Strategy, StrategySpec,
    Symbolic, Want,
};
use expr::{self, Function, NodeId, Op, Style};
use harness::causes::causes;
use harness::{Cause, Kind, Random};
use symbolic::Mode;
use syntax::parse;

/// Per cause; 504 in all.
const CASES: usize = 72;

/// A strategy with a fault.
#[derive(Clone, Copy)]
enum Faulty {
    /// A row of the table, and what its gradients are multiplied by.
    Rule(Op, f64),
    /// Rules of simplification that hold for some arguments only.
    Rewrite,
}

struct Ready {
    f: Function,
    faulty: Faulty,
}

impl Strategy for Faulty {
    fn spec(&self) -> StrategySpec {
        Symbolic { mode: Mode::Reverse, egg: matches!(self, Faulty::Rewrite), accurate: false }.spec()
    }

    fn prepare(&self, f: &Function, _: Want, _: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        let f = if let Faulty::Rewrite = self { rewritten(f) } else { f.clone() };
        Ok(Box::new(Ready { f, faulty: *self }))
    }
}

impl Prepared for Ready {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        out.gradient = support::mutated::gradient(&self.f, x, |op, _, g| match self.faulty {
            Faulty::Rule(mutant, factor) if mutant == op => factor * g,
            _ => g,
        });
        out.values = self.f.evaluate((), x);
        Ok(())
    }

    fn cost(&self) -> Cost {
        Cost::default()
    }
}

/// `sqrt(a²)`, `asin(sin a)`, `acos(cos a)` and `max(a, b)` as `a`, whatever a is.
fn rewritten(f: &Function) -> Function {
    let graph = f.graph();
    f.rebuilt(Style::Written, |made, id| {
        let of = |id: NodeId| (graph.node(id).op(), graph.children(id));
        let (op, children) = of(id);
        let inner = |k: usize| of(children[k]);
        let simpler = match op {
            Some(Op::Sqrt) if matches!(inner(0).0, Some(Op::Square | Op::Powi)) => Some(inner(0).1[0]),
            Some(Op::Asin) if inner(0).0 == Some(Op::Sin) => Some(inner(0).1[0]),
            Some(Op::Acos) if inner(0).0 == Some(Op::Cos) => Some(inner(0).1[0]),
            Some(Op::Max) => Some(children[0]),
            _ => None,
        };
        simpler.map(|simpler| made.of(simpler))
    })
}

/// A smooth function of x and y with moderate values, as text.
fn smooth(random: &mut Random, depth: usize) -> String {
    let leaf = ["x", "y", "0.7*x", "(x + y)", "(x - 2*y)", "x*y"];
    if depth == 0 {
        return leaf[random.below(leaf.len())].to_owned();
    }
    let mut inner = || smooth(random, depth - 1);
    let (a, b) = (inner(), inner());
    match random.below(9) {
        0 => format!("sin({a})"),
        1 => format!("cos({a})"),
        2 => format!("tanh({a})"),
        3 => format!("atan({a})"),
        4 => format!("exp(-({a})^2)"),
        5 => format!("({a})*({b})"),
        6 => format!("({a} + {b})"),
        7 => format!("ln(2 + ({a})^2)"),
        _ => format!("sin({a})*cos({b})"),
    }
}

struct Case {
    text: String,
    /// x and y.
    at: [f64; 2],
    strategy: Box<dyn Strategy>,
    /// The operator that must be blamed.
    blamed: Option<Op>,
}

fn named(spec: &str) -> Box<dyn Strategy> {
    Box::new(spec.parse::<StrategySpec>().unwrap())
}

/// A case of the cause with this number; nothing where the numbers drawn do not show it.
fn plant(cause: usize, random: &mut Random) -> Option<Case> {
    let (x, y) = (random.between(0.5, 2.0), random.between(0.5, 2.0));
    let depth = 1 + random.below(3);
    let base = format!("3 + {}", smooth(random, depth));
    let inner = smooth(random, 1);
    let pick = |random: &mut Random, choices: &[&str]| choices[random.below(choices.len())].to_owned();
    let exact = || named("backprop");
    Some(match cause {
        0 => {
            let scheme = pick(random, &["forward", "central-2", "central-4"]);
            // The function turns many times within the steps; by a power of two, which loses no digits.
            let term = format!("sin({}*x)", 1u64 << (24 + random.below(6)));
            Case {
                text: format!("{base} + {term}"),
                at: [x, y],
                strategy: named(&format!("numerical={scheme}")),
                blamed: None,
            }
        }
        1 => {
            let c = (x * 1024.0).round() / 1024.0;
            let (term, op) = match random.below(8) {
                0 => (format!("abs(x - {c})"), Op::Abs),
                1 => (format!("max(x, {c})*2"), Op::Max),
                2 => (format!("min(x^2, {c}*x)"), Op::Min),
                3 => (format!("relu({c} - x)*y"), Op::Relu),
                4 => (format!("clamp(x, {c}, 9)"), Op::Clamp),
                5 => (format!("floor(x - {c})*y"), Op::Floor),
                6 => (format!("sign(x - {c})"), Op::Sign),
                _ => (format!("if(x < {c}, x, 2*x - {c})"), Op::Lt),
            };
            let strategy = if random.below(2) == 0 { exact() } else { named("numerical") };
            Case { text: format!("{base} + {term}"), at: [c, y], strategy, blamed: Some(op) }
        }
        2 => {
            let c = (x * 1024.0).round() / 1024.0;
            if random.below(3) == 0 {
                // Just inside, nearer to the edge than steps are long.
                let text = format!("{base} + sqrt(x - {c})");
                let at = [c * (1.0 + 1e-12), y];
                return Some(Case {
                    text,
                    at,
                    strategy: named("numerical=central-2"),
                    blamed: Some(Op::Sqrt),
                });
            }
            let (term, op) = match random.below(7) {
                0 => (format!("sqrt(x - {c})"), Op::Sqrt),
                1 => (format!("ln(x - {})", c + 1.0), Op::Ln),
                2 => (format!("1/(x - {c})"), Op::Div),
                3 => (format!("asin(x - {c} + 1)"), Op::Asin),
                4 => (format!("acosh(x - {c} + 1)"), Op::Acosh),
                5 => (format!("(x - {})^1.5", c + 0.5), Op::Pow),
                _ => (format!("atanh(x - {c} - 1)"), Op::Atanh),
            };
            Case { text: format!("{base} + {term}"), at: [c, y], strategy: exact(), blamed: Some(op) }
        }
        3 => {
            let term = match random.below(6) {
                0 => "exp(700*x + 700)/exp(700*x + 701)*sin(x)".to_owned(),
                1 => format!("({inner})*1e200*x*1e200/1e300/1e99"),
                2 => "exp(900*x)/(exp(900*x) + exp(900*x - 1 + y))".to_owned(),
                3 => "sqrt((x*1e200)^2 + (y*1e200)^2)/1e200".to_owned(),
                4 => "ln(exp(-900*x - 900))".to_owned(),
                _ => "(x*1e-200)*(y*1e-200)*1e300*1e99".to_owned(),
            };
            let at = [x + 0.5, y];
            let strategy = if random.below(2) == 0 { exact() } else { named("symbolic=reverse") };
            Case { text: format!("{base} + {term}"), at, strategy, blamed: None }
        }
        4 => {
            let c = 10f64.powi(8 + random.below(6) as i32);
            let tiny = 10f64.powi(-4 - random.below(4) as i32) * x;
            let (term, at) = match random.below(5) {
                0 => (format!("(({c} + x) - {c})^2"), [x, y]),
                1 => ("(1 - cos(x))/x^2".to_owned(), [tiny, y]),
                2 => (format!("sin(({c} + {inner}) - {c})"), [x, y]),
                3 => ("((x + 1)^2 - x^2 - 2*x)^3*x".to_owned(), [c * x, y]),
                _ => ("(exp(x) - 1)/x".to_owned(), [tiny, y]),
            };
            let strategy = if random.below(2) == 0 { exact() } else { named("numerical") };
            Case { text: format!("{base} + {term}"), at, strategy, blamed: None }
        }
        5 => {
            let term = match random.below(4) {
                0 => "sqrt((x - 5)^2)".to_owned(),
                1 => "asin(sin(x + 1.6))".to_owned(),
                2 => "acos(cos(x + 3.2))".to_owned(),
                _ => "max(x - 3, y)".to_owned(),
            };
            let text = format!("{base} + {term}*(2 + {inner}^2)");
            Case { text, at: [x.min(1.4), y], strategy: Box::new(Faulty::Rewrite), blamed: None }
        }
        _ => {
            let text = format!("{base} + {inner}");
            let f = parse(&text).unwrap();
            let ops: Vec<Op> = f.graph().nodes().iter().filter_map(|node| node.op()).collect();
            let op = ops[random.below(ops.len())];
            let factor = [-1.0, 0.5, 1.0 + 1e-4, 0.0][random.below(4)];
            Case { text, at: [x, y], strategy: Box::new(Faulty::Rule(op, factor)), blamed: Some(op) }
        }
    })
}

/// What is planted, and the kinds that say it.
const PLANTED: [(&str, &[Kind]); 7] = [
    ("steps of differences", &[Kind::Step, Kind::Estimate]),
    ("kink", &[Kind::Kink]),
    ("domain edge", &[Kind::Singular]),
    ("range", &[Kind::Overflow, Kind::Underflow]),
    // A literal is an input too: what its last bit changes is ill-conditioned.
    ("cancellation in f", &[Kind::Cancellation, Kind::IllConditioned]),
    ("rewrite", &[Kind::Rewrite]),
    ("wrong rule", &[Kind::Rule]),
];

#[test]
fn planted_causes_are_named() {
    let (mut right, mut blamed) = ([0; 7], [0; 7]);
    for (planted, (what, kinds)) in PLANTED.iter().enumerate() {
        let mut random = Random::new(1, &["triage"], planted);
        let (mut cases, mut drawn) = (0, 0);
        while cases < CASES {
            drawn += 1;
            assert!(drawn < 20 * CASES, "{what}: few cases show it");
            let Some(case) = plant(planted, &mut random) else { continue };
            let f = parse(&case.text).unwrap();
            let at: Vec<f64> = f.input_names().iter().map(|name| case.at[usize::from(name == "y")]).collect();
            let spec = case.strategy.spec();
            // Where the answer is right all the same, nothing was planted.
            let found = causes(&f, &at, case.strategy);
            let Some(first) = found.first() else { continue };
            cases += 1;
            if found.iter().any(|cause| kinds.contains(&cause.kind)) && first.strategy == Some(spec.name())
                || kinds.contains(&first.kind)
            {
                right[planted] += 1;
            } else {
                println!("{what}: {} at {at:?} by {spec}\n  found: {found:?}", case.text);
            }
            blamed[planted] +=
                usize::from(case.blamed.is_none_or(|op| found.iter().any(|cause| names(cause, op))));
        }
    }
    for (planted, (what, _)) in PLANTED.iter().enumerate() {
        let (right, blamed) = (right[planted], blamed[planted]);
        println!("{what:<22} {right:>3} of {CASES} named, {blamed:>3} with the right node");
    }
    for (planted, (what, _)) in PLANTED.iter().enumerate() {
        assert!(right[planted] * 100 >= 95 * CASES, "{what}: {} of {CASES}", right[planted]);
        assert!(blamed[planted] * 100 >= 95 * CASES, "{what}: {} of {CASES} nodes", blamed[planted]);
    }
}

/// Whether the node of a cause is this operator.
fn names(cause: &Cause, op: Op) -> bool {
    let f = parse(&cause.node).unwrap();
    f.graph().node(f.outputs()[0]).op() == Some(op)
}

#[test]
fn what_is_right_has_no_cause() {
    let mut random = Random::new(1, &["nothing planted"], 0);
    for _ in 0..100 {
        let f = parse(&format!("3 + {} + 0*x*y", smooth(&mut random, 3))).unwrap();
        let at: Vec<f64> = f.input_names().iter().map(|_| random.between(0.5, 2.0)).collect();
        for spec in [Backprop.spec(), AccurateBackprop.spec(), StrategySpec::ComplexStep] {
            let found = causes(&f, &at, Box::new(spec));
            // Digits may be lost to rounding, and nothing else.
            let digits = [Kind::Cancellation, Kind::IllConditioned, Kind::Formula];
            let excused =
                found.iter().all(|cause| digits.contains(&cause.kind) && spec != AccurateBackprop.spec());
            assert!(excused, "{} at {at:?} by {spec}: {found:?}", syntax::text(&f));
        }
    }
}

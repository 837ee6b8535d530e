//! Recipes for random functions: text in the language, built so that the point given with it is in the domain of every
//! operator and away from every kink, as the facts in the operator table tell.

use std::fmt;

use expr::{Form, Op};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRng, TestRunner};

/// A runner for so many cases, the same in every run, so that a landing repeats; `PROPTEST_CASES` asks for other ones, as
/// many as it says.
pub fn runner(cases: u32) -> TestRunner {
    let config = Config { failure_persistence: None, ..Config::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => TestRunner::new(config),
        None => {
            let random = TestRng::deterministic_rng(config.rng_algorithm);
            TestRunner::new_with_rng(Config { cases, ..config }, random)
        }
    }
}

/// Steps that build a function, and the numbers at which it is looked at. Shrinks by dropping steps.
#[derive(Clone)]
pub struct Recipe {
    steps: Vec<(u16, [u16; 3])>,
    numbers: Vec<f64>,
    outputs: usize,
}

/// A strategy for recipes.
pub fn recipe() -> impl Strategy<Value = Recipe> {
    let number =
        (0.3..1.9f64, any::<bool>()).prop_map(|(size, positive)| if positive { size } else { -size });
    let step = (any::<u16>(), [any::<u16>(), any::<u16>(), any::<u16>()]);
    (vec(step, 4..30), vec(number, NUMBERS), 1..3usize).prop_map(|(steps, numbers, outputs)| Recipe {
        steps,
        numbers,
        outputs,
    })
}

/// Inputs: x, y, z, v[1..=4] and W[1..=3, 1..=2].
const NUMBERS: usize = 3 + 4 + 6;
/// Values of `i` (and `n`), and of `j`.
const ROWS: usize = 3;
const COLUMNS: usize = 2;
/// One value per pair (i, j).
type Grid = [f64; ROWS * COLUMNS];

/// A subexpression with its values; those without free axes have a name.
#[derive(Clone)]
struct Term {
    text: String,
    grid: Grid,
    free_i: bool,
    free_j: bool,
}

impl Term {
    fn closed(text: &str, value: f64) -> Term {
        Term { text: text.to_owned(), grid: [value; ROWS * COLUMNS], free_i: false, free_j: false }
    }

    fn open(text: &str, free: [bool; 2], value: impl Fn(usize, usize) -> f64) -> Term {
        let grid = std::array::from_fn(|cell| value(cell / COLUMNS, cell % COLUMNS));
        Term { text: text.to_owned(), grid, free_i: free[0], free_j: free[1] }
    }
}

/// Longer bodies than this are given up.
const LONGEST: usize = 160;

impl fmt::Debug for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nat {:?}", self.text(), self.numbers)
    }
}

impl Recipe {
    /// The value of a scalar input.
    pub fn value_of(&self, name: &str) -> f64 {
        let index = |k: usize| -> usize {
            let inside = &name[2..name.len() - 1];
            inside.split(',').nth(k).and_then(|word| word.trim().parse().ok()).expect("an index")
        };
        let number = match &name[..1] {
            "x" => 0,
            "y" => 1,
            "z" => 2,
            "v" => 2 + index(0),
            "W" => 7 + (index(0) - 1) * COLUMNS + index(1) - 1,
            _ => panic!("no input {name}"),
        };
        // Long vectors come round to the first again.
        self.numbers[number % self.numbers.len()]
    }

    /// The same with one output.
    pub fn single(self) -> Recipe {
        Recipe { outputs: 1, ..self }
    }

    /// The function.
    pub fn text(&self) -> String {
        let v = |k: usize| self.numbers[3 + k];
        let w = |i: usize, j: usize| self.numbers[7 + i * COLUMNS + j];
        let mut terms: Vec<Term> = ["x", "y", "z"].map(|name| Term::closed(name, self.value_of(name))).into();
        terms.push(Term::closed("v[2]", v(1)));
        terms.push(Term::open("v[i]", [true, false], |i, _| v(i)));
        terms.push(Term::open("v[i+1]", [true, false], |i, _| v(i + 1)));
        terms.push(Term::open("v[n+1-j]", [false, true], |_, j| v(ROWS - 1 - j)));
        terms.push(Term::open("W[i,j]", [true, true], w));
        terms.push(Term::open("(i/n)", [true, false], |i, _| (i + 1) as f64 / ROWS as f64));
        terms.push(Term::closed("pi", std::f64::consts::PI));
        terms.push(Term::closed("0.75", 0.75));
        terms.push(Term::closed("-1.5e-1", -0.15));
        let mut lines = String::new();
        let mut results: Vec<String> = Vec::new();
        for &(what, picks) in &self.steps {
            // Later terms are picked more often, so that functions grow deep.
            let pick = |pick: u16| {
                let range = if pick.is_multiple_of(4) {
                    0..terms.len()
                } else {
                    terms.len().saturating_sub(6)..terms.len()
                };
                terms[range.start + usize::from(pick / 4) % range.len()].clone()
            };
            let Some(mut made) = make(usize::from(what), picks.map(pick), picks, &v) else { continue };
            if !made.grid.iter().all(|value| value.abs() <= 50.0) {
                continue;
            }
            if made.free_i || made.free_j {
                if made.text.len() > LONGEST {
                    continue;
                }
            } else {
                let name = format!("t{}", results.len() + 1);
                lines += &format!("{name} = {}\n", made.text);
                made.text.clone_from(&name);
                results.push(name);
            }
            terms.push(made);
        }
        results.push("x*y".to_owned());
        results.reverse();
        let sum = |results: &[String]| results[..results.len().min(3)].join(" + ");
        match self.outputs {
            1 => lines + &sum(&results[..results.len().min(6)]),
            _ => format!("{lines}[{}, {}]", sum(&results), sum(&results[results.len().min(4) - 1..])),
        }
    }
}

/// The term that a step makes of three others; none where that would leave a domain or come near a kink.
fn make(what: usize, [a, b, c]: [Term; 3], picks: [u16; 3], v: &impl Fn(usize) -> f64) -> Option<Term> {
    let kinds = Op::ALL.len() + 12;
    match what % kinds {
        k if k < Op::ALL.len() => apply(Op::ALL[k], &[a, b, c], picks[2]),
        k if k < Op::ALL.len() + 3 => reduce("sum", [a, b], picks, |p, q| p + q),
        k if k < Op::ALL.len() + 5 => reduce("prod", [a, b], picks, |p, q| p * q),
        k if k < Op::ALL.len() + 7 => Some(iterate(a, b, picks, v)),
        k if k < Op::ALL.len() + 9 => Some(iterate_pair(a, b, c)),
        // A branch of which only one side is defined.
        k if k < Op::ALL.len() + 11 => branch(a, b, c),
        _ => apply(Op::Mul, &[a, b, c], 0),
    }
}

fn apply(op: Op, terms: &[Term; 3], pick: u16) -> Option<Term> {
    let mut terms = terms.clone();
    if op == Op::Powi {
        let exponent = i32::from(pick % 8) - 3;
        terms[1] = Term::closed(&format!("({exponent})"), f64::from(exponent));
    }
    if op.takes_integer() && op != Op::Powi {
        let order = pick % 3;
        terms[op.free_arguments()] = Term::closed(&format!("{order}"), f64::from(order));
    }
    let terms = &terms[..op.arity()];
    let mut grid = Grid::default();
    for (cell, value) in grid.iter_mut().enumerate() {
        let arguments: Vec<f64> = terms.iter().map(|term| term.grid[cell]).collect();
        *value = op.value(&arguments);
        let size = arguments.iter().fold(1.0, |top: f64, value| top.max(value.abs()));
        let mut steep = false;
        op.pull_back(7, &arguments, value, &1.0, |_: usize, slope: f64| {
            steep |= slope.abs().is_nan() || slope.abs() > 100.0
        });
        if steep || op.distance_to_singularity(&arguments) < 0.05 * size {
            return None;
        }
    }
    let texts: Vec<&str> = terms.iter().map(|term| term.text.as_str()).collect();
    let text = match op.form() {
        Form::Prefix(sign, _) => format!("({sign}({}))", texts[0]),
        Form::Infix(sign, _) => format!("(({}) {sign} ({}))", texts[0], texts[1]),
        Form::Call if op == Op::Polygamma => format!("{}({}, {})", op.name(), texts[1], texts[0]),
        Form::Call => format!("{}({})", op.name(), texts.join(", ")),
    };
    let free = |axis: fn(&Term) -> bool| terms.iter().any(axis);
    Some(Term { text, grid, free_i: free(|term| term.free_i), free_j: free(|term| term.free_j) })
}

/// A sum or product over i, or over j.
fn reduce(name: &str, [a, b]: [Term; 2], picks: [u16; 3], join: fn(f64, f64) -> f64) -> Option<Term> {
    let over_i = !picks[2].is_multiple_of(3);
    // A body that varies along the axis, if either does.
    let body = if (over_i && a.free_i) || (!over_i && a.free_j) { a } else { b };
    let grid = std::array::from_fn(|cell| {
        let (i, j) = (cell / COLUMNS, cell % COLUMNS);
        let cells: Vec<f64> = match over_i {
            true => (0..ROWS).map(|i| body.grid[i * COLUMNS + j]).collect(),
            false => (0..COLUMNS).map(|j| body.grid[i * COLUMNS + j]).collect(),
        };
        cells.into_iter().reduce(join).expect("axes are not empty")
    });
    let range = if over_i { "i, 1, n" } else { "j, 1, n-1" };
    Some(Term {
        text: format!("{name}({range}, {})", body.text),
        grid,
        free_i: body.free_i && !over_i,
        free_j: body.free_j && over_i,
    })
}

/// One carried state.
fn iterate(start: Term, other: Term, picks: [u16; 3], v: &impl Fn(usize) -> f64) -> Term {
    let read = usize::from(picks[2] % 2);
    let text = format!("iterate(k, 1, n, s, {}, tanh(s*v[k+{read}]) + {})", start.text, other.text);
    let grid = std::array::from_fn(|cell| {
        (0..ROWS).fold(start.grid[cell], |s, k| (s * v(k + read)).tanh() + other.grid[cell])
    });
    Term { text, grid, free_i: start.free_i || other.free_i, free_j: start.free_j || other.free_j }
}

/// Two carried states.
fn iterate_pair(a: Term, b: Term, c: Term) -> Term {
    let text = format!(
        "iterate(k, 1, n, (p, q), ({}, {}), (sin(q) + {}*k/n, p*q/(1 + p^2)))[2]",
        a.text, b.text, c.text
    );
    let grid = std::array::from_fn(|cell| {
        let step = |(p, q): (f64, f64), k: usize| {
            (q.sin() + c.grid[cell] * k as f64 / ROWS as f64, p * q / (1.0 + p * p))
        };
        (1..=ROWS).fold((a.grid[cell], b.grid[cell]), step).1
    });
    let free = |axis: fn(&Term) -> bool| [&a, &b, &c].into_iter().any(axis);
    Term { text, grid, free_i: free(|term| term.free_i), free_j: free(|term| term.free_j) }
}

/// `if(a < b, c, …)` with something undefined on the side that is not taken.
fn branch(a: Term, b: Term, c: Term) -> Option<Term> {
    let signs: Vec<bool> = a.grid.iter().zip(&b.grid).map(|(a, b)| a < b).collect();
    let clear = a.grid.iter().zip(&b.grid).all(|(a, b)| (a - b).abs() > 0.05);
    if !clear || signs.iter().any(|&sign| sign != signs[0]) {
        return None;
    }
    let wrong = format!("ln(-0.5 - square({}))", a.text);
    let (then, other) = if signs[0] { (&c.text, &wrong) } else { (&wrong, &c.text) };
    let text = format!("if({} < {}, {then}, {other})", a.text, b.text);
    let free = |axis: fn(&Term) -> bool| [&a, &b, &c].into_iter().any(axis);
    Some(Term { text, grid: c.grid, free_i: free(|term| term.free_i), free_j: free(|term| term.free_j) })
}

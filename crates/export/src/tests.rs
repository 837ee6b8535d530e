//! What is exported is compiled and run, and compared with what our own graph gives, operator by operator.

use std::path::{Path, PathBuf};
use std::process::Command;

use expr::{Function, Op, Scalar};

use super::{Caption, Target, export};
use symbolic::{Derivatives, differentiate_repeatedly};

/// Numbers of all sizes, and every edge that operators have.
const GRID: &[f64] = &[
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    -2.0,
    3.0,
    0.3,
    -0.7,
    1.25,
    2.7,
    -3.5,
    5.5,
    -5.9,
    9.0,
    26.0,
    -27.5,
    40.0,
    -40.0,
    1e-9,
    -1e-9,
    1e-310,
    710.0,
    -745.0,
    1e18,
    -1e160,
    1e300,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

/// How many doubles lie between two numbers.
pub(super) fn ulps(a: f64, b: f64) -> u64 {
    let ordered = |x: f64| {
        let bits = x.to_bits() as i64;
        if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits }
    };
    if a.is_nan() || b.is_nan() {
        return if a.is_nan() && b.is_nan() { 0 } else { u64::MAX };
    }
    ordered(a).abs_diff(ordered(b))
}

pub(super) fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("chainrule-export-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    folder
}

/// Every operator of the table, each an output of its own.
fn table(operators: &[Op]) -> Function {
    Function::build(|g| {
        let inputs = ["x", "y", "z"].map(|name| g.input(name));
        // Orders are integers that are written out, and no derivative of sin x/x is asked for beside its zeros.
        let with_order = |op: Op| match op {
            op if op == Op::Powi || !op.takes_integer() => inputs,
            Op::Sinc => [inputs[0], g.constant(0.0), inputs[2]],
            op if op.free_arguments() == 2 => [inputs[0], inputs[1], g.constant(1.0)],
            _ => [inputs[0], g.constant(1.0), inputs[2]],
        };
        operators.iter().map(|&op| Scalar::apply(op, &with_order(op)[..op.arity()])).collect()
    })
}

/// The same, as far as the language can say it: exponents that are integers are literals there.
fn table_of_language() -> Case {
    let f = Function::build(|g| {
        let inputs = ["x", "y", "z"].map(|name| g.input(name));
        let literal = |op: Op| match op {
            Op::Powi => [inputs[0], g.constant(-4.0), inputs[2]],
            op if op.free_arguments() == 2 => [inputs[0], inputs[1], g.constant(1.0)],
            op if op.takes_integer() => [inputs[0], g.constant(1.0), inputs[2]],
            _ => inputs,
        };
        Op::ALL.iter().map(|&op| Scalar::apply(op, &literal(op)[..op.arity()])).collect()
    });
    Case { name: "table".to_owned(), derivatives: derived(&f, 1), points: points() }
}

/// Points of three coordinates: all pairs, with a third in turn.
fn points() -> Vec<Vec<f64>> {
    let pairs = GRID.iter().flat_map(|&x| GRID.iter().map(move |&y| (x, y)));
    pairs.enumerate().map(|(k, (x, y))| vec![x, y, GRID[k * 7 % GRID.len()]]).collect()
}

fn derived(f: &Function, order: usize) -> Derivatives {
    let all: Vec<usize> = (0..f.input_count()).collect();
    differentiate_repeatedly(f, &all, order, 1_000_000).unwrap()
}

fn parsed(text: &str) -> Function {
    syntax::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).unroll(100_000).unwrap()
}

/// Operators that a target has no word for, which it says by refusing them.
fn refused(target: Target) -> Vec<Op> {
    let alone = |op: &&Op| export(&derived(&table(&[**op]), 1), target, CAPTION).is_err();
    Op::ALL.iter().filter(alone).copied().collect()
}

const CAPTION: Caption<'_> = Caption { name: "f", text: "…" };

/// How many operators an exporter may lack: FPCore has no words for the inverse of the error function, for derivatives of the
/// gamma function of positive numbers, for the beta function, and for tails of the normal distribution.
fn lacking_at_most(target: Target) -> usize {
    if target == Target::Fpcore { 8 } else { 0 }
}

/// The operators of the table that a target can say.
fn said(target: Target) -> Vec<Op> {
    let lacking = refused(target);
    assert!(lacking.len() <= lacking_at_most(target), "{} lacks {lacking:?}", target.name());
    Op::ALL.iter().copied().filter(|op| !lacking.contains(op)).collect()
}

/// What is exported and how it is called: functions, each with points.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) derivatives: Derivatives,
    pub(super) points: Vec<Vec<f64>>,
}

/// Functions of every shape, at points where they are well conditioned.
fn shapes() -> Vec<Case> {
    let texts = [
        ("sin(x*y) + exp(x/y) - ln(x^2 + y^2)", 1),
        ("let q = x + y; q*q^2*q^3*q^(-1)*q^7 - q^0.5", 2),
        ("sum(i, 1, 20, w[i]^2*x) + prod(i, 1, 20, w[i] + x)", 1),
        ("sum(i, 1, 3, sum(j, 1, 4, A[i,j]*v[j])^2)", 2),
        ("if(x < y, x*y, if(x > 2, x - y, y/x)) + select(x, x, y)*2 + (x < y)*x", 1),
        ("[x*y, x/y, 3]", 1),
        ("iterate(k, 1, 4, s, x, sqrt(1 + s^2)*y + tanh(s))", 1),
        ("-(-x - -y)*-2.5 - (x - (y - 1e-3)) / (x / (y / 3)) + pi*e + x^pi + ln(7)*sqrt(0.1 + 0.2)", 1),
        ("fn*if_ + t1*q' + self*u + double/value + gradient*y_0 + t2*α", 1),
    ];
    let number = |k: usize, j: usize| 0.4 + ((k * 37 + j * 61) % 97) as f64 / 80.0;
    let case = |(n, (text, order)): (usize, &(&str, usize))| {
        let derivatives = derived(&parsed(text), *order);
        let width = derivatives.function.input_count();
        let points = (0..5).map(|k| (0..width).map(|j| number(k, j)).collect()).collect();
        Case { name: format!("shape{n}"), derivatives, points }
    };
    texts.iter().enumerate().map(case).collect()
}

/// All values and derivatives as programs give them: order after order, mixed ones for every order of mixing.
fn ours(case: &Case) -> Vec<Vec<f64>> {
    let values = |point: &Vec<f64>| {
        let all = case.derivatives.function.evaluate((), point);
        let orders = 0..=case.derivatives.order;
        orders.flat_map(|order| super::text::full(&case.derivatives, order, |k| all[k])).collect()
    };
    case.points.iter().map(values).collect()
}

/// Blocks of inputs as arguments, from one flat array: `x[0]`, or a part of it.
pub(super) fn arguments(
    case: &Case,
    scalar: impl Fn(usize) -> String,
    part: impl Fn(usize, usize) -> String,
) -> String {
    let mut at = 0;
    let one = |block: &expr::graph::Block| {
        let length = block.len().unwrap();
        at += length;
        if block.rank == 0 { scalar(at - 1) } else { part(at - length, length) }
    };
    case.derivatives.function.graph().blocks().iter().map(one).collect::<Vec<_>>().join(", ")
}

pub(super) fn bits(points: &[Vec<f64>]) -> String {
    let row = |point: &Vec<f64>| {
        let all: Vec<String> = point.iter().map(|x| format!("0x{:x}", x.to_bits())).collect();
        all.join(", ")
    };
    points.iter().map(row).collect::<Vec<_>>().join(", ")
}

/// Runs a program, and reads one line of hexadecimal doubles per point and function.
pub(super) fn output(program: &Path, cases: &[Case]) -> Vec<Vec<Vec<f64>>> {
    let run = Command::new(program).output().expect("what was compiled runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let text = String::from_utf8(run.stdout).unwrap();
    let number = |word: &str| f64::from_bits(u64::from_str_radix(word, 16).unwrap());
    let mut lines = text.lines().map(|line| line.split_whitespace().map(number).collect::<Vec<f64>>());
    cases.iter().map(|case| case.points.iter().map(|_| lines.next().unwrap()).collect()).collect()
}

/// The largest difference in ULP, and where numbers are more than a few apart, each at the first such point.
pub(super) fn worst(cases: &[Case], found: &[Vec<Vec<f64>>]) -> (u64, String) {
    let mut most = 0;
    let mut places = std::collections::BTreeMap::new();
    for (case, found) in cases.iter().zip(found) {
        for ((point, ours), theirs) in case.points.iter().zip(ours(case)).zip(found) {
            assert_eq!(ours.len(), theirs.len(), "{}", case.name);
            for (k, (&a, &b)) in ours.iter().zip(theirs).enumerate() {
                // Exported programs have no more than doubles for what cancels where lbeta is near 0.
                if case.name == "lbeta" && (a - b).abs() <= 4.0 * f64::EPSILON {
                    continue;
                }
                most = most.max(ulps(a, b));
                if ulps(a, b) > FEW {
                    let place = || format!("at {point:?}: {a:e} here, {b:e} there");
                    places.entry(format!("{} {k}", case.name)).or_insert_with(place);
                }
            }
        }
    }
    let lines: Vec<String> = places.into_iter().map(|(number, place)| format!("{number} {place}")).collect();
    (most, lines.join("\n"))
}

/// Libraries differ by so many doubles: a few operations of one or two each.
pub(super) const FEW: u64 = 8;

pub(super) fn export_all(cases: &[Case], target: Target) -> Vec<String> {
    let one =
        |case: &Case| export(&case.derivatives, target, Caption { name: &case.name, ..CAPTION }).unwrap();
    cases.iter().map(one).collect()
}

pub(super) fn cases(target: Target) -> Vec<Case> {
    let of = |name: &str, operators: &[Op]| Case {
        name: name.to_owned(),
        derivatives: derived(&table(operators), 1),
        points: points(),
    };
    let (near_zero, others): (Vec<Op>, Vec<Op>) = said(target).into_iter().partition(|op| *op == Op::Lbeta);
    [of("table", &others), of("lbeta", &near_zero)].into_iter().chain(shapes()).collect()
}

/// `f_and_gradient`, as exported.
pub(super) fn function_name(source: &str, name: &str) -> String {
    let at = source.find(&format!("{name}_and_")).expect("the function is there");
    source[at..].split('(').next().unwrap().to_owned()
}

#[test]
fn fpcore_reads_back_to_the_same_values() {
    let mut cases = shapes();
    for op in said(Target::Fpcore) {
        cases.push(Case {
            name: op.name().to_owned(),
            derivatives: derived(&table(&[op]), 1),
            points: points(),
        });
    }
    for case in &cases {
        let text = export(&case.derivatives, Target::Fpcore, CAPTION).unwrap();
        let cores = syntax::read_cores(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let highest = case.derivatives.highest();
        assert_eq!(cores.len(), highest.outputs().len());
        for point in &case.points {
            for (core, expected) in cores.iter().zip(highest.evaluate((), point)) {
                let f = &core.meaning.as_ref().unwrap_or_else(|error| panic!("{text}: {error}")).function;
                let found = f.evaluate((), point)[0];
                let close = ulps(found, expected) <= 4 || (found - expected).abs() <= 1e-11 * expected.abs();
                // In other words than ours: where they are a square that loses its last digits in a power.
                let square = (found - expected).abs() <= 1e-12 * point[0] * point[0] * expected.abs();
                assert!(close || square, "{} at {point:?}: {found:e}, not {expected:e}\n{text}", case.name);
            }
        }
    }
}

#[test]
fn text_reads_back_to_the_same_function() {
    let operators = table_of_language();
    for case in shapes().iter().chain([&operators]) {
        let text = export(&case.derivatives, Target::Text, CAPTION).unwrap();
        let f = syntax::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(f.same_graph(&case.derivatives.highest()), "{text}");
    }
}

#[test]
fn latex_is_balanced() {
    let operators = table_of_language();
    for case in shapes().iter().chain([&operators]) {
        let text = export(&case.derivatives, Target::Latex, CAPTION).unwrap();
        let count = |word: &str| text.matches(word).count();
        assert_eq!(count("{"), count("}"), "{text}");
        assert_eq!(count(r"\left") - count(r"\leftarrow"), count(r"\right"), "{text}");
        assert_eq!(count(r"\begin{"), count(r"\end{"), "{text}");
        assert!(!text.contains("^{^") && !text.contains("}^{2}^") && !text.contains(" * "), "{text}");
    }
}

#[test]
fn latex_reads_as_mathematics() {
    for (text, expected) in [
        ("x^3", r"\frac{\mathrm{d} f}{\mathrm{d} x} = 3 \, x^{2}"),
        ("sqrt(x)", r"\frac{\mathrm{d} f}{\mathrm{d} x} = \frac{1}{\sqrt{x} + \sqrt{x}}"),
        ("2*sin(theta)", r"\frac{\mathrm{d} f}{\mathrm{d} \theta} = 2 \, \cos\left(\theta\right)"),
        ("(x + 1)^2*3", r"\frac{\mathrm{d} f}{\mathrm{d} x} = 3 \, \left(2 \, \left(x + 1\right)\right)"),
    ] {
        let found = export(&derived(&parsed(text), 1), Target::Latex, CAPTION).unwrap();
        assert_eq!(found.trim_end(), expected);
    }
}

/// A graph of Graphviz: every edge joins nodes that are there, every output is named.
#[test]
fn dot_is_a_graph() {
    for case in shapes() {
        let text = export(&case.derivatives, Target::Dot, CAPTION).unwrap();
        let known: Vec<&str> =
            text.lines().filter_map(|line| line.trim().split_once(" [label=")).map(|(id, _)| id).collect();
        let edges = text.lines().filter_map(|line| line.trim().split_once(" -> "));
        let mut count = 0;
        for (from, to) in edges {
            let to = to.split([' ', ';']).next().unwrap();
            assert!(known.contains(&from) && known.contains(&to), "{from} -> {to}\n{text}");
            count += 1;
        }
        let f = &case.derivatives.function;
        let expected: usize = f.graph().ids().map(|id| f.graph().children(id).len()).sum();
        assert_eq!(count, expected + f.outputs().len());
        assert!(text.starts_with("digraph \"f\" {") && text.ends_with("}\n"));
    }
}

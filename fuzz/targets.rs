//! The bodies of the fuzz targets: whatever the text, nothing panics or hangs, and what is printed reads back.
//!
//! Included by path in the targets and in `tests/library/fuzz_seeds.rs`.

use chainrule::{Backprop, Budget, Numerical, Strategy, Symbolic};
use expr::{Function, UnrollError};
use harness::{Options, claims};
use symbolic::{self, Mode};
use syntax::{Diagnostic, Reader, read_cores};

/// Longer inputs find nothing that shorter ones do not, and take longer.
const MAX_BYTES: usize = 400;
/// Nodes of one function, rolled or not.
const MAX_NODES: u64 = 1_000;
/// Functions with more inputs than this are only read and printed.
const MAX_INPUTS: usize = 12;
/// What a size is that nothing determines.
const SIZE: i64 = 3;
/// Numbers that inputs take: ordinary ones, and those at which functions have edges.
const NUMBERS: [f64; 12] = [0.5, -1.25, 2.0, 0.0, 1.0, -0.0, 3.0, 1e-8, -1.0, 1e10, 0.1, 1e-300];

/// A function in the language.
pub(crate) fn text(input: &str) {
    if input.len() > MAX_BYTES {
        return;
    }
    match read(input, &[]) {
        Ok(f) => examine(&f, input),
        Err(diagnostic) => drop(diagnostic.render(input, "text", false)),
    }
}

/// A file of FPCore.
pub(crate) fn fpcore(input: &str) {
    if input.len() > MAX_BYTES {
        return;
    }
    let cores = match read_cores(input) {
        Ok(cores) => cores,
        Err(diagnostic) => return drop(diagnostic.render(input, "cores", false)),
    };
    for core in cores {
        match core.meaning {
            Ok(meaning) if meaning.function.graph().len() as u64 <= MAX_NODES => {
                examine(&meaning.function, input);
                if let Some(precondition) = &meaning.precondition {
                    printed_reads_back(precondition);
                }
            }
            Ok(_) => {}
            Err(diagnostic) => drop(diagnostic.render(input, "cores", false)),
        }
    }
}

/// A function, and on each further line a claim of its derivative by its first input.
pub(crate) fn claims(input: &str) {
    if input.len() > MAX_BYTES {
        return;
    }
    let mut lines = input.lines();
    let Some(Ok(f)) = lines.next().map(|line| read(line, &[])) else { return };
    let Some((_, f)) = flat(&f) else { return };
    if f.input_count() == 0 || f.input_count() > MAX_INPUTS || f.outputs().len() != 1 {
        return;
    }
    let names = f.input_names();
    let claims: Vec<claims::Claim> = lines
        .take(2)
        .filter_map(|line| Some(flat(&read(line, &[]).ok()?)?.1))
        .filter(|claim| claim.outputs().len() == 1)
        .filter(|claim| claim.input_names().iter().all(|name| names.contains(name)))
        .map(|formula| claims::Claim { input: 0, formula })
        .collect();
    let options = claims::Options { draws: 40, certified: 4, nodes: MAX_NODES, ..claims::Options::default() };
    if !claims.is_empty() {
        // Too large a derivative is an answer.
        let _ = claims::check(&f, &claims, &options);
    }
}

fn read(text: &str, sizes: &[String]) -> Result<Function, Diagnostic> {
    Reader { sizes: sizes.to_vec(), max_nodes: MAX_NODES as usize }.parse(text)
}

/// With its sizes bound, and without axes; nothing where that is too large or not to be had.
fn flat(f: &Function) -> Option<(Function, Function)> {
    let mut bound = f.clone();
    for name in f.graph().sizes() {
        bound = match bound.with_sizes(&[(name, SIZE)]) {
            Ok(bound) => bound,
            Err(UnrollError::UnknownSize { .. }) => bound,
            Err(_) => return None,
        };
    }
    let flat = bound.unroll(MAX_NODES).ok()?;
    Some((bound, flat))
}

/// Printing and parsing is the identity.
fn printed_reads_back(f: &Function) -> Function {
    let text = syntax::text(f);
    let reader = Reader { sizes: f.graph().sizes().to_vec(), max_nodes: 100 * MAX_NODES as usize };
    let again = reader.parse(&text);
    let again = again.unwrap_or_else(|error| {
        panic!("what was printed does not parse:\n{}", error.render(&text, "printed", false))
    });
    assert!(f.same_graph(&again), "printed\n{text}\nread back is\n{}", syntax::text(&again));
    again
}

/// Everything that is done with a function.
fn examine(f: &Function, origin: &str) {
    printed_reads_back(f);
    let Some((bound, flat)) = flat(f) else { return };
    let again = printed_reads_back(&flat);
    if flat.input_count() > MAX_INPUTS {
        return;
    }
    let points = points(origin, flat.input_count());
    for point in &points {
        let (values, read_back) = (flat.evaluate((), point), again.evaluate((), point));
        let bits = |values: &[f64]| -> Vec<u64> {
            // NaN is one value.
            values.iter().map(|x| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() }).collect()
        };
        assert_eq!(bits(&values), bits(&read_back), "at {point:?}:\n{}", syntax::text(&flat));
    }
    if let Ok(derivative) = symbolic::differentiate(&flat, Mode::Reverse, 10 * MAX_NODES) {
        printed_reads_back(&derivative.function);
    }
    let strategies: [Box<dyn Strategy>; 3] = [
        Box::new(Numerical::default()),
        Box::new(Symbolic { egg: false, ..Symbolic::default() }),
        Box::new(Backprop),
    ];
    let options = Options {
        budget: Budget { nodes: 10 * MAX_NODES, evaluations: 10_000, entries: 10_000 },
        reference_nodes: MAX_NODES as usize,
        ..Options::default()
    };
    let comparison = harness::compare(&harness::Subject::of(&bound, &flat), &points, &strategies, &options);
    let _ = comparison.verdict();
    for point in &comparison.points {
        assert_eq!(point.at.len(), flat.input_count());
        for entry in &point.entries {
            if let Some(answer) = &entry.answer {
                assert_eq!(answer.gradient.len(), flat.input_count() * flat.outputs().len());
            }
        }
    }
}

/// Two points, the same for the same text.
fn points(text: &str, inputs: usize) -> [Vec<f64>; 2] {
    let hash = |seed: u64| {
        text.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    };
    [0xcbf2_9ce4_8422_2325, 0x9e37_79b9_7f4a_7c15].map(|seed| {
        let mut state = hash(seed);
        let number = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            NUMBERS[(state >> 33) as usize % NUMBERS.len()]
        };
        (0..inputs).map(number).collect()
    })
}

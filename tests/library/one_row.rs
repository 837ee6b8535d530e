//! An operator is one row of the table: nothing else in the project has to know its name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use expr::Op;

/// Who may name which operators outside the table, and why.
#[rustfmt::skip]
const NAMED: &[(&str, &[Op], &str)] = &[
    ("expr/src/scalar.rs",             &[Op::Neg],                                    "negation of every number; `+ - * /` go by the names of their traits"),
    ("expr/src/builder.rs",            &[Op::Div],                                    "a constant that is infinite or NaN, as a quotient"),
    ("expr/src/complex.rs",            ANY,                                           "the values of the complex step, an independent check that must not borrow from the table"),
    ("expr/src/double/mod.rs",         ANY,                                           "double-double values; a new operator has 16 digits until it is there"),
    ("expr/src/lanes.rs",     ANY,                                           "values by vector instructions; a new operator is computed lane by lane until it is there"),
    ("expr/src/fold.rs",               &[Op::Add, Op::Mul, Op::Max, Op::Min],         "what a fold of many terms joins two by"),
    ("expr/src/rewrite.rs",            &[Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Neg, Op::Pow, Op::Powi, Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Eq, Op::Ne, Op::Select], "exact constants; structural zeros and ones"),
    ("expr/src/path_conditions.rs",    &[Op::Select],                                 "branches"),
    ("expr/src/index_branches.rs",             &[Op::Select, Op::Neg, Op::Add, Op::Sub, Op::Mul, Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Eq, Op::Ne],                                 "branches that indices decide"),
    ("expr/src/extents.rs",            &[Op::Select], "conditions on indices"),
    ("expr/src/forms.rs",              &[Op::Neg, Op::Add, Op::Sub, Op::Mul, Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Eq, Op::Ne], "what is a whole number, and what compares two"),
    ("expr/src/evaluate/mod.rs",           &[Op::Select],                                 "branches that indices decide"),
    ("expr/src/passes/rules.rs",       &[Op::Select],                                 "branches"),
    ("expr/src/passes/jvp.rs",         &[Op::Select],                                 "branches"),
    ("expr/src/passes/shares.rs",      &[Op::Eq, Op::Select],                         "branches"),
    ("expr/src/passes/terms.rs",       &[Op::Neg, Op::Add, Op::Sub, Op::Mul, Op::Div], "what is linear"),
    ("expr/src/passes/singular.rs",    &[Op::Select, Op::Pow, Op::Powi],              "branches; powers with integer exponents"),
    ("syntax/src/jet/rules.rs",          &[Op::Add, Op::Mul, Op::Select],               "the derivative of a sum of products; branches"),
    ("syntax/src/elaborate/operations.rs", &[Op::Neg, Op::Pow, Op::Powi, Op::Add, Op::Sub, Op::Mul, Op::Div], "index arithmetic, `^`, products with arrays"),
    ("syntax/src/elaborate/lengths.rs", &[Op::Select],                         "branches that indices decide"),
    ("syntax/src/truth.rs",     &[Op::Select, Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Eq, Op::Ne], "`and`, `or`, `not`"),
    ("syntax/src/name_resolution/mod.rs", &[Op::Add, Op::Sub, Op::Mul, Op::Neg, Op::Pow], "which names are indices"),
    ("syntax/src/parser/expression.rs", &[Op::Mul, Op::Pow],                   "products without a sign, `x²`"),
    ("syntax/src/parser/mod.rs", &[Op::Pow],                                   "`^`"),
    ("syntax/src/parser/quoted.rs", &[Op::Div],                                "the note on `1/2x`"),
    ("syntax/src/parser/reduce.rs", &[Op::Neg, Op::Abs, Op::Sqrt],             "`-x`, `|x|`, `√x`"),
    ("syntax/src/print/nodes.rs", &[Op::Neg, Op::Add, Op::Sub, Op::Mul, Op::Pow, Op::Powi, Op::Select], "`-x^2`, `x^(n + 1)`, `if(a < b, …)`"),
    ("syntax/src/library/mod.rs",        &[Op::Pow, Op::Powi],                          "operators with a sign that can be called too"),
    ("syntax/src/library/definitions.rs", &[Op::Polygamma],                             "the order that comes first"),
    ("reference/src/expansion/special.rs", &[Op::Lgamma, Op::Polygamma, Op::Sinc, Op::Mills], "functions whose derivatives are known by name"),
    ("engine/src/native/record.rs",    &[Op::Add, Op::Sub, Op::Mul, Op::Div],        "what changes no number"),
    ("engine/src/native/translate.rs", &[Op::Neg, Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Powi, Op::Square, Op::Recip, Op::Sqrt, Op::Abs, Op::Min, Op::Max, Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Eq, Op::Ne, Op::Select], "what processors have an instruction for; a new operator is called"),
    ("engine/src/rows/compile.rs",     &[Op::Add, Op::Mul, Op::Div, Op::Powi, Op::Select], "chains of sums, products that are part of them; small exponents; conditions that are known"),
    ("engine/src/plan/contraction.rs", &[Op::Mul],                                   "products of matrices are sums of products"),
    ("engine/src/plan/lower.rs",       &[Op::Add],                                   "sums of products"),
    ("engine/src/plan/lower/operators.rs", &[Op::Add, Op::Mul, Op::Div, Op::Powi, Op::Select], "sums of products, small exponents, known conditions"),
    ("backprop/src/staged/linear.rs",  &[Op::Neg, Op::Add, Op::Sub, Op::Mul, Op::Div], "what is linear"),
    ("backprop/src/trace.rs",          &[Op::Neg],                                    "`-x` in one line"),
    ("symbolic/src/cost.rs",           &[Op::Div, Op::Powi],                          "quotients of integers cost nothing, squares one multiplication"),
    ("symbolic/src/derive.rs",         &[Op::Select],                                 "branches"),
    ("symbolic/src/sized/simplify.rs", &[Op::Select],                                 "branches"),
    ("symbolic/src/reader/algebra.rs", &[Op::Abs, Op::Sign, Op::Cosh, Op::Sigmoid, Op::Softplus, Op::Expmsq, Op::Erfc], "what is positive; even powers of absolute values"),
    ("symbolic/src/reader/powers.rs", ANY, "roots, exponentials and logarithms as powers; odd and even functions: an operator without a law is written as it is"),
    ("symbolic/src/reader/branches.rs", &[Op::Select, Op::Eq], "branches by one condition; branches that no textbook has"),
    ("symbolic/src/reader/exact.rs", &[Op::Powi],  "the decimal that is written, as a power of ten"),
    ("symbolic/src/reader/mod.rs", &[Op::Div], "of equally long forms that with fewer fractions"),
    ("symbolic/src/reader/sums.rs", &[Op::Sin, Op::Cos, Op::Sinh, Op::Cosh], "squares of sines"),
    ("symbolic/src/reader/translate.rs", ANY, "what is a sum, a product or a power: an operator without a law is written as it is"),
    ("symbolic/src/reader/variants.rs", &[Op::Sin, Op::Cos, Op::Sinh, Op::Cosh], "double angles"),
    ("symbolic/src/reader/write.rs", &[Op::Add, Op::Sub, Op::Div, Op::Sqrt, Op::Pow, Op::Powi], "how sums and powers are written"),
    ("symbolic/src/reader/fraction.rs", &[Op::Neg, Op::Mul, Op::Div, Op::Abs, Op::Sqrt, Op::Hypot, Op::Exp, Op::Pow, Op::Powi], "how products are written"),
    ("symbolic/src/sized/element.rs",  &[Op::Le, Op::Ge, Op::Eq],                     "for which elements a derivative is there"),
    ("symbolic/src/sized/products.rs", &[Op::Mul],                                    "iterations that are products"),
    ("symbolic/src/sized/tidy/mod.rs", &[Op::Neg, Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Powi, Op::Select], "factors of sums; constant products"),
    ("symbolic/src/sized/tidy/sums.rs", &[Op::Neg, Op::Add, Op::Sub, Op::Mul, Op::Div], "terms and factors"),
    ("symbolic/src/derivation.rs",     &[Op::Select],                                 "case by case; all other rules get their names from how operators are written"),
    ("export/src/lower.rs",   &[Op::Square, Op::Recip, Op::Powi, Op::Pow],   "small powers as products, as the table defines them"),
    ("export/src/program.rs", &[Op::Select],                                 "the choice of a program"),
    ("export/src/rust.rs",    &[Op::Pow, Op::Expm1, Op::Log1p, Op::Mod, Op::Rem], "what std calls otherwise"),
    ("export/src/c.rs",       &[Op::Abs, Op::Ln, Op::Pow, Op::Mod, Op::Rem, Op::Lgamma], "what `math.h` calls otherwise"),
    ("export/src/python.rs",  ANY,                                           "what NumPy calls otherwise"),
    ("export/src/loops/plan.rs", &[Op::Select],                              "branches that are computed only when they are taken"),
    ("export/src/loops/emit.rs", &[Op::Select],                              "branches that are computed only when they are taken"),
    ("export/src/fpcore.rs",  ANY,                                           "what FPCore calls otherwise or says in other words; a new operator is refused by name until it is there"),
    ("export/src/latex/mod.rs", ANY,                                         "how mathematics writes what is no name before brackets; a new operator is one"),
    ("symbolic/src/saturate/mod.rs",   &[Op::Select, Op::Eq, Op::Mul, Op::Neg, Op::Pow, Op::Sub], "branches; the slope of x^y at (0, 0)"),
    ("symbolic/src/saturate/e_graph.rs", &[Op::Select],                               "branches"),
    ("symbolic/src/saturate/order.rs", &[Op::Select],                                 "branches"),
    ("symbolic/src/saturate/signs.rs", &[Op::Powi],                                   "integer exponents"),
    ("symbolic/src/saturate/extract.rs", &[Op::Div, Op::Powi],                        "exact quotients; integer exponents"),
    ("symbolic/src/saturate/analysis.rs", ANY,                                        "signs and exact values, where more is known than nothing"),
    ("chainrule/src/symbolic_strategy.rs", &[Op::Select],                             "branches"),
    ("prove/src/translate/operators.rs", ANY, "what is a polynomial, an exponential or a root in proofs; a new operator is taken as it is"),
    ("prove/src/translate/definitions.rs", ANY, "what is a combination of others by definition in proofs; a new operator is taken as it is"),
    ("prove/src/translate/mod.rs", &[Op::Pow, Op::Sqrt, Op::Ln, Op::Log2, Op::Log10, Op::Select], "what must not be negative before it is known; branches"),
    ("prove/src/checker/rules/mod.rs", &[Op::Cbrt, Op::Asin, Op::Atan, Op::Floor, Op::Round, Op::Trunc, Op::Erf, Op::Select], "odd functions, shifted steps, branches"),
    ("prove/src/indexed/checker/expand.rs", &[Op::Neg, Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Powi, Op::Square, Op::Recip], "what is a polynomial or a fraction"),
    ("prove/src/indexed/checker/generalise.rs", &[Op::Powi, Op::Select], "powers with an index as exponent; branches"),
    ("prove/src/indexed/checker/mod.rs", &[Op::Sub, Op::Div, Op::Powi, Op::Select], "the rules about branches, ranges and products"),
    ("prove/src/indexed/checker/predicate.rs", ANY, "comparisons of indices; borders that are constants, by enclosures"),
    ("prove/src/indexed/import.rs", &[Op::Neg, Op::Add, Op::Sub, Op::Mul, Op::Select], "index arithmetic; branches"),
    ("prove/src/indexed/reduction.rs", &[Op::Sub, Op::Powi], "shifted variables; constant products"),
    ("prove/src/indexed/search.rs", &[Op::Select], "branches"),
    ("prove/src/indexed/shapes.rs", &[Op::Div, Op::Powi, Op::Recip, Op::Sqrt, Op::Ln, Op::Log2, Op::Log10, Op::Gt, Op::Ge, Op::Ne], "where a claim has no value"),
    ("prove/src/indexed/term.rs", &[Op::Add, Op::Mul], "sums and products of many terms"),
    ("prove/src/roots/cube.rs", &[Op::Cbrt], "cube roots"),
    ("prove/src/roots/exponentials.rs", &[Op::Asin, Op::Atan], "known angles"),
    ("prove/src/terms.rs", &[Op::Cbrt], "roots in proofs"),
    ("syntax/src/fpcore/elaborate.rs",   &[Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Min, Op::Max, Op::Ne], "what FPCore gives many arguments"),
    ("syntax/src/fpcore/operators.rs",   &[Op::Rem, Op::Abs, Op::Ln, Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Eq, Op::Ne], "what FPCore calls otherwise"),
    ("syntax/src/fpcore/loops.rs",       &[Op::Add, Op::Lt, Op::Le, Op::Gt, Op::Ge],    "loops that count up to a size"),
    ("harness/src/claims/points.rs", &[Op::Sub], "differences that may be 0, as places worth looking at"),
    ("reference/src/certify.rs", &[Op::Atan2, Op::Min, Op::Max, Op::Clamp], "the kind of a kink: a tie, or a cut"),
    ("expr/src/singularities.rs", &[Op::Min, Op::Max, Op::Clamp, Op::Relu, Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Eq, Op::Ne, Op::Select, Op::Pow, Op::Powi], "what is read for its value, and what for a side only; integer exponents"),
    ("reference/src/expansion/circular.rs", &[Op::Asin, Op::Atan], "kernels of exact numbers"),
    ("reference/src/expansion/enclosure.rs", &[Op::Cbrt], "roots as kernels of exact numbers"),
    ("reference/src/expansion/functions.rs", &[Op::Erf], "kernels of exact numbers"),
    ("reference/src/expansion/kernels.rs", &[Op::Asin, Op::Atan], "kernels of exact numbers"),
    ("reference/src/expansion/operators.rs", ANY, "what an operator is beside a point; a new operator is undecided at singular points until it is there"),
    ("prove/src/checker/algebra.rs", &[Op::Cbrt], "roots in proofs"),
    ("prove/src/checker/ball.rs", &[Op::Asin, Op::Atan, Op::Erf], "functions of discs"),
    ("prove/src/checker/expand.rs", &[Op::Select], "branches in proofs"),
    ("prove/src/checker/mod.rs", &[Op::Cbrt], "roots in proofs"),
    ("prove/src/checker/rules/definitions.rs", ANY, "the rules of the proof checker: an operator without a rule is opaque"),
    ("prove/src/checker/sign.rs", &[Op::Cbrt, Op::Atan, Op::Abs, Op::Erf], "functions that keep a sign"),
    ("prove/src/checker/term.rs", &[Op::Neg, Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Square, Op::Recip], "what is a polynomial or a fraction"),
    ("reference/src/operators.rs",     ANY,                                          "the value of every operator over intervals: a second definition, by intent"),
    ("reference/src/sweep.rs",         &[Op::Abs, Op::Hypot, Op::Min, Op::Max, Op::Clamp, Op::Relu, Op::Select], "all slopes around a kink"),
    ("harness/src/condition_number.rs",       &[Op::Powi],                                   "literal exponents"),
    ("harness/src/causes/piece.rs",    &[Op::Powi],                                   "literal exponents"),
    ("harness/src/causes/culprit.rs",  &[Op::Neg, Op::Add, Op::Sub, Op::Select],      "what cannot underflow"),
    ("harness/src/causes/better.rs",   &[Op::Add, Op::Mul, Op::Square, Op::Powi, Op::Sqrt, Op::Hypot], "roots of sums of squares as hypot"),
    ("harness/src/rounding.rs",        &[Op::Neg, Op::Select, Op::Add, Op::Sub],      "what is exact in floating point"),
];

/// Knowledge that may lack for a new operator, and then says so.
const ANY: &[Op] = Op::ALL;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Which file names which operators, tests aside.
fn mentions() -> BTreeMap<String, Vec<Op>> {
    let crates = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates"));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(crates).unwrap() {
        let source = entry.unwrap().path().join("src");
        if source.exists() {
            sources(&source, &mut files);
        }
    }
    let mut all = BTreeMap::new();
    for path in files {
        let name = path.to_str().unwrap().rsplit_once("/../crates/").unwrap().1.to_owned();
        if name == "expr/src/ops.rs" || name.ends_with("tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let word = |text: &str, op: Op| {
            let name = format!("Op::{op:?}");
            text.match_indices(&name).any(|(at, _)| {
                !text[at + name.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
                    && !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
            })
        };
        let named: Vec<Op> = Op::ALL.iter().copied().filter(|&op| word(text, op)).collect();
        if !named.is_empty() {
            all.insert(name, named);
        }
    }
    all
}

#[test]
fn nothing_but_the_table_knows_an_operator_by_name_without_a_reason() {
    let found = mentions();
    let mut wrong = Vec::new();
    for (file, named) in &found {
        let allowed = NAMED.iter().find(|(name, ..)| name == file).map_or(&[][..], |(_, ops, _)| ops);
        let more: Vec<&Op> = named.iter().filter(|op| !allowed.contains(op)).collect();
        if !more.is_empty() {
            wrong.push(format!("{file} also names {more:?}"));
        }
    }
    for (file, ops, why) in NAMED {
        let named = found.get(*file).map_or(&[][..], Vec::as_slice);
        let less: Vec<&Op> = ops.iter().filter(|op| !named.contains(op)).collect();
        if *ops != ANY && !less.is_empty() {
            wrong.push(format!("{file} ({why}) no longer names {less:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn most_operators_are_named_nowhere_else() {
    let found = mentions();
    let known = |op: &Op| {
        found.iter().any(|(file, named)| {
            !(file.ends_with("analysis.rs")
                || file.ends_with("complex.rs")
                || file.ends_with("double/mod.rs")
                || file.ends_with("expr/src/lanes.rs")
                || file.ends_with("causes/better.rs")
                || file.ends_with("native/translate.rs")
                || file.starts_with("symbolic/src/reader/")
                || file.starts_with("export/src/")
                || file.starts_with("prove/src/")
                || file.starts_with("symbolic/src/reader/")
                || file.starts_with("reference/"))
                && named.contains(op)
        })
    };
    let plain: Vec<&Op> = Op::ALL.iter().filter(|op| !known(op)).collect();
    assert!(plain.len() * 3 > Op::ALL.len() * 2, "only {plain:?}");
}

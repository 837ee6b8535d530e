//! Whether formulas for every size are those that were derived, at some sizes and points: the last check before they are shown.

use expr::Function;
use expr::index::Symbol;

/// Unrolled functions of more nodes are not looked at.
const MOST_NODES: u64 = 20_000;
/// Relative differences up to this are rounding, which is not judged here.
const ROUNDING: f64 = 1e-6;
/// Both are small beside this: what is left where terms cancel.
const SMALL: f64 = 1e-3;

/// Whether all outputs agree at every size and point that was tried. `places` are the sizes that are indices of elements.
pub(super) fn agree(derived: &Function, formulas: &Function, places: &[&str]) -> bool {
    (0..6).all(|case| {
        // Elements 1 and 2 of inputs that are 3 to 5 long: no place is beyond an end.
        let value = |k: usize, name: &str| match places.contains(&name) {
            true => 1 + (case as usize + k) as i64 % 2,
            false => 3 + (case as usize / 2 + k) as i64 % 3,
        };
        let flat = |f: &Function| {
            let names = derived.graph().sizes().iter().enumerate();
            let known = names.filter(|(_, name)| f.graph().sizes().contains(name));
            let sizes: Vec<(&str, i64)> = known.map(|(k, name)| (name.as_str(), value(k, name))).collect();
            let f = f.with_sizes(&sizes).ok()?;
            with_data(&f, case)?.unroll(MOST_NODES).ok()
        };
        let (Some(derived), Some(formulas)) = (flat(derived), flat(formulas)) else { return true };
        let mut both = values(&derived, case).into_iter().zip(values(&formulas, case));
        // Where the derived form has no value another one may have any.
        both.all(|(truth, found)| {
            !truth.is_finite() || (truth - found).abs() <= ROUNDING * truth.abs().max(found.abs()).max(SMALL)
        })
    })
}

/// Data at which elements 1 and 2 are read.
fn with_data(f: &Function, case: u64) -> Option<Function> {
    f.unbound_data().into_iter().try_fold(f.clone(), |bound, name| {
        let graph = f.graph();
        let block = graph.block(graph.block_named(name)?);
        let declared = block.declared.as_ref().map(|lengths| {
            let value = |symbol| match symbol {
                Symbol::Size(size) => f.size(&graph.sizes()[size as usize]).unwrap_or(0),
                _ => 0,
            };
            lengths.iter().map(|form| usize::try_from(form.evaluate(value)?).ok()).collect()
        });
        // Longer than anything that is read of them.
        let lengths = declared.unwrap_or_else(|| Some(vec![12; block.rank]))?;
        let count = lengths.iter().product::<usize>();
        let numbers: Vec<f64> = (0..count as u64).map(|k| 1.0 + ((k * k + case) % 3 % 2) as f64).collect();
        bound.with_data(&[(name, &lengths, &numbers)]).ok()
    })
}

/// The outputs where every input has a number between 0.3 and 0.8 that its name decides.
fn values(f: &Function, case: u64) -> Vec<f64> {
    let number = |name: String| {
        let seed = name.bytes().fold(case + 1, |seed, byte| seed.wrapping_mul(131).wrapping_add(byte.into()));
        0.3 + (seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f64 / f64::from(1 << 25)
    };
    let point: Vec<f64> = f.input_names().into_iter().map(number).collect();
    f.evaluate((), &point)
}

#[cfg(test)]
mod tests {
    use super::agree;

    #[test]
    fn a_captured_index_is_seen() {
        let parse = |text: &str| syntax::parse(text).unwrap();
        let derived = parse("sum(k, 1, n, sum(i, 1, n, exp(x[i]*y[k])))*x[j]");
        assert!(agree(&derived, &parse("x[j]*sum(i, 1, n, sum(k, 1, n, exp(x[i]*y[k])))"), &["j"]));
        assert!(!agree(&derived, &parse("x[j]*n*sum(k, 1, n, exp(x[k]*y[k]))"), &["j"]));
        // Rounding is no difference, a value that is missing is one.
        let root = parse("sqrt(x[j] - 0.2)*n");
        assert!(agree(&root, &parse("n*(x[j] - 0.2)^0.5"), &["j"]));
        assert!(!agree(&root, &parse("n*sqrt(x[j] - 2)"), &["j"]));
    }
}

//! The formulas of derivatives below a comparison's table.

use std::fmt::Write;

use harness::Comparison;

use super::cells;
use crate::output::number::count;
use crate::output::remarks::remark;
use crate::output::table::wrap_behind;

/// Formulas of so many components are shown.
const MOST: usize = 8;
/// Longer formulas are cut.
const LONGEST: usize = 300;

/// A line per component; with what was chosen on the way, if everything is shown.
pub(super) fn formulas(out: &mut String, comparison: &Comparison, name: &str, all: bool) {
    let Some(point) = comparison.points.first() else { return };
    for entry in &point.entries {
        let Some(formulas) = entry.formulas.as_ref().map(|formulas| formulas.text()) else { continue };
        out.push('\n');
        if all {
            let remarks: Vec<String> = entry.remarks.iter().map(remark).collect();
            let remarks =
                if remarks.is_empty() { String::new() } else { format!(": {}", remarks.join("; ")) };
            let title = format!("derivatives ({}){remarks}", entry.spec.variant());
            let _ = writeln!(out, "{}", wrap_behind(&title, "  "));
        }
        for (component, formula) in formulas.iter().enumerate().take(MOST) {
            let name = cells::derivative(comparison, name, component);
            let line = format!("{name} = {}", cut(&with_where(formula)));
            let _ = writeln!(out, "{}", wrap_behind(&line, "    "));
        }
        if formulas.len() > MOST {
            let _ = writeln!(out, "… {} more", count((formulas.len() - MOST) as u64));
        }
    }
}

/// `t1 = a; b + t1` as people write it: `b + t1 where t1 = a`.
pub fn with_where(formula: &str) -> String {
    let mut statements: Vec<&str> = formula.split("; ").collect();
    match statements.pop() {
        Some(result) if !statements.is_empty() => format!("{result} where {}", statements.join(", ")),
        _ => formula.to_owned(),
    }
}

fn cut(formula: &str) -> String {
    match formula.char_indices().nth(LONGEST) {
        Some((end, _)) => {
            format!("{}… ({} characters)", &formula[..end], count(formula.chars().count() as u64))
        }
        None => formula.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_parts_stand_behind_the_formula() {
        assert_eq!(with_where("2*x"), "2*x");
        assert_eq!(with_where("t1 = x/y; t2 = exp(t1); t1*t2"), "t1*t2 where t1 = x/y, t2 = exp(t1)");
    }
}

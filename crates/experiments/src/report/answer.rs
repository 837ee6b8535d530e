//! What all experiments say together: three strategies, how exact, how fast, how they scale; a handful of numbers and five sentences.

use chainrule::StrategyName;

use super::figure::{Table, brief, duration};
use super::{EXACT_DIGITS, Experiment, Verdict, middle};

/// Three strategies side by side.
#[derive(Clone, Debug)]
pub struct Answer {
    /// In the order in which they are always told.
    pub strategies: Vec<StrategyAnswer>,
    /// The family that grew.
    pub family: &'static str,
    /// What it comes to.
    pub sentences: Vec<String>,
}

/// What was measured of one strategy.
#[derive(Clone, Debug)]
pub struct StrategyAnswer {
    /// Which.
    pub name: StrategyName,
    /// Per family and size, the right digits of the worst component.
    pub digits: Vec<(String, f64)>,
    /// Per family and size, the time of the gradient of one output, in evaluations of the function.
    pub times: Vec<(String, f64)>,
    /// Inputs, and nanoseconds of a gradient, of the family that grew.
    pub growth: Vec<(f64, f64)>,
    /// The power of the number of inputs by which that grows.
    pub exponent: f64,
}

/// The family by which growth is shown, and the form of each strategy that is raced.
const FAMILY: &str = "rosenbrock";
const FORMS: [(StrategyName, &str); 3] = [
    (StrategyName::Backprop, "backprop (loops kept)"),
    (StrategyName::Symbolic, "symbolic (reverse)"),
    (StrategyName::Numerical, "numerical (adaptive)"),
];

/// The cells of a table by the names of its columns.
fn rows<'a, const N: usize>(table: &'a Table, names: [&str; N]) -> Option<Vec<[&'a str; N]>> {
    let places = names.map(|name| table.columns.iter().position(|column| *column == name));
    let places: Vec<usize> = places.into_iter().collect::<Option<_>>()?;
    let row = |row: &'a Vec<String>| std::array::from_fn(|k| row[places[k]].as_str());
    Some(table.rows.iter().map(row).collect())
}

fn table<'a>(experiments: &'a [Experiment], id: &str, figure: &str) -> Option<&'a Table> {
    let experiment = experiments.iter().find(|experiment| experiment.plan.id == id)?;
    Some(&experiment.findings.figures.iter().find(|own| own.name == figure)?.table)
}

/// The slope of a straight line through logarithms, by least squares.
fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let (x, y) = (
        logs.iter().map(|log| log.0).sum::<f64>() / count,
        logs.iter().map(|log| log.1).sum::<f64>() / count,
    );
    let across: f64 = logs.iter().map(|log| (log.0 - x) * (log.0 - x)).sum();
    logs.iter().map(|log| (log.0 - x) * (log.1 - y)).sum::<f64>() / across
}

impl Answer {
    /// Of experiments that have run; nothing until those that it needs have.
    pub fn of(experiments: &[Experiment]) -> Option<Answer> {
        let compared = table(experiments, "families", "tradeoff")?;
        let columns = ["family", "n", "outputs", "strategy", "outcome", "fewest right digits", "÷ one f"];
        let compared = rows(compared, columns)?;
        let raced = rows(table(experiments, "growth", FAMILY)?, ["arm", "inputs", "gradient ns"])?;
        let mut strategies = Vec::new();
        for (name, form) in FORMS {
            let own = || {
                let named = format!("{name} ");
                compared.iter().filter(move |row| row[3].starts_with(&named))
            };
            let label = |row: &[&str; 7]| format!("{}, n = {}", row[0], row[1]);
            let digits = own().filter(|row| row[4] != "refused");
            let digits = digits.filter_map(|row| Some((label(row), row[5].parse::<f64>().ok()?.min(16.0))));
            let times = own().filter_map(|row| {
                Some((label(row), row[6].parse::<f64>().ok()? / row[2].parse::<f64>().ok()?))
            });
            let growth = raced.iter().filter(|row| row[0] == form);
            let growth: Vec<(f64, f64)> =
                growth.filter_map(|row| Some((row[1].parse().ok()?, row[2].parse().ok()?))).collect();
            let exponent = exponent(&growth);
            strategies.push(StrategyAnswer {
                name,
                digits: digits.collect(),
                times: times.collect(),
                growth,
                exponent,
            });
        }
        let whole =
            |own: &StrategyAnswer| !own.digits.is_empty() && !own.times.is_empty() && own.growth.len() > 1;
        if !strategies.iter().all(whole) {
            return None;
        }
        let sentences = sentences(&strategies, experiments)?;
        Some(Answer { strategies, family: FAMILY, sentences })
    }
}

/// How a strategy is called in a sentence.
fn called(name: StrategyName) -> &'static str {
    match name {
        StrategyName::Backprop => "backpropagation",
        StrategyName::Symbolic => "symbolic differentiation",
        StrategyName::Numerical => "finite differences",
    }
}

fn sentences(all: &[StrategyAnswer], experiments: &[Experiment]) -> Option<Vec<String>> {
    let each = |say: &dyn Fn(&StrategyAnswer) -> String| {
        all.iter().map(|own| format!("{} {}", called(own.name), say(own))).collect::<Vec<_>>().join(", ")
    };
    let numbers = |all: &[(String, f64)]| all.iter().map(|(_, number)| *number).collect::<Vec<_>>();
    let exact = each(&|own| {
        let digits = numbers(&own.digits);
        let exact = digits.iter().filter(|digits| **digits >= EXACT_DIGITS).count();
        format!("in {exact} of {} cases", digits.len())
    });
    let fast = each(&|own| {
        let times = numbers(&own.times);
        let most = times.iter().copied().fold(0.0, f64::max);
        format!("{} (at most {})", brief(middle(&times)), brief(most))
    });
    // The largest size that all have.
    let largest = all.iter().map(|own| own.growth.iter().map(|point| point.0).fold(0.0, f64::max));
    let largest = largest.fold(f64::INFINITY, f64::min);
    let scale = each(&|own| {
        let at = own.growth.iter().find(|point| point.0 == largest).map_or(f64::NAN, |point| point.1);
        format!("{}, growing as n^{:.1}", duration(at), own.exponent)
    });
    let claims = || experiments.iter().flat_map(|experiment| &experiment.findings.claims);
    let swell = claims().find(|claim| claim.says.starts_with("Symbolic gradients are large"))?;
    let shown = |name: &str| {
        let case = swell.cases.iter().find(|case| case.name == name)?;
        Some(brief(case.measured))
    };
    let (tree, graph) = (shown("tree")?, shown("reverse")?);
    let count = |is: fn(&Verdict) -> bool| claims().filter(|claim| is(&claim.verdict())).count();
    Some(vec![
        format!("Exact, {EXACT_DIGITS:.0} right digits of 16 or more in the worst component: {exact}."),
        format!(
            "Fast, the time of a gradient once everything is prepared, in evaluations of the function, the median over these cases: {fast}."
        ),
        format!("At scale, {FAMILY} with {largest} inputs: {scale}."),
        format!(
            "Written out as on paper, a symbolic gradient and its function have up to {tree} times the operators of the function, and \
             derived in reverse on a shared graph up to {graph} times."
        ),
        format!(
            "Of {} claims taken from the article {} hold in every case tried, {} in some, {} in none.",
            claims().count(),
            count(|verdict| *verdict == Verdict::Holds),
            count(|verdict| matches!(verdict, Verdict::HoldsFor(..))),
            count(|verdict| *verdict == Verdict::DoesNotHold)
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_are_those_of_powers() {
        let points = [10.0, 100.0, 1000.0].map(|n: f64| (n, 3.0 * n.powf(1.5)));
        assert!((exponent(&points) - 1.5).abs() < 1e-12);
    }

    #[test]
    fn cells_are_found_by_the_names_of_columns() {
        let mut table = Table::new(&["a", "b"]);
        table.push(vec!["1".to_owned(), "2".to_owned()]);
        assert_eq!(rows(&table, ["b", "a"]), Some(vec![["2", "1"]]));
        assert_eq!(rows(&table, ["c"]), None);
    }
}

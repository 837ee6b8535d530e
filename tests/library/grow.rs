//! What grows is measured fairly: no time without a right gradient, the same numbers twice, stops that are said.

use chainrule::{
    AccurateBackprop, Backprop, Budget, Cost, Derivative, Numerical, Prepared, Refusal, Strategy,
    StrategySpec, Symbolic, Unit, Want,
};
use experiments::Family;
use expr::Function;
use harness::{Outcome, Random};
use numerical::Scheme;
use std::time::Duration;
use syntax::parse;

use experiments::grow::{
    Figure, Growth, Instance, Options, Reference, Row, Variant, VariantSpec, grow, grow_family,
};

const ROSENBROCK: &str = "sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)";

/// What is done to a gradient.
type Change = fn(&mut [f64]);

/// A strategy whose gradient is changed from some size on.
struct Mutated {
    spec: StrategySpec,
    from: usize,
    change: Change,
}

struct Changed {
    inner: Box<dyn Prepared>,
    change: Option<Change>,
}

impl Strategy for Mutated {
    fn spec(&self) -> StrategySpec {
        self.spec
    }

    fn prepare(&self, f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        let change = (f.unroll(1_000_000)?.input_count() >= self.from).then_some(self.change);
        Ok(Box::new(Changed { inner: Backprop.prepare(f, want, budget)?, change }))
    }
}

impl Prepared for Changed {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        self.inner.run(x, out)?;
        if let Some(change) = self.change {
            change(&mut out.gradient);
        }
        Ok(())
    }

    fn cost(&self) -> Cost {
        self.inner.cost()
    }
}

fn options() -> Options {
    Options { patience: Some(Duration::from_micros(100)), ..Options::default() }
}

fn expression(text: &str, n: usize) -> Result<Instance, Refusal> {
    let written = parse(text).unwrap().with_sizes(&[("n", n as i64)])?;
    let flat = written.unroll(1_000_000)?;
    let mut random = Random::new(1, &["grow", text], n);
    let at = (0..flat.input_count()).map(|_| random.between(-2.0, 2.0)).collect();
    Ok(Instance { written, flat, at })
}

/// egg takes most of the time of a small function, and has tests of its own.
fn without_egg() -> Vec<Variant> {
    Variant::all().into_iter().filter(|variant| !variant.spec.form().ends_with("+egg")).collect()
}

fn rosenbrock(sizes: &[usize], variants: &[Variant], options: &Options) -> Growth {
    grow(|n| expression(ROSENBROCK, n), sizes, variants, options, &mut |_, _| {}).unwrap()
}

#[test]
fn a_wrong_gradient_has_no_time() {
    let mutants: [(&str, Change); 5] = [
        ("zero", |g| g.fill(0.0)),
        ("NaN", |g| g.fill(f64::NAN)),
        ("permuted", |g| g.rotate_right(1)),
        ("scaled", |g| g.iter_mut().for_each(|g| *g *= 1.0 + 1e-6)),
        ("one component", |g| {
            let largest = (0..g.len()).max_by(|&a, &b| g[a].abs().total_cmp(&g[b].abs())).unwrap();
            g[largest] *= 1.05;
        }),
    ];
    // Above the limit of certificates too, and where strategies have nothing but each other.
    let accurate = Options { reference_nodes: 0, ..options() };
    let alone = Options { accurate_nodes: 0, ..accurate };
    for (what, change) in mutants {
        for options in [options(), accurate, alone] {
            let mutated = Mutated { spec: AccurateBackprop.spec(), from: 20, change };
            let analytic =
                || -> Box<dyn Strategy> { Box::new(Symbolic { egg: false, ..Symbolic::default() }) };
            let variants =
                [Variant::of(analytic()), Variant::of(Box::new(mutated)), Variant::of(Box::new(Backprop))];
            let found = rosenbrock(&[10, 30], &variants, &options);
            let rows: Vec<&Row> = found.rows.iter().collect();
            let right = |row: &&Row| row.size == 10 || row.variant != 1;
            for row in rows.iter().filter(|row| right(row)) {
                assert!(row.gradient.is_some() && row.prepare.is_some(), "{what}: {row:?}");
            }
            let wrong = rows.iter().find(|row| !right(row)).unwrap();
            assert!(wrong.gradient.is_none() && wrong.prepare.is_none(), "{what}: {wrong:?}");
            assert_eq!(wrong.outcome, Some(Outcome::Disagree), "{what}");
            // Nor does it appear in what follows from times.
            assert!(found.fit(1, Figure::Time).is_none(), "{what}");
            let taken = found.choices.iter().find(|(n, _)| *n == 30).unwrap();
            assert!(taken.1.iter().all(|choice| choice.variant != 1), "{what}");
        }
    }
}

#[test]
fn wrong_finite_differences_have_no_time_either() {
    // They may be off, and say so; one component that is no slope at all, or all of them, may not.
    let mutants: [Change; 3] = [|g| g.fill(0.0), |g| g[3] = -g[3], |g| g.iter_mut().for_each(|g| *g *= 1.5)];
    for change in mutants {
        let mutated = Mutated { spec: Numerical::default().spec(), from: 0, change };
        let variants = [Variant::of(Box::new(mutated)), Variant::of(Box::new(Backprop))];
        let found = rosenbrock(&[10], &variants, &options());
        assert!(found.rows[0].gradient.is_none(), "{:?}", found.rows[0]);
        assert!(found.rows[1].gradient.is_some());
    }
}

/// Right once, and wrong from then on.
struct Fickle;

struct Turning {
    inner: Box<dyn Prepared>,
    runs: usize,
}

impl Strategy for Fickle {
    fn spec(&self) -> StrategySpec {
        AccurateBackprop.spec()
    }

    fn prepare(&self, f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        Ok(Box::new(Turning { inner: Backprop.prepare(f, want, budget)?, runs: 0 }))
    }
}

impl Prepared for Turning {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        self.runs += 1;
        if self.runs == 1 {
            return self.inner.run(x, out);
        }
        out.gradient.clear();
        Ok(())
    }

    fn cost(&self) -> Cost {
        self.inner.cost()
    }
}

#[test]
fn what_is_timed_is_what_was_examined() {
    let variants = [Variant::of(Box::new(Fickle)), Variant::of(Box::new(Backprop))];
    // No first gradient takes that long, and no more than a thousand repeats are made.
    let patient = Options { patience: Some(Duration::from_secs(10)), ..options() };
    let found = rosenbrock(&[10], &variants, &patient);
    assert_eq!(found.rows[0].outcome, Some(Outcome::Agree));
    assert!(found.rows[0].gradient.is_none() && found.rows[1].gradient.is_some());
}

/// Everything but times and memory.
fn figures(growth: &Growth) -> Vec<String> {
    let of = |row: &Row| {
        format!(
            "{} {:?} {:?} {:?} {} {} {:?} {:?} {:?} {:?}",
            row.size,
            growth.variants[row.variant].label(),
            row.outcome,
            row.refusal,
            row.inputs,
            row.function_nodes,
            row.log10_nodes,
            row.evaluations,
            row.errors,
            row.reference
        )
    };
    growth.rows.iter().map(of).collect()
}

#[test]
fn the_same_seed_gives_the_same_figures_whatever_the_list_of_sizes() {
    let family = Family::named("rosenbrock").unwrap();
    let run = |sizes: &[usize], seed| grow_family(family, sizes, seed, &Variant::all(), &options()).unwrap();
    let (first, again, other) = (run(&[5, 100], 1), run(&[5, 100], 1), run(&[5, 100], 2));
    assert_eq!(figures(&first), figures(&again));
    assert_ne!(figures(&first), figures(&other));
    // With another list the rows of a size stay.
    let longer = figures(&run(&[5, 90, 100], 1));
    for row in figures(&first) {
        assert!(longer.contains(&row), "{row}");
    }
}

#[test]
fn arms_over_their_budget_stop_and_say_so() {
    let each = Scheme::Adaptive.max_evaluations(1) - 1;
    let flat = expression(ROSENBROCK, 40).unwrap().flat;
    let work = each * 40 * (flat.graph().len() as u64) / 2;
    let options = Options { work, budget: Budget { nodes: 4_000, ..options().budget }, ..options() };
    let found = rosenbrock(&[5, 40], &without_egg(), &options);
    let at_40 = |form: &str| {
        let row = found.rows.iter().find(|row| row.size == 40 && found.variants[row.variant].form() == form);
        row.unwrap_or_else(|| panic!("{form}: no row")).refusal.clone()
    };
    let unit = |refusal: Option<Refusal>| match refusal {
        Some(Refusal::OverBudget { unit, needed, budget }) if needed > budget as f64 => Some(unit),
        _ => None,
    };
    assert_eq!(unit(at_40("adaptive, whole")), Some(Unit::NodeEvaluations));
    assert_eq!(at_40("adaptive"), None, "only what depends on the input that moved is evaluated");
    assert_eq!(unit(at_40("forward")), Some(Unit::Nodes));
    assert_eq!(unit(at_40("tree, counted")), Some(Unit::Nodes));
    assert_eq!(at_40("reverse"), None);
}

#[test]
fn nothing_refused_is_timed_and_everything_else_is() {
    let options = Options { budget: Budget { nodes: 100_000, ..options().budget }, ..options() };
    let found = rosenbrock(&[5, 80, 160], &Variant::all(), &options);
    assert!(found.rows.iter().any(|row| row.refusal.is_some()), "forward formulas grow with the square");
    for row in &found.rows {
        assert_eq!(row.gradient.is_some(), row.outcome == Some(Outcome::Agree), "{row:?}");
        assert_eq!(row.refusal.is_some(), row.outcome == Some(Outcome::Refused), "{row:?}");
        assert_eq!(row.reference, Reference::Certified);
    }
    // Nodes and evaluations are counts: their laws are known.
    let variant = |form: &str| found.variants.iter().position(|variant| variant.form() == form).unwrap();
    for (form, figure) in
        [("reverse", Figure::Nodes), ("unrolled", Figure::Nodes), ("adaptive", Figure::Evaluations)]
    {
        let law = found.fit(variant(form), figure).unwrap();
        assert!((law.slope - 1.0).abs() < 0.2 && law.points == 3, "{form}: {law:?}");
    }
}

#[test]
fn trees_explode_where_values_are_used_twice() {
    let family = Family::named("logistic").unwrap();
    let options = Options { patience: None, ..options() };
    let found = grow_family(family, &[5, 10, 20, 80, 2000], 1, &without_egg(), &options).unwrap();
    let tree = found.variants.iter().position(|variant| *variant == VariantSpec::Counted).unwrap();
    let law = found.fit(tree, Figure::Nodes).unwrap();
    // y and 1 - y both hold the whole formula before: it doubles per step, far beyond any double.
    assert!(
        law.law == experiments::grow::Law::Exponential && (law.slope - 2f64.ln()).abs() < 0.05,
        "{law:?}"
    );
    assert!(found.variant(tree).last().unwrap().log10_nodes.unwrap() > 600.0);
    assert!(found.rows.iter().all(|row| row.gradient.is_none() && row.prepare.is_none()));
    let numerical = |whole| VariantSpec::Flat(Numerical { whole, ..Numerical::default() }.spec());
    assert!(found.variants.contains(&numerical(false)));
    assert!(!found.variants.contains(&numerical(true)), "one input has no small cone");
}

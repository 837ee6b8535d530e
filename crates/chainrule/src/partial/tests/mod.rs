//! Partial sums against the sums of one process, the function with its loop, and terms added one by one.

mod damaged;

use expr::Function;
use proptest::prelude::*;

use super::*;
use crate::BatchInput::{self, Each, Shared};
use crate::{BatchGradient, Budget, on_threads};

const CHUNK: usize = expr::fold::CHUNK;

/// A loss of rows with two columns and two parameters, and the same as a sum over all rows.
const LOSSES: [(&str, &str); 4] = [
    ("(a*x + b - y)^2", "sum(i, 1, n, (a*x[i] + b - y[i])^2)"),
    ("ln(1 + exp(-y*(a*x + b)))", "sum(i, 1, n, ln(1 + exp(-y[i]*(a*x[i] + b))))"),
    ("abs(a*x - y) + max(b, x)", "sum(i, 1, n, abs(a*x[i] - y[i]) + max(b, x[i]))"),
    ("ln(x)*a + sqrt(y*b)", "sum(i, 1, n, ln(x[i])*a + sqrt(y[i]*b))"),
];

const A: f64 = 1.25;
const B: f64 = -0.375;

/// The inputs in the order in which a loss names them.
fn inputs<'a>(f: &Function, x: &'a [f64], y: &'a [f64]) -> Vec<BatchInput<'a>> {
    let one = |block: &expr::graph::Block| match block.name.as_str() {
        "a" => Shared(A),
        "b" => Shared(B),
        "x" => Each(x),
        _ => Each(y),
    };
    f.graph().blocks().iter().map(one).collect()
}

/// Columns with a few kinks (y = a*x, x = b) and, for logarithms and roots, a few rows without a value.
fn columns(rows: usize, bad: bool) -> (Vec<f64>, Vec<f64>) {
    let mut x: Vec<f64> = (0..rows).map(|k| 1.5 + (k as f64 * 0.7).sin() / (1.0 + k as f64 % 7.0)).collect();
    let mut y: Vec<f64> = x.iter().map(|x| -0.5 - x * x / 3.0).collect();
    for k in (3..rows).step_by(271) {
        y[k] = A * x[k];
    }
    if bad {
        (5..rows).step_by(433).for_each(|k| x[k] = -1.0);
        (200..rows).step_by(611).for_each(|k| y[k] = f64::NAN);
    }
    (x, y)
}

struct Setting {
    f: Function,
    sum: SumOver,
    x: Vec<f64>,
    y: Vec<f64>,
    skipped: Vec<bool>,
}

impl Setting {
    fn new(text: &str, order: Order, rows: usize, bad: bool) -> Setting {
        let f = syntax::parse(text).unwrap();
        let sum = SumOver::new(&f, &["x", "y"], order).unwrap();
        let (x, y) = columns(rows, bad);
        Setting { f, sum, x, y, skipped: Vec::new() }
    }

    fn part(&self, range: Range<usize>) -> Partial {
        let place = match self.sum.order() {
            Order::Row => Place::FromRow(range.start as u64),
            Order::Any => Place::Anywhere,
        };
        let inputs = inputs(&self.f, &self.x[range.clone()], &self.y[range.clone()]);
        let skipped = self.skipped.get(range.clone()).unwrap_or_default();
        self.sum.partial_skipping(&inputs, range.len(), skipped, &place).unwrap()
    }

    /// The parts between cuts.
    fn parts(&self, cuts: &[usize]) -> Vec<Partial> {
        let mut ends: Vec<usize> = [0, self.x.len()].into_iter().chain(cuts.iter().copied()).collect();
        ends.sort_unstable();
        ends.windows(2).map(|pair| self.part(pair[0]..pair[1])).collect()
    }
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|x| pieces::number(*x).to_bits()).collect()
}

/// Merges in an order and a shape that the seed says.
fn merged(mut parts: Vec<Partial>, seed: u64) -> Partial {
    let mut random = crate::Random::new(seed, &["partial"], 0);
    let mut below = |n: usize| random.below(n);
    while parts.len() > 1 {
        let one = parts.swap_remove(below(parts.len()));
        let two = parts.swap_remove(below(parts.len()));
        parts.push(one.merge(two).unwrap());
    }
    parts.pop().unwrap()
}

#[test]
fn totals_are_those_of_one_process_and_of_the_function_with_its_loop() {
    for (row, all) in LOSSES {
        for rows in [0, 1, 7, 255, 256, 257, 600, 1023, 5000] {
            let own = Setting::new(row, Order::Row, rows, false);
            let total = merged(own.parts(&[rows / 3, rows / 2, rows.min(rows / 2 + 1)]), 7)
                .finish(Some(rows as u64))
                .unwrap();
            let one = BatchGradient::new(&own.f, &Budget::default()).unwrap();
            let one = one.total(&inputs(&own.f, &own.x, &own.y), rows);
            assert_eq!(
                (bits(&total.values), bits(&total.gradient)),
                (bits(&one.values), bits(&one.gradient)),
                "{row}, {rows} rows"
            );
            let all = syntax::parse(all).unwrap().with_sizes(&[("n", rows as i64)]).unwrap();
            let point: Vec<f64> = inputs(&all, &own.x, &own.y)
                .into_iter()
                .flat_map(|input| match input {
                    Shared(number) => vec![number],
                    Each(column) => column.to_vec(),
                })
                .collect();
            assert_eq!(bits(&total.values), bits(&all.evaluate((), &point)), "{row}, {rows} rows");
        }
    }
}

/// Every term by itself, in the canonical order with some rows absent, by the letter of its definition.
#[test]
fn skipped_rows_keep_their_numbers() {
    let rows = 3000;
    for order in [Order::Row, Order::Any] {
        let mut own = Setting::new(LOSSES[0].0, order, rows, false);
        let skips = |k: usize| k % 5 == 1 || (512..1100).contains(&k) || k == 2999;
        own.skipped = (0..rows).map(skips).collect();
        let whole = own.part(0..rows);
        assert_eq!(merged(own.parts(&[1, 255, 700, 701, 2998]), 3), whole);
        let total = whole.finish(Some(rows as u64)).unwrap();
        assert_eq!(
            total.skipped,
            Tally {
                count: (0..rows).filter(|k| skips(*k)).count() as u64,
                first: total.skipped.first.clone()
            }
        );
        assert_eq!(total.skipped.first.is_some(), order == Order::Row);
        let term = |k: usize| (A * own.x[k] + B - own.y[k]) * (A * own.x[k] + B - own.y[k]);
        if order == Order::Any {
            let mut exact = exact::Exact::default();
            (0..rows).filter(|k| !skips(*k)).for_each(|k| exact.add(term(k)));
            assert_eq!(total.values[0].to_bits(), exact.value().to_bits());
            continue;
        }
        let add = |terms: &mut dyn Iterator<Item = f64>| terms.reduce(|a, b| a + b);
        let chunk = |c: usize| {
            let partial = |p: usize| {
                add(&mut (c * CHUNK + p..rows.min((c + 1) * CHUNK))
                    .step_by(8)
                    .filter(|k| !skips(*k))
                    .map(term))
            };
            add(&mut (0..8).filter_map(partial))
        };
        let mut level: Vec<Option<f64>> = (0..rows.div_ceil(CHUNK)).map(chunk).collect();
        while level.len() > 1 {
            level = level.chunks(2).map(|pair| add(&mut pair.iter().flatten().copied())).collect();
        }
        assert_eq!(total.values[0].to_bits(), level[0].unwrap().to_bits());
    }
}

#[test]
fn kinks_and_undefined_rows_are_counted_with_the_first_of_each() {
    for order in [Order::Row, Order::Any] {
        let own = Setting::new(LOSSES[2].0, order, 2000, false);
        let expected = (3..2000).step_by(271).count() as u64;
        for parts in [own.parts(&[]), own.parts(&[300, 1000, 1500]), own.parts(&[1, 2, 3, 4])] {
            let total = merged(parts, 5).finish(None).unwrap();
            assert_eq!((total.kinks.count, total.undefined.count), (expected, 0));
            assert_eq!(total.kinks.first, (order == Order::Row).then_some(RowPlace { part: None, row: 3 }));
        }
        // Where x is data, its own kinks are none of the gradient.
        let f = syntax::parse("a*abs(x) + if(x < 1, 1, 2)*y").unwrap();
        let sum = SumOver::new(&f, &["x", "y"], order).unwrap();
        let place = if order == Order::Row { Place::FromRow(0) } else { Place::Anywhere };
        let part = sum.partial(&[Shared(1.0), Each(&[0.0, 1.0]), Each(&[1.0, 1.0])], 2, &place).unwrap();
        assert_eq!(part.kinks().count, 0);
        // The side of a maximum that is not taken is none either.
        let f = syntax::parse("max(abs(a), x)").unwrap();
        let sum = SumOver::new(&f, &["x"], order).unwrap();
        let part = sum.partial(&[Shared(0.0), Each(&[5.0, -1.0, 0.0])], 3, &place).unwrap();
        assert_eq!((part.kinks().count, part.undefined().count), (2, 0));
        let own = Setting::new(LOSSES[3].0, order, 2000, true);
        let undefined = |k: usize| own.x[k] <= 0.0 || own.y[k].is_nan() || own.y[k] * B <= 0.0;
        let total = merged(own.parts(&[5, 6, 777]), 1).finish(None).unwrap();
        assert_eq!(total.undefined.count, (0..2000).filter(|k| undefined(*k)).count() as u64);
        assert!(total.undefined.count > 8);
        assert_eq!(total.undefined.first.map(|first| first.row), (order == Order::Row).then_some(3));
        assert!(total.values[0].is_nan());
        assert_eq!(total.values[0].to_bits(), f64::NAN.to_bits());
    }
}

#[test]
fn threads_change_nothing() {
    for order in [Order::Row, Order::Any] {
        let own = Setting::new(LOSSES[2].0, order, 3 * crate::batch::SPAN + 77, true);
        let one = on_threads(1, || own.part(0..own.x.len()));
        assert_eq!(on_threads(3, || own.part(0..own.x.len())), one);
        assert!(one.undefined().count > 0 && one.kinks().count > 0);
    }
}

#[test]
fn errors_name_what_is_wrong() {
    let own = Setting::new(LOSSES[0].0, Order::Row, 3000, false);
    let part = |range: Range<usize>| own.part(range);
    let overlap = |one: Range<usize>, two: Range<usize>| match part(one).merge(part(two)) {
        Err(PartialError::Overlap { rows }) => rows,
        other => panic!("{other:?}"),
    };
    assert_eq!(overlap(0..10, 9..20), 9..10);
    assert_eq!(overlap(0..1000, 900..1024), 900..1000);
    assert_eq!(overlap(0..1024, 256..512), 256..512);
    assert_eq!(overlap(256..512, 0..1024), 256..512);
    assert_eq!(overlap(0..1024, 300..310), 300..310);
    assert_eq!(overlap(300..310, 0..1024), 300..310);
    let merged = Partial::merge_all([part(256..512), part(1..3), part(600..700)]).unwrap();
    assert_eq!(merged.ranges(), [1..3, 256..512, 600..700]);
    let error = merged.finish(Some(700)).unwrap_err();
    assert_eq!(error.to_string(), "rows 0, 3..256 and 512..600 are missing (342 rows)");
    assert!(matches!(merged.finish(None), Err(PartialError::Gap { .. })));
    let error = part(0..300).finish(Some(299)).unwrap_err();
    assert_eq!(error.to_string(), "row 299 is beyond the 299 rows that there should be");
    assert_eq!(part(0..300).finish(Some(301)).unwrap_err().to_string(), "row 300 is missing");
    let far = part(0..5)
        .merge(own.sum.partial(&inputs(&own.f, &[1.0], &[1.0]), 1, &Place::FromRow((1 << 63) - 1)).unwrap())
        .unwrap();
    assert_eq!(far.ranges(), [0..5, (1 << 63) - 1..1 << 63]);
    let beyond = own.sum.partial(&inputs(&own.f, &[1.0], &[1.0]), 1, &Place::FromRow(1 << 63));
    assert_eq!(beyond, Err(PartialError::TooManyRows));
    let sum = |text: &str, rows: &[&str], order: Order| {
        SumOver::new(&syntax::parse(text).unwrap(), rows, order).unwrap()
    };
    let place = Place::FromRow(5000);
    let other = |sum: SumOver, inputs: &[BatchInput<'_>]| {
        part(0..5).merge(sum.partial(inputs, 1, &place).unwrap()).unwrap_err()
    };
    let error = other(
        sum("(a*x + b + y)^2", &["x", "y"], Order::Row),
        &[Shared(A), Each(&[1.0]), Shared(B), Each(&[1.0])],
    );
    let words = "partial sums of two functions: (a*x + b - y)^2 over x, y in order row, and (a*x + b + y)^2 over x, y in order row";
    assert_eq!(error.to_string(), words);
    let error =
        other(sum(LOSSES[0].0, &["x"], Order::Row), &[Shared(A), Each(&[1.0]), Shared(B), Shared(1.0)]);
    assert!(matches!(error, PartialError::OtherFunction { .. }));
    let error = other(
        sum(LOSSES[0].0, &["x", "y"], Order::Row),
        &[Shared(A), Each(&[1.0]), Shared(2.0), Each(&[1.0])],
    );
    assert_eq!(error, PartialError::OtherParameters { name: "b".into(), one: B, other: 2.0 });
    assert_eq!(Partial::merge_all([]), Err(PartialError::Nothing));
    let error = SumOver::new(&own.f, &["z"], Order::Row).unwrap_err();
    assert_eq!(error.to_string(), "the function has no such input z");
    let error = SumOver::new(&syntax::parse("sum(i, 1, n, x*i)").unwrap(), &["x"], Order::Row);
    assert!(error.unwrap_err().to_string().contains("the size n"));
}

#[test]
fn parts_with_names_are_counted_once() {
    let own = Setting::new(LOSSES[0].0, Order::Any, 100, false);
    let of = |name| own.sum.partial(&inputs(&own.f, &own.x, &own.y), 100, &Place::Part(name)).unwrap();
    let both = of("b").merge(of("a")).unwrap();
    assert_eq!(both.parts(), ["a", "b"]);
    assert_eq!(both.clone().merge(of("a")), Err(PartialError::PartTwice { part: "a".into() }));
    assert_eq!(both.finish(Some(201)).unwrap_err(), PartialError::Rows { rows: 201, found: 200 });
    assert_eq!(both.finish(Some(200)).unwrap().rows, 0..200);
}

#[test]
fn rows_that_follow_are_numbered_on() {
    for (order, place) in
        [(Order::Row, Place::FromRow(1000)), (Order::Any, Place::Part("p")), (Order::Any, Place::Anywhere)]
    {
        let own = Setting::new(LOSSES[3].0, order, 1000, true);
        let of = |range: Range<usize>| inputs(&own.f, &own.x[range.clone()], &own.y[range]);
        let mut part = own.sum.partial(&of(0..0), 0, &place).unwrap();
        for range in [0..300, 300..300, 300..301, 301..1000] {
            let from = range.start as u64 + if order == Order::Row { 1000 } else { 0 };
            part = own.sum.extend(part, &of(range.clone()), range.len(), &[], from).unwrap();
        }
        assert_eq!(part, own.sum.partial(&of(0..1000), 1000, &place).unwrap());
    }
}

#[test]
fn vectors_are_columns_and_parameters() {
    let f = syntax::parse("f(w[2], x[2], y) = (dot(w, x) - y)^2").unwrap();
    let sum = SumOver::new(&f, &["x", "y"], Order::Row).unwrap();
    assert_eq!(sum.parameters(), [("w".to_owned(), vec![2])]);
    let x = [[1.0, 2.0, 3.0], [5.0, 5.0, 7.0]];
    let at = |w: f64| {
        let inputs = [Shared(1.0), Shared(w), Each(&x[0]), Each(&x[1]), Each(&[1.0; 3])];
        sum.partial(&inputs, 3, &Place::FromRow(0)).unwrap()
    };
    let residuals = [0, 1, 2].map(|k| x[0][k] + 2.0 * x[1][k] - 1.0);
    let slope = |j: usize| (0..3).map(|k| 2.0 * residuals[k] * x[j][k]).sum::<f64>();
    assert_eq!(at(2.0).finish(Some(3)).unwrap().gradient, [slope(0), slope(1)]);
    let error = at(2.0).merge(at(3.0)).unwrap_err();
    assert_eq!(error.to_string(), "partial sums for other parameters: w[2] is 2, and 3");
    // With kinks and ends of domains too.
    let f = syntax::parse("f(w[2], x[2]) = [abs(dot(w, x)), sqrt(w[1])*x[2]]").unwrap();
    let sum = SumOver::new(&f, &["x"], Order::Any).unwrap();
    let inputs = |w: f64| [Shared(w), Shared(1.0), Each(&[1.0, 1.0]), Each(&[-1.0, 4.0])];
    let part = |w: f64| sum.partial(&inputs(w), 2, &Place::Anywhere).unwrap();
    assert_eq!((part(1.0).kinks().count, part(1.0).undefined().count), (1, 0));
    assert_eq!((part(0.0).kinks().count, part(0.0).undefined().count), (0, 2));
}

#[test]
fn a_partial_sum_is_small() {
    let own = Setting::new(LOSSES[0].0, Order::Row, 1_000_000, false);
    let whole = own.part(255..999_999).to_bytes().len();
    // Two ragged ends of 255 rows, and at most 22 nodes; three sums.
    assert!(whole < (2 * 255 * 3 + 22 * 3) * 8 + 1000, "{whole} bytes");
    let any = Setting::new(LOSSES[0].0, Order::Any, 1_000_000, false).part(0..1_000_000).to_bytes().len();
    assert!(any < 500, "{any} bytes");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_split_merged_in_any_way_has_the_same_bits(
        loss in 0..LOSSES.len(),
        any in any::<bool>(),
        bad in any::<bool>(),
        rows in prop_oneof![0usize..3000, (1usize..12).prop_map(|k| k * CHUNK)],
        cuts in prop::collection::vec(prop_oneof![any::<prop::sample::Index>().prop_map(Ok), (0usize..12).prop_map(Err)], 0..12),
        skip in prop_oneof![Just(0usize), 1usize..400],
        seed in any::<u64>(),
    ) {
        let order = if any { Order::Any } else { Order::Row };
        let mut own = Setting::new(LOSSES[loss].0, order, rows, bad);
        if skip > 0 {
            own.skipped = (0..rows).map(|k| k % skip == skip / 2).collect();
        }
        let cuts: Vec<usize> = cuts.into_iter().map(|cut| match cut {
            Ok(index) => index.index(rows + 1),
            Err(chunks) => (chunks * CHUNK).min(rows),
        }).collect();
        let whole = own.part(0..rows);
        let parts = own.parts(&cuts);
        // Through bytes, as between processes.
        let parts: Vec<Partial> = parts.iter().map(|part| Partial::from_bytes(&part.to_bytes()).unwrap()).collect();
        prop_assert_eq!(&Partial::merge_all(parts.iter().rev().cloned()).unwrap(), &whole);
        prop_assert_eq!(&merged(parts, seed), &whole);
    }
}

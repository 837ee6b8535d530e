//! False claims made from templates, each with a border, a branch, a radical or a power of a negative base planted far from
//! where anyone looks, and a true claim of the same form beside each.

use super::super::{Literals, Proof, prove};
use super::flat;
use super::mutants::Numbers;

/// Primes beyond those that are tried one by one.
const PRIMES: [u64; 8] = [1_009, 1_013, 10_007, 10_009, 100_003, 100_019, 1_000_003, 1_000_033];

/// A formula, one that it is equal to, and one that it is not.
type Twins = [(String, String); 2];

/// The false claim and the true one of a template, for whole numbers b and c above 0.
fn twins(template: usize, b: usize, c: usize, p: u64, q: u64) -> Option<Twins> {
    let far = 100 + b;
    let of = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let square = |n: u64| n * n;
    Some(match template {
        0 => [
            (format!("{c}*x"), format!("if(x < {far}, {c}*x, {c}*x + 1)")),
            (format!("{c}*x"), format!("if(x < {far}, {c}*x, {c}*x)")),
        ],
        1 => [
            (format!("abs(x + {far})"), format!("x + {far}")),
            (format!("abs({c}*x^2 + {far})"), format!("{c}*x^2 + {far}")),
        ],
        2 => [
            (format!("sqrt((x + {far})^2)"), format!("x + {far}")),
            (format!("sqrt((x + {far})^2)"), format!("abs(x + {far})")),
        ],
        3 => [
            (format!("x + if(sqrt({}) == sqrt({p})*sqrt({q}), {c}, 0)", p * q), "x".to_owned()),
            (format!("x + if(sqrt({}) == sqrt({p})*sqrt({q}), {c}, 0)", p * q), format!("x + {c}")),
        ],
        4 => [
            (format!("x + if(sqrt({}) == {p}, {c}, 0)", square(p)), "x".to_owned()),
            (format!("{c}*x*sqrt({})", square(p)), format!("{}*x", p * c as u64)),
        ],
        5 => [
            (format!("(x^floor(y/{far}))^0.5"), format!("x^(floor(y/{far})/2)")),
            (format!("exp({c}*y*floor(x))^0.5"), format!("exp({c}*y*floor(x)/2)")),
        ],
        6 => [
            (format!("max({c}*x, -{far})"), format!("{c}*x")),
            (format!("max(x^2 + {}, 2*{b}*x)", b * b), format!("x^2 + {}", b * b)),
        ],
        7 => [
            (format!("asin(sin(x/{far}))"), format!("x/{far}")),
            (format!("sin(asin(x/{far}))"), format!("x/{far}")),
        ],
        8 => [
            (format!("ln((x + {far})^2)/2"), format!("ln(abs(x + {far})) + if(x < -{far}, 1, 0)")),
            (format!("ln((x + {far})^2)/2"), format!("ln(abs(x + {far}))")),
        ],
        9 => [
            (format!("floor(x/{far} + {c})"), format!("floor((x + 1)/{far}) + {c}")),
            (format!("floor(x/{far} + {c})"), format!("floor(x/{far}) + {c}")),
        ],
        10 => [
            (format!("atan2({c}, x + {far})"), format!("atan({c}/(x + {far}))")),
            (format!("atan2(x, {far})"), format!("atan(x/{far})")),
        ],
        11 => [
            (format!("((x + {far})^4)^0.25"), format!("x + {far}")),
            (format!("((x + {far})^4)^0.5"), format!("(x + {far})^2")),
        ],
        12 => [
            (format!("sign(floor(x/{far} + 1/2)^2)"), "1".to_owned()),
            (format!("sign(x^2 + {far})"), "1".to_owned()),
        ],
        13 => {
            let sum = format!("sqrt({} + 2*sqrt({}))", p + q, p * q);
            [
                (sum.clone(), format!("sqrt({p}) + sqrt({q}) + 1e-25")),
                (format!("{sum}*x"), format!("(sqrt({p}) + sqrt({q}))*x")),
            ]
        }
        14 => {
            let sign = if b.is_multiple_of(2) { "" } else { "-" };
            let wrong = if b.is_multiple_of(2) { "-" } else { "" };
            [
                (format!("sin(x + {b}*pi)"), format!("{wrong}sin(x)")),
                (format!("sin(x + {b}*pi)"), format!("{sign}sin(x)")),
            ]
        }
        15 => [
            (format!("cbrt((x + {far})^6)"), format!("(x + {far})*abs(x + {far})")),
            (format!("cbrt({}*x^3)", far * far * far), format!("{far}*x")),
        ],
        16 => [
            (format!("ln(abs(x - {far})) + sign(x - {far})"), format!("ln(abs(x - {far})) - 1")),
            of(&format!("ln(x - {far}) + sign(x - {far})"), &format!("ln(x - {far}) + 1")),
        ],
        _ => return None,
    })
}

fn look(rounds: usize) {
    let mut numbers = Numbers(7);
    let (mut tried, mut proved) = (0, 0);
    for _ in 0..rounds {
        let (p, q) = loop {
            let two = [numbers.below(PRIMES.len()), numbers.below(PRIMES.len())];
            if two[0] < two[1] {
                break (PRIMES[two[0]], PRIMES[two[1]]);
            }
        };
        let (b, c) = (1 + numbers.below(900), 1 + numbers.below(50));
        for [wrong, right] in (0..).map_while(|template| twins(template, b, c, p, q)) {
            let found = |(a, b): &(String, String)| {
                prove(&flat(&format!("g(x, y) = [{a}, {b}]")), 0, 1, Literals::Nearest)
            };
            assert!(!matches!(found(&wrong), Proof::Proved { .. }), "{} is not {}", wrong.0, wrong.1);
            tried += 1;
            match found(&right) {
                Proof::Proved { .. } => proved += 1,
                why => println!("{} is {}: {why}", right.0, right.1),
            }
        }
    }
    println!("{proved} of {tried} true ones proved, none of as many false ones");
    assert!(proved * 10 >= tried * 9, "{proved} of {tried}");
}

#[test]
fn planted_faults_are_not_proved() {
    look(6);
}

/// `cargo test --release -p chainrule-prove three_thousand_planted -- --ignored --nocapture`
#[test]
#[ignore = "a longer run of the test above"]
fn three_thousand_planted_faults_are_not_proved() {
    look(180);
}

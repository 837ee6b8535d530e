//! Deriving by hand: whether derivatives that people write down can be checked.

use expr::{self, Function};

use super::claim::{Bound, Case, Claim as Said};
use super::figure::{Figure, Picture, Table};
use super::{Effort, Findings, Plan};
use harness::claims::{Claim, Options, Status, check};

pub(super) const PLAN: Plan = Plan {
    id: "hand",
    title: "By hand",
    about: "Derivatives that were worked out on paper, and the slips that people make in them: a sign, a factor 2 that is \
            dropped, an inner derivative that is forgotten, the slope of another input. `compare check` refutes at a \
            certified point, or proves.",
    run,
};

/// Functions of x and y, and both partial derivatives as worked out on paper.
const BY_HAND: [(&str, &str, &str); 8] = [
    ("sin(x*y) + exp(x/y)", "y*cos(x*y) + exp(x/y)/y", "x*cos(x*y) - x*exp(x/y)/y^2"),
    ("x^2*y + y^3", "2*x*y", "x^2 + 3*y^2"),
    ("ln(x^2 + y^2)", "2*x/(x^2 + y^2)", "2*y/(x^2 + y^2)"),
    ("tanh(x*y)", "y*(1 - tanh(x*y)^2)", "x*(1 - tanh(x*y)^2)"),
    ("x*exp(-y^2)", "exp(-y^2)", "-2*x*y*exp(-y^2)"),
    (
        "(x - y)/(1 + x^2*y^2)",
        "(1 + x*y^2*(2*y - x))/(1 + x^2*y^2)^2",
        "(-1 + x^2*y*(y - 2*x))/(1 + x^2*y^2)^2",
    ),
    ("sqrt(1 + x^2 + 3*y^2)", "x/sqrt(1 + x^2 + 3*y^2)", "3*y/sqrt(1 + x^2 + 3*y^2)"),
    (
        "(tanh(x*sin(1) + y) - cos(2))^2",
        "2*(tanh(x*sin(1) + y) - cos(2))*(1 - tanh(x*sin(1) + y)^2)*sin(1)",
        "2*(tanh(x*sin(1) + y) - cos(2))*(1 - tanh(x*sin(1) + y)^2)",
    ),
];

/// Slips, given the formula, that of the other input and the name of the input.
fn slips(own: &str, other: &str, input: &str) -> [(&'static str, String); 5] {
    [
        ("sign", format!("-({own})")),
        ("factor", format!("({own})/2")),
        ("inner derivative", format!("({own})*{input}")),
        ("other input", other.to_owned()),
        ("a term too many", format!("{own} + 1/1000")),
    ]
}

fn flat(text: &str) -> Function {
    let f = syntax::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    f.unroll(100_000).expect("a formula on paper is small")
}

fn run(effort: &Effort) -> Findings {
    let mut table = Table::new(&["function", "by", "claim", "slip", "verdict"]);
    let options = Options { seed: effort.seed, ..Options::default() };
    let (mut right, mut wrong) = ([0u32; 2], Vec::<(&str, [u32; 2])>::new());
    for (text, by_x, by_y) in BY_HAND.into_iter().take(effort.pick(2, 8, 8)) {
        let f = flat(&format!("f(x, y) = {text}"));
        for (input, name, own, other) in [(0, "x", by_x, by_y), (1, "y", by_y, by_x)] {
            let mut said = vec![("none", own.to_owned())];
            said.extend(slips(own, other, name));
            for (slip, formula) in said {
                let claim = Claim { input, formula: flat(&formula) };
                let Ok(mut found) = check(&f, &[claim], &options) else { continue };
                let status = found.remove(0).status;
                let word = match &status {
                    Status::Proved(_) => "proved",
                    Status::Refuted(_) => "refuted",
                    Status::Unknown { .. } => "not decided",
                };
                table.push([text, name, &formula, slip, word].map(str::to_owned).to_vec());
                let told = match slip {
                    "none" => &mut right,
                    slip => match wrong.iter().position(|(known, _)| *known == slip) {
                        Some(k) => &mut wrong[k].1,
                        None => {
                            wrong.push((slip, [0; 2]));
                            &mut wrong.last_mut().expect("just pushed").1
                        }
                    },
                };
                told[1] += 1;
                told[0] += u32::from(word == if slip == "none" { "proved" } else { "refuted" });
            }
        }
    }
    let case = |name: String, [told, all]: [u32; 2]| {
        Case::shown(name, f64::from(told) / f64::from(all), format!("{told} of {all}"))
    };
    let mut cases = vec![case("right ones proved".to_owned(), right)];
    cases.extend(wrong.into_iter().map(|(slip, told)| case(format!("{slip} refuted"), told)));
    let claim = Said {
        says: "Deriving by hand is tedious and goes wrong; at least what was derived can be checked.",
        quote: "This is very tedious, requiring lots of matrix calculus and paper",
        measure: "share of right derivatives that are proved, and of slips that are refuted; all of them",
        bound: Bound::AtLeast(1.0),
        cases,
    };
    let figure = Figure {
        name: "checked".to_owned(),
        title: "Derivatives from paper, and slips in them".to_owned(),
        about: "What was claimed, and what the check says.".to_owned(),
        picture: Picture::None,
        table,
    };
    Findings { claims: vec![claim], figures: vec![figure], outcome: None }
}

//! Claims with known truth: no false one is proved, no true one refuted, and most true ones are proved.

#![allow(clippy::print_stdout)] // which rows are missing is what a reader looks for

use expr::{self, Function, UnrollError};
use harness::claims::{Checked, Claim, Options, Status, check, check_every};
use syntax::Reader;

/// A file of cases, or a message that it is not there.
fn cases(name: &str) -> Option<String> {
    let path = format!("{}/../../shared/cases/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!("skipped: no {path}");
    }
    text
}

/// Checks a claim as the program does, `x=…` or `x[j]=…`.
fn look_at(expression: &str, claim: &str, options: &Options) -> Result<Checked, String> {
    let f = syntax::parse(expression).map_err(|error| error.to_string())?;
    let (input, formula) = claim.split_once('=').ok_or("no claim")?;
    let read = |text: &str, more: &[String]| {
        let sizes = { f.graph().sizes().iter() }.chain(more).cloned().collect();
        Reader { sizes, ..Reader::default() }.parse(text).map_err(|error| error.to_string())
    };
    let element = read(input, &[])?;
    let formula = read(formula, element.graph().sizes())?;
    if !element.graph().sizes().is_empty() || !f.graph().sizes().is_empty() {
        let found = check_every(&f, &element, &formula, options);
        return found.map(|found| found.checked).map_err(|error| format!("{error:?}"));
    }
    let flat = |f: &Function| f.unroll(100_000).map_err(|error: UnrollError| error.to_string());
    let f = flat(&f)?;
    let input = f.input_names().iter().position(|name| name == input).ok_or("no such input")?;
    let claim = Claim { input, formula: flat(&formula)? };
    Ok(check(&f, &[claim], options).map_err(|error| error.to_string())?.remove(0))
}

fn word(status: &Status) -> &'static str {
    match status {
        Status::Proved(_) => "proved",
        Status::Refuted(_) => "refuted",
        Status::Unknown { .. } => "unknown",
    }
}

#[test]
fn claims_with_known_truth_are_told_right() {
    let Some(text) = cases("claims.tsv") else { return };
    let (mut right, mut proved, mut wrong) = (0, 0, Vec::new());
    for line in text.lines().skip(1).filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap_or_else(|| panic!("too few columns: {line}"));
        let [id, expression, claim, truth] = [next(), next(), next(), next()];
        let found = look_at(expression, claim, &Options::default());
        let found = found.unwrap_or_else(|error| panic!("{id}: {error}"));
        let status = word(&found.status);
        match truth {
            "true" => {
                right += 1;
                proved += usize::from(status == "proved");
                if status != "proved" {
                    println!("{id} is {status}: {expression}   {claim}   {:?}", found.status);
                }
                if status == "refuted" {
                    wrong.push(id);
                }
            }
            "false" if status == "proved" => wrong.push(id),
            // Where such a claim is proved, it must be said where it is wrong or not defined.
            "false-at-isolated-points"
                if status == "proved" && found.except.is_empty() && found.only_where.is_empty() =>
            {
                println!("{id} is proved without its exceptions: {expression}   {claim}");
            }
            "false" | "false-at-isolated-points" => {}
            other => panic!("{id}: truth {other}"),
        }
    }
    println!("{proved} of {right} right claims proved");
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(proved * 100 >= right * 80, "{proved} of {right} right claims proved");
}

/// A claim about every element and size with a border planted in it that no small size shows, and its twin without.
struct Planted {
    f: &'static str,
    input: &'static str,
    right: String,
    wrong: String,
}

/// Functions, and their derivatives by an element.
const DERIVATIVES: [(&str, &str, &str); 12] = [
    ("sum(i,1,n,x[i]^2)", "x[j]", "2*x[j]"),
    ("sum(i,1,n,i*x[i])", "x[j]", "j"),
    ("sum(i,1,n,sin(a*x[i]))", "x[j]", "a*cos(a*x[j])"),
    ("sum(i,1,n,exp(x[i])*y[i])", "x[j]", "exp(x[j])*y[j]"),
    ("sum(i,1,n,x[i])/n", "x[j]", "1/n"),
    ("sum(i,1,n,x[i])^2", "x[j]", "2*sum(i,1,n,x[i])"),
    ("sqrt(sum(i,1,n,x[i]^2))", "x[j]", "x[j]/sqrt(sum(i,1,n,x[i]^2))"),
    ("ln(sum(i,1,n,exp(x[i])))", "x[j]", "exp(x[j])/sum(i,1,n,exp(x[i]))"),
    ("sum(i,1,n,(x[i]-m)^2)", "x[j]", "2*(x[j]-m)"),
    ("sum(i,1,n-1,(x[i+1]-x[i])^2)", "x[j]", "if(j>1,2*(x[j]-x[j-1]),0)-if(j<n,2*(x[j+1]-x[j]),0)"),
    ("sum(i,1,n,sum(k,1,n,x[i]*A[i,k]*x[k]))", "x[j]", "sum(k,1,n,(A[j,k]+A[k,j])*x[k])"),
    ("prod(i,1,n,x[i])", "x[j]", "prod(i,1,n,if(i == j, 1, x[i]))"),
];

/// How borders are planted: of a derivative D, a border that is past all small sizes, and a wrong branch.
fn planted(k: usize) -> Planted {
    let (f, input, right) = DERIVATIVES[k % DERIVATIVES.len()];
    let border = 60 + (k * 37) % 240;
    let (d, e) = (format!("({right})"), format!("({right} + {})", 1 + k % 7));
    let (condition, never) = match (k / DERIVATIVES.len()) % 10 {
        0 => (format!("j < {border}.5"), "j < 1/2".to_owned()),
        1 => (format!("j < {}/2", 2 * border + 1), "2*j < 1".to_owned()),
        2 => (format!("n < {border}.25"), "n < 3/4".to_owned()),
        3 => (format!("j < exp({}/8)", 33 + k % 9), "j < exp(-1)".to_owned()),
        4 => (format!("j <= pi*{}", border / 3), "j <= pi/4".to_owned()),
        5 => (format!("-n > -{border}.125"), "-n > -0.875".to_owned()),
        6 => (format!("n - j < {border}.5"), "n - j < -0.5".to_owned()),
        7 => (format!("2*j != {}", 2 * border), "2*j != 2*j".to_owned()),
        8 => (format!("3*j - n < {border}"), "3*j - n < 3 - n".to_owned()),
        _ => (format!("j + n < {}", 2 * border), "j + n < 2".to_owned()),
    };
    // The twin has the same border, with equal branches written differently; or a condition that never holds.
    let right = match k % 3 {
        0 => format!("if({condition}, {d}, 0 + {d})"),
        1 => format!("if({never}, {e}, {d})"),
        _ => format!("if({condition}, 2*{d}, {d} + {d})/2"),
    };
    Planted { f, input, right, wrong: format!("if({condition}, {d}, {e})") }
}

/// Other ways of being wrong at a border only: in the range of a loop, at an end, at a neighbour.
const ENDS: [(&str, &str, &str, &str); 10] = [
    (
        "sum(i,1,n,x[i])^2",
        "x[j]",
        "2*sum(i,1,n,if(i < 150.5, x[i], x[i]))",
        "2*sum(i,1,n,if(i < 150.5, x[i], 0))",
    ),
    ("sum(i,1,n,x[i])^2", "x[j]", "2*(x[1] + sum(i,2,n,x[i]))", "2*(x[1] + sum(i,2,n-1,x[i]))"),
    (
        "prod(i,1,n,x[i])",
        "x[j]",
        "prod(i,1,j-1,x[i])*prod(i,j+1,n,x[i])",
        "prod(i,1,j-1,x[i])*prod(i,j+1,n-1,x[i])",
    ),
    (
        "sum(i,1,n-1,x[i]*x[i+1])",
        "x[j]",
        "if(j>=2,x[j-1],0)+if(n>j,x[j+1],0)",
        "if(j>=3,x[j-1],0)+if(n>j,x[j+1],0)",
    ),
    ("sum(i,1,n-1,x[i]*x[i+1])", "x[n]", "x[n-1]", "if(n < 90, x[n-1], x[n])"),
    (
        "sum(i,1,n-2,x[i]*x[i+2])",
        "x[j]",
        "if(j>2,x[j-2],0)+if(j<n-1,x[j+2],0)",
        "if(j>2,x[j-2],0)+if(j<n-2,x[j+2],0)",
    ),
    (
        "sum(i,1,n,x[i]^2)",
        "x[j]",
        "2*(sum(i,1,j,x[i])-sum(i,1,j-1,x[i]))",
        "2*(sum(i,1,j,x[i])-sum(i,2,j-1,x[i]))",
    ),
    ("sum(i,1,n,i*a)", "a", "n*(n+1)/2", "n*(n+1)/2 + if(n > 70.5, 1, 0)"),
    ("sum(i,1,n,x[n+1-i]*y[i])", "x[j]", "y[n+1-j]", "if(2*j == n + 101, y[j], y[n+1-j])"),
    ("sum(i,1,n,x[i]^2)", "x[1]", "2*x[1]", "2*x[1]*if(n == 77, 2, 1)"),
];

/// Proves twins and not their mutants; how many twins were proved, and of how many.
fn twins(pairs: impl Iterator<Item = Planted>) -> (usize, usize) {
    let options = Options { certified: 2, ..Options::default() };
    let (mut proved, mut all) = (0, 0);
    for Planted { f, input, right, wrong } in pairs {
        let found = look_at(f, &format!("{input}={wrong}"), &options);
        let found = found.unwrap_or_else(|error| panic!("{f} {wrong}: {error}"));
        assert_ne!(word(&found.status), "proved", "{f}: {input} = {wrong}");
        let found = look_at(f, &format!("{input}={right}"), &options);
        let found = found.unwrap_or_else(|error| panic!("{f} {right}: {error}"));
        assert_ne!(word(&found.status), "refuted", "{f}: {input} = {right}: {:?}", found.status);
        if word(&found.status) != "proved" {
            println!("not proved: {f}   {input}={right}   {:?}", found.status);
        }
        all += 1;
        proved += usize::from(word(&found.status) == "proved");
    }
    println!("{proved} of {all} twins proved");
    (proved, all)
}

fn ends() -> impl Iterator<Item = Planted> {
    ENDS.into_iter().map(|(f, input, right, wrong)| Planted {
        f,
        input,
        right: right.to_owned(),
        wrong: wrong.to_owned(),
    })
}

#[test]
fn planted_borders_of_indices_are_never_proved() {
    let (proved, all) = twins((0..1320).step_by(19).map(planted).chain(ends()));
    assert!(proved * 100 >= all * 80, "{proved} of {all}");
}

/// `cargo test --release -p chainrule-tests claims_cases -- --ignored --nocapture`
#[test]
#[ignore = "1,330 claims and their twins"]
fn many_planted_borders_of_indices_are_never_proved() {
    let (proved, all) = twins((0..1320).map(planted).chain(ends()));
    assert!(proved * 100 >= all * 80, "{proved} of {all}");
}

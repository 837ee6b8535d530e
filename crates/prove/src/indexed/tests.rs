//! Claims for every element and size that are right, and others that are wrong only at some border.

use expr::{Fold, Function};
use syntax::Reader;

use super::checker::linear::Region;
use super::checker::{Cases, Rewriting, Rule, accepts};
use super::search::Search;
use super::term::Term;
use super::{Indexed, IndexedClaim, Names, prove_indexed, question};
use crate::Literals;

/// A function, an element and a formula, read as the program does.
fn with_claim<T>(f: &str, element: &str, formula: &str, then: impl FnOnce(&IndexedClaim<'_>) -> T) -> T {
    let function = syntax::parse(f).unwrap();
    let sizes: Vec<String> =
        function.graph().sizes().iter().cloned().chain(["j", "k"].map(str::to_owned)).collect();
    let read = |text: &str| -> Function {
        let reader = Reader { sizes: sizes.clone(), ..Reader::default() };
        reader.parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    };
    let (element, formula) = (read(element), read(formula));
    let literals = Literals::Nearest;
    then(&IndexedClaim { function: &function, element: &element, formula: &formula, literals, nodes: 10_000 })
}

fn attempt(f: &str, element: &str, formula: &str) -> Indexed {
    with_claim(f, element, formula, prove_indexed)
}

const RIGHT: [(&str, &str, &str); 36] = [
    ("sum(i,1,n,x[i])/(n-5)", "x[j]", "1/(n-5)"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "2*x[j]"),
    ("sum(i,1,n,x[i]^2)", "x[n]", "2*x[n]"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "if(j < 30, x[j]+x[j], 2*x[j])"),
    ("sum(i,1,n-1,x[i]*x[i+1])", "x[n]", "x[n-1]"),
    ("sum(i,1,n-1,x[i]*x[i+1])", "x[1]", "x[2]"),
    ("sum(i,1,n-1,x[i]*x[i+1])", "x[j]", "if(j>1,x[j-1],0)+if(j<n,x[j+1],0)"),
    ("sum(i,1,n,x[i])/n", "x[j]", "1/n"),
    ("sum(i,1,n,x[i])^2", "x[j]", "2*sum(i,1,n,x[i])"),
    ("sum(i,1,n,i*x[i])", "x[j]", "j"),
    ("sqrt(sum(i,1,n,x[i]^2))", "x[j]", "x[j]/sqrt(sum(i,1,n,x[i]^2))"),
    ("ln(sum(i,1,n,exp(x[i])))", "x[j]", "exp(x[j])/sum(i,1,n,exp(x[i]))"),
    ("prod(i,1,n,x[i])", "x[j]", "prod(i,1,n,if(i == j, 1, x[i]))"),
    ("prod(i,1,n,x[i])", "x[j]", "prod(i,1,n,x[i])/x[j]"),
    ("sum(i,1,n,sum(k,1,n,x[i]*A[i,k]*x[k]))", "x[j]", "sum(k,1,n,(A[j,k]+A[k,j])*x[k])"),
    ("sum(i,1,n,(x[i]-m)^2)", "m", "-2*sum(i,1,n,x[i]-m)"),
    ("sum(i,1,n,x[i]^2)/n-(sum(i,1,n,x[i])/n)^2", "x[j]", "2*(x[j]-sum(i,1,n,x[i])/n)/n"),
    (
        "sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)",
        "x[j]",
        "if(j < n, -400*x[j]*(x[j+1] - x[j]^2) - 2*(1 - x[j]), 0) + if(j > 1, 200*(x[j] - x[j-1]^2), 0)",
    ),
    ("sum(i,1,n,i*x[i]^2)", "x[j]", "2*j*x[j]"),
    ("sum(i,1,n,x[n+1-i]*y[i])", "x[j]", "y[n+1-j]"),
    ("sum(i,1,n-2,x[i]*x[i+2])", "x[j]", "if(j>2,x[j-2],0)+if(j<=n-2,x[j+2],0)"),
    ("exp(-sum(i,1,n,x[i]^2)/2)", "x[j]", "-x[j]*exp(-sum(i,1,n,x[i]^2)/2)"),
    ("sum(i,1,n,(a*x[i]+b-y[i])^2)", "a", "2*sum(i,1,n,x[i]*(a*x[i]+b-y[i]))"),
    ("sum(i,1,n,(a*x[i]+b-y[i])^2)", "b", "2*(a*sum(i,1,n,x[i]) + n*b - sum(i,1,n,y[i]))"),
    ("sum(i,1,n,i*a)", "a", "n*(n+1)/2"),
    ("sum(i,1,n,x[i+1])", "x[j]", "if(j >= 2, 1, 0)"),
    ("sum(i,1,n,x^i)", "x", "sum(i,1,n,i*x^(i-1))"),
    ("sum(i,1,n,abs(x[i]))", "x[j]", "sign(x[j])"),
    ("sum(i,1,n,if(x[i] > 0, x[i]^2, 0))", "x[j]", "if(x[j] > 0, 2*x[j], 0)"),
    ("sum(i,1,n,sum(k,1,m,A[i,k]*x[k]))", "x[j]", "sum(i,1,n,A[i,j])"),
    ("sum(i,1,n,sum(k,1,m,A[i,k]*x[k]))", "A[j,k]", "x[k]"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "2*x[j]*if(j < 201/2, 1, 1)"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "2*(sum(i,1,j,x[i]) - sum(i,1,j-1,x[i]))"),
    ("sum(i,1,n,x[i])", "x[j]", "sum(i,1,n,if(i == j, 1, 0))"),
    (
        "exp(sum(i,1,n,sum(k,1,m,x[i]*A[i,k]*y[k])))",
        "x[j]",
        "sum(k,1,m,A[j,k]*y[k])*exp(sum(k,1,m,sum(i,1,n,y[k]*A[i,k]*x[i])))",
    ),
    ("sum(i,1,n,x[i+1])^2", "x[j]", "if(j > 1, 2*sum(i,2,n+1,x[i]), 0)"),
];

#[test]
fn right_claims_are_proved() {
    let failed: Vec<String> = RIGHT
        .iter()
        .filter_map(|(f, element, formula)| {
            let why = attempt(f, element, formula).proof.err()?;
            Some(format!("{f}  {element} = {formula}: {why}"))
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Each of them is right in all small cases, or in all but some.
const WRONG: [(&str, &str, &str); 33] = [
    // No value at one size or index, for every x.
    ("sum(i,1,n,x[i]^2)", "x[j]", "2*x[j]*(n-101)/(n-101)"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "2*x[j] + 0*ln(70.5-n)"),
    ("sum(i,1,n,x[i])^2", "x[j]", "2*sum(i,1,n,x[i]*(i-50)/(i-50))"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "if(j < 100.5, 2*x[j], 0)"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "if(j < 201/2, 2*x[j], 7)"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "if(j < exp(5), 2*x[j], 0)"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "2*x[j]*if(j < pi*100, 1, 0)"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "if(n < 100.5, 2*x[j], 7)"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "if(-n < -100.5, 0, 2*x[j])"),
    ("sum(i,1,n-1,x[i]*x[i+1])", "x[j]", "if(j>1,x[j-1],0)+if(j<n,x[j+1],0)*(j<200.5)"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "if(j < 100, 2*x[j], 0)"),
    ("sum(i,1,n-1,x[i]*x[i+1])", "x[j]", "x[j-1]+x[j+1]"),
    ("prod(i,1,n,x[i])", "x[j]", "prod(i,1,n,x[i])"),
    ("sum(i,1,n,sum(k,1,n,x[i]*A[i,k]*x[k]))", "x[j]", "2*sum(k,1,n,A[j,k]*x[k])"),
    // A place beyond the end that is multiplied by 0, and one that data exclude.
    ("sum(i,1,n,x[i]^2)", "x[j]", "2*x[j] + 0*x[j+1]"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "2*x[j] + sum(i,1,n,x[i+1] - x[i+1])"),
    // Signs that are 0 for every x, at one size or element.
    ("sum(i,1,n,x[i]^2)", "x[j]", "if((n-5)*x[j] == 0, 7, 2*x[j])"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "2*x[j]*sign((n-5)*x[j])^2"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "if(x[j] == x[1], 7, 2*x[j])"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "if(x[j] == x[n], 7, 2*x[j])"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "if(sum(i,1,j-1,x[i]) == 0, 7, 2*x[j])"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "if(sum(i,1,n,x[i]^2) == sum(i,1,n,x[i])^2, 7, 2*x[j])"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "2*x[j]*if(sin(n) < 0.9999, 1, 2)"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "2*x[j] + floor(n/101)"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "2*x[j]*if(x[1]*n > 300*x[1], 1, 1.5)"),
    // Borders of the ranges of loops in the claim.
    ("sum(i,1,n,x[i])", "x[j]", "sum(i,1,n,if(i == j, if(i < 77.5, 1, 2), 0))"),
    ("sum(i,1,n,x[i])^2", "x[j]", "2*sum(i,1,n,if(i < 120, x[i], 0))"),
    ("sum(i,1,n,x[i])^2", "x[j]", "2*sum(i,2,n,x[i])"),
    ("sum(i,1,n,i*a)", "a", "n*(n+1)/2 + if(n > 90.5, 1, 0)"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "if(j == n, 2*x[j] + 1, 2*x[j])"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "if(2*j == 87, 0, if(2*j == 88, 0, 2*x[j]))"),
    ("sum(i,1,n,x[i]^2)", "x[j]", "if(j*n < 5000, 2*x[j], 0)"),
    ("sum(i,1,n,x[i]^2)", "x[n]", "if(n > 150.5, 0, 2*x[n])"),
];

#[test]
fn claims_that_are_wrong_at_a_border_are_not_proved() {
    for (f, element, formula) in WRONG {
        let found = attempt(f, element, formula);
        assert!(found.proof.is_err(), "{f}  {element} = {formula}: {:#?}", found.proof);
    }
}

/// Both sides, the regions and the proofs of all claims that are right.
fn proofs() -> Vec<(Term, Term, Region, Cases)> {
    let mut all = Vec::new();
    for (f, element, formula) in RIGHT {
        with_claim(f, element, formula, |claim| {
            let names = Names::of(claim);
            let question =
                question(claim, &names).map_err(|(why, _)| why).unwrap_or_else(|why| panic!("{why}"));
            let mut search = Search::new(&question.actual, &question.claimed, &question.readings, &names.all);
            for region in &question.regions {
                let proof = search.prove(region).expect("it was proved");
                all.push((question.actual.clone(), question.claimed.clone(), region.clone(), proof));
            }
        });
    }
    all
}

/// Every proof that differs from this one by a change of one step.
fn altered(proof: &Cases, change: &dyn Fn(&Rewriting) -> Vec<Rewriting>) -> Vec<Cases> {
    match proof {
        Cases::Impossible => Vec::new(),
        Cases::Split(predicate, proofs) => {
            let mut all = Vec::new();
            for (k, proof) in proofs.iter().enumerate() {
                for changed in altered(proof, change) {
                    let mut proofs = proofs.clone();
                    proofs[k] = changed;
                    all.push(Cases::Split(predicate.clone(), proofs));
                }
            }
            all
        }
        Cases::Leaf(sides) => {
            let mut all = Vec::new();
            for side in 0..2 {
                for k in 0..sides[side].len() {
                    for changed in change(&sides[side][k]) {
                        let mut sides = sides.clone();
                        sides[side][k] = changed;
                        all.push(Cases::Leaf(sides));
                    }
                }
            }
            all
        }
    }
}

/// The proof with one of its case distinctions left out: what is shown in a case is said to hold in all.
fn without_a_condition(proof: &Cases) -> Vec<Cases> {
    let Cases::Split(predicate, proofs) = proof else { return Vec::new() };
    let mut all = proofs.clone();
    for (k, proof) in proofs.iter().enumerate() {
        for changed in without_a_condition(proof) {
            let mut proofs = proofs.clone();
            proofs[k] = changed;
            all.push(Cases::Split(predicate.clone(), proofs));
        }
    }
    all
}

#[test]
fn proofs_are_accepted_and_altered_ones_are_not() {
    let (mut accepted, mut rejected) = (0, 0);
    for (left, right, region, proof) in proofs() {
        assert!(accepts(&left, &right, &region, &proof));
        accepted += 1;
        let another_number = |step: &Rewriting| {
            let after = Term::Fold(Fold::Sum, vec![step.after.clone(), Term::integer(1)]);
            vec![Rewriting { after, ..step.clone() }]
        };
        let another_rule = |step: &Rewriting| {
            let others = Rule::ALL.into_iter().filter(|rule| *rule != step.rule);
            others.map(|rule| Rewriting { rule, ..step.clone() }).collect()
        };
        let mut wrong = altered(&proof, &another_number);
        wrong.extend(altered(&proof, &another_rule));
        wrong.extend(without_a_condition(&proof));
        for wrong in wrong {
            assert!(
                !accepts(&left, &right, &region, &wrong),
                "{left:?} = {right:?}: {wrong:?}, of {proof:?}"
            );
            rejected += 1;
        }
    }
    assert!(accepted >= RIGHT.len() && rejected > 2000, "{accepted} accepted, {rejected} rejected");
}

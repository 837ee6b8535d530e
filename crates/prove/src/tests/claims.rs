//! The claims of `../shared/cases/claims.tsv` on scalar inputs, judged by the prover alone.

use expr::{Builder, Function, Style};

use super::{Literals, Mode, Proof, differentiate, flat};

/// A derivative and a claim about it as two outputs of one function, in the inputs of the row.
pub(super) fn beside(expression: &str, claim: &str) -> (Function, usize) {
    let (input, claim) = claim.split_once('=').expect("an input and a formula");
    let f = flat(expression);
    let names = f.input_names();
    let input = names.iter().position(|name| name == input).expect("an input");
    let derivative = differentiate(&f, Mode::Reverse, 100_000).unwrap().function;
    let head = names.join(", ");
    let claim = flat(&format!("claim({head}) = {claim}"));
    let builder = Builder::resume(derivative.graph().clone(), Style::Written);
    let mut outputs = derivative.outputs().to_vec();
    let inputs: Vec<_> = (0..derivative.graph().blocks().len())
        .map(|k| builder.element(derivative.graph().block_named(&names[k]).expect("a scalar"), 0))
        .collect();
    outputs.extend(claim.evaluate(&builder, &inputs).into_iter().map(|claim| claim.id()));
    (builder.finish(outputs), 1 + input)
}

#[test]
fn claims_on_scalars() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/claims.tsv");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("no {path}: not looked at");
        return;
    };
    let (mut right, mut proved) = (0, 0);
    for line in text.lines().skip(1).filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [id, expression, claim, truth, ..] = columns.as_slice() else { panic!("{line}") };
        if claim.contains('[') || expression.contains('[') {
            continue;
        }
        let (f, actual) = beside(expression, claim);
        let found = super::super::prove(&f, actual, f.outputs().len() - 1, Literals::Nearest);
        let is_proved = matches!(found, Proof::Proved { .. });
        match *truth {
            "true" => {
                right += 1;
                proved += usize::from(is_proved);
                if !is_proved {
                    println!("{id} is not proved: {expression}, {claim}: {found}");
                }
            }
            "false" => assert!(!is_proved, "{id}: {expression} has no partial derivative {claim}: {found:?}"),
            _ => println!("{id}: {found}"),
        }
    }
    println!("{proved} of {right} proved");
    assert!(proved * 100 >= right * 90, "{proved} of {right} proved");
}

//! Our own language, and what derivatives are called there and in programs.

use super::Caption;
use symbolic::{Derivatives, Partial};

/// What all partials of one order together are called.
pub fn group(order: usize) -> &'static str {
    match order {
        1 => "gradient",
        2 => "hessian",
        _ => "derivatives",
    }
}

/// The array of all derivatives of one order; of order 0, the values.
pub(super) fn array(order: usize) -> String {
    match order {
        0 => "value".to_owned(),
        1 | 2 => group(order).to_owned(),
        _ => format!("order{order}"),
    }
}

/// `x, y, z`, and of many only some.
pub(super) fn listed(names: &[String]) -> String {
    match names {
        [first, second, third, .., last] if names.len() > 8 => {
            format!("{first}, {second}, {third}, …, {last} ({} inputs)", names.len())
        }
        _ => names.join(", "),
    }
}

/// A partial derivative of one of several outputs as a name: `df_dx`, `d2f_dx2`, `d2f_dx_dy`, `df2_dx` of the second output,
/// `df_dW_1_2`.
pub fn label(name: &str, output: usize, outputs: usize, by: &[&str]) -> String {
    let of = if outputs > 1 { format!("{name}{}", output + 1) } else { name.to_owned() };
    let power = |k: usize| if k > 1 { k.to_string() } else { String::new() };
    let mut label = format!("d{}{of}", power(by.len()));
    for group in by.chunk_by(|a, b| a == b) {
        let input = group[0].replace(['[', ','], "_").replace(']', "");
        label += &format!("_d{input}{}", power(group.len()));
    }
    label
}

/// The name of every partial of the highest order.
pub fn labels(derivatives: &Derivatives, name: &str) -> Vec<String> {
    let inputs = derivatives.names();
    let partials = derivatives.partials(derivatives.order);
    let label = |partial: &Partial| {
        let by: Vec<&str> = partial.by.iter().map(|&input| inputs[input].as_str()).collect();
        label(name, partial.output, derivatives.outputs, &by)
    };
    partials.iter().map(label).collect()
}

/// Every element of the array of one order, row after row: those that are mixed stand there for every order of mixing.
pub(super) fn full<T>(derivatives: &Derivatives, order: usize, element: impl Fn(usize) -> T) -> Vec<T> {
    let by = derivatives.by.len();
    let start = derivatives.range(order).start;
    let places: std::collections::HashMap<(usize, Vec<usize>), usize> = derivatives
        .partials(order)
        .into_iter()
        .enumerate()
        .map(|(k, partial)| ((partial.output, partial.by), start + k))
        .collect();
    let mut all = Vec::new();
    for output in 0..derivatives.outputs {
        for k in 0..by.pow(order as u32) {
            let mut inputs: Vec<usize> = (0..order).map(|m| k / by.pow(m as u32) % by).collect();
            inputs.sort_unstable();
            all.push(element(places[&(output, inputs)]));
        }
    }
    all
}

pub(super) fn text(derivatives: &Derivatives, caption: Caption<'_>) -> String {
    let labels = labels(derivatives, caption.name);
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    syntax::listing(&derivatives.highest(), group(derivatives.order), &labels, derivatives.sharing()) + "\n"
}

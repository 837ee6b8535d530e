//! Rust: one function of values and derivatives that depends on std alone.

use expr::{Constant, Op};

use super::identifiers::{Identifiers, blocks, reads};
use super::lower::lower;
use super::program::{Dialect, Writer, spell};
use super::statements::{ATOM, LOOSE, Piece, statements};
use super::{Caption, Inexpressible};
use crate::higher::Derivatives;

#[rustfmt::skip]
const DIALECT: Dialect = Dialect {
    name: "Rust",
    spellings: &[
        (Op::Pow,   "@1.powf(#2)", ATOM),
        (Op::Expm1, "@1.exp_m1()", ATOM),
        (Op::Log1p, "@1.ln_1p()",  ATOM),
    ],
    library: &[
        "sqrt", "cbrt", "hypot", "exp", "exp2", "ln", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "atan2",
        "sinh", "cosh", "tanh", "abs", "floor", "ceil", "round", "trunc",
    ],
    call: |name, arguments| {
        let rest: Vec<&str> = arguments[1..].iter().map(|piece| piece.text.as_str()).collect();
        format!("{}.{name}({})", spell("@1", arguments, ("(", ")")), rest.join(", "))
    },
    truth: |test| Piece::atom(format!("f64::from({test})")).testing(test),
    choice: |test, a, b| Piece::new(format!("if {test} {{ {} }} else {{ {} }}", a.text, b.text), LOOSE),
    constant,
    definitions: include_str!("helpers.rs"),
};

const RESERVED: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false",
    "fn", "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref",
    "return", "self", "Self", "static", "struct", "super", "trait", "true", "try", "type", "union", "unsafe",
    "use", "where", "while", "abstract", "become", "box", "do", "final", "macro", "override", "priv",
    "typeof", "unsized", "virtual", "yield", "f64", "std", "value", "gradient", "hessian",
];

fn constant(constant: &Constant, typed: bool) -> Piece {
    let value = constant.to_f64();
    if *constant == Constant::Pi {
        return Piece::atom("std::f64::consts::PI");
    }
    let suffix = if typed { "_f64" } else { "" };
    let strength = if value.is_sign_negative() { 4 } else { ATOM };
    Piece::new(format!("{value:?}{suffix}"), strength)
}

pub(super) fn rust(derivatives: &Derivatives, caption: Caption<'_>) -> Result<String, Inexpressible> {
    let f = lower(&derivatives.function);
    let mut names = Identifiers::new(RESERVED);
    let blocks = blocks(&f, &mut names);
    let mut writer = Writer::new(&DIALECT, reads(&blocks));
    let written = statements(&f, &mut writer)?;
    let parameters = blocks.iter().map(|(name, length, indexed)| match indexed {
        true => format!("{name}: &[f64; {length}]"),
        false => format!("{name}: f64"),
    });
    let parameters = parameters.collect::<Vec<_>>().join(", ");
    let name = names.make(&format!("{}_and_{}", caption.name, super::text::group(derivatives.order)));
    let by = derivatives.by.len();
    let value = list_type("f64", (derivatives.outputs > 1).then_some(derivatives.outputs));
    let kinds = (1..=derivatives.order).map(|order| {
        let inner = (0..order).fold("f64".to_owned(), |inner, _| list_type(&inner, Some(by)));
        list_type(&inner, (derivatives.outputs > 1).then_some(derivatives.outputs))
    });
    let kinds: Vec<String> = std::iter::once(value).chain(kinds).collect();
    let mut out = caption.comment("//");
    out += &format!(
        "//\n// Values and derivatives of {} by {}. Std is all it needs.\n\n",
        caption.name,
        super::text::listed(&derivatives.names())
    );
    out += "#[rustfmt::skip]\n#[allow(clippy::all, non_snake_case, unused_variables)]\n";
    out += &format!("pub fn {name}({parameters}) -> ({}) {{\n", kinds.join(", "));
    for (name, text) in &written.definitions {
        out += &format!("    let {name} = {text};\n");
    }
    let mut results = Vec::new();
    for order in 0..=derivatives.order {
        let all: Vec<String> = super::text::full(derivatives, order, |k| written.outputs[k].text.clone());
        let list = nested(&all, derivatives.outputs, by, order);
        let result = super::text::array(order);
        out += &format!("    let {result} = {list};\n");
        results.push(result);
    }
    out += &format!("    ({})\n}}\n", results.join(", "));
    for definition in writer.definitions() {
        out += &format!("\n{definition}\n");
    }
    Ok(out)
}

fn list_type(inner: &str, length: Option<usize>) -> String {
    length.map_or(inner.to_owned(), |length| format!("[{inner}; {length}]"))
}

/// The elements as nested arrays: output by output where there are several, then input by input.
fn nested(all: &[String], outputs: usize, by: usize, order: usize) -> String {
    let mut items = all.to_vec();
    let shape: Vec<usize> = std::iter::once(outputs).chain(std::iter::repeat_n(by, order)).collect();
    for (depth, &length) in shape.iter().enumerate().rev() {
        if depth == 0 && outputs == 1 {
            break;
        }
        let list = |chunk: &[String]| match chunk.iter().map(String::len).sum::<usize>() < 80 {
            true => format!("[{}]", chunk.join(", ")),
            false => format!("[\n        {},\n    ]", chunk.join(",\n        ")),
        };
        items = items.chunks(length).map(list).collect();
    }
    items.swap_remove(0)
}

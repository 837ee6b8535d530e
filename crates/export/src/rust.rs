//! Rust: one function of values and derivatives that depends on std alone.

use expr::{Constant, Op};

use super::identifiers::{Identifiers, blocks, reads};
use super::loops::{Syntax, row_major};
use super::lower::lower;
use super::program::{Dialect, Writer, spell};
use super::reserved;
use super::sized::{Layout, program, text};
use super::statements::{ATOM, LOOSE, Piece, statements};
use super::{Caption, Inexpressible};
use symbolic::Derivatives;
use symbolic::SizedDerivatives;

#[rustfmt::skip]
const DIALECT: Dialect = Dialect {
    name: "Rust",
    spellings: &[
        (Op::Pow,   "@1.powf(#2)", ATOM),
        (Op::Expm1, "@1.exp_m1()", ATOM),
        (Op::Log1p, "@1.ln_1p()",  ATOM),
        (Op::Mod,   "modulo(#1, #2)", ATOM),
        (Op::Rem,   "@1 % @2",     3),
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
    definitions: concat!(include_str!("helpers.rs"), "\n", include_str!("helpers_special.rs")),
};

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
    let mut names = Identifiers::new(reserved::RUST);
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

static SYNTAX: Syntax = Syntax {
    dialect: &DIALECT,
    element: |array, places, extents| match places {
        [] => format!("*{array}"),
        [first, rest @ ..] => {
            let at = row_major(first, rest, extents);
            format!("{array}[{} as usize]", at.within(ATOM, ("(", ")")))
        }
    },
    number: |whole| Piece::atom(format!("({} as f64)", whole.within(ATOM, ("(", ")")))),
    infinity: "f64::INFINITY",
};

const LAYOUT: Layout = Layout {
    define: |name, text| format!("let {name}: f64 = {text};"),
    variable: |name, text| format!("let mut {name}: f64 = {text};"),
    declare: |name| format!("let {name}: f64;"),
    end: ";",
    array: |name, extents| format!("let mut {name} = vec![0.0f64; ({}).max(0) as usize];", extents.join("*")),
    free: |_| String::new(),
    head: |index, low, high, _| format!("for {index} in {low}..={high} {{"),
    down: |index, low, high, _| format!("for {index} in ({low}..={high}).rev() {{"),
    test: |test| format!("if {test} {{"),
    otherwise: "} else {",
    nothing: "",
    close: "}",
};

/// A function of sizes, inputs, and slices for the derivatives; matrices are row after row.
pub(super) fn sized(found: &SizedDerivatives, caption: Caption<'_>) -> Result<String, Inexpressible> {
    let mut names = Identifiers::new(reserved::RUST);
    let name = names.own(&format!("{}_and_{}", caption.name, super::text::group(found.order)));
    let program = program(found, &SYNTAX, &mut names)?;
    let mut parameters: Vec<String> =
        { program.sizes.iter().chain(&program.lengths) }.map(|size| format!("{size}: usize")).collect();
    parameters.extend(program.inputs.iter().map(|array| match array.extents.is_empty() {
        true => format!("{}: f64", array.name),
        false => format!("{}: &[f64]", array.name),
    }));
    let one_value = found.outputs == 1;
    parameters.extend(program.arrays.iter().map(|(array, _)| match array.extents.is_empty() {
        true => format!("{}: &mut f64", array.name),
        false => format!("{}: &mut [f64]", array.name),
    }));
    let mut body = String::new();
    for name in program.sizes.iter().chain(&program.lengths) {
        body += &format!("    let {name} = {name} as isize;\n");
    }
    for (name, value) in &program.constants {
        body += &format!("    let {name} = {value}_isize;\n");
    }
    for ((array, _), extents) in program.arrays.iter().zip(&program.extents).filter(|((_, zero), _)| *zero) {
        body += &match extents.is_empty() {
            true => format!("    *{} = 0.0;\n", array.name),
            false => format!("    {}.fill(0.0);\n", array.name),
        };
    }
    body += &text(&program.lines, &LAYOUT, 1);
    let returned = match (one_value, program.values.as_slice()) {
        (true, [value]) => {
            body += &format!("    {value}\n");
            "f64".to_owned()
        }
        (_, values) => {
            body += &format!("    [{}]\n", values.join(", "));
            format!("[f64; {}]", values.len())
        }
    };
    let mut out = caption.comment("//");
    out += &format!(
        "//\n// Values and derivatives of {}, for every size; matrices are row after row. Std is all it needs.\n\n",
        caption.name
    );
    out += "#[rustfmt::skip]\n#[allow(clippy::all, non_snake_case, unused_variables, unused_assignments, unused_parens)]\n";
    out += &format!("pub fn {name}({}) -> {returned} {{\n{body}}}\n", parameters.join(", "));
    for definition in &program.definitions {
        out += &format!("\n{definition}\n");
    }
    Ok(out)
}

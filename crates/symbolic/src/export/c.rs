//! C: one function of C99 of values and derivatives that depends on `math.h` alone.

use expr::{Constant, Op};

use super::identifiers::{Identifiers, blocks, reads};
use super::lower::lower;
use super::program::{Dialect, Writer};
use super::statements::{ATOM, LOOSE, Piece, statements};
use super::{Caption, Inexpressible};
use crate::higher::Derivatives;

#[rustfmt::skip]
const DIALECT: Dialect = Dialect {
    name: "C",
    spellings: &[
        (Op::Abs, "fabs(#1)",    ATOM),
        (Op::Ln,  "log(#1)",     ATOM),
        (Op::Pow, "pow(#1, #2)", ATOM),
    ],
    library: &[
        "sqrt", "cbrt", "hypot", "exp", "exp2", "expm1", "log1p", "log2", "log10", "sin", "cos", "tan", "asin", "acos",
        "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "floor", "ceil", "round", "trunc", "erf", "erfc",
    ],
    call: |name, arguments| {
        let arguments: Vec<&str> = arguments.iter().map(|piece| piece.text.as_str()).collect();
        format!("{name}({})", arguments.join(", "))
    },
    truth: |test| Piece::new(test, 1).testing(test),
    choice: |test, a, b| Piece::new(format!("{test} ? {} : {}", a.text, b.text), LOOSE),
    constant,
    definitions: include_str!("helpers.c"),
};

const RESERVED: &[&str] = &[
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum",
    "extern", "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return",
    "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned", "void",
    "volatile", "while", "main", "value", "gradient", "hessian", "fabs", "log", "INFINITY", "NAN", "EOF",
    "NULL",
];

fn constant(constant: &Constant, _: bool) -> Piece {
    let value = constant.to_f64();
    Piece::new(format!("{value:?}"), if value.is_sign_negative() { 4 } else { ATOM })
}

pub(super) fn c(derivatives: &Derivatives, caption: Caption<'_>) -> Result<String, Inexpressible> {
    let f = lower(&derivatives.function);
    let mut names = Identifiers::new(RESERVED);
    let blocks = blocks(&f, &mut names);
    let mut writer = Writer::new(&DIALECT, reads(&blocks));
    let written = statements(&f, &mut writer)?;
    let mut parameters: Vec<String> = Vec::new();
    for (name, length, indexed) in &blocks {
        parameters.push(match indexed {
            true => format!("const double {name}[{}]", length.max(&1)),
            false => format!("double {name}"),
        });
    }
    let name = names.make(&format!("{}_and_{}", caption.name, super::text::group(derivatives.order)));
    let one_value = derivatives.outputs == 1;
    let mut body = String::new();
    for (name, text) in &written.definitions {
        body += &format!("    const double {name} = {text};\n");
    }
    for order in 0..=derivatives.order {
        let all = super::text::full(derivatives, order, |k| written.outputs[k].text.clone());
        let array = super::text::array(order);
        if order == 0 && one_value {
            continue;
        }
        parameters.push(format!("double {array}[{}]", all.len()));
        for (k, text) in all.iter().enumerate() {
            body += &format!("    {array}[{k}] = {text};\n");
        }
    }
    let returned = match one_value {
        true => {
            body += &format!("    return {};\n", written.outputs[0].text);
            "double"
        }
        false => "void",
    };
    let mut out = caption.comment("//");
    out += &format!(
        "//\n// Values and derivatives of {} by {}; of arrays row after row. C99; link with -lm.\n\n#include <math.h>\n",
        caption.name,
        super::text::listed(&derivatives.names())
    );
    for definition in writer.definitions() {
        out += &format!("\n{definition}\n");
    }
    out += &format!("\n{returned} {name}({}) {{\n{body}}}\n", parameters.join(", "));
    Ok(out)
}

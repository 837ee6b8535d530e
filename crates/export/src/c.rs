//! C: one function of C99 of values and derivatives that depends on `math.h` alone.

use expr::{Constant, Node, Op};

use super::identifiers::{Identifiers, blocks, reads};
use super::loops::{Syntax, row_major};
use super::lower::lower;
use super::program::{Dialect, Writer};
use super::reserved;
use super::sized::{Layout, freed, program, text};
use super::statements::{ATOM, LOOSE, Piece, statements};
use super::{Caption, Inexpressible};
use symbolic::Derivatives;
use symbolic::SizedDerivatives;

#[rustfmt::skip]
const DIALECT: Dialect = Dialect {
    name: "C",
    spellings: &[
        (Op::Abs, "fabs(#1)",    ATOM),
        (Op::Ln,  "log(#1)",     ATOM),
        (Op::Pow, "pow(#1, #2)", ATOM),
        (Op::Mod, "modulo(#1, #2)", ATOM),
        (Op::Rem, "fmod(#1, #2)", ATOM),
        (Op::Lgamma, "log_gamma(#1)", ATOM),
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
    definitions: concat!(include_str!("helpers.c"), "\n", include_str!("helpers_special.c")),
};

fn constant(constant: &Constant, _: bool) -> Piece {
    let value = constant.to_f64();
    Piece::new(format!("{value:?}"), if value.is_sign_negative() { 4 } else { ATOM })
}

pub(super) fn c(derivatives: &Derivatives, caption: Caption<'_>) -> Result<String, Inexpressible> {
    let f = lower(&derivatives.function);
    let mut names = Identifiers::new(reserved::C);
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
    for (k, (name, ..)) in blocks.iter().enumerate() {
        let read =
            f.graph().nodes().iter().any(|node| matches!(node, Node::Input(block, _) if block.index() == k));
        if !read {
            body += &format!("    (void){name};\n");
        }
    }
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

static SYNTAX: Syntax = Syntax {
    dialect: &DIALECT,
    element: |array, places, extents| match places {
        [] => format!("*{array}"),
        [first, rest @ ..] => {
            let at = row_major(first, rest, extents);
            format!("{array}[{}]", at.text)
        }
    },
    number: |whole| Piece::new(format!("(double){}", whole.within(ATOM, ("(", ")"))), 4),
    infinity: "INFINITY",
};

/// An array of zeros; a program without memory for it ends.
const ZEROS: &str = "
static double *chainrule_zeros(ptrdiff_t length) {
    double *all = calloc(length > 0 ? (size_t)length : 1, sizeof *all);
    if (all == NULL) {
        abort();
    }
    return all;
}
";

const LAYOUT: Layout = Layout {
    define: |name, text| format!("const double {name} = {text};"),
    variable: |name, text| format!("double {name} = {text};"),
    declare: |name| format!("double {name};"),
    end: ";",
    array: |name, extents| {
        let length = extents.join("*");
        format!("double *{name} = chainrule_zeros({length});")
    },
    free: |name| format!("free({name});"),
    head: |index, low, high, _| format!("for (ptrdiff_t {index} = {low}; {index} <= {high}; {index}++) {{"),
    down: |index, low, high, _| format!("for (ptrdiff_t {index} = {high}; {index} >= {low}; {index}--) {{"),
    test: |test| format!("if ({test}) {{"),
    otherwise: "} else {",
    nothing: "",
    close: "}",
};

/// A function of sizes, inputs, and arrays for the derivatives; arrays are row after row.
pub(super) fn sized(found: &SizedDerivatives, caption: Caption<'_>) -> Result<String, Inexpressible> {
    let mut names = Identifiers::new(reserved::C);
    let name = names.own(&format!("{}_and_{}", caption.name, super::text::group(found.order)));
    let program = program(found, &SYNTAX, &mut names)?;
    let mut parameters: Vec<String> =
        { program.sizes.iter().chain(&program.lengths) }.map(|size| format!("ptrdiff_t {size}")).collect();
    parameters.extend(program.inputs.iter().map(|array| match array.extents.is_empty() {
        true => format!("double {}", array.name),
        false => format!("const double *{}", array.name),
    }));
    let one_value = found.outputs == 1;
    if !one_value {
        parameters.push("double *value".to_owned());
    }
    parameters.extend(program.arrays.iter().map(|(array, _)| format!("double *{}", array.name)));
    let mut body = String::new();
    for (name, value) in &program.constants {
        body += &format!("    const ptrdiff_t {name} = {value};\n");
    }
    for ((array, _), extents) in program.arrays.iter().zip(&program.extents).filter(|((_, zero), _)| *zero) {
        body += &match extents.is_empty() {
            true => format!("    *{} = 0.0;\n", array.name),
            false => {
                let length = extents.join("*");
                format!("    memset({0}, 0, (size_t)({length})*sizeof *{0});\n", array.name)
            }
        };
    }
    body += &text(&program.lines, &LAYOUT, 1);
    let freed = freed(&program.lines, &LAYOUT, 1);
    match (one_value, program.values.as_slice()) {
        (true, [value]) if freed.is_empty() => body += &format!("    return {value};\n"),
        (true, [value]) => {
            let result = names.own("value");
            body += &format!("    const double {result} = {value};\n{freed}    return {result};\n");
        }
        (_, values) => {
            for (k, value) in values.iter().enumerate() {
                body += &format!("    value[{k}] = {value};\n");
            }
            body += &freed;
        }
    }
    let unused: String = program.unused(&body).iter().map(|name| format!("    (void){name};\n")).collect();
    let body = unused + &body;
    let mut out = caption.comment("//");
    out += &format!(
        "//\n// Values and derivatives of {}, for every size; of arrays row after row. C99; link with -lm.\n\n#include <math.h>\n#include <stddef.h>\n",
        caption.name
    );
    let arrays = body.contains("chainrule_zeros(");
    if arrays {
        out += "#include <stdlib.h>\n";
    }
    if body.contains("memset(") {
        out += "#include <string.h>\n";
    }
    if arrays {
        out += ZEROS;
    }
    for definition in &program.definitions {
        out += &format!("\n{definition}\n");
    }
    let returned = if one_value { "double" } else { "void" };
    out += &format!("\n{returned} {name}({}) {{\n{body}}}\n", parameters.join(", "));
    Ok(out)
}

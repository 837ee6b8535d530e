//! Python: one function of values and derivatives that depends on NumPy alone. Numbers are NumPy's, so that 1/0 is infinite.

use expr::{Constant, Op};

use super::identifiers::{Identifiers, blocks};
use super::loops::Syntax;
use super::lower::lower;
use super::program::{Dialect, Writer};
use super::reserved;
use super::sized::{Layout, program, text};
use super::statements::{ATOM, LOOSE, Piece, statements};
use super::{Caption, Inexpressible};
use symbolic::Derivatives;
use symbolic::SizedDerivatives;

#[rustfmt::skip]
const DIALECT: Dialect = Dialect {
    name: "Python",
    spellings: &[
        (Op::Ln,    "np.log(#1)",                 ATOM),
        (Op::Abs,   "np.abs(#1)",                 ATOM),
        (Op::Pow,   "(np.float64(#1) ** @2)",     ATOM),
        (Op::Asin,  "np.arcsin(#1)",              ATOM),
        (Op::Acos,  "np.arccos(#1)",              ATOM),
        (Op::Atan,  "np.arctan(#1)",              ATOM),
        (Op::Atan2, "np.arctan2(#1, #2)",         ATOM),
        (Op::Asinh, "np.arcsinh(#1)",             ATOM),
        (Op::Acosh, "np.arccosh(#1)",             ATOM),
        (Op::Atanh, "np.arctanh(#1)",             ATOM),
        (Op::Min,   "np.minimum(#1, #2)",         ATOM),
        (Op::Max,   "np.maximum(#1, #2)",         ATOM),
        (Op::Mod,   "modulo(#1, #2)",             ATOM),
        (Op::Rem,   "np.fmod(#1, #2)",            ATOM),
        (Op::Lgamma, "log_gamma(#1)",             ATOM),
        (Op::Relu,  "np.maximum(#1, 0.0)",        ATOM),
        (Op::Round, "round_half_away(#1)",        ATOM),
        (Op::Erf,   "np.float64(math.erf(#1))",   ATOM),
        (Op::Erfc,  "np.float64(math.erfc(#1))",  ATOM),
    ],
    library: &[
        "sqrt", "cbrt", "hypot", "exp", "exp2", "expm1", "log1p", "log2", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh",
        "floor", "ceil", "trunc",
    ],
    call: |name, arguments| {
        let arguments: Vec<&str> = arguments.iter().map(|piece| piece.text.as_str()).collect();
        format!("np.{name}({})", arguments.join(", "))
    },
    truth: |test| Piece::atom(format!("np.float64({test})")).testing(test),
    choice: |test, a, b| Piece::new(format!("{} if {test} else {}", a.within(1, ("(", ")")), b.text), LOOSE),
    constant,
    definitions: concat!(include_str!("helpers.py"), "\n", include_str!("helpers_special.py")),
};

fn constant(constant: &Constant, typed: bool) -> Piece {
    let value = constant.to_f64();
    match (*constant == Constant::Pi, typed) {
        (true, false) => Piece::atom("np.pi"),
        (true, true) => Piece::atom("np.float64(np.pi)"),
        (false, true) => Piece::atom(format!("np.float64({value:?})")),
        (false, false) => Piece::new(format!("{value:?}"), if value.is_sign_negative() { 4 } else { ATOM }),
    }
}

/// A comment that says where the text is from, and what it imports.
fn head(caption: Caption<'_>, what: &str, body: &str) -> String {
    let mut out = caption.comment("#");
    out += &format!("#\n# Values and derivatives of {}{what}. NumPy is all it needs.\n\n", caption.name);
    if body.contains("math.") {
        out += "import math\n";
    }
    out + "import numpy as np\n"
}

/// What an input is as NumPy sees it.
fn taken(name: &str, indexed: bool) -> String {
    match indexed {
        true => format!("    {name} = np.asarray({name}, dtype=np.float64)\n"),
        false => format!("    {name} = np.float64({name})\n"),
    }
}

/// The function: no warning is printed for what is infinite or no number.
fn function(name: &str, parameters: &[String], body: &str, definitions: &[&str]) -> String {
    let mut out = String::new();
    for definition in definitions {
        out += &format!("\n\n{definition}\n");
    }
    out + &format!("\n\n@np.errstate(all=\"ignore\")\ndef {name}({}):\n{body}", parameters.join(", "))
}

pub(super) fn python(derivatives: &Derivatives, caption: Caption<'_>) -> Result<String, Inexpressible> {
    let f = lower(&derivatives.function);
    let mut names = Identifiers::new(reserved::PYTHON);
    let blocks = blocks(&f, &mut names);
    let shapes: Vec<Vec<usize>> =
        f.graph().blocks().iter().map(|block| block.shape.clone().unwrap_or_default()).collect();
    let mut reads = Vec::new();
    for ((name, length, indexed), shape) in blocks.iter().zip(&shapes) {
        for offset in 0..*length {
            let mut rest = offset;
            let mut places: Vec<usize> = Vec::new();
            for extent in shape.iter().rev() {
                places.insert(0, rest % extent.max(&1));
                rest /= extent.max(&1);
            }
            let places: Vec<String> = places.iter().map(usize::to_string).collect();
            reads.push(if *indexed { format!("{name}[{}]", places.join(", ")) } else { name.clone() });
        }
    }
    let mut writer = Writer::new(&DIALECT, reads);
    let written = statements(&f, &mut writer)?;
    let name = names.own(&format!("{}_and_{}", caption.name, super::text::group(derivatives.order)));
    let parameters: Vec<String> = blocks.iter().map(|(name, ..)| name.clone()).collect();
    let mut body: String = blocks.iter().map(|(name, _, indexed)| taken(name, *indexed)).collect();
    for (name, text) in &written.definitions {
        body += &format!("    {name} = {text}\n");
    }
    let by = derivatives.by.len();
    let mut results = Vec::new();
    for order in 0..=derivatives.order {
        let all: Vec<String> = super::text::full(derivatives, order, |k| written.outputs[k].text.clone());
        let result = super::text::array(order);
        let shape: Vec<String> = { (derivatives.outputs > 1).then_some(derivatives.outputs).into_iter() }
            .chain(std::iter::repeat_n(by, order))
            .map(|extent| extent.to_string())
            .collect();
        body += &match shape.as_slice() {
            [] => format!("    {result} = {}\n", all[0]),
            [_] => format!("    {result} = np.array([{}])\n", all.join(", ")),
            shape => format!("    {result} = np.array([{}]).reshape({})\n", all.join(", "), shape.join(", ")),
        };
        results.push(result);
    }
    body += &format!("    return {}\n", results.join(", "));
    let what = format!(" by {}", super::text::listed(&derivatives.names()));
    let function = function(&name, &parameters, &body, &writer.definitions());
    Ok(head(caption, &what, &function) + &function)
}

static SYNTAX: Syntax = Syntax {
    dialect: &DIALECT,
    element: |array, places, _| match places {
        [] => array.to_owned(),
        places => {
            let places: Vec<&str> = places.iter().map(|place| place.text.as_str()).collect();
            format!("{array}[{}]", places.join(", "))
        }
    },
    number: |whole| Piece::atom(format!("np.float64({})", whole.text)),
    infinity: "np.inf",
};

const LAYOUT: Layout = Layout {
    define: |name, text| format!("{name} = {text}"),
    variable: |name, text| format!("{name} = {text}"),
    declare: |_| String::new(),
    end: "",
    array: |name, extents| match extents {
        [extent] => format!("{name} = np.zeros({extent})"),
        extents => format!("{name} = np.zeros(({}))", extents.join(", ")),
    },
    free: |_| String::new(),
    head: |index, low, _, end| format!("for {index} in range({low}, {end}):"),
    down: |index, _, high, end| format!("for {index} in range({high}, {end}, -1):"),
    test: |test| format!("if {test}:"),
    otherwise: "else:",
    nothing: "    pass",
    close: "",
};

/// A function of sizes and inputs that gives the value, then the derivatives in arrays of their shapes.
pub(super) fn sized(found: &SizedDerivatives, caption: Caption<'_>) -> Result<String, Inexpressible> {
    let mut names = Identifiers::new(reserved::PYTHON);
    let name = names.own(&format!("{}_and_{}", caption.name, super::text::group(found.order)));
    let program = program(found, &SYNTAX, &mut names)?;
    let parameters: Vec<String> = { program.sizes.iter().chain(&program.lengths).cloned() }
        .chain(program.inputs.iter().map(|array| array.name.clone()))
        .collect();
    let mut body: String =
        program.inputs.iter().map(|array| taken(&array.name, !array.extents.is_empty())).collect();
    for (name, value) in &program.constants {
        body += &format!("    {name} = {value}\n");
    }
    for ((array, zero), extents) in program.arrays.iter().zip(&program.extents) {
        body += &match (extents.as_slice(), zero) {
            ([], true) => format!("    {} = np.float64(0.0)\n", array.name),
            ([], false) => String::new(),
            ([extent], _) => format!("    {} = np.zeros({extent})\n", array.name),
            (extents, _) => format!("    {} = np.zeros(({}))\n", array.name, extents.join(", ")),
        };
    }
    body += &text(&program.lines, &LAYOUT, 1);
    let value = match program.values.as_slice() {
        [value] if found.outputs == 1 => value.clone(),
        values => format!("np.array([{}])", values.join(", ")),
    };
    let results: Vec<String> =
        std::iter::once(value).chain(program.arrays.iter().map(|(array, _)| array.name.clone())).collect();
    body += &format!("    return {}\n", results.join(", "));
    let function = function(&name, &parameters, &body, &program.definitions);
    Ok(head(caption, ", for every size", &function) + &function)
}

//! LaTeX: aligned equations, shared parts first.

mod sized;

use sized::equations;
pub(super) use sized::{function, sized};

use expr::{Constant, Fold, Form, Op};
use syntax::LONG;

use super::program::{Spelling, spell};
use super::statements::{ATOM, LOOSE, Language, Piece, statements};
use super::{Caption, Inexpressible};
use symbolic::{Derivatives, Partial};

/// How mathematics writes what is no function's name in brackets. A fraction holds together in a product, not as a base.
#[rustfmt::skip]
const SPELLINGS: &[Spelling] = &[
    (Op::Div,      r"\frac{#1}{#2}",                          4),
    (Op::Recip,    r"\frac{1}{#1}",                           4),
    (Op::Pow,      r"@1^{#2}",                                5),
    (Op::Powi,     r"@1^{#2}",                                5),
    (Op::Square,   r"@1^{2}",                                 5),
    (Op::Sqrt,     r"\sqrt{#1}",                              ATOM),
    (Op::Cbrt,     r"\sqrt[3]{#1}",                           ATOM),
    (Op::Hypot,    r"\sqrt{@1^{2} + @2^{2}}",                 ATOM),
    (Op::Abs,      r"\left|#1\right|",                        ATOM),
    (Op::Floor,    r"\left\lfloor #1\right\rfloor",           ATOM),
    (Op::Ceil,     r"\left\lceil #1\right\rceil",             ATOM),
    (Op::Exp,      r"e^{#1}",                                 5),
    (Op::Exp2,     r"2^{#1}",                                 5),
    (Op::Expmsq,   r"e^{-@1^{2}}",                            5),
    (Op::Expm1,    r"e^{#1} - 1",                             2),
    (Op::Log1p,    r"\ln\left(1 + #1\right)",                 ATOM),
    (Op::Log2,     r"\log_{2}\left(#1\right)",                ATOM),
    (Op::Log10,    r"\log_{10}\left(#1\right)",               ATOM),
    (Op::Asin,     r"\arcsin\left(#1\right)",                 ATOM),
    (Op::Acos,     r"\arccos\left(#1\right)",                 ATOM),
    (Op::Atan,     r"\arctan\left(#1\right)",                 ATOM),
    (Op::Asinh,    r"\operatorname{arsinh}\left(#1\right)",   ATOM),
    (Op::Acosh,    r"\operatorname{arcosh}\left(#1\right)",   ATOM),
    (Op::Atanh,    r"\operatorname{artanh}\left(#1\right)",   ATOM),
    (Op::Xlogy,    r"@1 \, \ln\left(#2\right)",               3),
    (Op::Asec,     r"\operatorname{arcsec}\left(#1\right)",   ATOM),
    (Op::Acsc,     r"\operatorname{arccsc}\left(#1\right)",   ATOM),
    (Op::Log1mexp, r"\ln\left(1 - e^{#1}\right)",             ATOM),
    (Op::Logit,    r"\operatorname{logit}\left(#1\right)",    ATOM),
    (Op::Lgamma,   r"\ln\Gamma\left(#1\right)",              ATOM),
    (Op::Polygamma, r"\psi^{\left(#2\right)}\left(#1\right)", ATOM),
    (Op::Lbeta,    r"\ln\mathrm{B}\left(#1, #2\right)",      ATOM),
    (Op::Digammadiff, r"\psi^{\left(#3\right)}\left(#1\right) - \psi^{\left(#3\right)}\left(@1 + @2\right)", 2),
    (Op::Erfinv,   r"\operatorname{erf}^{-1}\left(#1\right)", ATOM),
    (Op::Normcdf,  r"\Phi\left(#1\right)",                    ATOM),
    (Op::Lognormcdf, r"\ln\Phi\left(#1\right)",              ATOM),
    (Op::Sinc,     r"\operatorname{sinc}^{\left(#2\right)}\left(#1\right)", ATOM),
    (Op::Mills,    r"M_{#2}\left(#1\right)",                  ATOM),
    (Op::Mod,      r"@1 \bmod @2",                            3),
    (Op::Sigmoid,  r"\sigma\left(#1\right)",                  ATOM),
];

/// Functions that LaTeX knows by our names.
const COMMANDS: &[&str] = &["sin", "cos", "tan", "sinh", "cosh", "tanh", "ln", "min", "max"];

/// Names that are letters of another alphabet.
#[rustfmt::skip]
const GREEK: &[&str] = &[
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Sigma",
    "Phi", "Psi", "Omega",
];

const BRACKETS: (&str, &str) = (r"\left(", r"\right)");

struct Writer {
    inputs: Vec<String>,
    /// What shared parts are called.
    part: &'static str,
    /// Parts of so few operators are repeated.
    repeated: u32,
}

impl Writer {
    fn sum(&self, sign: &str, strength: u8, a: &Piece, b: &Piece) -> Piece {
        let (a, b) = (a.within(strength, BRACKETS), b.within(strength + 1, BRACKETS));
        Piece::new(format!("{a} {sign} {b}"), strength)
    }

    /// Factors next to each other; a point where a digit would seem to belong to the one before.
    fn product(&self, a: &Piece, b: &Piece) -> Piece {
        let (a, b) = (a.within(3, BRACKETS), b.within(4, BRACKETS));
        let dot = b.starts_with(|c: char| c.is_ascii_digit())
            || b.starts_with(r"\frac") && a.ends_with(|c: char| c.is_ascii_digit());
        Piece::new(format!("{a} {} {b}", if dot { r"\cdot" } else { r"\," }), 3)
    }

    fn infix(&self, sign: &str, strength: u8, a: &Piece, b: &Piece) -> Piece {
        match (sign, strength) {
            ("*", _) => self.product(a, b),
            (sign, 1) => {
                let sign = match sign {
                    "<=" => r"\le",
                    ">=" => r"\ge",
                    "==" => "=",
                    "!=" => r"\ne",
                    sign => sign,
                };
                let test = self.sum(sign, 2, a, b).text;
                // Iverson's bracket: 1 where it holds, else 0.
                Piece::atom(format!(r"\left[{test}\right]")).testing(test)
            }
            (sign, strength) => self.sum(sign, strength, a, b),
        }
    }
}

impl Language for Writer {
    fn constant(&self, constant: &Constant, _: bool) -> Piece {
        let text = match constant {
            Constant::Pi => r"\pi".to_owned(),
            constant => constant.to_string(),
        };
        match text.split_once('e').filter(|(mantissa, _)| !mantissa.is_empty()) {
            Some(("1", exponent)) => Piece::new(format!("10^{{{exponent}}}"), 5),
            Some((mantissa, exponent)) => Piece::new(
                format!(r"{mantissa} \cdot 10^{{{exponent}}}"),
                if constant.is_negative() { 2 } else { 3 },
            ),
            None => Piece::new(text, if constant.is_negative() { 2 } else { ATOM }),
        }
    }

    fn input(&self, position: usize) -> Piece {
        Piece::atom(self.inputs[position].clone())
    }

    fn apply(&mut self, op: Op, arguments: &[Piece]) -> Result<Piece, Inexpressible> {
        if op == Op::Select {
            let number = format!(r"{} \ne 0", arguments[0].text);
            let test = arguments[0].test.as_ref().unwrap_or(&number);
            let (a, b) = (&arguments[1].text, &arguments[2].text);
            let cases = format!(
                r"\begin{{cases}} {a} & \text{{if }} {test} \\ {b} & \text{{otherwise}} \end{{cases}}"
            );
            return Ok(Piece::new(cases, LOOSE));
        }
        if op == Op::Neg {
            return Ok(Piece::new(format!("-{}", arguments[0].within(3, BRACKETS)), 2));
        }
        if let Some((_, spelling, strength)) = SPELLINGS.iter().find(|(own, ..)| *own == op) {
            return Ok(Piece::new(spell(spelling, arguments, BRACKETS), *strength));
        }
        if let Form::Infix(sign, strength) = op.form() {
            return Ok(self.infix(sign, strength, &arguments[0], &arguments[1]));
        }
        let name = op.name();
        let head = match COMMANDS.contains(&name) {
            true => format!(r"\{name}"),
            false => format!(r"\operatorname{{{name}}}"),
        };
        let arguments: Vec<&str> = arguments.iter().map(|piece| piece.text.as_str()).collect();
        Ok(Piece::atom(format!(r"{head}\left({}\right)", arguments.join(", "))))
    }

    fn fold(&mut self, fold: Fold, terms: &[Piece]) -> Result<Piece, Inexpressible> {
        let Form::Infix(sign, strength) = fold.op().form() else { return self.apply(fold.op(), terms) };
        let two = |a: Piece, b: Piece| self.infix(sign, strength, &a, &b);
        Ok(terms.iter().cloned().reduce(two).expect("a fold has terms"))
    }

    fn bound(&self, k: usize) -> String {
        format!("{}_{{{k}}}", self.part)
    }

    fn repeated(&self) -> u32 {
        self.repeated
    }

    fn longest(&self) -> usize {
        240
    }
}

/// A name as mathematics writes it: `x_{1}` for x1 and x[1], `\theta` for theta, upright where it is a word.
fn symbol(name: &str) -> String {
    let (name, mut indices) = match name.split_once('[') {
        Some((name, indices)) => (name, vec![indices.trim_end_matches(']').to_owned()]),
        None => (name, Vec::new()),
    };
    let primes = name.len() - name.trim_end_matches('\'').len();
    let mut stem = name.trim_end_matches('\'');
    if let Some((head, tail)) =
        stem.split_once('_').filter(|(head, tail)| !head.is_empty() && !tail.is_empty())
    {
        indices.insert(0, tail.replace('_', r"\_"));
        stem = head;
    } else {
        let head = stem.trim_end_matches(|c: char| c.is_ascii_digit());
        if !head.is_empty() && head.len() < stem.len() {
            indices.insert(0, stem[head.len()..].to_owned());
            stem = head;
        }
    }
    let stem = match stem {
        letter if letter.chars().count() == 1 && letter != "_" => letter.to_owned(),
        letter if GREEK.contains(&letter) => format!(r"\{letter}"),
        word => format!(r"\mathrm{{{}}}", word.replace('_', r"\_")),
    };
    let primes = "'".repeat(primes);
    match indices.is_empty() {
        true => stem + &primes,
        false => format!("{stem}{primes}_{{{}}}", indices.join(",")),
    }
}

/// `\frac{\partial^{2} f}{\partial x\,\partial y}`; of a function of one input with straight d.
fn derivative(partial: &Partial, outputs: usize, name: &str, inputs: &[String], alone: bool) -> String {
    let d = if alone { r"\mathrm{d}" } else { r"\partial" };
    let of = if outputs > 1 { format!("{}_{{{}}}", symbol(name), partial.output + 1) } else { symbol(name) };
    let power = |k: usize| if k > 1 { format!("^{{{k}}}") } else { String::new() };
    let below: Vec<String> = { partial.by.chunk_by(|a, b| a == b) }
        .map(|group| format!("{d} {}{}", inputs[group[0]], power(group.len())))
        .collect();
    format!(r"\frac{{{d}{} {of}}}{{{}}}", power(partial.by.len()), below.join(r"\,"))
}

pub(super) fn latex(derivatives: &Derivatives, caption: Caption<'_>) -> Result<String, Inexpressible> {
    let f = derivatives.highest();
    let names = f.input_names();
    let inputs: Vec<String> = names.iter().map(|name| symbol(name)).collect();
    let taken = |part: &str| f.graph().blocks().iter().any(|block| block.name.starts_with(part));
    let part = ["t", "u", "v", "w"].into_iter().find(|part| !taken(part)).unwrap_or(r"\tau");
    // Of so many operators and as many names are parts that text would not name either.
    let repeated = if derivatives.readable { LONG / 2 } else { 1 };
    let written = statements(&f, &mut Writer { inputs: inputs.clone(), part, repeated })?;
    let by: Vec<String> = derivatives.by.iter().map(|&input| inputs[input].clone()).collect();
    let mut lines: Vec<(String, String)> = written.definitions;
    for (partial, piece) in derivatives.partials(derivatives.order).iter().zip(written.outputs) {
        let left = derivative(partial, derivatives.outputs, caption.name, &by, inputs.len() == 1);
        lines.push((left, piece.text));
    }
    Ok(equations(&lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_mathematics() {
        for (name, expected) in [
            ("x", "x"),
            ("x1", "x_{1}"),
            ("x[3]", "x_{3}"),
            ("W[1,2]", "W_{1,2}"),
            ("theta", r"\theta"),
            ("p_0", "p_{0}"),
            ("rate", r"\mathrm{rate}"),
            ("y'", "y'"),
            ("t2[4]", "t_{2,4}"),
            ("_", r"\mathrm{\_}"),
        ] {
            assert_eq!(symbol(name), expected);
        }
    }
}

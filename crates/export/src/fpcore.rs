//! FPCore: a core for every derivative, since a core has one value.

use expr::{Constant, Fold, Form, Op};

use super::identifiers::Identifiers;
use super::program::{Spelling, spell};
use super::statements::{ATOM, Language, Piece, statements};
use super::text::labels;
use super::{Caption, Inexpressible};
use symbolic::Derivatives;

/// What FPCore calls otherwise, or says in other words.
#[rustfmt::skip]
const SPELLINGS: &[Spelling] = &[
    (Op::Abs,      "(fabs #1)",                                                                     ATOM),
    (Op::Ln,       "(log #1)",                                                                      ATOM),
    (Op::Pow,      "(pow #1 #2)",                                                                   ATOM),
    (Op::Powi,     "(pow #1 #2)",                                                                   ATOM),
    (Op::Square,   "(* #1 #1)",                                                                     ATOM),
    (Op::Recip,    "(/ 1 #1)",                                                                      ATOM),
    (Op::Sign,     "(if (> #1 0) 1 (if (< #1 0) -1 (* 0 #1)))",                                     ATOM),
    (Op::Min,      "(fmin #1 #2)",                                                                  ATOM),
    (Op::Max,      "(fmax #1 #2)",                                                                  ATOM),
    (Op::Clamp,    "(fmin (fmax #1 #2) #3)",                                                        ATOM),
    (Op::Relu,     "(fmax #1 0)",                                                                   ATOM),
    (Op::Sigmoid,  "(if (< #1 0) (/ (exp #1) (+ 1 (exp #1))) (/ 1 (+ 1 (exp (- #1)))))",            ATOM),
    (Op::Softplus, "(+ (fmax #1 0) (log1p (exp (- (fabs #1)))))",                                   ATOM),
    (Op::Sech,     "(/ (* 2 (exp (- (fabs #1)))) (+ 1 (exp (* -2 (fabs #1)))))", ATOM),
    (Op::Csch,     "(if (< (fabs #1) 700) (/ 1 (sinh #1)) (if (< #1 0) (* -2 (exp #1)) (* 2 (exp (- #1)))))", ATOM),
    (Op::Asec,     "(atan2 (* (sqrt (- (fabs #1) 1)) (sqrt (+ (fabs #1) 1))) (if (< #1 0) -1 1))", ATOM),
    (Op::Acsc,     "(if (< #1 0) (- (atan2 1 (* (sqrt (- (fabs #1) 1)) (sqrt (+ (fabs #1) 1))))) (atan2 1 (* (sqrt (- (fabs #1) 1)) (sqrt (+ (fabs #1) 1)))))", ATOM),
    (Op::Rem,      "(fmod #1 #2)", ATOM),
    (Op::Mod,      "(if (and (< (fmod #1 #2) 0) (> #2 0)) (+ (fmod #1 #2) #2) (if (and (> (fmod #1 #2) 0) (< #2 0)) (+ (fmod #1 #2) #2) (fmod #1 #2)))", ATOM),
    (Op::Logit,    "(if (and (<= 0.25 #1) (<= #1 0.75)) (log1p (/ (- (+ #1 #1) 1) (- 1 #1))) (log (/ #1 (- 1 #1))))", ATOM),
    (Op::Log1mexp, "(if (> #1 -0.6931471805599453) (log (- (expm1 #1))) (log1p (- (exp #1))))", ATOM),
    (Op::Normcdf,  "(/ (erfc (/ (- #1) (sqrt 2))) 2)", ATOM),
    (Op::Expmsq,   "(exp (- (* #1 #1)))",                                                           ATOM),
    (Op::Xlogy,    "(if (and (== #1 0) (== #2 #2)) 0 (* #1 (log #2)))",                             ATOM),
];

/// Operators of FPCore 2.0 that have our names.
const LIBRARY: &[&str] = &[
    "sqrt", "cbrt", "hypot", "exp", "exp2", "expm1", "log1p", "log2", "log10", "sin", "cos", "tan", "asin",
    "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "floor",
    "ceil", "round", "trunc",
];

struct Writer {
    inputs: Vec<String>,
}

fn call(head: &str, arguments: &[Piece]) -> Piece {
    let arguments: Vec<&str> = arguments.iter().map(|piece| piece.text.as_str()).collect();
    Piece::atom(format!("({head} {})", arguments.join(" ")))
}

impl Language for Writer {
    fn constant(&self, constant: &Constant, _: bool) -> Piece {
        Piece::atom(match constant {
            Constant::Pi => "PI".to_owned(),
            Constant::E => "E".to_owned(),
            constant => constant.to_string(),
        })
    }

    fn input(&self, position: usize) -> Piece {
        Piece::atom(self.inputs[position].clone())
    }

    fn apply(&mut self, op: Op, arguments: &[Piece]) -> Result<Piece, Inexpressible> {
        if op == Op::Select {
            let number = format!("(!= {} 0)", arguments[0].text);
            let test = arguments[0].test.as_ref().unwrap_or(&number);
            return Ok(Piece::atom(format!("(if {test} {} {})", arguments[1].text, arguments[2].text)));
        }
        if let Some((_, spelling, strength)) = SPELLINGS.iter().find(|(own, ..)| *own == op) {
            return Ok(Piece::new(spell(spelling, arguments, ("", "")), *strength));
        }
        match op.form() {
            // A comparison is a truth, not a number.
            Form::Infix(sign, 1) => {
                let test = call(sign, arguments).text;
                Ok(Piece::atom(format!("(if {test} 1 0)")).testing(test))
            }
            Form::Infix(sign, _) | Form::Prefix(sign, _) => Ok(call(sign, arguments)),
            Form::Call if LIBRARY.contains(&op.name()) => Ok(call(op.name(), arguments)),
            Form::Call => Err(Inexpressible::Operator { operator: op.name(), language: "FPCore" }),
        }
    }

    fn fold(&mut self, fold: Fold, terms: &[Piece]) -> Result<Piece, Inexpressible> {
        if let Form::Infix(sign, _) = fold.op().form() {
            return Ok(call(sign, terms));
        }
        let mut joined = terms[0].clone();
        for term in &terms[1..] {
            joined = self.apply(fold.op(), &[joined, term.clone()])?;
        }
        Ok(joined)
    }

    fn bound(&self, k: usize) -> String {
        format!("t{k}")
    }

    fn repeats(&self, op: Op) -> bool {
        let spelling = SPELLINGS.iter().find(|(own, ..)| *own == op);
        spelling.is_some_and(|(_, text, _)| ["#1", "#2", "#3"].iter().any(|k| text.matches(k).count() > 1))
    }
}

pub(super) fn fpcore(derivatives: &Derivatives, caption: Caption<'_>) -> Result<String, Inexpressible> {
    let mut names = Identifiers::new(&["let", "if", "PI", "E", "TRUE", "FALSE", "INFINITY", "NAN"]);
    let inputs: Vec<String> = derivatives
        .function
        .input_names()
        .iter()
        .map(|name| names.make(&name.replace(['[', ','], "_").replace(']', "")))
        .collect();
    let mut out = caption.comment(";");
    let start = derivatives.range(derivatives.order).start;
    for (k, label) in labels(derivatives, caption.name).iter().enumerate() {
        let output = derivatives.function.outputs()[start + k];
        let alone = derivatives.function.with_outputs(vec![output]);
        let written = statements(&alone, &mut Writer { inputs: inputs.clone() })?;
        let body = &written.outputs[0].text;
        out += &format!("\n(FPCore ({})\n  :name \"{label}\"\n", inputs.join(" "));
        if written.definitions.is_empty() {
            out += &format!("  {body})\n");
        } else {
            let bindings: Vec<String> =
                written.definitions.iter().map(|(name, text)| format!("[{name} {text}]")).collect();
            out += &format!("  (let* ({})\n    {body}))\n", bindings.join("\n         "));
        }
    }
    Ok(out)
}

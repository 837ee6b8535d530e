//! What a name is, and words that mean something: constants, functions and their other spellings, reserved words; and what
//! people write who look for one of them.

use crate::library::functions;

/// Whether a name may begin with this character.
pub(super) fn begins_name(c: char) -> bool {
    // Raised and lowered letters are exponents and indices to their writer.
    (c.is_alphabetic() || c == '_') && !('\u{2070}'..='\u{209f}').contains(&c)
}

/// Whether a name may go on with it.
pub(super) fn continues_name(c: char) -> bool {
    // Letters and decimal digits: `x²` is no name, and its writer means a power.
    begins_name(c) || c.is_ascii_digit() || c == '\''
}

/// The exact constants that have names.
pub(super) fn is_constant(name: &str) -> bool {
    matches!(name, "pi" | "π" | "e")
}

/// Words that no input, definition or index variable can be called.
pub(super) const RESERVED: [&str; 13] =
    ["pi", "π", "e", "let", "if", "and", "or", "not", "sum", "prod", "iterate", "scan", "until"];

pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// Whether a name directly before a parenthesis is a function of the library.
pub(crate) fn is_function(name: &str) -> bool {
    let name = plain(name);
    name == "diff" || functions().any(|function| function == name)
}

/// The name in the library of a function that is accepted in another spelling.
pub(super) fn plain(name: &str) -> &str {
    match name {
        "arcsin" => "asin",
        "arccos" => "acos",
        "arctan" => "atan",
        "arsinh" => "asinh",
        "arcosh" => "acosh",
        "artanh" => "atanh",
        name => name,
    }
}

/// What to write instead of a function of another language or notation.
pub(super) fn instead(name: &str) -> Option<&'static str> {
    if let Some(help) = crate::library::instead(name) {
        return Some(help);
    }
    let lower = name.to_lowercase();
    Some(match lower.as_str() {
        "norm2" => "write norm(x)",
        "inner" => "write dot(x, y)",
        "average" | "avg" => "write mean(x), or mean(i, 1, n, x[i])",
        "variance" => "write var(x)",
        "matmul" => "write A*B",
        "transposed" => "write transpose(A)",
        "product" => "write prod(i, 1, n, x[i])",
        "factorial" | "fact" => "write exp(lgamma(x + 1))",
        "binomial" | "choose" | "ncr" | "comb" | "binom" => {
            "write exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1))"
        }
        "tg" => "write tan(x)",
        "ctg" | "cotg" | "cotan" => "write cot(x)",
        "cosec" => "write csc(x)",
        "arctg" | "atg" | "tan_inv" | "inv_tan" => "write atan(x)",
        "arcsinh" => "write asinh(x)",
        "arccosh" => "write acosh(x)",
        "arctanh" => "write atanh(x)",
        "arcsec" => "write asec(x)",
        "arccsc" | "arccosec" => "write acsc(x)",
        "arccot" | "arcctg" | "arcot" => "write acot(x)",
        "sh" => "write sinh(x)",
        "ch" => "write cosh(x)",
        "th" | "tgh" => "write tanh(x)",
        "lg" | "log_10" => "write log10(x)",
        "ld" | "lb" | "log_2" => "write log2(x)",
        "log_e" | "loge" | "logn" | "nl" | "in" => "write ln(x)",
        "logb" => "write log(x, b)",
        "power" | "expt" => "write x^y",
        "sqr" => "write x^2",
        "cube" => "write x^3",
        "square_root" | "squareroot" | "rt" => "write sqrt(x)",
        "cuberoot" | "curt" => "write cbrt(x)",
        "nthroot" | "nroot" => "write root(x, n)",
        "fabs" | "absolute" | "magnitude" => "write abs(x)",
        "sgn" | "signum" => "write sign(x)",
        "int" | "fix" | "truncate" => "write trunc(x), or floor(x)",
        "ceiling" => "write ceil(x)",
        "frac" => "write x - floor(x)",
        "modulo" | "fmod" => "write mod(x, y), or rem(x, y) with the sign of x",
        "maximum" | "fmax" => "write max(x, y)",
        "minimum" | "fmin" => "write min(x, y)",
        "logistic" | "expit" => "write sigmoid(x)",
        "heaviside" | "step" => "write if(x < 0, 0, 1)",
        "where" | "cond" | "ifelse" | "iif" | "piecewise" | "cases" => {
            "write if(x < 0, a, b): the condition, the value where it holds, the value elsewhere"
        }
        "deg" | "degrees" => "write x*180/pi",
        "rad" | "radians" => "write x*pi/180; angles are in radians",
        "sind" => "write sin(x*pi/180)",
        "cosd" => "write cos(x*pi/180)",
        "tand" => "write tan(x*pi/180)",
        "derivative" | "deriv" | "d" | "der" | "grad" | "gradient" => "write diff(u, x)",
        "integrate" | "int_" | "integral" => {
            "functions are differentiated here; integrals are not part of the language"
        }
        "lim" | "limit" => "limits are not part of the language",
        "lngamma" | "gammaln" | "loggamma" => "write lgamma(x)",
        "psi" => "write digamma(x), or polygamma(n, x) for its derivative of order n",
        "phi" | "cdf" | "normal_cdf" | "ncdf" => "write normcdf(x)",
        "fma" => "write x*y + z",
        _ => return None,
    })
}

/// Whether an input of this name is more likely a function whose parentheses are missing, or a number that is none.
pub(super) fn is_unlikely_input(name: &str) -> bool {
    matches!(
        name,
        "sin"
            | "cos"
            | "tan"
            | "asin"
            | "acos"
            | "atan"
            | "sinh"
            | "cosh"
            | "tanh"
            | "exp"
            | "ln"
            | "log"
            | "sqrt"
            | "abs"
    ) || matches!(name, "inf" | "nan" | "infinity" | "Inf" | "NaN" | "Infinity")
}

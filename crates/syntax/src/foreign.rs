//! What is not of the language, though it is of others, and what to write instead.

use super::diagnostic::Diagnostic;
use super::keywords::continues_name;
use super::setting::Setting;

/// Signs of other languages, longer ones first, and what they are here.
const SIGNS: [(&str, &str); 14] = [
    ("===", "to compare, write =="),
    ("!==", "to compare, write !="),
    ("&&", "write `a and b`"),
    ("||", "write `a or b`; the absolute value is |x| or abs(x)"),
    ("<>", "write !="),
    ("=>", "write >="),
    ("=<", "write <="),
    (":=", "write ="),
    ("//", "the quotient without its fraction is floor(x/y); a comment begins with #"),
    ("->", "a function is written f(x) = …"),
    ("~=", "write !="),
    ("^^", "a power is written x^2"),
    ("<<", "write x*2^k"),
    (">>", "write floor(x/2^k)"),
];

/// What LaTeX says with a backslash, and what that is here.
const LATEX: [(&str, &str); 14] = [
    ("frac", "write (a)/(b) for \\frac{a}{b}"),
    ("dfrac", "write (a)/(b) for \\dfrac{a}{b}"),
    ("tfrac", "write (a)/(b) for \\tfrac{a}{b}"),
    ("sqrt", "write sqrt(x) for \\sqrt{x}, and root(x, 3) for \\sqrt[3]{x}"),
    ("cdot", "multiply with *"),
    ("times", "multiply with *"),
    ("div", "divide with /"),
    ("left", "write ( and ) without \\left and \\right"),
    ("right", "write ( and ) without \\left and \\right"),
    ("le", "write <="),
    ("leq", "write <="),
    ("ge", "write >="),
    ("geq", "write >="),
    ("sum", "write sum(i, 1, n, x[i])"),
];

/// A sign of another language at this place.
pub(super) fn foreign_sign(text: &str, at: usize) -> Option<Diagnostic> {
    let (sign, help) = SIGNS.iter().find(|(sign, _)| text[at..].starts_with(sign))?;
    let message = format!("`{sign}` is not part of the language");
    Some(Diagnostic::at(at..at + sign.len(), message, "not understood").help(*help))
}

/// A character that is not of the language, and what its writer probably meant.
pub(super) fn foreign(text: &str, at: usize) -> Diagnostic {
    let rest = &text[at..];
    let c = rest.chars().next().expect("there is a character");
    if c == '\\' {
        return latex(rest, at);
    }
    let what = if c.is_control() || c == '\u{feff}' {
        format!("a control character (U+{:04X})", c as u32)
    } else {
        format!("`{c}`")
    };
    let message = format!("{what} is not part of the language");
    let error = Diagnostic::at(at..at + c.len_utf8(), message, "not understood");
    let before = text[..at].chars().next_back();
    match c {
        '⋅' | '∗' | '•' | '∙' | '✕' => error.help("multiply with *"),
        '∕' | '⁄' => error.help("divide with /"),
        '–' | '—' | '﹣' | '－' => error.help("subtract with -"),
        '＋' => error.help("add with +"),
        '\u{feff}' => {
            error.help("the file begins with an invisible byte-order mark: save it as UTF-8 without one")
        }
        '⁻' => error.help("negative powers are written x^(-1); the inverse sine is asin(x)"),
        '¹' | '⁰' | '⁴'..='⁹' | 'ⁱ' | 'ⁿ' => {
            error.help("powers other than ² and ³ are written x^4")
        }
        '₀'..='₉' | 'ₐ'..='ₜ' => error.help("indices are written x[1]; x_1 and x1 are names"),
        '½' | '⅓' | '¼' | '¾' | '⅔' => error.help("fractions are written 1/2"),
        '∛' => error.help("the cube root is cbrt(x)"),
        '∜' => error.help("the fourth root is root(x, 4)"),
        '≤' => error.help("write <="),
        '≥' => error.help("write >="),
        '≠' => error.help("write !="),
        '≈' => error.help("to compare, write =="),
        '∧' | '&' => error.help("write `a and b`"),
        '∨' => error.help("write `a or b`"),
        '¬' | '~' => error.help("write `not a`"),
        '∞' => error.help("functions have no infinities").set(Setting::NotFinite),
        '∑' => error.help("write sum(i, 1, n, x[i])"),
        '∏' => error.help("write prod(i, 1, n, x[i])"),
        '∂' | '∇' => error.help("write diff(u, x) for the derivative of u by x"),
        '∫' => error.help("functions are differentiated here; integrals are not part of the language"),
        '{' | '}' if before == Some('_') => error.help("write x[1], or x_1 as a name"),
        '{' | '}' if before == Some('^') => error.help("write x^(a + b), in ( and )"),
        '{' | '}' => error.help("group with ( and )"),
        '⌊' | '⌋' => error.help("write floor(x)"),
        '⌈' | '⌉' => error.help("write ceil(x)"),
        '‖' | '∥' => error.help("write sqrt(sum(i, 1, n, x[i]^2))"),
        '$' => error.help("write the formula alone, without $"),
        '"' | '“' | '”' | '`' | '‘' => error.help("write the formula alone, without quotes inside it"),
        '’' | '′' => error.help("the derivative of a definition f is f'(x), with a plain '"),
        '.' => dotted(error, text, at),
        '@' => error.help("multiply with *"),
        _ => error,
    }
}

/// `np.sin(x)` is of another language; `x.` is nothing.
fn dotted(error: Diagnostic, text: &str, at: usize) -> Diagnostic {
    let start = text[..at]
        .rfind(|c| !continues_name(c))
        .map_or(0, |before| before + text[before..].chars().next().map_or(1, char::len_utf8));
    let rest = &text[at + 1..];
    let name = &rest[..rest.find(|c| !continues_name(c)).unwrap_or(rest.len())];
    match (start < at, name.is_empty()) {
        (true, false) => error.help(format!("write {name}(x) for {}.{name}(x)", &text[start..at])),
        _ => error.help("numbers are written 0.5; multiply with *"),
    }
}

/// `\frac{a}{b}` and its kin.
fn latex(rest: &str, at: usize) -> Diagnostic {
    let word: String = rest[1..].chars().take_while(char::is_ascii_alphabetic).collect();
    let message = "LaTeX is written here, it is not read";
    let error = Diagnostic::at(at..at + 1 + word.len(), message, "not understood");
    if let Some((_, help)) = LATEX.iter().find(|(command, _)| *command == word) {
        return error.help(*help);
    }
    match word.as_str() {
        "" => error.help("write the formula as in x^2 + sin(x)"),
        word if super::keywords::is_function(word) => error.help(format!("write {word}(x)")),
        word => error.help(format!("write {word} without the backslash, and formulas as in x^2 + sin(x)")),
    }
}

//! Every way of mistyping that we know of: what is read all the same, and what the message says of the rest.

use super::{Reader, parse};

fn value(text: &str, point: &[f64]) -> f64 {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).evaluate((), point)[0]
}

#[test]
fn products_need_no_sign_after_numbers_and_parentheses() {
    for (text, expected) in [
        ("2x", 6.0),
        ("2x^2", 18.0),
        ("-2x", -6.0),
        ("2(x + 1)", 8.0),
        ("(x + 1)x", 12.0),
        ("(x + 1)(x - 1)", 8.0),
        ("2(3)(x)", 18.0),
        ("2abs(-x)", 6.0),
        ("abs(x)abs(2)", 6.0),
        ("1/2x", 1.5),
        ("6/(1 + x)x", 4.5),
        ("12/2x/3", 6.0),
        ("2e^x/e^x", 2.0),
        ("2exp(x)/exp(x)", 2.0),
        ("2e3x", 6000.0),
        ("2.5x", 7.5),
        (".5x", 1.5),
        ("2pi/pi*x", 6.0),
        ("x + 2x - 3x", 0.0),
        ("2^3 + 2x", 14.0),
        ("if(2x > 5, 1, 0)", 1.0),
        ("sum(i, 1, 3, 2i)*x", 36.0),
        ("2√(x + 1)", 4.0),
        ("f(t) = t^2; 2f(x)f(x)", 162.0),
        ("2x > 5 and 3x < 10", 1.0),
    ] {
        assert_eq!(value(text, &[3.0]), expected, "{text}");
    }
    assert!(parse("L(x, y, z) = (x + y)z").unwrap().same_graph(&parse("L(x, y, z) = (x + y)*z").unwrap()));
    assert_eq!(value("sum(k, 1, 2, x[2k])", &[1.0, 2.0, 3.0, 4.0]), 6.0);
}

#[test]
fn other_spellings_are_read() {
    for (text, plain) in [
        ("arcsin(x) + arccos(x) + arctan(x)", "asin(x) + acos(x) + atan(x)"),
        ("arsinh(x) + arcosh(x) + artanh(x)", "asinh(x) + acosh(x) + atanh(x)"),
        ("x² + y³", "x^2 + y^3"),
        ("-x²", "-(x^2)"),
        ("2^x²", "2^(x^2)"),
        ("(x + y)²", "(x + y)^2"),
        ("√x", "sqrt(x)"),
        ("√(x + y) + √2 + √abs(x)", "sqrt(x + y) + sqrt(2) + sqrt(abs(x))"),
        ("√x*y", "sqrt(x)*y"),
        ("-√x", "-sqrt(x)"),
        ("√√x", "sqrt(sqrt(x))"),
        ("√x[2]", "sqrt(x[2])"),
        ("√iterate(k, 1, 2, (y, z), (x, x), (z, y))[1]", "sqrt(iterate(k, 1, 2, (y, z), (x, x), (z, y))[1])"),
        ("2^√x", "2^sqrt(x)"),
        ("|x|", "abs(x)"),
        ("|x - y| + |x|*|y|", "abs(x - y) + abs(x)*abs(y)"),
        ("|-x|^2", "abs(-x)^2"),
        ("sin(|x|)", "sin(abs(x))"),
        ("max(|x|, |y|)", "max(abs(x), abs(y))"),
        ("x·y × z ÷ 2 − w", "x*y*z/2 - w"),
        ("x**2", "x^2"),
        ("2π*x", "2*pi*x"),
        ("log(x)", "ln(x)"),
        ("not x < 1 and y < 2 or z < 3", "((not (x < 1)) and (y < 2)) or (z < 3)"),
        ("x < 1 and y < 2 and z < 3", "(x < 1 and y < 2) and z < 3"),
        ("if(not (x < 0), x, y)", "if((not (x < 0)), x, y)"),
        ("a = 1 + x\n  * 2\n  + y\na*a", "a = 1 + x*2 + y; a*a"),
        ("x\n\n+ y", "x + y"),
        ("x > 0\nand y > 0", "x > 0 and y > 0"),
    ] {
        let (read, plain) =
            (parse(text).unwrap_or_else(|error| panic!("{text}: {error}")), parse(plain).unwrap());
        assert!(read.same_graph(&plain), "{text} is {}", crate::text(&read));
        let again = parse(&crate::text(&read))
            .unwrap_or_else(|error| panic!("{text} printed {}: {error}", crate::text(&read)));
        assert!(again.same_graph(&read), "{text} printed {}", crate::text(&read));
    }
}

#[test]
fn conditions_are_joined_by_words() {
    for (text, expected) in [
        ("if(x > 0 and x < 1, 5, 7)", [7.0, 5.0, 7.0]),
        ("if(x < 0 or x > 1, 5, 7)", [5.0, 7.0, 5.0]),
        ("if(not x > 0, 5, 7)", [5.0, 7.0, 7.0]),
        ("if(not (x > 0 and x < 1), 5, 7)", [5.0, 7.0, 5.0]),
        ("x > 0 and 1", [0.0, 1.0, 1.0]),
        ("if(x - 2 and x > 0, 5, 7)", [7.0, 5.0, 7.0]),
        // The second condition is not looked at where the first decides.
        ("if(x <= 0 or ln(x) < 0, 5, 7)", [5.0, 5.0, 7.0]),
    ] {
        assert_eq!([-1.0, 0.5, 2.0].map(|x| value(text, &[x])), expected, "{text}");
    }
}

#[test]
fn names_of_functions_are_names_elsewhere() {
    let f = parse("beta*x + mean - norm/tau + root[2]").unwrap();
    assert_eq!(f.input_names(), ["beta", "x", "mean", "norm", "tau", "root[1]", "root[2]"]);
    assert_eq!(value("f(gamma) = gamma^2", &[3.0]), 9.0);
    assert_eq!(value("sin(x) = x^2; sin(x) + 1", &[3.0]), 10.0);
    assert_eq!(value("g(x) = abs(x); abs(x) = x^3; g(x) + abs(x)", &[-2.0]), -6.0);
    assert_eq!(value("diff = x + 1; diff*2", &[3.0]), 8.0);
    assert_eq!(value("X - x", &[3.0, 1.0]), 2.0);
    let printed = crate::text(&parse("sqrt = x + 1; y = sqrt*sqrt; y*y*ln(y)").unwrap());
    assert_eq!(printed, "sqrt = x + 1\ny = sqrt*sqrt\ny*y*ln(y)");
    // A definition of this name would hide the function that is called.
    let f = parse("t = x^2; sqrt = 1 + t; y = sqrt*t; y*y").unwrap();
    assert!(parse(&crate::text(&f)).unwrap().same_graph(&f), "{}", crate::text(&f));
}

/// Text, a piece of the advice or message, the text under the caret.
const MISTAKES: &[(&str, &str, &str)] = &[
    // Products.
    ("x y", "write x*y", "y"),
    ("2 x", "write 2*x, or 2x without the space", "x"),
    ("(x + y) z", "write (x + y)*z, or (x + y)z without the space", "z"),
    ("(x) (y)", "write (x)*(y)", "("),
    ("(x + y)2", "write (x + y)*2", "2"),
    ("x[1]y", "write x[1]*y", "y"),
    ("x[1](y)", "write x[1]*(y)", "("),
    ("|x|y", "write |x|*y", "y"),
    ("2|x|", "write 2*|…|", "|"),
    ("x√y", "write x*√y", "√"),
    ("x^2y", "write x^2*y or x^(2*y)", "y"),
    ("2^3x", "write 2^3*x or 2^(3*x)", "x"),
    ("e^2x", "write e^2*x or e^(2*x)", "x"),
    ("e^-2x", "write e^(-2)*x or e^(-2*x)", "x"),
    ("2^(3)x", "write 2^(3)*x or 2^((3)*x)", "x"),
    ("x^2(y + 1)", "write x^2*(y + 1) or x^(2*(y + 1))", "("),
    ("x²y", "write x^2*y or x^(2*y)", "²"),
    ("x²³", "write (x^2)^3 or x^(2^3)", "³"),
    ("x²^y", "write (x^2)^y or x^(2^y)", "^"),
    ("√x^2", "write sqrt(x)^2 or sqrt(x^2)", "^"),
    ("√x²", "write sqrt(x)² or sqrt(x²)", "²"),
    ("√2x", "write sqrt(2)*x or sqrt(2*x)", "x"),
    ("√(2)x", "write sqrt(2)*x or sqrt((2)*x)", "x"),
    ("pi(x)", "write pi*(…)", "pi"),
    ("e(x)", "write e*(…)", "e"),
    ("x(y)", "write x*(…)", "x"),
    ("x + x(y)", "x is not a function", "x"),
    ("q = 3; q(x)", "write q*(…)", "q"),
    ("g(t) = t(t + 1); g(x)", "write t*(…)", "t"),
    ("sum(i, 1, 3, i(x))", "i is not a function", "i"),
    ("1 000*x", "digits are written without spaces, as in 1000", "000"),
    ("1,000", "write 1000", ","),
    ("0,5", "write 0.5, with a point", ","),
    // Functions without parentheses, and with their powers in the wrong place.
    ("sin x", "write sin(x)", "sin x"),
    ("ln x", "write ln(x)", "ln x"),
    ("sin 2x + 1", "write sin(2x)", "sin 2x"),
    ("cos x^2", "write cos(x^2)", "cos x^2"),
    ("2 + exp -x y", "write x*y", "y"),
    ("arctan x", "write arctan(x)", "arctan x"),
    ("f(t) = t^2; f x", "write f(x)", "f x"),
    ("sin^2(x)", "write sin(x)^2", "sin^2(x)"),
    ("sin^2 x", "write sin(x)^2", "sin^2 x"),
    ("sin²(x)", "write sin(x)^2", "sin²(x)"),
    ("tan^-1(x)", "the inverse function is atan(x); 1/tan(x) is tan(x)^(-1)", "tan^-1(x)"),
    ("tan^(-1)(x)", "the inverse function is atan(x)", "tan^(-1)(x)"),
    ("cos^-2(x)", "write cos(x)^(-2)", "cos^-2(x)"),
    ("sin⁻¹(x)", "the inverse sine is asin(x)", "⁻"),
    ("ln^2(x + 1)", "write ln(x + 1)^2", "ln^2(x + 1)"),
    ("sin()", "sin is called without arguments", "sin()"),
    ("sin(x", "never closed", "("),
    ("Sin(x)", "did you mean sin?", "Sin"),
    ("sine(x)", "did you mean sin?", "sine"),
    ("log_2(x)", "write log2(x)", "log_2"),
    ("tg(x)", "write tan(x)", "tg"),
    ("arcsinh(x)", "write asinh(x)", "arcsinh"),
    ("softmax(2*x)", "the softmax of one number is 1", "2*x"),
    ("factorial(x)", "write exp(lgamma(x + 1))", "factorial"),
    ("sgn(x)", "write sign(x)", "sgn"),
    ("power(x, 2)", "write x^y", "power"),
    ("np.sin(x)", "write sin(x) for np.sin(x)", "."),
    ("Math.sqrt(x)", "write sqrt(x) for Math.sqrt(x)", "."),
    ("sin'(x)", "write diff(sin(t), t)", "sin'"),
    ("g'(x)", "there is no function g'", "g'"),
    // Operators of other languages.
    ("x!", "the factorial is exp(lgamma(x + 1))", "!"),
    ("5%", "write 5/100", "%"),
    ("x*5% + 1", "write 5/100", "%"),
    ("x % y", "the remainder is mod(x, y)", "%"),
    ("x mod 2", "the remainder is mod(x, y)", "mod"),
    ("x > 0 ? x : -x", "write if(x > 0, a, b) for x > 0 ? a : b", "?"),
    ("f(x) = x > 0 ? x : -x", "write if(x > 0, a, b)", "?"),
    ("x > 0 && x < 1", "write `a and b`", "&&"),
    ("x < 0 || x > 1", "write `a or b`", "||"),
    ("x > 0 & x < 1", "write `a and b`", "&"),
    ("!x", "write `not x`", "!"),
    ("~x", "write `not a`", "~"),
    ("2*not x", "put the condition in parentheses", "not"),
    ("0 < x < 1", "write a < b and b < c", "<"),
    ("x <> y", "write !=", "<>"),
    ("x => y", "write >=", "=>"),
    ("x =< y", "write <=", "=<"),
    ("x === y", "write ==", "==="),
    ("q := 3; q", "write =", ":="),
    ("x // y", "floor(x/y)", "//"),
    ("x ^^ 2", "a power is written x^2", "^^"),
    ("x * * 2", "a power is written x^2", "*"),
    ("x -> x^2", "a function is written f(x)", "->"),
    ("if(x = 1, 2, 3)", "to compare, write ==", "="),
    ("x = y = 2", "to compare, write ==", "="),
    ("x ++ * y", "`*` where an expression should be", "*"),
    ("x @ y", "multiply with *", "@"),
    // Branches, sums and derivatives as they are spoken.
    ("if x<0 then -x else x", "write if(x < 0, a, b)", "if"),
    ("if x<0 then", "write if(x < 0, a, b)", "if"),
    ("x if x > 0 else -x", "write if(x > 0, a, b)", "if"),
    ("d/dx x^2", "write diff(x^2, x)", "d/dx"),
    ("d/dx(x^2)", "write diff(x^2, x)", "d/dx"),
    ("d/dt sin(t) + 1", "write diff(sin(t) + 1, t)", "d/dt"),
    ("∂f/∂x", "write diff(u, x)", "∂"),
    ("∑x", "write sum(i, 1, n, x[i])", "∑"),
    ("derivative(x^2, x)", "write diff(u, x)", "derivative"),
    ("let x", "write let q = x + y", "x"),
    ("x where x = 3", "define names first", "where"),
    // Other characters.
    ("x⁴", "written x^4", "⁴"),
    ("xⁿ", "written x^4", "ⁿ"),
    ("x₁", "written x[1]", "₁"),
    ("½*x", "written 1/2", "½"),
    ("x ≤ 1", "write <=", "≤"),
    ("x – 1", "subtract with -", "–"),
    ("x ⋅ y", "multiply with *", "⋅"),
    ("∛x", "cbrt(x)", "∛"),
    ("⌊x⌋", "floor(x)", "⌊"),
    ("∞", "points may have them", "∞"),
    ("{x + y}*z", "group with ( and )", "{"),
    ("x^{10}", "write x^(a + b)", "{"),
    ("x_{1}", "write x[1]", "{"),
    ("$x^2$", "without $", "$"),
    ("\"x^2\"", "without quotes", "\""),
    ("x.y", "write y(x) for x.y(x)", "."),
    ("\\frac{x}{y}", "write (a)/(b) for \\frac{a}{b}", "\\frac"),
    ("\\sin(x)", "write sin(x)", "\\sin"),
    ("x \\cdot y", "multiply with *", "\\cdot"),
    ("\\alpha*x", "write alpha without the backslash", "\\alpha"),
    ("||x||", "the absolute value is |x|", "||"),
    ("|x + |y| |", "bars inside bars", "|"),
    ("|x", "never closed with `|`", "|"),
    ("|x, y|", "this bar is never closed", "|"),
    ("²", "after what is raised", "²"),
    // Brackets, commas, lines.
    ("(x)[1]", "one number, it cannot be indexed", "(x)"),
    ("x²[1]", "only a name can be indexed", "["),
    ("x)", "closes nothing", ")"),
    ("(x]", "expected `)`", "]"),
    ("max(x, )", "nothing follows the comma", ")"),
    ("x, y", "several outputs are written [a, b]", ","),
    ("x +\ny", "begin the next line with the operator", ""),
    ("a = x\n-a", "join the two lines", "-"),
    ("1..n", "a sum over a range", ".."),
    ("sum = 3; x", "sum is a word of the language", "sum"),
    ("e = 3; x", "e is a constant of the language", "e"),
    ("f(pi) = 2", "pi is a constant of the language", "pi"),
    ("until(x)", "until is written until(k, 1, n, y, start, next, condition)", "until(x)"),
    ("sum(e, 1, 3, x)", "e is a constant of the language", "sum(e, 1, 3, x)"),
    ("x + and", "`and` where an expression should be", "and"),
    ("1e999*x", "too large for a double", "1e999"),
    ("1.2.3", "without an operator", ".3"),
    ("f(x) = x^2; f", "write f(x)", "f"),
];

#[test]
fn each_mistake_has_its_advice_and_its_place() {
    let mut wrong = Vec::new();
    for (text, says, place) in MISTAKES {
        let error = match parse(text) {
            Ok(f) => {
                wrong.push(format!("{text} is read as {}", crate::text(&f)));
                continue;
            }
            Err(error) => error,
        };
        let at = text.get(error.place.clone()).expect("the place is in the text");
        if !error.to_string().contains(says) || at != *place {
            wrong.push(format!("{text}: {error}, at `{at}`"));
        }
        assert!(error.render(text, "expression", false).contains('^'), "{text}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_may_surprise_is_noted() {
    for (text, says, place) in [
        ("1/2x", "read as (1/2)*x", "1/2x"),
        ("x/(2)(y + 1) + 1", "read as (x/(2))*(y + 1)", "x/(2)(y + 1)"),
        ("1/2(x)", "write 1/(2*(x)) to divide by the product", "1/2(x)"),
        ("2e*x", "read as 2*e", "2e"),
        ("1_000*x", "read as 1*_000", "1_000"),
        ("0x10", "read as 0*x10", "0x10"),
        ("sin(x) = x^2; 2*sin(x)", "hides the function sin", "sin"),
        ("sin - x", "directly before its argument in parentheses: sin(x)", "sin"),
        ("inf*x", "points may have them", "inf"),
    ] {
        let (_, notes) =
            Reader::default().parse_with_notes(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let [note] = notes.as_slice() else { panic!("{text}: {notes:?}") };
        assert!(format!("{note} {}", note.label).contains(says), "{text}: {note:?}");
        assert_eq!(&text[note.place.clone()], place, "{text}");
        assert!(note.render_note(text, "expression", false).starts_with("note"), "{text}");
    }
    for text in ["2x + 3e^x", "x/2*y", "2e3x", "beta*x + mean", "f(sin) = sin^2", "1/(2x)"] {
        let (_, notes) = Reader::default().parse_with_notes(text).unwrap();
        assert!(notes.is_empty(), "{text}: {notes:?}");
    }
}

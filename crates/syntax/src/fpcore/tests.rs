use super::*;

fn meaning(text: &str) -> CoreMeaning {
    read_cores(text).unwrap().remove(0).meaning.unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refusal(text: &str) -> Diagnostic {
    match read_cores(text) {
        Ok(mut cores) => cores.remove(0).meaning.expect_err("it should be refused"),
        Err(error) => error,
    }
}

/// Reads the same graph as our own text does.
fn same(core: &str, text: &str) {
    let (found, expected) = (meaning(core).function, crate::parse(text).unwrap());
    assert!(
        found.same_graph(&expected),
        "{core}\nreads as {}\nand not as {}",
        crate::text(&expected),
        crate::text(&found)
    );
}

#[test]
fn forms_become_what_they_are_in_our_language() {
    same("(FPCore (x y) (+ (* x y) 1/2))", "f(x, y) = x*y + 1/2");
    same("(FPCore (x) (- (pow x 3) (pow x 0.5)))", "x^3 - x^0.5");
    same("(FPCore (x) (let ([x (+ x 1)] [y x]) (* x y)))", "(x + 1)*x");
    same("(FPCore (x) (let* ([x (+ x 1)] [y x]) (* x y)))", "(x + 1)*(x + 1)");
    same("(FPCore (x) (if (< 0 x 1) (log x) (fabs x)))", "select(if(0 < x, x < 1, 0), ln(x), abs(x))");
    same(
        "(FPCore (x y) (if (or (== x 1) (not (>= y 2))) 1 x))",
        "select(if(x == 1, 1, select(if(y >= 2, 0, 1), 1, 0)), 1, x)",
    );
    same("(FPCore ((! :precision binary32 x)) (! :precision binary64 (cast (sin x))))", "sin(x)");
    same("(FPCore (x) (+ -x1 PI))".replace("-x1", "-.5e1").as_str(), "f(x) = -5 + pi");
    same("; a comment\n(FPCore area (sr* e) :name \"not (this)\" (/ sr* e))", "f(sr', e_) = sr'/e_");
    same("(FPCore (x) (* 0x1.8p1 x))", "3*x");
    same("(FPCore (x) (* x (+ 1_PI (- M_2_SQRTPI 2_PI))))", "x*(1/pi + (2/sqrt(pi) - 2/pi))");
    same("(FPCore (x) (+ (digits 25 -1 10) (* x (digits 3 4 2))))", "2.5 + x*(3*2^4)");
}

#[test]
fn loops_that_can_be_counted_are_iterations() {
    let value = |text: &str, x: &[f64]| {
        let CoreMeaning { function, sizes, .. } = meaning(text);
        let sizes: Vec<(&str, i64)> = sizes.iter().map(|(name, size)| (name.as_str(), *size)).collect();
        function.with_sizes(&sizes).unwrap().unroll(10_000).unwrap().evaluate((), x)[0]
    };
    // All at once, and one after the other.
    let swap = "([a x b] [b 1 a] [i 0 (+ i 1)]) (- a b))";
    assert_eq!(value(&format!("(FPCore (x) (while (< i 3) {swap})"), &[5.0]), -4.0);
    assert_eq!(value(&format!("(FPCore (x) (while* (< i 3) {swap})"), &[5.0]), 0.0);
    assert_eq!(value("(FPCore (x) (while (> e 0.3) ([e 1 (/ e 2)] [y x (* y 2)]) y))", &[3.0]), 12.0);
    assert_eq!(value("(FPCore (x) (while FALSE ([y x (* y 2)]) y))", &[3.0]), 3.0);
    assert_eq!(value("(FPCore (x) (for ([i 4]) ([y x (+ y i)]) y))", &[3.0]), 9.0);
    let to_size = "(FPCore (x n) :example ([n 5]) (while (<= k n) ([k 2 (+ k 1)] [y x (+ y (/ 1 n))]) y))";
    assert_eq!(meaning(to_size).sizes, [("n".to_owned(), 5)]);
    assert!((value(to_size, &[1.0]) - 1.8).abs() < 1e-15);
    assert_eq!(value("(FPCore (x) (let ([n 4]) (for ([i n]) ([y x (+ y i)]) y)))", &[3.0]), 9.0);
    // Up to the index of the loop around it: 1 + 1 + 2 more rounds.
    let triangle = "(FPCore (x) (for ([i 3]) ([y x (while (< j i) ([j 0 (+ j 1)] [z y (* 2 z)]) z)]) y))";
    assert_eq!(value(triangle, &[1.0]), 8.0);
    // An argument is a size where a loop runs to it, and only there.
    let inner = "(FPCore (x n) (while (< i n) ([i 0 (+ i 1)] [y x (let ([n y]) (+ n 1))]) y))";
    assert_eq!(meaning(inner).function.graph().sizes(), ["n"]);
    // Printing tells the state from the input of its name.
    let shadowed = meaning("(FPCore (x) (while (< i 3) ([i 0 (+ i 1)] [x x (* x x)]) (+ x 1)))").function;
    assert!(
        crate::parse(&crate::text(&shadowed)).unwrap().same_graph(&shadowed),
        "{}",
        crate::text(&shadowed)
    );
    let nested = "(FPCore (x) (while (< i 3) ([i 0 (+ i 1)] [y x (while (< j 2) ([j 0 (+ j 1)] [z y (* z x)]) z)]) y))";
    assert_eq!(value(nested, &[2.0]), 128.0);
}

#[test]
fn what_has_no_counterpart_is_refused_by_name_and_place() {
    for (text, message, at) in [
        ("(FPCore (x) (tgamma x))", "tgamma", "(tgamma x)"),
        ("(FPCore (x) (while (> x 1) ([x x (/ x 2)]) x))", "depends on the inputs", "(> x 1)"),
        ("(FPCore (x) (while TRUE ([x x (/ x 2)]) x))", "does not end", "TRUE"),
        ("(FPCore (x) (while (< i 1) ([i 0 (+ i 1e-9)]) x))", "within 10 000 000", "(< i 1)"),
        (
            "(FPCore (x) (while (< i 3) ([i 0 (+ i 1)] [y x (while (< j i) ([j 0 (+ j 1)] [z y (* z x)]) z)]) y))",
            "depends on another loop",
            "(< j i)",
        ),
        // The n that the loop runs to is not the argument.
        (
            "(FPCore (x n) (let ([n (* 2 x)]) (while (< i n) ([i 0 (+ i 1)]) i)))",
            "depends on the inputs",
            "(< i n)",
        ),
        ("(FPCore (x) (for ([i -3]) ([y x (+ y i)]) y))", "not negative", "-3"),
        ("(FPCore (x) (let ([y x] [y 2]) y))", "bound twice", "y"),
        ("(FPCore (x) (let ([y x 2]) y))", "a name and a value", "[y x 2]"),
        ("(FPCore (x) (let ([2 x]) x))", "a number is no name", "2"),
        ("(FPCore (1 x) x)", "a number is no name", "1"),
        ("(FPCore (x) (digits 1.5 2 10))", "integers", "1.5"),
        ("(FPCore (x) (tensor ([i 3]) x))", "tensor", "(tensor ([i 3]) x)"),
        ("(FPCore ((A n)) (ref A 1))", "dimensions", "(A n)"),
        ("(FPCore (x) (+ x y))", "neither an argument nor bound", "y"),
        ("(FPCore (x) (sin x x))", "`sin`", "(sin x x)"),
        ("(FPCore (x) (+ x 1.2.3))", "not a number", "1.2.3"),
        ("(FPCore (x) (for ([i 2] [j 2]) ([y x (+ y i)]) y))", "one index", "([i 2] [j 2])"),
        ("(FPCore (x) (sin x]", "`]` where `)`", "]"),
        ("(FPCore (x) (sin x", "without its end", "("),
        ("(FPCore (x) :name \"sine (sin x))", "text without its end", "\""),
        ("(FPCore (x))", "one body", "(FPCore (x))"),
        ("(define (x) x)", "not a core", "(define (x) x)"),
        ("(FPCore (x x) x)", "two arguments", "x"),
    ] {
        let found = refusal(text);
        assert!(found.message.contains(message), "{text}: {found}");
        assert_eq!(&text[found.place.clone()], at, "{text}: {found}");
    }
}

#[test]
fn preconditions_bound_the_domain() {
    let text = "(FPCore (x y z n) :pre (and (<= -1/2 x 2.5) (> 3 y) (let ([a 2]) (< x z a)) (!= y 0))
        (while (< i n) ([i 0 (+ i 1)]) (+ x (+ y z))))";
    let CoreMeaning { domain, precondition, .. } = meaning(text);
    assert_eq!(domain, [(-0.5, 2.5), (f64::NEG_INFINITY, 3.0), (f64::NEG_INFINITY, f64::INFINITY)]);
    let holds = |x: &[f64]| precondition.as_ref().unwrap().evaluate((), x)[0] == 1.0;
    assert!(holds(&[0.0, 1.0, 1.0]));
    for outside in [[0.0, 0.0, 1.0], [1.0, 1.0, 1.0], [-1.0, 1.0, 1.0], [0.0, 1.0, 2.0]] {
        assert!(!holds(&outside), "{outside:?}");
    }
}

#[test]
fn deep_cores_are_read() {
    let text = format!("(FPCore (x) {}x{})", "(sin ".repeat(50_000), ")".repeat(50_000));
    let thread = std::thread::Builder::new().stack_size(256 * 1024);
    let nodes = thread.spawn(move || meaning(&text).function.graph().len()).unwrap().join().unwrap();
    assert_eq!(nodes, 50_001);
}

#[test]
fn arguments_called_like_words_of_the_language_are_renamed() {
    let words =
        ["and", "or", "not", "let", "scan", "until", "sum", "e", "pi", "sin", "lgamma", "log", "mod", "diff"];
    for word in words {
        let f = meaning(&format!("(FPCore ({word} x) (+ x (* 2 {word})))")).function;
        let again =
            crate::parse(&crate::text(&f)).unwrap_or_else(|error| panic!("{}: {error}", crate::text(&f)));
        assert!(f.same_graph(&again), "{}", crate::text(&f));
    }
}

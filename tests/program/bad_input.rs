//! Bad input: a clear message with its place, exit status 2, and nothing on stdout.

use super::run::{refused, with_input};

#[test]
fn bad_text_is_shown_with_its_place() {
    refused(&["x +"], &["^"]);
    refused(&["sin(x"], &["^"]);
    refused(&["foo(x)"], &["foo", "^"]);
    refused(&["sine(x)"], &["did you mean", "sin", "^"]);
    refused(&["x y"], &["^", "*"]);
    refused(&["2 x"], &["^", "2*x"]);
    refused(&["sin(x, y)"], &["sin", "^"]);
    refused(&["1/0*"], &["^"]);
    refused(&[""], &["error"]);
    refused(&["   # only a comment"], &["error"]);
    refused(&["f(x) = f(x)"], &["f", "^"]);
    refused(&["1e999"], &["^"]);
    refused(&["x⁴"], &["x^4", "^"]);
    let doubling: String = (0..40).map(|k| format!("f{}(x) = f{k}(f{k}(x)); ", k + 1)).collect();
    refused(&[&format!("f0(x) = x*x; {doubling} f40(x)")], &["different arguments"]);
    refused(&["x < y < z"], &["^"]);
    refused(&["x[n]"], &["n", "--size", "^"]);
    refused(&["sum(i, 1, 1e300, x)"], &["^"]);
    refused(&["sum(i, 1, 10^6, x[i])", "--max-nodes", "1000"], &["1000", "^"]);
    refused(&["iterate(k, 1, 10^18, y, x, sin(y))"], &["20000000", "^"]);
    refused(&["iterate(k, 1, 4*10^9, y, x, sin(y)*cos(y)/y)"], &["20000000", "^"]);
    // A product keeps its factors, and these are too many.
    refused(&["prod(i, 1, 10^9, x)", "--at", "x=1"], &["20000000", "^"]);
    // Backpropagation alone could keep the loop.
    refused(&["sum(i, 1, 10^8, sin(x)*i)", "--strategy", "symbolic"], &["20000000", "^", "--max-nodes"]);
    refused(&["trace", "sum(i, 1, 10^8, sin(x)*i)", "--at", "x=1"], &["20000000", "^", "--max-nodes"]);
}

#[test]
fn bad_points_are_shown_with_their_place() {
    refused(&["x*y", "--at", "x=1,y=2,w=3"], &["w", "^"]);
    refused(&["x*y", "--at", "x=1"], &["y", "^"]);
    refused(&["x*y", "--at", "x=abc,y=1"], &["abc", "^"]);
    refused(&["x*y", "--at", "x=1,y=2,x=3"], &["twice", "^"]);
    refused(&["x[1]*x[2]", "--at", "x=[1,2,3]"], &["2", "^"]);
    refused(&["x[1]*x[2]", "--at", "x=1"], &["2", "^"]);
    refused(&["x[0]"], &["^"]);
    refused(&["x", "--at", "x[0]=1"], &["^"]);
    refused(&["x", "--domain", "1..z"], &["^"]);
    refused(&["x", "--size", "n=1.5"], &["^"]);
    refused(&["x", "--size", "n=5"], &["n"]);
    refused(&["x", "--domain", "0...1"], &["^"]);
    refused(&["rosenbrock", "--size", "m=5"], &["m"]);
    refused(&["rosenbrock", "--size", "n=5,n=6"], &["twice"]);
    refused(&["x", "--points", "0"], &["--points"]);
    refused(&["x", "--points", "-1"], &["--points"]);
}

#[test]
fn bad_usage_ends_with_status_2() {
    // Without anything, three examples.
    refused(&[], &["compare \"(x + y) * z\" --at", "compare grad ", "compare derive ", "compare help"]);
    refused(&["trac", "x"], &["no command trac", "did you mean `compare trace x`?"]);
    refused(&["derivee", "x^2 + 1", "--order", "2"], &["`compare derive 'x^2 + 1' --order 2`"]);
    refused(&["trace", "--sixe", "n=1", "x"], &["`compare trace` has no option --sixe", "--size"]);
    refused(&["--nosuch"], &["no option --nosuch", "--help"]);
    refused(&["x", "+", "y"], &["unexpected argument +", "in quotes"]);
    refused(&["x", "trace"], &["unexpected argument trace"]);
    refused(&["help", "trac"], &["no command trac", "did you mean trace?"]);
    refused(&["functions", "sinn"], &["no function sinn", "did you mean sin"]);
    refused(&["man", "plott"], &["no command plott"]);
    refused(&["x", "--strategy", "guessing"], &["guessing", "backprop"]);
    refused(&["x", "--variant", "numerical=central-3"], &["central-3", "central-2"]);
    refused(&["x", "--variant", "standard"], &["numerical=central-4"]);
    refused(&["x", "--format", "xml"], &["xml", "json"]);
    refused(&["x", "--frobnicate"], &["--frobnicate"]);
    refused(&["x", "y"], &["y"]);
    refused(&["--file", "no/such/file"], &["no/such/file"]);
    refused(&["swell"], &["no function given"]);
    refused(&["steps", "abs(x)", "--at", "x=0"], &["kink"]);
    refused(&["steps", "x*y", "--at", "x=1,y=2", "--wrt", "z"], &["z", "^"]);
    let output = with_input(&["--file", "-"], &[0, 159, 146, 150, 255, 0, 7]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let output = with_input(&["--file", "-"], "x \u{0} \u{1b}[31m * y".as_bytes());
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("\u{1b}[31m"), "what is shown is not obeyed");
}

//! Data: integers in indices, and inputs without a derivative.

use super::run::{json, refused, stdout};

const GATHER: &str = "sum(i, 1, m, w[i]*x[k[i]]^2)";

#[test]
fn elements_at_data_have_gradients_and_data_have_none() {
    let at = "w=[1,10,100],x=[7,8,9],k=[2,1,2]";
    let gradient = "f = 6954\n∂f/∂w[1] = 64\n∂f/∂w[2] = 49\n∂f/∂w[3] = 64\n\
                    ∂f/∂x[1] = 140\n∂f/∂x[2] = 1616\n∂f/∂x[3] = 0\n";
    assert_eq!(stdout(&["grad", GATHER, "--at", at]), gradient);
    let compared = json(&[GATHER, "--at", at, "--no-times"]);
    assert_eq!(compared["inputs"], serde_json::json!(["w[1]", "w[2]", "w[3]", "x[1]", "x[2]", "x[3]"]));
    assert_eq!(compared["verdict"], "agree", "{compared}");
    let traced = stdout(&["trace", GATHER, "--at", at]);
    assert!(traced.contains("∂f/∂x[2] = 1616") && !traced.contains("∂f/∂k"), "{traced}");
    // As long as the largest index used where nothing else says how long it is; a matrix, and an index beside.
    assert!(stdout(&["grad", "x[k[1]+1]*x[k[2]]", "--at", "k=[4,2]", "--points", "1"]).contains("∂f/∂x[5]"));
    let rows = "sum(i, 1, 2, sum(j, 1, n, W[k[i], j]*x[j]))";
    let rows = stdout(&["grad", rows, "--at", "W=[[1,2],[3,4],[5,6]],x=[1,10],k=[3,3]"]);
    assert!(rows.contains("f = 130\n") && rows.contains("∂f/∂W[3,2] = 20\n"), "{rows}");
    let ragged = "[i: 1..r] sum(l, p[i], p[i+1]-1, a[l]*x[c[l]])";
    let ragged =
        stdout(&["grad", ragged, "--size", "r=2", "--at", "p=[1,3,4],c=[1,2,2],a=[1,2,3],x=[10,100]"]);
    assert!(ragged.contains("f = [210, 300]\n"), "{ragged}");
}

#[test]
fn data_are_given_once_and_are_no_points() {
    let data_alone = stdout(&["grad", "sum(i, 1, m, x[k[i]])", "--at", "k=[1,3]", "--points", "2"]);
    assert_eq!(data_alone.matches("∂f/∂x[2] = 0\n").count(), 2, "{data_alone}");
    let one = "sum(i, 1, m, x[k[i]])";
    let again = stdout(&["grad", one, "--at", "x=[7,8],k=[1,2]", "--at", "x=[1,2]"]);
    assert!(again.contains("f = 15\n") && again.contains("f = 3\n"), "{again}");
    refused(&["grad", one, "--at", "x=[7,8],k=[1,2]", "--at", "x=[1,2],k=[1,1]"], &["k is data", "^^^^^"]);
    refused(&["grad", one, "--at", "k=[1,2],k=[1,1]"], &["k is given twice", "^^^^^"]);
    refused(&["grad", one, "--at", "x=[7,8],k=3"], &["the data k are a list of numbers", "^"]);
    refused(
        &["grad", one, "--size", "m=2", "--at", "x=[7,8]"],
        &["the data k have no values", "--at k=", "^"],
    );
    refused(&["grad", one, "--at", "k=[1,2]", "--domain", "k=1..2"], &["k is data", "^"]);
    refused(&["grow", one, "--size", "m=2,3"], &["the data k have no values", "grad", "^"]);
}

/// Each says what is read, by which datum, and where in the text.
#[test]
fn wrong_indices_are_told_with_their_row() {
    let one = "sum(i, 1, m, x[k[i]])";
    let wrong = |at: &str, words: &str| refused(&["grad", one, "--at", at], &[words, "^^^^^^^"]);
    wrong("x=[7,8],k=[2,1,3]", "index 3 of x is beyond its length 2: k[3] is 3");
    wrong("x=[7,8],k=[2,0]", "index 0 of x: indices start at 1: k[2] is 0");
    wrong("x=[7,8],k=[-1,1]", "index -1 of x: indices start at 1: k[1] is -1");
    wrong("x=[7,8],k=[1,1.5]", "k[2] is 1.5, which is no integer");
    wrong("x=[7,8],k=[nan]", "k[1] is NaN, which is no integer");
    wrong("k=[1e15]", "index 1000000000000000 of x is too large: k[1] is 1000000000000000");
    let contradiction = ["grad", "sum(i, 1, m, w[i]*x[k[i]])", "--at", "w=[1],x=[7],k=[1,1]"];
    refused(&contradiction, &["w has length 1, so m is 1; k has length 2, so m is 2", "^^^^^"]);
    refused(
        &["grad", "f(x, k[2]) = x[k[1]]*k[2]", "--at", "k=[1,2,3]"],
        &["k has length 3, where length 2 is needed"],
    );
    refused(
        &["grad", one, "--size", "m=1", "--at", "x=[1],k=[1,1]"],
        &["k has length 2, where length 1 is needed"],
    );
    let array = "let h[j: 1..2] = x[j]^2; sum(i, 1, m, h[k[i]])";
    refused(&["grad", array, "--at", "k=[1,3]"], &["index 3 of an array", "k[2] is 3", "^^^^^^^"]);
}

#[test]
fn ranges_of_every_length() {
    let one = "sum(i, 1, m, x[k[i]])";
    assert_eq!(stdout(&["grad", one, "--at", "x=[7,8],k=[]"]), "f = 0\n∂f/∂x[1] = 0\n∂f/∂x[2] = 0\n");
    for length in [1, 2, 7, 8, 9, 255, 256, 257, 513] {
        let k: Vec<String> = (0..length).map(|i| (1 + (i * i) % 3).to_string()).collect();
        let x: Vec<f64> = vec![0.5, 0.25, 2.0];
        let at = format!("x=[0.5,0.25,2],k=[{}]", k.join(","));
        let value: f64 = k.iter().map(|k| x[k.parse::<usize>().unwrap() - 1]).sum();
        let printed = stdout(&["grad", one, "--at", &at]);
        assert!(printed.starts_with(&format!("f = {value}\n")), "{length}: {printed}");
        let first = k.iter().filter(|k| *k == "1").count();
        assert!(printed.contains(&format!("∂f/∂x[1] = {first}\n")), "{length}: {printed}");
    }
}

#[test]
fn inputs_without_a_derivative() {
    let line = "sum(i, 1, n, (a*u[i] + b - y[i])^2)";
    let at = "a=1,b=2,u=[1,2],y=[0.1,4]";
    let printed = stdout(&["grad", line, "--at", at, "--data-names", "u,y"]);
    assert_eq!(printed, "f = 8.41\n∂f/∂a = 5.8\n∂f/∂b = 5.8\n");
    let compared = json(&[line, "--at", at, "--data-names", "u,y", "--no-times"]);
    assert_eq!(compared["inputs"], serde_json::json!(["a", "b"]));
    assert_eq!(compared["verdict"], "agree", "{compared}");
    assert_eq!(
        stdout(&["grad", "(a*x - y)^2", "--at", "a=1,x=2,y=0.5", "--data-names", "x,y"]),
        "f = 2.25\ndf/da = 6\n"
    );
    // A branch that data decide is taken or not there.
    let branch = ["grad", "if(y > 0, ln(x), x)", "--data-names", "y", "--at", "x=-1,y=-1"];
    assert_eq!(stdout(&branch), "f = -1\ndf/dx = 1\n");
    refused(
        &["grad", "x*y", "--at", "x=1,y=2", "--data-names", "q"],
        &["no input q", "its inputs are x, y", "^"],
    );
    refused(&["x*y", "--data-names", "y"], &["the data y have no values", "--at y=", "^"]);
}

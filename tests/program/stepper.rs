//! The stepper: what `compare trace` writes, and a browser that walks through it to the end.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use support::browser::Browser;

fn trace(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_compare")).arg("trace").args(arguments).output().expect("it runs")
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The page of a function, written into a folder.
fn page(folder: &Path, name: &str, arguments: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let output = trace(&[arguments, &["--html", path.to_str().unwrap()]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    path
}

fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

const ARTICLE: [&str; 3] = ["let q = x + y; q * z", "--at", "x=-2,y=5,z=-4"];

/// What the page shows.
fn shown(browser: &Browser) -> Value {
    browser.run(
        "const visible = (text) => getComputedStyle(text).visibility === 'visible';
         const texts = (kind) => Object.fromEntries([...document.querySelectorAll('.node')]
           .filter((node) => visible(node.querySelector(kind)))
           .map((node) => [node.querySelector('.name').textContent, node.querySelector(kind).textContent]));
         const gradient = document.querySelector('.gradient');
         return { step: Number(document.querySelector('.stepper').dataset.step),
           values: texts('.value'), slopes: texts('.slope'),
           says: document.querySelector('.says').innerText,
           now: document.querySelector('.node.now .name')?.textContent ?? null,
           gradient: getComputedStyle(gradient).display === 'none' ? null
             : Object.fromEntries([...gradient.querySelectorAll('output')].map((o) => [o.dataset.input, o.textContent])) };",
    )
}

#[test]
fn a_browser_walks_through_the_articles_example_to_the_end() {
    let Some(browser) = Browser::open() else { return };
    let folder = folder("article");
    browser.go(&page(&folder, "article.html", &ARTICLE));
    let at = shown(&browser);
    assert_eq!(at["values"], json!({"x": "-2", "y": "5", "z": "-4"}));
    assert_eq!((&at["slopes"], &at["gradient"]), (&json!({}), &Value::Null));

    // Forward, by button.
    browser.click("[data-go=next]");
    let at = shown(&browser);
    assert_eq!(at["now"], "q");
    assert_eq!(at["values"], json!({"x": "-2", "y": "5", "z": "-4", "q": "3"}));
    assert!(at["says"].as_str().unwrap().contains("q = 3"), "{at}");
    browser.click("[data-go=next]");
    assert_eq!(shown(&browser)["values"]["f"], "-12");

    // Backward, by keys: the output, then what it passes on.
    browser.press(support::browser::RIGHT);
    let at = shown(&browser);
    assert_eq!(at["slopes"], json!({"f": "∂ 1"}));
    for words in ["∂f/∂q = -4", "to q: 1 × (-4) = -4", "∂f/∂z = 3", "to z: 1 × 3 = 3"] {
        assert!(at["says"].as_str().unwrap().contains(words), "{words}: {at}");
    }
    browser.press(support::browser::RIGHT);
    browser.press(support::browser::RIGHT);
    let at = shown(&browser);
    let words = at["says"].as_str().unwrap();
    let order: Vec<&str> =
        ["f", "z", "q"].into_iter().filter(|name| at["slopes"].get(*name).is_some()).collect();
    assert_eq!(order, ["f", "z", "q"]);
    let q = if at["now"] == "q" { words.to_owned() } else { panic!("{at}") };
    for words in ["from f", "∂f/∂q = -4", "∂q/∂x = 1", "to x: (-4) × 1 = -4", "to y: (-4) × 1 = -4"]
    {
        assert!(q.contains(words), "{words}: {q}");
    }
    // Back and forth.
    browser.press(support::browser::LEFT);
    assert_eq!(shown(&browser)["now"], "z");
    let mut steps = 0;
    while shown(&browser)["gradient"].is_null() {
        browser.press(support::browser::RIGHT);
        steps += 1;
        assert!(steps < 20, "there is no end");
    }
    let at = shown(&browser);
    assert_eq!(at["gradient"], json!({"x": "-4", "y": "-4", "z": "3"}));
    assert_eq!(at["slopes"], json!({"x": "∂ -4", "y": "∂ -4", "z": "∂ 3", "q": "∂ -4", "f": "∂ 1"}));
    browser.press(support::browser::HOME);
    assert_eq!(shown(&browser)["step"], 0);
    browser.press(support::browser::END);
    assert_eq!(shown(&browser)["gradient"]["z"], "3");
}

#[test]
fn where_gradients_meet_their_sum_is_said() {
    let Some(browser) = Browser::open() else { return };
    let folder = folder("sum");
    browser.go(&page(&folder, "sum.html", &["b = a + a; b*b", "--at", "a=3"]));
    browser.click("[data-go=backward]");
    browser.press(support::browser::RIGHT);
    let at = shown(&browser);
    assert_eq!(at["now"], "b");
    assert!(at["says"].as_str().unwrap().contains("∂f/∂b = 6 + 6 = 12"), "{at}");
    browser.press(support::browser::RIGHT);
    assert!(shown(&browser)["says"].as_str().unwrap().contains("∂f/∂a = 12 + 12 = 24"));
}

/// Boxes and texts of different nodes that overlap, texts that leave their picture, and whether the page is wider than the window.
const OVERLAPS: &str = "
    const part = (node) => [...node.querySelectorAll('rect, text')].map((shape) => [shape.getBoundingClientRect(), node]);
    const nodes = [...document.querySelectorAll('.node')];
    const all = nodes.flatMap(part);
    let wrong = document.documentElement.scrollWidth > innerWidth ? 1 : 0;
    for (const [a, of] of all) for (const [b, other] of all)
      if (of !== other && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) wrong += 1;
    for (const node of nodes) {
      const box = node.querySelector('rect').getBoundingClientRect();
      for (const text of node.querySelectorAll('.name, .does')) {
        const own = text.getBoundingClientRect();
        if (own.left < box.left || own.right > box.right || own.top < box.top || own.bottom > box.bottom) wrong += 1;
      }
    }
    const frame = document.querySelector('.graph svg').getBoundingClientRect();
    for (const [a] of all) if (a.left < frame.left || a.right > frame.right || a.top < frame.top || a.bottom > frame.bottom) wrong += 1;
    return wrong;";

#[test]
fn nothing_overlaps_on_a_wide_screen_or_a_narrow_one() {
    let Some(browser) = Browser::open() else { return };
    let folder = folder("overlaps");
    let sigmoid = ["1/(1+exp(-(w0*x0+w1*x1+w2)))", "--at", "w0=2,x0=-1,w1=-3,x1=-2,w2=-3"];
    let pages = [
        page(&folder, "article.html", &ARTICLE),
        page(&folder, "sigmoid.html", &sigmoid),
        page(&folder, "rosenbrock.html", &["rosenbrock", "--size", "n=4"]),
        page(&folder, "mlp.html", &["mlp", "--size", "n=3"]),
    ];
    for width in [1280, 390] {
        browser.resize(width);
        for page in &pages {
            browser.go(page);
            browser.press(support::browser::END);
            assert_eq!(browser.run(OVERLAPS), 0, "{} at {width}", page.display());
        }
    }
    // The check sees a node that is moved onto another.
    browser.run("document.querySelectorAll('.node')[3].setAttribute('transform', 'translate(30, 40)');");
    assert_ne!(browser.run(OVERLAPS), 0);
}

#[test]
fn two_on_a_page_do_not_disturb_each_other() {
    let Some(browser) = Browser::open() else { return };
    let folder = folder("two");
    let one = std::fs::read_to_string(page(&folder, "one.html", &ARTICLE)).unwrap();
    let (start, end) = (one.find("<section").unwrap(), one.find("</section>").unwrap() + "</section>".len());
    let own = &one[start..end];
    let other = own.replace("id=\"stepper", "id=\"other").replace("url(#stepper", "url(#other");
    let both = folder.join("both.html");
    std::fs::write(&both, format!("{}{own}{other}{}", &one[..start], &one[end..])).unwrap();
    browser.go(&both);
    browser.click("#other [data-go=next]");
    browser.press(support::browser::RIGHT);
    let steps = "return [...document.querySelectorAll('.stepper')].map((own) => Number(own.dataset.step));";
    assert_eq!(browser.run(steps), json!([0, 2]));
    browser.click("#stepper [data-go=last]");
    browser.press(support::browser::LEFT);
    assert_eq!(browser.run(steps), json!([7, 2]));
}

#[test]
fn what_others_wrote_stays_text() {
    let folder = folder("text");
    let name = "<script>alert(1)</script> & \"quotes\"";
    let text = format!("# {name}\nx*y");
    let file = folder.join("function.txt");
    std::fs::write(&file, text).unwrap();
    let svg = folder.join("function.svg");
    let arguments = ["--file", file.to_str().unwrap(), "--at", "x=1,y=2", "--svg", svg.to_str().unwrap()];
    let html = page(&folder, "function.html", &arguments);
    let svg = std::fs::read_to_string(svg).unwrap();
    let html = std::fs::read_to_string(html).unwrap();
    assert_eq!(html.matches("<script").count(), 2, "the data and the program");
    for text in [&svg, &html] {
        assert!(!text.contains("alert(1)</script>") && text.contains("&lt;script&gt;alert(1)"), "{text}");
        assert!(!text.contains("http://") || text.matches("http").count() == 1, "a page needs no network");
    }
}

#[test]
fn above_three_hundred_nodes_a_cone_is_shown_and_said() {
    let folder = folder("cone");
    let path = folder.join("cone.svg");
    let svg = path.to_str().unwrap();
    let output = trace(&["rosenbrock", "--size", "n=100", "--svg", svg, "--wrt", "x[7]"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("only those that depend on x[7] are shown"), "{said}");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("only those that depend on x[7]")
            && text.contains(">x[7]<")
            && !text.contains(">x[9]<")
    );
    // Of a cone that is too large itself the part that is nearest to the input.
    let output = trace(&["iterate(k, 1, 500, y, x, sin(y)*x)", "--svg", svg]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("the 300 nearest"), "{said}");
    let nodes = std::fs::read_to_string(&path).unwrap().matches("data-node=").count();
    assert_eq!(nodes, 300);
}

#[test]
fn what_cannot_be_written_is_refused_and_leaves_nothing() {
    let folder = folder("refused");
    let missing = folder.join("missing/page.html");
    let svg = folder.join("picture.svg");
    let svg = svg.to_str().unwrap();
    let refused = |more: &[&str], words: &str| {
        let output = trace(&[&ARTICLE, more].concat());
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{more:?}");
        assert!(message.contains(words), "{more:?}: {message}");
        assert_eq!(files(&folder), Vec::<String>::new(), "{more:?}");
    };
    // The picture could be written, the page cannot: neither is.
    refused(&["--svg", svg, "--html", missing.to_str().unwrap()], "cannot write");
    refused(&["--html", folder.to_str().unwrap()], "it is a folder");
    refused(&["--svg", svg, "--wrt", "w"], "w");
    refused(&["--wrt", "x"], "--html");
    refused(&["--svg", svg, "--points", "2"], "one point");
}

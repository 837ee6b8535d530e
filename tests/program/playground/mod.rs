//! The playground: the page that `web/build` makes, from disk, in a browser without a network.

mod views;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use support::browser::{Browser, RIGHT};

/// The page that `crates/wasm/run-tests` has built, and a browser. A page that is left from another day is no concern of ours.
fn open(address: &str) -> Option<(Browser, PathBuf)> {
    let Some(page) = std::env::var_os("CHAINRULE_PAGE").map(PathBuf::from) else {
        eprintln!("skipped: CHAINRULE_PAGE names no playground (crates/wasm/run-tests)");
        return None;
    };
    let page = page.canonicalize().expect("it is a file");
    let browser = Browser::open()?;
    visit(&browser, &page, address);
    Some((browser, page))
}

/// Opens the page at an address, and waits for its first answer.
fn visit(browser: &Browser, page: &Path, address: &str) {
    browser.go(Path::new("/dev/null"));
    browser.go(Path::new(&format!("{}{address}", page.display())));
    wait(
        browser,
        "return document.body.dataset.done !== undefined || document.querySelector('#error').textContent !== ''",
    );
}

/// Waits until a script says true: for as long as a machine that is busy may take.
fn wait(browser: &Browser, script: &str) {
    for _ in 0..600 {
        if browser.run(script) == true {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("this was never so: {script}\n{}", browser.run("return document.body.innerText"));
}

/// Types a text into a field, as a change of all of it.
fn fill(browser: &Browser, selector: &str, text: &str) {
    let (selector, text) = (json!(selector), json!(text));
    browser.run(&format!(
        "const field = document.querySelector({selector}); field.focus(); field.value = {text};
         field.dispatchEvent(new Event('input', {{bubbles: true}}));"
    ));
}

fn text(browser: &Browser, selector: &str) -> String {
    let script = format!("return document.querySelector({}).innerText", json!(selector));
    browser.run(&script).as_str().unwrap_or_default().to_owned()
}

/// Per component what each column shows, without the words below the digits.
fn gradients(browser: &Browser) -> Value {
    browser.run(
        "return Object.fromEntries([...document.querySelectorAll('#gradients tbody tr')].map((row) => [row.dataset.component,
           [...row.querySelectorAll('td')].map((cell) => [...cell.querySelectorAll('.right, .wrong')].map((part) => part.textContent).join(''))]));",
    )
}

#[test]
fn the_articles_example_from_end_to_end_without_a_network() {
    let Some((browser, page)) = open("") else { return };
    // Certified, numerical, symbolic, backpropagation: all but finite differences are exact.
    let found = gradients(&browser);
    for (input, value) in [("x", "-4"), ("y", "-4"), ("z", "3")] {
        let row = &found[input];
        assert_eq!([&row[0], &row[2], &row[3]], [value; 3], "{found}");
        let near: f64 = row[1].as_str().unwrap().parse().unwrap();
        assert!((near - value.parse::<f64>().unwrap()).abs() < 1e-9, "{found}");
    }
    assert_eq!(text(&browser, "#value"), "L = -12");
    assert!(text(&browser, "#verdict").contains("agree"), "{}", text(&browser, "#verdict"));

    // Both passes by keys, with the product on every edge.
    browser.run("document.querySelector('#panel-graph .stepper').focus()");
    let steps = "return Number(document.querySelector('#panel-graph .stepper').dataset.step)";
    assert_eq!(browser.run(steps), 0);
    for _ in 0..3 {
        browser.press(RIGHT);
    }
    assert_eq!(browser.run(steps), 3);
    let products = "return [...document.querySelectorAll('#panel-graph .product')]
        .filter((text) => getComputedStyle(text).visibility === 'visible').map((text) => text.textContent).sort()";
    assert_eq!(browser.run(products), json!(["1 × (-4)= -4", "1 × 3= 3"]));
    for _ in 0..5 {
        browser.press(RIGHT);
    }
    assert_eq!(browser.run(products), json!(["-4 × 1= -4", "-4 × 1= -4", "1 × (-4)= -4", "1 × 3= 3"]));
    browser.click("[data-go=first]");
    assert_eq!(browser.run(steps), 0);

    // The derivation, and the same as programs.
    browser.click("#tab-formula");
    wait(&browser, "return document.querySelector('#code')?.textContent.length > 0");
    let formulas = text(&browser, "#panel-formula");
    assert!(formulas.contains("L by z"), "{formulas}");
    for (language, words) in
        [("c", "double L_and_gradient("), ("python", "def "), ("rust", "fn "), ("latex", "\\frac")]
    {
        browser.run(&format!(
            "const select = document.querySelector('#to'); select.value = '{language}'; select.dispatchEvent(new Event('change'))"
        ));
        wait(
            &browser,
            &format!("return document.querySelector('#code').textContent.includes({})", json!(words)),
        );
    }

    // Nothing was asked of a network, and nothing could be: no address is named but those of the names of SVG and MathML.
    assert_eq!(browser.run("return performance.getEntriesByType('resource').filter((one) => !/^(blob|data):/.test(one.name)).length"), 0);
    let source = std::fs::read_to_string(page).unwrap();
    // The commands are letters in any order.
    let (before, rest) = source.split_once("id=\"wasm\">").expect("the commands");
    let written = before.to_owned() + rest.split_once("</script>").expect("their end").1;
    let addresses: Vec<&str> = written.match_indices("http").map(|(k, _)| &written[k..k + 26]).collect();
    assert!(addresses.iter().all(|address| address.starts_with("http://www.w3.org/")), "{addresses:?}");
}

#[test]
fn digits_are_marked_as_far_as_they_are_right() {
    // Finite differences of the third function have a dozen digits; -4 and 3 are exact.
    for (address, exact) in [("", true), ("#f=exp(x)*sin(3*x)/x&at=x%3D0.7", false)] {
        let Some((browser, _)) = open(address) else { return };
        let cells = browser.run(
            "return [...document.querySelectorAll('#gradients tbody tr')].map((row) => [...row.querySelectorAll('td')].map((cell) =>
               [...['.right', '.wrong'].map((part) => cell.querySelector(part)?.textContent ?? ''), cell.querySelector('small')?.textContent ?? '']))",
        );
        for row in cells.as_array().unwrap() {
            let part = |cell: usize, k: usize| row[cell][k].as_str().unwrap();
            let truth: f64 = part(0, 0).parse().unwrap();
            if exact {
                assert_eq!([part(3, 1), part(3, 2)], ["", "exact"], "{row}");
            }
            for cell in 1..4 {
                let value: f64 = format!("{}{}", part(cell, 0), part(cell, 1)).parse().unwrap();
                if part(cell, 2) == "exact" {
                    assert_eq!((value, part(cell, 1)), (truth, ""), "{row}");
                    continue;
                }
                let right = (-((value - truth) / truth).abs().log10()).floor();
                let digits = part(cell, 0).trim_start_matches(['-', '0', '.']).replace('.', "").len();
                assert_eq!((digits as f64, part(cell, 1).is_empty()), (right, false), "{row}");
                assert_eq!(part(cell, 2), format!("{right} digits right"), "{row}");
            }
        }
        assert!(exact || cells[0][1][2] != "exact", "{cells}");
    }
}

#[test]
fn an_address_brings_back_what_was_seen() {
    let Some((browser, page)) = open("") else { return };
    fill(&browser, "#f", "g(u, v) = exp(u)*v^2");
    wait(
        &browser,
        "return document.querySelector('#gradients tbody tr')?.dataset.component === 'u' && !document.body.classList.contains('stale')",
    );
    fill(&browser, "[data-input=u]", "0.25");
    fill(&browser, "[data-input=v]", "-1.5");
    browser.click("#tab-steps");
    wait(&browser, "return document.querySelector('#wrt') !== null");
    browser.run("const select = document.querySelector('#wrt'); select.value = 'v'; select.dispatchEvent(new Event('change'))");
    wait(
        &browser,
        "return document.querySelector('#panel-steps svg')?.getAttribute('aria-label').includes('∂g/∂v')",
    );
    fill(&browser, "#h", "20");
    let state = "return [document.querySelector('#f').value, document.querySelector('#value').textContent,
        document.querySelector('[role=tab][aria-selected=true]').textContent, document.querySelector('#wrt').value, document.querySelector('#at-h').textContent]";
    std::thread::sleep(Duration::from_millis(300));
    let (before, numbers) = (browser.run(state), gradients(&browser));
    assert_eq!(before[0], "g(u, v) = exp(u)*v^2");
    let address = browser.run("return location.hash");
    visit(&browser, &page, address.as_str().unwrap());
    wait(
        &browser,
        "return document.querySelector('#at-h') !== null && document.querySelector('#gradients tbody tr') !== null",
    );
    assert_eq!((browser.run(state), gradients(&browser)), (before, numbers));
}

#[test]
fn an_error_is_told_with_a_caret_and_goes_when_it_is_mended() {
    let Some((browser, _)) = open("") else { return };
    fill(&browser, "#f", "sinn(x) + y");
    wait(&browser, "return document.querySelector('#error').textContent !== ''");
    let error = text(&browser, "#error");
    assert!(error.contains("there is no function sinn") && error.contains("^^^^"), "{error}");
    assert_eq!(browser.run("return document.querySelector('#f').getAttribute('aria-invalid')"), "true");
    fill(&browser, "#f", "sin(x) + y");
    wait(
        &browser,
        "return document.querySelector('#error').textContent === '' && document.querySelector('#gradients tbody tr').dataset.component === 'x'",
    );
    // A value that is none.
    fill(&browser, "[data-input=x]", "1+");
    wait(&browser, "return document.querySelector('#error').textContent !== ''");
    // Markup stays text.
    fill(&browser, "#f", "<img src=x onerror=document.title='broken'>");
    wait(&browser, "return document.querySelector('#error').textContent.includes('<img')");
    assert_eq!(
        browser.run("return document.querySelector('#error img') === null && document.title !== 'broken'"),
        true
    );
}

#[test]
fn a_claim_is_proved_or_refuted_by_a_point() {
    let Some((browser, _)) = open("#f=x%5Ex&at=x%3D2&tab=check&by=x") else { return };
    wait(&browser, "return document.querySelector('#claim') !== null");
    fill(&browser, "#claim", "x^x*ln(x)");
    wait(&browser, "return document.querySelector('.status') !== null");
    let told = text(&browser, ".status");
    assert!(told.contains("refuted") && told.contains("it says"), "{told}");
    fill(&browser, "#claim", "x^x*(ln(x) + 1)");
    wait(&browser, "return document.querySelector('.status.proved') !== null");
}

#[test]
fn an_exercise_is_solved() {
    let Some((browser, _)) = open("#tab=turn&seed=3") else { return };
    wait(&browser, "return document.querySelector('.turn input') !== null");
    let given = browser.run(
        "return [document.querySelector('#panel-turn code').textContent, document.querySelector('#panel-turn p').textContent.match(/At (.*?)\\./)[1]]",
    );
    // The answers are the program's.
    let at = given[1].as_str().unwrap().replace(" = ", "=").replace(", ", ",");
    let arguments = ["trace", given[0].as_str().unwrap(), "--at", &at, "--format", "json"];
    let output = Command::new(env!("CARGO_BIN_EXE_compare")).args(arguments).output().expect("it runs");
    let trace: Value = serde_json::from_slice(&output.stdout).expect("a document");
    let nodes = trace["nodes"].as_array().unwrap();
    let hidden = browser.run("return document.querySelectorAll('#panel-turn .slope, #panel-turn .product, #panel-turn title').length");
    assert_eq!(hidden, 0, "the page tells the answers");
    for node in nodes.iter().filter(|node| node["operator"] != "constant") {
        let field = format!("#turn-{}", node["id"]);
        fill(&browser, &field, "12345");
        browser.click("#panel-turn [type=submit]");
        assert!(text(&browser, &format!("#hint-{}", node["id"])).contains("not yet"));
        fill(&browser, &field, &node["gradient"].to_string());
    }
    browser.click("#panel-turn [type=submit]");
    assert!(
        text(&browser, ".score").contains("are right: that was a backward pass"),
        "{}",
        text(&browser, ".score")
    );
    // The next one is another.
    browser.run("[...document.querySelectorAll('#panel-turn button')].find((button) => button.textContent === 'Next exercise').click()");
    wait(&browser, "return document.querySelector('#panel-turn').dataset.seed === '4'");
}

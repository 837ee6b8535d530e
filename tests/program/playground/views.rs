//! What each part shows, how it fits, and what axe-core says of it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use support::browser::Browser;

use super::{fill, open, text, visit, wait};

const TABS: [&str; 7] = ["graph", "formula", "steps", "descent", "swell", "check", "turn"];

/// Waits until a panel is drawn.
fn drawn(browser: &Browser, tab: &str) {
    let script = format!(
        "const panel = document.querySelector('#panel-{tab}');
         return panel.childElementCount > 0 && panel.querySelector('.loading') === null
           && [...panel.querySelectorAll('.drawn')].every((place) => place.childElementCount > 0);"
    );
    wait(browser, &script);
}

#[test]
fn the_page_fits_a_wide_screen_and_a_narrow_one() {
    let Some((browser, page)) = open("") else { return };
    for width in [1280, 390] {
        browser.resize(width);
        for tab in TABS {
            visit(&browser, &page, &format!("#tab={tab}"));
            drawn(&browser, tab);
            let wider = browser.run("return document.documentElement.scrollWidth - innerWidth");
            assert!(wider.as_f64().unwrap() <= 0.0, "{tab} at {width}: {wider}");
        }
    }
}

#[test]
fn formulas_are_typeset() {
    let Some((browser, _)) = open("#f=L(x)=sum(i,1,n,sqrt(x[i])/(x[i]%2B1))&size=n%3D3&tab=formula") else {
        return;
    };
    let set = |place: &str| {
        wait(&browser, &format!("return document.querySelector('{place} math') !== null"));
        browser
            .run(&format!("return document.querySelector('{place} math').outerHTML"))
            .as_str()
            .unwrap()
            .to_owned()
    };
    // A sum with its bounds below and above, a fraction over a root, and an index.
    let function = set("#formula");
    for part in
        ["<munderover><mo largeop=\"true\">∑</mo>", "<mfrac>", "<msqrt>", "<msub>", "<mi>L</mi><mo>=</mo>"]
    {
        assert!(function.contains(part), "{part}: {function}");
    }
    let derivative = set("#panel-formula .formulas");
    assert!(derivative.contains("<mo>∂</mo>") && derivative.contains("<mfrac>"), "{derivative}");
    // Nothing of LaTeX is left.
    for text in [function, derivative] {
        assert!(!text.contains('\\') && !text.contains("operatorname"), "{text}");
    }
}

#[test]
fn descents_go_where_the_formula_says() {
    let Some((browser, _)) = open("#f=x%5E2%2B10*y%5E2%2Bz&at=x%3D1;y%3D2;z%3D7&tab=descent&rate=0.1&walk=2")
    else {
        return;
    };
    drawn(&browser, "descent");
    let told = text(&browser, "#panel-descent .told");
    assert!(
        told.contains("f: 48 → 47.41") && told.contains("x = 0.64, y = 2") && told.contains("z stays"),
        "{told}"
    );
    assert!(
        browser
            .run("return document.querySelectorAll('#panel-descent .contour').length > 8")
            .as_bool()
            .unwrap()
    );
    // Adam's steps have the length of the rate, whatever the slope.
    browser.run("const select = document.querySelector('#method'); select.value = 'adam'; select.dispatchEvent(new Event('change'))");
    wait(&browser, "return document.querySelector('#panel-descent .told').textContent.includes('x = 0.8')");
    assert!(text(&browser, "#panel-descent .told").contains("y = 1.8"));
    // A larger rate diverges, and that is said.
    browser.run("const select = document.querySelector('#method'); select.value = 'plain'; select.dispatchEvent(new Event('change'))");
    fill(&browser, "#walk", "200");
    fill(&browser, "#rate", "0.3");
    wait(
        &browser,
        "return document.querySelector('#panel-descent .told').textContent.includes('it diverges')",
    );
    // A click puts the start there: into the fields as well.
    browser.run(
        "const frame = document.querySelector('#panel-descent .frame').getBoundingClientRect();
         document.querySelector('#panel-descent .plane').dispatchEvent(new MouseEvent('click', {clientX: frame.left + frame.width / 2, clientY: frame.top + frame.height / 2, bubbles: true}))",
    );
    wait(&browser, "return document.querySelector('[data-input=x]').value !== '1'");
    // Of one input the curve.
    browser.run("const select = document.querySelector('#second'); select.value = '-'; select.dispatchEvent(new Event('change'))");
    wait(&browser, "return document.querySelector('#panel-descent .curve') !== null");
}

#[test]
fn swell_is_that_of_the_program() {
    let Some((browser, _)) = open("#tab=swell&n=12") else { return };
    drawn(&browser, "swell");
    let function = "iterate(k, 1, n, y, x, 4*y*(1 - y))";
    let arguments = ["swell", function, "--size", "n=12", "--format", "json"];
    let output = Command::new(env!("CARGO_BIN_EXE_compare")).args(arguments).output().expect("it runs");
    let table: Value = serde_json::from_slice(&output.stdout).expect("a document");
    let column = |name: &str| {
        let at = table["columns"].as_array().unwrap().iter().position(|column| column == name).unwrap();
        table["rows"][0][at].as_u64().unwrap()
    };
    let told = text(&browser, "#panel-swell .told").replace('\u{202f}', "");
    for name in ["tree", "reverse", "f"] {
        let numbers: Vec<&str> = told.split(|c: char| !c.is_ascii_digit()).collect();
        assert!(numbers.contains(&column(name).to_string().as_str()), "{name} {}: {told}", column(name));
    }
    fill(&browser, "#n", "30");
    wait(&browser, "return document.querySelector('#panel-swell .told').textContent.includes('n = 30')");
}

#[test]
fn embedded_it_is_the_function_and_what_was_chosen() {
    let Some((browser, page)) = open("#f=x*y&at=x%3D2;y%3D3&tab=steps") else { return };
    let visible = |selector: &str| {
        browser.run(&format!("return document.querySelector({}).checkVisibility()", json!(selector))) == true
    };
    assert!(visible("header"));
    for address in ["?embed#f=x*y&at=x%3D2;y%3D3&tab=steps", "#f=x*y&at=x%3D2;y%3D3&tab=steps&embed=1"] {
        visit(&browser, &page, address);
        drawn(&browser, "steps");
        assert!(
            !visible("header") && !visible("footer") && visible("#f") && visible("#panel-steps svg"),
            "{address}"
        );
        assert_eq!(text(&browser, "#value"), "f = 6");
        // Its own address, which a teacher copies, says so too.
        std::thread::sleep(Duration::from_millis(300));
        assert!(browser.run("return location.href").as_str().unwrap().contains("embed"));
    }
}

#[test]
fn what_is_said_and_the_graph_are_in_view_together() {
    let Some((browser, page)) = open("") else { return };
    let in_view = "const panel = document.querySelector('#panel-graph .stepper');
        panel.scrollIntoView({block: 'start'});
        const inside = (element, frame) => {
          const [a, b] = [element.getBoundingClientRect(), frame];
          return a.width > 0 && a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
        };
        const all = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
        const graph = panel.querySelector('.graph');
        const now = panel.querySelector('.node.now');
        return { graph: inside(graph, all), says: inside(panel.querySelector('.says'), all),
          words: inside(panel.querySelector('.says h3'), all), controls: inside(panel.querySelector('.controls'), all),
          node: now === null || inside(now, graph.getBoundingClientRect()) };";
    let functions = [
        (12, "sigmoid(w1*x + w2*y + b)*v + tanh(w1*y)"),
        (60, "sum(i, 1, 10, (a*i + b*sin(i*c) - i^2)^2)"),
        (900, "iterate(k, 1, 300, y, x, sin(y)*x + y)"),
    ];
    for (width, height) in [(1280, 800), (390, 844)] {
        browser.resize_to(width, height);
        for (nodes, function) in functions {
            visit(&browser, &page, "");
            fill(&browser, "#f", function);
            wait(
                &browser,
                "return document.querySelector('#error').textContent === '' && document.querySelector('#panel-graph svg').getAttribute('aria-label').includes(document.querySelector('#f').value.slice(0, 20))",
            );
            let drawn = browser
                .run("return document.querySelectorAll('#panel-graph .node').length")
                .as_u64()
                .unwrap();
            assert!(drawn >= nodes.min(300) * 2 / 3, "{function}: {drawn} nodes");
            for go in ["first", "next", "next", "backward", "next", "last", "back"] {
                browser.click(&format!("#panel-graph [data-go={go}]"));
                let found = browser.run(in_view);
                assert_eq!(
                    found,
                    json!({"graph": true, "says": true, "words": true, "controls": true, "node": true}),
                    "{function} at {width}x{height}, {go}"
                );
            }
            // All of it, larger, and moved by the mouse.
            browser.click("#panel-graph [data-zoom=all]");
            let fits = browser.run(
                "const graph = document.querySelector('#panel-graph .graph'); return graph.scrollWidth <= graph.clientWidth + 1 && graph.scrollHeight <= graph.clientHeight + 1",
            );
            assert_eq!(fits, true, "{function} at {width}x{height}");
            let wide = "return document.querySelector('#panel-graph svg').getBoundingClientRect().width";
            let before = browser.run(wide).as_f64().unwrap();
            browser.click("#panel-graph [data-zoom=in]");
            let after = browser.run(wide).as_f64().unwrap();
            assert!((after / before - 1.3).abs() < 0.01 || after > before, "{before} {after}");
        }
    }
}

/// What axe-core says of the page as it is.
fn violations(browser: &Browser, axe: &str) -> Value {
    browser.run(&format!("if (!window.axe) {{ (0, eval)({}); }} return null", json!(axe)));
    browser.run("window.found = null; axe.run(document, {resultTypes: ['violations']}).then((all) => { window.found = all.violations.map((one) => [one.id, one.nodes.map((node) => node.target.join(' ')).slice(0, 4)]); }, (error) => { window.found = [String(error)]; }); return null");
    wait(browser, "return window.found !== null");
    browser.run("return window.found")
}

#[test]
fn axe_finds_nothing_in_any_view() {
    let built =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/axe/node_modules/axe-core/axe.min.js");
    let path = std::env::var_os("CHAINRULE_AXE").map_or(built, PathBuf::from);
    let Ok(axe) = std::fs::read_to_string(path) else {
        return eprintln!("skipped: axe-core is not here (npm install --prefix target/axe axe-core)");
    };
    let Some((browser, page)) = open("") else { return };
    for (width, height, scheme) in [(1280, 800, "light"), (390, 844, "dark")] {
        browser.resize_to(width, height);
        browser.prefer(scheme);
        for tab in TABS {
            visit(&browser, &page, &format!("#tab={tab}"));
            drawn(&browser, tab);
            assert_eq!(violations(&browser, &axe), json!([]), "{tab}, {width}x{height}, {scheme}");
        }
        for function in
            ["sum(i, 1, 10, (a*i + b*sin(i*c) - i^2)^2)", "iterate(k, 1, 300, y, x, sin(y)*x + y)", "sinn(x)"]
        {
            fill(&browser, "#f", function);
            browser.click("#tab-graph");
            wait(
                &browser,
                "return document.querySelector('#error').textContent !== '' || document.querySelector('#panel-graph svg').getAttribute('aria-label').includes(document.querySelector('#f').value.slice(0, 20))",
            );
            assert_eq!(violations(&browser, &axe), json!([]), "{function}, {width}x{height}, {scheme}");
        }
    }
    // The check sees a name that is taken away, and a colour that cannot be read.
    browser.run("document.querySelector('#gallery').labels[0].remove(); document.querySelector('#verdict').style.color = '#888'; document.querySelector('#verdict').style.background = '#777'; document.body.classList.remove('stale')");
    let found = violations(&browser, &axe).to_string();
    assert!(found.contains("select-name") && found.contains("color-contrast"), "{found}");
}

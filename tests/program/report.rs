//! `compare report` as people use it: what it leaves, that verdicts are computed, and how it says no.

#[allow(dead_code)] // the tests of the stepper use more of it
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use support::browser::{Browser, RIGHT};

fn compare(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_compare")).args(arguments).output().unwrap()
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("chainrule-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// The smallest report, written once for all tests.
fn report() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = folder("report");
        let output = compare(&["report", "--tiny", "--out", folder.to_str().unwrap()]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*errors), (Some(0), ""));
        assert!(String::from_utf8_lossy(&output.stdout).contains("index.html"));
        folder
    })
}

fn read(name: &str) -> String {
    std::fs::read_to_string(report().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The files that there are, by how their names end.
fn files(end: &str) -> Vec<String> {
    let all =
        std::fs::read_dir(report()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    all.filter(|name| name.ends_with(end)).collect()
}

#[test]
fn every_claim_has_a_figure_and_a_verdict() {
    let page = read("README.md");
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.ends_with("** |"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    assert!(rows.len() >= 12, "{} rows", rows.len());
    for row in &rows {
        let [claim, experiment, figure, verdict] = row[..] else { panic!("{row:?}") };
        let (_, link) = experiment.split_once("](").unwrap();
        assert!(read(link.trim_end_matches(')')).contains(claim), "{link}");
        assert!(figure.chars().any(|c| c.is_ascii_digit()), "{figure}");
        let verdict = verdict.trim_matches('*');
        let told = verdict.split_once("; not ").or_else(|| verdict.split_once("; only "));
        match told {
            // What it holds for, or not, is among what was measured.
            Some((share, cases)) => {
                assert!(share.contains(" of ") && verdict.matches(';').count() == 1, "{verdict}");
                let named = cases.split(" and ").next().unwrap();
                assert!(named.split(", ").all(|case| figure.contains(case)), "{cases} in {figure}")
            }
            None => assert!(["holds", "does not hold"].contains(&verdict), "{verdict}"),
        }
    }
    for part in ["commit", "processor", "compiler", "date", "seed", "load", "peers.md"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("Not finished"));
}

#[test]
fn first_screen_answers_and_claims_are_those_of_the_article() {
    let page = read("index.html");
    let (first, rest) = page.split_once("<nav").expect("contents");
    assert_eq!(first.matches("<svg").count(), 3, "one picture of three panels");
    let sentences = first.split("<ul class=\"sentences\">").nth(1).expect("sentences");
    assert_eq!(sentences.matches("<li>").count(), 5);
    for part in ["backpropagation", "symbolic differentiation", "finite differences", "n^", "12 right digits"]
    {
        assert!(sentences.contains(part), "{part}");
    }
    // Every link of the contents leads somewhere.
    let contents = rest.split_once("</nav>").expect("it ends").0;
    let links: Vec<&str> =
        contents.split("href=\"#").skip(1).map(|link| link.split('"').next().unwrap()).collect();
    assert!(links.len() > 10, "{links:?}");
    assert!(links.iter().all(|id| rest.contains(&format!("id=\"{id}\""))), "{links:?}");
    let quotes: Vec<&str> =
        rest.split("<q>").skip(1).map(|quote| quote.split("</q>").next().unwrap()).collect();
    assert!(quotes.len() >= 12, "{}", quotes.len());
    let article = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/article.txt"));
    match std::fs::read_to_string(article) {
        Ok(article) => quotes.iter().for_each(|quote| assert!(article.contains(quote), "{quote}")),
        Err(_) => eprintln!("skipped: the article's text is not beside the checkout"),
    }
}

#[test]
fn numbers_stand_beside_every_picture() {
    let pictures = files(".svg");
    assert!(pictures.len() >= 6, "{pictures:?}");
    for picture in pictures {
        let numbers = read(&picture.replace(".svg", ".csv"));
        let width = numbers.lines().next().unwrap().split(',').count();
        assert!(numbers.lines().count() > 1 && width > 1, "{picture}");
        well_formed(&picture, &read(&picture));
    }
    assert!(files(".unfinished").is_empty());
}

#[test]
fn the_page_needs_no_network() {
    let page = read("index.html");
    // The name of a namespace is no address, and what stands in the page itself is no request.
    let page = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "").replace("url(#", "");
    for word in ["http:", "https:", "src=", "@import", "url(", "<link"] {
        assert!(!page.contains(word), "{word}");
    }
    let pieces: Vec<&str> =
        page.split("<svg").skip(1).map(|rest| rest.split("</svg>").next().unwrap()).collect();
    assert!(pieces.len() >= 7, "{}", pieces.len());
    for piece in pieces {
        well_formed("index.html", &format!("<svg{piece}</svg>"));
    }
    assert_eq!(page.matches("<details").count(), page.matches("</details>").count());
    assert!(page.matches("<details").count() >= 8);
}

/// Tags close in the order in which they open, attributes are quoted, and nothing is left bare: XML as far as it matters.
fn well_formed(name: &str, text: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let content = &rest[..start];
        assert!(!content.contains('>') || open.last() == Some(&"style"), "{name}: a bare > in {content:?}");
        let end =
            start + rest[start..].find('>').unwrap_or_else(|| panic!("{name}: a tag that does not end"));
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        assert!(tag.matches('"').count().is_multiple_of(2), "{name}: <{tag}>");
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{name}");
        } else if !tag.ends_with('/') && !tag.starts_with('?') && !tag.starts_with('!') {
            open.push(tag.split_whitespace().next().unwrap());
        }
    }
    assert!(open.is_empty(), "{name}: {open:?} stay open");
    for number in ["NaN", "inf\"", "=\"inf"] {
        assert!(!text.contains(number), "{name}: {number}");
    }
}

#[test]
#[should_panic(expected = "stay open")]
fn what_does_not_close_is_seen() {
    well_formed("planted", "<svg><g><rect/></g>");
}

#[test]
fn a_folder_that_cannot_be_written_is_said_at_once() {
    let file = folder("report-in-the-way");
    std::fs::write(&file, "in the way").unwrap();
    for out in [file.clone(), file.join("below"), PathBuf::from("/proc/chainrule")] {
        let output = compare(&["report", "--quick", "--out", out.to_str().unwrap()]);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(output.stdout.is_empty() && message.contains(out.to_str().unwrap()), "{message}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "in the way");
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn an_interrupted_report_can_be_read() {
    let folder = folder("report-interrupted");
    let mut child = Command::new(env!("CARGO_BIN_EXE_compare"))
        .args(["report", "--tiny", "--out", folder.to_str().unwrap()])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // As soon as there is one page, it is all over.
    while !folder.join("index.html").exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let _ = child.kill();
    child.wait().unwrap();
    let page = std::fs::read_to_string(folder.join("README.md")).unwrap();
    assert!(page.contains("Not finished") && page.contains("** |"), "{page}");
    assert!(std::fs::read_to_string(folder.join("index.html")).unwrap().ends_with("</html>\n"));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_browser_shows_it_without_overlaps() {
    let page = report().join("index.html");
    let Some(browser) = Browser::open() else { return };
    for width in [1280, 390] {
        browser.resize(width);
        browser.go(&page);
        let wide = browser.run("return document.documentElement.scrollWidth").as_u64().unwrap();
        assert!(wide <= u64::from(width), "the page is {wide} wide at {width}");
        // No two texts of a picture lie upon each other.
        let script = "const bad = []; document.querySelectorAll('.picture svg').forEach(svg => { \
            const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]); \
            const frame = svg.getBoundingClientRect(); \
            boxes.forEach(([a, p], i) => { \
              if (p.right > frame.right + 1 || p.left < frame.left - 1) bad.push(['outside', a]); \
              boxes.slice(i + 1).forEach(([b, q]) => { \
                if (p.left + 1 < q.right && q.left + 1 < p.right && p.top + 3 < q.bottom && q.top + 3 < p.bottom) bad.push([a, b]); }); }); \
            }); return JSON.stringify(bad)";
        let overlaps = browser.run(script);
        assert_eq!(overlaps.as_str(), Some("[]"), "at {width}");
    }
    // The stepper of the article's example, to the end.
    browser.run("document.querySelector('#stepper').focus()");
    for _ in 0..40 {
        browser.press(RIGHT);
    }
    let slopes = browser
        .run("return [...document.querySelectorAll('#stepper output')].map(o => o.textContent).join(' ')");
    assert_eq!(slopes.as_str(), Some("-4 -4 3"));
    let shown = browser.run("return getComputedStyle(document.querySelector('#stepper .gradient')).display");
    assert_ne!(shown.as_str(), Some("none"));
}

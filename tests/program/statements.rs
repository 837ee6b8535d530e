//! What the program says of the points in ../shared/cases/points.tsv: statuses, words and causes that fit each other, and
//! sentences whose numbers are those of the JSON. A quarter of the rows; all of them:
//! `cargo test --release -p chainrule-compare statements -- --ignored`.

#![allow(clippy::print_stdout)] // what is wrong is shown at once, for all rows

use std::cell::RefCell;

use serde_json::Value;

/// A row: id, expression, point, and the status that its worst component has.
struct Row {
    id: String,
    text: String,
    at: String,
    status: String,
    why: String,
}

fn rows() -> Option<Vec<Row>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/points.tsv");
    let Ok(table) = std::fs::read_to_string(path) else {
        eprintln!("skipped: there are no cases beside the project");
        return None;
    };
    let row = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [id, text, at, sizes, status, _, why] = columns[..] else { panic!("seven columns: {line}") };
        assert_eq!(sizes, "-", "{id}: no row has sizes");
        let [id, text, at, status, why] = [id, text, at, status, why].map(str::to_owned);
        Row { id, text, at, status, why }
    };
    Some(table.lines().skip(1).filter(|line| !line.starts_with('#')).map(row).collect())
}

/// What one row's output says that it may not.
struct Checked<'a> {
    row: &'a Row,
    point: &'a Value,
    /// The table, on one line.
    table: String,
    wrong: RefCell<Vec<String>>,
}

impl Checked<'_> {
    fn must(&self, holds: bool, what: &str) {
        if !holds {
            self.wrong
                .borrow_mut()
                .push(format!("{} {} at {}: {what}", self.row.id, self.row.text, self.row.at));
        }
    }

    /// Where a word occurs in the sentences, some condition holds.
    fn only_where(&self, words: &str, holds: bool) {
        let occurs = self.sentences().contains(words);
        self.must(!occurs || holds, &format!("says {words:?}\n    {}", self.sentences()));
    }

    /// Notes and advice.
    fn sentences(&self) -> String {
        let notes = self.point["note"].as_str().unwrap_or_default();
        format!("{notes}; {}", self.advice())
    }

    fn advice(&self) -> &str {
        let start = [
            "disagree:",
            "unchecked:",
            "overflow:",
            "undefined:",
            "kink:",
            "removable:",
            "refused:",
            "agree:",
        ];
        let at = start.iter().filter_map(|word| self.table.rfind(&format!(" {word}"))).max();
        self.table[at.expect("there is a verdict")..].trim_start()
    }

    fn statuses(&self) -> Vec<&str> {
        let statuses = self.point["reference"]["status"].as_array().expect("there is a reference");
        statuses.iter().map(|status| status.as_str().unwrap()).collect()
    }

    fn words<'v>(&self, of: &'v Value) -> Vec<&'v str> {
        of["components"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
    }

    fn kinds(&self) -> Vec<&str> {
        let causes = self.point["causes"].as_array().unwrap();
        causes.iter().map(|cause| cause["kind"].as_str().unwrap()).collect()
    }

    fn run(&self, document: &Value) {
        let point = self.point;
        let statuses = self.statuses();
        let verdicts = self.words(point);
        let strategies = point["strategies"].as_array().unwrap();
        let all = |wanted: &str| statuses.iter().all(|status| *status == wanted);
        let any = |wanted: &str| statuses.contains(&wanted);
        let (certified, overflow, kink) = (all("certified"), any("overflow"), any("kink"));
        let (removable, undefined) = (any("removable"), any("undefined"));

        // Words.
        for (k, status) in statuses.iter().enumerate() {
            let own: Vec<&str> = strategies.iter().map(|strategy| self.words(strategy)[k]).collect();
            let fits = match *status {
                "kink" | "undefined" | "overflow" => {
                    own.iter().all(|word| word == status) && verdicts[k] == *status
                }
                "undecided" => own.iter().all(|word| *word == "unchecked") && verdicts[k] == "unchecked",
                "certified" => own.iter().all(|word| ["agree", "disagree", "unchecked"].contains(word)),
                _ => own.iter().all(|word| ["agree", "disagree", "unchecked", "removable"].contains(word)),
            };
            self.must(fits, &format!("component {k} is {status}, and the words are {own:?}"));
            let known = &point["reference"]["gradient"][k];
            for (strategy, word) in strategies.iter().zip(&own) {
                let (answer, truth) = (strategy["gradient"][k].as_f64(), known.as_f64());
                let right = answer.zip(truth).is_some_and(|(answer, truth)| {
                    (answer - truth).abs() <= 1e-3 * answer.abs().max(truth.abs()) || truth == 0.0
                });
                self.must(*word != "agree" || right, &format!("{answer:?} agrees with {truth:?}"));
                let analytic = strategy["strategy"] != "numerical";
                let decided = !analytic || !["certified"].contains(status) || *word != "unchecked";
                self.must(decided, &format!("an analytic answer is unchecked: {answer:?} for {truth:?}"));
            }
        }
        let worst =
            ["disagree", "unchecked", "overflow", "undefined", "kink", "removable", "refused", "agree"];
        let first = worst.into_iter().find(|word| verdicts.contains(word)).unwrap();
        self.must(point["verdict"] == first && document["verdict"] == first, "not the worst word");
        let total: u64 =
            point["counts"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
        self.must(total as usize == statuses.len(), "counts do not add up");
        self.must(self.advice().starts_with(first), "the sentence is of another verdict");

        // Sentences.
        self.only_where("no finite derivative", undefined);
        self.only_where("gives the certified gradient", certified);
        self.only_where("give the certified gradient", certified);
        let everywhere = |strategy: &Value| self.words(strategy).iter().all(|word| *word == "agree");
        let three = strategies.iter().all(everywhere);
        self.only_where("all three strategies", three);
        for name in ["symbolic", "backprop"] {
            let own = strategies.iter().find(|strategy| strategy["strategy"] == name).unwrap();
            let usable = everywhere(own);
            self.only_where(&format!("use {name}"), usable);
        }
        self.only_where("wrong rule", false);
        self.only_where("the rule of", false);
        self.only_where("slopes from", kink);
        self.only_where("kink:", kink);
        self.only_where("overflow:", overflow);
        self.only_where("overflow of the derivative", overflow);
        self.only_where("removable", removable);
        self.only_where("contradicts its own error estimate", self.kinds().contains(&"estimate"));
        let ill = self.kinds().contains(&"ill-conditioned");
        self.only_where("no double-precision method", ill);
        let nodes = point["causes"].as_array().unwrap().iter().map(|cause| cause["node"].as_str().unwrap());
        let invented =
            nodes.clone().any(|node| node.split(|c: char| !c.is_alphanumeric()).any(|word| word == "t1"));
        self.must(!invented, "a node has a name that nobody wrote");
        // Nodes are named by their text, and operators have ends of their domains.
        let mut sentences = self.sentences();
        for node in nodes {
            sentences = sentences.replace(node, "node");
        }
        for facts in [
            "where its argument is 0 or below",
            "not between -1 and 1",
            "its base is 0 or negative",
            "its divisor is 0",
        ] {
            sentences = sentences.replace(facts, "");
        }
        for number in numbers(&sentences) {
            let found = occurs(&number, document, &self.row.text, &self.table);
            self.must(found, &format!("{number} is not in the JSON\n    {}", self.sentences()));
        }

        // Causes, as the row states them.
        let kinds = self.kinds();
        let analytic_wrong =
            strategies.iter().any(|s| s["strategy"] != "numerical" && s["outcome"] == "disagree");
        let needs = |kind: &str| kinds.contains(&kind) || !analytic_wrong;
        let fits = match self.row.why.as_str() {
            why if why.starts_with("cancellation must not") => !kinds.contains(&"rule"),
            why if why.starts_with("underflow") => needs("underflow") && !kinds.contains(&"overflow"),
            "overflow of an intermediate" | "0 instead of 0.707 must not pass" => needs("overflow"),
            "the quotient rule as written cancels, f does not" => needs("formula"),
            "chaos" | "argument beyond the accuracy of the doubles" => needs("ill-conditioned"),
            _ => true,
        };
        self.must(fits, &format!("the causes are {kinds:?}, and the row says: {}", self.row.why));
        self.must(!kink || kinds.contains(&"kink"), "a kink without its cause");
        self.must(!removable || kinds.contains(&"removable"), "a removable point without its cause");
        self.must(!undefined || kinds.contains(&"singular"), "an undefined point without its cause");
        self.must(!analytic_wrong || !kinds.is_empty(), "a disagreement without a cause");
    }
}

/// The numbers of a text that stand by themselves, but for counts of digits and components.
fn numbers(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split([' ', ';', ',']).filter(|word| !word.is_empty()).collect();
    let mut found = Vec::new();
    for (k, word) in words.iter().enumerate() {
        let word = word.trim_matches(|c: char| "():.".contains(c));
        let counts = ["digits", "more", "of", "components"];
        let counted =
            words.get(k + 1).is_some_and(|next| counts.contains(&next.trim_end_matches([')', '.'])))
                || k > 0 && words[k - 1] == "of";
        if word.parse::<f64>().is_ok_and(f64::is_finite) && !counted {
            found.push(word.to_owned());
        }
    }
    found
}

/// Whether a number is one of the document's to the digits that it is printed with, or one of the expression's, or in the
/// table a derivative that no double holds.
fn occurs(number: &str, document: &Value, expression: &str, table: &str) -> bool {
    let value: f64 = number.parse().unwrap();
    let mantissa = number.split(['e', 'E']).next().unwrap();
    let digits = mantissa.chars().filter(char::is_ascii_digit).count().clamp(1, 17) as i32;
    let near = |other: f64| {
        // JSON may be read a last place off.
        (other - value).abs() <= (0.6 * 10f64.powi(1 - digits)).max(2.3e-16) * value.abs()
    };
    fn all(value: &Value, near: &dyn Fn(f64) -> bool) -> bool {
        match value {
            Value::Number(number) => near(number.as_f64().unwrap()),
            Value::Array(items) => items.iter().any(|item| all(item, near)),
            Value::Object(fields) => fields.values().any(|field| all(field, near)),
            _ => false,
        }
    }
    let literal = expression.split(|c: char| !(c.is_ascii_digit() || ".e-".contains(c)));
    all(document, &near)
        || literal.filter_map(|text| text.parse::<f64>().ok()).any(near)
        || value.is_infinite() && table.contains(number)
}

fn check(every: usize) {
    let Some(rows) = rows() else { return };
    let (mut wrong, mut statuses, mut seen) = (Vec::new(), 0, 0);
    for row in rows.iter().step_by(every) {
        let arguments = |format| [&*row.text, "--at", &row.at, "--no-times", "--format", format];
        let output = |format| String::from_utf8(super::run::compare(&arguments(format)).stdout).unwrap();
        let document: Value =
            serde_json::from_str(&output("json")).unwrap_or_else(|error| panic!("{}: {error}", row.id));
        let table = output("table").split_whitespace().collect::<Vec<_>>().join(" ");
        let checked = Checked { row, point: &document["points"][0], table, wrong: RefCell::default() };
        checked.run(&document);
        let order = ["undecided", "overflow", "undefined", "kink", "removable", "certified"];
        let worst = order.into_iter().find(|status| checked.statuses().contains(status)).unwrap();
        statuses += usize::from(worst == row.status);
        if worst != row.status {
            println!("{} {} at {}: {worst}, and it is {}", row.id, row.text, row.at, row.status);
        }
        seen += 1;
        wrong.append(&mut checked.wrong.into_inner());
    }
    println!("{statuses} of {seen} rows have the status that they state");
    wrong.iter().for_each(|wrong| println!("{wrong}"));
    assert!(wrong.is_empty(), "{} statements are wrong", wrong.len());
}

#[test]
fn statements_fit_each_other() {
    check(4);
}

#[test]
#[ignore = "all rows, by a release build"]
fn all_statements_fit_each_other() {
    check(1);
}

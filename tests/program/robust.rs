//! The rows of `../shared/cases/robust.tsv`, as a user would type them: exit status, what is said and what must not be,
//! and on request the limits of time and memory.

use std::fmt::Write as _;
use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Rows that take long, or much memory: with limits only.
const HEAVY: [&str; 17] = [
    "r004", "r005", "r007", "r008", "r009", "r010", "r011", "r012", "r013", "r014", "r015", "r016", "r017",
    "r018", "r019", "r051", "r052",
];

/// Rows that ask for an answer in time, and whose answer is a disagreement: the derivative is certified 0 while symbolic and
/// backprop multiply 0 by infinity, and CONTRACTS §3 calls a NaN beside a certified value `disagree`.
const DISAGREEMENTS: [&str; 3] = ["r002", "r004", "r005"];

struct Row {
    id: String,
    arguments: Vec<String>,
    seconds: u64,
    megabytes: u64,
    exit: Option<i32>,
    says: Vec<String>,
    not: Vec<String>,
}

fn rows() -> Vec<Row> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/robust.tsv");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: {path} is absent");
        return Vec::new();
    };
    let lines = text.lines().skip(1).filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let told = |mark: &str| -> Vec<String> {
                cells[5].split("; ").filter_map(|part| part.strip_prefix(mark)).map(str::to_owned).collect()
            };
            Row {
                id: cells[0].to_owned(),
                arguments: super::run::words(cells[1]),
                seconds: cells[2].parse().unwrap(),
                megabytes: cells[3].parse().unwrap(),
                exit: cells[4].parse().ok(),
                says: told("says: "),
                not: told("not: "),
            }
        })
        .collect()
}

struct Ended {
    exit: Option<i32>,
    said: String,
    megabytes: u64,
    seconds: f64,
}

/// Runs a row; with limits it is stopped when its time is over, and how much memory it held is looked at meanwhile.
fn run(row: &Row, limits: bool) -> Ended {
    let begin = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_compare"))
        .args(&row.arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let readers: Vec<_> = [
        Box::new(child.stdout.take().unwrap()) as Box<dyn Read + Send>,
        Box::new(child.stderr.take().unwrap()),
    ]
    .into_iter()
    .map(|mut pipe| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            pipe.read_to_end(&mut bytes).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        })
    })
    .collect();
    let mut megabytes = 0;
    let exit = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if limits {
            megabytes = held(child.id()).unwrap_or(0).max(megabytes);
            if begin.elapsed() > Duration::from_secs(row.seconds) || megabytes > row.megabytes {
                child.kill().unwrap();
                child.wait().unwrap();
                break None;
            }
        }
        thread::sleep(Duration::from_millis(5));
    };
    let seconds = begin.elapsed().as_secs_f64();
    let said: String = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
    Ended { exit, said, megabytes, seconds }
}

/// The most megabytes that a process has held so far, where the platform tells.
fn held(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}

/// What is wrong with a row, if anything.
fn faults(row: &Row, ended: &Ended) -> Vec<String> {
    let mut faults = Vec::new();
    let right = match row.exit {
        Some(0) if DISAGREEMENTS.contains(&row.id.as_str()) => ended.exit == Some(1),
        Some(exit) => ended.exit == Some(exit),
        None => matches!(ended.exit, Some(0..=2)),
    };
    if !right {
        faults.push(format!("exit {:?} instead of {:?}", ended.exit, row.exit));
    }
    let missing = row.says.iter().filter(|text| !ended.said.contains(*text));
    faults.extend(missing.map(|text| format!("does not say {text:?}")));
    let told = row.not.iter().filter(|text| ended.said.contains(*text));
    faults.extend(told.map(|text| format!("says {text:?}")));
    faults
}

/// Runs rows and reports; fails where one does.
fn check(limits: bool, asked: impl Fn(&Row) -> bool) {
    let mut failed = String::new();
    for row in rows().into_iter().filter(asked) {
        let ended = run(&row, limits);
        let faults = faults(&row, &ended);
        let (seconds, megabytes) = (ended.seconds, ended.megabytes);
        let figures = if limits { format!(" ({seconds:.2} s, {megabytes} MB)") } else { String::new() };
        let said = if faults.is_empty() { "ok".to_owned() } else { faults.join("; ") };
        let line = format!("{}: {said}{figures}", row.id);
        eprintln!("{line}");
        if !faults.is_empty() {
            let _ = writeln!(failed, "{line}");
        }
    }
    assert!(failed.is_empty(), "\n{failed}");
}

#[test]
fn quick_rows_end_as_they_should() {
    check(false, |row| !HEAVY.contains(&row.id.as_str()));
}

/// All rows within their time and memory: `cargo test --release -p chainrule-compare robust -- --ignored --nocapture`, on a
/// machine that does nothing else.
#[test]
#[ignore = "enforces limits of time and memory"]
fn every_row_keeps_its_limits() {
    check(true, |_| true);
}

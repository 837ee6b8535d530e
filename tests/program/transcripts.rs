//! What README and the other documents show is what the program prints, times aside.
//!
//! A block of three backquotes and `console` is a transcript: a line that begins with `$ ` is a command, and the lines up to
//! the next one are all that it prints, on stdout and then on stderr. A line `…` stands for any lines. In a block `sh` and
//! in tables every command that runs the program is run and must succeed (except `report`, which takes minutes), and every line
//! of a block `chainrule` is a function.
//!
//! `UPDATE_TRANSCRIPTS=1 cargo test -p chainrule-compare transcripts` writes today's output into the documents.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The documents, from the top of the repository.
const DOCUMENTS: [&str; 3] = ["README.md", "ARCHITECTURE.md", "examples/README.md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The lines of a block, without its fences, and what follows the opening backquotes.
struct Block<'a> {
    language: &'a str,
    first: usize,
    lines: Vec<&'a str>,
}

fn blocks(document: &str) -> Vec<Block<'_>> {
    let (mut blocks, mut open): (Vec<Block<'_>>, Option<Block<'_>>) = (Vec::new(), None);
    for (k, line) in document.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => open = Some(Block { language, first: k + 1, lines: Vec::new() }),
            (None, Some(block)) => block.lines.push(line),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block that is not closed");
    blocks
}

/// A command with what the document says that it prints.
struct Transcript {
    command: String,
    /// Lines of the document: the first after the command, and the first after what it prints.
    lines: std::ops::Range<usize>,
    shown: Vec<String>,
}

fn transcripts(document: &str) -> Vec<Transcript> {
    let mut found = Vec::new();
    for block in blocks(document).iter().filter(|block| block.language == "console") {
        let mut lines = block.lines.iter().enumerate().peekable();
        while let Some((mut k, line)) = lines.next() {
            let mut command =
                line.strip_prefix("$ ").expect("a block of transcripts begins with a command").to_owned();
            while command.ends_with('\\') {
                command.pop();
                k += 1;
                command.push_str(lines.next().expect("a continued command goes on").1);
            }
            let mut shown = Vec::new();
            while let Some((_, line)) = lines.next_if(|(_, line)| !line.starts_with("$ ")) {
                shown.push((*line).to_owned());
            }
            // One empty line before the next command sets them apart.
            let separate = lines.peek().is_some() && shown.last().is_some_and(String::is_empty);
            shown.truncate(shown.len() - usize::from(separate));
            let first = block.first + k + 1;
            found.push(Transcript { command, lines: first..first + shown.len(), shown });
        }
    }
    found
}

/// The arguments of a command that runs the program, in one of the two ways in which documents name it.
fn arguments(command: &str) -> Option<Vec<String>> {
    let words = super::run::words(command);
    let ways: [&[&str]; 3] = [&["cargo", "run", "--release", "--"], &["compare"], &["chainrule"]];
    let way =
        ways.iter().find(|way| words.iter().map(String::as_str).take(way.len()).eq(way.iter().copied()))?;
    Some(words[way.len()..].to_vec())
}

/// A folder with the examples, where commands may write files.
fn folder(test: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("chainrule-transcripts-{test}-{}", std::process::id()));
    fs::create_dir_all(folder.join("examples")).unwrap();
    for file in fs::read_dir(root().join("examples")).unwrap().map(Result::unwrap) {
        if file.file_type().unwrap().is_file() {
            fs::copy(file.path(), folder.join("examples").join(file.file_name())).unwrap();
        }
    }
    folder
}

/// Whether it succeeded, and the lines that it printed.
fn printed(arguments: &[String], folder: &Path) -> (bool, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_compare"));
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    let lines = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    let lines = lines.iter().flat_map(|text| text.lines()).map(|line| line.trim_end().to_owned());
    (output.status.success(), lines.collect())
}

/// A line without what differs from run to run: times and their ratios, and the width of columns that hold them.
fn times_aside(line: &str) -> String {
    let is_number = |word: &str| {
        let word = word.trim_start_matches('(');
        word.starts_with(|c: char| c.is_ascii_digit()) && word.parse::<f64>().is_ok()
    };
    let is_unit =
        |word: &&str| ["ns", "µs", "ms", "s"].contains(&word.trim_end_matches([',', ';', '.', ')', ':']));
    let mut words = line.split_whitespace().peekable();
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        if is_number(word) && words.next_if(is_unit).is_some() {
            kept.push("(time)");
        } else if word.contains('×') && is_number(&word[..word.find('×').unwrap_or(0)]) {
            kept.push("(ratio)");
        } else if !word.is_empty() && word.chars().all(|c| c == '─') {
            kept.push("─");
        } else {
            kept.push(word);
        }
    }
    kept.join(" ")
}

/// The first line that differs from what is shown: what is shown, and what was printed.
fn difference(shown: &[String], printed: &[String]) -> Option<(String, String)> {
    let (mut s, mut p) = (0, 0);
    while s < shown.len() {
        if shown[s].trim() == "…" {
            let next = times_aside(shown.get(s + 1)?);
            let Some(found) = (p..printed.len()).find(|&k| times_aside(&printed[k]) == next) else {
                return Some((next, "(no such line)".to_owned()));
            };
            (s, p) = (s + 1, found);
            continue;
        }
        let line = printed.get(p).cloned().unwrap_or_else(|| "(nothing)".to_owned());
        if times_aside(&shown[s]) != times_aside(&line) {
            return Some((shown[s].clone(), line));
        }
        (s, p) = (s + 1, p + 1);
    }
    let rest = printed[p.min(printed.len())..].iter().find(|line| !line.is_empty());
    rest.map(|line| ("(nothing)".to_owned(), line.clone()))
}

/// What is not as the document says.
fn faults(name: &str, document: &str, folder: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for transcript in transcripts(document) {
        let Some(arguments) = arguments(&transcript.command) else {
            faults.push(format!("{name}: not a command of ours: {}", transcript.command));
            continue;
        };
        let (_, printed) = printed(&arguments, folder);
        if let Some((shown, line)) = difference(&transcript.shown, &printed) {
            faults.push(format!("{name}: $ {}\n  shows  {shown}\n  prints {line}", transcript.command));
        }
    }
    for command in commands(document) {
        // A name alone is a mention, and the report takes minutes.
        let run = |arguments: &Vec<String>| arguments.len() > 1 && arguments[0] != "report";
        if let Some(arguments) = arguments(&command).filter(run) {
            let (succeeded, printed) = printed(&arguments, folder);
            if !succeeded {
                faults.push(format!("{name}: {command} fails:\n{}", printed.join("\n")));
            }
        }
    }
    for block in blocks(document).iter().filter(|block| block.language == "chainrule") {
        for line in &block.lines {
            if let Err(diagnostic) = syntax::parse(line) {
                faults.push(format!("{name}: {}", diagnostic.render(line, name, false)));
            }
        }
    }
    faults
}

/// Commands without what they print: lines of a block `sh`, and code in a table.
fn commands(document: &str) -> Vec<String> {
    let blocks = blocks(document);
    let blocks = blocks.iter().filter(|block| block.language == "sh");
    let lines = blocks.flat_map(|block| {
        block.lines.join("\n").replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>()
    });
    let tables = document.lines().filter(|line| line.starts_with("| "));
    let cells = tables.flat_map(|line| line.split('`').skip(1).step_by(2)).map(str::to_owned);
    lines.chain(cells).collect()
}

/// A document with today's output in place of what it shows.
fn updated(document: &str, folder: &Path) -> String {
    let mut lines: Vec<String> = document.lines().map(str::to_owned).collect();
    for transcript in transcripts(document).iter().rev() {
        let (_, mut printed) = printed(&arguments(&transcript.command).unwrap(), folder);
        while printed.last().is_some_and(String::is_empty) {
            printed.pop();
        }
        let elided = transcript.shown.iter().any(|line| line.trim() == "…");
        if !elided && difference(&transcript.shown, &printed).is_some() {
            lines.splice(transcript.lines.clone(), printed);
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn documents_show_what_the_program_prints() {
    let folder = folder("shown");
    let mut faults_found = Vec::new();
    for name in DOCUMENTS {
        let path = root().join(name);
        let document = fs::read_to_string(&path).unwrap();
        if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            fs::write(&path, updated(&document, &folder)).unwrap();
        }
        faults_found.extend(faults(name, &fs::read_to_string(&path).unwrap(), &folder));
    }
    fs::remove_dir_all(folder).unwrap();
    assert!(faults_found.is_empty(), "{}", faults_found.join("\n\n"));
}

#[test]
fn one_changed_digit_of_any_transcript_is_found() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let folder = folder("changed");
    let mut changed = 0;
    for transcript in transcripts(&readme) {
        let (_, printed) = printed(&arguments(&transcript.command).unwrap(), &folder);
        // The last digit of every line whose digits are no times.
        for k in 0..transcript.shown.len() {
            let mut shown = transcript.shown.clone();
            let Some(at) = shown[k].rfind(|c: char| c.is_ascii_digit()) else { continue };
            let digit = (shown[k].as_bytes()[at] - b'0' + 1) % 10;
            shown[k].replace_range(at..=at, &digit.to_string());
            if times_aside(&shown[k]) != times_aside(&transcript.shown[k]) {
                assert!(difference(&shown, &printed).is_some(), "{}: {}", transcript.command, shown[k]);
                changed += 1;
            }
        }
    }
    fs::remove_dir_all(folder).ok();
    assert!(changed >= 10, "README shows {changed} lines with digits");
}

#[test]
fn times_and_nothing_else_are_left_aside() {
    assert_eq!(
        times_aside(" per gradient   3.26 µs  15.3 ns "),
        times_aside(" per gradient  13.2 µs 5.3 ns")
    );
    assert_eq!(times_aside("÷ one f  339×"), times_aside("÷ one f 1.59×"));
    assert_ne!(times_aside("x = 0.25 and 3"), times_aside("x = 0.25 and 4"));
    assert_ne!(times_aside("9 nodes"), times_aside("8 nodes"));
    assert_ne!(times_aside("f = 2 s"), times_aside("f = 2 m"));
}

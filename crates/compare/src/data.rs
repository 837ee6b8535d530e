//! Data of others: the columns of a CSV file that a function has use for.

use std::path::Path;

use commands::Failure;
use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};

/// Named columns of numbers.
pub(crate) struct Data {
    /// Per name that was asked for its numbers, where the file has it.
    pub(crate) columns: Vec<Option<Vec<f64>>>,
    /// How many rows there are, one at least.
    pub(crate) rows: usize,
}

/// Of a file with a header the columns of these names, where it has them. Only these must hold numbers.
pub(crate) fn read(path: &Path, names: &[String], target: &str) -> Result<Data, Failure> {
    let shown = path.display();
    let mut reader = ReaderBuilder::new()
        .trim(Trim::All)
        .from_path(path)
        .map_err(|error| Failure::text(format!("cannot read {shown}: {}", reason(&error))))?;
    let fault = |error: csv::Error| Failure::text(format!("{shown}{}", reason(&error)));
    let header = reader.headers().map_err(fault)?.clone();
    let has: Vec<&str> = header.iter().collect();
    if has.iter().all(|name| name.is_empty()) {
        return Err(Failure::text(format!("{shown} is empty: its first line must name its columns")));
    }
    if !has.contains(&target) {
        let message =
            format!("{shown} has no column {target}, which --target names; it has {}", has.join(", "));
        return Err(Failure::text(message));
    }
    let mut places = Vec::new();
    for name in names {
        let mut found = (0..has.len()).filter(|&k| has[k] == name);
        places.push(found.next());
        if found.next().is_some() {
            return Err(Failure::text(format!("{shown} has two columns {name}: which is meant?")));
        }
    }
    let mut columns: Vec<Option<Vec<f64>>> = places.iter().map(|place| place.map(|_| Vec::new())).collect();
    let mut record = StringRecord::new();
    let mut rows = 0;
    while reader.read_record(&mut record).map_err(fault)? {
        rows += 1;
        for (column, &place) in columns.iter_mut().zip(&places) {
            if let (Some(column), Some(place)) = (column, place) {
                let text = &record[place];
                let number = text.parse().map_err(|_| {
                    let line = record.position().map_or(0, csv::Position::line);
                    let what = match text {
                        "" => "there is nothing, where a number".to_owned(),
                        text => {
                            format!("{:?} is no number, which", commands::stepper::short(text, 40))
                        }
                    };
                    Failure::text(format!("{shown}, line {line}, column {}: {what} is needed", has[place]))
                })?;
                column.push(number);
            }
        }
    }
    if rows == 0 {
        return Err(Failure::text(format!("{shown} has a header and no rows: there is nothing to fit to")));
    }
    Ok(Data { columns, rows })
}

/// What is wrong, after the name of the file.
fn reason(error: &csv::Error) -> String {
    let line = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        ErrorKind::Io(error) => error.to_string(),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!(", line {line}: the row has {len} values, the header {expected_len}")
        }
        ErrorKind::Utf8 { err, .. } => {
            format!(", line {line}: value {} is not UTF-8", err.field() + 1)
        }
        _ => format!(": {error}"),
    }
}

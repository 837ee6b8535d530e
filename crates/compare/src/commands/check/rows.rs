//! Claims as rows: a CSV of expression, input and claim, to which a column with the status is added.

use std::path::Path;

use commands::Failure;
use commands::check::{Line, Written, document, examine, word};
use commands::output::json;
use csv::{ReaderBuilder, Trim};

use super::{CheckArgs, given, request};
use crate::args::Format;
use crate::input::{self};
use crate::output::data_table::DataTable;

/// The columns that there must be.
const COLUMNS: [&str; 3] = ["expression", "input", "claim"];

pub(super) fn render(args: &CheckArgs, path: &Path) -> Result<(String, Vec<&'static str>), Failure> {
    let text = input::contents(path)?;
    let shown = path.display();
    let fault = |error: csv::Error| Failure::text(format!("{shown}: {error}"));
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().map_err(fault)?.iter().map(str::to_owned).collect();
    let mut places = [0; 3];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place = { header.iter() }.position(|name| name == column).ok_or_else(|| {
            Failure::text(format!("{shown}: there is no column {column}; claims need {}", COLUMNS.join(", ")))
        })?;
    }
    let mut data_table = DataTable::named(header.iter().cloned().chain(["status".to_owned()]).collect());
    let mut documents = Vec::new();
    let mut statuses = Vec::new();
    for record in reader.records() {
        let record = record.map_err(fault)?;
        let origin = format!("{shown}, line {}", record.position().map_or(0, csv::Position::line));
        let [expression, input, claim] = places.map(|place| record[place].to_owned());
        let given = given(args, expression, &origin)?;
        let line: Line = examine(&request(args), &given, Written { input, formula: claim, origin })?;
        let status = word(&line.checked.status);
        statuses.push(status);
        data_table.push(record.iter().chain([status]).map(str::to_owned).collect());
        if args.output.format == Format::Json {
            documents.push(json::text(&document(&given, &[line], &request(args))));
        }
    }
    let text = match args.output.format {
        Format::Table | Format::Csv => data_table.csv(),
        Format::Markdown => data_table.markdown(),
        Format::Json => {
            format!("[{}]\n", documents.iter().map(|text| text.trim_end()).collect::<Vec<_>>().join(",\n"))
        }
    };
    Ok((text, statuses))
}

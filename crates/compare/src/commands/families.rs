//! `compare families`: the named functions that grow with a size.

use clap::Args;
use experiments::FAMILIES;

use crate::args::{Format, FormatArgs};
use crate::output::data_table::DataTable;

#[derive(Args)]
pub(crate) struct FamiliesArgs {
    #[command(flatten)]
    pub(crate) output: FormatArgs,
}

/// The families.
pub(crate) fn render(args: &FamiliesArgs) -> String {
    match args.output.format {
        Format::Csv => everything().csv(),
        Format::Markdown => everything().markdown(),
        Format::Json => everything().json("chainrule/families/1"),
        Format::Table => table(),
    }
}

fn joined(numbers: impl Iterator<Item = usize>) -> String {
    numbers.map(|n| n.to_string()).collect::<Vec<_>>().join(", ")
}

/// What people choose by: more columns would be too narrow to read.
fn table() -> String {
    let mut table = DataTable::new(&["family", "sizes", "about"]);
    for family in FAMILIES {
        let sizes = joined(family.sizes.iter().copied());
        table.push(vec![family.name.to_owned(), sizes, family.about.to_owned()]);
    }
    format!("{}\nNumbers of inputs and sources: --format csv\n", table.table())
}

fn everything() -> DataTable {
    let mut table = DataTable::new(&["family", "sizes", "inputs", "about", "source"]);
    for family in FAMILIES {
        table.push(vec![
            family.name.to_owned(),
            joined(family.sizes.iter().copied()),
            joined(family.sizes.iter().map(|&n| (family.inputs)(n))),
            family.about.to_owned(),
            family.source.to_owned(),
        ]);
    }
    table
}

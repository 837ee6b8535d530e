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

/// The families, a line each.
pub(crate) fn render(args: &FamiliesArgs) -> String {
    let mut data_table = DataTable::new(&["family", "sizes", "inputs", "about", "source"]);
    for family in FAMILIES {
        let list = |items: Vec<usize>| items.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        data_table.push(vec![
            family.name.to_owned(),
            list(family.sizes.to_vec()),
            list(family.sizes.iter().map(|&n| (family.inputs)(n)).collect()),
            family.about.to_owned(),
            family.source.to_owned(),
        ]);
    }
    match args.output.format {
        Format::Csv => data_table.csv(),
        Format::Markdown => data_table.markdown(),
        Format::Json => data_table.json("chainrule/families/1"),
        Format::Table => {
            format!("{}\n", data_table.table())
        }
    }
}

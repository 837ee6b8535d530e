//! `compare report`: the article's claims put to the test, written into a folder as experiments finish.
//!
//! After every experiment its page, its figures and their numbers are written, then the table of claims and the page for
//! browsers with what there is: an interrupted run keeps all that was finished.

mod answer;
mod environment;
mod figure;
mod heat_map;
mod html;
mod page;

use std::path::{Path, PathBuf};

use clap::Args;
use commands::Failure;
use experiments::report::{Effort, Experiment, Level, PLANS};
use harness::Outcome;

use crate::output::{files, progress};

use environment::Environment;

const EXAMPLES: &str = "\
Experiments are written as they finish: README.md with the claims, their
figures and verdicts, index.html with all pictures, a page and a CSV for each.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ReportArgs {
    /// Fewer points and smaller sizes: under five minutes on two cores instead of under an hour
    #[arg(long)]
    pub(crate) quick: bool,
    /// The least that makes every row, for tests
    #[arg(long, hide = true)]
    pub(crate) tiny: bool,
    /// Folder to write into
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub(crate) out: PathBuf,
    /// Seed for random points
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
}

/// Everything that there is to write about so far.
struct Report<'a> {
    environment: &'a Environment,
    effort: Effort,
    experiments: &'a [Experiment],
}

impl Report<'_> {
    /// Whether every experiment has run.
    fn is_whole(&self) -> bool {
        self.experiments.len() == PLANS.len()
    }

    /// The command that makes it again.
    fn command(&self) -> String {
        let quick = match self.effort.level {
            Level::Tiny => " --tiny",
            Level::Quick => " --quick",
            Level::Full => "",
        };
        let seed =
            if self.effort.seed == 1 { String::new() } else { format!(" --seed {}", self.effort.seed) };
        format!("compare report{quick}{seed}")
    }
}

/// Writes the report; says where, and whether any strategy disagrees.
pub(crate) fn write(args: &ReportArgs) -> Result<(String, Option<Outcome>), Failure> {
    let level = match (args.tiny, args.quick) {
        (true, _) => Level::Tiny,
        (false, true) => Level::Quick,
        (false, false) => Level::Full,
    };
    let effort = Effort { level, seed: args.seed };
    // What cannot be written is said before anything has been measured for minutes.
    std::fs::create_dir_all(&args.out)
        .and_then(|()| files::writable(&args.out))
        .map_err(|error| Failure::text(format!("cannot write to {}: {error}", args.out.display())))?;
    let environment = Environment::now();
    let mut experiments: Vec<Experiment> = Vec::new();
    let bar = progress::bar(PLANS.len());
    for plan in PLANS {
        bar.set_position(experiments.len() as u64);
        bar.set_message(plan.title);
        experiments.push(plan.run(&effort));
        let report = Report { environment: &environment, effort, experiments: &experiments };
        let files = files(&report, &args.out);
        let files: Vec<(&Path, String)> =
            files.iter().map(|(path, text)| (path.as_path(), text.clone())).collect();
        files::write(&files)?;
    }
    bar.finish_and_clear();
    let claims: usize = experiments.iter().map(|experiment| experiment.findings.claims.len()).sum();
    let outcome = Outcome::worst(experiments.iter().filter_map(|experiment| experiment.findings.outcome));
    let text = format!(
        "wrote {} (claims: {claims}) and {}\n",
        args.out.join("README.md").display(),
        args.out.join("index.html").display()
    );
    Ok((text, outcome))
}

/// What is new: the last experiment's page and figures, and the two that sum up.
fn files(report: &Report<'_>, folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    if let Some(experiment) = report.experiments.last() {
        let id = experiment.plan.id;
        for figure in &experiment.findings.figures {
            let stem = figure::stem(id, figure);
            files.push((folder.join(format!("{stem}.csv")), figure::data_table(figure).csv()));
            files.extend(figure::picture(figure).map(|svg| (folder.join(format!("{stem}.svg")), svg)));
        }
        files.push((folder.join(format!("{id}.md")), page::experiment(report, experiment)));
    }
    files.push((folder.join("README.md"), page::claims(report)));
    files.push((folder.join("index.html"), html::page(report)));
    files
}

//! The function, its sizes, and the points.

use std::path::PathBuf;

use clap::Args;
use commands::PointRequest;

#[derive(Args)]
pub(crate) struct FunctionArgs {
    /// Function, such as "x^2*sin(y)", or the name of a family
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    pub(crate) expression: Option<String>,
    /// Read the function from a file; `-` is standard input
    #[arg(long, value_name = "PATH", conflicts_with = "expression")]
    pub(crate) file: Option<PathBuf>,
    /// Use only this FPCore from the file (by name, or `core 3`)
    #[arg(long, value_name = "NAME", requires = "file")]
    pub(crate) core: Option<String>,
    /// Sizes: n=100,m=3
    #[arg(long, value_name = "n=100,…", allow_hyphen_values = true)]
    pub(crate) size: Vec<String>,
    /// Refuse to build graphs of more nodes than this
    #[arg(long, value_name = "N", default_value_t = 20_000_000, allow_hyphen_values = true)]
    pub(crate) max_nodes: u64,
}

#[derive(Args)]
#[command(next_help_heading = "Points")]
pub(crate) struct PointArgs {
    /// Point: x=1,y=2, or x=[1,2,3] for an indexed input; repeatable
    #[arg(long, value_name = "x=1,…", allow_hyphen_values = true)]
    pub(crate) at: Vec<String>,
    /// Inputs that are data: given by --at, without a derivative
    #[arg(long, value_name = "k,y,…", value_delimiter = ',')]
    pub(crate) data_names: Vec<String>,
    /// Number of random points
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) points: Option<u32>,
    /// Seed for random points
    #[arg(long, value_name = "S", default_value_t = 1, allow_hyphen_values = true)]
    pub(crate) seed: u64,
    /// Range of random points: -1..1, or x=0..1,y=-2..2
    #[arg(long, value_name = "LOW..HIGH", allow_hyphen_values = true)]
    pub(crate) domain: Option<String>,
}

impl PointArgs {
    /// As the commands are asked.
    pub(crate) fn request(&self) -> PointRequest {
        PointRequest {
            at: self.at.clone(),
            data_names: self.data_names.clone(),
            points: self.points,
            seed: self.seed,
            domain: self.domain.clone(),
        }
    }
}

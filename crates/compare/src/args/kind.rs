//! Which kind of derivative, and what it is asked with.

use chainrule::Want;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use commands::compare::matrix::KindRequest;

fn want() -> impl TypedValueParser<Value = Want> {
    PossibleValuesParser::new(Want::ALL.map(Want::as_str)).try_map(|name| name.parse())
}

#[derive(Args)]
#[command(next_help_heading = "Derivatives")]
pub(crate) struct KindArgs {
    /// Kind of derivative: gradient, jacobian, jvp, vjp, hessian, hessian-diagonal or hvp
    #[arg(long, value_name = "KIND", value_parser = want(), default_value = "gradient", hide_possible_values = true)]
    pub(crate) want: Want,
    /// Direction for jvp and hvp, given as a point is: x=1,y=0; repeatable
    #[arg(long, value_name = "x=1,…", allow_hyphen_values = true)]
    along: Vec<String>,
    /// Weights of the outputs, for vjp and second derivatives: 1,0.5; repeatable for vjp
    #[arg(long, value_name = "1,…", allow_hyphen_values = true)]
    weights: Vec<String>,
}

impl KindArgs {
    /// As the commands are asked.
    pub(crate) fn request(&self) -> KindRequest {
        KindRequest { want: self.want, along: self.along.clone(), weights: self.weights.clone() }
    }
}

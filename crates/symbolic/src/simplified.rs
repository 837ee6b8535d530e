//! How far simplification may go, and what became of a function.

use std::fmt;

use expr::Function;

/// How far simplification may go. Counts, never seconds, so that results repeat.
///
/// ```
/// use symbolic::{Limits, StopReason, simplify};
/// let f = syntax::parse("sin(x)^2 + cos(x)^2").unwrap();
/// assert_eq!(simplify(&f, &Limits::default()).cost_after, 0);
/// let least = Limits { function_nodes: 3, ..Limits::default() };
/// assert_eq!(simplify(&f, &least).stop, StopReason::TooLarge);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Functions with more nodes than this are returned as they are.
    pub function_nodes: usize,
    /// Functions with more nodes than this are cut into windows; others are one window.
    pub whole_nodes: usize,
    /// Nodes of the e-graph of a whole function.
    pub e_nodes: usize,
    /// Iterations of applying all rules, per e-graph of a whole function.
    pub iterations: usize,
    /// Rounds of saturation and extraction, each from the best graph of the one before.
    pub rounds: usize,
    /// Nodes of a window.
    pub window_nodes: usize,
    /// Nodes of the e-graph of a window.
    pub window_e_nodes: usize,
    /// Iterations per e-graph of a window.
    pub window_iterations: usize,
    /// Different windows that are tried, in all rounds together; what is alike is tried once.
    pub windows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            function_nodes: 20_000_000,
            whole_nodes: 500,
            e_nodes: 8_000,
            iterations: 10,
            rounds: 3,
            window_nodes: 150,
            window_e_nodes: 1_000,
            window_iterations: 6,
            windows: 160,
        }
    }
}

/// Why simplification ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// No rule says anything new.
    Saturated,
    /// An e-graph has as many nodes as it may.
    Nodes,
    /// As many iterations were made as may be.
    Iterations,
    /// As many different windows were tried as may be; the others are as they were derived.
    Windows,
    /// The function is too large to begin with.
    TooLarge,
    /// The facts contradict each other: the function is defined nowhere.
    DefinedNowhere,
    /// It has branches, and parts that an untaken one may leave undefined: rules could not be trusted there, and no rule
    /// says anything new of the rest.
    Branches,
    /// This build has no simplifier: the feature `egg` is off.
    Disabled,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StopReason::Saturated => "no rule says anything new",
            StopReason::Nodes => "the budget of e-nodes is spent",
            StopReason::Iterations => "the budget of iterations is spent",
            StopReason::Windows => "the budget of windows is spent",
            StopReason::TooLarge => "the function is larger than its budget",
            StopReason::DefinedNowhere => "the function is defined nowhere",
            StopReason::Branches => "rules cannot be trusted in its branches",
            StopReason::Disabled => "this build has no simplifier",
        })
    }
}

/// What became of the windows of a function; a window is counted in each round anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    /// Into how many the function was cut.
    pub formed: usize,
    /// How many were saturated.
    pub tried: usize,
    /// How many were like one that was, and took its form.
    pub cached: usize,
    /// How many were exchanged, because the whole graph is cheaper then.
    pub accepted: usize,
}

/// A function with the same outputs, where f is defined, at no greater cost; and how it came about.
#[derive(Clone, Debug)]
pub struct Simplified {
    /// The function.
    pub function: Function,
    /// What the graph cost before.
    pub cost_before: u64,
    /// What it cost after the pass that comes before any e-graph.
    pub cost_after_pass: u64,
    /// What it costs now.
    pub cost_after: u64,
    /// What became of its windows.
    pub windows: Windows,
    /// Nodes of all e-graphs.
    pub e_nodes: usize,
    /// Iterations of all e-graphs.
    pub iterations: usize,
    /// Why it ended.
    pub stop: StopReason,
}

impl fmt::Display for Simplified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Windows { formed, tried, cached, accepted } = self.windows;
        writeln!(
            f,
            "simplified: cost {} as derived, {} after one pass, {} after e-graphs",
            self.cost_before, self.cost_after_pass, self.cost_after
        )?;
        writeln!(f, "{formed} windows: {tried} saturated, {cached} like one of those, {accepted} exchanged")?;
        write!(f, "{} e-nodes in {} iterations; {}", self.e_nodes, self.iterations, self.stop)
    }
}

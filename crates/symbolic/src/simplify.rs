//! Simplification: for all outputs at once, by what the whole graph costs, and never for the worse.

use expr::Function;

use crate::cost::cost;
use crate::simplified::{Limits, Simplified, StopReason, Windows};

/// Simplifies all outputs of a flat function together.
///
/// First one pass over all nodes applies the rules that can only gain. Then a small function is saturated as a whole,
/// a large one window by window.
///
/// The result has the same values wherever the function *and every output* is defined (at kinks conventions may
/// differ: differentiate what the user wrote, and simplify afterwards). It never costs more.
///
/// ```
/// let f = syntax::parse("x*x*y/x").unwrap();
/// let found = symbolic::simplify(&f, &symbolic::Limits::default());
/// assert_eq!((found.cost_before, found.cost_after), (6, 1));
/// assert_eq!(syntax::formulas(&found.function, 0..1), ["x*y"]);
/// ```
pub fn simplify(f: &Function, limits: &Limits) -> Simplified {
    let cost_before = cost(f);
    let unchanged = |stop| Simplified {
        function: f.clone(),
        cost_before,
        cost_after_pass: cost_before,
        cost_after: cost_before,
        windows: Windows::default(),
        e_nodes: 0,
        iterations: 0,
        stop,
    };
    if f.graph().len() > limits.function_nodes {
        return unchanged(StopReason::TooLarge);
    }
    #[cfg(not(feature = "egg"))]
    return unchanged(StopReason::Disabled);
    #[cfg(feature = "egg")]
    crate::saturate::simplify(unchanged(StopReason::Saturated), limits, &Default::default())
}

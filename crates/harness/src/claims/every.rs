//! Claims about every element of an indexed input at once, and for every size.
//!
//! The derivative of a sum over neighbours looks the same at every element but for those near an end. So a claim that is
//! right at every element for every size up to some bound is right for all of them, if function and claim say nothing about an
//! index but how far elements are apart and on which side of a border they are. Whether that is so is read off the graphs.

use chainrule::expr::index::{Index, Symbol};
use chainrule::expr::{Fold, Function, Node, NodeId, Op, UnrollError};
use chainrule::symbolic::{Step, TooLarge};

use super::{Claim, Options, Status, check};

/// What a claim about `x[j]` was found to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Everywhere {
    /// What is known of it; the steps are those at the first element of every kind.
    pub status: Status,
    /// What must hold for the claim to be defined, beyond what the derivative needs.
    pub domain: Vec<String>,
    /// At which element and sizes it is refuted or unknown.
    pub at: Option<String>,
}

/// Why a claim about every element cannot be looked at.
#[derive(Clone, Debug, PartialEq)]
pub enum EveryError {
    /// There is no indexed input of that name, or it has more than one index.
    NotIndexed,
    /// The function or the claim cannot be written out.
    Unroll(UnrollError),
    /// The derivative would be too large.
    TooLarge(TooLarge),
}

/// Checks that the partial derivative by `block[index]` is `formula`, for every value of the index; for every `n`, if that size of
/// the function is not bound. In the formula the index is a size.
///
/// # Errors
/// When there is nothing to check.
pub fn check_every(
    f: &Function,
    block: &str,
    index: &str,
    formula: &Function,
    options: &Options,
) -> Result<Everywhere, EveryError> {
    let free: Vec<&str> =
        f.graph().sizes().iter().map(String::as_str).filter(|size| f.size(size).is_none()).collect();
    let (sizes, all, why) = match free.as_slice() {
        [] => (vec![None], true, ""),
        [_] => match reach(f, block, index, formula) {
            Some(reach) => ((1..=2 * reach + 2).map(Some).collect(), true, ""),
            None => {
                ((1..=8).map(Some).collect(), false, "an index is used as more than a place among others")
            }
        },
        _ => return Err(EveryError::Unroll(UnrollError::UnknownSize { size: free[1].to_owned() })),
    };
    let (mut steps, mut domain, mut agreeing) = (Vec::<Step>::new(), Vec::<String>::new(), 0);
    for size in sizes {
        let bind = |g: &Function| match (size, free.first()) {
            (Some(value), Some(name)) if g.graph().sizes().iter().any(|known| known == name) => {
                g.with_sizes(&[(name, value)]).map_err(EveryError::Unroll)
            }
            _ => Ok(g.clone()),
        };
        let flat = bind(f)?.unroll(options.nodes).map_err(EveryError::Unroll)?;
        let names = flat.input_names();
        let elements: Vec<usize> = (0..names.len())
            .filter(|&k| names[k].strip_prefix(block).is_some_and(|rest| rest.starts_with('[')))
            .collect();
        if elements.is_empty() && size.is_none() {
            return Err(EveryError::NotIndexed);
        }
        for (j, &input) in elements.iter().enumerate() {
            let j = j as i64 + 1;
            let at = || match (size, free.first()) {
                (Some(n), Some(name)) => format!("{index} = {j}, {name} = {n}"),
                _ => format!("{index} = {j}"),
            };
            let bound = bind(formula)?;
            let bound = match bound.graph().sizes().iter().any(|known| known == index) {
                true => bound.with_sizes(&[(index, j)]).map_err(EveryError::Unroll)?,
                false => bound,
            };
            let written = bound.unroll(options.nodes).map_err(EveryError::Unroll)?;
            let claim = Claim { input, formula: written };
            let stranger = claim.formula.input_names().into_iter().find(|name| !names.contains(name));
            if let Some(stranger) = stranger {
                let why = format!("the claim reads {stranger}, which the function does not have there");
                let status = Status::Unknown { agreeing, why };
                return Ok(Everywhere { status, domain, at: Some(at()) });
            }
            let checked = check(&flat, &[claim], options).map_err(EveryError::TooLarge)?.remove(0);
            for condition in checked.domain {
                if !domain.contains(&condition) {
                    domain.push(condition);
                }
            }
            match checked.status {
                Status::Proved(found) => {
                    agreeing += 1;
                    if steps.len() < 40 {
                        let place = Step {
                            rule: format!("at {}", at()),
                            before: String::new(),
                            after: String::new(),
                            ..Step::default()
                        };
                        steps.push(place);
                        steps.extend(found);
                    }
                }
                status => return Ok(Everywhere { status, domain, at: Some(at()) }),
            }
        }
    }
    let status = match all {
        true => {
            if let Some(name) = free.first() {
                steps.push(Step {
                    rule: "translation".to_owned(),
                    before: format!("{agreeing} elements, at all sizes up to a bound"),
                    after: format!("every {index} and every {name}"),
                    conditions: vec![
                        "function and claim depend on an index only by distances and borders".to_owned(),
                    ],
                    ..Step::default()
                });
            }
            Status::Proved(steps)
        }
        false => Status::Unknown { agreeing, why: format!("proved for each size up to 8 only: {why}") },
    };
    Ok(Everywhere { status, domain, at: None })
}

/// How far apart elements and borders are that belong together; none when indices are used in another way.
fn reach(f: &Function, block: &str, index: &str, formula: &Function) -> Option<i64> {
    let graph = f.graph();
    let Node::Reduce(Fold::Sum, range, [body]) = graph.node(*f.outputs().first()?) else { return None };
    let range = graph.range(range);
    let size = |symbol: Symbol| matches!(symbol, Symbol::Size(_));
    let mut most = offset(&range.low, |_| false)?.abs().max(offset(&range.high, size)?.abs());
    for id in below(f, body) {
        match graph.node(id) {
            Node::Read(of, position) => {
                let [place] = graph.position(position) else { return None };
                let own = |symbol: Symbol| symbol == Symbol::Axis(range.axis);
                most = most.max(offset(place, own)?.abs());
                if graph.block(of).name != block && place.as_constant().is_none() {
                    return None;
                }
            }
            Node::Const(_) | Node::Unary(..) | Node::Binary(..) | Node::Ternary(..) | Node::Input(..) => {}
            _ => return None,
        }
    }
    Some(2 * most.max(borders(formula, index)?))
}

/// What is added to a symbol of the right kind, or a constant.
fn offset(index: &Index, right: impl Fn(Symbol) -> bool) -> Option<i64> {
    if let Some(constant) = index.as_constant() {
        return Some(constant);
    }
    let symbol = index.symbols().next()?;
    let single = index.terms().iter().all(|(symbols, factor)| match symbols.as_slice() {
        [] => true,
        [one] => *one == symbol && *factor == 1,
        _ => false,
    });
    let rest = index.terms().iter().find(|(symbols, _)| symbols.is_empty()).map_or(0, |(_, factor)| *factor);
    (single && right(symbol)).then_some(rest)
}

/// The largest distance in a claim between elements, or of a border from an end; none when its indices are used otherwise.
fn borders(formula: &Function, index: &str) -> Option<i64> {
    let graph = formula.graph();
    let own = |symbol: Symbol| matches!(symbol, Symbol::Size(k) if graph.sizes().get(k as usize).is_some_and(|name| name == index));
    // Per node that is a whole number: how often it has the index, how often another size, and what is added.
    let mut linear: Vec<Option<[i64; 3]>> = vec![None; graph.len()];
    let mut most = 0;
    for id in below(formula, *formula.outputs().first()?) {
        let found = whole_number(formula, id, &linear, own, &mut most)?;
        // What has an index in it may be compared, and nothing else.
        let has_index =
            |child: &NodeId| linear[child.index()].is_some_and(|[index, size, _]| index != 0 || size != 0);
        let compared = graph.node(id).op().is_some_and(|op| COMPARISONS.contains(&op));
        if found.is_none() && !compared && graph.children(id).iter().any(has_index) {
            return None;
        }
        linear[id.index()] = found;
    }
    let root = linear[formula.outputs()[0].index()];
    root.is_none_or(|[index, size, _]| index == 0 && size == 0).then_some(most)
}

const COMPARISONS: [Op; 6] = [Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Eq, Op::Ne];

/// How often a node has the index and another size in it, and what is added, if it is a whole number; none at all when the
/// node is of a kind that says more about indices than where elements are.
fn whole_number(
    formula: &Function,
    id: NodeId,
    linear: &[Option<[i64; 3]>],
    own: impl Fn(Symbol) -> bool,
    most: &mut i64,
) -> Option<Option<[i64; 3]>> {
    let graph = formula.graph();
    let of = |child: NodeId| linear[child.index()];
    Some(match graph.node(id) {
        Node::Symbol(symbol) => Some(if own(symbol) { [1, 0, 0] } else { [0, 1, 0] }),
        Node::Const(constant) => graph.constant(constant).as_integer().map(|value| [0, 0, value]),
        Node::Read(_, position) => {
            let [place] = graph.position(position) else { return None };
            *most = (*most).max(offset(place, own)?.abs());
            None
        }
        Node::Unary(Op::Neg, [a]) => of(a).map(|a| a.map(|part| -part)),
        Node::Binary(op @ (Op::Add | Op::Sub), [a, b]) => {
            let sign = if op == Op::Add { 1 } else { -1 };
            of(a).zip(of(b)).map(|(a, b)| [0, 1, 2].map(|k| a[k] + sign * b[k]))
        }
        Node::Binary(op, [a, b]) if COMPARISONS.contains(&op) => {
            let indexed =
                |side: Option<[i64; 3]>| side.is_some_and(|[index, size, _]| (index, size) != (0, 0));
            match of(a).zip(of(b)) {
                // A border at 100.5, exp(5) or x[1] is none that sizes up to a bound could show.
                None if indexed(of(a)) || indexed(of(b)) => return None,
                _ => {}
            }
            if let Some((a, b)) = of(a).zip(of(b)) {
                let [index, size, rest] = [0, 1, 2].map(|k| a[k] - b[k]);
                let border = index == 0 || size == 0 || index == -size;
                if !border || index.abs() > 1 || size.abs() > 1 {
                    return None;
                }
                *most = (*most).max(rest.abs());
            }
            None
        }
        Node::Reduce(..) | Node::Iterate(_) | Node::Project(..) | Node::State(..) => return None,
        _ => None,
    })
}

/// A node and all that it needs, children first.
fn below(f: &Function, root: NodeId) -> Vec<NodeId> {
    let reached = f.graph().reached_from(&[root]);
    f.graph().ids().filter(|id| reached[id.index()]).collect()
}

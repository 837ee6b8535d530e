//! What name resolution finds out: what each call is, and the names that are free.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostic::Diagnostic;
use crate::parser::AstId;
use expr::Fold;

/// What a call is.
pub(crate) enum Call<'p> {
    /// Of the definition in this statement.
    Definition(usize),
    /// Of the derivative of the definition in this statement, of this order.
    Prime(usize, u32),
    /// The sum or product of a list of terms.
    List(Fold, &'p [AstId]),
    Reduction(Reduction<'p>),
    Iteration(Iteration<'p>),
    /// Of a function of whole arrays.
    Whole(Whole),
    Derivative(Derivative<'p>),
    /// Of a function of the library.
    Library,
}

/// What becomes of the values of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reducer {
    Fold(Fold),
    Mean,
}

/// The sum, product, extreme or mean over an index.
pub(crate) struct Reduction<'p> {
    pub(crate) reducer: Reducer,
    pub(crate) index: &'p str,
    pub(crate) bounds: [AstId; 2],
    pub(crate) body: AstId,
}

/// As many states as starts and nexts.
pub(crate) struct Iteration<'p> {
    pub(crate) index: &'p str,
    pub(crate) bounds: [AstId; 2],
    pub(crate) states: Vec<State<'p>>,
    /// Whether the index goes from its last value to the first.
    pub(crate) falling: bool,
    /// Whether its value is an array over all steps, and not the last states alone.
    pub(crate) scan: bool,
    /// What a scan keeps of every step, in terms of the states before it; without it the states after it.
    pub(crate) kept: Option<AstId>,
    /// The condition under which it stops, tested before each step and after the last.
    pub(crate) until: Option<AstId>,
    /// Whether a step mentions the index.
    pub(crate) counts: bool,
    pub(crate) inits: &'p [AstId],
    pub(crate) nexts: &'p [AstId],
}

/// A carried state.
pub(crate) struct State<'p> {
    pub(crate) name: &'p str,
    /// Its header, where it has one: start and next are bodies of an array.
    pub(crate) header: Option<AstId>,
}

/// A function of whole arrays, written without indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    Sum,
    Mean,
    Var,
    Norm,
    Dot,
    Softmax,
    LogSumExp,
    Max,
    Min,
    Transpose,
}

/// The derivative of an expression by a name, or an element.
pub(crate) struct Derivative<'p> {
    pub(crate) of: AstId,
    /// The statement of the definition that `of` is the name of, if it is.
    pub(crate) definition: Option<usize>,
    pub(crate) by: AstId,
    pub(crate) name: &'p str,
    /// The indices of an element.
    pub(crate) indices: &'p [AstId],
    pub(crate) order: u32,
}

/// The free names and the calls of a program.
#[derive(Default)]
pub(crate) struct Names<'p> {
    /// What each call is.
    pub(crate) calls: FxHashMap<AstId, Call<'p>>,
    /// In order, with the number of indices each takes.
    pub(crate) inputs: Vec<(String, usize)>,
    pub(crate) sizes: FxHashSet<String>,
    /// Which definitions index which of their parameters.
    pub(crate) indexed: FxHashSet<(usize, usize)>,
    /// What is read in a way that its writer may not expect.
    pub(crate) notes: Vec<Diagnostic>,
}

//! Any target that has names and expressions: shared parts are bound to a name, everything else stands where it is used.
//!
//! Nodes are written bottom-up, each once, so the text is linear in the graph. What grows too long or too deep is bound
//! as well: compilers read nested expressions by recursion.

use expr::{Constant, Fold, Function, Node, NodeId, Op};

use super::Inexpressible;

/// What needs no brackets anywhere.
pub(super) const ATOM: u8 = 9;
/// Where nothing needs brackets.
pub(super) const LOOSE: u8 = 0;

/// The text of a node.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) text: String,
    /// How strongly it holds together, in the scale of [`expr::Form`].
    pub(super) strength: u8,
    /// The same as a condition, of what is one.
    pub(super) test: Option<String>,
    /// How many operators are written in it.
    weight: u32,
}

impl Piece {
    pub(super) fn new(text: impl Into<String>, strength: u8) -> Piece {
        Piece { text: text.into(), strength, test: None, weight: 0 }
    }

    pub(super) fn atom(text: impl Into<String>) -> Piece {
        Piece::new(text, ATOM)
    }

    /// The same, being a condition.
    pub(super) fn testing(self, test: impl Into<String>) -> Piece {
        Piece { test: Some(test.into()), ..self }
    }

    /// The text in a place where less than this strength needs brackets.
    pub(super) fn within(&self, strength: u8, brackets: (&str, &str)) -> String {
        if self.strength < strength {
            format!("{}{}{}", brackets.0, self.text, brackets.1)
        } else {
            self.text.clone()
        }
    }
}

/// How a target writes things.
pub(super) trait Language {
    /// A constant. `typed` where nothing else says what kind of number it is.
    fn constant(&self, constant: &Constant, typed: bool) -> Piece;
    /// An input, by its position among all scalars.
    fn input(&self, position: usize) -> Piece;
    /// An operator.
    fn apply(&mut self, op: Op, arguments: &[Piece]) -> Result<Piece, Inexpressible>;
    /// A sum, product or extreme of many.
    fn fold(&mut self, fold: Fold, terms: &[Piece]) -> Result<Piece, Inexpressible>;
    /// The name of the k-th thing that is bound, counted from 1.
    fn bound(&self, k: usize) -> String;
    /// Whether the operator writes an argument more than once, which is bound then.
    fn repeats(&self, _: Op) -> bool {
        false
    }
    /// Parts of so few operators are repeated rather than bound.
    fn repeated(&self) -> u32 {
        0
    }
    /// More characters than this do not stand in one expression.
    fn longest(&self) -> usize {
        90
    }
}

/// Definitions in their order, and the outputs in terms of these.
pub(super) struct Statements {
    pub(super) definitions: Vec<(String, String)>,
    pub(super) outputs: Vec<Piece>,
}

/// Writes every output of a flat function.
pub(super) fn statements(f: &Function, language: &mut impl Language) -> Result<Statements, Inexpressible> {
    let graph = f.graph();
    let mut uses = vec![0u32; graph.len()];
    let mut repeated = vec![false; graph.len()];
    for id in graph.ids() {
        let again = graph.node(id).op().is_some_and(|op| language.repeats(op));
        for child in graph.children(id) {
            uses[child.index()] += 1;
            repeated[child.index()] |= again;
        }
    }
    f.outputs().iter().for_each(|output| uses[output.index()] += 1);
    let typed = untyped_places(f);
    let mut pieces: Vec<Option<Piece>> = Vec::with_capacity(graph.len());
    let mut left = uses.clone();
    let mut definitions = Vec::new();
    for id in graph.ids() {
        let mut arguments = Vec::with_capacity(graph.children(id).len());
        for child in graph.children(id) {
            left[child.index()] -= 1;
            let slot = &mut pieces[child.index()];
            let piece = if left[child.index()] == 0 { slot.take() } else { slot.clone() };
            arguments.push(piece.expect("children come first and are kept while they are used"));
        }
        let weight = arguments.iter().fold(1, |all: u32, piece| all.saturating_add(piece.weight));
        let mut piece = match graph.node(id) {
            Node::Const(constant) => language.constant(graph.constant(constant), typed[id.index()]),
            Node::Input(block, offset) => language.input(f.position(block, offset)),
            Node::Fold(fold, _) => language.fold(fold, &arguments)?,
            node => language.apply(node.op().expect("the function is flat"), &arguments)?,
        };
        if !matches!(graph.node(id), Node::Const(_) | Node::Input(..)) {
            piece.weight = weight;
            let shared = uses[id.index()] > 1 || repeated[id.index()];
            let large = piece.text.len() > language.longest() && !f.outputs().contains(&id);
            // A short condition reads better where it is asked.
            let short = weight <= language.repeated().max(u32::from(piece.test.is_some()));
            if large || shared && !short {
                let name = language.bound(definitions.len() + 1);
                definitions.push((name.clone(), piece.text));
                piece = Piece::atom(name);
            }
        }
        pieces.push(Some(piece));
    }
    let outputs = f.outputs().iter().map(|output| pieces[output.index()].clone().expect("outputs are kept"));
    Ok(Statements { definitions, outputs: outputs.collect() })
}

/// Constants that stand where no input says that they are double precision: in a part without inputs, or first.
fn untyped_places(f: &Function) -> Vec<bool> {
    let graph = f.graph();
    let depends = f.depends_on_inputs();
    let mut typed = vec![false; graph.len()];
    for id in graph.ids() {
        let children = graph.children(id);
        let is_call = graph.node(id).op().is_some_and(|op| !matches!(op.form(), expr::Form::Infix(_, 2 | 3)));
        let mark = |typed: &mut Vec<bool>, child: &NodeId| typed[child.index()] = true;
        if !depends[id.index()] {
            children.iter().for_each(|child| mark(&mut typed, child));
        } else if is_call {
            children.iter().take(1).for_each(|child| mark(&mut typed, child));
        }
    }
    typed
}

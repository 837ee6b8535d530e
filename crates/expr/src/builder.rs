//! Writing a function in Rust: `Copy` handles that carry operators and put nodes into a graph.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Sub};

use crate::fold::Fold;
use crate::graph::{AxisNames, AxisRange, Block, Graph, Role};
use crate::index::{Datum, Index, Symbol};
use crate::node::{Axis, BlockId, Node, NodeId};
use crate::rewrite::Style;
use crate::{Constant, Function, Op, Scalar, rewrite};

/// A graph under construction. See [`Function::build`].
///
/// ```
/// use expr::{Calculus, Function};
/// let f = Function::build(|g| {
///     let x = g.inputs("x", 2);
///     vec![(x[0] * x[0] + x[1] * x[1]).sqrt()]
/// });
/// assert_eq!(f.evaluate((), &[3.0, 4.0]), [5.0]);
/// ```
#[derive(Debug)]
pub struct Builder {
    pub(crate) graph: RefCell<Graph>,
    style: Style,
}

/// A node of a graph under construction: a number that writes down what is done to it.
///
/// ```
/// use expr::{Calculus, Expr, Function};
/// fn logistic<'g>(x: Expr<'g>) -> Expr<'g> {
///     1.0 / (1.0 + (-x).exp())
/// }
/// let f = Function::build(|g| vec![logistic(g.input("x"))]);
/// assert_eq!(f.evaluate((), &[0.0]), [0.5]);
/// ```
///
/// # Panics
/// Operators panic when their operands belong to different builders.
#[derive(Clone, Copy, Debug)]
pub struct Expr<'g> {
    builder: &'g Builder,
    id: NodeId,
}

impl Function {
    /// Writes a function down.
    ///
    /// ```
    /// use expr::{Calculus, Function};
    /// let f = Function::build(|g| {
    ///     let (x, y) = (g.input("x"), g.input("y"));
    ///     vec![(x * y).sin() + 2.0 * x]
    /// });
    /// assert_eq!(f.evaluate((), &[0.0, 3.0]), [0.0]);
    /// ```
    pub fn build(write: impl for<'g> FnOnce(&'g Builder) -> Vec<Expr<'g>>) -> Function {
        let builder = Builder::new(Style::Written);
        let outputs = write(&builder).into_iter().map(Expr::id).collect();
        builder.finish(outputs)
    }
}

impl Builder {
    /// An empty graph.
    pub fn new(style: Style) -> Builder {
        Builder::resume(Graph::default(), style)
    }

    /// A graph to which nodes are added; its ids stay what they are.
    pub fn resume(graph: Graph, style: Style) -> Builder {
        Builder { graph: RefCell::new(graph), style }
    }

    /// The graph as it stands.
    pub fn into_graph(self) -> Graph {
        self.graph.into_inner()
    }

    /// The function with these outputs.
    pub fn finish(self, outputs: Vec<NodeId>) -> Function {
        Function::new(self.into_graph(), outputs)
    }

    /// A handle for a node that is already there.
    pub fn handle(&self, id: NodeId) -> Expr<'_> {
        assert!(id.index() < self.graph.borrow().len(), "no such node");
        Expr { builder: self, id }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.graph.borrow().len()
    }

    /// Makes room for so many more nodes, which saves time where many are coming.
    pub fn reserve(&self, nodes: usize) {
        self.graph.borrow_mut().reserve(nodes);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A number, as the shortest decimal that means it; an infinity or NaN as a quotient by zero.
    pub fn constant(&self, value: f64) -> Expr<'_> {
        if value.is_finite() {
            return self.lift(&Constant::shortest(value));
        }
        let numerator = if value.is_nan() { 0 } else { value.signum() as i64 };
        let [numerator, zero] = [numerator, 0].map(|n| self.lift(&Constant::Integer(n)).id);
        self.put(Node::apply(Op::Div, &[numerator, zero]))
    }

    /// An exact constant.
    pub fn lift(&self, constant: &Constant) -> Expr<'_> {
        let id = self.graph.borrow_mut().push_constant(constant.clone());
        self.put(Node::Const(id))
    }

    /// The scalar input of that name, made at its first mention.
    pub fn input(&self, name: &str) -> Expr<'_> {
        let block = self.block(name, 0, Role::Variable);
        self.put(Node::Input(block, 0))
    }

    /// The elements of a vector input of that name and length.
    pub fn inputs(&self, name: &str, length: usize) -> Vec<Expr<'_>> {
        let block = self.block(name, 1, Role::Variable);
        self.graph.borrow_mut().block_mut(block).shape = Some(vec![length]);
        (0..length as u32).map(|offset| self.put(Node::Input(block, offset))).collect()
    }

    /// The inputs of another graph, as they are there. To be called on a builder that has none yet.
    pub fn copy_blocks(&self, graph: &Graph) {
        graph.blocks().iter().for_each(|block| {
            self.graph.borrow_mut().push_block(block.clone());
        });
    }

    /// One scalar of a block, counted from 0 in row-major order.
    pub fn element(&self, block: BlockId, offset: u32) -> Expr<'_> {
        self.put(Node::Input(block, offset))
    }

    /// Says how far an indexed input extends, whatever of it is read.
    pub fn shape(&self, block: BlockId, shape: Vec<usize>) {
        let mut graph = self.graph.borrow_mut();
        let block = graph.block_mut(block);
        (block.shape, block.declared) = (Some(shape), None);
    }

    /// Says which lengths an indexed input has: a larger index is an error.
    ///
    /// # Panics
    /// When there are not as many as it has indices.
    pub fn declare(&self, block: BlockId, lengths: Vec<Index>) {
        let mut graph = self.graph.borrow_mut();
        let block = graph.block_mut(block);
        assert_eq!(block.rank, lengths.len(), "one length per index");
        block.declared = Some(lengths);
    }

    /// Says what an input is for.
    pub fn give_role(&self, block: BlockId, role: Role) {
        self.graph.borrow_mut().block_mut(block).role = role;
    }

    /// Says that an input has the extents of another one, whatever of it is read.
    pub(crate) fn like(&self, block: BlockId, other: BlockId) {
        self.graph.borrow_mut().block_mut(block).like = Some(other);
    }

    /// The block of inputs of that name, made at its first mention.
    ///
    /// # Panics
    /// When it exists with another number of indices.
    pub fn block(&self, name: &str, rank: usize, role: Role) -> BlockId {
        let mut graph = self.graph.borrow_mut();
        if let Some(id) = graph.block_named(name) {
            assert_eq!(graph.block(id).rank, rank, "input {name} is used with different numbers of indices");
            return id;
        }
        let shape = (rank == 0).then(Vec::new);
        graph.push_block(Block { name: name.to_owned(), rank, shape, declared: None, like: None, role })
    }

    /// An axis with these names; the same names are the same axis.
    ///
    /// # Panics
    /// Beyond [`MAX_AXES`](crate::graph::MAX_AXES) axes.
    pub fn axis(&self, index: &str, states: &[&str]) -> Axis {
        let states = states.iter().map(|&state| state.to_owned()).collect();
        self.graph.borrow_mut().push_axis(AxisNames { index: index.to_owned(), states })
    }

    /// A size that is bound later ([`Function::with_sizes`]).
    pub fn size(&self, name: &str) -> Symbol {
        Symbol::Size(self.graph.borrow_mut().push_size(name))
    }

    /// The value of an index variable or size.
    pub fn symbol(&self, symbol: Symbol) -> Expr<'_> {
        self.put(Node::Symbol(symbol))
    }

    /// An index form as an expression: what is added first, and numbers last.
    pub fn spelled(&self, form: &Index) -> Expr<'_> {
        let integer = |value| self.lift(&Constant::Integer(value));
        let mut terms: Vec<&(Vec<Symbol>, i64)> = form.terms().iter().collect();
        terms.sort_by_key(|(symbols, factor)| (symbols.is_empty(), *factor < 0));
        let term = |(symbols, factor): &(Vec<Symbol>, i64), sign: i64| {
            let spelled = |&symbol: &Symbol| match symbol {
                Symbol::Datum(k) => {
                    let Datum { block, position } = &form.data()[k as usize];
                    self.read(*block, position)
                }
                symbol => self.symbol(symbol),
            };
            let product = symbols.iter().map(spelled).reduce(|a, b| a * b);
            match (product, factor.wrapping_mul(sign)) {
                (Some(product), 1) => product,
                (Some(product), factor) => integer(factor) * product,
                (None, constant) => integer(constant),
            }
        };
        let mut sum: Option<Expr<'_>> = None;
        for part in terms {
            sum = Some(match sum {
                None => term(part, 1),
                Some(sum) if part.1 < 0 => sum - term(part, -1),
                Some(sum) => sum + term(part, 1),
            });
        }
        sum.unwrap_or_else(|| integer(0))
    }

    /// An element of an indexed input, at index forms that count from 1.
    ///
    /// # Panics
    /// When there are not as many indices as the block takes.
    pub fn read(&self, block: BlockId, indices: &[Index]) -> Expr<'_> {
        assert_eq!(self.graph.borrow().block(block).rank, indices.len(), "one index form per index");
        let position = self.graph.borrow_mut().push_position(indices);
        self.put(Node::Read(block, position))
    }

    /// The sum, product or extreme of `body` over `axis` from `low` to `high`.
    pub fn reduce<'g>(&'g self, fold: Fold, range: AxisRange, body: Expr<'g>) -> Expr<'g> {
        let body = self.own(body);
        let range = self.graph.borrow_mut().push_range(range);
        self.put(Node::Reduce(fold, range, [body]))
    }

    /// One state of an iteration, for use in its body.
    ///
    /// # Panics
    /// When the axis has no such state.
    pub fn state(&self, axis: Axis, k: usize) -> Expr<'_> {
        assert!(k < self.graph.borrow().axis_names(axis).states.len(), "no such state");
        self.put(Node::State(axis, k as u32))
    }

    /// The results of an iteration, one per state.
    ///
    /// # Panics
    /// When there are not as many inits and nexts as the axis has states.
    pub fn iterate<'g>(&'g self, range: AxisRange, inits: &[Expr<'g>], nexts: &[Expr<'g>]) -> Vec<Expr<'g>> {
        self.scan(range, false, inits, nexts, &[])
    }

    /// The sum, product or extreme of a list of terms; of two an extreme is the operator of two.
    ///
    /// # Panics
    /// When it is an extreme of nothing.
    pub fn fold<'g>(&'g self, fold: Fold, terms: &[Expr<'g>]) -> Expr<'g> {
        match terms {
            [] => self.lift(&fold.neutral().expect("an extreme is that of something")),
            [term] => *term,
            [_, _] if fold.is_extreme() => Expr::apply(fold.op(), terms),
            _ => {
                let children: Vec<NodeId> = terms.iter().map(|&term| self.own(term)).collect();
                let list = self.graph.borrow_mut().push_list(&children);
                self.put(Node::Fold(fold, list))
            }
        }
    }

    /// Gives a node the name that traces show for it.
    pub fn name(&self, expr: Expr<'_>, name: &str) {
        let id = self.own(expr);
        self.graph.borrow_mut().names.entry(id).or_insert_with(|| name.to_owned());
    }

    /// The iteration that a result was projected from.
    pub fn parent_of<'g>(&'g self, result: Expr<'g>) -> Option<Expr<'g>> {
        match self.graph.borrow().node(result.id) {
            Node::Project([id], _) => Some(Expr { builder: self, id }),
            _ => None,
        }
    }

    /// Remembers where in its text a node stands.
    pub fn place(&self, expr: Expr<'_>, place: std::ops::Range<usize>) {
        self.graph.borrow_mut().places.entry(expr.id).or_insert(place);
    }

    /// The graph as it stands, to look at.
    pub fn graph(&self) -> std::cell::Ref<'_, Graph> {
        self.graph.borrow()
    }

    /// The operator applied to nodes, simplified as this style allows.
    pub fn apply_as(&self, op: Op, arguments: &[NodeId], style: Style) -> NodeId {
        rewrite::insert(&mut self.graph.borrow_mut(), Node::apply(op, arguments), style)
    }

    /// A node of another graph, whose inputs, axes and sizes have the same numbers, over other children; simplified as this
    /// style allows.
    pub(crate) fn copy<'g>(
        &'g self,
        from: &Graph,
        id: NodeId,
        child: impl Fn(NodeId) -> Expr<'g>,
    ) -> Expr<'g> {
        let mut graph = self.graph.borrow_mut();
        let node = graph.translated(from, id, |id| self.own(child(id)));
        let id = match node.op() {
            Some(_) => rewrite::insert(&mut graph, node, self.style),
            None => graph.push(node),
        };
        Expr { builder: self, id }
    }

    pub(crate) fn own(&self, expr: Expr<'_>) -> NodeId {
        assert!(std::ptr::eq(self, expr.builder), "expressions of different graphs cannot be mixed");
        expr.id
    }

    pub(crate) fn put(&self, node: Node<NodeId>) -> Expr<'_> {
        let id = self.graph.borrow_mut().push(node);
        Expr { builder: self, id }
    }
}

impl<'g> Expr<'g> {
    /// The node.
    pub fn id(self) -> NodeId {
        self.id
    }
}

impl<'g> Scalar for Expr<'g> {
    type Context = &'g Builder;

    fn context(&self) -> &'g Builder {
        self.builder
    }

    fn lift(builder: &'g Builder, constant: &Constant) -> Self {
        builder.lift(constant)
    }

    fn apply(op: Op, arguments: &[Self]) -> Self {
        let builder = arguments[0].builder;
        let mut ids = [NodeId::default(); 3];
        for (id, argument) in ids.iter_mut().zip(arguments) {
            *id = builder.own(*argument);
        }
        let id = builder.apply_as(op, &ids[..arguments.len()], builder.style);
        Expr { builder, id }
    }

    fn fold(fold: Fold, builder: &'g Builder, terms: &[Self]) -> Self {
        builder.fold(fold, terms)
    }
}

crate::arithmetic!(Expr<'g>, ['g]);

macro_rules! mixed {
    ($($Trait:ident $method:ident),*) => { $(
        impl<'g> $Trait<f64> for Expr<'g> {
            type Output = Expr<'g>;
            fn $method(self, other: f64) -> Expr<'g> {
                self.$method(self.builder.constant(other))
            }
        }
        impl<'g> $Trait<Expr<'g>> for f64 {
            type Output = Expr<'g>;
            fn $method(self, other: Expr<'g>) -> Expr<'g> {
                other.builder.constant(self).$method(other)
            }
        }
    )* };
}
mixed!(Add add, Sub sub, Mul mul, Div div);

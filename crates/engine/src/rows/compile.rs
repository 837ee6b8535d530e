//! Compiling a flat function for rows: what is uniform, what is done in one step, and which rows are used again.

use expr::{Fold, Function, Node, NodeId, Op, PAIR};
use rustc_hash::FxHashMap;

use super::{Operand, Output, Step, Term, VectorProgram};
use crate::schedule::fixed_value;

/// How a node varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Not at all: a number that is known.
    Fixed,
    /// From run to run.
    Uniform,
    /// From point to point.
    Row,
}

/// A chain of fewer additions stays one: its terms would be read as often.
const SHORTEST_CHAIN: usize = 4;

impl VectorProgram {
    /// Compiles a flat function, in linear time. `varies` says which inputs have a number per point; `added` for which
    /// outputs only the sum over points is wanted, so that they may be left as a [product](Output::Product).
    ///
    /// # Panics
    /// When the function is not flat.
    pub fn compile(
        f: &Function,
        varies: impl Fn(usize) -> bool,
        added: impl Fn(usize) -> bool,
    ) -> VectorProgram {
        assert!(f.is_flat(), "a function is unrolled before it is compiled");
        let mut compiler = Compiler::new(f, varies);
        compiler.count(added);
        compiler.pair();
        compiler.compile()
    }
}

struct Compiler<'f> {
    f: &'f Function,
    fixed: Vec<Option<f64>>,
    /// What a node is the same as, whatever the point: the branch of a condition that is known, say.
    same: Vec<NodeId>,
    kinds: Vec<Kind>,
    /// How often each node is read.
    uses: Vec<u32>,
    /// Products and sums that are part of another step.
    merged: Vec<bool>,
    /// Outputs that are left as products.
    left: Vec<bool>,
    /// For a sine and a cosine of the same row, the other.
    other: FxHashMap<NodeId, NodeId>,
    program: VectorProgram,
    /// Uniform places of constants, by their bits.
    constants: FxHashMap<u64, u32>,
    /// Where nodes are; rows have numbers of their own until they are allotted.
    places: Vec<Option<Operand>>,
    virtual_rows: u32,
}

impl<'f> Compiler<'f> {
    fn new(f: &'f Function, varies: impl Fn(usize) -> bool) -> Self {
        let graph = f.graph();
        let mut fixed: Vec<Option<f64>> = Vec::with_capacity(graph.len());
        let (mut same, mut kinds) =
            (Vec::<NodeId>::with_capacity(graph.len()), Vec::with_capacity(graph.len()));
        for id in graph.ids() {
            fixed.push(None);
            fixed[id.index()] = fixed_value(f, id, &fixed);
            let number = |node: NodeId| fixed[node.index()];
            same.push(match graph.node(id) {
                Node::Ternary(Op::Select, [condition, a, b]) => match number(condition) {
                    Some(condition) => same[if condition != 0.0 { a } else { b }.index()],
                    None => id,
                },
                Node::Binary(Op::Powi, [a, b]) if number(b) == Some(1.0) => same[a.index()],
                _ => id,
            });
            kinds.push(match graph.node(id) {
                _ if fixed[id.index()].is_some() => Kind::Fixed,
                _ if same[id.index()] != id => kinds[same[id.index()].index()],
                Node::Input(block, offset) if varies(f.position(block, offset)) => Kind::Row,
                _ if graph.children(id).iter().any(|child| kinds[child.index()] == Kind::Row) => Kind::Row,
                _ => Kind::Uniform,
            });
        }
        let program = VectorProgram {
            inputs: vec![None; f.input_count()],
            outputs: Vec::new(),
            uniforms: Vec::new(),
            once: Vec::new(),
            steps: Vec::new(),
            terms: Vec::new(),
            rows: 0,
            identity: Default::default(),
        };
        Compiler {
            f,
            fixed,
            same,
            kinds,
            uses: vec![0; graph.len()],
            merged: vec![false; graph.len()],
            left: vec![false; f.outputs().len()],
            other: FxHashMap::default(),
            program,
            constants: FxHashMap::default(),
            places: vec![None; graph.len()],
            virtual_rows: 0,
        }
    }

    fn same(&self, id: NodeId) -> NodeId {
        self.same[id.index()]
    }

    fn kind(&self, id: NodeId) -> Kind {
        self.kinds[id.index()]
    }

    fn node(&self, id: NodeId) -> Node<NodeId> {
        self.f.graph().node(id)
    }

    /// Counts uses, and marks what will be part of another step.
    fn count(&mut self, added: impl Fn(usize) -> bool) {
        let graph = self.f.graph();
        self.f.outputs().iter().for_each(|output| self.uses[self.same[output.index()].index()] += 1);
        for id in graph.ids().rev() {
            if self.uses[id.index()] > 0 && self.same(id) == id && self.kind(id) != Kind::Fixed {
                graph.children(id).iter().for_each(|child| self.uses[self.same[child.index()].index()] += 1);
            }
        }
        for (k, &output) in self.f.outputs().iter().enumerate().filter(|(k, _)| added(*k)) {
            let root = self.same(output);
            self.left[k] = self.is_lone_product(root);
            self.merged[root.index()] = self.left[k];
        }
        // From the last node on, so that a chain is found at its end.
        for id in graph.ids().rev().filter(|id| self.kinds[id.index()] == Kind::Row) {
            if self.uses[id.index()] == 0 || self.same(id) != id || self.merged[id.index()] {
                continue;
            }
            let terms = match self.node(id) {
                Node::Fold(Fold::Sum, list) => {
                    graph.list(list).iter().map(|&term| self.same(term)).collect::<Vec<_>>()
                }
                Node::Binary(Op::Add, _) => {
                    let links = self.chain(id);
                    if links.len() + 1 < SHORTEST_CHAIN {
                        continue;
                    }
                    links[1..].iter().for_each(|link| self.merged[link.index()] = true);
                    self.chain_terms(&links)
                }
                _ => continue,
            };
            for term in terms {
                self.merged[term.index()] |= self.is_lone_product(term);
            }
        }
    }

    /// Finds sines and cosines of the same row.
    fn pair(&mut self) {
        let mut sines: FxHashMap<NodeId, NodeId> = FxHashMap::default();
        let mut cosines = Vec::new();
        for id in self.f.graph().ids() {
            if self.uses[id.index()] > 0 && self.kind(id) == Kind::Row {
                match self.node(id) {
                    Node::Unary(op, [angle]) if op == PAIR[0] => _ = sines.insert(self.same(angle), id),
                    Node::Unary(op, [angle]) if op == PAIR[1] => cosines.push((self.same(angle), id)),
                    _ => {}
                }
            }
        }
        for (angle, cosine) in cosines {
            if let Some(&sine) = sines.get(&angle) {
                self.other.insert(sine, cosine);
                self.other.insert(cosine, sine);
            }
        }
    }

    /// Whether a node is a product over rows that nothing else reads.
    fn is_lone_product(&self, id: NodeId) -> bool {
        self.kind(id) == Kind::Row
            && self.uses[id.index()] == 1
            && matches!(self.node(id), Node::Binary(Op::Mul, _))
    }

    /// The additions that `((a + b) + c) + d` is made of, from the last to the first.
    fn chain(&self, id: NodeId) -> Vec<NodeId> {
        let mut links = vec![id];
        while let Node::Binary(Op::Add, [left, _]) = self.node(links[links.len() - 1]) {
            let left = self.same(left);
            let lone = self.uses[left.index()] == 1 && self.kind(left) == Kind::Row;
            if !lone || !matches!(self.node(left), Node::Binary(Op::Add, _)) {
                break;
            }
            links.push(left);
        }
        links
    }

    /// The terms of a chain, in their order.
    fn chain_terms(&self, links: &[NodeId]) -> Vec<NodeId> {
        let operands = |link: &NodeId| match self.node(*link) {
            Node::Binary(_, [a, b]) => [self.same(a), self.same(b)],
            _ => unreachable!("chains are of additions"),
        };
        let first = links.last().map(|link| operands(link)[0]);
        first.into_iter().chain(links.iter().rev().map(|link| operands(link)[1])).collect()
    }

    fn compile(mut self) -> VectorProgram {
        let graph = self.f.graph();
        for id in graph.ids() {
            if let Node::Input(block, offset) = self.node(id)
                && self.uses[id.index()] > 0
            {
                let place = self.room(id);
                self.program.inputs[self.f.position(block, offset)] = Some(place);
            }
        }
        for id in graph.ids() {
            let computed = self.uses[id.index()] > 0
                && self.same(id) == id
                && !self.merged[id.index()]
                && self.places[id.index()].is_none();
            if computed && self.kind(id) != Kind::Fixed && !matches!(self.node(id), Node::Input(..)) {
                self.step(id);
            }
        }
        for (k, &output) in self.f.outputs().iter().enumerate() {
            let root = self.same(output);
            let output = match self.node(root) {
                Node::Binary(_, ab) if self.left[k] => Output::Product(ab.map(|child| self.place(child))),
                _ => Output::Plain(self.place(root)),
            };
            self.program.outputs.push(output);
        }
        super::allocate::allocate(&mut self.program, self.virtual_rows as usize);
        self.program
    }

    /// A place for the result of a node.
    fn room(&mut self, id: NodeId) -> Operand {
        let place = match self.kind(id) {
            Kind::Row => {
                self.virtual_rows += 1;
                Operand::Row(self.virtual_rows - 1)
            }
            _ => {
                self.program.uniforms.push(0.0);
                Operand::Uniform(self.program.uniforms.len() as u32 - 1)
            }
        };
        self.places[id.index()] = Some(place);
        place
    }

    /// Where a node is to be found.
    fn place(&mut self, id: NodeId) -> Operand {
        let id = self.same(id);
        match self.fixed[id.index()] {
            Some(number) => self.constant(number),
            None => self.places[id.index()].expect("children are compiled before their parents"),
        }
    }

    fn constant(&mut self, number: f64) -> Operand {
        let uniforms = &mut self.program.uniforms;
        let place = *self.constants.entry(number.to_bits()).or_insert_with(|| {
            uniforms.push(number);
            uniforms.len() as u32 - 1
        });
        Operand::Uniform(place)
    }

    fn step(&mut self, id: NodeId) {
        let graph = self.f.graph();
        let step = match self.node(id) {
            Node::Fold(fold, list) => {
                let terms: Vec<NodeId> = graph.list(list).iter().map(|&term| self.same(term)).collect();
                self.fold(id, fold, true, &terms)
            }
            Node::Binary(Op::Add, _) if self.kind(id) == Kind::Row && self.is_chain(id) => {
                let terms = self.chain_terms(&self.chain(id));
                self.fold(id, Fold::Sum, false, &terms)
            }
            Node::Binary(Op::Powi, [a, b]) => {
                let [a, b] = [a, b].map(|child| (self.fixed[self.same(child).index()], self.place(child)));
                // What `Op::value` does for these exponents, without asking at every point.
                match b.0 {
                    Some(2.0) => self.apply(id, Op::Mul, [a.1; 3]),
                    Some(-1.0) => {
                        let one = self.constant(1.0);
                        self.apply(id, Op::Div, [one, a.1, one])
                    }
                    Some(3.0) => {
                        let square = self.apply(id, Op::Mul, [a.1; 3]);
                        let into = self.push(id, square);
                        self.apply(id, Op::Mul, [into, a.1, a.1])
                    }
                    _ => self.apply(id, Op::Powi, [a.1, b.1, a.1]),
                }
            }
            Node::Unary(op, [angle]) if self.other.contains_key(&id) => {
                let other = self.other[&id];
                let [sine, cosine] = if op == PAIR[0] { [id, other] } else { [other, id] };
                let into = [self.into(sine), self.into(cosine)];
                let Operand::Row(angle) = self.place(angle) else { unreachable!("pairs are of rows") };
                Step::SinCos { into, angle }
            }
            node => {
                let children = node.operands();
                let operands = std::array::from_fn(|k| self.place(*children.get(k).unwrap_or(&children[0])));
                self.apply(id, node.op().expect("flat functions have no other kinds of nodes"), operands)
            }
        };
        self.push(id, step);
    }

    fn is_chain(&self, id: NodeId) -> bool {
        self.chain(id).len() + 1 >= SHORTEST_CHAIN
    }

    fn apply(&mut self, id: NodeId, op: Op, operands: [Operand; 3]) -> Step {
        Step::Apply { op, into: self.into(id), operands }
    }

    fn fold(&mut self, id: NodeId, fold: Fold, canonical: bool, terms: &[NodeId]) -> Step {
        let mut found = Vec::with_capacity(terms.len());
        for &term in terms {
            found.push(match self.node(term) {
                Node::Binary(Op::Mul, ab) if self.merged[term.index()] => {
                    let [first, second] = ab.map(|child| self.place(child));
                    Term { first, second: Some(second) }
                }
                _ => Term { first: self.place(term), second: None },
            });
        }
        let start = self.program.terms.len() as u32;
        self.program.terms.extend(found);
        let terms = start..self.program.terms.len() as u32;
        Step::Fold { fold, canonical, into: self.into(id), terms }
    }

    fn into(&mut self, id: NodeId) -> u32 {
        match self.room(id) {
            Operand::Row(into) | Operand::Uniform(into) => into,
        }
    }

    fn push(&mut self, id: NodeId, step: Step) -> Operand {
        match self.kind(id) {
            Kind::Row => self.program.steps.push(step),
            _ => self.program.once.push(step),
        }
        self.places[id.index()].expect("steps have room for their results")
    }
}

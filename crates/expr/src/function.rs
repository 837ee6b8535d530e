//! A function: a finished graph, its outputs, and what is known of its sizes.

use std::fmt;
use std::sync::Arc;

use crate::block::Data;
use crate::graph::{Graph, Role};
use crate::index::Index;
use crate::live::without_dead_nodes;
use crate::node::{BlockId, Node, NodeId};
use crate::unroll_error::UnrollError;

/// A function of named inputs with one or more outputs. Cheap to clone, and shared between threads.
///
/// ```
/// let f = syntax::parse("sum(i, 1, n, a*x[i])").unwrap();
/// assert_eq!((f.is_flat(), f.unbound_sizes()), (false, vec!["n"]));
/// let f = f.with_sizes(&[("n", 2)]).unwrap();
/// assert_eq!((f.input_count(), f.input_names()), (3, vec!["a".into(), "x[1]".into(), "x[2]".into()]));
/// assert_eq!(f.evaluate((), &[10.0, 1.0, 2.0]), [30.0]);
/// assert!(f.unroll(1_000).unwrap().is_flat()); // at most so many nodes
/// ```
#[derive(Clone)]
pub struct Function {
    inner: Arc<Inner>,
}

struct Inner {
    graph: Graph,
    outputs: Vec<NodeId>,
    bindings: Bindings,
    flat: bool,
    /// What its author calls it.
    name: Option<String>,
    /// Where each block starts among all scalars, and the end; only of a flat function.
    offsets: Vec<usize>,
}

/// What is known of a function before it is evaluated.
#[derive(Clone, Default)]
struct Bindings {
    /// What each size is bound to.
    sizes: Vec<Option<i64>>,
    /// Per block, its data.
    data: Vec<Option<Arc<Data>>>,
}

impl Function {
    pub(crate) fn new(graph: Graph, outputs: Vec<NodeId>) -> Function {
        let (graph, outputs) = without_dead_nodes(graph, outputs);
        let bindings =
            Bindings { sizes: vec![None; graph.sizes().len()], data: vec![None; graph.blocks().len()] };
        Function::assemble(graph, outputs, bindings, None)
    }

    fn assemble(
        mut graph: Graph,
        outputs: Vec<NodeId>,
        bindings: Bindings,
        name: Option<String>,
    ) -> Function {
        let flat = graph.nodes().iter().all(|node| {
            use Node::*;
            matches!(node, Const(_) | Input(..) | Unary(..) | Binary(..) | Ternary(..) | Fold(..))
        });
        let flat = flat && graph.blocks().iter().all(|block| block.role != Role::Data);
        let flat = flat && graph.settle_lengths();
        let mut offsets = vec![0];
        if flat {
            let mut lengths = vec![0usize; graph.blocks().len()];
            for node in graph.nodes() {
                if let Node::Input(block, offset) = node {
                    let length = &mut lengths[block.index()];
                    *length = (*length).max(*offset as usize + 1);
                }
            }
            for (k, length) in lengths.into_iter().enumerate() {
                let block = graph.block_mut(BlockId(k as u32));
                let shape = block.shape.get_or_insert_with(|| {
                    // An unread matrix has no extent along any index.
                    let mut shape = vec![1; block.rank];
                    shape[0] = length;
                    shape
                });
                offsets.push(offsets.last().expect("it starts with 0") + shape.iter().product::<usize>());
            }
        }
        Function { inner: Arc::new(Inner { graph, outputs, bindings, flat, name, offsets }) }
    }

    /// The name that its author gave to it: `L` in `L(x) = x^2` and in `L = x^2`.
    pub fn name(&self) -> Option<&str> {
        self.inner.name.as_deref()
    }

    /// The same function with another name, or none.
    #[must_use]
    pub fn named(&self, name: Option<String>) -> Function {
        if self.inner.name == name {
            return self.clone();
        }
        Function::assemble(self.graph().clone(), self.outputs().to_vec(), self.inner.bindings.clone(), name)
    }

    /// The function that has other nodes of the same graph as its outputs.
    #[must_use]
    pub fn with_outputs(&self, outputs: Vec<NodeId>) -> Function {
        let (graph, outputs) = without_dead_nodes(self.graph().clone(), outputs);
        Function::assemble(graph, outputs, self.inner.bindings.clone(), None)
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.inner.graph
    }

    /// The outputs, at least one.
    pub fn outputs(&self) -> &[NodeId] {
        &self.inner.outputs
    }

    /// Whether no node speaks of axes, so that the arena order is a program.
    pub fn is_flat(&self) -> bool {
        self.inner.flat
    }

    /// Of a flat function: the position of a scalar among all scalar inputs.
    ///
    /// # Panics
    /// When the function is not flat.
    #[inline]
    pub fn position(&self, block: BlockId, offset: u32) -> usize {
        assert!(self.is_flat(), "positions of inputs are known once a function is unrolled");
        self.inner.offsets[block.index()] + offset as usize
    }

    /// Of a flat function: the position of the scalar input that a node is, if it is one.
    ///
    /// # Panics
    /// When the function is not flat.
    #[inline]
    pub fn input_at(&self, id: NodeId) -> Option<usize> {
        match self.graph().node(id) {
            Node::Input(block, offset) => Some(self.position(block, offset)),
            _ => None,
        }
    }

    /// What a size is bound to.
    pub fn size(&self, name: &str) -> Option<i64> {
        let position = self.graph().sizes().iter().position(|size| size == name)?;
        self.inner.bindings.sizes[position]
    }

    /// The names of the sizes that need a value and have none.
    pub fn unbound_sizes(&self) -> Vec<&str> {
        let sizes =
            self.graph().sizes().iter().zip(self.graph().used_sizes()).zip(&self.inner.bindings.sizes);
        sizes
            .filter(|((_, used), value)| *used && value.is_none())
            .map(|((name, _), _)| name.as_str())
            .collect()
    }

    /// The function with sizes bound.
    ///
    /// # Errors
    /// When it has no such size.
    pub fn with_sizes(&self, sizes: &[(&str, i64)]) -> Result<Function, UnrollError> {
        let mut bindings = self.inner.bindings.clone();
        for &(name, value) in sizes {
            let position = self.graph().sizes().iter().position(|size| size == name);
            let position = position.ok_or_else(|| UnrollError::UnknownSize { size: name.to_owned() })?;
            bindings.sizes[position] = Some(value);
        }
        let name = self.inner.name.clone();
        Ok(Function::assemble(self.graph().clone(), self.outputs().to_vec(), bindings, name))
    }

    /// Another function, its sizes and data bound as those of this one are; what is not bound here stays as it is.
    ///
    /// ```
    /// let f = syntax::parse("sum(i, 1, n, x)").unwrap().with_sizes(&[("n", 3)]).unwrap();
    /// let g = f.with_same_bindings(syntax::parse("sum(i, 1, n, i*x)").unwrap());
    /// assert_eq!(g.evaluate((), &[2.0]), [12.0]);
    /// ```
    #[must_use]
    pub fn with_same_bindings(&self, other: Function) -> Function {
        let Bindings { sizes, data } = &self.inner.bindings;
        if sizes.iter().all(Option::is_none) && data.iter().all(Option::is_none) {
            return other;
        }
        let mut bindings = other.inner.bindings.clone();
        for (size, bound) in other.graph().sizes().iter().zip(&mut bindings.sizes) {
            *bound = self.size(size).or(*bound);
        }
        for (block, bound) in other.graph().blocks().iter().zip(&mut bindings.data) {
            let own = self.graph().block_named(&block.name);
            *bound = own.and_then(|own| self.inner.bindings.data[own.index()].clone()).or(bound.take());
        }
        let name = other.inner.name.clone();
        Function::assemble(other.graph().clone(), other.outputs().to_vec(), bindings, name)
    }

    /// The function in which these inputs are data, whether their values are known yet or not.
    ///
    /// # Errors
    /// When it has no such input.
    pub fn as_data(&self, names: &[&str]) -> Result<Function, UnrollError> {
        self.with_role(names, Role::Data)
    }

    /// The function in which these inputs are variables, as all are to begin with.
    ///
    /// # Errors
    /// When it has no such input.
    pub fn as_variables(&self, names: &[&str]) -> Result<Function, UnrollError> {
        self.with_role(names, Role::default())
    }

    fn with_role(&self, names: &[&str], role: Role) -> Result<Function, UnrollError> {
        let mut graph = self.graph().clone();
        for &name in names {
            let block = graph.block_named(name);
            let block = block.ok_or_else(|| UnrollError::UnknownInput { input: name.to_owned() })?;
            graph.block_mut(block).role = role;
        }
        let Inner { outputs, bindings, name, .. } = &*self.inner;
        Ok(Function::assemble(graph, outputs.clone(), bindings.clone(), name.clone()))
    }

    /// The function in which these inputs are data, with their lengths along each index and their numbers, row after row. Data are
    /// no part of a point, and have no derivative; what stands in an index must be an integer.
    ///
    /// ```
    /// let f = syntax::parse("sum(i, 1, m, w[i]*x[k[i]])").unwrap();
    /// let f = f.with_sizes(&[("m", 3)]).unwrap().with_data(&[("k", &[3], &[2.0, 1.0, 2.0])]).unwrap();
    /// assert_eq!(f.input_names(), ["w[1]", "w[2]", "w[3]", "x[1]", "x[2]"]);
    /// assert_eq!(f.evaluate((), &[1.0, 10.0, 100.0, 7.0, 8.0]), [878.0]);
    /// ```
    ///
    /// # Errors
    /// When it has no such input, or there are not as many numbers as that takes.
    pub fn with_data(&self, data: &[(&str, &[usize], &[f64])]) -> Result<Function, UnrollError> {
        let f = self.as_data(&data.iter().map(|(name, ..)| *name).collect::<Vec<_>>())?;
        let mut bindings = f.inner.bindings.clone();
        for &(name, lengths, values) in data {
            let block = f.graph().block_named(name).expect("it is data");
            let count = lengths.iter().try_fold(1usize, |all, length| all.checked_mul(*length));
            if f.graph().block(block).rank != lengths.len() || count != Some(values.len()) {
                return Err(UnrollError::WrongData {
                    input: name.to_owned(),
                    rank: f.graph().block(block).rank,
                    lengths: lengths.to_vec(),
                    count: values.len(),
                });
            }
            bindings.data[block.index()] = Some(Arc::new(Data::new(lengths, values)));
        }
        let Inner { outputs, name, .. } = &*self.inner;
        Ok(Function::assemble(f.graph().clone(), outputs.clone(), bindings, name.clone()))
    }

    /// The function whose inputs have these lengths, whatever of them is read: a larger index is an error. What is declared with
    /// lengths keeps them.
    ///
    /// # Errors
    /// When it has no such input with as many indices.
    pub fn with_lengths(&self, lengths: &[(&str, &[usize])]) -> Result<Function, UnrollError> {
        let mut graph = self.graph().clone();
        for &(name, lengths) in lengths {
            let block = graph.block_named(name).filter(|&block| graph.block(block).rank == lengths.len());
            let block = block.ok_or_else(|| UnrollError::UnknownInput { input: name.to_owned() })?;
            let forms = lengths.iter().map(|&length| Index::from(length as i64)).collect();
            graph.block_mut(block).declared.get_or_insert(forms);
        }
        let Inner { outputs, bindings, name, .. } = &*self.inner;
        Ok(Function::assemble(graph, outputs.clone(), bindings.clone(), name.clone()))
    }

    /// Whether an input of so many indices is read at positions that are data, so that these say how long it is unless something
    /// else does.
    pub fn is_read_by_data(&self, name: &str, rank: usize) -> bool {
        let graph = self.graph();
        let block = graph.block_named(name).filter(|&block| graph.block(block).rank == rank);
        let mut found = false;
        graph.each_read(|_, of, position| {
            found |= Some(of) == block && position.iter().any(|form| !form.data().is_empty());
        });
        found
    }

    /// The data that a block is bound to.
    pub(crate) fn data(&self, block: BlockId) -> Option<&Arc<Data>> {
        self.inner.bindings.data[block.index()].as_ref()
    }

    /// The names of the data that need values and have none.
    pub fn unbound_data(&self) -> Vec<&str> {
        let blocks =
            self.graph().blocks().iter().zip(self.graph().used_data()).zip(&self.inner.bindings.data);
        blocks
            .filter(|((_, used), data)| *used && data.is_none())
            .map(|((block, _), _)| block.name.as_str())
            .collect()
    }

    /// The sizes, all bound that occur; others are of no consequence.
    pub(crate) fn bound_sizes(&self) -> Result<Vec<i64>, UnrollError> {
        let used = self.graph().used_sizes();
        let value = |(k, size): (usize, &Option<i64>)| match size {
            None if used[k] => Err(UnrollError::Unbound { size: self.graph().sizes()[k].clone() }),
            size => Ok(size.unwrap_or(0)),
        };
        self.inner.bindings.sizes.iter().enumerate().map(value).collect()
    }

    /// Whether each node depends on any input, in arena order.
    pub fn depends_on_inputs(&self) -> Vec<bool> {
        let graph = self.graph();
        let mut depends = vec![false; graph.len()];
        for id in graph.ids() {
            depends[id.index()] = matches!(graph.node(id), Node::Input(..) | Node::Read(..))
                || graph.children(id).iter().any(|child| depends[child.index()]);
        }
        depends
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({} nodes, {} outputs)", self.graph().len(), self.outputs().len())
    }
}

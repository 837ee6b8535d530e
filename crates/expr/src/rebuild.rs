//! The one way to rebuild a graph: node after node is put into a builder, over what stands there for its children, unless
//! something else is to stand for it. Copies, cuts and rewritings differ in what that is.

use rustc_hash::FxHashMap;

use crate::builder::{Builder, Expr};
use crate::function::Function;
use crate::graph::Graph;
use crate::node::NodeId;
use crate::rewrite::Style;

/// What stands in a graph under construction for the nodes of another one, whose inputs, axes and sizes it has.
pub struct Rebuild<'a, 'g> {
    graph: &'a Graph,
    builder: &'g Builder,
    images: Images<'g>,
}

/// A place for every node; or a table, where there are few of many.
enum Images<'g> {
    All(Vec<Option<Expr<'g>>>),
    Few(FxHashMap<NodeId, Expr<'g>>),
}

impl<'a, 'g> Rebuild<'a, 'g> {
    /// Nothing yet.
    pub fn new(graph: &'a Graph, builder: &'g Builder) -> Self {
        Rebuild { graph, builder, images: Images::All(vec![None; graph.len()]) }
    }

    /// The same for few of the nodes: it takes no time and no memory for the others.
    pub fn of_few(graph: &'a Graph, builder: &'g Builder) -> Self {
        Rebuild { graph, builder, images: Images::Few(FxHashMap::default()) }
    }

    /// The graph under construction.
    pub fn builder(&self) -> &'g Builder {
        self.builder
    }

    /// What stands for a node, if anything.
    pub fn get(&self, id: NodeId) -> Option<Expr<'g>> {
        match &self.images {
            Images::All(all) => all[id.index()],
            Images::Few(few) => few.get(&id).copied(),
        }
    }

    /// What stands for a node.
    ///
    /// # Panics
    /// When nothing does.
    pub fn of(&self, id: NodeId) -> Expr<'g> {
        self.get(id).expect("children are rebuilt before their parents")
    }

    /// What stands for some nodes.
    ///
    /// # Panics
    /// When nothing stands for one of them.
    pub fn ids(&self, nodes: &[NodeId]) -> Vec<NodeId> {
        nodes.iter().map(|&id| self.of(id).id()).collect()
    }

    /// Says what stands for a node.
    pub fn set(&mut self, id: NodeId, image: Expr<'g>) {
        match &mut self.images {
            Images::All(all) => all[id.index()] = Some(image),
            Images::Few(few) => _ = few.insert(id, image),
        }
    }

    /// The node itself over what stands for its children, called as it is; simplified as the builder's style allows.
    ///
    /// # Panics
    /// When nothing stands for a child.
    pub fn copy(&self, id: NodeId) -> Expr<'g> {
        let copy = self.builder.copy(self.graph, id, |child| self.of(child));
        if let Some(name) = self.graph.name(id) {
            self.builder.name(copy, name);
        }
        copy
    }

    /// Rebuilds nodes, of which children come first: each becomes what `change` says, and where it says nothing a copy.
    pub fn run(
        &mut self,
        ids: impl IntoIterator<Item = NodeId>,
        mut change: impl FnMut(&Self, NodeId) -> Option<Expr<'g>>,
    ) {
        for id in ids {
            let image = change(self, id).unwrap_or_else(|| self.copy(id));
            self.set(id, image);
        }
    }
}

impl Function {
    /// The same function over the same inputs, where each node becomes what `change` says, and otherwise a copy.
    ///
    /// ```
    /// use expr::{Calculus, Style};
    /// let f = syntax::parse("sin(x)*sin(y)").unwrap();
    /// let graph = f.graph();
    /// let g = f.rebuilt(Style::Written, |made, id| {
    ///     let sine = graph.node(id).op().is_some_and(|op| op.name() == "sin");
    ///     sine.then(|| made.of(graph.children(id)[0]).cos())
    /// });
    /// assert_eq!(syntax::text(&g), "cos(x)*cos(y)");
    /// ```
    #[must_use]
    pub fn rebuilt(
        &self,
        style: Style,
        change: impl for<'g> FnMut(&Rebuild<'_, 'g>, NodeId) -> Option<Expr<'g>>,
    ) -> Function {
        let builder = Builder::new(style);
        builder.copy_blocks(self.graph());
        let mut rebuild = Rebuild::new(self.graph(), &builder);
        rebuild.run(self.graph().ids(), change);
        let outputs = rebuild.ids(self.outputs());
        drop(rebuild);
        builder.finish(outputs)
    }
}

//! Tables that keep every item once and know it by its position.
//!
//! Where an item stands is known by an index, which takes in what was appended when it is first asked: the nodes of a function
//! that is finished are not looked up any more, and many are never looked up at all.

use std::hash::{BuildHasher, Hash};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::FxBuildHasher;

use crate::Fold;
use crate::interrupt::checkpoint;
use crate::node::{Node, NodeId};

/// A table of anything.
#[derive(Clone, Debug)]
pub struct Interner<T> {
    /// The items, by position.
    pub items: Vec<T>,
    positions: Positions,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Interner { items: Vec::new(), positions: Positions::default() }
    }
}

impl<T: Hash + Eq> Interner<T> {
    /// The position of an item, which is put in if it is new.
    pub fn intern(&mut self, item: T) -> u32 {
        let Interner { items, positions } = self;
        let (found, position) =
            positions.find(items.len(), FxBuildHasher.hash_one(&item), |k| items[k] == item);
        if !found {
            items.push(item);
        }
        position
    }
}

/// Positions by the hashes of what stands there. Hashes are kept, so that a table that grows does not look at the items.
#[derive(Clone, Debug, Default)]
struct Positions(HashTable<(u32, u32)>);

impl Positions {
    /// The position of what has this hash and is the item, and otherwise the `next` one; and whether it was there.
    fn find(&mut self, next: usize, hash: u64, is_item: impl Fn(usize) -> bool) -> (bool, u32) {
        let short = (hash >> 32) as u32;
        let spread = |short: u32| u64::from(short) << 32 | u64::from(short);
        let same = |&(known, k): &(u32, u32)| known == short && is_item(k as usize);
        match self.0.entry(spread(short), same, |&(short, _)| spread(short)) {
            Entry::Occupied(known) => (true, known.get().1),
            Entry::Vacant(place) => {
                checkpoint();
                let next = position(next);
                place.insert((short, next));
                (false, next)
            }
        }
    }

    fn bytes(&self) -> usize {
        self.0.capacity() * (size_of::<(u32, u32)>() + 1)
    }
}

fn position(count: usize) -> u32 {
    u32::try_from(count).expect("a graph holds at most 2^32 nodes")
}

/// Lists of children, one after another.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListTable {
    members: Vec<NodeId>,
    /// Per list where it ends.
    ends: Vec<u32>,
    positions: Positions,
    /// How many lists are in the index.
    indexed: usize,
}

impl ListTable {
    #[inline]
    pub(crate) fn get(&self, k: usize) -> &[NodeId] {
        let start = k.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.members[start as usize..self.ends[k] as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The position of a list, which is put in if it is new.
    pub(crate) fn intern(&mut self, list: &[NodeId]) -> u32 {
        for k in self.indexed..self.ends.len() {
            self.find(k);
        }
        let k = self.append(list.iter().copied());
        let (found, known) = self.find(k as usize);
        if found {
            self.ends.pop();
            self.members.truncate(self.members.len() - list.len());
        }
        self.indexed = self.ends.len();
        known
    }

    /// Puts in a list that is new.
    pub(crate) fn append(&mut self, list: impl Iterator<Item = NodeId>) -> u32 {
        self.members.extend(list);
        self.ends.push(position(self.members.len()));
        position(self.ends.len() - 1)
    }

    /// The position of the list that stands at `k`: another one if it is there already.
    fn find(&mut self, k: usize) -> (bool, u32) {
        let mut positions = std::mem::take(&mut self.positions);
        let hash = FxBuildHasher.hash_one(self.get(k));
        let found = positions.find(k, hash, |known| self.get(known) == self.get(k));
        self.positions = positions;
        found
    }

    /// The bytes that it holds.
    pub(crate) fn bytes(&self) -> usize {
        (self.members.capacity() + self.ends.capacity()) * size_of::<u32>() + self.positions.bytes()
    }
}

/// The table of nodes. A hash table puts neighbours far apart, so that in a graph larger than the caches every new node is
/// paid for by waiting for memory. But a node is mostly made soon after the last of its children, or when a walk over the
/// graph comes by that child: so it is looked for near that child, among a few others, and in a hash table only where more
/// nodes than usual have the same last child. A fold is looked for by the number of its list.
#[derive(Clone, Debug, Default)]
pub(crate) struct NodeTable {
    pub(crate) items: Vec<Node<NodeId>>,
    near: Vec<Bucket>,
    /// Per list the positions of its folds, plus 1; 0 where there is none.
    folds: Vec<[u32; Fold::ALL.len()]>,
    far: Positions,
    /// How many nodes are in the index.
    indexed: usize,
}

/// Operators whose last child is one of [`CHILDREN`] ids in a row, in the order in which they came: a line of a cache.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Bucket {
    /// Positions plus 1; 0 where there is none.
    successors: [u32; NEAR],
    /// Of each a part of its hash, by which to know nearly every other.
    tags: [u16; NEAR],
}

/// How many nodes a bucket has room for.
const NEAR: usize = 10;
/// How many ids share a bucket. Every operator has one last child, so buckets are little more than half full.
const CHILDREN: usize = 6;

impl NodeTable {
    /// The position of a node, which is put in if it is new.
    #[inline]
    pub(crate) fn intern(&mut self, node: Node<NodeId>) -> u32 {
        while self.indexed < self.items.len() {
            self.find(self.items[self.indexed], self.indexed);
            self.indexed += 1;
        }
        let next = self.items.len();
        let found = self.find(node, next);
        if found as usize == next {
            self.items.push(node);
            self.indexed += 1;
        }
        found
    }

    /// Puts in a node that is new.
    pub(crate) fn append(&mut self, node: Node<NodeId>) -> u32 {
        self.items.push(node);
        position(self.items.len() - 1)
    }

    /// The position of a node, which is `next` if it is new.
    #[inline]
    fn find(&mut self, node: Node<NodeId>, next: usize) -> u32 {
        if let Node::Fold(fold, list) = node {
            if list.index() >= self.folds.len() {
                self.folds.resize(list.index() + 1, Default::default());
            }
            let known = &mut self.folds[list.index()][fold as usize];
            if *known == 0 {
                *known = position(next + 1);
            }
            return *known - 1;
        }
        let hash = hash(&node);
        let tag = (hash >> 48) as u16;
        if let Some(last) = node.op().and_then(|_| node.operands().iter().max()) {
            let bucket = last.index() / CHILDREN;
            if bucket >= self.near.len() {
                self.near.resize(bucket + 1, Bucket::default());
            }
            let Bucket { successors, tags } = &mut self.near[bucket];
            for (successor, known) in successors.iter_mut().zip(tags) {
                if *successor == 0 {
                    (*successor, *known) = (position(next + 1), tag);
                    return *successor - 1;
                }
                if *known == tag && self.items[*successor as usize - 1] == node {
                    return *successor - 1;
                }
            }
        }
        self.far.find(next, hash, |k| self.items[k] == node).1
    }

    /// Makes room for so many more nodes.
    pub(crate) fn reserve(&mut self, nodes: usize) {
        self.items.reserve(nodes);
        self.near.reserve(nodes / CHILDREN);
    }

    /// The bytes that it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.items.capacity() * size_of::<Node<NodeId>>()
            + self.near.capacity() * size_of::<Bucket>()
            + self.folds.capacity() * size_of::<[u32; Fold::ALL.len()]>()
            + self.far.bytes()
    }
}

/// For an operator the folded product of its name and arguments, which is all that it is.
#[inline]
fn hash(node: &Node<NodeId>) -> u64 {
    let Some(op) = node.op() else { return FxBuildHasher.hash_one(node) };
    let mut at = [0; 3];
    for (at, child) in at.iter_mut().zip(node.operands()) {
        *at = u64::from(child.0);
    }
    // Digits of π.
    let one = (op as u64 | at[0] << 32) ^ 0x243f_6a88_85a3_08d3;
    let other = (at[1] | at[2] << 32) ^ 0x1319_8a2e_0370_7344;
    let product = u128::from(one) * u128::from(other);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Op;

    #[test]
    fn nodes_are_kept_once_however_many_share_a_child() {
        let mut table = NodeTable::default();
        let mut all = Vec::new();
        let mut put = |table: &mut NodeTable, node| {
            let position = table.intern(node);
            assert!(position as usize <= all.len());
            if position as usize == all.len() {
                all.push(node);
            }
            assert_eq!(all[position as usize], node);
        };
        for offset in 0..100 {
            put(&mut table, Node::Input(crate::BlockId(0), offset));
        }
        // All pairs of a few: far more of them have one last child than a bucket holds.
        for round in 0..2 {
            for a in 0..100 {
                for b in 0..100 {
                    let [a, b] = [a, b].map(NodeId);
                    put(&mut table, Node::apply(Op::Mul, &[a, b]));
                    put(&mut table, Node::apply(Op::Sub, &[a, b]));
                }
                put(&mut table, Node::apply(Op::Sin, &[NodeId(a)]));
            }
            assert_eq!(table.items.len(), 100 + 20_000 + 100, "in round {round}");
        }
    }

    #[test]
    fn equal_tags_are_not_equal_nodes() {
        let mut table = NodeTable::default();
        let [x, y] = [0, 1].map(|k| NodeId(table.intern(Node::Input(crate::BlockId(0), k))));
        let sum = table.intern(Node::apply(Op::Add, &[x, y]));
        let product = Node::apply(Op::Mul, &[x, y]);
        table.near[0].tags[0] = (hash(&product) >> 48) as u16;
        assert_ne!(table.intern(product), sum);
    }

    #[test]
    fn what_a_finished_function_is_made_of_is_found_again() {
        use crate::{Builder, Fold, Function, Style};
        let make = |g: &Builder| {
            let x = g.inputs("x", 3);
            let terms = [x[0] * x[1], x[2] - x[0], x[1]];
            [g.fold(Fold::Sum, &terms), g.fold(Fold::Product, &terms)].map(|expr| expr.id())
        };
        let f = Function::build(|g| {
            // Something that no output is made of, so that the others are moved.
            let dead = g.input("y") / g.constant(3.0);
            g.fold(Fold::Sum, &[dead, dead]);
            make(g).map(|id| g.handle(id)).to_vec()
        });
        let g = Builder::resume(f.graph().clone(), Style::Written);
        assert_eq!(make(&g).as_slice(), f.outputs());
        assert_eq!(g.len(), f.graph().len());
    }
}

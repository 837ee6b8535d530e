//! Tables that keep every item once and know it by its position.

use std::hash::{BuildHasher, Hash};

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use crate::node::{Node, NodeId};

/// A table of anything.
#[derive(Clone, Debug)]
pub struct Interner<T> {
    /// The items, by position.
    pub items: Vec<T>,
    positions: HashTable<u32>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Interner { items: Vec::new(), positions: HashTable::new() }
    }
}

impl<T: Hash + Eq> Interner<T> {
    /// The position of an item, which is put in if it is new.
    pub fn intern(&mut self, item: T) -> u32 {
        let hash = |item: &T| FxBuildHasher.hash_one(item);
        position(&mut self.items, &mut self.positions, item, hash)
    }
}

/// The position of an item, which is put in if it is new.
fn position<T: Eq>(
    items: &mut Vec<T>,
    positions: &mut HashTable<u32>,
    item: T,
    hash: impl Fn(&T) -> u64,
) -> u32 {
    let entry = positions.entry(hash(&item), |&k| items[k as usize] == item, |&k| hash(&items[k as usize]));
    *entry.or_insert_with(|| append(items, item)).get()
}

fn append<T>(items: &mut Vec<T>, item: T) -> u32 {
    let position = u32::try_from(items.len()).expect("a graph holds at most 2^32 nodes");
    items.push(item);
    position
}

/// The table of nodes. A hash table puts neighbours far apart, so that in a graph larger than the caches every new node is
/// paid for by waiting for memory. But a node is mostly made soon after the last of its children, or when a walk over the
/// graph comes by that child: so it is looked for near that child, among a few others, and in a hash table only where more
/// nodes than usual have the same last child.
#[derive(Clone, Debug, Default)]
pub(crate) struct NodeTable {
    pub(crate) items: Vec<Node<NodeId>>,
    near: Vec<Bucket>,
    far: HashTable<u32>,
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
    #[inline]
    pub(crate) fn intern(&mut self, node: Node<NodeId>) -> u32 {
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
                    let position = append(&mut self.items, node);
                    (*successor, *known) = (position + 1, tag);
                    return position;
                }
                if *known == tag && self.items[*successor as usize - 1] == node {
                    return *successor - 1;
                }
            }
        }
        position(&mut self.items, &mut self.far, node, self::hash)
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
            + self.far.capacity() * (size_of::<u32>() + 1)
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
}

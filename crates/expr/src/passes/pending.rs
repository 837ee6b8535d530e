//! What is passed to nodes that have not been visited yet.

use super::shares::Share;
use crate::node::NodeId;

/// Shares by node, taken from the last node to the first: a table, because in a large graph a tree of them would be most of the
/// time of the pass.
#[derive(Default)]
pub(super) struct Pending<'g> {
    /// Per node which list is its own, plus 1; 0 where nothing is passed to it.
    list_of: Vec<u32>,
    lists: Vec<Vec<Share<'g>>>,
    /// Lists of no node, empty but for the room that they have.
    spare: Vec<u32>,
    /// No node from here on is waiting.
    end: usize,
}

impl<'g> Pending<'g> {
    /// What is passed to a node.
    pub(super) fn to(&mut self, id: NodeId) -> &mut Vec<Share<'g>> {
        let k = id.index();
        if k >= self.list_of.len() {
            self.list_of.resize(k + 1, 0);
        }
        self.end = self.end.max(k + 1);
        if self.list_of[k] == 0 {
            let list = self.spare.pop().unwrap_or_else(|| {
                self.lists.push(Vec::new());
                self.lists.len() as u32 - 1
            });
            self.list_of[k] = list + 1;
        }
        &mut self.lists[self.list_of[k] as usize - 1]
    }

    /// The last node that something is passed to, and that.
    pub(super) fn pop_last(&mut self) -> Option<(NodeId, Vec<Share<'g>>)> {
        let last = self.list_of[..self.end].iter().rposition(|list| *list != 0);
        self.end = last.unwrap_or(0);
        let list = std::mem::take(&mut self.list_of[last?]) - 1;
        self.spare.push(list);
        Some((NodeId(last? as u32), std::mem::take(&mut self.lists[list as usize])))
    }

    /// Takes a list back for its room.
    pub(super) fn reuse(&mut self, mut list: Vec<Share<'g>>) {
        list.clear();
        if let Some(spare) = self.spare.last() {
            self.lists[*spare as usize] = list;
        }
    }
}

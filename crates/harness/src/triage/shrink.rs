//! Making a piece smaller while it still shows what is the matter (delta debugging: Zeller and Hildebrandt 2002, on a
//! graph): its root moves down to an argument, and nodes become inputs that have their values.

use std::collections::BTreeSet;

use chainrule::expr::{Node, NodeId};

use super::piece::Piece;

/// The smallest piece found within so many trials for which `still` holds, as it does for `piece`.
pub(crate) fn shrink(mut piece: Piece, mut trials: usize, mut still: impl FnMut(&Piece) -> bool) -> Piece {
    loop {
        let Some(smaller) = step(&piece, &mut trials, &mut still) else { return piece };
        piece = smaller;
    }
}

fn step(piece: &Piece, trials: &mut usize, still: &mut impl FnMut(&Piece) -> bool) -> Option<Piece> {
    let graph = piece.function.graph();
    let inner = |id: &NodeId| !matches!(graph.node(*id), Node::Input(..) | Node::Const(_));
    let size = graph.len();
    let mut attempt = |candidate: Piece| {
        // A number that is none has no trouble of its own.
        let sound = candidate.at.iter().all(|x| x.is_finite()) && !candidate.at.is_empty();
        let smaller = sound && candidate.function.graph().len() < size;
        if *trials == 0 || !smaller {
            return None;
        }
        *trials -= 1;
        still(&candidate).then_some(candidate)
    };
    let arguments: BTreeSet<NodeId> = graph.children(piece.root()).iter().copied().filter(inner).collect();
    if let Some(found) = arguments.iter().find_map(|&child| attempt(piece.rooted(child, &BTreeSet::new()))) {
        return Some(found);
    }
    // Close to the root first: what is below goes with it.
    let others = graph.ids().rev().filter(|id| *id != piece.root() && inner(id));
    others.into_iter().find_map(|id| attempt(piece.rooted(piece.root(), &BTreeSet::from([id]))))
}

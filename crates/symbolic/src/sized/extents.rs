//! How far inputs go along each of their indices, for every size.

use expr::Function;
use expr::index::Index;

/// How far every block goes along each of its indices: as it is declared, or as its reads say.
pub(super) fn shapes(f: &Function) -> Vec<Vec<Option<Index>>> {
    let extents = expr::extents(f.graph(), f.outputs());
    let shape =
        |(block, extents): (&expr::graph::Block, Vec<expr::Extent>)| match (&block.declared, &block.shape) {
            (Some(declared), _) => declared.iter().cloned().map(Some).collect(),
            (None, Some(shape)) => shape.iter().map(|&extent| Some(Index::from(extent as i64))).collect(),
            (None, None) => extents.iter().map(|extent| extent.longest().cloned()).collect(),
        };
    f.graph().blocks().iter().zip(extents).map(shape).collect()
}

//! Lengths of inputs that are used as a whole: declared, or sizes that we make up until something says what they are. What is found
//! out late is known from the start when the text is read once more.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Elaborator;
use super::lengths::{highest, is_plain, larger, longest};
use crate::diagnostic::Diagnostic;
use crate::parser::AstId;
use crate::parser::{Program, Syntax};
use expr::graph::{AxisRange, MAX_AXES};
use expr::index::{Index, Symbol};
use expr::{Axis, BlockId, PositionId};

/// One length of an input: that along its index k.
type Place = (BlockId, usize);

/// What has been found out about lengths.
#[derive(Default)]
pub(super) struct Found {
    known: FxHashMap<Place, Length>,
    /// What is read as an index.
    pub(super) data: FxHashSet<BlockId>,
    /// Something was found out that asks for another reading.
    pub(super) again: bool,
}

enum Length {
    Form(Index),
    /// That of another input.
    Same(Place),
}

/// Sizes and axes of our own in this reading.
#[derive(Default)]
pub(super) struct Fresh {
    sizes: FxHashMap<Place, Symbol>,
    /// Per index variable, its range.
    axes: FxHashMap<String, (Index, Index)>,
    /// Where the text itself reads inputs.
    reads: FxHashMap<BlockId, FxHashSet<PositionId>>,
}

/// The index variables of the text: ours have other names, so that each has one range.
pub(super) fn binders(program: &Program) -> FxHashSet<&str> {
    let mut names = FxHashSet::default();
    for node in &program.nodes {
        match &node.syntax {
            Syntax::Array(indices) | Syntax::State(_, indices) => {
                names.extend(indices.iter().map(String::as_str))
            }
            Syntax::Call(_) if node.children.len() >= 4 => {
                if let Syntax::Name(index) = &program.nodes[node.children[0]].syntax {
                    names.insert(index.as_str());
                }
            }
            _ => {}
        }
    }
    names
}

impl Fresh {
    pub(super) fn reads(&mut self, block: BlockId, position: PositionId) {
        self.reads.entry(block).or_default().insert(position);
    }

    pub(super) fn binds(&mut self, name: &str, low: &Index, high: &Index) {
        self.axes.entry(name.to_owned()).or_insert_with(|| (low.clone(), high.clone()));
    }
}

impl Found {
    fn of(&self, mut place: Place) -> Result<&Index, Place> {
        loop {
            match self.known.get(&place) {
                Some(Length::Form(form)) => return Ok(form),
                Some(Length::Same(other)) => place = *other,
                None => return Err(place),
            }
        }
    }
}

impl<'p, 'g> Elaborator<'p, 'g> {
    /// The ranges of an input that is used as a whole.
    pub(super) fn block_ranges(&mut self, block: BlockId, id: AstId) -> Result<Rc<[AxisRange]>, Diagnostic> {
        let (rank, declared) = {
            let graph = self.builder.graph();
            (graph.block(block).rank, graph.block(block).declared.clone())
        };
        let mut ranges: Vec<AxisRange> = Vec::with_capacity(rank);
        for k in 0..rank {
            let high = match &declared {
                Some(lengths) => lengths[k].clone(),
                None => self.length((block, k)),
            };
            let low = Index::from(1);
            let before: Vec<Axis> = ranges.iter().map(|range| range.axis).collect();
            let axis = self.whole_axis(&low, &high, &before, id)?;
            ranges.push(AxisRange { axis, low, high });
        }
        Ok(ranges.into())
    }

    fn length(&mut self, place: Place) -> Index {
        let root = match self.found.of(place) {
            Ok(form) => return form.clone(),
            Err(root) => root,
        };
        if let Some(&size) = self.fresh.sizes.get(&root) {
            return size.into();
        }
        let rows = root.1 == 0 && self.builder.graph().block(root.0).rank > 1;
        let word = if rows { "m" } else { "n" };
        let size = self.builder.size(&self.fresh_size(word, root.0));
        self.fresh.sizes.insert(root, size);
        size.into()
    }

    /// Makes two lengths one where one of them is a size that we made up; says whether they are.
    pub(super) fn equate(&mut self, p: &Index, q: &Index) -> Result<bool, Diagnostic> {
        let place_of = |form: &Index| {
            let found = self.fresh.sizes.iter().find(|(_, size)| Index::from(**size) == *form);
            found.map(|(place, _)| *place)
        };
        // Sizes that are named in the text have the same numbers in every reading.
        let settled = |form: &Index| {
            form.data().is_empty()
                && form
                    .symbols()
                    .all(|symbol| matches!(symbol, Symbol::Size(k) if (k as usize) < self.sizes.len()))
        };
        let (place, length) = match (place_of(p), place_of(q)) {
            (Some(p), Some(q)) => (q, Length::Same(p)),
            (Some(p), None) if settled(q) => (p, Length::Form(q.clone())),
            (None, Some(q)) if settled(p) => (q, Length::Form(p.clone())),
            _ => return Ok(false),
        };
        self.found.known.insert(place, length);
        Err(self.once_more())
    }

    /// What ends this reading, since more is known now.
    pub(super) fn once_more(&mut self) -> Diagnostic {
        self.found.again = true;
        Diagnostic::at(0..0, "read once more", "")
    }

    /// An axis of our own: the first of a few names that means nothing else around us and has no other range.
    pub(super) fn whole_axis(
        &mut self,
        low: &Index,
        high: &Index,
        avoid: &[Axis],
        id: AstId,
    ) -> Result<Axis, Diagnostic> {
        let names = (1..).flat_map(|k| {
            ["i", "j", "k", "l"].map(|word| if k == 1 { word.to_owned() } else { format!("{word}_{k}") })
        });
        for name in names {
            let other = |(p, q): &(Index, Index)| p != low || q != high;
            let used = self.active.contains(&name)
                || self.binders.contains(name.as_str())
                || self.blocks.contains_key(name.as_str())
                || self.builder.graph().sizes().contains(&name)
                || self.fresh.axes.get(&name).is_some_and(other);
            if used {
                continue;
            }
            let count = self.builder.graph().axis_count();
            if count >= MAX_AXES {
                let message = format!("more than {MAX_AXES} different index variables and iterations");
                return Err(Diagnostic::at(self.place(id), message, "one too many"));
            }
            let axis = self.builder.axis(&name, &[]);
            if avoid.contains(&axis) {
                continue;
            }
            self.fresh.binds(&name, low, high);
            return Ok(axis);
        }
        unreachable!("there is always one more name")
    }

    /// After the text is read: an input is as long as its largest index in the text, where that tells a length; else what is read of it as a
    /// whole is all of it, and is declared.
    pub(super) fn settle_lengths(&mut self) -> Result<(), Diagnostic> {
        let rank = |block: BlockId| self.builder.graph().block(block).rank;
        let mut read: Vec<Place> = { self.fresh.reads.keys() }
            .flat_map(|&block| (0..rank(block)).map(move |k| (block, k)))
            .collect();
        read.sort_unstable();
        for place in read {
            let Err(root) = self.found.of(place) else { continue };
            let Some(&size) = self.fresh.sizes.get(&root) else { continue };
            let longest = self.longest_in_text(place.0, place.1);
            if let Some(form) = longest.filter(|form| form.as_constant().is_none() && is_plain(form)) {
                self.equate(&size.into(), &form)?;
            }
        }
        let blocks: Vec<BlockId> = { self.blocks.values() }
            .copied()
            .filter(|&block| self.builder.graph().block(block).declared.is_none())
            .collect();
        for block in blocks {
            let rank = self.builder.graph().block(block).rank;
            let lengths = (0..rank).map(|k| match self.found.of((block, k)) {
                Ok(form) => Some(form.clone()),
                Err(root) => self.fresh.sizes.get(&root).map(|&size| size.into()),
            });
            let Some(lengths) = lengths
                .collect::<Option<Vec<Index>>>()
                .filter(|all| !all.is_empty() && all.iter().all(is_plain))
            else {
                continue;
            };
            if longest(&self.builder.graph(), block).as_ref() != Some(&lengths) {
                self.builder.declare(block, lengths);
            }
        }
        Ok(())
    }

    /// The largest index k with which the text reads an input, where that is one form of sizes.
    fn longest_in_text(&self, block: BlockId, k: usize) -> Option<Index> {
        let graph = self.builder.graph();
        { self.fresh.reads.get(&block)?.iter() }
            .try_fold(None, |most, position| {
                larger(most, highest(&graph, &graph.position(*position)[k])?).map(Some)
            })
            .flatten()
    }
}

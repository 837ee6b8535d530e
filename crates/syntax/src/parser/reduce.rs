//! What has its right-hand side or its closing bracket becomes a node of the tree.

use super::pending::{Bracket, Infix, Open, Pending, Prefix};
use super::{Logic, Parser, Syntax};
use expr::Op;

impl Parser<'_> {
    /// Applies pending operators that bind at least as tightly as `precedence`.
    pub(super) fn reduce(&mut self, precedence: u8) {
        while let Some(pending) = self.pending.last() {
            let (syntax, arity, start) = match pending {
                Pending::Prefix { what, precedence: own, start } if *own >= precedence => {
                    let syntax = match what {
                        // A plus sign before an operand changes nothing.
                        Prefix::Plus => None,
                        Prefix::Minus => Some(Syntax::Apply(Op::Neg)),
                        Prefix::Root => Some(Syntax::Apply(Op::Sqrt)),
                        Prefix::Not => Some(Syntax::Logic(Logic::Not)),
                        Prefix::Array => {
                            let start = *start;
                            self.pending.pop();
                            self.close_array(start);
                            continue;
                        }
                    };
                    (syntax, 1, Some(*start))
                }
                Pending::Infix { what, precedence: own } if *own >= precedence => {
                    let syntax = match *what {
                        Infix::Op(op) => Syntax::Apply(op),
                        Infix::Logic(logic) => Syntax::Logic(logic),
                    };
                    (Some(syntax), 2, None)
                }
                _ => return,
            };
            self.pending.pop();
            let Some(syntax) = syntax else { continue };
            let children = self.operands.split_off(self.operands.len() - arity);
            let start = start.unwrap_or(self.program.nodes[children[0]].place.start);
            let place = start..self.program.nodes[children[arity - 1]].place.end;
            let id = self.push(syntax, children, place.clone(), place);
            self.operands.push(id);
        }
    }

    /// Builds what stood in brackets.
    pub(super) fn close(&mut self, open: Open, end: usize) {
        let items = self.operands.split_off(open.operands);
        let place = open.place.start..end;
        let (syntax, head) = match open.what {
            Bracket::Group if items.len() == 1 => {
                // Parentheses widen the place of what they hold, and leave no other trace.
                self.program.nodes[items[0]].place = place;
                self.operands.push(items[0]);
                return;
            }
            Bracket::Group => (Syntax::Tuple, place.clone()),
            Bracket::Bar => (Syntax::Apply(Op::Abs), place.clone()),
            Bracket::List => (Syntax::List, place.clone()),
            Bracket::Call(name, head) => (Syntax::Call(name), head),
            Bracket::Subscript(name, head) => (Syntax::Subscript(name), head),
            Bracket::Header(..) => unreachable!("a header is closed by itself"),
            Bracket::Pick => (Syntax::Pick, self.program.nodes[items[0]].place.clone()),
        };
        let start = head.start.min(place.start);
        let id = self.push(syntax, items, start..end, head);
        self.operands.push(id);
    }
}

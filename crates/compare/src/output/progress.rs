//! Progress of what takes minutes: on standard error, and only where that is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// So many parts, of which none is done.
pub(crate) fn bar(parts: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(parts as u64), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:20} {pos}/{len}  {elapsed}  {wide_msg}");
    bar.with_style(style.expect("the template is right"))
}

//! A file or a folder for every command: what it can be told, and what it answers.

pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod derive;
pub(crate) mod descend;
pub(crate) mod families;
pub(crate) mod functions;
pub(crate) mod grad;
pub(crate) mod grow;
pub(crate) mod man;
pub(crate) mod plot;
pub(crate) mod report;
pub(crate) mod steps;
pub(crate) mod swell;
pub(crate) mod trace;

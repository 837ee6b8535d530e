//! Pictures that stand by themselves, as SVG and as a page.

pub(crate) mod curves;
pub(crate) mod panel;

//! Families of growing functions, the comparator, measuring and reports.

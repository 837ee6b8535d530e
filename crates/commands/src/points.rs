//! The points that a command is about.

/// Points, each with one number per scalar input.
#[derive(Debug)]
pub struct Points {
    /// All of them.
    pub all: Vec<Vec<f64>>,
    /// From here on they are drawn, from this seed.
    pub drawn: Option<(usize, u64)>,
}

impl Points {
    /// One point, given.
    pub fn one(at: Vec<f64>) -> Points {
        Points { all: vec![at], drawn: None }
    }

    /// Where a point comes from, if that must be said.
    pub fn origin(&self, k: usize) -> String {
        match self.drawn {
            Some((from, seed)) if k >= from => format!("  (drawn, seed {seed})"),
            _ => String::new(),
        }
    }
}

//! Seeded random numbers, the same on every machine and in every release.

/// SplitMix64 (Steele, Lea and Flood 2014): small, and good enough to draw points.
///
/// ```
/// use chainrule::Random;
/// let mut random = Random::new(7, &["points"], 0);
/// assert_eq!(random.below(100), 73);
/// assert!((-1.0..=1.0).contains(&random.between(-1.0, 1.0)));
/// ```
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator for one instance: `words` name it, so that no instance's numbers depend on another's.
    pub fn new(seed: u64, words: &[&str], size: usize) -> Random {
        // FNV-1a over the words.
        let mut state = seed ^ 0xcbf2_9ce4_8422_2325;
        for byte in words.iter().flat_map(|word| word.bytes().chain([0])).chain((size as u64).to_le_bytes()) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Random(state)
    }

    /// The next 64 bits.
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number drawn evenly from `low` to `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        let unit = (self.bits() >> 11) as f64 / (1u64 << 53) as f64;
        low * (1.0 - unit) + high * unit
    }

    /// An integer below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u64) as usize
    }
}

//! Random arguments: of ordinary size, of any size, beside integers, halves, poles and ends of domains.

use rug::Float;

use crate::oracle::PRECISION;

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.bits() % end
    }

    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn double(&mut self) -> f64 {
        let sign = if self.below(2) == 0 { 1.0 } else { -1.0 };
        let near = |x: f64, ulps: u64| f64::from_bits(x.to_bits() + ulps % 5 - 2);
        let x = match self.below(12) {
            0 | 1 => self.unit(),
            2 | 3 => self.unit() * 8.0,
            4 => self.unit() * 1000.0,
            5 => f64::from_bits(self.bits() >> 2),
            6 => near((1 + self.below(60)) as f64 / 2.0, self.bits()),
            7 => near((1 + self.below(60)) as f64 * std::f64::consts::FRAC_PI_2, self.bits()),
            8 => near(1.0, self.bits()),
            9 => self.unit() * 2f64.powi(-(self.below(120) as i32)),
            10 => self.below(70) as f64,
            _ => 1.0 - self.unit() * 2f64.powi(-(self.below(60) as i32)),
        };
        sign * if x.is_finite() { x } else { 1.0 }
    }

    /// A number with more bits than a double half the time.
    fn number(&mut self) -> Float {
        let x = Float::with_val(PRECISION, self.double());
        if self.below(2) == 0 || x.is_zero() {
            return x;
        }
        let part = Float::with_val(PRECISION, self.unit()) >> (50 + self.below(150) as u32);
        Float::with_val(PRECISION, &x + Float::with_val(PRECISION, &x * part))
    }

    /// A point, a thin interval or a thick one.
    pub fn interval(&mut self) -> [Float; 2] {
        let x = self.number();
        let width = match self.below(6) {
            0..=2 => return [x.clone(), x],
            3 => Float::with_val(PRECISION, x.abs_ref()) >> (40 + self.below(80) as u32),
            4 => Float::with_val(PRECISION, self.unit()) >> self.below(100) as u32,
            _ => Float::with_val(PRECISION, self.double().abs().min(1e6)),
        };
        // Sums may take more bits than there are: what counts are the numbers that come out.
        [x.clone(), Float::with_val(PRECISION, &x + width)]
    }

    /// A number of an interval: an end, or between.
    pub fn inside(&mut self, [low, high]: &[Float; 2], sample: u32) -> Float {
        match sample {
            0 => low.clone(),
            1 => high.clone(),
            _ => {
                let part = Float::with_val(PRECISION, self.unit());
                let width = Float::with_val(PRECISION, high - low);
                let x = Float::with_val(PRECISION, low + Float::with_val(PRECISION, width * part));
                if x < *low || x > *high { low.clone() } else { x }
            }
        }
    }
}

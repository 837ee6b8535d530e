//! Angles without their quarter turns, exactly enough at any size (Payne and Hanek 1983): the angle times 2/π in fixed
//! point, of which only the last two bits before the point and what follows matter.

use super::{Dd, quick_two_sum};

/// The bits of 2/π after the point, by mpmath at 1,500 bits.
const TWO_OVER_PI: [u64; 20] = [
    0xa2f9836e4e441529,
    0xfc2757d1f534ddc0,
    0xdb6295993c439041,
    0xfe5163abdebbc561,
    0xb7246e3a424dd2e0,
    0x06492eea09d1921c,
    0xfe1deb1cb129a73e,
    0xe88235f52ebb4484,
    0xe99c7026b45f7e41,
    0x3991d639835339f4,
    0x9c845f8bbdf9283b,
    0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f,
    0x6d367ecf27cb09b7,
    0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea,
    0x6bfb5fb11f8d5d08,
    0x56033046fc7b6bab,
    0xf0cfbc209af4361d,
];

/// Quarter turns modulo 4 with 254 bits after the point, highest limb first.
type Turns = [u64; 4];

impl Dd {
    /// The number of quarter turns nearest to the angle, modulo 4, and the rest.
    pub(super) fn without_quarter_turns(self) -> (u8, Dd) {
        if self.hi.abs() <= std::f64::consts::FRAC_PI_4 {
            return (0, self);
        }
        let turns = sum(turns(self.hi), turns(self.lo));
        // The nearest integer, from the two bits before the point and the one after.
        let quarters = ((turns[0] >> 61) + 1) >> 1 & 3;
        let fraction = sum(turns, [0u64.wrapping_sub(quarters << 62), 0, 0, 0]);
        (quarters as u8, to_number(fraction).times(Dd::PI.scaled(-1)))
    }
}

fn sum(a: Turns, b: Turns) -> Turns {
    let mut out = [0; 4];
    let mut carry = false;
    for k in (0..4).rev() {
        let (partial, first) = a[k].overflowing_add(b[k]);
        let (total, second) = partial.overflowing_add(u64::from(carry));
        (out[k], carry) = (total, first || second);
    }
    out
}

fn negated(a: Turns) -> Turns {
    sum(a.map(|limb| !limb), [0, 0, 0, 1])
}

/// `x·2/π` modulo 4, for a double.
fn turns(x: f64) -> Turns {
    let bits = x.to_bits();
    let biased = (bits >> 52 & 0x7ff) as i32;
    let mantissa = bits & ((1 << 52) - 1) | if biased == 0 { 0 } else { 1 << 52 };
    // |x| = mantissa·2^exponent.
    let exponent = biased.max(1) - 1075;
    // Bits of 2/π that would only add multiples of 4 are passed over.
    let start = (exponent - 2).max(0) as usize;
    let mut window = [0u64; 4];
    for (k, limb) in window.iter_mut().enumerate() {
        let at = start + 64 * k;
        let pick = |limb: usize| TWO_OVER_PI.get(limb).copied().unwrap_or(0);
        let shift = at % 64;
        *limb = pick(at / 64) << shift | if shift == 0 { 0 } else { pick(at / 64 + 1) >> (64 - shift) };
    }
    // The product in five limbs, highest first; its last bit is worth 2^(exponent - start - 256).
    let mut product = [0u64; 5];
    let mut carry = 0u128;
    for k in (0..4).rev() {
        carry += u128::from(window[k]) * u128::from(mantissa);
        product[k + 1] = carry as u64;
        carry >>= 64;
    }
    product[0] = carry as u64;
    // The last bit of what is returned is worth 2^-254.
    let shift = (2 - exponent + start as i32) as usize;
    let mut out = [0u64; 4];
    for (k, limb) in out.iter_mut().enumerate() {
        // Bit 0 of the limb is bit `at` of the product, counted from its end.
        let at = 64 * (3 - k) + shift;
        let pick = |limb: usize| if limb < 5 { product[4 - limb] } else { 0 };
        let rest = at % 64;
        *limb = pick(at / 64) >> rest | if rest == 0 { 0 } else { pick(at / 64 + 1) << (64 - rest) };
    }
    if x < 0.0 { negated(out) } else { out }
}

/// The signed number that the limbs are, to 106 bits or so.
fn to_number(limbs: Turns) -> Dd {
    let negative = limbs[0] >> 63 == 1;
    let size = if negative { negated(limbs) } else { limbs };
    let Some(first) = size.iter().position(|&limb| limb != 0) else { return Dd::ZERO };
    let zeros = size[first].leading_zeros();
    let pick = |k: usize| size.get(k).copied().unwrap_or(0);
    let aligned = |k: usize| pick(k) << zeros | if zeros == 0 { 0 } else { pick(k + 1) >> (64 - zeros) };
    let (high, low) = (aligned(first), aligned(first + 1));
    // 53 bits, and the 64 after them.
    let upper = (high >> 11) as f64 * 2f64.powi(75);
    let lower = ((high & 0x7ff) << 53 | low >> 11) as f64 * 2f64.powi(11);
    // `high` begins at bit 2^1 of the turns, less whole limbs and zeros; its own last bit is worth 2^64 here.
    let exponent = 2 - 64 * (first as i32 + 2) - zeros as i32;
    let number = quick_two_sum(upper, lower).scaled(exponent);
    if negative { number.negated() } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_of_any_size_are_reduced() {
        // By mpmath at 3,000 bits: quarter turns modulo 4 and the rest, to 32 digits as two doubles.
        for (x, quarters, hi) in [
            (1.0, 1, -0.5707963267948967),
            (2.0, 1, 0.4292036732051034),
            (-3.0, 2, 0.14159265358979323),
            (100.5, 0, -0.030964914873383632),
            (100000.0, 2, -0.035756416708573505),
            (-12345.678, 0, 0.7811286078875436),
            (5.319372648326541e+255, 1, 4.687165924254628e-19),
            (1e+22, 3, 0.5506189342358097),
            (1.7e+308, 0, -0.6375843085080845),
            (1.8446744073709552e+19, 2, -0.023600700747907842),
            (-1e+300, 1, 0.613076157357336),
            (0.9, 1, -0.6707963267948966),
        ] {
            let (found, rest) = Dd::from(x).without_quarter_turns();
            assert_eq!(found, quarters, "{x}");
            assert!((rest.hi - hi).abs() <= f64::EPSILON * hi.abs(), "{x}: {rest:?} and not {hi}");
        }
    }
}

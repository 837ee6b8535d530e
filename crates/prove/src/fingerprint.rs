//! What a fraction is modulo a prime, each kernel standing for some number: different fingerprints, different fractions.
//!
//! It only ever saves work. Equal fingerprints are followed by a full comparison; different ones end it, and what is then not
//! seen to be equal (roots are numbers like any other here) is left unproved.

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::ToPrimitive;

use super::fraction::Fraction;
use super::number::{Coefficient, Exponent};
use super::polynomial::Polynomial;

/// 119·2^23 + 1, of which 3 is a primitive root and -1 a square.
const PRIME: u64 = 998_244_353;
/// Divided by every small denominator of an exponent.
const SCALE: i64 = 720_720;

pub(super) fn fingerprint(divisors: &[Polynomial], fraction: &Fraction) -> u64 {
    let top = polynomial(&fraction.top);
    fraction.below.iter().fold(top, |value, (&id, &count)| {
        let divisor = polynomial(&divisors[id]);
        times(value, inverse(power(divisor, u64::from(count))))
    })
}

fn polynomial(p: &Polynomial) -> u64 {
    p.0.iter().fold(0, |sum, (monomial, c)| {
        let product = monomial.iter().fold(coefficient(c), |product, &(k, e)| times(product, kernel(k, e)));
        (sum + product) % PRIME
    })
}

fn coefficient(c: &Coefficient) -> u64 {
    let modulo = |value: &BigInt| {
        let prime = BigInt::from(PRIME);
        ((value % &prime + &prime) % &prime).to_u64().expect("below the prime")
    };
    let rational = |numerator, denominator| times(modulo(numerator), inverse(modulo(denominator)));
    let i = power(3, (PRIME - 1) / 4);
    (rational(c.re.numer(), c.re.denom()) + times(i, rational(c.im.numer(), c.im.denom()))) % PRIME
}

/// A power of a kernel: one number per kernel and part of the exponent, to a whole power.
fn kernel(k: u32, e: Exponent) -> u64 {
    let part = |exponent: Ratio<i64>, seed: u64| {
        let base = 2 + mixed(2 * u64::from(k) + seed) % (PRIME - 2);
        match SCALE % exponent.denom() {
            0 => {
                let whole = i128::from(*exponent.numer()) * i128::from(SCALE / exponent.denom());
                power(base, whole.rem_euclid(i128::from(PRIME - 1)) as u64)
            }
            // An odd root is a number of its own.
            _ => 1 + mixed(base ^ (exponent.numer() << 20 ^ exponent.denom()) as u64) % (PRIME - 1),
        }
    };
    match e.is_real() {
        true => part(e.re, 0),
        false => times(part(e.re, 0), part(e.im, 1)),
    }
}

/// Splitmix64 (Steele, Lea, Flood 2014).
fn mixed(state: u64) -> u64 {
    let state = state.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ state >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ state >> 31
}

fn times(a: u64, b: u64) -> u64 {
    a * b % PRIME
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut product = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            product = times(product, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    product
}

fn inverse(value: u64) -> u64 {
    power(value, PRIME - 2)
}

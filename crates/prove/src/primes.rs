//! Numbers as products of proven primes, so that equal products of roots and of logarithms are written alike.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

/// Divisors that are tried one by one.
const LARGEST_TRIED: u64 = 1_000;
/// The most steps of Pollard's method for one factor; enough for factors up to some 10^11.
const MOST_STEPS: u64 = 2_000_000;

/// The prime powers of a positive number, and what is beyond being taken apart as it is.
pub(super) fn prime_powers(value: &BigRational) -> Vec<(BigInt, i64)> {
    let mut found: Vec<(BigInt, i64)> = Vec::new();
    for (part, sign) in [(value.numer(), 1), (value.denom(), -1)] {
        let mut rest = part.clone();
        for prime in 2..=LARGEST_TRIED {
            while !rest.is_one() && (&rest % prime).is_zero() {
                rest /= prime;
                add(&mut found, prime, sign);
            }
        }
        let mut open = match rest.to_u64() {
            Some(small) => vec![small],
            None => {
                add(&mut found, rest, sign);
                Vec::new()
            }
        };
        let mut steps = MOST_STEPS;
        while let Some(n) = open.pop() {
            match if is_prime(n) || n == 1 { None } else { divisor(n, &mut steps) } {
                Some(divisor) => open.extend([divisor, n / divisor]),
                None if n > 1 => add(&mut found, n, sign),
                None => {}
            }
        }
    }
    found.sort();
    found
}

fn add(found: &mut Vec<(BigInt, i64)>, prime: impl Into<BigInt>, sign: i64) {
    let prime = prime.into();
    match found.iter_mut().find(|(known, _)| *known == prime) {
        Some((_, power)) => *power += sign,
        None => found.push((prime, sign)),
    }
}

fn times(a: u64, b: u64, n: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(n)) as u64
}

fn power(mut base: u64, mut exponent: u64, n: u64) -> u64 {
    let mut product = 1 % n;
    while exponent > 0 {
        if exponent & 1 == 1 {
            product = times(product, base, n);
        }
        base = times(base, base, n);
        exponent >>= 1;
    }
    product
}

/// Miller and Rabin's test, with bases that leave no doubt below 2^64 (Sorenson, Webster 2015).
pub(super) fn is_prime(n: u64) -> bool {
    const BASES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if n < 2 || BASES.iter().any(|&p| n.is_multiple_of(p)) {
        return BASES.contains(&n);
    }
    let twos = (n - 1).trailing_zeros();
    BASES.iter().all(|&base| {
        let mut x = power(base, (n - 1) >> twos, n);
        let mut passes = x == 1 || x == n - 1;
        for _ in 1..twos {
            x = times(x, x, n);
            passes |= x == n - 1;
        }
        passes
    })
}

/// A divisor of a composite number, by Pollard's method with Floyd's cycle.
fn divisor(n: u64, steps: &mut u64) -> Option<u64> {
    for c in 1..20 {
        let next = |x: u64| ((u128::from(x) * u128::from(x) + u128::from(c as u32)) % u128::from(n)) as u64;
        let (mut slow, mut fast, mut found) = (2 % n, 2 % n, 1);
        while found == 1 {
            *steps = steps.checked_sub(1)?;
            slow = next(slow);
            fast = next(next(fast));
            found = gcd(slow.abs_diff(fast), n);
        }
        if found != n {
            return Some(found);
        }
    }
    None
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_products_of_primes() {
        for n in (1u64..3_000).chain([
            1_018_081,
            1_022_117,
            1_000_036_000_099,
            999_999_999_989 * 17,
            1 << 62,
            u64::MAX,
        ]) {
            let powers = prime_powers(&BigRational::from_integer(n.into()));
            let product: BigInt = powers.iter().map(|(p, e)| p.pow(*e as u32)).product();
            assert_eq!(product, n.into());
            for (p, _) in powers {
                let p = p.to_u64().unwrap();
                assert!((2..100_000).take_while(|d| d * d <= p).all(|d| p % d != 0), "{p} of {n}");
            }
        }
        assert_eq!(prime_powers(&BigRational::new(8.into(), 9.into())), [(2.into(), 3), (3.into(), -2)]);
        let large = BigInt::from(1_000_003).pow(7);
        assert_eq!(prime_powers(&BigRational::from_integer(large.clone())), [(large, 1)]);
    }

    #[test]
    fn strong_pseudoprimes_are_no_primes() {
        // Composite, and prime to the bases 2; 2, 3; …; 2 to 31.
        for n in [2_047, 1_373_653, 25_326_001, 3_215_031_751, 2_152_302_898_747, 3_825_123_056_546_413_051] {
            assert!(!is_prime(n), "{n}");
        }
        assert!(is_prime(18_446_744_073_709_551_557));
    }
}

//! Numbers as people read them.

/// A number, in as few digits as tell it from every other `f64`.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if value.is_nan() || size.is_infinite() || size == 0.0 || (1e-4..1e15).contains(&size) {
        // Debug would write 1.0; Display writes 1.
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

/// A number in at most so many significant digits.
pub fn rounded(value: f64, digits: usize) -> String {
    let full = number(value);
    let significant = full.split('e').next().unwrap_or_default();
    let significant = significant.chars().filter(char::is_ascii_digit).collect::<String>();
    let long = significant.trim_start_matches('0').len() > digits && significant.len() > 1;
    if !long || !value.is_finite() || !full.contains(['.', 'e']) {
        return full;
    }
    let places = digits.saturating_sub(1);
    format!("{value:.places$e}").parse().map_or(full, number)
}

/// A number to a few significant digits.
pub fn brief(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !value.is_finite() {
        format!("{value}")
    } else if (0.01..99_999.5).contains(&size) {
        let decimals = (2 - size.log10().floor() as i32).clamp(0, 4) as usize;
        format!("{value:.decimals$}")
    } else {
        format!("{value:.1e}")
    }
}

/// A count with thin groups: 1 234 567.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let head = digits.len() % 3;
    let mut groups: Vec<&str> = Vec::new();
    if head > 0 {
        groups.push(&digits[..head]);
    }
    groups.extend((head..digits.len()).step_by(3).map(|k| &digits[k..k + 3]));
    groups.join(" ")
}

/// A time given in nanoseconds.
pub fn time(nanoseconds: f64) -> String {
    for (unit, size) in [("s", 1e9), ("ms", 1e6), ("µs", 1e3)] {
        if nanoseconds >= 0.9995 * size {
            return format!("{} {unit}", brief(nanoseconds / size));
        }
    }
    format!("{} ns", brief(nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(-12.0), "-12");
        assert_eq!(number(1e300), "1e300");
        assert_eq!(number(0.1), "0.1");
        assert_eq!(number(f64::NAN), "NaN");
        assert_eq!(rounded(-1.979_984_993_200_890_8, 10), "-1.979984993");
        assert_eq!(rounded(0.001_234_567, 3), "0.00123");
        assert_eq!(rounded(1.25e-300, 17), "1.25e-300");
        assert_eq!(rounded(123_456_789.0, 3), "123456789");
        assert_eq!(rounded(f64::NEG_INFINITY, 3), "-inf");
        assert_eq!(brief(1.2345), "1.23");
        assert_eq!(brief(123.45), "123");
        assert_eq!(count(1_234_567), "1 234 567");
        assert_eq!(count(12), "12");
        assert_eq!(time(1234.0), "1.23 µs");
        assert_eq!(time(12.0), "12.0 ns");
    }
}

//! Bytes that are no partial sum are errors, whatever they are.

use super::*;

fn samples() -> Vec<Vec<u8>> {
    let mut samples = Vec::new();
    for (order, rows) in
        [(Order::Row, 0..0), (Order::Row, 250..1300), (Order::Any, 0..40), (Order::Row, 3..9)]
    {
        let mut own = Setting::new(LOSSES[3].0, order, 1300, true);
        own.skipped = (0..1300).map(|k| k % 100 == 7).collect();
        samples.push(own.part(rows).to_bytes());
    }
    let own = Setting::new(LOSSES[0].0, Order::Any, 9, false);
    samples.push(own.sum.partial(&inputs(&own.f, &own.x, &own.y), 9, &Place::Part("p")).unwrap().to_bytes());
    samples
}

fn is_refused(bytes: &[u8]) -> bool {
    matches!(Partial::from_bytes(bytes), Err(PartialError::Malformed { .. } | PartialError::Version { .. }))
}

/// The same bytes with a checksum that fits: what is behind it is looked at too.
fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 8;
    bytes.truncate(end);
    let mut digest = subject::Digest::default();
    digest.add(&bytes);
    let sum = digest.0 as u64 ^ (digest.0 >> 64) as u64;
    bytes.extend(sum.to_le_bytes());
    bytes
}

#[test]
fn every_truncation_is_an_error() {
    for bytes in samples() {
        assert_eq!(resealed(bytes.clone()), bytes);
        for end in 0..bytes.len() {
            assert!(is_refused(&bytes[..end]), "{end} of {}", bytes.len());
            if end >= 16 {
                assert!(is_refused(&resealed(bytes[..end].to_vec())), "{end} of {}, sealed", bytes.len());
            }
        }
        assert!(is_refused(&[&bytes[..], &[0]].concat()));
    }
}

#[test]
fn every_changed_byte_is_an_error() {
    let mut random = crate::Random::new(11, &["partial"], 0);
    for bytes in samples() {
        for k in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[k] ^= 1 << random.below(8);
            assert!(is_refused(&changed), "byte {k} of {}", bytes.len());
        }
    }
}

/// With a checksum that fits, changed bytes may be another partial sum; then it is one in every respect, and reads, merges and finishes.
#[test]
fn changed_bytes_that_are_sealed_never_panic() {
    let mut random = crate::Random::new(13, &["partial"], 0);
    let (mut read, mut refused) = (0, 0);
    for bytes in samples() {
        let intact = Partial::from_bytes(&bytes).unwrap();
        for _ in 0..6000 {
            let mut changed = bytes.clone();
            for _ in 0..=random.below(3) {
                let k = random.below(bytes.len() - 8);
                changed[k] = match random.below(4) {
                    0 => 0,
                    1 => 0xff,
                    2 => changed[k] ^ 1 << random.below(8),
                    _ => random.below(256) as u8,
                };
            }
            match Partial::from_bytes(&resealed(changed)) {
                Ok(other) => {
                    read += 1;
                    assert_eq!(Partial::from_bytes(&other.to_bytes()).unwrap(), other);
                    let _ = other.finish(None);
                    let _ = other.finish(Some(u64::MAX));
                    let _ = intact.clone().merge(other.clone());
                    let _ = other.clone().merge(intact.clone());
                    let _ = other.clone().merge(other);
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(read > 1000 && refused > 1000, "{read} read, {refused} refused");
}

#[test]
fn another_version_is_said() {
    let mut bytes = samples().swap_remove(1);
    bytes[7] = 2;
    let error = Partial::from_bytes(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "these bytes have version 2; this is version 1");
}

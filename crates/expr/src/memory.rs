//! How much memory there is to be had, where the platform tells: a budget that no machine could serve is refused before
//! anything is built, because an allocation that fails ends the program.

use std::fs::read_to_string;

use crate::unroll_error::UnrollError;

/// What a node of an unrolled function takes at least: in the graph, in the index that finds equal nodes, and in the
/// programs for values and gradients. Measured: 110 to 140 on sums of 10^7 nodes.
const BYTES_PER_NODE: u64 = 128;

/// So many nodes, 64 MB of them, are built without asking the platform, which takes 0.1 ms: as long as preparing a small
/// function does.
const MODEST_NODES: u64 = 500_000;

/// Does work that may build so many nodes as fit into memory, and at most `budget`.
pub(crate) fn within<T>(
    budget: u64,
    build: impl Fn(u64) -> Result<T, UnrollError>,
) -> Result<T, UnrollError> {
    match build(budget.min(MODEST_NODES)) {
        Err(UnrollError::TooLarge { .. }) if budget > MODEST_NODES => bounded(budget, available(), build),
        found => found,
    }
}

fn bounded<T>(
    budget: u64,
    available: Option<u64>,
    build: impl FnOnce(u64) -> Result<T, UnrollError>,
) -> Result<T, UnrollError> {
    let fitting = available.map_or(u64::MAX, |bytes| bytes / BYTES_PER_NODE);
    match build(budget.min(fitting)) {
        Err(UnrollError::TooLarge { needed, .. }) if fitting < budget => Err(match needed > budget {
            true => UnrollError::TooLarge { needed, budget },
            false => UnrollError::OutOfMemory {
                needed,
                bytes: needed.saturating_mul(BYTES_PER_NODE),
                available: available.unwrap_or(u64::MAX),
            },
        }),
        found => found,
    }
}

/// The bytes that this process may still take: of the machine, of its control group, and of its own limit.
fn available() -> Option<u64> {
    let machine = read_to_string("/proc/meminfo").ok().and_then(|text| kilobytes(&text, "MemAvailable:"));
    [machine, group(), own()].into_iter().flatten().min()
}

/// A line such as `MemAvailable:   123 kB`.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

/// What its control group leaves.
fn group() -> Option<u64> {
    let number = |file: &str| {
        read_to_string(format!("/sys/fs/cgroup/{file}")).ok().and_then(|text| text.trim().parse::<u64>().ok())
    };
    Some(number("memory.max")?.saturating_sub(number("memory.current")?))
}

/// What the limit of its address space leaves.
fn own() -> Option<u64> {
    let limits = read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    let most: u64 = line.split_whitespace().next()?.parse().ok()?;
    let status = read_to_string("/proc/self/status").ok()?;
    Some(most.saturating_sub(kilobytes(&status, "VmSize:")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_memory_cannot_hold_is_refused_before_it_is_built() {
        let build = |nodes: u64| {
            move |budget| match nodes > budget {
                true => Err(UnrollError::TooLarge { needed: nodes, budget }),
                false => Ok(budget),
            }
        };
        assert_eq!(bounded(1_000, Some(128_000_000), build(10)), Ok(1_000));
        assert_eq!(bounded(u64::MAX, None, build(10)), Ok(u64::MAX));
        assert_eq!(
            bounded(1_000, Some(12_800), build(500)),
            Err(UnrollError::OutOfMemory { needed: 500, bytes: 64_000, available: 12_800 })
        );
        // What is over the budget is told by that.
        let over = Err(UnrollError::TooLarge { needed: 5_000, budget: 1_000 });
        assert_eq!(bounded(1_000, Some(12_800), build(5_000)), over);
    }

    #[test]
    fn the_platforms_lines_are_read() {
        let text = "MemTotal:       16 kB\nMemAvailable:   12 kB\n";
        assert_eq!(kilobytes(text, "MemAvailable:"), Some(12 * 1024));
        assert_eq!(kilobytes(text, "MemFree:"), None);
    }
}

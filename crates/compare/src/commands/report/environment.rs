//! Where and when a report was made.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// What figures depend on beside the program.
pub(super) struct Environment {
    pub(super) rows: Vec<(&'static str, String)>,
}

impl Environment {
    /// As they are now; what cannot be found out is unknown.
    pub(super) fn now() -> Environment {
        let changed = !answer("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty();
        let commit = answer("git", &["rev-parse", "--short=12", "HEAD"]);
        let commit = if changed && !commit.is_empty() { format!("{commit}, with changes") } else { commit };
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load: Vec<&str> = load.split_whitespace().take(3).collect();
        let rows = [
            ("commit", commit),
            ("processor", processor()),
            ("compiler", answer("rustc", &["--version"])),
            ("date", date()),
            ("load before", load.join(" ")),
        ];
        let known = |(name, value): (&'static str, String)| {
            (name, if value.is_empty() { "unknown".to_owned() } else { value })
        };
        Environment { rows: rows.map(known).to_vec() }
    }
}

fn answer(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output
        .ok()
        .filter(|output| output.status.success())
        .map_or(String::new(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    model.map_or(String::new(), |model| format!("{}, {cores} cores", model.trim()))
}

/// The day, in UTC.
fn date() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(String::new(), |since| day(since.as_secs() / 86_400))
}

/// The day so many after 1970-01-01 in the Gregorian calendar (Hinnant, days_from_civil and its inverse).
fn day(since: u64) -> String {
    let z = since + 719_468;
    let era = z / 146_097;
    let of_era = z % 146_097;
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_are_those_of_the_calendar() {
        for (since, day) in [
            (0, "1970-01-01"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_454, "2026-01-01"),
        ] {
            assert_eq!(super::day(since), day);
        }
    }
}

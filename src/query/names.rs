//! Comparing typed names with real ones.

/// Whether `typed` names `kind`: in any case, plural, or by kubectl's short form.
#[must_use]
pub fn kind_matches(typed: &str, kind: &str) -> bool {
    let short = match kind {
        "Deployment" => "deploy",
        "ReplicaSet" => "rs",
        "StatefulSet" => "sts",
        "DaemonSet" => "ds",
        "CronJob" => "cj",
        "ReplicationController" => "rc",
        "Service" => "svc",
        "Pod" => "po",
        _ => kind,
    };
    typed.eq_ignore_ascii_case(kind)
        || typed.eq_ignore_ascii_case(short)
        || typed
            .strip_suffix(['s', 'S'])
            .is_some_and(|singular| singular.eq_ignore_ascii_case(kind))
}

/// Edit distance, if it is small enough for a typing mistake in a word of that length.
pub(super) fn distance(wanted: &str, name: &str) -> Option<usize> {
    let lengths = [wanted, name].map(|text| text.chars().count());
    let most = (lengths[0] / 3).clamp(1, 3);
    if lengths[0].abs_diff(lengths[1]) > most {
        return None;
    }
    // One edit takes away one letter at most, and brings one.
    let differing = (letters(wanted) ^ letters(name)).count_ones() as usize;
    if differing > 2 * most {
        return None;
    }
    let (wanted, name): (Vec<char>, Vec<char>) = (wanted.chars().collect(), name.chars().collect());
    let mut row: Vec<usize> = (0..=name.len()).collect();
    for (i, a) in wanted.iter().enumerate() {
        let mut next = vec![i + 1];
        for ((above_left, above), b) in row.iter().zip(row.iter().skip(1)).zip(&name) {
            let left = next.last().copied().unwrap_or(i);
            let step = above_left + usize::from(!a.eq_ignore_ascii_case(b));
            next.push(step.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().filter(|d| *d <= most)
}

/// Which letters a word has, whatever their case; some share a bit.
fn letters(text: &str) -> u64 {
    let bit = |c: char| 1 << (u32::from(c.to_ascii_lowercase()) % u64::BITS);
    text.chars().fold(0, |all, c| all | bit(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_mistake_is_near_and_another_word_is_not() {
        for (wanted, name, expected) in [
            ("payments", "paymnets", Some(2)),
            ("payments", "xayxents", Some(2)),
            ("payments", "payment", Some(1)),
            ("payments", "my-payments", Some(3)),
            ("PAYMENTS", "payments", Some(0)),
            ("payments", "checkout", None),
            ("web", "abc", None),
            ("äpfel", "apfel", Some(1)),
        ] {
            let found = distance(wanted, name);
            let most = (wanted.chars().count() / 3).clamp(1, 3);
            let expected = expected.filter(|distance| *distance <= most);
            assert_eq!(found, expected, "{wanted} and {name}");
        }
    }
}

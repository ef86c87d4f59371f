//! Fuzzy matching for pickers.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Positions of the texts that match `typed`, best first; all of them in order when nothing is
/// typed.
pub fn ranked(typed: &str, texts: impl Iterator<Item = String>) -> Vec<usize> {
    if typed.trim().is_empty() {
        return (0..texts.count()).collect();
    }
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut room = Vec::new();
    let mut found: Vec<(u32, usize)> = texts
        .enumerate()
        .filter_map(|(at, text)| {
            let score = pattern.score(Utf32Str::new(&text, &mut room), &mut matcher)?;
            Some((score, at))
        })
        .collect();
    found.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
    found.into_iter().map(|(_, at)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matching(typed: &str) -> Vec<usize> {
        let texts = ["kube-system", "shop", "team-shop", "data"];
        ranked(typed, texts.into_iter().map(str::to_owned))
    }

    #[test]
    fn letters_in_order_match_and_the_best_comes_first() {
        assert_eq!(matching(""), [0, 1, 2, 3]);
        assert_eq!(matching("shp"), [1, 2]);
        assert_eq!(matching("ksys"), [0]);
        assert_eq!(matching("zz"), Vec::<usize>::new());
    }
}

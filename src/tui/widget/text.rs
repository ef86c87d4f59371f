//! Text that is cut by the width it takes on the screen, never by bytes or characters.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::tui::theme::{Role, Theme};

/// A line of text in pieces with roles.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Line(pub Vec<(Role, String)>);

impl Line {
    /// A line of plain text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::of(Role::Plain, text)
    }

    /// A line of one role.
    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self(vec![(role, text.into())])
    }

    /// The same line with more text behind it.
    #[must_use]
    pub fn and(mut self, role: Role, text: impl Into<String>) -> Self {
        self.0.push((role, text.into()));
        self
    }

    /// The text without roles.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// How many columns it takes.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.0
            .iter()
            .fold(0, |sum, (_, text)| sum.saturating_add(width(text)))
    }
}

/// How many columns `text` takes.
#[must_use]
pub fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// `text`, or as much of it as fits into `columns` with an ellipsis behind.
#[must_use]
pub fn cut<'a>(text: &'a str, columns: u16, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let room = columns.saturating_sub(width(ellipsis));
    if room == 0 {
        return Cow::Borrowed(if columns == 0 {
            ""
        } else {
            prefix(text, columns)
        });
    }
    Cow::Owned(format!("{}{ellipsis}", prefix(text, room)))
}

/// A `namespace/name` that fits into `columns`: the namespace gives way first, because names tell
/// more.
#[must_use]
pub fn cut_name<'a>(text: &'a str, columns: u16, ellipsis: &str) -> Cow<'a, str> {
    let Some((namespace, name)) = text.split_once('/').filter(|_| width(text) > columns) else {
        return cut(text, columns, ellipsis);
    };
    let least = (columns / 5).clamp(2, 6);
    let room = columns.saturating_sub(width(name) + 1).max(least);
    let namespace = cut(namespace, room, ellipsis);
    Cow::Owned(cut(&format!("{namespace}/{name}"), columns, ellipsis).into_owned())
}

/// Somebody's name that fits into `columns`: what all service accounts have in common gives way
/// first.
#[must_use]
pub fn cut_who<'a>(text: &'a str, columns: u16, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if let Some(account) = text.strip_prefix("sa ") {
        return cut_name(account, columns, ellipsis);
    }
    if text.starts_with("system:serviceaccount:") {
        return cut_front(text, columns, ellipsis);
    }
    cut(text, columns, ellipsis)
}

/// `text`, or as much of its end as fits with an ellipsis in front.
#[must_use]
pub fn cut_front<'a>(text: &'a str, columns: u16, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let room = columns.saturating_sub(width(ellipsis));
    let ends = text.grapheme_indices(true).map(|(at, _)| &text[at..]);
    let end = ends.into_iter().find(|end| width(end) <= room);
    Cow::Owned(format!(
        "{}{}",
        cut(ellipsis, columns, ""),
        end.unwrap_or("")
    ))
}

/// The longest beginning of whole graphemes that fits.
fn prefix(text: &str, columns: u16) -> &str {
    let mut taken = 0_u16;
    let mut end = 0;
    for grapheme in text.graphemes(true) {
        taken = taken.saturating_add(width(grapheme));
        if taken > columns {
            break;
        }
        end += grapheme.len();
    }
    text.get(..end).unwrap_or("")
}

/// Writes `text` at column `at` of the first row of `area`, cut to the room there; gives the column
/// after it.
pub fn write(buf: &mut Buffer, area: Rect, at: u16, (text, style): (&str, Style)) -> u16 {
    let area = area.intersection(buf.area);
    if area.is_empty() || at >= area.width {
        return at;
    }
    let room = area.width - at;
    let (end, _) = buf.set_stringn(area.x + at, area.y, text, usize::from(room), style);
    end.saturating_sub(area.x)
}

/// Writes a line from column `at` of the first row of `area`, cut with an ellipsis; gives the
/// column after it.
pub fn line(buf: &mut Buffer, area: Rect, (at, line): (u16, &Line), theme: Theme) -> u16 {
    let mut column = at;
    let mut left = area.width.saturating_sub(at);
    let last = line.0.len().saturating_sub(1);
    for (i, (role, text)) in line.0.iter().enumerate() {
        let rest: u16 = line
            .0
            .iter()
            .skip(i + 1)
            .fold(0, |sum, (_, text)| sum.saturating_add(width(text)));
        let fits = width(text) < left || (width(text) == left && (i == last || rest == 0));
        let shown = if fits {
            Cow::Borrowed(text.as_str())
        } else {
            with_ellipsis(text, left, theme.glyphs.ellipsis())
        };
        column = write(buf, area, column, (&shown, theme.style(*role)));
        left = area.width.saturating_sub(column);
        if !fits {
            break;
        }
    }
    column
}

/// `text` cut so that the ellipsis is always shown.
fn with_ellipsis<'a>(text: &'a str, columns: u16, ellipsis: &str) -> Cow<'a, str> {
    let room = columns.saturating_sub(width(ellipsis));
    Cow::Owned(format!("{}{ellipsis}", prefix(text, room)))
}

/// Fills a row with one character.
pub fn fill(buf: &mut Buffer, area: Rect, symbol: &str, style: Style) {
    let area = area.intersection(buf.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.set_symbol(symbol).set_style(style);
            }
        }
    }
}

/// Breaks `text` at spaces into lines of at most `columns`; a longer word is cut hard.
#[must_use]
pub fn wrap(text: &str, columns: u16) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut open = String::new();
    for word in text.split_whitespace() {
        let gap = u16::from(!open.is_empty());
        if width(&open).saturating_add(gap).saturating_add(width(word)) > columns
            && !open.is_empty()
        {
            lines.push(std::mem::take(&mut open));
        }
        if !open.is_empty() {
            open.push(' ');
        }
        open.push_str(&cut(word, columns.max(1), ""));
    }
    lines.push(open);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_counts_columns_and_keeps_graphemes_whole() {
        assert_eq!(cut("web", 3, "…"), "web");
        assert_eq!(cut("website", 4, "…"), "web…");
        assert_eq!(cut("名前です", 5, "…"), "名前…");
        assert_eq!(cut("名前です", 4, "…"), "名…");
        assert_eq!(cut("e\u{301}clair", 2, "…"), "e\u{301}…");
        assert_eq!(cut("web", 0, "…"), "");
        assert_eq!(cut("web", 1, "…"), "w");
    }

    #[test]
    fn in_a_name_the_namespace_gives_way_first() {
        assert_eq!(cut_name("data/db", 7, "…"), "data/db");
        assert_eq!(cut_name("kube-system/calico", 12, "…"), "kube…/calico");
        assert_eq!(cut_name("argocd/argocd-server", 14, "…"), "a…/argocd-ser…");
        assert_eq!(cut_name("internet", 5, "…"), "inte…");
        assert_eq!(cut_name("a/b", 0, "…"), "");
    }

    #[test]
    fn of_a_service_account_the_telling_end_stays() {
        assert_eq!(cut_who("sa ci/deployer", 14, "…"), "sa ci/deployer");
        assert_eq!(cut_who("sa ci/deployer", 11, "…"), "ci/deployer");
        let claimed = "system:serviceaccount:ci:deployer";
        assert_eq!(cut_who(claimed, 12, "…"), "…ci:deployer");
        assert_eq!(cut_who("kubernetes-admin", 9, "…"), "kubernet…");
        assert_eq!(cut_front("名前です", 4, "…"), "…す");
    }

    #[test]
    fn a_line_that_does_not_fit_ends_with_an_ellipsis() {
        let area = Rect::new(0, 0, 6, 1);
        let mut buf = Buffer::empty(area);
        let text = Line::plain("abc").and(Role::Dim, "defgh");
        line(&mut buf, area, (0, &text), Theme::default());
        let row: String = (0..6)
            .map(|x| buf.cell((x, 0)).unwrap().symbol().to_owned())
            .collect();
        assert_eq!(row, "abcde…");
    }

    #[test]
    fn wrapping_breaks_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""]);
    }

    proptest::proptest! {
        #[test]
        fn cut_text_never_takes_more_room(text in "\\PC{0,12}", columns in 0..9_u16) {
            for cutting in [cut, cut_name, cut_who, cut_front] {
                proptest::prop_assert!(width(&cutting(&text, columns, "…")) <= columns);
            }
        }
    }
}

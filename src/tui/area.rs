//! Rectangles that never leave their parent, whatever the size of the terminal.

use ratatui::layout::Rect;

/// The first `height` rows, and what is left below.
#[must_use]
pub fn top(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let rest = Rect {
        y: area.y.saturating_add(height),
        height: area.height.saturating_sub(height),
        ..area
    };
    (Rect { height, ..area }, rest)
}

/// The last `height` rows, and what is left above.
#[must_use]
pub fn bottom(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let rest = Rect {
        height: area.height.saturating_sub(height),
        ..area
    };
    let y = area.y.saturating_add(rest.height);
    (Rect { y, height, ..area }, rest)
}

/// The first `width` columns, and what is left to the right.
#[must_use]
pub fn left(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    let rest = Rect {
        x: area.x.saturating_add(width),
        width: area.width.saturating_sub(width),
        ..area
    };
    (Rect { width, ..area }, rest)
}

/// One row of `area`, counted from its top; empty below its end.
#[must_use]
pub fn row(area: Rect, at: u16) -> Rect {
    top(top_cut(area, at), 1).0
}

/// What is left of `area` without its first `height` rows.
#[must_use]
pub fn top_cut(area: Rect, height: u16) -> Rect {
    top(area, height).1
}

/// A box of at most this size in the middle of `area`, a little above the centre.
#[must_use]
pub fn middle(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x.saturating_add((area.width - width) / 2),
        y: area.y.saturating_add((area.height - height) / 3),
        width,
        height,
    }
}

/// `area` without a border of `dx` columns and `dy` rows on each side.
#[must_use]
pub fn inside(area: Rect, dx: u16, dy: u16) -> Rect {
    let (dx, dy) = (dx.min(area.width / 2), dy.min(area.height / 2));
    Rect {
        x: area.x.saturating_add(dx),
        y: area.y.saturating_add(dy),
        width: area.width.saturating_sub(dx.saturating_mul(2)),
        height: area.height.saturating_sub(dy.saturating_mul(2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn no_part_leaves_its_parent(x in 0..9_u16, y in 0..9_u16, w in 0..99_u16, h in 0..99_u16, n in 0..=u16::MAX) {
            let area = Rect::new(x, y, w, h);
            let parts = [
                top(area, n).0, top(area, n).1, bottom(area, n).0, bottom(area, n).1,
                left(area, n).0, left(area, n).1, row(area, n), middle(area, n, n), inside(area, n, n),
            ];
            for part in parts {
                proptest::prop_assert!(part.is_empty() || area.union(part) == area, "{part} of {area}");
            }
        }
    }
}

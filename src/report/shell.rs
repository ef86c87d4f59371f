//! Words of commands that people copy into a shell.

/// `text` as one word of a POSIX shell, quoted only where that is needed. Escape it first: what is
/// dangerous on a terminal is dangerous on a clipboard.
#[must_use]
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

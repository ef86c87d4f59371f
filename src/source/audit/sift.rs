//! Which pieces of input need no decoding: a look at the bytes that never misses an event
//! (EV-28).
//!
//! Whatever can hold an event that is kept must pass: resource names stand in it letter by letter,
//! in whatever order, envelope or escaping, unless a letter is written as an escape. So pieces with
//! such escapes pass as well.

use memchr::memmem::{self, Finder};
use memchr::{memchr2, memchr3};

/// The words that are looked for, prepared once.
#[derive(Debug)]
pub struct Sieve {
    /// The end of the plural of every policy kind.
    policies: Finder<'static>,
    escape: Finder<'static>,
    delete: Finder<'static>,
    /// The other verbs that write.
    writes: [Finder<'static>; 3],
    namespaces: Finder<'static>,
    /// Ends of plurals: `jobs` is that of `cronjobs`, too.
    workloads: [Finder<'static>; 4],
    access: [Finder<'static>; 2],
}

impl Default for Sieve {
    fn default() -> Self {
        let finder = |word: &'static str| Finder::new(word);
        Self {
            policies: finder("networkpolicies"),
            escape: finder("\\u00"),
            delete: finder("delete"),
            writes: ["create", "update", "patch"].map(finder),
            namespaces: finder("namespaces"),
            workloads: ["deployments", "statefulsets", "daemonsets", "jobs"].map(finder),
            access: ["roles", "rolebindings"].map(finder),
        }
    }
}

impl Sieve {
    /// Whether a piece holds no event about policies or access, no delete of a namespace, and no
    /// write of a workload.
    pub fn holds_back(&self, bytes: &[u8]) -> bool {
        !self.lets_pass(bytes)
    }

    fn lets_pass(&self, bytes: &[u8]) -> bool {
        if self.policies.find(bytes).is_some() || self.hides_letters(bytes) {
            return true;
        }
        let deletes = is_verb(&self.delete, bytes);
        let writes = || self.writes.iter().any(|verb| is_verb(verb, bytes));
        let about = |word: &Finder<'static>| is_plural(word, bytes);
        if deletes {
            about(&self.namespaces) || self.access.iter().any(about) || {
                writes() && self.workloads.iter().any(about)
            }
        } else {
            writes() && self.workloads.iter().chain(&self.access).any(about)
        }
    }

    /// Whether letters, digits, dots or backslashes are written as escapes, at any depth of
    /// envelopes. Servers and clouds escape quotes, control characters and `<>&'+` only.
    fn hides_letters(&self, bytes: &[u8]) -> bool {
        self.escape.find_iter(bytes).any(|at| {
            let code = bytes.get(at + 4..at + 6).unwrap_or_default();
            let digits = std::str::from_utf8(code).unwrap_or_default();
            match u8::from_str_radix(digits, 16) {
                Ok(code) => code.is_ascii_alphanumeric() || b".\\".contains(&code),
                // Escaped digits of an escape, or torn: better to look.
                Err(_) => true,
            }
        })
    }
}

/// Whether a verb stands where events have it: behind a quote, which some write as `\u0022`, or, in
/// method names, behind a dot.
fn is_verb(verb: &Finder<'static>, bytes: &[u8]) -> bool {
    verb.find_iter(bytes).any(|at| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        before.is_some_and(|byte| b"\"2.".contains(byte))
    })
}

/// Whether a plural ends where events end it: at a quote, an escaped quote, or a dot.
fn is_plural(plural: &Finder<'static>, bytes: &[u8]) -> bool {
    let length = plural.needle().len();
    plural.find_iter(bytes).any(|at| {
        let after = bytes.get(at + length);
        after.is_some_and(|byte| b"\"\\.".contains(byte))
    })
}

/// Whether bytes are as many complete JSON values as they begin: a piece of a longer value is not
/// judged by itself.
pub fn is_whole(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut depth = 0_usize;
    while let Some(at) = next_of_structure(rest) {
        let (byte, after) = (rest.get(at), rest.get(at + 1..).unwrap_or_default());
        rest = after;
        match byte {
            Some(b'"') => match behind_string(rest) {
                Some(after) => rest = after,
                None => return false,
            },
            Some(b'{' | b'[') => depth += 1,
            Some(b'}' | b']') => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            },
            Some(_) | None => {}
        }
    }
    depth == 0
}

fn next_of_structure(bytes: &[u8]) -> Option<usize> {
    bytes
        .iter()
        .position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'))
}

/// What follows the string that has begun.
fn behind_string(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let at = memchr2(b'"', b'\\', rest)?;
        let escaped = rest.get(at) == Some(&b'\\');
        rest = rest.get(at + 1 + usize::from(escaped)..)?;
        if !escaped {
            return Some(rest);
        }
    }
}

/// The text of `"stageTimestamp"`, from the end of an event, where the server writes it.
pub fn stage_time(bytes: &[u8]) -> Option<&str> {
    const KEY: &[u8] = b"\"stageTimestamp\":\"";
    let tail = bytes.get(bytes.len().saturating_sub(1024)..)?;
    let value = tail.get(memmem::rfind(tail, KEY)? + KEY.len()..)?;
    let end = memchr3(b'"', b'\\', b'\n', value)?;
    std::str::from_utf8(value.get(..end)?).ok()
}

#[cfg(test)]
mod tests;

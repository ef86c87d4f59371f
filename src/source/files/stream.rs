//! JSON lists, entry by entry: only a window of the text is ever in memory.
//!
//! What `kubectl get -o json` and the API write is one object with its entries under `items`. Anything
//! else is [`Odd`]: the text is then read as a whole, which also finds and names what is wrong with
//! it.

use std::io::Read;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::source::yaml::Position;

use super::body::{Ahead, Body};
use super::header::{Class, Header};
use super::intake::Intake;
use super::json::Cursor;

/// How much is read at once; an entry that is longer makes the window grow.
const BLOCK: usize = 1 << 20;

/// White space of JSON.
const BLANK: [char; 4] = [' ', '\n', '\t', '\r'];

/// Not one plain list of objects.
#[derive(Debug)]
pub(super) struct Odd;

/// Takes in all entries of the list that `input` holds. What was taken in before an error counts for
/// nothing.
///
/// # Errors
///
/// The text is not one list with entries, or cannot be read.
pub(super) fn list(intake: &mut Intake, input: impl Read) -> Result<(), Odd> {
    list_in(intake, input, BLOCK)
}

/// The same, reading `block` bytes at once.
fn list_in(intake: &mut Intake, input: impl Read, block: usize) -> Result<(), Odd> {
    let mut window = Window::new(input, block);
    window.expect(b'{')?;
    let mut header = Header::default();
    let mut assumed = None;
    loop {
        let key: String = window.value()?;
        window.expect(b':')?;
        match key.as_str() {
            "apiVersion" if header.api_version.is_none() => {
                header.api_version = Some(window.value()?);
            }
            "kind" if header.kind.is_none() => header.kind = Some(window.value()?),
            "items" if assumed.is_none() => {
                let used = Assumed::of(&header);
                window.entries(intake, &used)?;
                assumed = Some(used);
            }
            "apiVersion" | "kind" | "items" => return Err(Odd),
            _ => drop(window.value::<IgnoredAny>()?),
        }
        match window.take()? {
            Some(b',') => {}
            Some(b'}') => break,
            _ => return Err(Odd),
        }
    }
    let (None, Some(assumed)) = (window.take()?, assumed) else {
        return Err(Odd);
    };
    assumed.holds(&header)
}

/// What entries are that do not say it themselves.
enum Assumed {
    /// As the list says, which was read before them.
    Known(Header),
    /// The list says what it is after them, so each has to say it itself.
    Unknown,
}

impl Assumed {
    fn of(header: &Header) -> Self {
        match (&header.api_version, &header.kind, header.classify()) {
            (Some(_), Some(_), Class::List { entries, .. }) => Self::Known(entries),
            _ => Self::Unknown,
        }
    }

    /// Takes in one entry.
    fn take(&self, intake: &mut Intake, body: &Body<'_>) -> Result<(), Odd> {
        match self {
            Self::Known(header) => intake.entry(body, header, 1),
            Self::Unknown if body.names_itself() => intake.entry(body, &Header::default(), 1),
            Self::Unknown => return Err(Odd),
        }
        Ok(())
    }

    /// Whether the object was a list after all.
    fn holds(&self, header: &Header) -> Result<(), Odd> {
        match (self, header.classify()) {
            (Self::Unknown, Class::List { .. }) => Ok(()),
            (Self::Known(used), Class::List { entries, .. }) if *used == entries => Ok(()),
            _ => Err(Odd),
        }
    }
}

/// The part of a text that is in memory.
struct Window<R> {
    input: R,
    /// How much is read at once.
    block: usize,
    /// Nothing is left to be read.
    ended: bool,
    text: String,
    /// The first bytes of a character whose others are not read yet.
    broken: Vec<u8>,
    /// How much of `text` is done with.
    at: usize,
    /// Where `text` starts.
    start: Position,
}

impl<R: Read> Window<R> {
    fn new(input: R, block: usize) -> Self {
        Self {
            input,
            block,
            ended: false,
            text: String::new(),
            broken: Vec::new(),
            at: 0,
            start: Position { line: 1, column: 1 },
        }
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Drops what is done with and reads on.
    fn refill(&mut self) -> Result<(), Odd> {
        if self.ended {
            return Err(Odd);
        }
        let cursor = Cursor::starting(&self.text, self.start);
        self.start = cursor.position(self.rest()).ok_or(Odd)?;
        // The memory is used again: to get fresh pages for every block took a tenth of the time.
        let mut bytes = std::mem::take(&mut self.text).into_bytes();
        bytes.drain(..self.at);
        self.at = 0;
        // An entry that does not fit is tried again with twice as much of it.
        let wanted = self.block.max(bytes.len());
        bytes.append(&mut self.broken);
        bytes.reserve(wanted + 1);
        let limit = u64::try_from(wanted).unwrap_or(u64::MAX);
        let read = self.input.by_ref().take(limit).read_to_end(&mut bytes);
        self.ended = read.map_err(|_| Odd)? < wanted;
        let whole = match std::str::from_utf8(&bytes) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() && !self.ended => error.valid_up_to(),
            Err(_) => return Err(Odd),
        };
        self.broken.extend(bytes.drain(whole..));
        self.text = String::from_utf8(bytes).map_err(|_| Odd)?;
        Ok(())
    }

    /// The next byte that is no white space, taken; `None` at the end.
    fn take(&mut self) -> Result<Option<u8>, Odd> {
        let found = self.peek()?;
        if found.is_some() {
            self.at += 1;
        }
        Ok(found)
    }

    fn peek(&mut self) -> Result<Option<u8>, Odd> {
        loop {
            let rest = self.rest().trim_start_matches(BLANK);
            let (first, left) = (rest.bytes().next(), rest.len());
            self.at = self.text.len() - left;
            if first.is_some() {
                return Ok(first);
            }
            if self.ended {
                return Ok(None);
            }
            self.refill()?;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Odd> {
        match self.take()? {
            Some(found) if found == byte => Ok(()),
            _ => Err(Odd),
        }
    }

    /// The next value, taken.
    fn value<T: for<'de> Deserialize<'de>>(&mut self) -> Result<T, Odd> {
        loop {
            if let Some((value, length)) = self.first()? {
                self.at += length;
                return Ok(value);
            }
            self.refill()?;
        }
    }

    /// The value that the window starts with and its length; `None` if its end is not there yet.
    fn first<'w, T: Deserialize<'w>>(&'w self) -> Result<Option<(T, usize)>, Odd> {
        let rest = self.rest();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter();
        match values.next() {
            // A number that ends with the window may go on behind it.
            Some(Ok(value)) if self.ended || values.byte_offset() < rest.len() => {
                Ok(Some((value, values.byte_offset())))
            }
            Some(Err(error)) if !is_cut_off(&error, rest) => Err(Odd),
            _ if self.ended => Err(Odd),
            _ => Ok(None),
        }
    }

    fn entries(&mut self, intake: &mut Intake, assumed: &Assumed) -> Result<(), Odd> {
        self.expect(b'[')?;
        loop {
            if self.peek()? != Some(b'{') {
                return Err(Odd);
            }
            let (taken, more) = self.entries_at_hand(intake, assumed)?;
            self.at += taken;
            if !more {
                return self.expect(b']');
            }
            self.refill()?;
        }
    }

    /// Takes in the entries that are in the window as a whole; tells their length, and whether more
    /// of them follow.
    fn entries_at_hand(
        &self,
        intake: &mut Intake,
        assumed: &Assumed,
    ) -> Result<(usize, bool), Odd> {
        let cursor = Cursor::starting(&self.text, self.start);
        let mut rest = self.rest();
        let mut taken = 0;
        loop {
            let ahead = Ahead {
                text: rest,
                cursor: &cursor,
                may_follow,
            };
            let length = match intake.plain(ahead) {
                Some(length) => length,
                None => match whole(rest)? {
                    Some(text) => {
                        assumed.take(
                            intake,
                            &Body::Json {
                                text,
                                cursor: &cursor,
                            },
                        )?;
                        text.len()
                    }
                    None => return Ok((taken, true)),
                },
            };
            let Some((next, more)) = follower(rest.get(length..).unwrap_or_default())? else {
                return Ok((taken, true));
            };
            rest = next;
            taken = self.rest().len() - rest.len();
            if !more {
                return Ok((taken, false));
            }
        }
    }
}

/// The object that a text begins with; nothing if its end, or what is behind it, is not there.
fn whole(text: &str) -> Result<Option<&str>, Odd> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let whole = match values.next() {
        Some(Ok(raw)) => raw.get(),
        Some(Err(error)) if !is_cut_off(&error, text) => return Err(Odd),
        _ => return Ok(None),
    };
    let behind = text.get(values.byte_offset()..).unwrap_or_default();
    Ok(follower(behind)?.map(|_| whole))
}

/// Whether it may be the end of the window that is wrong. The parser takes a number that ends too
/// early for a wrong one.
fn is_cut_off(error: &serde_json::Error, text: &str) -> bool {
    error.is_eof() || text.ends_with(['-', '+', '.', 'e', 'E'])
}

/// Whether an entry of a list may stand before this.
fn may_follow(behind: &str) -> bool {
    matches!(follower(behind), Ok(Some(_)))
}

/// What stands behind an entry: the next one, or the end of the list. Nothing if that is not in the
/// window.
fn follower(behind: &str) -> Result<Option<(&str, bool)>, Odd> {
    let next = behind.trim_start_matches(BLANK);
    if next.starts_with(']') {
        return Ok(Some((next, false)));
    }
    let Some(next) = next.strip_prefix(',') else {
        return if next.is_empty() { Ok(None) } else { Err(Odd) };
    };
    let next = next.trim_start_matches(BLANK);
    match next.as_bytes().first() {
        Some(b'{') => Ok(Some((next, true))),
        None => Ok(None),
        Some(_) => Err(Odd),
    }
}

#[cfg(test)]
mod tests;

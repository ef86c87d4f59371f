//! Text to a tree with spans. Names are not looked up here.

use std::net::IpAddr;

use ipnet::IpNet;
use thiserror::Error;

use crate::model::text::Shown;
use crate::model::{Protocol, Text};
use crate::select::PortSet;

/// A place in the typed text, in bytes: `start..end`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A whole question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    /// Where the connection would start.
    pub source: EndText,
    /// Where it would end.
    pub destination: EndText,
    /// On which port; `None` asks about every port (CAN-03).
    pub port: Option<PortSpec>,
}

/// One end as typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndText {
    /// What it was read as.
    pub form: EndForm,
    /// Where it stands.
    pub span: Span,
}

/// The forms an end may have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EndForm {
    /// `[namespace/[kind/]]name`.
    Name {
        /// The namespace, if one was typed.
        namespace: Option<Text>,
        /// The kind or its short form, if one was typed.
        kind: Option<Text>,
        /// The name.
        name: Text,
    },
    /// One address (CAN-01).
    Address(IpAddr),
    /// Addresses, masked to the prefix (CAN-02).
    Block(IpNet),
    /// Every address outside (CAN-02).
    Internet,
}

/// A port with its protocol.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PortSpec {
    /// The port.
    pub port: PortText,
    /// The protocol, if one was typed.
    pub protocol: Option<Protocol>,
    /// Where both stand.
    pub span: Span,
}

/// A port as typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PortText {
    /// Inclusive, 1..=65535; a single number is a range of one.
    Range(u16, u16),
    /// A name that the destination's containers or the Service resolve.
    Name(Text),
    /// `*`: every port.
    Any,
}

impl PortSpec {
    /// The typed protocol, else TCP (LD-05).
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol.unwrap_or(Protocol::Tcp)
    }

    /// The ports, unless a name has to be resolved first. `*` without a protocol is every port of
    /// every protocol.
    #[must_use]
    pub fn numbers(&self) -> Option<PortSet> {
        match (&self.port, self.protocol) {
            (PortText::Range(first, last), _) => {
                Some(PortSet::range(self.protocol(), *first, *last))
            }
            (PortText::Any, None) => Some(PortSet::all()),
            (PortText::Any, Some(protocol)) => Some(PortSet::range(protocol, 1, u16::MAX)),
            (PortText::Name(_), _) => None,
        }
    }
}

/// Why the text is not a question, and where.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{problem}")]
pub struct ParseError {
    /// What is wrong.
    pub problem: Problem,
    /// Where; empty where something is missing.
    pub span: Span,
}

/// What may be wrong with a question.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Problem {
    /// Nothing stands where an end is expected.
    #[error("expected an end such as shop/web, 10.0.0.1 or internet")]
    NoEnd,
    /// There is no arrow.
    #[error("expected -> and a destination")]
    NoArrow,
    /// More slashes than `namespace/kind/name` has, or an empty part.
    #[error("cannot read {}: use name, namespace/name or namespace/kind/name", Shown::of(.0))]
    BadName(String),
    /// The source has a port.
    #[error("a port belongs to the destination, not to the source {}", Shown::of(.0))]
    SourcePort(String),
    /// An end that stands alone has a port.
    #[error(
        "a port belongs to the destination of a question, it cannot stand in {}",
        Shown::of(.0)
    )]
    StrayPort(String),
    /// Not a port.
    #[error("cannot read port {}: use 1 to 65535, first-last, a port name or *", Shown::of(.0))]
    BadPort(String),
    /// Not a protocol.
    #[error("no protocol is called {}: use tcp, udp or sctp", Shown::of(.0))]
    BadProtocol(String),
}

/// A piece of the typed text that knows where it stands.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
}

impl<'a> Piece<'a> {
    pub(super) fn whole(text: &'a str) -> Self {
        Self { text, start: 0 }
    }

    pub(super) fn span(self) -> Span {
        Span {
            start: self.start,
            end: self.start + self.text.len(),
        }
    }

    fn trimmed(self) -> Self {
        let text = self.text.trim_start();
        Self {
            start: self.start + self.text.len() - text.len(),
            text: text.trim_end(),
        }
    }

    /// What stands before byte `at`, and from byte `at + skip` on.
    fn cut(self, at: usize, skip: usize) -> (Self, Self) {
        let (left, right) = self.text.split_at_checked(at).unwrap_or((self.text, ""));
        let right = right.get(skip..).unwrap_or("");
        let start = self.start + self.text.len() - right.len();
        (Self { text: left, ..self }, Self { text: right, start })
    }

    fn err(self, problem: impl FnOnce(String) -> Problem) -> ParseError {
        ParseError {
            problem: problem(self.text.to_owned()),
            span: self.span(),
        }
    }
}

/// Which way an arrow points.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrow {
    Right,
    Left,
}

/// The ends around the first arrow, as typed from left to right.
pub(super) fn arrow(whole: Piece<'_>) -> Option<(Piece<'_>, Arrow, Piece<'_>)> {
    let spellings = [
        ("<-", Arrow::Left),
        ("->", Arrow::Right),
        ("→", Arrow::Right),
        (">", Arrow::Right),
    ];
    let (at, spelling, way) = spellings
        .into_iter()
        .filter_map(|(spelling, way)| Some((whole.text.find(spelling)?, spelling, way)))
        .min_by_key(|(at, ..)| *at)?;
    let (left, right) = whole.cut(at, spelling.len());
    Some((left, way, right))
}

/// Reads a whole question.
///
/// # Errors
///
/// What is missing or cannot be read, and where.
pub fn query(text: &str) -> Result<Query, ParseError> {
    let whole = Piece::whole(text);
    let body = text.trim_end().trim_end_matches('?');
    let whole = Piece {
        text: body,
        ..whole
    };
    let Some((left, way, right)) = arrow(whole) else {
        let end = text.len();
        let missing = if body.trim().is_empty() {
            Problem::NoEnd
        } else {
            Problem::NoArrow
        };
        return Err(ParseError {
            problem: missing,
            span: Span { start: end, end },
        });
    };
    let (source, destination) = match way {
        Arrow::Right => (left, right),
        Arrow::Left => (right, left),
    };
    let (source, source_port) = split_port(source.trimmed());
    if source_port.is_some() {
        return Err(source.err(Problem::SourcePort));
    }
    let source = end(source)?;
    let (destination, port) = target_piece(destination.trimmed())?;
    Ok(Query {
        source,
        destination,
        port,
    })
}

/// Reads one end without a port: `shop/web`, `10.0.0.1`, `internet`.
///
/// # Errors
///
/// What cannot be read.
pub fn endpoint(text: &str) -> Result<EndText, ParseError> {
    let whole = Piece::whole(text).trimmed();
    let (end_piece, port) = split_port(whole);
    if port.is_some() {
        return Err(whole.err(Problem::StrayPort));
    }
    end(end_piece)
}

/// Reads a destination with its port: `data/db:5432/tcp`, `[fd00::1]:53/udp`.
///
/// # Errors
///
/// What cannot be read, in the end or in the port.
pub fn target(text: &str) -> Result<(EndText, Option<PortSpec>), ParseError> {
    target_piece(Piece::whole(text).trimmed())
}

/// Reads a port alone: `5432`, `80-90/udp`, `https`, `*`.
///
/// # Errors
///
/// What cannot be read, in the port or in the protocol.
pub fn port_spec(text: &str) -> Result<PortSpec, ParseError> {
    port(Piece::whole(text).trimmed())
}

fn target_piece(piece: Piece<'_>) -> Result<(EndText, Option<PortSpec>), ParseError> {
    let (end_piece, port_piece) = split_port(piece);
    Ok((end(end_piece)?, port_piece.map(port).transpose()?))
}

/// Cuts at the colon before the port. Colons of an IPv6 address are told apart by brackets, or by
/// the whole being an address.
pub(super) fn split_port(piece: Piece<'_>) -> (Piece<'_>, Option<Piece<'_>>) {
    if piece.text.starts_with('[')
        && let Some(close) = piece.text.find(']')
    {
        let (bracketed, rest) = piece.cut(close, 1);
        let inner = bracketed.cut(0, 1).1;
        let port = rest
            .text
            .starts_with(':')
            .then(|| rest.cut(0, 1).1.trimmed());
        return (inner, port);
    }
    if address(piece.text).is_some() {
        return (piece, None);
    }
    match piece.text.rfind(':') {
        Some(at) => {
            let (left, right) = piece.cut(at, 1);
            (left.trimmed(), Some(right.trimmed()))
        }
        None => (piece, None),
    }
}

fn address(text: &str) -> Option<EndForm> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(EndForm::Address(address));
    }
    let block = text.parse::<IpNet>().ok()?;
    Some(EndForm::Block(block.trunc()))
}

fn end(piece: Piece<'_>) -> Result<EndText, ParseError> {
    if piece.text.is_empty() {
        return Err(piece.err(|_| Problem::NoEnd));
    }
    let form = match address(piece.text) {
        Some(form) => form,
        None if is_internet(piece.text) => EndForm::Internet,
        None => name(piece)?,
    };
    Ok(EndText {
        form,
        span: piece.span(),
    })
}

fn is_internet(text: &str) -> bool {
    text.eq_ignore_ascii_case("internet") || text.eq_ignore_ascii_case("world")
}

fn name(piece: Piece<'_>) -> Result<EndForm, ParseError> {
    let parts: Vec<&str> = piece.text.split('/').map(str::trim).collect();
    if parts
        .iter()
        .any(|part| part.is_empty() || part.contains(char::is_whitespace))
    {
        return Err(piece.err(Problem::BadName));
    }
    let (namespace, kind, name) = match parts.as_slice() {
        [name] => (None, None, *name),
        [namespace, name] => (Some(*namespace), None, *name),
        [namespace, kind, name] => (Some(*namespace), Some(*kind), *name),
        _ => return Err(piece.err(Problem::BadName)),
    };
    Ok(EndForm::Name {
        namespace: namespace.map(Text::from),
        kind: kind.map(Text::from),
        name: name.into(),
    })
}

fn port(piece: Piece<'_>) -> Result<PortSpec, ParseError> {
    let (number, protocol_piece) = match piece.text.find('/') {
        Some(at) => {
            let (left, right) = piece.cut(at, 1);
            (left.trimmed(), Some(right.trimmed()))
        }
        None => (piece, None),
    };
    let protocol = protocol_piece
        .map(|p| {
            Protocol::parse(&p.text.to_ascii_uppercase()).ok_or_else(|| p.err(Problem::BadProtocol))
        })
        .transpose()?;
    Ok(PortSpec {
        port: port_text(number.text).ok_or_else(|| number.err(Problem::BadPort))?,
        protocol,
        span: piece.span(),
    })
}

fn port_text(text: &str) -> Option<PortText> {
    if text == "*" || text.eq_ignore_ascii_case("any") {
        return Some(PortText::Any);
    }
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return port_number(text).map(|n| PortText::Range(n, n));
    }
    if let Some((first, last)) = text.split_once('-')
        && let (Some(first), Some(last)) = (port_number(first), port_number(last))
    {
        return (first <= last).then_some(PortText::Range(first, last));
    }
    let is_name = text.bytes().any(|b| b.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_name.then(|| PortText::Name(text.into()))
}

fn port_number(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|n| *n > 0)
}

#[cfg(test)]
mod tests;

//! Snapshots: the state of a cluster saved for later or for someone else (`--from FILE`).
//!
//! ```text
//! "kreach snapshot 1\n"   what it is and the version of its format
//! gzip                    one JSON document, see `v1`
//! ```
//!
//! A snapshot holds what the model holds and nothing else: names, labels, ports, addresses, policies,
//! roles, and what could not be read. The model has no environment variables and no secrets. The
//! same world gives the same bytes. A file is recognized by how it begins, never by its name; one of
//! an old format stays readable, one of a newer format is refused.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Take, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;

use super::problem::{LoadError, Problem};
use crate::model::{Change, Shown, Text, World};

mod save;
mod v1;

pub use save::{SaveError, save};

/// How every snapshot begins, whatever its version.
pub const MAGIC: &[u8] = b"kreach snapshot ";

/// The version that is written.
const VERSION: u32 = 1;

/// How much text is packed at once.
const BLOCK: usize = 64 << 10;

/// How much a snapshot may hold, uncompressed: several times the largest cluster that Kubernetes
/// supports. A small file may claim to be endless.
const MOST: u64 = 512 << 20;

/// Longest first line: the magic, a number, a line feed.
const LONGEST_HEADER: u64 = 32;

/// What a snapshot is of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct About {
    /// When the state was read.
    pub taken: Timestamp,
    /// What it was read from.
    pub origin: Origin,
    /// How that is called: a context, paths.
    pub name: Text,
    /// Version of the program that wrote it.
    pub program: Text,
}

/// Where the state of a snapshot came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A cluster.
    Cluster,
    /// Manifests, whose aggregated roles need not hold their rules (RB-10).
    Manifests,
    /// The built-in demo.
    Demo,
}

/// A snapshot that has been read.
#[derive(Clone, PartialEq, Debug)]
pub struct Snapshot {
    /// What it is of.
    pub about: About,
    /// All of it, gaps included.
    pub changes: Vec<Change>,
}

/// Whether a file that begins like this is a snapshot.
#[must_use]
pub fn is_snapshot(start: &[u8]) -> bool {
    start.starts_with(MAGIC)
}

/// Writes a snapshot.
///
/// # Errors
///
/// What `out` fails with.
pub fn write(world: &World, about: &About, mut out: impl Write) -> io::Result<()> {
    out.write_all(MAGIC)?;
    writeln!(out, "{VERSION}")?;
    // The header of gzip stays without time and name: the same world gives the same bytes.
    let packed = GzEncoder::new(out, Compression::default());
    // The serializer writes a few bytes at a time, and each time has its price when packing.
    let mut text = BufWriter::with_capacity(BLOCK, packed);
    serde_json::to_writer(&mut text, &v1::Document::of(world, about))?;
    let packed = text.into_inner().map_err(io::IntoInnerError::into_error)?;
    packed.finish()?.flush()
}

/// Reads a snapshot; `name` is what problems call it.
///
/// # Errors
///
/// The one problem it has: another format, a newer version, cut off or changed, too large.
pub fn read(name: &Arc<str>, input: impl Read) -> Result<Snapshot, LoadError> {
    read_at_most(MOST, name, input)
}

fn read_at_most(most: u64, name: &Arc<str>, input: impl Read) -> Result<Snapshot, LoadError> {
    let mut input = BufReader::new(input);
    let problem = |message: &str, remedy: &str| Problem::of_file(name, message).with_remedy(remedy);
    let version = version(&mut input)
        .map_err(|error| unreadable(name, &error))?
        .ok_or_else(|| {
            problem(
                "is not a kreach snapshot",
                "write it anew with kreach snapshot",
            )
        })?;
    if version != VERSION {
        let message = format!("has version {version} of the snapshot format, known is {VERSION}");
        return Err(problem(&message, "use the kreach that wrote it, or a newer one").into());
    }
    let mut unpacked = BufReader::new(GzDecoder::new(input).take(most));
    let document = document(&mut unpacked);
    if unpacked.get_ref().limit() == 0 {
        let message = format!("holds more than {} MiB", most >> 20);
        return Err(problem(&message, "no cluster is that large; write it anew").into());
    }
    let document = document.map_err(|error| broken(name, &error))?;
    document.open().map_err(|error| {
        let message = format!("is damaged: {error}");
        problem(&message, WRITE_ANEW).into()
    })
}

const WRITE_ANEW: &str = "write it anew with kreach snapshot";

/// The version, or `None` where the first line is not that of a snapshot.
fn version(input: &mut impl BufRead) -> io::Result<Option<u32>> {
    let mut line = Vec::new();
    input.take(LONGEST_HEADER).read_until(b'\n', &mut line)?;
    let number = line
        .strip_prefix(MAGIC)
        .and_then(|rest| rest.strip_suffix(b"\n"))
        .and_then(|digits| std::str::from_utf8(digits).ok());
    Ok(number.and_then(|digits| digits.parse().ok()))
}

/// The whole document, to the end of the file.
fn document<R: BufRead>(
    unpacked: &mut BufReader<Take<GzDecoder<R>>>,
) -> Result<v1::Document, serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_reader(&mut *unpacked);
    let document = serde::Deserialize::deserialize(&mut parser)?;
    // Reads on to the checksum, without which a changed byte may go unnoticed.
    parser.end()?;
    let rest = unpacked.get_mut().get_mut().get_mut();
    match rest.fill_buf() {
        Ok([]) => Ok(document),
        Ok(_) => Err(serde::de::Error::custom("something follows its end")),
        Err(error) => Err(serde::de::Error::custom(error)),
    }
}

fn unreadable(name: &Arc<str>, error: &io::Error) -> Problem {
    Problem::of_file(name, format!("cannot be read: {error}"))
}

/// What the decoder or the parser met, in one line; the file may hold anything.
fn broken(name: &Arc<str>, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let cut_off = error.is_eof() || error.io_error_kind() == Some(io::ErrorKind::UnexpectedEof);
    let message = if cut_off {
        "is cut off".to_owned()
    } else {
        format!("is damaged: {}", Shown::of(&text))
    };
    Problem::of_file(name, message).with_remedy(WRITE_ANEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_claims_to_be_endless_is_refused() {
        let mut packed = GzEncoder::new(b"kreach snapshot 1\n".to_vec(), Compression::best());
        packed.write_all(b"{\"about\":").unwrap();
        packed.write_all(&vec![b' '; 1 << 20]).unwrap();
        let bytes = packed.finish().unwrap();
        assert!(bytes.len() < 4096);
        let error = read_at_most(1 << 20, &"file".into(), &*bytes).unwrap_err();
        assert!(
            error.to_string().contains("holds more than 1 MiB"),
            "{error}"
        );
    }
}

//! The text of an answer: however long it takes as a whole, it may not fall silent.
//!
//! A list of 15,000 pods is several hundred megabytes in the field, which a slow line carries for
//! minutes. A connection that died without a word would be waited for for ever.

use std::pin::pin;
use std::time::Duration;

use futures::{AsyncRead, AsyncReadExt, TryStreamExt};
use http_body_util::BodyExt;
use kube::client::Body;
use tokio::time::timeout;

use super::resource::within;
use super::retry::Failure;

/// How long an answer may take to begin, and to go on.
pub(super) const SILENCE: Duration = Duration::from_secs(30);

/// How much is taken at once.
const BLOCK: usize = 64 << 10;

/// The whole text of an answer that is on its way, which is never silent for longer than `limit`.
///
/// # Errors
///
/// What the server or the way to it fails with, and silence.
pub(super) async fn text<B: AsyncRead>(
    answer: impl Future<Output = kube::Result<B>>,
    limit: Duration,
) -> Result<Vec<u8>, Failure> {
    let body = within(timeout(limit, answer).await)?;
    let mut body = pin!(body);
    let mut text = Vec::new();
    let mut block = vec![0; BLOCK];
    loop {
        let read = timeout(limit, body.read(&mut block)).await;
        let read = within(read.map(|read| read.map_err(kube::Error::ReadEvents)))?;
        match block.get(..read) {
            None | Some([]) => return Ok(text),
            Some(bytes) => text.extend_from_slice(bytes),
        }
    }
}

/// The body of an answer whose head was read.
pub(super) fn body(body: Body) -> impl AsyncRead {
    let stream = body.into_data_stream();
    stream.map_err(std::io::Error::other).into_async_read()
}

#[cfg(test)]
mod tests;

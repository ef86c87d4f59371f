use std::net::Ipv4Addr;

use kube::core::Request;
use kube::core::params::ListParams;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

use super::*;

const LIMIT: Duration = Duration::from_millis(400);

/// A server that sends the parts of one answer, each after a pause.
async fn served(parts: &'static [(u64, &'static str)]) -> kube::Client {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (wire, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = wire.into_split();
        let mut lines = BufReader::new(reader).lines();
        while lines.next_line().await.unwrap() != Some(String::new()) {}
        for (pause, part) in parts {
            sleep(Duration::from_millis(*pause)).await;
            writer.write_all(part.as_bytes()).await.unwrap();
        }
        std::future::pending::<()>().await;
    });
    let config = kube::Config::new(url.parse().unwrap());
    kube::Client::try_from(config).unwrap()
}

async fn read(parts: &'static [(u64, &'static str)]) -> Result<String, String> {
    let client = served(parts).await;
    let request = Request::new("/api/v1/pods").list(&ListParams::default());
    let request = request.unwrap();
    match text(client.request_stream(request), LIMIT).await {
        Ok(text) => Ok(String::from_utf8(text).unwrap()),
        Err(Failure::Network(reason)) => Err(reason.shown().to_string()),
        Err(other) => Err(format!("{other:?}")),
    }
}

#[tokio::test]
async fn an_answer_that_goes_on_may_take_longer_than_any_silence() {
    let began = Instant::now();
    let parts = &[
        (150, "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n"),
        (150, "ab"),
        (150, "cd"),
        (150, "ef"),
        (150, "gh"),
    ];
    assert_eq!(read(parts).await.as_deref(), Ok("abcdefgh"));
    assert!(began.elapsed() > LIMIT);
}

#[tokio::test]
async fn an_answer_that_falls_silent_is_given_up() {
    let silent = Err("the cluster does not answer in time".to_owned());
    let begun = &[(0, "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nabcd")];
    assert_eq!(read(begun).await, silent);
    assert_eq!(read(&[]).await, silent, "nothing at all came");
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_a_failure_and_no_shorter_answer() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut wire, _) = listener.accept().await.unwrap();
        let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nabcd";
        wire.write_all(cut).await.unwrap();
    });
    let config = kube::Config::new(url.parse().unwrap());
    let client = kube::Client::try_from(config).unwrap();
    let request = Request::new("/apis").list(&ListParams::default()).unwrap();
    assert!(text(client.request_stream(request), LIMIT).await.is_err());
}

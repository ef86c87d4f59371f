use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::*;

#[test]
fn every_kind_has_the_path_of_its_group() {
    let shop = Scope::Namespace("shop".into());
    assert_eq!(path(Kind::Pod, "v1", &shop), "/api/v1/namespaces/shop/pods");
    assert_eq!(path(Kind::Node, "v1", &Scope::Cluster), "/api/v1/nodes");
    assert_eq!(
        path(Kind::NetworkPolicy, "v1", &Scope::Cluster),
        "/apis/networking.k8s.io/v1/networkpolicies"
    );
}

#[test]
fn an_empty_list_may_be_null() {
    let text = r#"{"kind":"PodList","metadata":{"resourceVersion":"7"},"items":null}"#;
    let list: List<wire::Pod> = serde_json::from_str(text).unwrap();
    assert!(list.items.is_none());
    assert_eq!(list.metadata.resource_version.as_deref(), Some("7"));
}

/// Namespaces `from..to` as a page of a list, with the way to the next one.
fn page(from: usize, to: usize, more: &str) -> String {
    let item = |i| format!(r#"{{"metadata":{{"name":"n{i}","resourceVersion":"{i}"}}}}"#);
    let items: Vec<String> = (from..to).map(item).collect();
    let items = items.join(",");
    format!(r#"{{"metadata":{{"resourceVersion":"9","continue":"{more}"}},"items":[{items}]}}"#)
}

/// Serves 1,100 namespaces in three pages; remembers what was asked for.
async fn served(asked: Arc<Mutex<Vec<String>>>) -> Client {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (wire, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = wire.into_split();
        let mut lines = BufReader::new(reader).lines();
        while let Ok(Some(request)) = lines.next_line().await {
            while lines.next_line().await.unwrap() != Some(String::new()) {}
            let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
            let body = if path.contains("continue=two") {
                page(500, 1000, "three")
            } else if path.contains("continue=three") {
                page(1000, 1100, "")
            } else {
                page(0, 500, "two")
            };
            asked
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(path);
            let length = body.len();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
            writer.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let config = kube::Config::new(url.parse().unwrap());
    Client::try_from(config).unwrap()
}

#[tokio::test]
async fn a_long_list_is_read_in_pages_of_500() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let client = served(Arc::clone(&asked)).await;
    let subject = Subject {
        kind: Kind::Namespace,
        scope: Scope::Cluster,
        versions: vec!["v1"],
    };
    let mut reader = reader(&client, &subject);
    let (mut sizes, mut more, mut names) = (Vec::new(), None, Vec::new());
    loop {
        let Ok(page) = reader.page(more).await else {
            panic!("the page cannot be read");
        };
        sizes.push(page.objects.len());
        names.extend(page.objects.iter().map(|o| o.key().name));
        assert_eq!(page.version, "9");
        more = page.more;
        if more.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [500, 500, 100]);
    assert!((0..1100).all(|i| names.get(i).is_some_and(|name| *name == *format!("n{i}"))));
    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    let ends = [
        "limit=500",
        "limit=500&continue=two",
        "limit=500&continue=three",
    ];
    assert_eq!(asked.len(), ends.len());
    for (path, end) in asked.iter().zip(ends) {
        assert!(path.ends_with(end), "{path}");
    }
}

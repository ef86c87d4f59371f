use std::net::Ipv4Addr;
use std::sync::{Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};

use super::super::link::{ConnectionState, Link};
use super::*;

const KIND: Kind = Kind::ClusterNetworkPolicy;

/// Answers to `METHOD path`, and what was asked.
#[derive(Default)]
struct Script {
    answers: HashMap<&'static str, (u16, &'static str)>,
    asked: Vec<String>,
}

/// A server that knows nothing but its script.
#[derive(Clone, Default)]
struct Fake(Arc<Mutex<Script>>);

impl Fake {
    fn answer(&self, path: &'static str, code: u16, body: &'static str) {
        let mut script = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        script.answers.insert(path, (code, body));
    }

    /// The paths asked for since the last time, sorted, with `=` for "only if it has changed".
    fn asked(&self) -> Vec<String> {
        let mut script = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        script.asked.sort();
        std::mem::take(&mut script.asked)
    }

    async fn serve(self, listener: TcpListener) {
        while let Ok((wire, _)) = listener.accept().await {
            tokio::spawn(self.clone().talk(wire));
        }
    }

    async fn talk(self, wire: TcpStream) -> Option<()> {
        let (reader, mut writer) = wire.into_split();
        let mut lines = BufReader::new(reader).lines();
        loop {
            let request = lines.next_line().await.ok()??;
            let mut tag = false;
            loop {
                let header = lines.next_line().await.ok()??.to_lowercase();
                tag |= header == "if-none-match: \"one\"";
                if header.is_empty() {
                    break;
                }
            }
            let answer = self.reply(request.split(' ').nth(1)?, tag);
            writer.write_all(answer.as_bytes()).await.ok()?;
        }
    }

    fn reply(&self, path: &str, tag: bool) -> String {
        let path = path.trim_end_matches(['?', '&']);
        let mut script = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        script
            .asked
            .push(format!("{path}{}", if tag { "=" } else { "" }));
        let (code, body) = match script.answers.get(path) {
            Some((200, _)) if tag => (304, ""),
            Some(answer) => *answer,
            None => (404, "404 page not found"),
        };
        let length = body.len();
        format!("HTTP/1.1 {code} X\r\netag: \"one\"\r\ncontent-length: {length}\r\n\r\n{body}")
    }
}

/// A running surveyor of a fake server.
async fn start(fake: &Fake) -> (Surveys, watch::Receiver<ConnectionState>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(fake.clone().serve(listener));
    let mut config = kube::Config::new(url.parse().unwrap());
    config.default_retry = false;
    let (status, state) = watch::channel(ConnectionState::default());
    let (out, _) = mpsc::channel(1);
    let shared = Shared {
        client: kube::Client::try_from(config).unwrap(),
        link: Arc::new(Link::new(status)),
        out,
        lists: Arc::new(Semaphore::new(1)),
    };
    let (surveyor, surveys) = survey(&shared);
    tokio::spawn(surveyor.run());
    (surveys, state)
}

const WHOLE: &str = r#"{"kind":"APIGroupDiscoveryList","items":[
    {"metadata":{"name":"policy.networking.k8s.io"},"versions":[{"version":"v1alpha2",
     "resources":[{"resource":"clusternetworkpolicies","verbs":["list"],
                   "responseKind":{"kind":"ClusterNetworkPolicy"}}]}]}]}"#;

const NAMES: &str = r#"{"kind":"APIGroupList","groups":[
    {"name":"policy.networking.k8s.io","versions":[{"version":"v1alpha2"}]},
    {"name":"route.openshift.io","versions":[{"version":"v1"}]},
    {"name":"metrics.k8s.io","versions":[{"version":"v1beta1"}]},
    {"name":"example.com","versions":[{"version":"v1"}]}]}"#;

const RESOURCES: &str = r#"{"resources":[
    {"name":"clusternetworkpolicies","kind":"ClusterNetworkPolicy","verbs":["list"]}]}"#;

const REFUSED: &str = r#"{"kind":"Status","apiVersion":"v1","code":403,"reason":"Forbidden",
    "message":"no"}"#;

fn served() -> Offer {
    Offer::Versions(vec!["v1alpha2"])
}

#[tokio::test]
async fn a_server_that_tells_everything_is_then_only_asked_for_changes() {
    let fake = Fake::default();
    fake.answer("/apis", 200, WHOLE);
    let (mut surveys, state) = start(&fake).await;
    assert_eq!(surveys.offer(KIND).await, served());
    assert_eq!(surveys.offer(Kind::Gateway).await, Offer::Absent);
    assert_eq!(fake.asked(), ["/apis"]);
    assert_eq!(surveys.anew(KIND).await, served());
    assert_eq!(fake.asked(), ["/apis="]);
    assert!(matches!(*state.borrow(), ConnectionState::Connected { .. }));
}

#[tokio::test]
async fn an_add_on_that_comes_later_is_found_without_being_asked_for() {
    let fake = Fake::default();
    fake.answer(
        "/apis",
        200,
        r#"{"groups":[{"name":"apps","versions":[]}]}"#,
    );
    let (mut surveys, _state) = start(&fake).await;
    assert_eq!(surveys.offer(KIND).await, Offer::Absent);
    fake.answer("/apis", 200, WHOLE);
    let there = surveys.becomes(KIND, |offer| *offer != Offer::Absent);
    let there = timeout(Duration::from_secs(SOON[0] + 2), there).await;
    assert_eq!(there.unwrap(), served());
}

#[tokio::test]
async fn an_older_server_is_asked_about_the_groups_that_matter() {
    let fake = Fake::default();
    fake.answer("/apis", 200, NAMES);
    fake.answer("/apis/policy.networking.k8s.io/v1alpha2", 200, RESOURCES);
    fake.answer("/apis/route.openshift.io/v1", 503, "not now");
    fake.answer("/apis/example.com/v1", 200, "{}");
    let (mut surveys, _state) = start(&fake).await;
    assert_eq!(surveys.offer(KIND).await, served());
    // UNK-06: whoever does not answer may have some.
    let down = Offer::Down("not now".into());
    assert_eq!(surveys.offer(Kind::OpenShiftRoute).await, down);
    let ours = [
        "/apis",
        "/apis/example.com/v1",
        "/apis/policy.networking.k8s.io/v1alpha2",
        "/apis/route.openshift.io/v1",
    ];
    assert_eq!(fake.asked(), ours);

    fake.answer("/apis/route.openshift.io/v1", 404, "404 page not found");
    assert_eq!(surveys.anew(Kind::OpenShiftRoute).await, Offer::Absent);
    assert_eq!(fake.asked(), [ours[0], ours[2], ours[3]]);
}

#[tokio::test]
async fn unk_06_refused_discovery_is_unknown_before_and_after_it_was_allowed() {
    let fake = Fake::default();
    fake.answer("/apis", 403, REFUSED);
    let (mut surveys, _state) = start(&fake).await;
    let unknown = Offer::Unknown(Gap::Refused("no".into()));
    assert_eq!(surveys.offer(KIND).await, unknown);
    assert!(surveys.next().await.is_err());
    fake.answer("/apis", 200, WHOLE);
    assert_eq!(surveys.anew(KIND).await, served());
    fake.answer("/apis", 403, REFUSED);
    assert_eq!(surveys.anew(KIND).await, unknown);
    fake.asked();
    fake.answer("/apis", 200, WHOLE);
    assert_eq!(surveys.anew(KIND).await, served());
    assert_eq!(fake.asked(), ["/apis"], "nothing is left to compare with");
}

#[tokio::test]
async fn what_was_served_before_a_failure_still_counts() {
    let fake = Fake::default();
    fake.answer("/apis", 200, WHOLE);
    let (mut surveys, state) = start(&fake).await;
    assert_eq!(surveys.offer(KIND).await, served());
    fake.answer("/apis", 503, "starting");
    assert_eq!(surveys.anew(KIND).await, served());
    assert!(matches!(*state.borrow(), ConnectionState::Lost { .. }));
}

#[tokio::test]
async fn unk_06_an_answer_that_makes_no_sense_is_unknown() {
    let fake = Fake::default();
    fake.answer("/apis", 200, r#"{"hello":"world"}"#);
    let (mut surveys, _state) = start(&fake).await;
    let offer = surveys.offer(KIND).await;
    assert!(matches!(offer, Offer::Unknown(Gap::Failed(_))), "{offer:?}");
}

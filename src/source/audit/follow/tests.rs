use std::io::Write;
use std::time::Instant;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

/// A line about the policy `name`.
fn line(name: &str) -> String {
    format!(
        r#"{{"kind":"Event","auditID":"{name}","stage":"ResponseComplete","verb":"patch","objectRef":{{"apiGroup":"networking.k8s.io","resource":"networkpolicies","namespace":"shop","name":"{name}"}}}}"#
    )
}

/// The names in what one poll hands on, and how much was skipped.
fn poll(follower: &mut Follower) -> (Vec<String>, usize) {
    let (mut names, mut skipped) = (Vec::new(), 0);
    let flow = follower.poll(&mut |batch| {
        skipped += batch.skipped.len();
        names.extend(batch.events.iter().map(|e| e.audit_id.as_str().to_owned()));
        ControlFlow::Continue(())
    });
    assert!(flow.is_continue());
    (names, skipped)
}

fn append(path: &Path, text: &str) {
    let mut file = File::options()
        .append(true)
        .create(true)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn names(list: &[&str]) -> (Vec<String>, usize) {
    (list.iter().map(|name| (*name).to_owned()).collect(), 0)
}

#[test]
fn ev_29_a_line_without_an_end_waits_for_the_rest() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.log");
    append(&path, &format!("{}\n", line("one")));
    let mut follower = Follower::new(std::slice::from_ref(&path)).unwrap();
    assert_eq!(poll(&mut follower), names(&["one"]));
    let (head, tail) = (&line("two")[..40], &line("two")[40..]);
    append(&path, head);
    assert_eq!(poll(&mut follower), names(&[]));
    append(&path, &format!("{tail}\n"));
    assert_eq!(poll(&mut follower), names(&["two"]));
    assert_eq!(poll(&mut follower), names(&[]));
}

#[test]
fn ev_30_following_survives_rename_and_truncation() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.log");
    append(&path, &format!("{}\n", line("one")));
    let mut follower = Follower::new(std::slice::from_ref(&path)).unwrap();
    assert_eq!(poll(&mut follower), names(&["one"]));

    append(&path, &format!("{}\n", line("last")));
    let rotated = directory.path().join("audit-2026-11-23T00-00-00.000.log");
    fs::rename(&path, &rotated).unwrap();
    append(&path, &format!("{}\n", line("first")));
    assert_eq!(poll(&mut follower), names(&["last", "first"]));
    // The old file may still be written to for a moment.
    append(&rotated, &format!("{}\n", line("late")));
    assert_eq!(poll(&mut follower), names(&["late"]));

    File::create(&path).unwrap();
    append(&path, "\n");
    assert_eq!(poll(&mut follower), names(&[]));
    append(&path, &format!("{}\n", line("again")));
    assert_eq!(poll(&mut follower), names(&["again"]));
}

#[test]
fn ev_30_a_directory_gives_new_files_once_and_renamed_files_never_again() {
    let directory = tempfile::tempdir().unwrap();
    let current = directory.path().join("audit.log");
    let old = directory
        .path()
        .join("audit-2026-11-22T00-00-00.000.log.gz");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    writeln!(gzip, "{}", line("old")).unwrap();
    let mut bytes = gzip.finish().unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    writeln!(gzip, "{}", line("member")).unwrap();
    bytes.extend(gzip.finish().unwrap());
    fs::write(&old, bytes).unwrap();
    append(&current, &format!("{}\n", line("one")));
    let mut follower = Follower::new(&[directory.path().to_owned()]).unwrap();
    assert_eq!(poll(&mut follower), names(&["old", "member", "one"]));

    fs::rename(
        &current,
        directory.path().join("audit-2026-11-23T00-00-00.000.log"),
    )
    .unwrap();
    assert_eq!(poll(&mut follower), names(&[]));
    append(&current, &format!("{}\n", line("two")));
    assert_eq!(poll(&mut follower), names(&["two"]));
    assert_eq!(poll(&mut follower), names(&[]));
}

#[test]
fn a_renamed_file_is_left_after_a_while() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.log");
    append(&path, &line("torn")[..50]);
    let mut follower = Follower::new(std::slice::from_ref(&path)).unwrap();
    poll(&mut follower);
    fs::remove_file(&path).unwrap();
    let skipped: usize = (0..=QUIET).map(|_| poll(&mut follower).1).sum();
    assert_eq!((skipped, follower.tails.len()), (1, 0));
}

#[tokio::test]
async fn an_event_arrives_well_within_a_second_and_cancelling_ends_the_task() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.log");
    append(&path, &format!("{}\n", line("one")));
    let (sender, mut receiver) = tokio::sync::mpsc::channel(4);
    let cancel = CancellationToken::new();
    let task = tokio::spawn(follow(vec![path.clone()], sender, cancel.clone()));
    let mut before = 0;
    while let Some(batch) = receiver.recv().await {
        before += batch.events.len();
        if batch.caught_up {
            break;
        }
    }
    assert_eq!(before, 1);
    let started = Instant::now();
    append(&path, &format!("{}\n", line("two")));
    let batch = receiver.recv().await.unwrap();
    assert_eq!(batch.events.len(), 1);
    assert!(started.elapsed() < Duration::from_millis(700));
    cancel.cancel();
    task.await.unwrap().unwrap();
}

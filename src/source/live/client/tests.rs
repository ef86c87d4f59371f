use std::fs;

use tempfile::TempDir;

use super::*;

const CONFIG: &str = r#"
apiVersion: v1
kind: Config
current-context: prod
clusters:
- name: c1
  cluster: {server: "https://admin:pw@api.example:6443/base?x=1"}
users:
- name: alice
  user: {token: very-secret-token}
- name: bob
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: /opt/bin/get-token
      args: [--password, s3cret]
      interactiveMode: Always
contexts:
- name: prod
  context: {cluster: c1, user: alice, namespace: shop}
- name: dev
  context: {cluster: c1, user: bob}
"#;

struct Home {
    dir: TempDir,
}

impl Home {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        Self { dir }
    }

    fn options(&self, text: &str) -> LiveOptions {
        let file = self.dir.path().join("config");
        fs::write(&file, text).unwrap();
        LiveOptions {
            kubeconfig: Some(file),
            ..LiveOptions::default()
        }
    }
}

fn error(options: &LiveOptions) -> String {
    target(options).unwrap_err().to_string()
}

#[test]
fn the_current_context_names_cluster_user_and_namespace() {
    let home = Home::new();
    let found = target(&home.options(CONFIG)).unwrap();
    assert_eq!(found.context, "prod");
    assert_eq!(found.user, Some("alice".into()));
    assert_eq!(found.namespace, Some("shop".into()));
    assert_eq!(found.server, "https://api.example:6443");
    assert_eq!(found.plugin, None);
}

#[test]
fn another_context_can_be_chosen_and_a_wrong_one_lists_the_choices() {
    let home = Home::new();
    let mut options = home.options(CONFIG);
    options.context = Some("dev".into());
    let found = target(&options).unwrap();
    assert_eq!(
        (found.namespace, found.plugin),
        (None, Some("get-token".into()))
    );
    options.context = Some("pord".into());
    assert_eq!(
        error(&options),
        "no context pord in the kubeconfig; it has prod, dev"
    );
}

#[test]
fn no_plugin_may_talk_to_the_terminal() {
    let mut kubeconfig = Kubeconfig::from_yaml(CONFIG).unwrap();
    silence_plugins(&mut kubeconfig);
    let mut plugins = kubeconfig
        .auth_infos
        .iter()
        .filter_map(|user| user.auth_info.as_ref()?.exec.as_ref());
    assert!(plugins.all(|exec| exec.interactive_mode == Some(ExecInteractiveMode::Never)));
}

#[test]
fn a_broken_kubeconfig_is_one_sentence_with_file_and_line_and_no_secret() {
    let home = Home::new();
    for broken in [
        CONFIG.replace(
            "user: {token: very-secret-token}",
            "user: very-secret-token",
        ),
        CONFIG.replace("{token: very-secret-token}", "{token: [very-secret-token]}"),
        CONFIG.replace("very-secret-token}", "very-secret-token"),
        CONFIG.replace(
            "interactiveMode: Always",
            "interactiveMode: very-secret-token",
        ),
    ] {
        let said = error(&home.options(&broken));
        assert!(!said.contains("secret"), "{said}");
        assert!(!said.contains('\n'), "{said}");
        let file = home.dir.path().join("config");
        assert!(said.starts_with(&format!("{}:", file.display())), "{said}");
        let place: Vec<&str> = said.split(':').skip(1).take(2).collect();
        assert!(place.iter().all(|n| n.parse::<u64>().is_ok()), "{said}");
    }
}

#[test]
fn a_missing_kubeconfig_is_named() {
    let home = Home::new();
    let options = LiveOptions {
        kubeconfig: Some(home.dir.path().join("nope")),
        ..LiveOptions::default()
    };
    let said = error(&options);
    assert!(
        said.starts_with("cannot read kubeconfig ") && said.contains("nope: "),
        "{said}"
    );
}

#[test]
fn a_namespace_cannot_leave_its_place_in_the_path() {
    let home = Home::new();
    for name in ["../../x", "Shop", "", "a/b", "-a", "a?b"] {
        let mut options = home.options(CONFIG);
        options.namespaces = vec![name.into()];
        let found = target(&options).unwrap_err();
        assert!(matches!(found, ConnectError::Namespace { .. }), "{found}");
        assert!(found.is_input());
    }
}

#[test]
fn several_files_merge_and_the_first_wins() {
    let home = Home::new();
    let (first, second) = (home.dir.path().join("a"), home.dir.path().join("b"));
    fs::write(
        &first,
        CONFIG.replace("current-context: prod", "current-context: dev"),
    )
    .unwrap();
    fs::write(&second, CONFIG).unwrap();
    let missing = home.dir.path().join("missing");
    let merged = read(&[missing, first, second], &LiveOptions::default()).unwrap();
    assert_eq!(merged.unwrap().current_context.as_deref(), Some("dev"));
}

#[tokio::test]
async fn a_plugin_that_fails_is_told_without_its_arguments_or_output() {
    let home = Home::new();
    let config = CONFIG.replace("/opt/bin/get-token", "sh").replace(
        "[--password, s3cret]",
        "[-c, 'echo very-secret-token; echo log in first >&2; exit 4']",
    );
    let mut options = home.options(&config);
    options.context = Some("dev".into());
    let said = build(&options).await.unwrap_err().to_string();
    assert_eq!(
        said,
        "no credentials for context dev: the credential plugin sh failed, exit status: 4: log in first"
    );
}

#[tokio::test]
async fn a_connection_does_not_show_its_token() {
    let home = Home::new();
    let connection = build(&home.options(CONFIG)).await.unwrap();
    let shown = format!("{connection:?}");
    assert!(
        !shown.contains("secret") && shown.contains("prod"),
        "{shown}"
    );
}

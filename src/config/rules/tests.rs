use super::*;
use crate::model::{Key, Subject, Text};
use crate::rbac::Pattern;
use crate::rbac::duty::Rule;

const TODAY: Date = jiff::civil::date(2026, 11, 23);

fn ok(text: &str) -> Rules {
    parse(Path::new("kreach.toml"), text, TODAY).unwrap()
}

fn refused(text: &str) -> String {
    parse(Path::new("kreach.toml"), text, TODAY)
        .unwrap_err()
        .to_string()
}

const FULL: &str = r#"
trusted_impersonators = ["system:serviceaccount:cattle-impersonation-system:*"]

[owners]
groups = ["platform-security"]
users = ["oidc:dana@example.com"]
service_accounts = ["argocd/argocd-application-controller"]
cluster_roles = ["netpol-owner"]
roles = ["payments/netpol-editor"]
role_label = "kreach.io/owner-role=true"

[owners.namespaces.payments]
groups = ["payments-secops"]

[owners.namespaces."team-*"]
cluster_roles = ["team-netpol-owner"]

[break_glass]
groups = ["system:masters"]
users = ["root"]
cluster_roles = ["cluster-admin"]

[group_members]
platform-security = ["bob@example.com"]

[gitops.accounts]
argocd = ["system:serviceaccount:argocd:argocd-application-controller"]
"#;

#[test]
fn own_01_every_key_is_read() {
    let rules = ok(FULL);
    let owners = &rules.owners;
    assert_eq!(owners.groups, [Text::from("platform-security")]);
    assert_eq!(owners.users, [Text::from("oidc:dana@example.com")]);
    let account = Key::new("argocd", "argocd-application-controller");
    assert_eq!(owners.service_accounts, [account]);
    assert_eq!(owners.cluster_roles, [Text::from("netpol-owner")]);
    assert_eq!(owners.roles, [Key::new("payments", "netpol-editor")]);
    let label = ("kreach.io/owner-role".into(), "true".into());
    assert_eq!(owners.role_label, Some(label));
    let patterns: Vec<_> = rules.namespaces.iter().map(|(p, _)| p.clone()).collect();
    assert_eq!(patterns, [Pattern::new("payments"), Pattern::new("team-*")]);
    let glass = &rules.break_glass.cluster_roles;
    assert_eq!(*glass, [Text::from("cluster-admin")]);
    let bob = rules.groups_of(&"bob@example.com".into()).unwrap();
    assert_eq!(bob, [Text::from("platform-security")]);
    let rancher = "system:serviceaccount:cattle-impersonation-system:x".into();
    assert!(rules.is_trusted_impersonator(&rancher));
    let argocd = "system:serviceaccount:argocd:argocd-application-controller".into();
    assert_eq!(rules.gitops_tool(&argocd), Some(&"argocd".into()));
}

#[test]
fn own_02_an_unknown_key_is_refused_with_place_and_suggestion() {
    assert_eq!(
        refused("[owners]\ngroups = [\"a\"]\nclusterRoles = [\"b\"]\n"),
        "kreach.toml:3:1: unknown key `clusterRoles`; did you mean `cluster_roles`?\n \
         3 | clusterRoles = [\"b\"]\n   | ^"
    );
    let deep = refused("[owners.namespaces.shop]\n  gruops = [\"a\"]");
    let wanted = "kreach.toml:2:3: unknown key `gruops`; did you mean `groups`?";
    assert!(deep.starts_with(wanted), "{deep}");
    let far = refused("xyzzy = 1");
    let known = "known here: owners, break_glass, group_members";
    assert!(far.contains(known), "{far}");
}

#[test]
fn own_02_empty_owners_are_refused_and_missing_ones_are_not() {
    assert!(refused("[owners]\n").contains("owners is empty"));
    assert!(refused("[owners]\ngroups = []\n").contains("owners is empty"));
    let nobody = refused("[owners]\nusers = [\"a\"]\n[owners.namespaces.shop]\n");
    assert!(nobody.starts_with("kreach.toml:3:"), "{nobody}");
    assert_eq!(ok(""), Rules::none());
    assert!(!ok("[break_glass]\nusers = [\"root\"]").declares_owners());
}

#[test]
fn own_02_groups_of_everybody_cannot_be_owners() {
    for group in [
        "system:authenticated",
        "system:unauthenticated",
        "system:serviceaccounts",
    ] {
        let global = refused(&format!("[owners]\ngroups = [\"x\", \"{group}\"]"));
        assert!(
            global.starts_with("kreach.toml:2:16: group system:"),
            "{global}"
        );
        let local = refused(&format!("[owners.namespaces.a]\ngroups = [\"{group}\"]"));
        assert!(local.contains("everybody is in it"), "{local}");
    }
    ok("[owners]\ngroups = [\"system:serviceaccounts:argocd\"]");
}

#[test]
fn own_02_roles_that_every_team_has_cannot_be_owner_roles() {
    for role in ["edit", "admin", "cluster-admin"] {
        let error = refused(&format!("[owners]\ncluster_roles = [\"{role}\"]"));
        assert!(error.contains("cannot be an owner role"), "{error}");
    }
    ok("[owners]\nusers = [\"a\"]\n[break_glass]\ncluster_roles = [\"cluster-admin\"]");
}

#[test]
fn malformed_values_are_refused_where_they_stand() {
    let error = refused("[owners]\nroles = [\"netpol-editor\"]");
    let wanted = "kreach.toml:2:10: `netpol-editor` is not namespace/name";
    assert!(error.starts_with(wanted), "{error}");
    assert!(refused("[owners]\nrole_label = \"x\"").contains("is not key=value"));
    assert!(refused("trusted_impersonators = [\"*\"]").contains("matches every user"));
    let nested = "[owners.namespaces.a]\nusers=[\"x\"]\n[owners.namespaces.a.namespaces.b]\n";
    assert!(refused(nested).contains("cannot be nested"));
    assert!(refused("[owners\n").starts_with("kreach.toml:1:"));
    assert!(refused("[owners]\ngroups = \"a\"").starts_with("kreach.toml:2:10: "));
}

#[test]
fn host_01_errors_are_escaped() {
    for text in [
        "\"\u{202e}\" = 1",
        "a = \u{9b}",
        "[owners]\nroles = [\"\u{202e}\"]",
    ] {
        let error = refused(text).replace('\n', "");
        let dangerous = error.chars().any(crate::model::text::is_dangerous);
        assert!(!dangerous, "{error}");
    }
}

#[test]
fn an_explicit_file_goes_first_then_the_working_directory_then_the_configuration() {
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    let dirs = Paths {
        config: at("config"),
        state: at("state"),
    };
    let load_from = |explicit: Option<&Path>| load(explicit, &at("cwd"), &dirs, TODAY);
    for name in ["config", "cwd"] {
        std::fs::create_dir(at(name)).unwrap();
    }
    assert_eq!(load_from(None).unwrap(), Rules::none());
    let write = |file: &Path, user: &str| {
        std::fs::write(file, format!("[owners]\nusers = [\"{user}\"]")).unwrap();
    };
    let first = |rules: Rules| rules.owners.users[0].as_str().to_owned();
    write(&at("config/kreach.toml"), "config");
    assert_eq!(first(load_from(None).unwrap()), "config");
    write(&at("cwd/kreach.toml"), "cwd");
    assert_eq!(first(load_from(None).unwrap()), "cwd");
    write(&at("mine.toml"), "mine");
    assert_eq!(first(load_from(Some(&at("mine.toml"))).unwrap()), "mine");
    let missing = load_from(Some(&at("missing.toml"))).unwrap_err();
    let missing = missing.to_string();
    assert!(missing.starts_with("cannot read rules from "), "{missing}");
}

#[test]
fn the_rules_of_the_demo_are_accepted() {
    let rules = ok(include_str!("../../../assets/demo/kreach.toml"));
    assert_eq!(rules.owners.cluster_roles, [Text::from("netpol-owner")]);
}

/// The waiver of the documentation, with one line changed.
fn waiver(from: &str, to: &str) -> String {
    let text = r#"
[group_members]
platform-sre = ["erin@example.com"]

[[waivers]]
id = "W-12"
subject = { kind = "Group", name = "platform-sre" }
rule = "SOD-C2"
namespaces = ["kube-system"]
owner = "dana@example.com"
reason = "cluster bootstrap"
expires = 2027-03-31
"#;
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

#[test]
fn sod_10_a_waiver_is_read_whole() {
    let rules = ok(&waiver("", ""));
    let waiver = &rules.waivers[0];
    assert_eq!(waiver.id, Text::from("W-12"));
    assert_eq!(waiver.subject, Subject::Group("platform-sre".into()));
    assert_eq!(waiver.rule, Rule::NetpolAccess);
    assert_eq!(waiver.namespaces, [Pattern::new("kube-system")]);
    assert_eq!(waiver.owner, Text::from("dana@example.com"));
    assert_eq!(waiver.expires, jiff::civil::date(2027, 3, 31));
}

#[test]
fn sod_10_a_waiver_without_owner_or_expiry_is_refused() {
    for (line, missing) in [
        ("owner = \"dana@example.com\"\n", "owner"),
        ("expires = 2027-03-31\n", "expires"),
        ("id = \"W-12\"\n", "id"),
        ("reason = \"cluster bootstrap\"\n", "reason"),
        ("namespaces = [\"kube-system\"]\n", "namespaces"),
    ] {
        let error = refused(&waiver(line, ""));
        let wanted = format!("kreach.toml:5:1: waiver has no {missing}");
        assert!(error.starts_with(&wanted), "{error}");
    }
    let empty = refused(&waiver("\"dana@example.com\"", "\"\""));
    assert!(
        empty.starts_with("kreach.toml:10:9: waiver has no owner"),
        "{empty}"
    );
}

#[test]
fn sod_10_a_waiver_reaches_at_most_366_days_ahead() {
    ok(&waiver("2027-03-31", "2027-11-24"));
    ok(&waiver("2027-03-31", "2020-01-01"));
    let error = refused(&waiver("2027-03-31", "2027-11-25"));
    let wanted = "kreach.toml:12:11: expires 367 days ahead; the longest is 366 days: 2027-11-24";
    assert!(error.starts_with(wanted), "{error}");
    let hour = refused(&waiver("2027-03-31", "2027-03-31T12:00:00Z"));
    assert!(hour.contains("a day without a time"), "{hour}");
}

#[test]
fn sod_10_a_waiver_names_exactly_one_known_rule() {
    for rule in ["SOD-*", "*", "SOD-C9", "sod-c2", "SOD-C1,SOD-C2"] {
        let error = refused(&waiver("\"SOD-C2\"", &format!("\"{rule}\"")));
        assert!(error.starts_with("kreach.toml:8:8: "), "{error}");
        assert!(error.contains("known here: SOD-C1, SOD-C2"), "{error}");
    }
}

#[test]
fn sod_10_the_owner_of_a_waiver_is_not_a_member_of_its_subject() {
    let group = refused(&waiver("dana@example.com", "erin@example.com"));
    let wanted = "kreach.toml:10:9: erin@example.com is a member of Group platform-sre";
    assert!(group.starts_with(wanted), "{group}");
    let user = waiver("dana@example.com", "eve").replace("\"Group\"", "\"User\"");
    let user = refused(&user.replace("name = \"platform-sre\"", "name = \"eve\""));
    assert!(user.contains("eve is the subject"), "{user}");
}

#[test]
fn sod_10_subjects_of_waivers_are_those_of_bindings() {
    let subject = "{ kind = \"Group\", name = \"platform-sre\" }";
    let account = "{ kind = \"ServiceAccount\", name = \"argocd/app\" }";
    let rules = ok(&waiver(subject, account));
    let key = Key::new("argocd", "app");
    assert_eq!(rules.waivers[0].subject, Subject::ServiceAccount(key));
    let kind = refused(&waiver("\"Group\"", "\"Team\""));
    assert!(kind.contains("User, Group or ServiceAccount"), "{kind}");
    let twice = waiver("", "")
        + "[[waivers]]\nid = \"W-12\"\n"
        + waiver("", "").split_once("W-12\"\n").unwrap().1;
    assert!(refused(&twice).contains("W-12 is used twice"));
}

#[test]
fn own_05_every_declaration_is_known_by_its_line() {
    let text = "[owners]\ngroups = [\n  \"a\",\n  \"b\",\n]\nrole_label = \"x=y\"\n\n\
                [owners.namespaces.\"team-*\"]\nroles = [\"n/r\"]\n\n\
                [break_glass]\nusers = [\"root\"]\n";
    let rules = parse(Path::new("team/kreach.toml"), text, TODAY).unwrap();
    for (key, value, line) in [
        ("owners.groups", "a", 3),
        ("owners.groups", "b", 4),
        ("owners.role_label", "x=y", 6),
        ("owners.namespaces.\"team-*\".roles", "n/r", 9),
        ("break_glass.users", "root", 12),
    ] {
        let place = format!(" (team/kreach.toml:{line})");
        assert_eq!(rules.declared.place(key, value), place, "{key}");
    }
    assert_eq!(rules.declared.place("owners.groups", "c"), "");
}

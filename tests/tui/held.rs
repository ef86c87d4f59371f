//! Who holds which duties in the sample cluster.

use kreach::report::duties::{Broken, CellDocument, Excuse, Finding, Holders, Row, Seen, Way};
use kreach::tui::facts::{Deed, DutiesFacts, HolderRow, HolderSort, OwnerMark, Ownership};

fn held(state: &'static str, because: &str) -> CellDocument {
    CellDocument {
        state,
        because: vec![because.to_owned()],
    }
}

fn row(name: &str, namespace: Option<&str>) -> Row {
    Row {
        kind: "User",
        account_namespace: None,
        name: name.into(),
        meaning: None,
        seen: None,
        namespace: namespace.map(Into::into),
        build: None,
        netpol: None,
        access: None,
        conflict: None,
        fix: Vec::new(),
        break_glass: false,
        shown: name.to_owned(),
    }
}

fn broken(rule: &'static str, severity: &'static str) -> Broken {
    Broken {
        rule,
        severity,
        waiver: None,
    }
}

fn holder(sort: HolderSort, name: &str, rows: Vec<Row>) -> HolderRow {
    HolderRow {
        sort,
        name: name.to_owned(),
        shown: format!("{} {name}", sort.word()),
        rows,
        owner: OwnerMark::Everywhere(Ownership::NotOwner),
        findings: Vec::new(),
        ways: Vec::new(),
        deeds: Vec::new(),
    }
}

fn written_by(who: &str) -> Deed {
    Deed {
        who: who.to_owned(),
        finding: Finding {
            conflict: broken("SOD-09", "high"),
            what: "policy_written_by_not_owner",
            kind: "User",
            account_namespace: None,
            name: who.into(),
            namespace: Some("shop".into()),
            text: "wrote policies without being an owner".to_owned(),
            evidence: vec!["2026-11-23T02:47:10Z patch shop/allow-web".to_owned()],
            shown: format!("User {who}"),
        },
    }
}

fn way(effect: &'static str, text: &str) -> Way {
    Way {
        bypass: "BYP-07",
        means: "run a pod with labels that a rule admits",
        kind: "Group",
        account_namespace: None,
        name: "app-devs".into(),
        namespace: Some("shop".into()),
        effect,
        text: text.to_owned(),
        because: "RoleBinding/shop/devs -> ClusterRole/edit".to_owned(),
        shown: "Group app-devs".to_owned(),
    }
}

/// Both hands of one person (SOD-C7).
fn used_by(who: &str) -> Deed {
    let deed = written_by(who);
    let finding = Finding {
        conflict: broken("SOD-C7", "medium"),
        what: "policy_and_workload_by_one_person",
        text: "changed both the policies and a workload".to_owned(),
        ..deed.finding
    };
    Deed { finding, ..deed }
}

const EDIT: &str = "RoleBinding/shop/devs -> ClusterRole/edit via Group app-devs";
const ADMIN: &str = "ClusterRoleBinding/admins -> ClusterRole/cluster-admin";

fn devs() -> HolderRow {
    let both = Row {
        build: Some(held("D", EDIT)),
        netpol: Some(held("D", EDIT)),
        conflict: Some(broken("SOD-C1", "high")),
        fix: vec![format!("take NETPOL out of {EDIT}")],
        ..row("app-devs", Some("shop"))
    };
    let build = Row {
        build: Some(held("D", "RoleBinding/team-00/devs -> ClusterRole/edit")),
        netpol: Some(held("N", "RoleBinding/team-00/one -> Role/team-00/one")),
        ..row("app-devs", Some("team-00"))
    };
    HolderRow {
        ways: vec![way(
            "opens",
            "a new pod in shop -> data/db on 5432/tcp, with app=api",
        )],
        deeds: vec![written_by("carol"), used_by("carol")],
        ..holder(HolderSort::Group, "app-devs", vec![both, build])
    }
}

fn masters() -> HolderRow {
    let all = Row {
        build: Some(held("D", "Group system:masters")),
        netpol: Some(held("D", "Group system:masters")),
        access: Some(held("D", "Group system:masters")),
        break_glass: true,
        ..row("system:masters", None)
    };
    HolderRow {
        owner: OwnerMark::Everywhere(Ownership::BreakGlass),
        ..holder(HolderSort::Group, "system:masters (above RBAC)", vec![all])
    }
}

fn waived() -> HolderRow {
    let waiver = Some(Excuse {
        id: "W-12".into(),
        holds: true,
        text: "waiver W-12 until 2027-03-31".to_owned(),
    });
    let all = Row {
        netpol: Some(held("T", &format!("impersonate anybody ({ADMIN})"))),
        access: Some(held("D", ADMIN)),
        conflict: Some(Broken {
            waiver,
            ..broken("SOD-C2", "critical")
        }),
        ..row("deployer", None)
    };
    HolderRow {
        owner: OwnerMark::In(vec!["shop".into()]),
        ..holder(HolderSort::Account, "ci/deployer", vec![all])
    }
}

fn carol() -> HolderRow {
    let mut seen = Seen::default();
    seen.groups = Some(vec!["app-devs".into()]);
    let both = Row {
        build: Some(held("D", EDIT)),
        netpol: Some(held("D", EDIT)),
        seen: Some(seen),
        conflict: Some(broken("SOD-C1", "high")),
        ..row("carol", Some("shop"))
    };
    HolderRow {
        deeds: vec![written_by("carol")],
        ..holder(HolderSort::Seen, "carol", vec![both])
    }
}

fn unread() -> HolderRow {
    let doubt = Row {
        build: Some(held("?", "clusterroles could not be read")),
        netpol: Some(held("?", "clusterroles could not be read")),
        access: Some(held("?", "clusterroles could not be read")),
        ..row("erin", Some("data"))
    };
    HolderRow {
        owner: OwnerMark::Everywhere(Ownership::Unknown),
        ..holder(HolderSort::User, "erin", vec![doubt])
    }
}

fn turned(namespace: Option<&str>, counts: [usize; 4], all_three: &[&str]) -> Holders {
    let [build, netpol, access, unknown] = counts;
    Holders {
        namespace: namespace.map(Into::into),
        build,
        netpol,
        access,
        unknown,
        all_three: all_three.iter().map(|name| (*name).to_owned()).collect(),
    }
}

pub fn duties() -> DutiesFacts {
    DutiesFacts {
        holders: vec![masters(), unread(), devs(), waived(), carol()],
        namespaces: vec![
            turned(None, [0, 1, 1, 0], &[]),
            turned(Some("data"), [0, 1, 1, 1], &[]),
            turned(Some("shop"), [2, 3, 1, 0], &["User bob", "Group ops"]),
        ],
        summary: "2 subjects in 2 conflicts and 0 findings".to_owned(),
        missing: Vec::new(),
        warnings: Vec::new(),
        audited: true,
    }
}

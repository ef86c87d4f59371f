//! The rules file as it is written, and its translation into [`Rules`].

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use crate::model::text::Shown;
use crate::model::{Key, Text};
use crate::rbac::duty;
use crate::rbac::principal::{AUTHENTICATED, SERVICE_ACCOUNTS, UNAUTHENTICATED};
use crate::rbac::{BreakGlass, OwnerSet, Pattern, Rules};

use super::waiver;
use crate::config::error::Problem;

/// A string with its place.
pub(super) type Word = Spanned<String>;

/// The whole file.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    owners: Option<Spanned<Owners>>,
    break_glass: Option<Emergency>,
    #[serde(default)]
    group_members: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    trusted_impersonators: Vec<Word>,
    #[serde(default)]
    gitops: Gitops,
    #[serde(default)]
    duties: DutyLines,
    #[serde(default)]
    waivers: Vec<Spanned<waiver::Line>>,
}

/// `[owners]`, and each `[owners.namespaces."…"]`, which may not nest further.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Owners {
    #[serde(default)]
    groups: Vec<Word>,
    #[serde(default)]
    users: Vec<Word>,
    #[serde(default)]
    service_accounts: Vec<Word>,
    #[serde(default)]
    cluster_roles: Vec<Word>,
    #[serde(default)]
    roles: Vec<Word>,
    role_label: Option<Word>,
    #[serde(default)]
    namespaces: BTreeMap<Word, Owners>,
}

/// `[break_glass]`
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Emergency {
    #[serde(default)]
    groups: Vec<Word>,
    #[serde(default)]
    users: Vec<Word>,
    #[serde(default)]
    cluster_roles: Vec<Word>,
}

/// Where a value begins in the file, by key and value (OWN-05).
pub(super) type Starts = BTreeMap<(String, String), usize>;

/// `[gitops]`
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
struct Gitops {
    #[serde(default)]
    accounts: BTreeMap<String, Vec<Word>>,
}

/// `[duties]`
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
struct DutyLines {
    look_back_days: Option<u16>,
    #[serde(default)]
    permissions: Vec<Spanned<duty::Line>>,
}

impl File {
    /// Checks what TOML cannot (OWN-02, SOD-10).
    pub(super) fn into_rules(self, today: Date) -> Result<(Rules, Starts), Problem> {
        let mut rules = Rules::none();
        let starts = self.starts();
        if let Some(owners) = self.owners {
            let span = owners.span();
            (rules.owners, rules.namespaces) = read_owners(owners.into_inner())?;
            if !rules.declares_owners() {
                let message = "owners is empty: name at least one owner, or leave the table out";
                return Err(problem(span, message));
            }
        }
        if let Some(emergency) = self.break_glass {
            rules.break_glass = BreakGlass {
                groups: words(&emergency.groups),
                users: words(&emergency.users),
                cluster_roles: words(&emergency.cluster_roles),
            };
        }
        rules.group_members = self
            .group_members
            .into_iter()
            .map(|(group, members)| (group.into(), texts(members)))
            .collect();
        rules.trusted_impersonators = patterns(&self.trusted_impersonators)?;
        for (tool, accounts) in self.gitops.accounts {
            let accounts = patterns(&accounts)?;
            rules.gitops_accounts.insert(tool.into(), accounts);
        }
        if let Some(days) = self.duties.look_back_days {
            rules.look_back_days = days;
        }
        rules.permissions = permissions(self.duties.permissions)?;
        rules.waivers = waiver::read(self.waivers, &rules.group_members, today)?;
        Ok((rules, starts))
    }

    /// Where everybody is declared.
    fn starts(&self) -> Starts {
        let mut starts = Starts::new();
        let mut add = |key: String, words: &[Word]| {
            for word in words {
                let value = word.get_ref().clone();
                starts
                    .entry((key.clone(), value))
                    .or_insert(word.span().start);
            }
        };
        if let Some(owners) = &self.owners {
            owners.get_ref().declare("owners", &mut add);
            for (name, set) in &owners.get_ref().namespaces {
                let shown = Shown::of(name.get_ref());
                set.declare(&format!("owners.namespaces.\"{shown}\""), &mut add);
            }
        }
        if let Some(emergency) = &self.break_glass {
            add("break_glass.groups".to_owned(), &emergency.groups);
            add("break_glass.users".to_owned(), &emergency.users);
            add(
                "break_glass.cluster_roles".to_owned(),
                &emergency.cluster_roles,
            );
        }
        starts
    }
}

impl Owners {
    fn declare(&self, place: &str, add: &mut impl FnMut(String, &[Word])) {
        add(format!("{place}.groups"), &self.groups);
        add(format!("{place}.users"), &self.users);
        add(format!("{place}.service_accounts"), &self.service_accounts);
        add(format!("{place}.cluster_roles"), &self.cluster_roles);
        add(format!("{place}.roles"), &self.roles);
        let label = self.role_label.as_ref();
        add(
            format!("{place}.role_label"),
            label.map(std::slice::from_ref).unwrap_or_default(),
        );
    }
}

fn permissions(lines: Vec<Spanned<duty::Line>>) -> Result<duty::Permissions, Problem> {
    let checked = lines.into_iter().map(|line| {
        let span = line.span();
        match line.get_ref().problem() {
            Some(message) => Err(problem(span, message)),
            None => Ok(line.into_inner()),
        }
    });
    Ok(duty::Permissions::of(checked.collect::<Result<_, _>>()?))
}

type Sets = (OwnerSet, Vec<(Pattern, OwnerSet)>);

fn read_owners(mut owners: Owners) -> Result<Sets, Problem> {
    let mut local = Vec::new();
    for (name, set) in std::mem::take(&mut owners.namespaces) {
        if let Some((nested, _)) = set.namespaces.first_key_value() {
            let message = "namespaces cannot be nested: move this table below [owners.namespaces]";
            return Err(problem(nested.span(), message));
        }
        let span = name.span();
        let set = read_set(&set)?;
        if set.is_empty() {
            let message = "this namespace has no owners: name one, or leave the table out";
            return Err(problem(span, message));
        }
        local.push((Pattern::new(name.into_inner()), set));
    }
    Ok((read_set(&owners)?, local))
}

fn read_set(owners: &Owners) -> Result<OwnerSet, Problem> {
    Ok(OwnerSet {
        groups: each(&owners.groups, group)?,
        users: words(&owners.users),
        service_accounts: each(&owners.service_accounts, namespaced)?,
        cluster_roles: each(&owners.cluster_roles, cluster_role)?,
        roles: each(&owners.roles, namespaced)?,
        role_label: owners.role_label.as_ref().map(role_label).transpose()?,
    })
}

fn group(word: &Word) -> Result<Text, Problem> {
    match word.get_ref().as_str() {
        everybody @ (AUTHENTICATED | UNAUTHENTICATED | SERVICE_ACCOUNTS) => {
            let message = format!("group {everybody} cannot be an owner: everybody is in it");
            Err(problem(word.span(), message))
        }
        _ => Ok(word.get_ref().as_str().into()),
    }
}

fn cluster_role(word: &Word) -> Result<Text, Problem> {
    match word.get_ref().as_str() {
        common @ ("edit" | "admin" | "cluster-admin") => {
            let message = format!(
                "ClusterRole {common} cannot be an owner role: it lets every application team \
                 write policies; bind a role of its own to the owners"
            );
            Err(problem(word.span(), message))
        }
        _ => Ok(word.get_ref().as_str().into()),
    }
}

pub(super) fn namespaced(word: &Word) -> Result<Key, Problem> {
    match word.get_ref().split_once('/') {
        Some((ns, name)) if !ns.is_empty() && !name.is_empty() && !name.contains('/') => {
            Ok(Key::new(ns, name))
        }
        _ => Err(not_a(word, "namespace/name")),
    }
}

fn role_label(word: &Word) -> Result<(Text, Text), Problem> {
    match word.get_ref().split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.into(), value.into())),
        _ => Err(not_a(word, "key=value")),
    }
}

pub(super) fn not_a(word: &Word, form: &str) -> Problem {
    let message = format!("`{}` is not {form}", Shown::of(word.get_ref()));
    problem(word.span(), message)
}

/// A pattern that fits every name would make everybody trusted.
fn patterns(words: &[Word]) -> Result<Vec<Pattern>, Problem> {
    each(words, |word: &Word| {
        if word.get_ref().chars().all(|c| c == '*') {
            let message = "this matches every user: name the accounts";
            return Err(problem(word.span(), message));
        }
        Ok(Pattern::new(word.get_ref().as_str()))
    })
}

fn each<T>(words: &[Word], read: impl Fn(&Word) -> Result<T, Problem>) -> Result<Vec<T>, Problem> {
    words.iter().map(read).collect()
}

fn words(words: &[Word]) -> Vec<Text> {
    let texts = words.iter().map(|word| word.get_ref().as_str());
    texts.map(Text::from).collect()
}

fn texts(words: Vec<String>) -> Vec<Text> {
    words.into_iter().map(Text::from).collect()
}

pub(super) fn problem(span: std::ops::Range<usize>, message: impl Into<String>) -> Problem {
    Problem {
        span,
        message: message.into(),
    }
}

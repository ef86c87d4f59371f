//! `[[waivers]]` of the rules file (SOD-10).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::model::{Subject, Text};
use crate::rbac::Pattern;
use crate::rbac::duty::waiver::{LONGEST_DAYS, days_between};
use crate::rbac::duty::{Rule, Waiver};

use super::file::{Word, namespaced, problem};
use crate::config::error::Problem;

/// One waiver as written.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    id: Option<Word>,
    subject: Option<Party>,
    rule: Option<Word>,
    namespaces: Option<Vec<String>>,
    owner: Option<Word>,
    reason: Option<Word>,
    expires: Option<Spanned<Datetime>>,
}

/// `subject = { kind = "Group", name = "platform-sre" }`; a ServiceAccount is `namespace/name`.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Party {
    kind: Word,
    name: Word,
}

/// What the waivers are checked against.
type Members = BTreeMap<Text, Vec<Text>>;

/// Checks every waiver; `members` tells who is in which group.
pub(super) fn read(
    lines: Vec<Spanned<Line>>,
    members: &Members,
    today: Date,
) -> Result<Vec<Waiver>, Problem> {
    let mut known = BTreeSet::new();
    let mut waivers = Vec::new();
    for line in lines {
        let span = line.span();
        let line = line.into_inner();
        let place = line.id.as_ref().map_or(span.clone(), Spanned::span);
        let waiver = one(line, span, (members, today))?;
        if !known.insert(waiver.id.clone()) {
            let message = format!(
                "{} is used twice: give each waiver an id",
                waiver.id.shown()
            );
            return Err(problem(place, message));
        }
        waivers.push(waiver);
    }
    Ok(waivers)
}

fn one(
    line: Line,
    span: Range<usize>,
    (members, today): (&Members, Date),
) -> Result<Waiver, Problem> {
    let lacking = |what: &str| problem(span.clone(), lacks(what));
    let id = said(line.id, "id", &span)?;
    let party = line.subject.ok_or_else(|| lacking("subject"))?;
    let rule = line.rule.ok_or_else(|| lacking("rule"))?;
    let owner = line.owner.ok_or_else(|| lacking("owner"))?;
    let expires = line.expires.ok_or_else(|| lacking("expires"))?;
    let namespaces = line.namespaces.unwrap_or_default();
    if namespaces.is_empty() {
        return Err(lacking("namespaces"));
    }
    let subject = subject(&party)?;
    apart(&owner, &subject, members)?;
    Ok(Waiver {
        id,
        subject,
        rule: one_rule(&rule)?,
        namespaces: namespaces.into_iter().map(Pattern::new).collect(),
        owner: said(Some(owner), "owner", &span)?,
        reason: said(line.reason, "reason", &span)?,
        expires: day(&expires, today)?,
    })
}

fn said(word: Option<Word>, what: &str, span: &Range<usize>) -> Result<Text, Problem> {
    match word {
        None => Err(problem(span.clone(), lacks(what))),
        Some(word) if word.get_ref().trim().is_empty() => Err(problem(word.span(), lacks(what))),
        Some(word) => Ok(word.into_inner().into()),
    }
}

fn lacks(what: &str) -> String {
    let remedy = match what {
        "owner" => "name the person who answers for it",
        "expires" => "name its last day, such as 2027-03-31",
        "namespaces" => "name them, or \"*\" for the whole cluster",
        "rule" => "name one, such as \"SOD-C2\"",
        _ => "add one",
    };
    format!("waiver has no {what}: {remedy}")
}

fn subject(party: &Party) -> Result<Subject, Problem> {
    let name = || Text::from(party.name.get_ref().as_str());
    match party.kind.get_ref().as_str() {
        "User" => Ok(Subject::User(name())),
        "Group" => Ok(Subject::Group(name())),
        "ServiceAccount" => namespaced(&party.name).map(Subject::ServiceAccount),
        _ => {
            let message = "this is no kind of subject: User, Group or ServiceAccount";
            Err(problem(party.kind.span(), message))
        }
    }
}

fn one_rule(word: &Word) -> Result<Rule, Problem> {
    Rule::of_id(word.get_ref()).ok_or_else(|| {
        let known = Rule::ALL.map(Rule::id).join(", ");
        let message = format!("a waiver is for exactly one rule; known here: {known}");
        problem(word.span(), message)
    })
}

/// Whoever answers for a waiver does not profit from it, as far as the file tells.
fn apart(owner: &Word, subject: &Subject, members: &Members) -> Result<(), Problem> {
    let name = Text::from(owner.get_ref().as_str());
    let message = match subject {
        Subject::User(user) if *user == name => format!("{} is the subject", name.shown()),
        Subject::Group(group) if members.get(group).is_some_and(|list| list.contains(&name)) => {
            format!("{} is a member of {subject}", name.shown())
        }
        Subject::User(_) | Subject::Group(_) | Subject::ServiceAccount(_) => return Ok(()),
    };
    let remedy = "the owner of a waiver must be somebody else";
    Err(problem(owner.span(), format!("{message}: {remedy}")))
}

fn day(word: &Spanned<Datetime>, today: Date) -> Result<Date, Problem> {
    let written = word.get_ref();
    let date = written.date.filter(|_| written.time.is_none());
    let date = date.and_then(|date| {
        let (month, day) = (i8::try_from(date.month), i8::try_from(date.day));
        Date::new(i16::try_from(date.year).ok()?, month.ok()?, day.ok()?).ok()
    });
    let Some(date) = date else {
        let message = "expires must be a day without a time, such as 2027-03-31";
        return Err(problem(word.span(), message));
    };
    let ahead = days_between(today, date);
    if ahead <= LONGEST_DAYS {
        return Ok(date);
    }
    let last = today.saturating_add(LONGEST_DAYS.days());
    let longest = format!("the longest is {LONGEST_DAYS} days: {last}");
    let message = format!("expires {ahead} days ahead; {longest}");
    Err(problem(word.span(), message))
}

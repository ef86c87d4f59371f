//! Suggested edits as documents: what to change, as a patch, and what else would change.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use crate::model::{Direction, Inventory, Kind, LabelSelector, NamespaceScope, Peer, PolicyId};
use crate::model::{PortMatch, Text};
use crate::reach::suggest::{Edit, Nothing, Op, Place, Step, Suggestion};
use crate::reach::{DiffChange, DiffEnd, Difference};
use crate::select::PortSet;

use super::end::{NamedEnd, Names, PortsDocument, external, ports};
use super::table::{Paint, Tone, plural};
use super::{policy_id, why, yaml};

/// What `kreach can --suggest` adds to its document.
#[derive(Clone, PartialEq, Debug)]
pub struct Advice {
    /// The best first.
    pub suggestions: Vec<SuggestionDocument>,
    /// Why there is none.
    pub nothing: Option<String>,
}

/// Edits that together turn the verdict round.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SuggestionDocument {
    edits: Vec<EditDocument>,
    effects: Vec<EffectDocument>,
    /// How many of the effects nobody asked for.
    beside: usize,
}

/// One policy to be changed or made.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct EditDocument {
    policy: Text,
    /// `patch` or `create`.
    action: &'static str,
    /// Who may do it: owners of the namespace's policies, or cluster administrators.
    actor: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Of the rule that is touched, or of the object.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    steps: Vec<String>,
    /// A JSON Patch for `kubectl patch --type=json`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    patch: Vec<OpDocument>,
    /// The whole object for `kubectl apply`, where it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<Value>,
    #[serde(skip)]
    shown: ShownEdit,
}

#[derive(Clone, PartialEq, Debug)]
struct ShownEdit {
    id: PolicyId,
    place: String,
    old: Vec<String>,
    new: Vec<String>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
struct OpDocument {
    op: &'static str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
}

/// One connection that would change.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct EffectDocument {
    source: NamedEnd,
    destination: NamedEnd,
    change: &'static str,
    before: Vec<PortsDocument>,
    after: Vec<PortsDocument>,
    #[serde(skip)]
    shown: String,
}

impl Advice {
    /// The document of what was found.
    #[must_use]
    pub fn of(found: &Result<Vec<Suggestion>, Nothing>, inventory: &Inventory) -> Self {
        let names = Names::of(inventory);
        match found {
            Ok(found) => Self {
                suggestions: found
                    .iter()
                    .map(|suggestion| suggestion_document(suggestion, (&names, inventory)))
                    .collect(),
                nothing: None,
            },
            Err(nothing) => Self {
                suggestions: Vec::new(),
                nothing: Some(nothing.to_string()),
            },
        }
    }

    /// Writes each suggestion: in words, as a diff, and with its effects.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_text(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        if let Some(nothing) = &self.nothing {
            return writeln!(out, "no suggestion: {nothing}");
        }
        let count = self.suggestions.len();
        for (number, suggestion) in (1..).zip(&self.suggestions) {
            let title = format!("suggestion {number} of {count}, not applied");
            let title = Tone::Strong.paint(paint, title);
            writeln!(out, "\n{title}: {}", besides(suggestion.beside))?;
            for edit in &suggestion.edits {
                edit.write(out, paint)?;
            }
            writeln!(
                out,
                "  it would change {}:",
                plural(suggestion.effects.len(), "connection")
            )?;
            for effect in suggestion.effects.iter().take(MOST_EFFECTS) {
                writeln!(out, "    {}", effect.shown)?;
            }
            let more = suggestion.effects.len().saturating_sub(MOST_EFFECTS);
            if more > 0 {
                writeln!(out, "    and {more} more")?;
            }
        }
        Ok(())
    }
}

/// Effects that the text lists; the document has all.
const MOST_EFFECTS: usize = 10;

/// How much changes that nobody asked for.
#[must_use]
pub fn besides(count: usize) -> String {
    match count {
        0 => "nothing else changes".to_owned(),
        count => format!("{} beside the question", plural(count, "side effect")),
    }
}

impl EditDocument {
    fn write(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let shown = &self.shown;
        for step in &self.steps {
            writeln!(out, "  {}{}: {step}", why::policy(&shown.id), shown.place)?;
        }
        if self.actor == CLUSTER {
            writeln!(out, "  only a cluster administrator can do this")?;
        }
        let name = shown.id.to_string();
        let old = if self.manifest.is_some() {
            "/dev/null"
        } else {
            &name
        };
        writeln!(out, "--- {old}\n+++ {name}")?;
        for hunk in yaml::hunks(&shown.old, &shown.new) {
            let ([a, b], [c, d]) = (hunk.starts, hunk.lengths);
            writeln!(out, "@@ -{a},{c} +{b},{d} @@")?;
            for line in &hunk.lines {
                let tone = match line.chars().next() {
                    Some('+') => Tone::Good,
                    Some('-') => Tone::Bad,
                    _ => Tone::Plain,
                };
                writeln!(out, "{}", tone.paint(paint, line))?;
            }
        }
        Ok(())
    }
}

const NAMESPACE: &str = "namespace";
const CLUSTER: &str = "cluster-admin";

fn suggestion_document(
    suggestion: &Suggestion,
    around: (&Names<'_>, &Inventory),
) -> SuggestionDocument {
    let effect = |difference| effect_document(difference, around);
    SuggestionDocument {
        edits: suggestion.edits.iter().map(edit_document).collect(),
        effects: suggestion.effects.iter().map(effect).collect(),
        beside: suggestion.beside,
    }
}

fn edit_document(edit: &Edit) -> EditDocument {
    let spec = |spec: &Value| yaml::lines(&json!({"spec": spec}));
    let manifest = edit.before.is_none().then(|| manifest(edit));
    let old = edit.before.as_ref().map(spec).unwrap_or_default();
    let new = manifest
        .as_ref()
        .map_or_else(|| spec(&edit.after), yaml::lines);
    let origin = edit.origin.as_ref();
    let file = origin.map(|origin| origin.file.to_string());
    let line = edit.line.or(origin.map(|origin| origin.line));
    EditDocument {
        policy: policy_id(&edit.policy),
        action: if manifest.is_some() {
            "create"
        } else {
            "patch"
        },
        actor: match edit.policy.kind {
            Kind::NetworkPolicy => NAMESPACE,
            _ => CLUSTER,
        },
        shown: ShownEdit {
            id: edit.policy.clone(),
            place: place(file.as_deref(), line),
            old,
            new,
        },
        file,
        line,
        steps: edit.steps.iter().map(step).collect(),
        patch: edit.patch.iter().map(op).collect(),
        manifest,
    }
}

/// ` (db.yaml line 12)`; the file's name is escaped.
fn place(file: Option<&str>, line: Option<u32>) -> String {
    match (file, line) {
        (Some(file), Some(line)) => {
            format!(" ({} line {line})", crate::model::Shown::of(file))
        }
        (None, Some(line)) => format!(" (line {line})"),
        (_, None) => String::new(),
    }
}

/// The new object; only NetworkPolicies are made.
fn manifest(edit: &Edit) -> Value {
    let key = &edit.policy.key;
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": edit.policy.kind.name(),
        "metadata": {"name": key.name.as_str(), "namespace": key.namespace.as_str()},
        "spec": edit.after,
    })
}

fn op(op: &Op) -> OpDocument {
    OpDocument {
        op: op.kind.name(),
        path: op.path.clone(),
        value: op.value.clone(),
    }
}

/// One step in words, escaped, for example `ingress rule 1: add peer app=web`.
#[must_use]
pub fn step(step: &Step) -> String {
    let at = |place: &Place| format!("{} rule {}", place.direction, place.rule);
    match step {
        Step::AddPeers(place, peers) => {
            let (field, peers) = (peers_word(place.direction), self::peers(peers));
            format!("{}: also {field} {peers}", at(place))
        }
        Step::AddPorts(place, ports) => format!("{}: also on {}", at(place), port_list(ports)),
        Step::AddRule(direction, rule) => {
            let peers = self::peers(rule.peers.as_deref().unwrap_or_default());
            let ports = rule
                .ports
                .as_deref()
                .map_or("every port".to_owned(), port_list);
            let field = peers_word(*direction);
            format!("add an {direction} rule {field} {peers} on {ports}")
        }
        Step::NarrowPeer(place, peers) => {
            let number = place.peer.unwrap_or_default();
            format!(
                "{}: peer {number} becomes {}",
                at(place),
                self::peers(peers)
            )
        }
        Step::NarrowRule(place, peers) => {
            let field = peers_word(place.direction);
            format!("{}: only {field} {}", at(place), self::peers(peers))
        }
        Step::RemovePeer(place, peer) => {
            let number = place.peer.unwrap_or_default();
            format!("{}: remove peer {number}, {}", at(place), self::peer(peer))
        }
        Step::SetPorts(place, ports) => format!("{}: only on {}", at(place), port_list(ports)),
        Step::RemoveRule(place) => format!("remove {}", at(place)),
        Step::SplitRule(place, ports) => format!(
            "{}: a second rule takes over {}, for fewer peers",
            at(place),
            port_list(ports)
        ),
        Step::Create => "new policy".to_owned(),
        Step::InsertTierRule(place, rule) => {
            format!("before {}: a rule that says {}", at(place), rule.action)
        }
    }
}

const fn peers_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "from",
        Direction::Egress => "to",
    }
}

fn port_list(ports: &[PortMatch]) -> String {
    let ports: Vec<String> = ports.iter().map(why::port).collect();
    ports.join(", ")
}

fn peers(peers: &[Peer]) -> String {
    let peers: Vec<String> = peers.iter().map(peer).collect();
    peers.join(" or ")
}

/// A peer in words, escaped: `app=web in namespaces team=a`, `10.0.0.0/8 except 10.1.0.0/16`.
fn peer(peer: &Peer) -> String {
    let pods = |pods: &LabelSelector| {
        if pods.is_everything() {
            "every pod".to_owned()
        } else {
            pods.to_string()
        }
    };
    match peer {
        Peer::Pods {
            namespaces: NamespaceScope::Own,
            pods: selector,
        } => pods(selector),
        Peer::Pods {
            namespaces: NamespaceScope::Matching(namespaces),
            pods: selector,
        } if namespaces.is_everything() => format!("{} of any namespace", pods(selector)),
        Peer::Pods {
            namespaces: NamespaceScope::Matching(namespaces),
            pods: selector,
        } => format!("{} in namespaces {namespaces}", pods(selector)),
        Peer::Block(block) if block.except.is_empty() => block.cidr.to_string(),
        Peer::Block(block) => {
            let except: Vec<String> = block.except.iter().map(ToString::to_string).collect();
            format!("{} except {}", block.cidr, except.join(", "))
        }
        Peer::Nothing => "nobody".to_owned(),
    }
}

fn effect_document(
    difference: &Difference,
    (names, inventory): (&Names<'_>, &Inventory),
) -> EffectDocument {
    let [source, destination] =
        [&difference.source, &difference.destination].map(|end| named(end, (names, inventory)));
    EffectDocument {
        change: match difference.change {
            DiffChange::Added => "added",
            DiffChange::Removed => "removed",
            DiffChange::Changed => "changed",
            DiffChange::Undecided => "undecided",
        },
        before: ports(&difference.before.allowed),
        after: ports(&difference.after.allowed),
        shown: effect(difference, [&source, &destination]),
        source,
        destination,
    }
}

/// `+ shop/web -> data/db 5432/tcp`, `- …`, `~ … 80/tcp becomes 80,443/tcp`.
fn effect(difference: &Difference, [source, destination]: [&NamedEnd; 2]) -> String {
    let side = |allowed: &PortSet, unknown: &PortSet| match (allowed.is_none(), unknown.is_none()) {
        (_, true) => allowed.to_string(),
        (true, false) => format!("maybe {unknown}"),
        (false, false) => format!("{allowed} and maybe {unknown}"),
    };
    let before = side(&difference.before.allowed, &difference.before.unknown);
    let after = side(&difference.after.allowed, &difference.after.unknown);
    let name = |end: &DiffEnd, named: &NamedEnd| match end {
        DiffEnd::External(blocks) if blocks.len() > MOST_BLOCKS => {
            let first = external(blocks.get(..MOST_BLOCKS).unwrap_or_default());
            format!(
                "{first} and {}",
                plural(blocks.len() - MOST_BLOCKS, "more block")
            )
        }
        _ => named.to_string(),
    };
    let source = name(&difference.source, source);
    let ends = format!("{source} -> {}", name(&difference.destination, destination));
    match difference.change {
        DiffChange::Added => format!("+ {ends} {after}"),
        DiffChange::Removed => format!("- {ends} {before}"),
        DiffChange::Changed | DiffChange::Undecided => {
            format!("~ {ends} {before} becomes {after}")
        }
    }
}

/// Blocks of one end that the text names.
const MOST_BLOCKS: usize = 3;

/// One effect in words, escaped.
#[must_use]
pub fn effect_text(difference: &Difference, inventory: &Inventory) -> String {
    let names = Names::of(inventory);
    effect_document(difference, (&names, inventory)).shown
}

fn named(end: &DiffEnd, (names, inventory): (&Names<'_>, &Inventory)) -> NamedEnd {
    match end {
        DiffEnd::Workload(key) => inventory
            .find_workload(key)
            .map_or_else(|| external(&[]), |index| names.workload(index)),
        DiffEnd::Pod(key) => inventory
            .find_pod(key)
            .map_or_else(|| external(&[]), |index| names.member(index)),
        DiffEnd::External(blocks) => external(blocks),
        DiffEnd::IngressController => {
            names.connection_end(&crate::reach::ConnectionEnd::IngressController)
        }
    }
}

//! `kreach who-can`: from arguments to a request, and from names to a principal.

use thiserror::Error;

use crate::model::{Shown, Subject, Text};
use crate::rbac::resource::Place;
use crate::rbac::{Principal, Rbac, Request, Resource, ResourceError, Rules};
use crate::report::who_can::WhoCan;

use super::WhoCanArgs;
use super::console::Forms;
use super::globals::Format;

/// The formats of the answer.
pub const FORMS: Forms<'static, WhoCan> = Forms {
    table: WhoCan::write_table,
    plain: &[(Format::Csv, WhoCan::write_csv)],
};

/// A question about a permission that cannot be asked.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum BadRequest {
    /// A resource that cannot be read.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// A verb that no request has.
    #[error("{} is no verb: verbs are one word in lower case, such as patch", Shown::of(.0))]
    Verb(String),
    /// Several namespaces.
    #[error("one namespace at a time: name one with -n, or ask about all with --cluster-scope")]
    Namespaces,
    /// No namespace where one is needed.
    #[error("in which namespace? name one with -n, or ask about all with --cluster-scope")]
    NoNamespace,
    /// A namespace where there is none.
    #[error("{0} are in no namespace: leave -n out; --name names one of them")]
    NoPlace(String),
    /// Both a namespace and the whole cluster.
    #[error("--cluster-scope cannot be used with --namespace")]
    Both,
}

/// Where a question is asked, as far as the options say.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// `--namespace`.
    pub given: &'a [Text],
    /// The namespace of the kubeconfig context.
    pub current: Option<&'a Text>,
    /// `--all-namespaces`.
    pub everywhere: bool,
}

/// The request that the arguments are about.
///
/// # Errors
///
/// The verb or the resource cannot be read, or it is not clear where to ask.
pub fn request(args: &WhoCanArgs, asking: Asking<'_>) -> Result<Request, BadRequest> {
    let verb = args.verb.as_str();
    let wrong = |c: char| c.is_whitespace() || c.is_ascii_uppercase();
    if verb.is_empty() || verb.contains(wrong) {
        return Err(BadRequest::Verb(args.verb.clone()));
    }
    let resource = Resource::parse(&args.resource)?;
    let namespace = namespace(args, &resource, asking)?;
    let request = Request {
        subresource: resource.subresource,
        namespace,
        name: args.name.as_deref().map(Text::from),
        ..Request::new(verb, resource.group, resource.plural)
    };
    Ok(request.as_served())
}

fn namespace(
    args: &WhoCanArgs,
    resource: &Resource,
    asking: Asking<'_>,
) -> Result<Option<Text>, BadRequest> {
    let everywhere = args.cluster_scope || asking.everywhere;
    match (asking.given, resource.place) {
        ([], Place::Cluster) => Ok(None),
        ([], _) if everywhere => Ok(None),
        ([], _) => asking
            .current
            .cloned()
            .map(Some)
            .ok_or(BadRequest::NoNamespace),
        ([_, ..], _) if everywhere => Err(BadRequest::Both),
        ([_, ..], Place::Cluster) => Err(BadRequest::NoPlace(resource.plural.shown().to_string())),
        ([one], _) => Ok(Some(one.clone())),
        ([_, _, ..], _) => Err(BadRequest::Namespaces),
    }
}

/// The principal that `--as` and `--as-group` stand for, with the groups that the server adds
/// (RB-12). Without `--as-group`, the members that the rules file lists count (OWN-06).
#[must_use]
pub fn principal(args: &WhoCanArgs, rules: &Rules) -> Option<Principal> {
    let name = Text::from(args.user.as_deref()?);
    let mut groups: Vec<Text> = args.groups.iter().map(|g| g.as_str().into()).collect();
    if groups.is_empty() {
        groups = rules.groups_of(&name).unwrap_or_default();
    }
    Some(Principal::new(name, groups).with_standard_groups())
}

/// Groups that would turn a no into a yes, if the principal is in one of them: nobody can list the
/// groups of a person (OWN-06). Empty where groups were given, and for ServiceAccounts, of which
/// they are known.
#[must_use]
pub fn deciding_groups(
    args: &WhoCanArgs,
    rbac: &Rbac,
    request: &Request,
    principal: &Principal,
) -> Vec<String> {
    if !args.groups.is_empty() || principal.service_account().is_some() {
        return Vec::new();
    }
    let unknown = |subject: &Subject| match subject {
        Subject::Group(group) if principal.is_member(group) != Some(true) => {
            (!group.as_str().starts_with("system:serviceaccounts")
                && *group != "system:unauthenticated")
                .then(|| group.shown().to_string())
        }
        Subject::Group(_) | Subject::User(_) | Subject::ServiceAccount(_) => None,
    };
    let who = rbac.who_can(request);
    who.iter().filter_map(|(s, _)| unknown(s)).collect()
}

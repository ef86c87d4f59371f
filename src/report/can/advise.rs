//! From a question with its answer to what would turn the answer round.

use crate::exposure::space::global;
use crate::model::MemberIdx;
use crate::query::{QueryEnd, Surroundings, aims, outward};
use crate::reach::Reach;
use crate::reach::suggest::{Judged, Nothing, Party, Suggestion, Wish, suggest};

use ipnet::IpNet;

use super::ask::{Question, ask};

/// Pod pairs up to which edits are tried: each of them is asked for every edit.
const MOST_PAIRS: usize = 20_000;

/// The smallest edits that make the opposite of the answer true, each tried on a draft and judged as
/// the question itself is.
///
/// # Errors
///
/// Why there is none.
pub fn advise(
    reach: &Reach,
    around: &Surroundings<'_>,
    question: &Question,
) -> Result<Vec<Suggestion>, Nothing> {
    let source = party(around, &question.source);
    let destination = party(around, &question.destination);
    if pods(&source).saturating_mul(pods(&destination)) > MOST_PAIRS {
        return Err(Nothing::TooLarge);
    }
    let judge = |draft: &Reach| {
        let findings = ask(draft, around, question).ok()?;
        Some(Judged {
            verdict: findings.verdict(),
            explanation: findings.explanation,
            asked: findings.asked,
        })
    };
    suggest(&Wish {
        world: around.world,
        reach,
        source,
        destination,
        judge: &judge,
    })
}

fn pods(party: &Party) -> usize {
    match party {
        Party::Pods(members) => members.len(),
        Party::Blocks(_) | Party::Internet(_) => 1,
    }
}

fn party(around: &Surroundings<'_>, end: &QueryEnd) -> Party {
    match end {
        QueryEnd::Node { address, .. } | QueryEnd::Address(address) => {
            Party::Blocks(vec![IpNet::from(*address)])
        }
        QueryEnd::Block(block) => Party::Blocks(vec![*block]),
        QueryEnd::Internet => Party::Internet(global()),
        QueryEnd::Workload(_) | QueryEnd::Pod(_) | QueryEnd::Service(_) => {
            let members: Vec<MemberIdx> = aims(around, end, None)
                .into_iter()
                .map(|aim| aim.member)
                .collect();
            if !members.is_empty() {
                return Party::Pods(members);
            }
            let outside = outward(around, end, None).into_iter();
            Party::Blocks(outside.map(|out| IpNet::from(out.address)).collect())
        }
    }
}

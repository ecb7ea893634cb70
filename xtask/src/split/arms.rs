//! The switch of a function, its arms, and the ways in which they are left.

use std::ops::Range;

use wasm_encoder::ValType;
use wasmparser::{BlockType, Operator};

use super::body::{Body, Label, Variables, read, size, written};

/// A switch has at least so many ways.
const LEAST_WAYS: u32 = 16;
/// What a call of an arm takes in the place of its code.
const CALL: usize = 30;

/// A way out of an arm: where it goes, and the variables that it takes along.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    pub label: Label,
    pub changed: Variables,
}

/// A piece of the function that becomes one of its own.
pub struct Arm {
    /// The block at whose end it begins.
    pub label: usize,
    pub code: Range<usize>,
    pub size: usize,
    pub params: Variables,
    /// The ways out by the instruction that takes them, in the order of its branches; the last entry is the end, if that is reached.
    pub exits: Vec<(usize, Vec<Exit>)>,
    /// Whether the code stays in its old place too, as what is not split goes there.
    pub stays: bool,
}

/// What is to be done to a function.
pub struct Found {
    /// The place of the switch.
    pub switch: usize,
    pub arms: Vec<Arm>,
    /// All ways out, the most frequent first; arms answer by their numbers.
    pub exits: Vec<Exit>,
    /// The variable that comes with the answer.
    pub carried: Option<u32>,
    /// About what the size of the function is then.
    pub rest: usize,
}

/// Finds the switch and its arms; the largest are taken until the rest is within a size. None where the function has no such switch.
pub fn find(body: &Body<'_>, rest: usize) -> Option<Found> {
    if !body.is_analyzed() {
        return None;
    }
    let ways = |at: usize| match &body.operators[at] {
        Operator::BrTable { targets } if body.is_reachable[at] => targets.len(),
        _ => 0,
    };
    let switch = (0..body.operators.len()).max_by_key(|at| ways(*at))?;
    if ways(switch) < LEAST_WAYS || !body.takes_nothing(body.around[switch]) {
        return None;
    }
    let mut labels: Vec<usize> = body.branches(switch).into_iter().flatten().collect();
    labels.sort_unstable();
    labels.dedup();
    let mut arms: Vec<Arm> = labels.into_iter().filter_map(|label| arm(body, label)).collect();
    arms.sort_by_key(|arm| std::cmp::Reverse(arm.size));
    let mut left = body.size();
    let mut count = 0;
    while count < arms.len() && left > rest && arms[count].size > CALL {
        left -= arms[count].size - CALL;
        count += 1;
    }
    arms.truncate(count);
    if arms.is_empty() {
        return None;
    }
    // The blocks from the inner to the outer ones: code that stays can go on with that after it.
    arms.sort_by_key(|arm| std::cmp::Reverse(arm.label));
    for at in 0..arms.len() {
        arms[at].stays = stays(body, &arms, at, switch);
        left += if arms[at].stays { arms[at].size } else { 0 };
    }
    let carried = carried(body, &arms);
    Some(Found { switch, exits: exits(&arms), carried, arms, rest: left })
}

/// The code after a block, to the end of what is around it.
fn arm(body: &Body<'_>, label: usize) -> Option<Arm> {
    if !matches!(body.operators[label], Operator::Block { blockty: BlockType::Empty }) {
        return None;
    }
    let around = body.around[label];
    if !matches!(around.map(|opened| &body.operators[opened]), None | Some(Operator::Block { .. }))
        || !body.takes_nothing(around)
    {
        return None;
    }
    let start = body.end[label] + 1;
    let end = around.map_or(body.operators.len() - 1, |opened| body.end[opened]);
    if start >= end || !body.is_bare[start] || !body.is_reachable[start] {
        return None;
    }
    let code = start..end;
    let exits = ways_out(body, &code, around)?;
    let changed = exits.iter().flat_map(|(_, exits)| exits).fold(0, |all, exit| all | exit.changed);
    let reads = code.clone().fold(0, |all, at| all | read(&body.operators[at]));
    Some(Arm {
        label,
        size: code.clone().map(|at| size(&body.operators[at])).sum(),
        params: body.live[start] & (reads | changed),
        code,
        exits,
        stays: false,
    })
}

/// Every way out of a piece of code, with the variables that count there and may have been written on the way.
fn ways_out(body: &Body<'_>, code: &Range<usize>, around: Label) -> Option<Vec<(usize, Vec<Exit>)>> {
    let mut before: Vec<Option<Variables>> = vec![None; code.len() + 1];
    before[0] = Some(0);
    loop {
        let mut has_changed = false;
        for at in code.clone() {
            let Some(known) = before[at - code.start] else { continue };
            let after = known | written(&body.operators[at]);
            let inner = body
                .branches(at)
                .into_iter()
                .filter(|label| is_within(*label, code))
                .map(|label| body.target(label));
            for next in body.next(at).into_iter().chain(inner) {
                let place = before.get_mut(next.checked_sub(code.start)?)?;
                let all = place.unwrap_or(0) | after;
                has_changed |= *place != Some(all);
                *place = Some(all);
            }
        }
        if !has_changed {
            break;
        }
    }
    let exit =
        |label: Label, known: Variables| Exit { label, changed: known & body.live[body.target(label)] };
    let mut found = Vec::new();
    for at in code.clone() {
        let Some(known) = before[at - code.start] else { continue };
        let outer: Vec<Label> =
            body.branches(at).into_iter().filter(|label| !is_within(*label, code)).collect();
        if outer.iter().any(|label| !body.takes_nothing(*label)) {
            return None;
        }
        if !outer.is_empty() {
            found.push((at, outer.into_iter().map(|label| exit(label, known)).collect()));
        }
    }
    if let Some(known) = before[code.len()] {
        found.push((code.end, vec![exit(around, known)]));
    }
    Some(found)
}

/// Whether a block is one of a piece of code.
pub fn is_within(label: Label, code: &Range<usize>) -> bool {
    label.is_some_and(|opened| code.contains(&opened))
}

/// Whether code that is not in an arm goes to an arm's label, or comes to it from before.
fn stays(body: &Body<'_>, arms: &[Arm], which: usize, switch: usize) -> bool {
    let label = arms[which].label;
    let is_gone = |at: usize| arms[..which].iter().any(|arm| !arm.stays && arm.code.contains(&at));
    let later = |at: usize| arms[which..].iter().any(|arm| arm.code.contains(&at));
    let goes = (label..body.end[label]).any(|at| {
        at != switch
            && !is_gone(at)
            && !later(at)
            && body.is_reachable[at]
            && body.branches(at).contains(&Some(label))
    });
    let end = body.end[label];
    let comes = body.is_reachable[end]
        && end > label + 1
        && !arms[..which].iter().any(|arm| !arm.stays && arm.code.end == end);
    goes || comes
}

/// The i32 that most ways out take along.
fn carried(body: &Body<'_>, arms: &[Arm]) -> Option<u32> {
    let exits: Vec<Exit> =
        arms.iter().flat_map(|arm| &arm.exits).flat_map(|(_, exits)| exits).copied().collect();
    let count = |variable: u32| exits.iter().filter(|exit| exit.changed >> variable & 1 == 1).count();
    (0..body.variables.len() as u32)
        .filter(|variable| body.variables[*variable as usize] == ValType::I32)
        .max_by_key(|variable| count(*variable))
        .filter(|variable| count(*variable) > 0)
}

fn exits(arms: &[Arm]) -> Vec<Exit> {
    let mut counted: Vec<(usize, Exit)> = Vec::new();
    for exit in arms.iter().flat_map(|arm| &arm.exits).flat_map(|(_, exits)| exits) {
        match counted.iter_mut().find(|(_, known)| known == exit) {
            Some((count, _)) => *count += 1,
            None => counted.push((1, *exit)),
        }
    }
    counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    counted.into_iter().map(|(_, exit)| exit).collect()
}

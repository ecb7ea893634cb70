//! Which tags may escape from which function: a fixpoint over the call graph.
//!
//! The graph has a node for every function and one for every type that is called indirectly; such a node stands for
//! all functions of the type (or of a subtype) whose address is taken. An imported function throws nothing.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::types::CoreTypeId;

use crate::error::Error;
use crate::module::{Module, is_exnref};
use crate::scan::{Callee, Event, Scan};
use crate::tags::TagSet;
use crate::types::has_exnref;

pub(crate) struct Analysis {
    /// One per function body.
    pub bodies: Vec<BodyFacts>,
    /// For every function the tags that may leave it.
    escapes: Vec<TagSet>,
    /// The same for every type that is called indirectly.
    type_escapes: BTreeMap<u32, TagSet>,
    /// Functions whose address is taken anywhere.
    pub addressed: BTreeSet<u32>,
    pub has_exnref: bool,
    /// Whether anything in the module throws.
    pub throws: bool,
}

/// What the rewriting of one body needs to know.
pub(crate) struct BodyFacts {
    pub scan: Scan,
    /// For every `try_table` the tags that may arrive at its clauses.
    pub arriving: Vec<TagSet>,
    /// Whether an exception may go to the end of the function itself (not through a tail call).
    pub leaves: bool,
    /// Whether a throw, or a call after which to look, is in the body.
    pub has_sites: bool,
    /// Whether a `throw_ref` can have anything to throw.
    pub rethrows: bool,
}

impl Analysis {
    pub fn of(module: &Module<'_>) -> Result<Self, Error> {
        let scans: Vec<Scan> =
            module.facts.bodies.iter().map(|body| Scan::of(module, body)).collect::<Result<_, _>>()?;
        let addressed = addressed(module, &scans);
        let mut graph = Graph::new(module, &scans);
        graph.connect_types(module, &addressed);
        for (body, scan) in module.facts.bodies.iter().zip(&scans) {
            graph.connect_body(body.function as usize, scan);
        }
        graph.spread();

        let thrown = graph.thrown.clone();
        let escapes = graph.sets[..module.facts.functions.len()].to_vec();
        let type_escapes =
            graph.types.iter().map(|(ty, node)| (*ty, graph.sets[*node].clone())).collect::<BTreeMap<_, _>>();
        let mut analysis = Analysis {
            bodies: Vec::with_capacity(scans.len()),
            escapes,
            type_escapes,
            addressed,
            has_exnref: module_has_exnref(module) || scans.iter().any(|scan| scan.has_exnref),
            throws: scans.iter().any(|scan| scan.events.iter().any(Event::raises)),
        };
        for scan in scans {
            let facts = BodyFacts::new(scan, &analysis, &thrown);
            analysis.bodies.push(facts);
        }
        Ok(analysis)
    }

    /// The tags that may leave this function.
    pub fn escapes(&self, function: u32) -> &TagSet {
        &self.escapes[function as usize]
    }

    /// Whether an exception may come out of a call.
    pub fn may_throw(&self, callee: Callee) -> bool {
        !self.tags_of(callee).is_empty()
    }

    fn tags_of(&self, callee: Callee) -> &TagSet {
        static NONE: TagSet = TagSet::new();
        match callee {
            Callee::Function(function) => &self.escapes[function as usize],
            Callee::Type(ty) => self.type_escapes.get(&ty).unwrap_or(&NONE),
        }
    }
}

impl Event {
    fn raises(&self) -> bool {
        matches!(self, Event::Throw(_) | Event::Rethrow)
    }
}

impl BodyFacts {
    fn new(scan: Scan, analysis: &Analysis, thrown: &TagSet) -> Self {
        let mut arriving = vec![TagSet::default(); scan.caught.len()];
        let mut open = Vec::new();
        let mut opened = 0;
        let mut leaving = TagSet::default();
        let mut has_sites = false;
        for event in &scan.events {
            let tags = match event {
                Event::Try => {
                    open.push(opened);
                    opened += 1;
                    continue;
                }
                Event::End => match open.pop() {
                    Some(closed) => arriving[closed].without(&scan.caught[closed]),
                    None => continue,
                },
                Event::Throw(tag) => TagSet::of(*tag),
                Event::Rethrow => thrown.clone(),
                Event::Call(callee) => analysis.tags_of(*callee).clone(),
                Event::TailCall(_) => continue,
            };
            // A `throw_ref` counts even if nothing is ever thrown: it must go somewhere.
            has_sites |= event.raises() || !tags.is_empty();
            match open.last() {
                Some(around) => arriving[*around].extend(&tags),
                None => leaving.extend(&tags),
            };
        }
        let leaves = !leaving.is_empty();
        BodyFacts { scan, arriving, leaves, has_sites, rethrows: !thrown.is_empty() }
    }
}

/// Every function whose address gets into a table, a global or onto the operand stack.
fn addressed(module: &Module<'_>, scans: &[Scan]) -> BTreeSet<u32> {
    let segments = module.facts.segments.iter().filter(|segment| !segment.declared);
    let mut functions: BTreeSet<u32> = segments.flat_map(|segment| &segment.functions).copied().collect();
    functions.extend(module.facts.globals.iter().flat_map(|global| &global.functions));
    functions.extend(module.facts.tables.iter().flat_map(|table| &table.functions));
    functions.extend(scans.iter().flat_map(|scan| &scan.addresses));
    functions
}

fn module_has_exnref(module: &Module<'_>) -> bool {
    let mut signatures = (0..module.facts.types.len() as u32).filter_map(|ty| module.signature(ty));
    let in_signatures = signatures.any(has_exnref);
    in_signatures || module.facts.globals.iter().any(|global| is_exnref(global.ty.content_type))
}

struct Graph {
    /// What may come out of each node.
    sets: Vec<TagSet>,
    /// For each node: to whom its tags go on, and the mask that is caught on the way.
    edges: Vec<BTreeSet<(usize, usize)>>,
    masks: Vec<TagSet>,
    /// The node of every type that is called.
    types: BTreeMap<u32, usize>,
    /// All tags that are thrown anywhere: what a `throw_ref` may throw.
    thrown: TagSet,
}

/// The mask of an edge inside no `try_table`.
const NOTHING_CAUGHT: usize = 0;

impl Graph {
    fn new(module: &Module<'_>, scans: &[Scan]) -> Self {
        let mut types = BTreeMap::new();
        let mut thrown = TagSet::default();
        let mut nodes = module.facts.functions.len();
        for event in scans.iter().flat_map(|scan| &scan.events) {
            match event {
                Event::Throw(tag) => thrown.insert(*tag),
                Event::Call(Callee::Type(ty)) | Event::TailCall(Callee::Type(ty)) => {
                    types.entry(*ty).or_insert_with(|| {
                        nodes += 1;
                        nodes - 1
                    });
                }
                _ => {}
            }
        }
        Graph {
            sets: vec![TagSet::default(); nodes],
            edges: vec![BTreeSet::new(); nodes],
            masks: vec![TagSet::default()],
            types,
            thrown,
        }
    }

    /// A function whose address is taken may be what any call of its type, or of a supertype, reaches.
    fn connect_types(&mut self, module: &Module<'_>, addressed: &BTreeSet<u32>) {
        let validated = module.validated.as_ref();
        let mut called: BTreeMap<CoreTypeId, Vec<usize>> = BTreeMap::new();
        for (ty, node) in &self.types {
            called.entry(validated.core_type_at_in_module(*ty)).or_default().push(*node);
        }
        for function in addressed {
            let mut ty = Some(validated.core_function_at(*function));
            while let Some(id) = ty {
                for node in called.get(&id).into_iter().flatten() {
                    self.edges[*function as usize].insert((*node, NOTHING_CAUGHT));
                }
                ty = validated.supertype_of(id);
            }
        }
    }

    fn connect_body(&mut self, function: usize, scan: &Scan) {
        // What is caught around the current place, outermost first; each holds those before it.
        let mut around = vec![NOTHING_CAUGHT];
        let mut opened = 0;
        for event in &scan.events {
            let mask = around.last().copied().unwrap_or(NOTHING_CAUGHT);
            match event {
                Event::Try => {
                    let mut caught = self.masks[mask].clone();
                    caught.extend(&scan.caught[opened]);
                    opened += 1;
                    around.push(self.masks.len());
                    self.masks.push(caught);
                }
                Event::End => {
                    around.pop();
                }
                Event::Throw(tag) => {
                    let escaping = TagSet::of(*tag).without(&self.masks[mask]);
                    self.sets[function].extend(&escaping);
                }
                Event::Rethrow => {
                    let escaping = self.thrown.without(&self.masks[mask]);
                    self.sets[function].extend(&escaping);
                }
                Event::Call(callee) => self.connect(*callee, function, mask),
                Event::TailCall(callee) => self.connect(*callee, function, NOTHING_CAUGHT),
            }
        }
    }

    fn connect(&mut self, callee: Callee, caller: usize, mask: usize) {
        let node = match callee {
            Callee::Function(function) => function as usize,
            Callee::Type(ty) => self.types[&ty],
        };
        self.edges[node].insert((caller, mask));
    }

    fn spread(&mut self) {
        let mut work: Vec<usize> = (0..self.sets.len()).filter(|node| !self.sets[*node].is_empty()).collect();
        while let Some(node) = work.pop() {
            let tags = self.sets[node].clone();
            for (caller, mask) in &self.edges[node] {
                if self.sets[*caller].extend(&tags.without(&self.masks[*mask])) {
                    work.push(*caller);
                }
            }
        }
    }
}

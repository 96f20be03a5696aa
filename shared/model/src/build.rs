//! Builds a [`Forest`] from ONNX's parallel attribute lists and checks every index on the way.

use super::forest::{EQUAL, Forest, ForestError, GREATER, LESS, MAX_DEPTH, NAN, Parts, Tree};
use super::onnx::{Attributes, Mode};

type Result<T> = std::result::Result<T, ForestError>;

/// Relative difference allowed between a node's cover and the sum of its children's. Covers are
/// 32-bit floats.
const COVER_TOLERANCE: f32 = 1e-4;

impl Forest {
    /// Builds a forest from the attributes of an ONNX node and checks it. Covers that do not add up
    /// are dropped. The signs of the weights are left to [`Self::check_link`].
    ///
    /// # Errors
    /// Anything that cannot be run exactly; see [`ForestError`].
    pub fn build(raw: &Attributes<'_>) -> Result<Self> {
        check_classes(raw)?;
        let mut leaves = Leaves { raw, next: 0 };
        let mut parts = Parts {
            nodes: Vec::with_capacity(raw.node_ids.len()),
            trees: Vec::new(),
            covers: raw.hitrates.map(|h| Vec::with_capacity(h.len())),
            base: base(raw)?,
            link: raw.link,
        };
        let mut from = 0;
        while from < raw.tree_ids.len() {
            let id = raw.tree_ids[from];
            let count = raw.tree_ids[from..].iter().take_while(|&&t| t == id).count();
            let tree = TreeLists::new(raw, parts.trees.len(), from..from + count)?;
            let weights = leaves.of_tree(id, &tree)?;
            tree.emit(&weights, &mut parts)?;
            from += count;
        }
        if leaves.next != raw.leaf_tree_ids.len() {
            return Err(ForestError::Unsupported("weights for a tree that is not there"));
        }
        drop_covers_that_do_not_add_up(&mut parts);
        Ok(Self::assemble(parts))
    }
}

fn check_classes(raw: &Attributes<'_>) -> Result<()> {
    if raw.class_labels != [0, 1] {
        return Err(ForestError::Unsupported("class labels must be the integers 0 and 1"));
    }
    if raw.leaf_class_ids.iter().any(|&c| c != 0) {
        return Err(ForestError::Unsupported("weights for more than one class: train on two"));
    }
    if raw.node_ids.is_empty() {
        return Err(ForestError::Unsupported("a forest without trees"));
    }
    if !raw.tree_ids.is_sorted() || !raw.leaf_tree_ids.is_sorted() {
        return Err(ForestError::Unsupported("trees whose nodes or weights are not together"));
    }
    Ok(())
}

fn base(raw: &Attributes<'_>) -> Result<f64> {
    match raw.base_values {
        [] => Ok(0.0),
        [base] if base.is_finite() => Ok(f64::from(*base)),
        [_] => Err(ForestError::Unsupported("base_values is not a finite number")),
        _ => Err(ForestError::Unsupported("more than one base value for one score")),
    }
}

fn refused(tree: usize, what: &'static str) -> ForestError {
    ForestError::Tree { tree, what }
}

/// The weights of the leaves, consumed tree by tree in file order.
struct Leaves<'a> {
    raw: &'a Attributes<'a>,
    next: usize,
}

impl Leaves<'_> {
    /// Returns the weight of each of the tree's nodes, `None` for those without one.
    fn of_tree(&mut self, id: i64, tree: &TreeLists<'_>) -> Result<Vec<Option<f32>>> {
        let mut weights = vec![None; tree.span.len()];
        while self.raw.leaf_tree_ids.get(self.next) == Some(&id) {
            let position = tree
                .position(self.raw.leaf_node_ids[self.next])
                .ok_or(refused(tree.index, "a weight for a node that is not there"))?;
            let weight = self.raw.leaf_weights[self.next];
            if !weight.is_finite() {
                return Err(refused(tree.index, "a weight that is not a finite number"));
            }
            if weights[position].replace(weight).is_some() {
                return Err(refused(tree.index, "two weights for one leaf"));
            }
            self.next += 1;
        }
        Ok(weights)
    }
}

/// One tree's part of the attribute lists.
struct TreeLists<'a> {
    raw: &'a Attributes<'a>,
    index: usize,
    span: std::ops::Range<usize>,
    /// Node ids with their positions, sorted; `None` if the ids are simply 0, 1, 2 …
    sorted: Option<Vec<(i64, usize)>>,
}

/// A node still to be emitted.
struct Pending {
    position: usize,
    /// Index of its parent and the answer that leads here; `None` for the root.
    from: Option<(u32, bool)>,
    depth: usize,
}

impl<'a> TreeLists<'a> {
    fn new(raw: &'a Attributes<'a>, index: usize, span: std::ops::Range<usize>) -> Result<Self> {
        let ids = &raw.node_ids[span.clone()];
        let dense = (0i64..).zip(ids).all(|(i, &id)| i == id);
        let sorted = (!dense).then(|| {
            let mut sorted: Vec<_> = ids.iter().copied().zip(0..).collect();
            sorted.sort_unstable();
            sorted
        });
        if sorted.iter().flat_map(|s| s.windows(2)).any(|w| w[0].0 == w[1].0) {
            return Err(refused(index, "two nodes with one id"));
        }
        Ok(Self { raw, index, span, sorted })
    }

    fn position(&self, id: i64) -> Option<usize> {
        match &self.sorted {
            None => usize::try_from(id).ok().filter(|&i| i < self.span.len()),
            Some(sorted) => {
                sorted.binary_search_by_key(&id, |e| e.0).ok().map(|found| sorted[found].1)
            }
        }
    }

    /// Appends the nodes, parents first and "true" before "false". A tree in which a node is not
    /// reached exactly once is refused.
    fn emit(&self, weights: &[Option<f32>], parts: &mut Parts) -> Result<()> {
        let mut seen = vec![false; self.span.len()];
        let root = parts.place();
        let mut widest_path = 0;
        let mut path: Vec<u16> = Vec::with_capacity(MAX_DEPTH);
        let mut pending = vec![Pending { position: 0, from: None, depth: 0 }];
        while let Some(Pending { position, from, depth }) = pending.pop() {
            if std::mem::replace(&mut seen[position], true) {
                return Err(refused(self.index, "a node with two parents, or a cycle"));
            }
            if depth > MAX_DEPTH {
                return Err(refused(self.index, "deeper than 64 splits"));
            }
            path.truncate(depth);
            let at = match self.raw.modes[self.span.start + position] {
                Mode::Leaf => {
                    let weight = weights[position];
                    let weight = weight.ok_or(refused(self.index, "a leaf without a weight"))?;
                    if path.len() > widest_path {
                        widest_path = widest_path.max(distinct(&path));
                    }
                    parts.leaf(weight)
                }
                mode => {
                    if weights[position].is_some() {
                        return Err(refused(self.index, "a weight on a split"));
                    }
                    let at = self.split(position, mode, &mut path, parts)?;
                    for (answer, child) in self.children(position)? {
                        let from = Some((at, answer));
                        pending.push(Pending { position: child, from, depth: depth + 1 });
                    }
                    at
                }
            };
            if let Some((parent, answer)) = from {
                parts.connect(parent, answer, at);
            }
            if let (Some(covers), Some(hitrates)) = (&mut parts.covers, self.raw.hitrates) {
                covers.push(hitrates[self.span.start + position]);
            }
        }
        if !seen.iter().all(|&s| s) {
            return Err(refused(self.index, "nodes that its first node does not lead to"));
        }
        parts.trees.push(Tree { root, widest_path });
        Ok(())
    }

    fn split(
        &self,
        position: usize,
        mode: Mode,
        path: &mut Vec<u16>,
        parts: &mut Parts,
    ) -> Result<u32> {
        let at = self.span.start + position;
        let feature = u16::try_from(self.raw.feature_ids[at])
            .map_err(|_| refused(self.index, "a feature index out of range"))?;
        let threshold = self.raw.values[at];
        if threshold.is_nan() {
            return Err(refused(self.index, "a threshold that is not a number"));
        }
        let missing = self.raw.missing_true.is_some_and(|m| m[at] != 0);
        path.push(feature);
        Ok(parts.split(feature, threshold, answers(mode, missing)))
    }

    /// Returns "false" first, because the child pushed last is emitted first.
    fn children(&self, position: usize) -> Result<[(bool, usize); 2]> {
        let at = self.span.start + position;
        let find = |id| self.position(id).ok_or(refused(self.index, "a child that is not there"));
        Ok([(false, find(self.raw.false_ids[at])?), (true, find(self.raw.true_ids[at])?)])
    }
}

fn answers(mode: Mode, missing_is_true: bool) -> u8 {
    let outcomes = match mode {
        Mode::Leq => LESS | EQUAL,
        Mode::Lt => LESS,
        Mode::Gte => GREATER | EQUAL,
        Mode::Gt => GREATER,
        Mode::Eq => EQUAL,
        Mode::Neq => LESS | GREATER | NAN,
        Mode::Leaf => 0,
    };
    if missing_is_true { outcomes | NAN } else { outcomes }
}

fn distinct(path: &[u16]) -> usize {
    (0..path.len()).filter(|&i| !path[..i].contains(&path[i])).count()
}

/// Exporters that do not know the counts write 1.0 for every node.
fn drop_covers_that_do_not_add_up(parts: &mut Parts) {
    let adds_up = parts.covers.as_ref().is_some_and(|covers| {
        let splits = parts.nodes.iter().zip(covers).filter(|(n, _)| !n.is_leaf());
        covers.iter().all(|c| c.is_finite() && *c > 0.0)
            && splits.into_iter().all(|(node, cover)| {
                let [yes, no] = node.children();
                (covers[yes] + covers[no] - cover).abs() <= COVER_TOLERANCE * cover
            })
    });
    if !adds_up {
        parts.covers = None;
    }
}

//! A tree ensemble as the scorer walks it: 16-byte nodes in one array, a tree's nodes together, the
//! child for "true" right after its parent. It is built once, from the attributes of an ONNX node,
//! and checked then, so that walking it with a row of the right length cannot fail or loop.
//!
//! A forest that cannot be run exactly as onnxruntime runs it is refused: an approximate risk score
//! is of no use. Sums are taken in 64 bits (onnxruntime's 32-bit sums depend on its thread count),
//! which keeps parity to 1e-6 and makes contributions add up.

/// The most splits between the root and a leaf. It bounds the recursion of [`super::shap`].
pub const MAX_DEPTH: usize = 64;

/// Trees walked side by side: the fastest of 1, 4, 8 and 16 when measured.
const TOGETHER: usize = 8;

/// Bits of [`Node::answers`]: the outcomes of comparing a feature with the threshold for which the
/// answer is "true". `NAN` is the outcome for a missing value (in ONNX, NaN ≠ x is true).
pub const LESS: u8 = 1;
pub const EQUAL: u8 = 2;
pub const GREATER: u8 = 4;
pub const NAN: u8 = 8;
const LEAF: u8 = 128;

/// One split or leaf. Leaves point at themselves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Node {
    /// A split's threshold, a leaf's weight.
    pub value: f32,
    pub feature: u16,
    answers: u8,
    /// Where "false" and "true" lead.
    next: [u32; 2],
}

impl Node {
    pub fn is_leaf(&self) -> bool {
        self.answers & LEAF != 0
    }

    /// The index of the child that this row goes to.
    #[inline(always)]
    pub fn step(&self, row: &[f32]) -> usize {
        let x = row[usize::from(self.feature)];
        let outcome = (u8::from(x < self.value) * LESS)
            | (u8::from(x == self.value) * EQUAL)
            | (u8::from(x > self.value) * GREATER)
            | (u8::from(x.is_nan()) * NAN);
        self.next[usize::from(self.answers & outcome != 0)] as usize
    }

    /// `None` if it is a split.
    pub fn leaf_weight(&self) -> Option<f64> {
        self.is_leaf().then(|| f64::from(self.value))
    }

    /// The indices of the children for "true" and "false".
    pub fn children(&self) -> [usize; 2] {
        [self.next[1] as usize, self.next[0] as usize]
    }
}

/// How a margin becomes a probability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// The margin is the probability (random forest).
    Identity,
    /// `1 / (1 + e^-margin)` (gradient boosting).
    Logistic,
}

/// A binary classifier: the sum of one weight per tree, and a link.
#[derive(Debug, Clone, PartialEq)]
pub struct Forest {
    pub(super) nodes: Vec<Node>,
    pub(super) trees: Vec<Tree>,
    /// The (weighted) number of training rows that reached each node, if the file has it.
    pub(super) covers: Option<Vec<f32>>,
    pub(super) base: f64,
    pub(super) link: Link,
    /// No leaf is negative.
    all_positive: bool,
    /// The fewest columns that a row may have.
    columns: usize,
}

/// Where a tree begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tree {
    pub root: u32,
    /// The largest number of distinct features on any of its paths.
    pub widest_path: usize,
}

/// Why a forest was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForestError {
    #[error("attribute {0} is missing")]
    Missing(&'static str),
    #[error("attribute {name} has {found} values for {expected}")]
    Length { name: &'static str, found: usize, expected: usize },
    #[error("attribute {0} is not supported")]
    Attribute(&'static str),
    #[error("tree {tree}: {what}")]
    Tree { tree: usize, what: &'static str },
    #[error("{0}")]
    Unsupported(&'static str),
}

/// The answer for one row, as ONNX's classifier gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// 0 or 1.
    pub label: i64,
    /// Probability of class 0 and of class 1.
    pub probabilities: [f32; 2],
}

impl Forest {
    pub(super) fn assemble(parts: Parts) -> Self {
        let leaves = || parts.nodes.iter().filter(|n| n.is_leaf());
        let all_positive = leaves().all(|n| n.value >= 0.0);
        let splits = parts.nodes.iter().filter(|n| !n.is_leaf());
        let columns = splits.map(|n| usize::from(n.feature) + 1).max().unwrap_or(0);
        Self {
            nodes: parts.nodes,
            trees: parts.trees,
            covers: parts.covers,
            base: parts.base,
            link: parts.link,
            all_positive,
            columns,
        }
    }

    /// The fewest columns that a row may have.
    pub fn columns(&self) -> usize {
        self.columns
    }

    pub fn link(&self) -> Link {
        self.link
    }

    /// Whether the file says how many training rows reached each node.
    pub fn has_covers(&self) -> bool {
        self.covers.is_some()
    }

    /// Checks that the link turns margins into probabilities as onnxruntime does.
    ///
    /// # Errors
    /// Weights whose signs do not suit the link: onnxruntime then leaves the logistic out, or
    /// answers with numbers below 0.
    pub fn check_link(&self) -> Result<(), ForestError> {
        match (self.link, self.all_positive) {
            (Link::Logistic, true) => {
                Err(ForestError::Unsupported("LOGISTIC over weights that are all positive"))
            }
            (Link::Identity, false) => {
                Err(ForestError::Unsupported("negative weights that no LOGISTIC follows"))
            }
            _ => Ok(()),
        }
    }

    /// The base value plus the weight of one leaf per tree.
    ///
    /// # Panics
    /// If the row is shorter than [`Self::columns`].
    pub fn margin(&self, row: &[f32]) -> f64 {
        // One check of the row's length here spares one per split.
        let row = &row[..self.columns];
        let (together, rest) = self.trees.as_chunks::<TOGETHER>();
        let sum = together.iter().fold(self.base, |sum, trees| sum + self.leaves(trees, row));
        rest.iter().fold(sum, |sum, tree| sum + self.leaves(&[*tree], row))
    }

    /// The margins of rows laid end to end, `columns` values each.
    ///
    /// # Panics
    /// If `columns` is 0 or less than [`Self::columns`].
    pub fn margins(&self, rows: &[f32], columns: usize) -> Vec<f64> {
        rows.chunks_exact(columns).map(|row| self.margin(row)).collect()
    }

    /// Walks trees side by side and returns the sum of their leaves: no tree's steps wait for
    /// another's, and the processor mispredicts the end of the walk once for all of them. Walks
    /// that are done stay at their leaf, which leads to itself.
    fn leaves<const N: usize>(&self, trees: &[Tree; N], row: &[f32]) -> f64 {
        let mut nodes = trees.map(|tree| &self.nodes[tree.root as usize]);
        while !nodes.iter().all(|node| node.is_leaf()) {
            nodes = nodes.map(|node| &self.nodes[node.step(row)]);
        }
        nodes.iter().map(|node| f64::from(node.value)).sum()
    }

    /// What ONNX's `TreeEnsembleClassifier` answers for this margin.
    pub fn scores(&self, margin: f64) -> Scores {
        let (cut, probabilities) = match self.link {
            Link::Logistic => (0.0, [logistic(-margin), logistic(margin)]),
            Link::Identity => (0.5, [1.0 - margin, margin]),
        };
        #[expect(clippy::cast_possible_truncation, reason = "ONNX's output type")]
        let probabilities = probabilities.map(|p| p as f32);
        Scores { label: i64::from(margin > cut), probabilities }
    }
}

/// `1 / (1 + e^-x)` without overflow, and exact where it is tiny.
pub(super) fn logistic(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    if x < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) }
}

/// A forest under construction by [`super::build`].
pub(super) struct Parts {
    pub nodes: Vec<Node>,
    pub trees: Vec<Tree>,
    pub covers: Option<Vec<f32>>,
    pub base: f64,
    pub link: Link,
}

impl Parts {
    /// The index of the next node.
    pub fn place(&self) -> u32 {
        u32::try_from(self.nodes.len())
            .expect("a protobuf message of 2 GiB holds fewer than 2^32 nodes")
    }

    /// Adds a leaf and returns its index.
    pub fn leaf(&mut self, weight: f32) -> u32 {
        let at = self.place();
        self.nodes.push(Node { value: weight, feature: 0, answers: LEAF, next: [at, at] });
        at
    }

    /// Adds a split, whose children are connected later, and returns its index.
    pub fn split(&mut self, feature: u16, threshold: f32, answers: u8) -> u32 {
        let at = self.place();
        self.nodes.push(Node { value: threshold, feature, answers, next: [at, at] });
        at
    }

    /// Sets the child that an answer leads to.
    pub fn connect(&mut self, parent: u32, answer: bool, child: u32) {
        self.nodes[parent as usize].next[usize::from(answer)] = child;
    }
}

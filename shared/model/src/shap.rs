//! What each feature added to a row's margin. With covers, these are exact Shapley values of the
//! path-dependent game (Lundberg, Erion, Lee: "Consistent Individualized Feature Attribution for
//! Tree Ensembles", arXiv:1802.03888), the numbers of LightGBM's `pred_contrib`. Without covers, it
//! is by how much each split on the row's own path changed the expected margin (Saabas 2014), with
//! both children weighted alike.
//!
//! The exact form needs no subsets and no polynomial arithmetic. In the game of one leaf, each
//! feature `i` on the path has `o` (1 if the row follows all of the feature's splits towards the
//! leaf, else 0) and `z` (the share of the training rows that do). The worth of a coalition is the
//! leaf's weight times the product of its members' `o` and of the other features' `z`. Shapley's
//! weight of a coalition of size s among n features is the integral over 0..1 of
//! `t^s·(1−t)^(n−1−s)`, so with `g_j(t) = o_j·t + z_j·(1−t)` the value of `i` is
//!
//! ```text
//! weight · (o_i − z_i) · ∫ ∏_{j≠i} g_j(t) dt
//! ```
//!
//! whose integrand is a polynomial of degree n−1, which Gauss-Legendre quadrature with n/2 points
//! integrates exactly. The products are carried down the tree, weighted leaves are summed on the
//! way up, and every edge divides its feature's `g` out once. Where a path splits on a feature
//! again, the deeper edge replaces the shallower one in the product, and the shallower one's share
//! of that subtree is taken back. All factors are positive, so long products and their quotients
//! lose no precision.

use std::f64::consts::PI;
use std::ops::RangeInclusive;

use super::forest::{Forest, Link, MAX_DEPTH};

/// How contributions were computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Exact, path-dependent Shapley values.
    TreeShap,
    /// Changes along the row's path in trees whose covers are unknown: a hint, not a measure.
    Saabas,
}

impl Method {
    /// The method's name in evidence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TreeShap => "tree_shap",
            Self::Saabas => "saabas",
        }
    }
}

/// The unit of contributions, which is that of the margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    LogOdds,
    Probability,
}

/// A margin split into parts: `bias` plus all `values` is the model's margin.
#[derive(Debug, Clone, PartialEq)]
pub struct Contributions {
    pub method: Method,
    pub scale: Scale,
    /// The expected margin if nothing is known about the row.
    pub bias: f64,
    /// One per column of the row, in order.
    pub values: Vec<f64>,
}

impl Contributions {
    /// The sum of bias and values.
    pub fn margin(&self) -> f64 {
        self.bias + self.values.iter().sum::<f64>()
    }

    /// Columns with their contributions, the strongest first; those that contributed nothing are
    /// left out.
    pub fn strongest(&self) -> Vec<(usize, f64)> {
        let mut ranked: Vec<_> = self.values.iter().copied().enumerate().collect();
        ranked.retain(|(_, value)| *value != 0.0);
        ranked.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        ranked
    }
}

/// Splits a row's margin into the contributions of its columns.
///
/// # Panics
/// If the row is shorter than [`Forest::columns`].
pub fn contributions(forest: &Forest, row: &[f32]) -> Contributions {
    let scale = match forest.link() {
        Link::Logistic => Scale::LogOdds,
        Link::Identity => Scale::Probability,
    };
    let (method, (bias, values)) = match &forest.covers {
        Some(covers) => (Method::TreeShap, shapley(forest, covers, row)),
        None => (Method::Saabas, along_the_path(forest, row)),
    };
    Contributions { method, scale, bias, values }
}

type BiasAndValues = (f64, Vec<f64>);

/// `Q` points are exact for paths of up to `2·Q` features. Trees are grouped by their widest path,
/// so that narrow ones do not pay for wide ones.
fn shapley(forest: &Forest, covers: &[f32], row: &[f32]) -> BiasAndValues {
    let mut sums = (forest.base, vec![0.0; row.len()]);
    Walk::<2>::over(&mut sums, forest, covers, row, 0..=4);
    Walk::<4>::over(&mut sums, forest, covers, row, 5..=8);
    Walk::<6>::over(&mut sums, forest, covers, row, 9..=12);
    Walk::<8>::over(&mut sums, forest, covers, row, 13..=16);
    Walk::<16>::over(&mut sums, forest, covers, row, 17..=32);
    Walk::<{ MAX_DEPTH / 2 }>::over(&mut sums, forest, covers, row, 33..=MAX_DEPTH);
    sums
}

/// A walk over trees for one row, which adds up bias and values.
struct Walk<'a, const Q: usize> {
    forest: &'a Forest,
    covers: &'a [f32],
    row: &'a [f32],
    quadrature: Quadrature<Q>,
    /// Each feature's factor on the path to the current node.
    factors: Vec<Factor<Q>>,
    bias: f64,
    values: &'a mut [f64],
}

/// One feature's part of a path, all its splits together: `o`, `z` and `1 / g` of the module's
/// text.
#[derive(Clone, Copy)]
struct Factor<const Q: usize> {
    one: f64,
    zero: f64,
    /// `1 / g(t)` at the quadrature's points.
    inverse: [f64; Q],
}

impl<const Q: usize> Factor<Q> {
    /// The factor of a feature that the path does not split on.
    const NONE: Self = Self { one: 1.0, zero: 1.0, inverse: [1.0; Q] };
}

impl<'a, const Q: usize> Walk<'a, Q> {
    /// Walks the trees whose widest path has a number of features within `widths`.
    fn over(
        sums: &'a mut BiasAndValues,
        forest: &'a Forest,
        covers: &'a [f32],
        row: &'a [f32],
        widths: RangeInclusive<usize>,
    ) {
        let (bias, values) = (sums.0, sums.1.as_mut_slice());
        let quadrature = Quadrature::new();
        let factors = vec![Factor::NONE; row.len()];
        let mut walk = Self { forest, covers, row, quadrature, factors, bias, values };
        for tree in forest.trees.iter().filter(|tree| widths.contains(&tree.widest_path)) {
            let root = tree.root as usize;
            match forest.nodes[root].leaf_weight() {
                Some(weight) => walk.bias += weight,
                None => drop(walk.descend(root, 1.0, &[1.0; Q])),
            }
        }
        sums.0 = walk.bias;
    }

    /// Returns, at each point, the sum of weight times product over the leaves below a split.
    /// `reach` is the share of the training rows that reach it. [`MAX_DEPTH`] bounds the recursion.
    fn descend(&mut self, at: usize, reach: f64, product: &[f64; Q]) -> [f64; Q] {
        let node = self.forest.nodes[at];
        let feature = usize::from(node.feature);
        let taken = node.step(self.row);
        let before = self.factors[feature];
        // The product along the path without this feature.
        let rest: [f64; Q] = std::array::from_fn(|q| product[q] * before.inverse[q]);
        let mut sum = [0.0; Q];
        for child in node.children() {
            let part = f64::from(self.covers[child]) / f64::from(self.covers[at]);
            let one = if child == taken { before.one } else { 0.0 };
            let zero = before.zero * part;
            let g = self.quadrature.points.map(|t| one * t + zero * (1.0 - t));
            let below = if let Some(weight) = self.forest.nodes[child].leaf_weight() {
                self.bias += reach * part * weight;
                self.values[feature] += (one - zero) * weight * self.quadrature.integral(&rest);
                std::array::from_fn(|q| rest[q] * g[q] * weight)
            } else {
                let inverse = g.map(|g| 1.0 / g);
                self.factors[feature] = Factor { one, zero, inverse };
                let inner = std::array::from_fn(|q| rest[q] * g[q]);
                let below = self.descend(child, reach * part, &inner);
                self.values[feature] += (one - zero) * self.quadrature.product(&below, &inverse);
                below
            };
            if before.one != before.zero {
                let earlier = self.quadrature.product(&below, &before.inverse);
                self.values[feature] -= (before.one - before.zero) * earlier;
            }
            sum = std::array::from_fn(|q| sum[q] + below[q]);
        }
        self.factors[feature] = before;
        sum
    }
}

/// Gauss-Legendre quadrature on 0..1.
struct Quadrature<const Q: usize> {
    points: [f64; Q],
    weights: [f64; Q],
}

impl<const Q: usize> Quadrature<Q> {
    /// The integral of a function given at the points.
    fn integral(&self, f: &[f64; Q]) -> f64 {
        (0..Q).map(|q| self.weights[q] * f[q]).sum()
    }

    /// The integral of a product of two functions.
    fn product(&self, f: &[f64; Q], g: &[f64; Q]) -> f64 {
        (0..Q).map(|q| self.weights[q] * f[q] * g[q]).sum()
    }

    /// Finds the roots of the Legendre polynomial of degree `Q` by Newton's method.
    fn new() -> Self {
        let (mut points, mut weights) = ([0.0; Q], [0.0; Q]);
        for i in 0..Q {
            let mut x = (PI * (i as f64 + 0.75) / (Q as f64 + 0.5)).cos();
            let mut slope = 0.0;
            // Newton's method converges quadratically: from this start five steps reach the last
            // bit, and the sixth is a reserve.
            for _ in 0..6 {
                let (value, derivative) = legendre(Q, x);
                x -= value / derivative;
                slope = legendre(Q, x).1;
            }
            points[i] = (1.0 + x) / 2.0;
            weights[i] = 1.0 / ((1.0 - x * x) * slope * slope);
        }
        Self { points, weights }
    }
}

/// The Legendre polynomial of this degree and its derivative at `x`, |x| < 1.
fn legendre(degree: usize, x: f64) -> (f64, f64) {
    let (mut value, mut previous) = (1.0, 0.0);
    for k in 1..=degree {
        let k = k as f64;
        let next = ((2.0 * k - 1.0) * x * value - (k - 1.0) * previous) / k;
        previous = value;
        value = next;
    }
    (value, degree as f64 * (x * value - previous) / (x * x - 1.0))
}

fn along_the_path(forest: &Forest, row: &[f32]) -> BiasAndValues {
    // Children come after their parents, so going backwards their means are known first.
    let mut means = vec![0.0; forest.nodes.len()];
    for (at, node) in forest.nodes.iter().enumerate().rev() {
        means[at] = if node.is_leaf() {
            f64::from(node.value)
        } else {
            let [yes, no] = node.children();
            (means[yes] + means[no]) / 2.0
        };
    }
    let mut bias = forest.base;
    let mut values = vec![0.0; row.len()];
    for tree in &forest.trees {
        let mut at = tree.root as usize;
        bias += means[at];
        while !forest.nodes[at].is_leaf() {
            let node = &forest.nodes[at];
            let next = node.step(row);
            values[usize::from(node.feature)] += means[next] - means[at];
            at = next;
        }
    }
    (bias, values)
}

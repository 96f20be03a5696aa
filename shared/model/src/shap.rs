//! What each feature added to a row's margin. With covers: exact Shapley values of the
//! path-dependent game (Lundberg, Erion, Lee: "Consistent Individualized Feature Attribution for
//! Tree Ensembles", arXiv:1802.03888), the numbers of LightGBM's `pred_contrib`. Without: what each
//! split on the row's own path moved (Saabas 2014), both children weighted alike.
//!
//! The exact form needs no subsets and no polynomial arithmetic. In one leaf's game a feature `i` of
//! the path has `o` (1 where the row follows all its splits to the leaf, else 0) and `z` (the part of
//! the training rows that do), and a coalition is worth the leaf's weight times `o` for members and
//! `z` for the rest. Shapley's weight of a coalition of size s among n is the integral over 0..1 of
//! `t^s·(1−t)^(n−1−s)`, so with `g_j(t) = o_j·t + z_j·(1−t)` the value of `i` is
//!
//! ```text
//! weight · (o_i − z_i) · ∫ ∏_{j≠i} g_j(t) dt
//! ```
//!
//! a polynomial of degree n−1, which Gauss-Legendre quadrature with n/2 points integrates exactly.
//! The products are carried down the tree, weighted leaves are summed on the way up, and every edge
//! divides its feature's `g` out once. Where a feature is split on again, the deeper edge replaces
//! the shallower one in the product, and the shallower one's share of that subtree is taken back.
//! All factors are positive and nothing cancels: no loss of precision on long paths.

use std::f64::consts::PI;
use std::ops::RangeInclusive;

use super::forest::{Forest, Link, MAX_DEPTH};

/// How contributions were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Exact, path-dependent Shapley values.
    TreeShap,
    /// Shifts along the row's path in trees whose covers are unknown: a hint, not a measure.
    Saabas,
}

impl Method {
    /// As evidence names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TreeShap => "tree_shap",
            Self::Saabas => "saabas",
        }
    }
}

/// What contributions are measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    LogOdds,
    Probability,
}

/// A margin taken apart: `bias` plus all `values` is the model's margin.
#[derive(Debug, Clone, PartialEq)]
pub struct Contributions {
    pub method: Method,
    pub scale: Scale,
    /// The margin if nothing is known about the row.
    pub bias: f64,
    /// One per feature, in the order of the model's columns.
    pub values: Vec<f64>,
}

impl Contributions {
    /// The model's margin: bias and values together.
    pub fn margin(&self) -> f64 {
        self.bias + self.values.iter().sum::<f64>()
    }

    /// Features by strength, strongest first, those without any left out.
    pub fn strongest(&self) -> Vec<(usize, f64)> {
        let mut ranked: Vec<_> = self.values.iter().copied().enumerate().collect();
        ranked.retain(|(_, value)| *value != 0.0);
        ranked.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        ranked
    }
}

/// Takes a row's margin apart.
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

/// `Q` points integrate the paths of `2·Q` features exactly; no tree pays for a wider one.
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

/// A walk over trees for one row.
struct Walk<'a, const Q: usize> {
    forest: &'a Forest,
    covers: &'a [f32],
    row: &'a [f32],
    quadrature: Quadrature<Q>,
    /// Per feature: its factor on the path to the current node.
    factors: Vec<Factor<Q>>,
    bias: f64,
    values: &'a mut [f64],
}

/// One feature's part of a path, all its splits together.
#[derive(Clone, Copy)]
struct Factor<const Q: usize> {
    one: f64,
    zero: f64,
    /// `1 / g(t)` at the quadrature's points.
    inverse: [f64; Q],
}

impl<const Q: usize> Factor<Q> {
    /// Of a feature not split on: it divides and contributes nothing.
    const NONE: Self = Self { one: 1.0, zero: 1.0, inverse: [1.0; Q] };
}

impl<'a, const Q: usize> Walk<'a, Q> {
    /// Walks the trees whose widest path has so many features.
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

    /// Returns the sum over the leaves below a split of weight times product, at each point. The
    /// depth of the recursion is bounded by [`MAX_DEPTH`].
    fn descend(&mut self, at: usize, reach: f64, product: &[f64; Q]) -> [f64; Q] {
        let node = self.forest.nodes[at];
        let feature = usize::from(node.feature);
        let taken = node.step(self.row);
        let before = self.factors[feature];
        // The path without this feature.
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

    /// Newton's method on the roots of Legendre's polynomial of degree `Q`.
    fn new() -> Self {
        let (mut points, mut weights) = ([0.0; Q], [0.0; Q]);
        for i in 0..Q {
            let mut x = (PI * (i as f64 + 0.75) / (Q as f64 + 0.5)).cos();
            let mut slope = 0.0;
            // Quadratic convergence from this start: five steps reach the last bit.
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

/// Legendre's polynomial of a degree and its derivative at `x`, |x| < 1.
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
    // Children stand behind their parents, so from the back every mean finds its parts.
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

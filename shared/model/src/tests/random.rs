//! Random forests, compared with a naive walker that follows the wording of ONNX's specification,
//! and with Shapley's definition, subset by subset.

use proptest::prelude::*;

use super::super::forest::{Forest, ForestError, Link};
use super::super::onnx::{Attributes, Mode};
use super::super::shap::{Method, contributions};

const COLUMNS: usize = 5;
const MODES: [Mode; 6] = [Mode::Leq, Mode::Lt, Mode::Gte, Mode::Gt, Mode::Eq, Mode::Neq];
/// Few values, so that rows often equal thresholds.
const VALUES: [f32; 6] = [-1.0, -0.0, 0.0, 0.5, 1.0, f32::INFINITY];

/// Owned attribute lists.
#[derive(Debug, Clone, Default)]
struct Lists {
    tree_ids: Vec<i64>,
    node_ids: Vec<i64>,
    feature_ids: Vec<i64>,
    modes: Vec<Mode>,
    values: Vec<f32>,
    true_ids: Vec<i64>,
    false_ids: Vec<i64>,
    missing_true: Vec<i64>,
    hitrates: Vec<f32>,
    leaf_tree_ids: Vec<i64>,
    leaf_node_ids: Vec<i64>,
    leaf_weights: Vec<f32>,
    leaf_class_ids: Vec<i64>,
}

impl Lists {
    fn attributes(&self, base: &'static [f32]) -> Attributes<'_> {
        Attributes {
            tree_ids: &self.tree_ids,
            node_ids: &self.node_ids,
            feature_ids: &self.feature_ids,
            modes: self.modes.clone(),
            values: &self.values,
            true_ids: &self.true_ids,
            false_ids: &self.false_ids,
            missing_true: Some(&self.missing_true),
            hitrates: Some(&self.hitrates),
            leaf_tree_ids: &self.leaf_tree_ids,
            leaf_node_ids: &self.leaf_node_ids,
            leaf_class_ids: &self.leaf_class_ids,
            leaf_weights: &self.leaf_weights,
            class_labels: &[0, 1],
            base_values: base,
            link: Link::Identity,
        }
    }

    fn forest(&self) -> Result<Forest, ForestError> {
        Forest::build(&self.attributes(&[0.25]))
    }
}

/// A tree's shape, as proptest makes and shrinks it.
#[derive(Debug, Clone)]
enum Shape {
    Leaf { weight: i8, rows: u8 },
    Split { feature: usize, value: usize, mode: usize, missing: bool, to: Box<[Shape; 2]> },
}

fn shape() -> impl Strategy<Value = Shape> {
    let leaf = (any::<i8>(), 1..40u8).prop_map(|(weight, rows)| Shape::Leaf { weight, rows });
    leaf.prop_recursive(6, 48, 2, |inner| {
        let parts = (0..COLUMNS, 0..VALUES.len(), 0..MODES.len(), any::<bool>());
        (parts, inner.clone(), inner).prop_map(|((feature, value, mode, missing), yes, no)| {
            Shape::Split { feature, value, mode, missing, to: Box::new([yes, no]) }
        })
    })
}

fn lists() -> impl Strategy<Value = Lists> {
    prop::collection::vec(shape(), 1..6).prop_map(|shapes| {
        let mut lists = Lists::default();
        for (tree, shape) in (0i64..).zip(&shapes) {
            add(&mut lists, tree, shape, &mut 0);
        }
        lists
    })
}

/// Appends a subtree; returns its root's id and its number of rows. Ids have gaps.
fn add(lists: &mut Lists, tree: i64, shape: &Shape, next: &mut i64) -> (i64, f32) {
    let id = *next;
    *next += 3;
    let at = lists.node_ids.len();
    lists.tree_ids.push(tree);
    lists.node_ids.push(id);
    lists.feature_ids.push(0);
    lists.modes.push(Mode::Leaf);
    lists.values.push(0.0);
    lists.true_ids.push(0);
    lists.false_ids.push(0);
    lists.missing_true.push(0);
    lists.hitrates.push(0.0);
    match shape {
        Shape::Leaf { weight, rows } => {
            lists.leaf_tree_ids.push(tree);
            lists.leaf_node_ids.push(id);
            lists.leaf_class_ids.push(0);
            lists.leaf_weights.push(f32::from(*weight) / 16.0);
            lists.hitrates[at] = f32::from(*rows);
        }
        Shape::Split { feature, value, mode, missing, to } => {
            lists.feature_ids[at] = i64::try_from(*feature).unwrap();
            lists.values[at] = VALUES[*value];
            lists.modes[at] = MODES[*mode];
            lists.missing_true[at] = i64::from(*missing);
            let (yes, yes_rows) = add(lists, tree, &to[0], next);
            let (no, no_rows) = add(lists, tree, &to[1], next);
            lists.true_ids[at] = yes;
            lists.false_ids[at] = no;
            lists.hitrates[at] = yes_rows + no_rows;
        }
    }
    (id, lists.hitrates[at])
}

fn row() -> impl Strategy<Value = Vec<f32>> {
    let value = prop_oneof![
        4 => prop::sample::select(VALUES.to_vec()),
        2 => -2.0..2.0f32,
        1 => Just(f32::NAN),
    ];
    prop::collection::vec(value, COLUMNS)
}

/// Position of a tree's node in the lists.
fn find(lists: &Lists, tree: i64, id: i64) -> usize {
    (0..lists.node_ids.len())
        .find(|&i| lists.tree_ids[i] == tree && lists.node_ids[i] == id)
        .unwrap()
}

/// Whether the answer for this row is "true", as the specification words it.
fn naive_answer(lists: &Lists, at: usize, row: &[f32]) -> bool {
    let x = row[usize::try_from(lists.feature_ids[at]).unwrap()];
    let t = lists.values[at];
    let compared = match lists.modes[at] {
        Mode::Leq => x <= t,
        Mode::Lt => x < t,
        Mode::Gte => x >= t,
        Mode::Gt => x > t,
        Mode::Eq => x == t,
        Mode::Neq => x != t,
        Mode::Leaf => unreachable!(),
    };
    compared || (x.is_nan() && lists.missing_true[at] == 1)
}

fn naive_weight(lists: &Lists, at: usize) -> f64 {
    let is_it = |i: &usize| {
        lists.leaf_tree_ids[*i] == lists.tree_ids[at]
            && lists.leaf_node_ids[*i] == lists.node_ids[at]
    };
    f64::from(lists.leaf_weights[(0..lists.leaf_weights.len()).find(is_it).unwrap()])
}

fn roots(lists: &Lists) -> Vec<usize> {
    (0..lists.tree_ids.len())
        .filter(|&i| i == 0 || lists.tree_ids[i] != lists.tree_ids[i - 1])
        .collect()
}

/// The tree's expected value if only the features in `known` are known (Lundberg's Algorithm 1); if
/// all are known, its answer.
fn expectation(lists: &Lists, at: usize, row: &[f32], known: u32) -> f64 {
    if lists.modes[at] == Mode::Leaf {
        return naive_weight(lists, at);
    }
    let yes = find(lists, lists.tree_ids[at], lists.true_ids[at]);
    let no = find(lists, lists.tree_ids[at], lists.false_ids[at]);
    if known & (1 << lists.feature_ids[at]) != 0 {
        let child = if naive_answer(lists, at, row) { yes } else { no };
        return expectation(lists, child, row, known);
    }
    let part = |child: usize| f64::from(lists.hitrates[child]) / f64::from(lists.hitrates[at]);
    part(yes) * expectation(lists, yes, row, known) + part(no) * expectation(lists, no, row, known)
}

/// Shapley's definition: the weighted mean of what the feature adds to each coalition of the
/// others.
fn shapley_by_definition(lists: &Lists, row: &[f32], feature: usize) -> f64 {
    let worth = |known: u32| -> f64 {
        roots(lists).iter().map(|&root| expectation(lists, root, row, known)).sum()
    };
    let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
    let all = u32::try_from(COLUMNS).unwrap();
    (0..1u32 << COLUMNS)
        .filter(|coalition| coalition & (1 << feature) == 0)
        .map(|coalition| {
            let size = coalition.count_ones();
            let weight = factorial(size) * factorial(all - size - 1) / factorial(all);
            weight * (worth(coalition | 1 << feature) - worth(coalition))
        })
        .sum()
}

proptest! {
    #[test]
    fn a_forest_answers_as_the_naive_walker(lists in lists(), row in row()) {
        let forest = lists.forest().unwrap();
        let naive: f64 =
            roots(&lists).iter().map(|&root| expectation(&lists, root, &row, u32::MAX)).sum();
        prop_assert!((forest.margin(&row) - (naive + 0.25)).abs() < 1e-12);
    }

    #[test]
    fn contributions_are_shapleys_by_definition(lists in lists(), row in row()) {
        let found = contributions(&lists.forest().unwrap(), &row);
        prop_assert_eq!(found.method, Method::TreeShap);
        for (feature, value) in found.values.iter().enumerate() {
            let defined = shapley_by_definition(&lists, &row, feature);
            prop_assert!((value - defined).abs() < 1e-9, "{value} for {defined}");
        }
    }

    #[test]
    fn contributions_without_covers_sum_to_the_margin(lists in lists(), row in row()) {
        let mut lists = lists;
        lists.hitrates.fill(1.0);
        let forest = lists.forest().unwrap();
        let found = contributions(&forest, &row);
        // In a forest of bare leaves any covers add up.
        let bare = lists.modes.iter().all(|m| *m == Mode::Leaf);
        prop_assert_eq!(found.method == Method::Saabas, !bare);
        prop_assert!((found.margin() - forest.margin(&row)).abs() < 1e-9);
    }

    #[test]
    fn wrong_indices_are_refused_or_harmless(
        lists in lists(), which in 0..4usize, at in any::<prop::sample::Index>(),
        value in -3..60i64, row in row(),
    ) {
        let mut lists = lists;
        let list = match which {
            0 => &mut lists.true_ids,
            1 => &mut lists.false_ids,
            2 => &mut lists.node_ids,
            _ => &mut lists.leaf_node_ids,
        };
        let at = at.index(list.len());
        list[at] = value;
        // Neither a panic nor an endless loop, whatever was damaged.
        if let Ok(forest) = lists.forest() {
            prop_assert!(forest.margin(&row).is_finite());
            prop_assert!(contributions(&forest, &row).margin().is_finite());
        }
    }
}

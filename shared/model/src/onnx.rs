//! Reads the decoded protobuf of an ONNX file: finds the node that computes the probabilities, and
//! gives that node's attributes (`TreeEnsembleClassifier`, ai.onnx.ml versions 1 and 3) as slices.
//! Whether they make a runnable forest is checked in [`super::build`].

use tract_onnx::pb::{AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto};

use super::forest::{ForestError, Link};

type Result<T> = std::result::Result<T, ForestError>;

/// The operator's name in ONNX.
pub const OPERATOR: &str = "TreeEnsembleClassifier";

/// Cuts the graph down to the forest and its probabilities, which are the graph's second output.
/// onnxmltools puts Identity and a Mul by one after them; anything else would change the answer
/// without showing up in the contributions, and is refused.
///
/// # Errors
/// A graph whose probabilities are not those of a single forest.
pub fn keep_only_the_forest(model: &mut ModelProto) -> Result<()> {
    let graph = model.graph.as_mut().ok_or(ForestError::Unsupported("a file without a graph"))?;
    if graph.output.len() != 2 {
        return Err(ForestError::Unsupported("outputs other than label and probabilities"));
    }
    let mut probabilities = graph.output.remove(1);
    // Each step moves one node up, so a graph without a cycle needs no more steps than it has
    // nodes.
    for _ in 0..graph.node.len() {
        let at = graph.node.iter().position(|n| n.output.contains(&probabilities.name));
        let at = at.ok_or(ForestError::Unsupported("probabilities that no node makes"))?;
        let node = &graph.node[at];
        if node.op_type == OPERATOR && node.output.get(1) == Some(&probabilities.name) {
            graph.node = vec![graph.node.swap_remove(at)];
            graph.initializer.clear();
            graph.value_info.clear();
            graph.output = vec![probabilities];
            return Ok(());
        }
        probabilities.name = passed_through(graph, node)?.to_owned();
    }
    Err(ForestError::Unsupported("a graph that runs in circles"))
}

/// The input that a node passes on unchanged.
fn passed_through<'a>(graph: &'a GraphProto, node: &'a NodeProto) -> Result<&'a str> {
    let is_one = |name: &str| graph.initializer.iter().any(|t| t.name == name && all_ones(t));
    match (node.op_type.as_str(), node.input.as_slice()) {
        ("Identity", [input]) => Ok(input),
        ("Mul", [input, one]) if is_one(one) => Ok(input),
        ("Mul", [one, input]) if is_one(one) => Ok(input),
        _ => Err(ForestError::Unsupported("a node that changes the forest's probabilities")),
    }
}

/// Whether the tensor has one element, which is 1.0, so that multiplying by it neither scales nor
/// broadcasts.
fn all_ones(tensor: &TensorProto) -> bool {
    let one_element = tensor.dims.iter().all(|&d| d == 1);
    one_element && (tensor.float_data == [1.0] || tensor.raw_data[..] == 1f32.to_le_bytes())
}

/// How a node compares a feature `x` with its threshold `t` (`Leq`: true where `x <= t`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Leq,
    Lt,
    Gte,
    Gt,
    Eq,
    Neq,
    Leaf,
}

/// The attributes that matter. All lists about nodes have one length, and so have those about
/// leaves.
#[derive(Debug, Clone)]
pub struct Attributes<'a> {
    pub tree_ids: &'a [i64],
    pub node_ids: &'a [i64],
    pub feature_ids: &'a [i64],
    pub modes: Vec<Mode>,
    pub values: &'a [f32],
    pub true_ids: &'a [i64],
    pub false_ids: &'a [i64],
    /// Not 0 where the answer for a missing value is "true"; `None` if that is so at no node.
    pub missing_true: Option<&'a [i64]>,
    /// The number of training rows that reached each node.
    pub hitrates: Option<&'a [f32]>,
    pub leaf_tree_ids: &'a [i64],
    pub leaf_node_ids: &'a [i64],
    pub leaf_class_ids: &'a [i64],
    pub leaf_weights: &'a [f32],
    pub class_labels: &'a [i64],
    pub base_values: &'a [f32],
    pub link: Link,
}

impl<'a> Attributes<'a> {
    /// Reads the attributes of a node.
    ///
    /// # Errors
    /// Missing or unknown attributes, lists of different lengths, unsupported transforms.
    pub fn read(node: &'a NodeProto) -> Result<Self> {
        refuse_unread_attributes(node)?;
        let nodes = required(node, "nodes_nodeids", |a| &a.ints)?.len();
        let leaves = required(node, "class_nodeids", |a| &a.ints)?.len();
        let node_ints = |name| list(node, name, nodes, |a| &a.ints);
        let leaf_ints = |name| list(node, name, leaves, |a| &a.ints);
        let modes = list(node, "nodes_modes", nodes, |a| &a.strings)?;
        Ok(Self {
            tree_ids: node_ints("nodes_treeids")?,
            node_ids: node_ints("nodes_nodeids")?,
            feature_ids: node_ints("nodes_featureids")?,
            modes: modes.iter().map(|m| mode(m)).collect::<Result<_>>()?,
            values: list(node, "nodes_values", nodes, |a| &a.floats)?,
            true_ids: node_ints("nodes_truenodeids")?,
            false_ids: node_ints("nodes_falsenodeids")?,
            missing_true: optional(node, "nodes_missing_value_tracks_true", nodes, |a| &a.ints)?,
            hitrates: optional(node, "nodes_hitrates", nodes, |a| &a.floats)?,
            leaf_tree_ids: leaf_ints("class_treeids")?,
            leaf_node_ids: leaf_ints("class_nodeids")?,
            leaf_class_ids: leaf_ints("class_ids")?,
            leaf_weights: list(node, "class_weights", leaves, |a| &a.floats)?,
            class_labels: required(node, "classlabels_int64s", |a| &a.ints)?,
            base_values: find(node, "base_values").map_or(&[], |a| &a.floats),
            link: link(node)?,
        })
    }
}

/// Refuses attributes that are not read here and could change the answer: 64-bit values, text
/// labels.
fn refuse_unread_attributes(node: &NodeProto) -> Result<()> {
    const UNREAD: [&str; 5] = [
        "base_values_as_tensor",
        "class_weights_as_tensor",
        "nodes_hitrates_as_tensor",
        "nodes_values_as_tensor",
        "classlabels_strings",
    ];
    match UNREAD.into_iter().find(|name| find(node, name).is_some()) {
        Some(name) => Err(ForestError::Attribute(name)),
        None => Ok(()),
    }
}

fn find<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    node.attribute.iter().find(|a| a.name == name)
}

fn required<'a, T>(
    node: &'a NodeProto,
    name: &'static str,
    field: fn(&AttributeProto) -> &Vec<T>,
) -> Result<&'a [T]> {
    find(node, name).map(|a| field(a).as_slice()).ok_or(ForestError::Missing(name))
}

fn list<'a, T>(
    node: &'a NodeProto,
    name: &'static str,
    expected: usize,
    field: fn(&AttributeProto) -> &Vec<T>,
) -> Result<&'a [T]> {
    let values = required(node, name, field)?;
    let found = values.len();
    let fits = found == expected;
    if fits { Ok(values) } else { Err(ForestError::Length { name, found, expected }) }
}

/// A list that exporters may leave out or leave empty.
fn optional<'a, T>(
    node: &'a NodeProto,
    name: &'static str,
    expected: usize,
    field: fn(&AttributeProto) -> &Vec<T>,
) -> Result<Option<&'a [T]>> {
    match find(node, name) {
        Some(a) if !field(a).is_empty() => list(node, name, expected, field).map(Some),
        _ => Ok(None),
    }
}

fn mode(text: &[u8]) -> Result<Mode> {
    Ok(match text {
        b"BRANCH_LEQ" => Mode::Leq,
        b"BRANCH_LT" => Mode::Lt,
        b"BRANCH_GTE" => Mode::Gte,
        b"BRANCH_GT" => Mode::Gt,
        b"BRANCH_EQ" => Mode::Eq,
        b"BRANCH_NEQ" => Mode::Neq,
        b"LEAF" => Mode::Leaf,
        _ => return Err(ForestError::Attribute("nodes_modes with an unknown mode")),
    })
}

/// SOFTMAX and similar transforms have no settled meaning for the single score of a binary forest.
fn link(node: &NodeProto) -> Result<Link> {
    match find(node, "post_transform").map_or(&b"NONE"[..], |a| &a.s) {
        b"NONE" => Ok(Link::Identity),
        b"LOGISTIC" => Ok(Link::Logistic),
        b"SOFTMAX" => Err(ForestError::Attribute("post_transform SOFTMAX")),
        b"SOFTMAX_ZERO" => Err(ForestError::Attribute("post_transform SOFTMAX_ZERO")),
        b"PROBIT" => Err(ForestError::Attribute("post_transform PROBIT")),
        _ => Err(ForestError::Attribute("post_transform with an unknown name")),
    }
}

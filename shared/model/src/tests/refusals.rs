//! What cannot be run exactly is not loaded, and the error says why.

use tract_onnx::pb::tensor_shape_proto::Dimension;
use tract_onnx::pb::tensor_shape_proto::dimension::Value::DimValue;
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{AttributeProto, GraphProto, ModelProto};
use tract_onnx::prelude::Framework;

use super::super::forest::{Forest, ForestError};
use super::super::onnx::{Attributes, keep_only_the_forest};
use super::super::operator::Plan;
use super::super::{Model, ModelError, features_sha256};
use super::{FEATURES, FOREST, Fixture, LIGHTGBM, LIGHTGBM_AS_EXPORTED};

/// Builds the forest of a fixture's file after a change to its tree node.
fn build(
    fixture: &Fixture,
    change: impl FnOnce(&mut Vec<AttributeProto>),
) -> Result<Forest, ForestError> {
    let mut proto = decoded(fixture);
    keep_only_the_forest(&mut proto)?;
    let node = &mut proto.graph.as_mut().unwrap().node[0];
    change(&mut node.attribute);
    Forest::build(&Attributes::read(node)?)
}

fn decoded(fixture: &Fixture) -> ModelProto {
    tract_onnx::Onnx::default().proto_model_for_read(&mut &fixture.onnx[..]).unwrap()
}

fn attribute<'a>(attributes: &'a mut [AttributeProto], name: &str) -> &'a mut AttributeProto {
    attributes.iter_mut().find(|a| a.name == name).unwrap()
}

/// Asserts that the changed LightGBM fixture is refused with an error that contains `says`.
#[track_caller]
fn refused(says: &str, change: impl FnOnce(&mut Vec<AttributeProto>)) {
    let error = build(&LIGHTGBM, change).unwrap_err().to_string();
    assert!(error.contains(says), "{error}");
}

#[test]
fn unchanged_fixtures_are_built() {
    for fixture in super::ALL {
        assert!(build(fixture, |_| {}).is_ok());
    }
}

#[test]
fn damaged_trees_are_refused() {
    refused("a child that is not there", |a| attribute(a, "nodes_truenodeids").ints[0] = 1000);
    refused("a child that is not there", |a| attribute(a, "nodes_truenodeids").ints[0] = -1);
    refused("two parents, or a cycle", |a| attribute(a, "nodes_truenodeids").ints[0] = 0);
    refused("does not lead to", |a| {
        let leaf = attribute(a, "nodes_modes").strings.iter().position(|m| m == b"LEAF").unwrap();
        attribute(a, "nodes_modes").strings[leaf - 1] = b"LEAF".to_vec();
        let node = attribute(a, "nodes_nodeids").ints[leaf - 1];
        attribute(a, "class_nodeids").ints.insert(0, node);
        attribute(a, "class_treeids").ints.insert(0, 0);
        attribute(a, "class_ids").ints.insert(0, 0);
        attribute(a, "class_weights").floats.insert(0, 0.0);
    });
    refused("two nodes with one id", |a| attribute(a, "nodes_nodeids").ints[1] = 0);
    refused("a feature index out of range", |a| attribute(a, "nodes_featureids").ints[0] = -1);
    refused("a feature index out of range", |a| attribute(a, "nodes_featureids").ints[0] = 1 << 40);
    refused("a threshold that is not a number", |a| {
        attribute(a, "nodes_values").floats[0] = f32::NAN;
    });
    refused("not together", |a| *attribute(a, "nodes_treeids").ints.last_mut().unwrap() = 0);
}

#[test]
fn damaged_leaves_are_refused() {
    refused("a leaf without a weight", |a| {
        for name in ["class_nodeids", "class_treeids", "class_ids"] {
            attribute(a, name).ints.remove(0);
        }
        attribute(a, "class_weights").floats.remove(0);
    });
    refused("a weight on a split", |a| attribute(a, "class_nodeids").ints[0] = 0);
    refused("a weight for a node that is not there", |a| {
        attribute(a, "class_nodeids").ints[0] = 1000;
    });
    refused("two weights for one leaf", |a| {
        let first = attribute(a, "class_nodeids").ints[0];
        attribute(a, "class_nodeids").ints[1] = first;
    });
    refused("not a finite number", |a| attribute(a, "class_weights").floats[0] = f32::INFINITY);
    refused("not together", |a| *attribute(a, "class_treeids").ints.last_mut().unwrap() = 0);
    refused("a tree that is not there", |a| {
        attribute(a, "class_treeids").ints.push(30);
        attribute(a, "class_nodeids").ints.push(0);
        attribute(a, "class_ids").ints.push(0);
        attribute(a, "class_weights").floats.push(0.0);
    });
}

#[test]
fn what_onnx_allows_and_this_runtime_does_not_run_exactly_is_refused() {
    refused("post_transform SOFTMAX", |a| attribute(a, "post_transform").s = b"SOFTMAX".to_vec());
    refused("unknown name", |a| attribute(a, "post_transform").s = b"EXP".to_vec());
    refused("unknown mode", |a| {
        attribute(a, "nodes_modes").strings[0] = b"BRANCH_MEMBER".to_vec();
    });
    refused("more than one class", |a| attribute(a, "class_ids").ints[0] = 1);
    refused("the integers 0 and 1", |a| {
        attribute(a, "classlabels_int64s").ints = vec![1, 2];
    });
    refused("more than one base value", |a| {
        let floats = vec![0.1, 0.2];
        a.push(AttributeProto { name: "base_values".into(), floats, ..Default::default() });
    });
    refused("nodes_values_as_tensor is not supported", |a| {
        a.push(AttributeProto { name: "nodes_values_as_tensor".into(), ..Default::default() });
    });
    refused("nodes_truenodeids is missing", |a| a.retain(|a| a.name != "nodes_truenodeids"));
    refused("has 1 values for", |a| attribute(a, "nodes_values").floats.truncate(1));
}

/// Changes a fixture's graph, then makes it ready to run.
fn planned(fixture: &Fixture, change: impl FnOnce(&mut GraphProto)) -> Result<(), String> {
    let mut proto = decoded(fixture);
    change(proto.graph.as_mut().unwrap());
    Plan::of(proto).map(|_| ()).map_err(|error| format!("{error:#}"))
}

#[test]
fn weights_of_signs_that_the_link_is_not_for_are_refused() {
    let weights = |graph: &mut GraphProto, change: fn(f32) -> f32| {
        let node = &mut graph.node[0].attribute;
        attribute(node, "class_weights").floats.iter_mut().for_each(|w| *w = change(*w));
    };
    let error = planned(&LIGHTGBM, |graph| weights(graph, f32::abs)).unwrap_err();
    assert!(error.contains("LOGISTIC over weights that are all positive"), "{error}");
    let error = planned(&FOREST, |graph| weights(graph, |w| 0.01 - w)).unwrap_err();
    assert!(error.contains("negative weights that no LOGISTIC follows"), "{error}");
}

#[test]
fn an_input_that_does_not_fit_the_splits_is_refused() {
    let columns = |count: i64| {
        planned(&LIGHTGBM, |graph| {
            let input = graph.input[0].r#type.as_mut().unwrap().value.as_mut().unwrap();
            let Value::TensorType(tensor) = input;
            let width = Dimension { value: Some(DimValue(count)), ..Default::default() };
            tensor.shape.as_mut().unwrap().dim[1] = width;
        })
    };
    assert_eq!(columns(6), Ok(()));
    assert!(columns(5).unwrap_err().contains("a split on a column that the input lacks"));
}

#[test]
fn a_path_deeper_than_the_bound_is_refused() {
    let chain = |depth: usize| {
        build(&LIGHTGBM, |a| {
            let count = i64::try_from(2 * depth + 1).unwrap();
            // Even ids split to the next even id and to an odd leaf; the last is a leaf.
            let leaf = |i: i64| i % 2 == 1 || i == count - 1;
            let branch = |i| if leaf(i) { b"LEAF".to_vec() } else { b"BRANCH_LEQ".to_vec() };
            let nodes = || 0..count;
            attribute(a, "nodes_treeids").ints = nodes().map(|_| 0).collect();
            attribute(a, "nodes_nodeids").ints = nodes().collect();
            attribute(a, "nodes_featureids").ints = nodes().map(|_| 0).collect();
            attribute(a, "nodes_modes").strings = nodes().map(branch).collect();
            attribute(a, "nodes_values").floats = nodes().map(|_| 0.5).collect();
            attribute(a, "nodes_truenodeids").ints = nodes().map(|i| i + 1).collect();
            attribute(a, "nodes_falsenodeids").ints = nodes().map(|i| i + 2).collect();
            attribute(a, "nodes_missing_value_tracks_true").ints = vec![];
            attribute(a, "nodes_hitrates").floats = vec![];
            let leaves: Vec<i64> = nodes().filter(|i| leaf(*i)).collect();
            attribute(a, "class_treeids").ints = vec![0; leaves.len()];
            attribute(a, "class_ids").ints = vec![0; leaves.len()];
            attribute(a, "class_weights").floats = vec![-1.0; leaves.len()];
            attribute(a, "class_nodeids").ints = leaves;
        })
    };
    assert!(chain(64).is_ok());
    assert!(chain(65).unwrap_err().to_string().contains("deeper than 64"));
}

#[test]
fn a_graph_that_changes_the_probabilities_is_refused() {
    let mut scaled = decoded(&LIGHTGBM_AS_EXPORTED);
    for tensor in &mut scaled.graph.as_mut().unwrap().initializer {
        tensor.float_data.fill(0.5);
        tensor.raw_data.clear();
    }
    let error = keep_only_the_forest(&mut scaled).unwrap_err();
    assert!(error.to_string().contains("changes the forest's probabilities"), "{error}");
}

#[test]
fn a_file_that_is_not_its_cards_is_refused() {
    let found = Model::load(FOREST.onnx, LIGHTGBM.card, &FEATURES);
    assert_eq!(found.unwrap_err(), ModelError::OnnxHash);
}

#[test]
fn features_the_runtime_does_not_know_are_refused() {
    let check = |features: &[&str], says: &str| {
        let error = Model::load(LIGHTGBM.onnx, LIGHTGBM.card, features).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    };
    check(&FEATURES[..5], "feature 5, `feature_5`, is none of the runtime's");
    let mut misspelt = FEATURES;
    misspelt[1] = "feature-1";
    check(&misspelt, "feature 1, `feature_1`, is none of the runtime's");
}

#[test]
fn a_runtime_may_know_more_features_and_in_another_order() {
    let mut more = [&FEATURES[..], &["feature_6"]].concat();
    more.reverse();
    let model = Model::load(LIGHTGBM.onnx, LIGHTGBM.card, &more).unwrap();
    assert_eq!(model.row(&[6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0]), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
}

#[test]
fn a_card_with_more_features_than_the_file_has_columns_is_refused() {
    let seven = [&FEATURES[..], &["feature_6"]].concat();
    let hash = features_sha256(&FEATURES);
    let card = LIGHTGBM.card.replace(&hash, &features_sha256(&seven));
    let card = card.replace("\"feature_5\"", "\"feature_5\", \"feature_6\"");
    let found = Model::load(LIGHTGBM.onnx, &card, &seven);
    assert_eq!(found.unwrap_err(), ModelError::Columns { onnx: 6, card: 7 });
}

#[test]
fn a_card_that_contradicts_itself_is_refused() {
    let check = |from: &str, to: &str, says: &str| {
        assert!(LIGHTGBM.card.contains(from));
        let card = LIGHTGBM.card.replacen(from, to, 1);
        let error = Model::load(LIGHTGBM.onnx, &card, &FEATURES).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    };
    check(&features_sha256(&FEATURES), &features_sha256(&["x"]), "features_sha256");
    check("\"onnx_sha256\": \"", "\"onnx_sha256\": \"F", "onnx_sha256");
    check("\"limits\"", "\"limit\"", "not the JSON of a model card");
    check("\"none\"", "\"temperature\"", "not the JSON of a model card");
    check(
        "{\n    \"method\": \"none\"\n  }",
        "{\"method\": \"platt\", \"a\": 0, \"b\": 0}",
        "a > 0",
    );
}

#[test]
fn a_card_that_promises_covers_the_file_lacks_is_refused() {
    let card =
        LIGHTGBM_AS_EXPORTED.card.replace("\"covers\": \"none\"", "\"covers\": \"nodes_hitrates\"");
    let found = Model::load(LIGHTGBM_AS_EXPORTED.onnx, &card, &FEATURES);
    assert_eq!(found.unwrap_err(), ModelError::Covers);
}

#[test]
fn bytes_that_are_no_model_are_refused() {
    let garbage = b"not a protobuf".as_slice();
    let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(garbage));
    let theirs = LIGHTGBM.model().card().onnx_sha256.clone();
    let card = LIGHTGBM.card.replace(&theirs, &hash);
    let found = Model::load(garbage, &card, &FEATURES);
    assert!(matches!(found, Err(ModelError::Onnx(_))), "{found:?}");
}

#[test]
fn rows_of_another_length_are_refused() {
    let model = LIGHTGBM.model();
    let expected = ModelError::Row { found: 5, expected: 6 };
    assert_eq!(model.risk(&[0.0; 5]).unwrap_err(), expected);
    assert_eq!(model.risk_batch(&[vec![0.0; 6], vec![0.0; 5]]).unwrap_err(), expected);
    assert_eq!(model.contributions(&[0.0; 5]).unwrap_err(), expected);
    assert_eq!(model.risk_batch::<Vec<f32>>(&[]).unwrap(), []);
}

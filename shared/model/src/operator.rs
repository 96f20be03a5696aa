//! Our tree-ensemble operator inside tract, and the plan it runs in. tract's own operator searches
//! its leaf table from the start for every leaf and takes milliseconds a row; this one walks
//! [`Forest`]. Its outputs are those of ONNX's `TreeEnsembleClassifier`: labels and probabilities.
//!
//! It is the only operator registered. A file with any other is refused, because tract does not
//! know it, and the linker drops tract's own hundred.

use std::sync::Arc;

use tract_hir::internal::*;
use tract_onnx::model::{Onnx, ParsingContext};
use tract_onnx::pb::{ModelProto, NodeProto};

use super::forest::Forest;
use super::onnx::{Attributes, OPERATOR, keep_only_the_forest};

/// The most rows that [`Plan::run`] takes at once.
pub const MAX_ROWS: usize = 65_536;

/// A loaded graph, ready to run, and the forest inside it.
#[derive(Debug)]
pub struct Plan {
    runnable: Arc<TypedSimplePlan>,
    pub forest: Arc<Forest>,
    /// Columns of the graph's input.
    pub columns: usize,
}

impl Plan {
    /// Decodes an ONNX file and makes it runnable, without tract's optimiser: it has nothing to do
    /// for one operator, and would delay start-up.
    ///
    /// # Errors
    /// Not an ONNX file, not a single forest, or one that cannot be run exactly.
    pub fn load(onnx: &[u8]) -> TractResult<Self> {
        Self::of(Onnx::default().proto_model_for_read(&mut &onnx[..])?)
    }

    pub(super) fn of(mut proto: ModelProto) -> TractResult<Self> {
        let mut framework = Onnx::default();
        framework.op_register.insert(OPERATOR, read_forest);
        keep_only_the_forest(&mut proto)?;
        let mut model = framework.model_for_proto_model(&proto)?;
        let columns = columns(model.input_fact(0)?)?;
        let rows = model.symbols.sym("rows");
        model.set_input_fact(0, f32::fact([rows.to_dim(), columns.to_dim()]).into())?;
        let model = model.into_typed()?;

        let forest = model.nodes().iter().find_map(|n| n.op_as::<TreeEnsemble>());
        let forest = forest.context("no forest")?.forest.clone();
        ensure!(forest.columns() <= columns, "a split on a column that the input lacks");
        Ok(Self { runnable: model.into_runnable()?, forest, columns })
    }

    /// Returns the probabilities of class 1 for `rows.len() / columns` rows laid end to end.
    ///
    /// # Errors
    /// Values that do not make whole rows, no rows, or more than [`MAX_ROWS`].
    pub fn run(&self, rows: &[f32]) -> TractResult<Vec<f32>> {
        let count = rows.len() / self.columns.max(1);
        ensure!((1..=MAX_ROWS).contains(&count), "{count} rows at once");
        let input = Tensor::from_shape(&[count, self.columns], rows)?;
        let outputs = self.runnable.run(tvec!(input.into_tvalue()))?;
        let probabilities = outputs[0].to_plain_array_view::<f32>()?;
        ensure!(probabilities.shape() == [count, 2], "the answer has another shape");
        Ok(probabilities.outer_iter().map(|row| row[1]).collect())
    }
}

/// The width of the input, which must be a table of 32-bit floats with any number of rows.
fn columns(input: &InferenceFact) -> TractResult<usize> {
    ensure!(input.datum_type() == Some(f32::datum_type()), "the input is not 32-bit floats");
    let rank = input.shape.rank().concretize();
    ensure!(rank == Some(2), "the input is not a table");
    let width = input.shape.dim(1).and_then(|d| d.concretize());
    Ok(width.context("the input's width is open")?.to_usize()?)
}

fn read_forest(
    _context: &ParsingContext,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let forest = Arc::new(Forest::build(&Attributes::read(node)?)?);
    forest.check_link()?;
    Ok((expand(UntypedOperator(TreeEnsemble { forest })), vec![]))
}

/// The operator in a typed graph.
#[derive(Debug, Clone)]
struct TreeEnsemble {
    forest: Arc<Forest>,
}

/// Two operators are equal if they share one forest in memory.
impl PartialEq for TreeEnsemble {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.forest, &other.forest)
    }
}

impl Eq for TreeEnsemble {}

impl Op for TreeEnsemble {
    fn name(&self) -> StaticName {
        "SentinelTreeEnsemble".into()
    }

    op_as_typed_op!();
}

impl EvalOp for TreeEnsemble {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let rows = args_1!(inputs);
        ensure!(rows.rank() == 2 && rows.shape()[1] >= self.forest.columns(), "rows too short");
        let (count, columns) = (rows.shape()[0], rows.shape()[1]);
        let rows = rows.try_as_plain_ram()?.as_slice::<f32>()?;
        let mut labels = Vec::with_capacity(count);
        let mut probabilities = Vec::with_capacity(2 * count);
        for margin in self.forest.margins(rows, columns) {
            let scores = self.forest.scores(margin);
            labels.push(scores.label);
            probabilities.extend(scores.probabilities);
        }
        let labels = Tensor::from_shape(&[count], &labels)?;
        let probabilities = Tensor::from_shape(&[count, 2], &probabilities)?;
        Ok(tvec!(labels.into_tvalue(), probabilities.into_tvalue()))
    }
}

impl TypedOp for TreeEnsemble {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let rows = &inputs[0].shape[0];
        let probabilities = f32::fact([rows.clone(), 2.to_dim()]);
        Ok(tvec!(i64::fact([rows.clone()]), probabilities))
    }

    as_op!();
}

/// The operator in a graph whose types and shapes tract is still inferring.
#[derive(Debug, Clone)]
struct UntypedOperator(TreeEnsemble);

impl Expansion for UntypedOperator {
    fn name(&self) -> StaticName {
        "SentinelTreeEnsemble".into()
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(2)
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        solver: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 1)?;
        check_output_arity(outputs, 2)?;
        solver.equals(&inputs[0].datum_type, f32::datum_type())?;
        solver.equals(&inputs[0].rank, 2)?;
        solver.equals(&outputs[0].datum_type, i64::datum_type())?;
        solver.equals(&outputs[0].rank, 1)?;
        solver.equals(&outputs[1].datum_type, f32::datum_type())?;
        solver.equals(&outputs[1].rank, 2)?;
        solver.equals(&outputs[0].shape[0], &inputs[0].shape[0])?;
        solver.equals(&outputs[1].shape[0], &inputs[0].shape[0])?;
        solver.equals(&outputs[1].shape[1], 2.to_dim())
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        model.wire_node(prefix, self.0.clone(), inputs)
    }
}

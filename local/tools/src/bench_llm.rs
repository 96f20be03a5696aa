//! `sentinel bench-llm`: what an LLM finds in the purposes of labelled payments that rules and model
//! do not. Each case is judged as production would judge it, after its earlier payments, and the LLM
//! gets the prompt that production would send, redaction included; its answer goes through the same
//! checks. The cases were written for this bench and have never been used to tune anything.

mod case;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use chat::{AuthHeader, ChatClient};
use model::Model;
use sentinel::cascade::Policy;
use sentinel::llm::answer;
use sentinel::reference::Reference;
use sentinel::register::VersionedSet as _;
use sentinel::rules::RuleSet;
use sentinel::spend::budget::{MicroUsd, PriceTable};

use case::{Case, JudgedCase};
use report::{Outcome, Report};

use crate::progress::Progress;
use crate::terminal::print;

/// Measures what an LLM finds in the purposes of labelled payments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Base URL of an OpenAI-compatible API, such as http://127.0.0.1:11434/v1 [default: only rules and
    /// model are measured].
    #[arg(long, requires = "model")]
    pub url: Option<String>,
    /// The model's name at that API.
    #[arg(long)]
    pub model: Option<String>,
    /// The API's key.
    #[arg(long, env = "LLM_API_KEY", hide_env_values = true, default_value = "")]
    pub key: String,
    /// The header that carries the key: authorization or api-key [default: what the host expects].
    #[arg(long, value_parser = auth_header)]
    pub auth_header: Option<AuthHeader>,
    /// Price of a million input tokens in US dollars.
    #[arg(long, default_value = "0.15", value_parser = MicroUsd::parse_usd)]
    pub input_usd_per_mtok: MicroUsd,
    /// Price of a million output tokens in US dollars.
    #[arg(long, default_value = "0.60", value_parser = MicroUsd::parse_usd)]
    pub output_usd_per_mtok: MicroUsd,
    /// Most tokens of an answer.
    #[arg(long, default_value_t = 800)]
    pub max_tokens: u32,
    /// Seconds after which a call is given up.
    #[arg(long, default_value_t = 60)]
    pub timeout: u64,
    /// Ask about this many cases only, spread over all kinds.
    #[arg(long)]
    pub limit: Option<usize>,
    /// A file of cases [default: the embedded ones].
    #[arg(long)]
    pub cases: Option<PathBuf>,
    /// Print what would be sent about this case, and ask nothing.
    #[arg(long)]
    pub show: Option<String>,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
}

fn auth_header(text: &str) -> Result<AuthHeader, &'static str> {
    AuthHeader::parse(text).ok_or("authorization or api-key")
}

/// Judges, asks and reports.
pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let cases = match &args.cases {
        None => case::embedded()?,
        Some(path) => {
            let text = std::fs::read_to_string(path);
            case::read(&text.with_context(|| format!("cannot read {}", path.display()))?)?
        }
    };
    let policy = Policy::new(Reference::embedded()?, RuleSet::embedded()?);
    let model = Model::embedded()?;
    if let Some(id) = &args.show {
        let case = cases.iter().find(|case| case.id == *id);
        let case = case.with_context(|| format!("there is no case {id}"))?;
        print(&case.judge(&policy, &model)?.prompt.user)?;
        return Ok(ExitCode::SUCCESS);
    }
    let cases = spread(cases, args.limit);
    ensure!(!cases.is_empty(), "there are no cases");
    let client = match &args.url {
        None => None,
        Some(url) => Some(Endpoint::new(&args, url)?),
    };
    let mut progress = Progress::start("cases", Some(cases.len() as u64));
    let mut outcomes = Vec::with_capacity(cases.len());
    for case in &cases {
        let judged = case.judge(&policy, &model)?;
        let mut outcome = Outcome::of(case, &judged);
        if let Some(client) = &client {
            client.ask(&judged, &mut outcome).await;
        }
        outcomes.push(outcome);
        progress.advance(1);
    }
    progress.finish();
    let dialect = client.as_ref().map(|endpoint| endpoint.client.dialect().to_string());
    let report = Report::new(args.model.clone().filter(|_| args.url.is_some()), dialect, outcomes);
    if args.json {
        print(&serde_json::to_string_pretty(&report)?)?;
    } else {
        print(&report.text())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Keeps every so many-th case, so that all kinds stay represented.
fn spread(cases: Vec<Case>, limit: Option<usize>) -> Vec<Case> {
    let (all, most) = (cases.len(), limit.unwrap_or(usize::MAX).min(cases.len()));
    let kept = |at: &usize| at * most / all.max(1) != (at + 1) * most / all.max(1);
    cases.into_iter().enumerate().filter(|(at, _)| kept(at)).map(|(_, case)| case).collect()
}

/// The LLM under test.
struct Endpoint {
    client: ChatClient,
    key: String,
    prices: PriceTable,
    timeout: Duration,
}

impl Endpoint {
    fn new(args: &Args, url: &str) -> anyhow::Result<Self> {
        let model = args.model.clone().unwrap_or_default();
        let prices = PriceTable {
            input_per_million: args.input_usd_per_mtok,
            output_per_million: args.output_usd_per_mtok,
        };
        let timeout = Duration::from_secs(args.timeout);
        let endpoint = chat::endpoint(url)?;
        let auth = args.auth_header.unwrap_or_else(|| AuthHeader::of(&endpoint));
        let bounds = (args.max_tokens, RESPONSE_BYTES);
        let client = ChatClient::new(endpoint, auth, model, bounds)?;
        Ok(Self { client, key: args.key.clone(), prices, timeout })
    }

    async fn ask(&self, judged: &JudgedCase, outcome: &mut Outcome) {
        let started = Instant::now();
        let deadline = tokio::time::Instant::now() + self.timeout;
        let answered = self.client.complete(&self.key, &judged.prompt, deadline).await;
        outcome.latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match answered {
            Err(err) => outcome.failure = Some(err.to_string()),
            Ok(completion) => {
                if let Some(usage) = completion.usage {
                    outcome.tokens = usage.prompt_tokens + usage.completion_tokens;
                    outcome.cost_micro_usd =
                        self.prices.cost(usage.prompt_tokens, usage.completion_tokens).0;
                }
                let text = completion.content.unwrap_or_default();
                match answer::read(&text, &judged.prompt) {
                    Ok(assessment) => outcome.assessed(&assessment),
                    Err(err) => outcome.failure = Some(err.to_string()),
                }
            }
        }
    }
}

/// Most bytes read of a response.
const RESPONSE_BYTES: usize = 256 * 1_024;

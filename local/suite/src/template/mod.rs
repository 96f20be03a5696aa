//! The suite's resources, read from `template.yaml`, so that the suite on one machine and the stack
//! in the cloud cannot drift apart. Only the parts of CloudFormation that the template uses are
//! supported; anything else resolves to null.

mod resolver;
mod settings_check;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use serde_json::{Map, Value};
use serde_yaml_ng::Value as Yaml;

use resolver::Resolver;
pub use settings_check::check_settings;

/// The template that this program was built with.
pub(crate) const OWN: &str = include_str!("../../../../template.yaml");

pub const REGION: &str = "us-east-1";
pub const ACCOUNT: &str = "123456789012";

/// What the parameters say about the tokens of the issuer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenShape {
    pub audience: String,
    pub tenant_claim: String,
    /// The claims in which the functions look for scopes and roles.
    pub scope_claims: Vec<String>,
    pub scope_prefix: String,
}

/// What the template declares, with references resolved.
#[derive(Debug, Clone, Default)]
pub struct Stack {
    pub tokens: TokenShape,
    /// By name, which is the name of the binary.
    pub functions: BTreeMap<String, Function>,
    pub http_routes: Vec<Route>,
    /// Route key to function.
    pub websocket_routes: BTreeMap<String, String>,
    pub queues: Vec<Queue>,
    /// CreateTable requests.
    pub tables: Vec<Value>,
    /// For each table with one, the attribute that holds the time at which an item expires.
    pub ttl: BTreeMap<String, String>,
    pub secrets: Vec<Secret>,
    pub topics: Vec<String>,
    pub queue_mappings: Vec<QueueMapping>,
    pub stream_mappings: Vec<StreamMapping>,
    pub schedules: Vec<Schedule>,
}

#[derive(Debug, Clone)]
pub struct Function {
    pub timeout: Duration,
    pub memory_mb: u64,
    pub env: BTreeMap<String, String>,
}

/// A route of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub method: String,
    pub path: String,
    pub function: String,
    /// `None` if no token is needed; otherwise any of these scopes is enough, or a valid token if there
    /// are none.
    pub scopes: Option<Vec<String>>,
}

#[derive(Debug, Clone)]
pub struct Queue {
    pub name: String,
    /// CreateQueue attributes.
    pub attributes: Map<String, Value>,
}

#[derive(Debug, Clone)]
pub struct Secret {
    pub name: String,
    /// The JSON to which the generated value is added, and the name it is added under.
    pub template: Value,
    pub generate: String,
}

#[derive(Debug, Clone)]
pub struct QueueMapping {
    pub queue: String,
    pub function: String,
    pub batch_size: u64,
}

#[derive(Debug, Clone)]
pub struct StreamMapping {
    pub table: String,
    pub function: String,
    pub batch_size: u64,
    /// Event patterns; a record passes if any of them matches.
    pub filters: Vec<Value>,
    pub max_retries: u32,
}

#[derive(Debug, Clone)]
pub struct Schedule {
    pub function: String,
    pub every: Duration,
}

impl Stack {
    /// Reads a template; `parameters` override its defaults.
    pub fn read(text: &str, parameters: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let yaml: Yaml = serde_yaml_ng::from_str(text).context("the template is not valid YAML")?;
        let resolver = Resolver::new(&yaml, parameters);
        let globals = resolver.resolve(&yaml["Globals"]["Function"]);
        let parameter =
            |name: &str| resolver.reference(name).as_str().unwrap_or_default().to_owned();
        let claims = parameter("ScopeClaims");
        let tokens = TokenShape {
            audience: parameter("JwtAudience"),
            tenant_claim: parameter("TenantClaim"),
            scope_claims: claims.split(',').map(|name| name.trim().to_owned()).collect(),
            scope_prefix: parameter("ScopePrefix"),
        };
        let mut stack = Self { tokens, ..Self::default() };
        let mut routes = Vec::new();
        for (logical, resource) in resolver.resources() {
            let properties = resolver.resolve(&resource["Properties"]);
            let kind = resource["Type"].as_str().unwrap_or_default();
            match kind {
                "AWS::ApiGatewayV2::Route" => routes.push(properties),
                _ => stack.add(kind, logical, &properties, &globals)?,
            }
        }
        for properties in routes {
            stack.add_route(&resolver, &properties)?;
        }
        Ok(stack)
    }

    fn add(
        &mut self,
        kind: &str,
        logical: &str,
        properties: &Value,
        globals: &Value,
    ) -> anyhow::Result<()> {
        match kind {
            "AWS::Serverless::Function" => {
                let name =
                    function_name(properties).with_context(|| format!("{logical}: CodeUri"))?;
                self.functions.insert(name, function(properties, globals));
            }
            "AWS::SQS::Queue" => self.queues.push(queue(logical, properties)),
            "AWS::DynamoDB::Table" => {
                let mut request = properties.clone();
                request["TableName"] = logical.into();
                let ttl = &properties["TimeToLiveSpecification"]["AttributeName"];
                self.ttl.extend(ttl.as_str().map(|name| (logical.to_owned(), name.to_owned())));
                self.tables.push(table(request));
            }
            "AWS::SecretsManager::Secret" => self.secrets.push(secret(logical, properties)?),
            "AWS::SNS::Topic" => self.topics.push(logical.to_owned()),
            "AWS::Lambda::EventSourceMapping" => self.add_mapping(properties)?,
            "AWS::Events::Rule" => {
                let function = text(&properties["Targets"][0]["Arn"]).context("a rule's target")?;
                let every = rate(properties["ScheduleExpression"].as_str().unwrap_or_default())?;
                self.schedules.push(Schedule { function: last_part(&function), every });
            }
            _ => {}
        }
        Ok(())
    }

    fn add_mapping(&mut self, properties: &Value) -> anyhow::Result<()> {
        let source = text(&properties["EventSourceArn"]).context("a mapping's source")?;
        let function = last_part(&text(&properties["FunctionName"]).context("its function")?);
        let batch_size = properties["BatchSize"].as_u64().unwrap_or(10);
        if let Some(queue) = source.strip_prefix(&format!("arn:aws:sqs:{REGION}:{ACCOUNT}:")) {
            self.queue_mappings.push(QueueMapping {
                queue: queue.to_owned(),
                function,
                batch_size,
            });
            return Ok(());
        }
        let table = source.split('/').nth(1).context("a stream's table")?.to_owned();
        let patterns = properties["FilterCriteria"]["Filters"].as_array().cloned();
        let filters = patterns.unwrap_or_default();
        let filters = filters
            .iter()
            .map(|filter| serde_json::from_str(filter["Pattern"].as_str().unwrap_or_default()))
            .collect::<Result<_, _>>()
            .context("a filter pattern is not JSON")?;
        let max_retries = properties["MaximumRetryAttempts"].as_u64().unwrap_or(3);
        let max_retries = u32::try_from(max_retries).unwrap_or(3);
        let mapping = StreamMapping { table, function, batch_size, filters, max_retries };
        self.stream_mappings.push(mapping);
        Ok(())
    }

    fn add_route(&mut self, resolver: &Resolver<'_>, properties: &Value) -> anyhow::Result<()> {
        let key = text(&properties["RouteKey"]).context("a route without a key")?;
        let target = text(&properties["Target"]).with_context(|| format!("{key}: target"))?;
        let integration = resolver.properties(&last_part(&target));
        // Either the function's ARN or the long form that ends in /invocations.
        let uri = text(&integration["IntegrationUri"]).with_context(|| format!("{key}: URI"))?;
        let function = last_part(uri.trim_end_matches("/invocations"));
        let Some((method, path)) = key.split_once(' ') else {
            self.websocket_routes.insert(key, function);
            return Ok(());
        };
        let scopes = properties["AuthorizationScopes"].as_array().into_iter().flatten();
        let scopes = scopes.filter_map(|scope| scope.as_str().map(str::to_owned)).collect();
        self.http_routes.push(Route {
            method: method.to_owned(),
            path: path.to_owned(),
            function,
            scopes: (properties["AuthorizationType"] != "NONE").then_some(scopes),
        });
        Ok(())
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// The part after the last `:` or `/`.
fn last_part(arn: &str) -> String {
    arn.rsplit([':', '/']).next().unwrap_or_default().to_owned()
}

fn function_name(properties: &Value) -> Option<String> {
    let code = properties["CodeUri"].as_str()?;
    Some(code.trim_end_matches('/').rsplit('/').next()?.to_owned())
}

fn function(properties: &Value, globals: &Value) -> Function {
    let setting = |name: &str| properties.get(name).or_else(|| globals.get(name));
    let mut env = BTreeMap::new();
    for source in [globals, properties] {
        let variables = source["Environment"]["Variables"].as_object();
        for (name, value) in variables.into_iter().flatten() {
            env.extend(text(value).map(|value| (name.clone(), value)));
        }
    }
    Function {
        timeout: Duration::from_secs(setting("Timeout").and_then(Value::as_u64).unwrap_or(3)),
        memory_mb: setting("MemorySize").and_then(Value::as_u64).unwrap_or(128),
        env,
    }
}

fn queue(logical: &str, properties: &Value) -> Queue {
    let mut attributes = Map::new();
    for name in ["VisibilityTimeout", "MessageRetentionPeriod"] {
        attributes.extend(text(&properties[name]).map(|value| (name.to_owned(), value.into())));
    }
    if properties["RedrivePolicy"].is_object() {
        let policy = properties["RedrivePolicy"].to_string();
        attributes.insert("RedrivePolicy".to_owned(), policy.into());
    }
    Queue { name: logical.to_owned(), attributes }
}

/// The properties that CreateTable takes, and `StreamEnabled`, which CloudFormation leaves out.
fn table(mut request: Value) -> Value {
    if let Some(stream) = request["StreamSpecification"].as_object_mut() {
        stream.insert("StreamEnabled".to_owned(), true.into());
    }
    let known = [
        "TableName",
        "AttributeDefinitions",
        "KeySchema",
        "GlobalSecondaryIndexes",
        "BillingMode",
        "StreamSpecification",
    ];
    let fields = request.as_object().into_iter().flatten();
    let fields = fields.filter(|(name, _)| known.contains(&name.as_str()));
    Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn secret(logical: &str, properties: &Value) -> anyhow::Result<Secret> {
    let generate = &properties["GenerateSecretString"];
    let template = generate["SecretStringTemplate"].as_str().unwrap_or("{}");
    Ok(Secret {
        name: logical.to_owned(),
        template: serde_json::from_str(template).context("a secret's template is not JSON")?,
        generate: generate["GenerateStringKey"].as_str().unwrap_or("value").to_owned(),
    })
}

fn rate(expression: &str) -> anyhow::Result<Duration> {
    let inner = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let parts: Vec<&str> = inner.unwrap_or_default().split(' ').collect();
    let unknown = || anyhow!("the schedule {expression} is not understood");
    let [count, unit] = parts.as_slice() else { return Err(unknown()) };
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return Err(unknown()),
    };
    Ok(Duration::from_secs(count.parse::<u64>().map_err(|_| unknown())? * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(parameters: &[(&str, &str)]) -> Stack {
        let parameters =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Stack::read(OWN, &parameters.collect()).unwrap()
    }

    #[test]
    fn the_template_declares_the_functions_with_their_settings() {
        let stack = stack(&[("LlmModel", "small"), ("WebSocketEndpoint", "http://here")]);
        let names: Vec<_> = stack.functions.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "alert-push",
                "budget-guard",
                "case-desk",
                "explain-alert",
                "ingest",
                "score",
                "second-look",
            ]
        );
        let second_look = &stack.functions["second-look"];
        assert_eq!(second_look.env["LLM_MODEL"], "small");
        assert_eq!(second_look.env["TABLE_NAME"], "SentinelTable");
        assert_eq!(second_look.env["SECRET_ID"], "Secret");
        assert!(!second_look.env.contains_key("AWS_ENDPOINT_URL"));
        assert_eq!(stack.functions["alert-push"].env["WEBSOCKET_ENDPOINT"], "http://here");
        assert!(stack.functions["ingest"].env["QUEUE_URL"].ends_with("/TransactionsQueue"));
    }

    #[test]
    fn routes_name_their_functions_and_scopes() {
        let stack = stack(&[]);
        let find = |path: &str| stack.http_routes.iter().find(|route| route.path == path).unwrap();
        let post = find("/api/v1/transactions");
        assert_eq!((post.method.as_str(), post.function.as_str()), ("POST", "ingest"));
        assert_eq!(post.scopes.as_deref(), Some(["transactions:write".to_owned()].as_slice()));
        assert_eq!(find("/api/v1/health").scopes, None);
        assert_eq!(stack.websocket_routes["$connect"], "alert-push");
    }

    #[test]
    fn the_gateway_asks_for_scopes_with_their_prefix_or_for_a_token_alone() {
        let scopes = |parameters: &[(&str, &str)]| {
            let routes = stack(parameters).http_routes;
            let mut routes = routes.into_iter();
            routes.find(|route| route.path == "/api/v1/history").unwrap().scopes
        };
        assert_eq!(scopes(&[("ScopePrefix", "api/")]), Some(vec!["api/history:write".to_owned()]));
        assert_eq!(scopes(&[("GatewayChecksScopes", "false")]), Some(Vec::new()));
    }

    #[test]
    fn tokens_have_the_shape_that_the_parameters_say() {
        let tokens = stack(&[("ScopeClaims", "scp, roles"), ("TenantClaim", "tid")]).tokens;
        let expect = TokenShape {
            audience: "fincrime-sentinel".to_owned(),
            tenant_claim: "tid".to_owned(),
            scope_claims: vec!["scp".to_owned(), "roles".to_owned()],
            scope_prefix: String::new(),
        };
        assert_eq!(tokens, expect);
    }

    #[test]
    fn triggers_name_their_sources() {
        let stack = stack(&[]);
        let mapping = &stack.queue_mappings[0];
        assert_eq!(
            (mapping.queue.as_str(), mapping.function.as_str()),
            ("TransactionsQueue", "score")
        );
        let mapping = &stack.stream_mappings[0];
        assert_eq!(
            (mapping.table.as_str(), mapping.function.as_str()),
            ("SentinelTable", "alert-push")
        );
        assert_eq!(mapping.filters.len(), 1);
        assert_eq!(stack.schedules[0].function, "budget-guard");
        assert_eq!(stack.schedules[0].every, Duration::from_secs(300));
        let queue = stack.queues.iter().find(|queue| queue.name == "TransactionsQueue").unwrap();
        assert!(queue.attributes["RedrivePolicy"].as_str().unwrap().contains("DeadLetterQueue"));
    }
}

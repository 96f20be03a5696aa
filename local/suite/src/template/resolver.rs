//! The CloudFormation intrinsic functions that the template uses.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;

use super::{ACCOUNT, REGION, function_name, text};

/// A template with its parameters.
pub(super) struct Resolver<'a> {
    yaml: &'a Yaml,
    parameters: BTreeMap<String, String>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(yaml: &'a Yaml, given: &BTreeMap<String, String>) -> Self {
        let mut parameters = BTreeMap::new();
        for (name, parameter) in yaml["Parameters"].as_mapping().into_iter().flatten() {
            let default = serde_json::to_value(&parameter["Default"]).unwrap_or_default();
            let value = name.as_str().map(str::to_owned).zip(text(&default));
            parameters.extend(value);
        }
        parameters.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
        Self { yaml, parameters }
    }

    pub(super) fn resources(&self) -> impl Iterator<Item = (&'a str, &'a Yaml)> {
        let resources = self.yaml["Resources"].as_mapping().into_iter().flatten();
        resources.filter_map(|(name, resource)| Some((name.as_str()?, resource)))
    }

    pub(super) fn properties(&self, logical: &str) -> Value {
        self.resolve(&self.yaml["Resources"][logical]["Properties"])
    }

    pub(super) fn resolve(&self, yaml: &Yaml) -> Value {
        match yaml {
            Yaml::Mapping(members) => members
                .iter()
                .filter_map(|(name, value)| {
                    let value = self.resolve(value);
                    (!value.is_null()).then(|| Some((name.as_str()?.to_owned(), value)))?
                })
                .collect(),
            Yaml::Sequence(items) => items.iter().map(|item| self.resolve(item)).collect(),
            Yaml::Tagged(tagged) => self.intrinsic(&tagged.tag.to_string(), &tagged.value),
            plain => serde_json::to_value(plain).unwrap_or_default(),
        }
    }

    fn intrinsic(&self, tag: &str, value: &Yaml) -> Value {
        match tag {
            "!Ref" => self.reference(value.as_str().unwrap_or_default()),
            "!GetAtt" => {
                let path = value.as_str().unwrap_or_default();
                path.split_once('.').map_or(Value::Null, |(name, what)| self.attribute(name, what))
            }
            "!Sub" => self.substitute(value.as_str().unwrap_or_default()).into(),
            "!If" => {
                let yes = self.condition(value[0].as_str().unwrap_or_default());
                self.resolve(&value[if yes { 1 } else { 2 }])
            }
            _ => Value::Null,
        }
    }

    pub(super) fn reference(&self, name: &str) -> Value {
        if let Some(value) = self.parameters.get(name) {
            return value.clone().into();
        }
        match name {
            "AWS::Region" => REGION.into(),
            "AWS::AccountId" => ACCOUNT.into(),
            "AWS::Partition" => "aws".into(),
            "AWS::URLSuffix" => "amazonaws.com".into(),
            "AWS::NoValue" => Value::Null,
            _ => match self.kind(name) {
                "AWS::SQS::Queue" => {
                    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}").into()
                }
                "AWS::SNS::Topic" => self.attribute(name, "TopicArn"),
                "AWS::Serverless::Function" => self.function(name).into(),
                _ => name.into(),
            },
        }
    }

    fn attribute(&self, name: &str, what: &str) -> Value {
        let arn = |service: &str, rest: &str| -> Value {
            format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}").into()
        };
        match (self.kind(name), what) {
            ("AWS::SQS::Queue", "Arn") => arn("sqs", name),
            ("AWS::SNS::Topic", _) => arn("sns", name),
            ("AWS::DynamoDB::Table", "StreamArn") => {
                arn("dynamodb", &format!("table/{name}/stream/local"))
            }
            ("AWS::DynamoDB::Table", "Arn") => arn("dynamodb", &format!("table/{name}")),
            ("AWS::Serverless::Function", "Arn") => {
                arn("lambda", &format!("function:{}", self.function(name)))
            }
            _ => name.into(),
        }
    }

    fn kind(&self, name: &str) -> &'a str {
        self.yaml["Resources"][name]["Type"].as_str().unwrap_or_default()
    }

    fn function(&self, logical: &str) -> String {
        let code = self.yaml["Resources"][logical]["Properties"]["CodeUri"].as_str();
        function_name(&json!({ "CodeUri": code })).unwrap_or_default()
    }

    fn substitute(&self, pattern: &str) -> String {
        let mut filled = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            let value = match name.split_once('.') {
                Some((resource, what)) => self.attribute(resource, what),
                None => self.reference(name),
            };
            filled.push_str(before);
            filled.push_str(&text(&value).unwrap_or_default());
            rest = behind;
        }
        filled + rest
    }

    fn condition(&self, name: &str) -> bool {
        self.truth(&self.yaml["Conditions"][name])
    }

    fn truth(&self, yaml: &Yaml) -> bool {
        let Yaml::Tagged(tagged) = yaml else { return false };
        match tagged.tag.to_string().as_str() {
            "!Not" => !self.truth(&tagged.value[0]),
            "!Equals" => self.resolve(&tagged.value[0]) == self.resolve(&tagged.value[1]),
            _ => false,
        }
    }
}

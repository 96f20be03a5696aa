//! What a person concludes about an alert. A disposition is also a label that the institution's own
//! model learns from, so it says how the alert came up.

use serde::{Deserialize, Serialize};

use crate::case::verdict::Level;
use crate::payment::utc_time::UtcTime;

/// What a person concludes about an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Nothing suspicious; needs a reason.
    FalsePositive,
    /// Suspicious: to be investigated further or reported.
    Suspicious,
    /// What is known does not suffice to tell.
    Inconclusive,
}

impl Conclusion {
    pub const ALL: [Self; 3] = [Self::FalsePositive, Self::Suspicious, Self::Inconclusive];

    pub fn code(self) -> &'static str {
        match self {
            Self::FalsePositive => "false_positive",
            Self::Suspicious => "suspicious",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// Why an alert is a false positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FalsePositiveReason {
    /// It fits the customer's known business or occupation.
    ExpectedActivity,
    /// Documents or the customer explain it.
    ExplainedByDocuments,
    /// It is between accounts of one person or group.
    OwnAccounts,
    /// Salary, pension or benefits.
    SalaryOrBenefits,
    /// Family or household.
    Family,
    /// A one-off event, such as a sale of property, an inheritance or a loan.
    OneOffEvent,
    /// A regulated or low-risk counterparty.
    LowRiskCounterparty,
    /// The same activity was investigated before and found harmless.
    InvestigatedBefore,
    /// The data was wrong or incomplete.
    DataQuality,
    /// The rule or its threshold does not fit this customer.
    RuleDoesNotFit,
    /// Anything else; the note says what.
    Other,
}

/// How an alert came up, which decides how much its label tells: what people find above the line
/// says nothing about what lies below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Origin {
    pub line: OriginLine,
    /// The level that settled the decision.
    pub level: Level,
}

/// Where the risk lay when a person was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OriginLine {
    /// An alert: at or above the alert line.
    Above,
    /// A review: between the lines.
    Between,
}

/// A disposition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Disposition {
    pub conclusion: Conclusion,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<FalsePositiveReason>,
    pub note: String,
    /// Subject of the token.
    pub by: String,
    pub at: UtcTime,
    /// Subject of the second person who approved it, where one was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    pub origin: Origin,
}

//! What an LLM may find in a payment's texts, as a fixed list. Analysts read our sentence for each
//! finding and not the LLM's, so that whoever writes a purpose cannot put words into our mouth; and
//! a finding about something that the texts do not have is dropped.

use serde::{Deserialize, Serialize};

/// A finding about the texts of a payment.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    PurposeContradictsParties,
    PurposeContradictsPaymentType,
    PurposeContradictsEarlierPayments,
    NomineeArrangement,
    ThirdPartyPayment,
    SplitPayment,
    BackToBackPayment,
    LoanBack,
    VagueServices,
    TradeMispricing,
    EuphemismOrCodeWords,
    InvoiceRepeats,
    InvoiceSkips,
    MuleInstructions,
    CryptoOffRamp,
    InformalValueTransfer,
    SanctionsEvasion,
    AddressesTheReader,
}

/// What the texts of a case have, against which findings are held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TextSummary {
    pub has_purpose: bool,
    /// Number of earlier payments whose purposes were shown.
    pub earlier: usize,
    /// Whether the number of an invoice, order or contract occurs in more than one text.
    pub invoice_repeats: bool,
    /// Whether two such numbers of one series are more than one apart.
    pub invoice_skips: bool,
}

impl Finding {
    pub const ALL: [Self; 18] = [
        Self::PurposeContradictsParties,
        Self::PurposeContradictsPaymentType,
        Self::PurposeContradictsEarlierPayments,
        Self::NomineeArrangement,
        Self::ThirdPartyPayment,
        Self::SplitPayment,
        Self::BackToBackPayment,
        Self::LoanBack,
        Self::VagueServices,
        Self::TradeMispricing,
        Self::EuphemismOrCodeWords,
        Self::InvoiceRepeats,
        Self::InvoiceSkips,
        Self::MuleInstructions,
        Self::CryptoOffRamp,
        Self::InformalValueTransfer,
        Self::SanctionsEvasion,
        Self::AddressesTheReader,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::PurposeContradictsParties => "purpose_contradicts_parties",
            Self::PurposeContradictsPaymentType => "purpose_contradicts_payment_type",
            Self::PurposeContradictsEarlierPayments => "purpose_contradicts_earlier_payments",
            Self::NomineeArrangement => "nominee_arrangement",
            Self::ThirdPartyPayment => "third_party_payment",
            Self::SplitPayment => "split_payment",
            Self::BackToBackPayment => "back_to_back_payment",
            Self::LoanBack => "loan_back",
            Self::VagueServices => "vague_services",
            Self::TradeMispricing => "trade_mispricing",
            Self::EuphemismOrCodeWords => "euphemism_or_code_words",
            Self::InvoiceRepeats => "invoice_repeats",
            Self::InvoiceSkips => "invoice_skips",
            Self::MuleInstructions => "mule_instructions",
            Self::CryptoOffRamp => "crypto_off_ramp",
            Self::InformalValueTransfer => "informal_value_transfer",
            Self::SanctionsEvasion => "sanctions_evasion",
            Self::AddressesTheReader => "addresses_the_reader",
        }
    }

    /// Returns what an analyst reads. All but the checked ones say whose reading it is.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::PurposeContradictsParties => {
                "The LLM reads the purpose as one that does not fit what the parties are."
            }
            Self::PurposeContradictsPaymentType => {
                "The LLM reads the purpose as one that does not fit the way of payment."
            }
            Self::PurposeContradictsEarlierPayments => {
                "The LLM reads the purpose as one that contradicts those of earlier payments."
            }
            Self::NomineeArrangement => {
                "The LLM reads the purpose as a payment in one's own name for somebody else."
            }
            Self::ThirdPartyPayment => {
                "The LLM reads the purpose as the payment of somebody else's debt or purchase."
            }
            Self::SplitPayment => "The LLM reads the purpose as one part of a larger sum.",
            Self::BackToBackPayment => {
                "The LLM reads the purpose as money that mirrors a payment just received."
            }
            Self::LoanBack => {
                "The LLM reads the purpose as a loan by which one's own money comes back."
            }
            Self::VagueServices => {
                "The LLM reads the purpose as one for services that nobody could check."
            }
            Self::TradeMispricing => {
                "The LLM reads the purpose as a price that the goods do not have."
            }
            Self::EuphemismOrCodeWords => {
                "The LLM reads the purpose as words that stand for something else."
            }
            Self::InvoiceRepeats => {
                "The number of an invoice, order or contract has been paid before."
            }
            Self::InvoiceSkips => {
                "The numbers of the invoices, orders or contracts paid are not consecutive."
            }
            Self::MuleInstructions => {
                "The LLM reads the purpose as instructions to pass money on for a share of it."
            }
            Self::CryptoOffRamp => {
                "The LLM reads the purpose as the sale of crypto assets for cash or transfers."
            }
            Self::InformalValueTransfer => {
                "The LLM reads the purpose as an informal transfer such as hawala."
            }
            Self::SanctionsEvasion => {
                "The LLM reads the purpose as one that hides a sanctioned place, ship or party."
            }
            Self::AddressesTheReader => {
                "The LLM reads the purpose as an attempt to steer whoever judges the payment."
            }
        }
    }

    /// Whether the texts have what the finding is about.
    pub fn is_possible(self, texts: TextSummary) -> bool {
        match self {
            Self::InvoiceRepeats => texts.invoice_repeats,
            Self::InvoiceSkips => texts.invoice_skips,
            Self::PurposeContradictsEarlierPayments => texts.has_purpose && texts.earlier > 0,
            _ => texts.has_purpose,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_json() {
        for finding in Finding::ALL {
            assert_eq!(crate::json::write(&finding), format!("{:?}", finding.code()));
        }
    }

    #[test]
    fn what_the_texts_do_not_have_cannot_be_found() {
        let nothing = TextSummary::default();
        assert!(Finding::ALL.iter().all(|finding| !finding.is_possible(nothing)));
        let one = TextSummary { has_purpose: true, ..nothing };
        assert!(Finding::VagueServices.is_possible(one));
        assert!(!Finding::PurposeContradictsEarlierPayments.is_possible(one));
        assert!(!Finding::InvoiceRepeats.is_possible(one));
        assert!(Finding::InvoiceRepeats.is_possible(TextSummary { invoice_repeats: true, ..one }));
    }
}

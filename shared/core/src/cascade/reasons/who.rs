//! Words for the two sides of a payment and for windows.

/// Words and subjects for one side.
pub(super) struct AccountWords {
    pub(super) name: &'static str,
    pub(super) other: &'static str,
    /// The payment's direction as seen from this side.
    pub(super) direction: &'static str,
    pub(super) moved: &'static str,
    pub(super) towards: &'static str,
    pub(super) usually: &'static str,
    pub(super) met: &'static str,
    pub(super) flow: &'static str,
    pub(super) new: &'static str,
    pub(super) near: &'static str,
    pub(super) cash: &'static str,
    pub(super) size: &'static str,
    pub(super) similar: &'static str,
    pub(super) similar_text: &'static str,
    pub(super) purpose: &'static str,
    pub(super) purpose_text: &'static str,
}

impl AccountWords {
    pub(super) const SENDER: Self = Self {
        name: "sender",
        other: "receiver",
        direction: "out",
        moved: "the sender made",
        towards: "from",
        usually: "sends",
        met: "the sender paid {} receivers for the first time",
        flow: "distribution",
        new: "distribution",
        near: "threshold",
        cash: "cash",
        size: "size",
        similar: "distribution",
        similar_text: "The sender sent much the same amount to at least {} other receivers within a week.",
        purpose: "distribution",
        purpose_text: "The sender gave at least {} other receivers the same purpose within a month.",
    };
    pub(super) const RECEIVER: Self = Self {
        name: "receiver",
        other: "sender",
        direction: "in",
        moved: "the receiver got",
        towards: "to",
        usually: "receives",
        met: "{} accounts paid the receiver for the first time",
        flow: "collection",
        new: "collection",
        near: "threshold",
        cash: "cash",
        size: "size",
        similar: "collection",
        similar_text: "At least {} other payers sent the receiver much the same amount within a week.",
        purpose: "collection",
        purpose_text: "At least {} other payers of the receiver gave the same purpose within a month.",
    };
}

/// Returns the suffix and words of the window to use for a feature's window: a decayed sum has no
/// exact window, and a sum over weeks adds nothing to a comparison with a usual week.
pub(super) fn window_of(window: &str) -> Option<(&'static str, &'static str)> {
    match window {
        "1h" | "1d" | "2d" => Some(("2d", "two days")),
        "7d" | "2w" | "5w" => Some(("7d", "seven days")),
        _ => None,
    }
}

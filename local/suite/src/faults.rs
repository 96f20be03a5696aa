//! Faults injected between the SDKs and the services: a test says which of the next requests fail or
//! hang, and the functions see them as they would see the cloud's.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answered with this status, and never carried out.
    Fail(u16),
    /// Carried out after this time.
    Delay(Duration),
}

#[derive(Debug)]
struct PlannedFault {
    service: &'static str,
    operation: &'static str,
    fault: Fault,
    times: u32,
}

/// The faults still to come.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<PlannedFault>>);

impl Faults {
    /// Answers the next `times` requests of that operation with `status`.
    pub fn fail(&self, service: &'static str, operation: &'static str, status: u16, times: u32) {
        self.plan(PlannedFault { service, operation, fault: Fault::Fail(status), times });
    }

    /// Delays the next `times` requests of that operation.
    pub fn delay(
        &self,
        service: &'static str,
        operation: &'static str,
        wait: Duration,
        times: u32,
    ) {
        self.plan(PlannedFault { service, operation, fault: Fault::Delay(wait), times });
    }

    fn plan(&self, fault: PlannedFault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// The fault for this request, if one is planned; taking it uses it up.
    pub(super) fn take(&self, service: &str, operation: &str) -> Option<Fault> {
        let mut planned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = planned.iter().position(|p| p.service == service && p.operation == operation)?;
        let fault = planned[at].fault;
        planned[at].times -= 1;
        if planned[at].times == 0 {
            planned.remove(at);
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_as_many_requests_as_planned() {
        let faults = Faults::default();
        faults.fail("sqs", "SendMessage", 500, 2);
        assert_eq!(faults.take("sqs", "ReceiveMessage"), None);
        assert_eq!(faults.take("sqs", "SendMessage"), Some(Fault::Fail(500)));
        assert_eq!(faults.take("sqs", "SendMessage"), Some(Fault::Fail(500)));
        assert_eq!(faults.take("sqs", "SendMessage"), None);
    }
}

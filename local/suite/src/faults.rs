//! Faults between the SDKs and the services: a test says which of the next requests fail or hang,
//! and the functions meet them as they would meet the cloud's.

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
struct Planned {
    service: &'static str,
    operation: &'static str,
    fault: Fault,
    times: u32,
}

/// The faults that are planned.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Planned>>);

impl Faults {
    /// The next `times` requests of that operation are answered with `status`.
    pub fn fail(&self, service: &'static str, operation: &'static str, status: u16, times: u32) {
        self.plan(Planned { service, operation, fault: Fault::Fail(status), times });
    }

    /// The next `times` requests of that operation wait before they are carried out.
    pub fn delay(
        &self,
        service: &'static str,
        operation: &'static str,
        wait: Duration,
        times: u32,
    ) {
        self.plan(Planned { service, operation, fault: Fault::Delay(wait), times });
    }

    fn plan(&self, planned: Planned) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(planned);
    }

    /// The fault that the request meets, which is used up by it.
    pub(super) fn meet(&self, service: &str, operation: &str) -> Option<Fault> {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = plans.iter().position(|p| p.service == service && p.operation == operation)?;
        let fault = plans[at].fault;
        plans[at].times -= 1;
        if plans[at].times == 0 {
            plans.remove(at);
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_meets_as_many_requests_as_planned() {
        let faults = Faults::default();
        faults.fail("sqs", "SendMessage", 500, 2);
        assert_eq!(faults.meet("sqs", "ReceiveMessage"), None);
        assert_eq!(faults.meet("sqs", "SendMessage"), Some(Fault::Fail(500)));
        assert_eq!(faults.meet("sqs", "SendMessage"), Some(Fault::Fail(500)));
        assert_eq!(faults.meet("sqs", "SendMessage"), None);
    }
}

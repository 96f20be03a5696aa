//! Accounts: what they are, what they have done, and their payments; and what an id stands for.

use contract::bodies::accounts::{
    AccountDetail, ListedPayment, PaymentList, SearchAnswer, SearchHit,
};
use contract::problem::Problem;
use edge::{Answer, InboundRequest, json, table_failed};
use lambda_http::RequestExt as _;
use sentinel::cascade::alert::AlertParty;
use sentinel::case::alert_id::AlertId;
use sentinel::payment::side::Side;
use sentinel::payment::transaction::{Account, AccountIdentity, MsgId, Party};
use sentinel::payment::utc_time::UtcTime;
use sentinel::reference::BASE_CURRENCY;
use sentinel::state::activity::AccountActivity;
use store::AccountPayment;

use crate::App;

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 500;
/// An account's identity is a number of at most 128 characters behind its bank.
const MAX_IDENTITY_BYTES: usize = 600;

/// `GET /api/v1/accounts?account_id=`.
pub async fn one(app: &App, inbound: &InboundRequest) -> Answer {
    let caller = inbound.caller()?;
    let account = &account_id(inbound)?;
    let missing = || Problem::not_found("account");
    let profile = app.store.account_profile(&caller.tenant, account).await.map_err(table_failed)?;
    let activity = profile.as_ref().and_then(AccountActivity::of).ok_or_else(missing)?;
    let newest = app.store.account_payments(&caller.tenant, account, None, 1).await;
    let newest = newest.map_err(table_failed)?.payments.into_iter().next().ok_or_else(missing)?;
    let party = AlertParty::of(own(&newest));
    Ok(json(200, &AccountDetail { party, activity, base_currency: BASE_CURRENCY.to_owned() }))
}

/// `GET /api/v1/payments?account_id=`.
pub async fn payments(app: &App, inbound: &InboundRequest) -> Answer {
    let caller = inbound.caller()?;
    let account = &account_id(inbound)?;
    let parameters = inbound.request.query_string_parameters();
    let invalid = |name: &str| Problem::bad_request(format!("The parameter {name} is invalid."));
    let limit = match parameters.first("limit") {
        None => DEFAULT_LIMIT,
        Some(limit) => {
            let limit: Option<usize> = limit.parse().ok().filter(|n| (1..=MAX_LIMIT).contains(n));
            limit.ok_or_else(|| invalid("limit"))?
        }
    };
    let before = match (parameters.first("cursor"), parameters.first("before")) {
        (Some(cursor), _) => Some(cursor.to_owned()),
        (None, Some(time)) => {
            let time = UtcTime::parse(time).map_err(|_| invalid("before"))?;
            Some(time.to_string())
        }
        (None, None) => None,
    };
    let page = app.store.account_payments(&caller.tenant, account, before.as_deref(), limit).await;
    let page = page.map_err(table_failed)?;
    if page.unreadable > 0 {
        tracing::error!("{} payments cannot be read and are not listed", page.unreadable);
    }
    let payments = page.payments.into_iter().map(listed).collect();
    Ok(json(200, &PaymentList { payments, cursor: page.cursor }))
}

fn account_id(inbound: &InboundRequest) -> Result<AccountIdentity, Problem> {
    let parameters = inbound.request.query_string_parameters();
    let account = parameters.first("account_id");
    let account = account.filter(|id| (1..=MAX_IDENTITY_BYTES).contains(&id.len()));
    let missing = || Problem::bad_request("The parameter account_id is needed.");
    Ok(AccountIdentity::stored(account.ok_or_else(missing)?.to_owned()))
}

fn own(payment: &AccountPayment) -> &Party {
    match payment.side {
        Side::Sender => &payment.tx.sender,
        Side::Receiver => &payment.tx.receiver,
    }
}

fn listed(payment: AccountPayment) -> ListedPayment {
    let AccountPayment { tx, side, base_amount, risk, alert_id, .. } = payment;
    let counterparty = match side {
        Side::Sender => &tx.receiver,
        Side::Receiver => &tx.sender,
    };
    ListedPayment {
        kind: tx.kind,
        side,
        counterparty: AlertParty::of(counterparty),
        amount: tx.amount,
        base_amount,
        payment_type: tx.payment_type,
        purpose: tx.purpose.as_ref().map(|purpose| purpose.text.clone()),
        risk,
        alert_id,
        msg_id: tx.msg_id,
        timestamp: tx.timestamp,
    }
}

/// `GET /api/v1/search?q=`.
pub async fn search(app: &App, inbound: &InboundRequest) -> Answer {
    let caller = inbound.caller()?;
    let parameters = inbound.request.query_string_parameters();
    let asked = parameters.first("q").map(str::trim).filter(|q| !q.is_empty());
    let asked = asked.ok_or_else(|| Problem::bad_request("The parameter q is needed."))?;
    let mut hits = Vec::new();
    if let Ok(alert_id) = AlertId::parse(asked)
        && app.store.alert_head(&caller.tenant, &alert_id).await.map_err(table_failed)?.is_some()
    {
        hits.push(SearchHit::Alert { alert_id });
    }
    if let Ok(msg_id) = MsgId::parse(asked)
        && let Some(receipt) =
            app.store.receipt(&caller.tenant, &msg_id).await.map_err(table_failed)?
    {
        hits.push(SearchHit::Transaction { msg_id, alert_id: receipt.alert_id });
    }
    if asked.len() <= MAX_IDENTITY_BYTES
        && let Ok(account) = Account::parse(asked)
    {
        // The same IBAN may be spelt in groups of four.
        let account = AccountIdentity::stored(account.as_str().to_owned());
        let known = app.store.account_profile(&caller.tenant, &account).await;
        if known.map_err(table_failed)?.is_some() {
            hits.push(SearchHit::Account { account_id: account.as_str().to_owned() });
        }
    }
    Ok(json(200, &SearchAnswer { hits }))
}

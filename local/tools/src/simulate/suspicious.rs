//! Laundering: SAML-D's suspicious typologies in their published shares, 0.1039 % of all payments.
//! Most of the accounts also lead an everyday life.

use super::world::{Account, Means, SUSPICIOUS_AMOUNTS, World};

/// Of all payments.
const SUSPICIOUS_SHARE: f64 = 0.001_039;

/// Shares of the suspicious payments, of 9,873.
const COUNTS: [(&str, f64); 17] = [
    ("Structuring", 1_870.0),
    ("Cash_Withdrawal", 1_334.0),
    ("Deposit-Send", 945.0),
    ("Smurfing", 932.0),
    ("Layered_Fan_In", 656.0),
    ("Layered_Fan_Out", 529.0),
    ("Stacked Bipartite", 506.0),
    ("Behavioural_Change_1", 394.0),
    ("Bipartite", 383.0),
    ("Cycle", 382.0),
    ("Fan_In", 364.0),
    ("Gather-Scatter", 354.0),
    ("Behavioural_Change_2", 345.0),
    ("Scatter-Gather", 338.0),
    ("Single_large", 250.0),
    ("Fan_Out", 237.0),
    ("Over-Invoicing", 54.0),
];

/// How often the parties are abroad: in SAML-D one laundering payment in four goes abroad, one in
/// eighteen comes from there, and one cash payment in seven crosses a border.
const SENDER_ABROAD: f64 = 0.08;
const RECEIVER_ABROAD: f64 = 0.5;
const CASH_ABROAD: f64 = 0.15;

/// Adds the laundering to a world of everyday payments.
pub(super) fn populate(world: &mut World) {
    let total: f64 = COUNTS.iter().map(|(_, count)| count).sum();
    for (typology, count) in COUNTS {
        let until = world.payments.len() + world.rows_of(SUSPICIOUS_SHARE * count / total).max(1);
        while world.payments.len() < until {
            let day = world.draw.between(2.0, world.days - 12.0);
            Attempt { world, typology, clock: day * 86_400.0 }.run();
        }
        world.payments.truncate(until);
    }
}

/// One attempt: a group of payments within days.
struct Attempt<'a> {
    world: &'a mut World,
    typology: &'static str,
    /// Seconds since the beginning.
    clock: f64,
}

impl Attempt<'_> {
    fn run(&mut self) {
        match self.typology {
            "Structuring" => self.structuring(),
            "Smurfing" => self.smurfing(),
            "Cash_Withdrawal" => self.withdrawals(),
            "Deposit-Send" => self.deposit_send(),
            "Behavioural_Change_1" => self.change_of_amounts(),
            "Behavioural_Change_2" => self.change_of_partners(),
            "Single_large" => self.one_payment(0.96, 1.0),
            "Over-Invoicing" => self.one_payment(0.92, 0.985),
            "Cycle" => self.cycle(),
            "Fan_In" => self.layers(&[(5, 12), (1, 1)]),
            "Fan_Out" => self.layers(&[(1, 1), (5, 12)]),
            "Layered_Fan_In" => self.layers(&[(6, 10), (2, 3), (1, 1)]),
            "Layered_Fan_Out" => self.layers(&[(1, 1), (2, 3), (6, 10)]),
            "Gather-Scatter" => self.layers(&[(4, 7), (1, 1), (4, 7)]),
            "Scatter-Gather" => self.layers(&[(1, 1), (4, 7), (1, 1)]),
            "Bipartite" => self.layers(&[(3, 5), (3, 5)]),
            _ => self.layers(&[(3, 4), (3, 4), (3, 4)]),
        }
    }

    /// Seven in ten accounts have an everyday life; the others were opened for the purpose.
    fn account(&mut self, abroad: f64) -> Account {
        if self.world.draw.chance(0.7) {
            self.world.anybody(abroad)
        } else {
            self.world.new_account(abroad)
        }
    }

    fn accounts(&mut self, (low, high): (u32, u32), abroad: f64) -> Vec<Account> {
        let wanted = self.world.draw.whole(low, high);
        (0..wanted).map(|_| self.account(abroad)).collect()
    }

    /// An amount from the part of the published distribution between two shares: small for cash,
    /// large for sudden wealth, so that all typologies together come close to that distribution.
    fn amount(&mut self, from: f64, until: f64) -> f64 {
        self.world.draw.quantile(&SUSPICIOUS_AMOUNTS, from, until)
    }

    /// Lets hours pass.
    fn pass(&mut self, low_hours: f64, high_hours: f64) {
        self.clock += 3_600.0 * self.world.draw.between(low_hours, high_hours);
    }

    fn pay(&mut self, pair: (Account, Account), amount: f64, means: Means) {
        if pair.0 == pair.1 {
            return;
        }
        let at = self.world.daytime(self.clock);
        self.world.pay(pair, at, amount, means, (self.typology, true));
    }

    /// One pair with many payments of nearly the same amount: half of the pairs stay just below ten
    /// thousand, the others below a limit of their own.
    fn structuring(&mut self) {
        let pair = (self.account(SENDER_ABROAD), self.account(RECEIVER_ABROAD));
        let limit = if self.world.draw.chance(0.5) { 10_000.0 } else { self.amount(0.25, 0.7) };
        for _ in 0..self.world.draw.whole(5, 12) {
            let amount = limit * self.world.draw.between(0.8, 0.999);
            self.pay(pair, amount, Means::Any);
            self.pass(2.0, 30.0);
        }
    }

    /// Many people pay small amounts of cash into one account.
    fn smurfing(&mut self) {
        let receiver = self.account(CASH_ABROAD);
        for sender in self.accounts((6, 14), 0.0) {
            let amount = self.amount(0.05, 0.65);
            self.pay((sender, receiver), amount, Means::CashDeposit);
            self.pass(1.0, 20.0);
        }
    }

    fn withdrawals(&mut self) {
        let (owner, counter) = (self.account(0.0), self.account(CASH_ABROAD));
        for _ in 0..self.world.draw.whole(5, 12) {
            let amount = self.amount(0.0, 0.5);
            self.pay((owner, counter), amount, Means::CashWithdrawal);
            self.pass(1.0, 24.0);
        }
    }

    /// Cash is deposited and sent on to somebody else.
    fn deposit_send(&mut self) {
        let (counter, owner) = (self.account(CASH_ABROAD), self.account(0.0));
        let receiver = self.account(RECEIVER_ABROAD);
        for _ in 0..self.world.draw.whole(2, 5) {
            let amount = self.amount(0.05, 0.75);
            self.pay((counter, owner), amount, Means::CashDeposit);
            self.pass(0.5, 24.0);
            let part = amount * self.world.draw.between(0.85, 0.99);
            self.pay((owner, receiver), part, Means::Any);
            self.pass(12.0, 60.0);
        }
    }

    /// Amounts many times the usual size for the account.
    fn change_of_amounts(&mut self) {
        let (sender, receiver) = (self.world.anybody(0.0), self.account(RECEIVER_ABROAD));
        for _ in 0..self.world.draw.whole(3, 7) {
            let amount = self.amount(0.86, 0.97);
            self.pay((sender, receiver), amount, Means::Any);
            self.pass(6.0, 48.0);
        }
    }

    /// Suddenly many new counterparties.
    fn change_of_partners(&mut self) {
        let sender = self.world.anybody(0.0);
        for receiver in self.accounts((4, 8), RECEIVER_ABROAD) {
            let amount = self.amount(0.1, 0.96);
            self.pay((sender, receiver), amount, Means::Any);
            self.pass(2.0, 36.0);
        }
    }

    fn one_payment(&mut self, from: f64, until: f64) {
        let pair = (self.account(SENDER_ABROAD), self.account(RECEIVER_ABROAD));
        let amount = self.amount(from, until);
        self.pay(pair, amount, Means::Any);
    }

    /// Around a cycle and back, less a commission.
    fn cycle(&mut self) {
        let ring = self.accounts((3, 7), SENDER_ABROAD);
        let mut amount = self.amount(0.05, 0.985);
        for (index, sender) in ring.iter().enumerate() {
            let receiver = ring[(index + 1) % ring.len()];
            self.pay((*sender, receiver), amount, Means::Any);
            amount *= self.world.draw.between(0.9, 0.99);
            self.pass(2.0, 48.0);
        }
    }

    /// Money through layers of accounts, each paying the next; the sizes of layers are ranges.
    fn layers(&mut self, sizes: &[(u32, u32)]) {
        let last = sizes.len() - 1;
        let mut layers = Vec::with_capacity(sizes.len());
        for (index, size) in sizes.iter().enumerate() {
            let abroad = if index == last { RECEIVER_ABROAD } else { SENDER_ABROAD };
            layers.push(self.accounts(*size, abroad));
        }
        let mut amount = self.amount(0.05, 0.985);
        for pair in layers.windows(2) {
            // Every account of the larger side takes part once or twice.
            let (from, to) = (&pair[0], &pair[1]);
            let edges = from.len().max(to.len());
            for index in 0..edges {
                let sender = from[index % from.len()];
                let receiver = to[index % to.len()];
                let part = amount * self.world.draw.between(0.8, 1.2);
                self.pay((sender, receiver), part, Means::Any);
                self.pass(0.5, 16.0);
            }
            let merged = from.len() as f64 / to.len() as f64;
            amount *= merged.clamp(0.2, 5.0) * self.world.draw.between(0.9, 0.99);
            self.pass(1.0, 24.0);
        }
    }
}

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

/// Adds the laundering to a world of everyday payments.
pub(super) fn populate(world: &mut World) {
    let total: f64 = COUNTS.iter().map(|(_, count)| count).sum();
    for (typology, count) in COUNTS {
        let until = world.payments.len() + world.rows_of(SUSPICIOUS_SHARE * count / total).max(1);
        while world.payments.len() < until {
            let day = world.draw.between(2.0, world.days - 12.0);
            Attempt { world, typology, clock: day * 86_400.0 }.run();
        }
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
            "Single_large" => self.one_payment(150_000.0, 5_000_000.0),
            "Over-Invoicing" => self.one_payment(30_000.0, 400_000.0),
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

    /// Seven in ten lead an everyday life, the rest was opened for this.
    fn account(&mut self) -> Account {
        if self.world.draw.chance(0.7) { self.world.anybody() } else { self.world.new_account() }
    }

    fn accounts(&mut self, low: u32, high: u32) -> Vec<Account> {
        let wanted = self.world.draw.whole(low, high);
        (0..wanted).map(|_| self.account()).collect()
    }

    fn amount(&mut self) -> f64 {
        self.world.draw.quantile(&SUSPICIOUS_AMOUNTS)
    }

    /// Lets hours pass.
    fn pass(&mut self, low_hours: f64, high_hours: f64) {
        self.clock += 3_600.0 * self.world.draw.between(low_hours, high_hours);
    }

    #[expect(clippy::cast_possible_truncation, reason = "seconds of a simulation are few")]
    fn pay(&mut self, pair: (Account, Account), amount: f64, means: Means) {
        if pair.0 == pair.1 {
            return;
        }
        let at = self.clock.min(self.world.days * 86_400.0 - 1.0) as i64;
        self.world.pay(pair, at, amount, means, (self.typology, true));
    }

    /// One pair, many payments just below ten thousand.
    fn structuring(&mut self) {
        let pair = (self.account(), self.account());
        for _ in 0..self.world.draw.whole(5, 12) {
            let amount = self.world.draw.between(8_000.0, 9_990.0);
            self.pay(pair, amount, Means::Any);
            self.pass(2.0, 30.0);
        }
    }

    /// Many hands, one account, small cash.
    fn smurfing(&mut self) {
        let receiver = self.account();
        for sender in self.accounts(6, 14) {
            let amount = self.world.draw.between(800.0, 4_500.0);
            self.pay((sender, receiver), amount, Means::CashDeposit);
            self.pass(1.0, 20.0);
        }
    }

    fn withdrawals(&mut self) {
        let (owner, counter) = (self.account(), self.account());
        for _ in 0..self.world.draw.whole(5, 12) {
            let amount = self.world.draw.between(300.0, 2_500.0);
            self.pay((owner, counter), amount, Means::CashWithdrawal);
            self.pass(1.0, 24.0);
        }
    }

    /// Cash in, and on to somebody else.
    fn deposit_send(&mut self) {
        let (counter, owner, receiver) = (self.account(), self.account(), self.account());
        for _ in 0..self.world.draw.whole(2, 5) {
            let amount = self.world.draw.between(1_000.0, 9_000.0);
            self.pay((counter, owner), amount, Means::CashDeposit);
            self.pass(0.5, 24.0);
            let part = amount * self.world.draw.between(0.85, 0.99);
            self.pay((owner, receiver), part, Means::Any);
            self.pass(12.0, 60.0);
        }
    }

    /// Amounts many times the account's usual ones.
    fn change_of_amounts(&mut self) {
        let (sender, receiver) = (self.world.anybody(), self.account());
        for _ in 0..self.world.draw.whole(3, 7) {
            let amount = self.world.draw.between(20_000.0, 90_000.0);
            self.pay((sender, receiver), amount, Means::Any);
            self.pass(6.0, 48.0);
        }
    }

    /// Suddenly many strangers.
    fn change_of_partners(&mut self) {
        let sender = self.world.anybody();
        for receiver in self.accounts(4, 8) {
            let amount = self.amount().min(50_000.0);
            self.pay((sender, receiver), amount, Means::Any);
            self.pass(2.0, 36.0);
        }
    }

    fn one_payment(&mut self, low: f64, high: f64) {
        let pair = (self.account(), self.account());
        let amount = self.world.draw.between(low.ln(), high.ln()).exp();
        self.pay(pair, amount, Means::Any);
    }

    /// Round and back, less a commission.
    fn cycle(&mut self) {
        let ring = self.accounts(3, 7);
        let mut amount = self.amount();
        for (index, sender) in ring.iter().enumerate() {
            let receiver = ring[(index + 1) % ring.len()];
            self.pay((*sender, receiver), amount, Means::Any);
            amount *= self.world.draw.between(0.9, 0.99);
            self.pass(2.0, 48.0);
        }
    }

    /// Money through layers of accounts, each layer paying the next; sizes from and to.
    fn layers(&mut self, sizes: &[(u32, u32)]) {
        let layers: Vec<_> = sizes.iter().map(|(low, high)| self.accounts(*low, *high)).collect();
        let mut amount = self.amount();
        for pair in layers.windows(2) {
            // Every account of the larger side is met once or twice.
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

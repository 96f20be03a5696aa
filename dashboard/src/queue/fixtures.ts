// Alerts for tests.

import type { Alert } from "../api/client";

export function alert(id: string, changes: Partial<Alert> = {}): Alert {
  return {
    alert_id: `al_${id}`,
    msg_id: id,
    score: 0.7,
    severity: "high",
    level: "rules",
    typologies: ["fan_in"],
    explanation: "Alert: Eleven payers paid the receiver within seven days.",
    payment: {
      timestamp: "2026-01-05T10:00:00Z",
      amount: "900.00",
      currency: "GBP",
      base_amount: 1200,
      payment_type: "transfer",
      sender: { account: `${id}-from`, account_id: `GB ${id}-from`, country: "GB" },
      receiver: { account: `${id}-to`, account_id: `GB ${id}-to`, country: "GB", name: "Ann Lee" },
    },
    created_at: "2026-01-05T10:00:01.000000Z",
    hits: 0,
    sequence: `2026-01-05T10:00:01.000000Z#al_${id}`,
    status: "open",
    version: 0,
    ...changes,
  } as Alert;
}

// What a case is called at first.

import type { Alert } from "../api/client";
import { words } from "../format/words";
import { grouped, typologies } from "../queue/view";

/** Names the typology and the account that most of the alerts have in common. */
export function suggestedTitle(alerts: readonly Alert[]): string {
  const typology = typologies(alerts)[0];
  const [group] = grouped(alerts).sort((a, b) => b.alerts.length - a.alerts.length);
  const parties = alerts.flatMap(({ payment }) => [payment.sender, payment.receiver]);
  const party = parties.find((one) => one.account_id === group?.account);
  const who = party?.name ?? party?.account;
  return [typology && words(typology), who].filter(Boolean).join(": ");
}

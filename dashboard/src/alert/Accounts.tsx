// Both accounts of the payment: what they do now beside what they usually do, and beside their peers.

import { useQuery } from "@tanstack/react-query";
import { accountQuery } from "../account/queries";
import type { Party, Schemas } from "../api/client";
import { WeekBars } from "../charts/WeekBars";
import { short } from "../format/money";
import { words as plain } from "../format/words";
import { Card, Failure, PartyName, Time } from "../ui/parts";

interface Props {
  payment: Schemas["AlertPayment"];
  peers: readonly Schemas["PeerMark"][];
  words: (feature: string) => string;
}

export function Accounts({ payment, peers, words }: Props) {
  return (
    <div className="columns">
      <Side title="Sender: now and usual" party={payment.sender} />
      <Side title="Receiver: now and usual" party={payment.receiver} />
      {peers.length > 0 && (
        <Card title="Beside their peers">
          <ul className="stack">
            {peers.map((peer) => (
              <li key={`${peer.segment} ${peer.measure}`}>
                {words(peer.measure)}: more than 95 in 100 payments of the segment{" "}
                {plain(peer.segment).toLowerCase()} ({short(peer.p95)})
              </li>
            ))}
          </ul>
        </Card>
      )}
    </div>
  );
}

function Side({ title, party }: { title: string; party: Party }) {
  const { data, error } = useQuery(accountQuery(party.account_id));
  return (
    <Card title={title} aside={<PartyName party={party} linked />}>
      {error && <Failure error={error} />}
      {data ? (
        <>
          <div className="pair">
            <WeekBars
              flow={data.activity.received}
              currency={data.base_currency}
              direction="received"
            />
            <WeekBars flow={data.activity.sent} currency={data.base_currency} direction="sent" />
          </div>
          <p className="soft">
            First payment <Time at={data.activity.first_seen} dateOnly />, newest{" "}
            <Time at={data.activity.last_seen} />
          </p>
        </>
      ) : (
        !error && <p className="soft">Loading…</p>
      )}
    </Card>
  );
}

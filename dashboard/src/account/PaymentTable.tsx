// Payments of an account, newest first.

import { Link } from "wouter";
import type { Payment } from "../api/client";
import { percent } from "../format/money";
import { words } from "../format/words";
import { alertPath } from "../shell/paths";
import { Amount, PartyName, Time } from "../ui/parts";

interface Props {
  payments: readonly Payment[];
  /** The payment that the view is about. */
  marked?: string;
}

export function PaymentTable({ payments, marked }: Props) {
  return (
    <div className="scroll">
      <table className="plain payments">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Counterparty</th>
            <th scope="col" className="number">
              Amount
            </th>
            <th scope="col">How</th>
            <th scope="col">Purpose</th>
            <th scope="col" className="number">
              Risk
            </th>
          </tr>
        </thead>
        <tbody>
          {payments.map((payment) => (
            <tr key={payment.msg_id} aria-current={payment.msg_id === marked || undefined}>
              <td>
                <Time at={payment.timestamp} />
              </td>
              <td>
                <span className={payment.side === "sender" ? "to" : "from"}>
                  {payment.side === "sender" ? "to" : "from"}
                </span>{" "}
                <PartyName party={payment.counterparty} linked />
              </td>
              <td className="number">
                {payment.side === "sender" ? "−" : "+"}
                <Amount amount={payment.amount} currency={payment.currency} />
              </td>
              <td>
                {words(payment.payment_type)}
                {payment.kind !== "payment" && <span className="chip">{words(payment.kind)}</span>}
              </td>
              <td className="purpose">
                <bdi className="isolate">{payment.purpose}</bdi>
              </td>
              <td className="number">
                {payment.risk === null || payment.risk === undefined ? (
                  <span className="soft">not judged</span>
                ) : payment.alert_id ? (
                  <Link href={alertPath(payment.alert_id)}>{percent(payment.risk)}</Link>
                ) : (
                  percent(payment.risk)
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

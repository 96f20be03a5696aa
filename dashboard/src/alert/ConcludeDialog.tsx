// The dialog in which a person concludes about one alert or several.

import { Dialog } from "@base-ui/react/dialog";
import { useState } from "react";
import { words } from "../format/words";
import { NoteField } from "../ui/NoteField";
import {
  CONCLUSIONS,
  type Conclusion,
  type DispositionStep,
  missing,
  REASONS,
  type Reason,
} from "./work";

interface Props {
  /** How many alerts it is about; closed at 0. */
  count: number;
  onClose: () => void;
  onConclude: (step: DispositionStep) => void;
}

export function ConcludeDialog({ count, onClose, onConclude }: Props) {
  return (
    <Dialog.Root open={count > 0} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>{count === 1 ? "Conclude" : `Conclude about ${count} alerts`}</Dialog.Title>
          <Form onConclude={onConclude} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Form({ onConclude }: Pick<Props, "onConclude">) {
  const [conclusion, setConclusion] = useState<Conclusion>();
  const [reason, setReason] = useState<Reason>();
  const [note, setNote] = useState("");
  const [asked, setAsked] = useState(false);
  const fault = missing(conclusion, reason, note);
  const send = () => {
    setAsked(true);
    if (fault || !conclusion) return;
    const of = conclusion === "false_positive" && reason ? { reason } : {};
    onConclude({ step: "dispose", conclusion, note, ...of });
  };
  return (
    <form
      className="conclude"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <fieldset className="choices">
        <legend className="hidden">Conclusion</legend>
        {CONCLUSIONS.map((code) => (
          <label key={code}>
            <input
              type="radio"
              name="conclusion"
              checked={conclusion === code}
              onChange={() => setConclusion(code)}
            />
            {words(code)}
          </label>
        ))}
      </fieldset>
      {conclusion === "false_positive" && (
        <label className="stacked">
          Reason
          <select
            className="field"
            value={reason ?? ""}
            onChange={(event) => setReason((event.target.value || undefined) as Reason | undefined)}
          >
            <option value="">Choose…</option>
            {Object.entries(REASONS).map(([code, text]) => (
              <option key={code} value={code}>
                {text}
              </option>
            ))}
          </select>
        </label>
      )}
      <NoteField label="Note" value={note} onChange={setNote} />
      <p role="alert" className="fault">
        {asked ? fault : ""}
      </p>
      <div className="actions">
        <Dialog.Close className="button">Cancel</Dialog.Close>
        <button type="submit" className="button primary">
          Conclude
        </button>
      </div>
    </form>
  );
}

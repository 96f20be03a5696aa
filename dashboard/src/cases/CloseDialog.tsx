// Closes a case with what the investigation found.

import { Dialog } from "@base-ui/react/dialog";
import { useState } from "react";
import type { Schemas } from "../api/client";
import { NoteField } from "../ui/NoteField";
import type { CaseStep } from "./steps";

interface Props {
  open: boolean;
  /** Items of the checklist that are open. */
  left: number;
  onClose: () => void;
  onStep: (step: CaseStep) => void;
}

const OUTCOMES: readonly (readonly [Schemas["CaseOutcome"], string])[] = [
  ["unfounded", "The suspicion is unfounded"],
  ["founded", "The suspicion is founded"],
  ["inconclusive", "What is known does not suffice to tell"],
];

export function CloseDialog({ open, left, onClose, onStep }: Props) {
  const [outcome, setOutcome] = useState<Schemas["CaseOutcome"]>();
  const [note, setNote] = useState("");
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>Close the case</Dialog.Title>
          {left > 0 && (
            <p className="notice bad">
              {left === 1 ? "1 item" : `${left} items`} of the checklist {left === 1 ? "is" : "are"}{" "}
              open. The case closes once the checklist is done.
            </p>
          )}
          <form
            className="conclude"
            onSubmit={(event) => {
              event.preventDefault();
              if (outcome && note.trim()) onStep({ step: "close", outcome, note });
            }}
          >
            <fieldset className="choices">
              <legend className="hidden">Outcome</legend>
              {OUTCOMES.map(([value, text]) => (
                <label key={value}>
                  <input
                    type="radio"
                    name="outcome"
                    required
                    checked={outcome === value}
                    onChange={() => setOutcome(value)}
                  />
                  {text}
                </label>
              ))}
            </fieldset>
            <NoteField label="Why" value={note} onChange={setNote} required />
            <div className="actions">
              <Dialog.Close className="button">Cancel</Dialog.Close>
              <button type="submit" className="button primary" disabled={left > 0}>
                Close the case
              </button>
            </div>
          </form>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

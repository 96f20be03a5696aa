// Opens a case from alerts.

import { Dialog } from "@base-ui/react/dialog";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { casePath } from "../shell/paths";
import { NoteField } from "../ui/NoteField";
import { useTell } from "../ui/toasts";
import { openCase } from "./steps";

interface Props {
  /** The alerts that it is opened from; closed if there are none. */
  alerts: readonly string[];
  /** What the title says at first. */
  suggestion: string;
  onClose: () => void;
}

export function OpenCaseDialog({ alerts, suggestion, onClose }: Props) {
  return (
    <Dialog.Root open={alerts.length > 0} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>
            {alerts.length === 1 ? "Open a case" : `Open a case from ${alerts.length} alerts`}
          </Dialog.Title>
          <Form alerts={alerts} suggestion={suggestion} onClose={onClose} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Form({ alerts, suggestion, onClose }: Props) {
  const [title, setTitle] = useState(suggestion);
  const [note, setNote] = useState("");
  const [, go] = useLocation();
  const tell = useTell();
  const queries = useQueryClient();
  const open = async () => {
    try {
      const opened = await openCase(title, alerts, note);
      onClose();
      void queries.invalidateQueries({ queryKey: ["cases"] });
      void queries.invalidateQueries({ queryKey: ["alert"] });
      go(casePath(opened.case_id));
    } catch (error) {
      tell.failed(error);
    }
  };
  return (
    <form
      className="conclude"
      onSubmit={(event) => {
        event.preventDefault();
        void open();
      }}
    >
      <label className="stacked">
        Title
        <input
          className="field"
          required
          maxLength={300}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
      </label>
      <NoteField label="Why" value={note} onChange={setNote} rows={3} />
      <div className="actions">
        <Dialog.Close className="button">Cancel</Dialog.Close>
        <button type="submit" className="button primary">
          Open the case
        </button>
      </div>
    </form>
  );
}

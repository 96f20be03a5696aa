// Asks for a note, which a step needs.

import { Dialog } from "@base-ui/react/dialog";
import { useState } from "react";

interface Props {
  title: string;
  open: boolean;
  onClose: () => void;
  onNote: (note: string) => void;
}

export function NoteDialog({ title, open, onClose, onNote }: Props) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>{title}</Dialog.Title>
          <Form title={title} onNote={onNote} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Form({ title, onNote }: Pick<Props, "title" | "onNote">) {
  const [note, setNote] = useState("");
  return (
    <form
      className="conclude"
      onSubmit={(event) => {
        event.preventDefault();
        if (note.trim()) onNote(note);
      }}
    >
      <label className="stacked">
        Why
        <textarea
          className="field"
          rows={4}
          required
          maxLength={4000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
      <div className="actions">
        <Dialog.Close className="button">Cancel</Dialog.Close>
        <button type="submit" className="button primary">
          {title}
        </button>
      </div>
    </form>
  );
}

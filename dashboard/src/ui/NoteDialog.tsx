// Asks for a note, which a step needs.

import { Dialog } from "@base-ui/react/dialog";
import { useState } from "react";
import { NoteField } from "./NoteField";

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
      <NoteField label="Why" value={note} onChange={setNote} required />
      <div className="actions">
        <Dialog.Close className="button">Cancel</Dialog.Close>
        <button type="submit" className="button primary">
          {title}
        </button>
      </div>
    </form>
  );
}

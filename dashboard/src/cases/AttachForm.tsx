// Attaches a document by reference. Its hash is computed here, so that the file itself stays where it is.

import { useState } from "react";
import type { CaseStep } from "./steps";

export function AttachForm({ onAttach }: { onAttach: (step: CaseStep) => void }) {
  const [file, setFile] = useState<File>();
  const [reference, setReference] = useState("");
  const attach = async () => {
    if (!file || !reference.trim()) return;
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    const sha256 = [...new Uint8Array(digest)].map((n) => n.toString(16).padStart(2, "0")).join("");
    onAttach({ step: "attach", name: file.name, reference, sha256 });
    setReference("");
  };
  return (
    <form
      className="attach"
      onSubmit={(event) => {
        event.preventDefault();
        void attach();
      }}
    >
      <label className="stacked">
        Document (only its hash is sent)
        <input type="file" required onChange={(event) => setFile(event.target.files?.[0])} />
      </label>
      <label className="stacked">
        Where it is kept
        <input
          className="field"
          required
          maxLength={300}
          placeholder="URL or archive number"
          value={reference}
          onChange={(event) => setReference(event.target.value)}
        />
      </label>
      <button type="submit" className="button">
        Attach
      </button>
    </form>
  );
}

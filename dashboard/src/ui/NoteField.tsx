// The field in which people say why.

interface Props {
  label: string;
  value: string;
  onChange: (text: string) => void;
  required?: boolean;
  rows?: number;
}

export function NoteField({ label, value, onChange, required = false, rows = 4 }: Props) {
  return (
    <label className="stacked">
      {label}
      <textarea
        className="field"
        rows={rows}
        required={required}
        maxLength={4000}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

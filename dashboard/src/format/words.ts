// Codes of the API in an analyst's words.

/** `fan_in` as `Fan in`: every code is made of English words. */
export function words(code: string): string {
  return sentenceCase(code.replaceAll("_", " "));
}

export function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The headline of an alert without the word that its place already says. */
export function headline(explanation: string): string {
  return explanation.replace(/^(Alert|Review): /, "");
}

const countries = new Intl.DisplayNames(undefined, { type: "region" });

export function country(code: string): string {
  try {
    return countries.of(code) ?? code;
  } catch {
    return code;
  }
}

/** An IBAN in groups of four; any other number as it is. */
export function account(number: string): string {
  return /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(number)
    ? (number.match(/.{1,4}/g) ?? []).join(" ")
    : number;
}

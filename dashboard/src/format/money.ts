// Amounts in their currency's own format.

const formats = new Map<string, Intl.NumberFormat>();

function format(currency: string, digits?: number): Intl.NumberFormat {
  const key = `${currency}/${digits ?? ""}`;
  let known = formats.get(key);
  if (!known) {
    const options: Intl.NumberFormatOptions = {
      style: "currency",
      currency,
      currencyDisplay: "code",
    };
    if (digits !== undefined) options.maximumFractionDigits = digits;
    known = new Intl.NumberFormat(undefined, options);
    formats.set(key, known);
  }
  return known;
}

/** An amount as the payment states it: decimal text in units of the currency, shown to the last digit. */
export function money(amount: string, currency: string): string {
  // `format` takes decimal text and loses no digit of it.
  return format(currency).format(amount as unknown as number);
}

/** A sum in the base currency, rounded to whole units. */
export function about(amount: number, currency: string): string {
  return format(currency, 0).format(amount);
}

/** A sum in few characters, for charts. */
export function short(amount: number): string {
  return new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 }).format(
    amount,
  );
}

/** Millionths of a US dollar, as a price. */
export function microUsd(micro: number): string {
  return new Intl.NumberFormat(undefined, {
    style: "currency",
    currency: "USD",
    maximumFractionDigits: micro < 10_000 ? 6 : 2,
  }).format(micro / 1e6);
}

/** A probability in percent; the ends are not rounded to certainty. */
export function percent(share: number): string {
  if (share > 0 && share < 0.01) return "<1 %";
  if (share > 0.99 && share < 1) return ">99 %";
  return `${Math.round(share * 100)} %`;
}

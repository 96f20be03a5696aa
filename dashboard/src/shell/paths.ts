// The page's paths. An id may contain any character, also those that mean something in a path.

/** An id as a part of a path. The router decodes a path once as a whole, so `%` is encoded twice. */
export function segment(id: string): string {
  return encodeURIComponent(id).replaceAll("%25", "%2525");
}

/** The id in a part of a path that the router has decoded. */
export function idOf(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function accountPath(id: string): string {
  return `/accounts/${segment(id)}`;
}

export function alertPath(id: string): string {
  return `/alerts/${segment(id)}`;
}

export function casePath(id: string): string {
  return `/cases/${segment(id)}`;
}

export function transactionPath(id: string): string {
  return `/transactions/${segment(id)}`;
}

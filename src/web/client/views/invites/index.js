// Not written yet.

/** Invitations that have just come. */
export function popup() {
  return null;
}

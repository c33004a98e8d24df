// Toasts: short messages that disappear.

/** Toasts at once; the oldest are dropped. */
const MOST = 4;

/** @type {Handlers} */
export const toasts = {
  toast: (state, { text, kind = 'info', action }) => {
    const id = (state.toasts.at(-1)?.id ?? 0) + 1;
    // A repeated text replaces the earlier one.
    const others = state.toasts.filter((one) => one.text !== text);
    return { ...state, toasts: [...others, { id, text, kind, action }].slice(-MOST) };
  },
  untoast: (state, { id }) => ({ ...state, toasts: state.toasts.filter((one) => one.id !== id) }),
};

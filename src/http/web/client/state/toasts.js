// Short sayings that pass.

/** So many at once; the oldest make room. */
const MOST = 4;

/** @type {Handlers} */
export const toasts = {
  toast: (state, { text, kind = 'info', action }) => {
    const id = (state.toasts.at(-1)?.id ?? 0) + 1;
    // The same words twice are said once, anew.
    const others = state.toasts.filter((one) => one.text !== text);
    return { ...state, toasts: [...others, { id, text, kind, action }].slice(-MOST) };
  },
  untoast: (state, { id }) => ({ ...state, toasts: state.toasts.filter((one) => one.id !== id) }),
};

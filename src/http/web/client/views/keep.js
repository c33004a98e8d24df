// The question whether a new room is kept, for every form that makes one.

/** A field: see `form`. */
export const KEEP = {
  name: 'keep', type: 'checkbox', label: 'Keep this room',
  hint: 'Otherwise the room and its messages are deleted soon after everyone has left.',
};

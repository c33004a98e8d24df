// Forms: fields with their label, hint and error, a button that waits for the answer, focus to the first field that is
// wrong. What is typed stays in the fields themselves; only errors and waiting are remembered here.

import { dict, withEntry, without } from './dict.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { part, recall } from './part.js';
import { inWords, wrongField } from './words.js';

/**
 * A form.
 * @param {Props} props attributes (`key` is needed), and
 *   `send(values)`: async, called with the fields' values when none is wrong;
 *   `refusals`: code → the name of the field whose fault it is, or `[name, sentence]`. Other errors stand above the button.
 * @param {(tools: {field: (field: Field) => any, submit: (label: string, look?: string|null) => any}) => any} draw the children
 */
export function form({ send, refusals = {}, ...props }, draw) {
  return part('form', {
    ...props,
    novalidate: true,
    begin(memory) {
      memory.errors = dict();
      memory.shown = dict();
    },
    onsubmit(event) {
      event.preventDefault();
      submitted(event.currentTarget, recall(event.currentTarget));
    },
  }, (memory) => {
    // What the view says now counts, not what it said when the form began.
    Object.assign(memory, { fields: [], send, refusals });
    return draw({
      field(spec) {
        memory.fields.push(spec);
        return field(`${props.key}-${spec.name}`, spec, memory);
      },
      submit: (label, look) => submit(label, look, memory),
    });
  });
}

/** @param {string} id @param {Fields} options @param {Memory} memory */
function field(id, { label, hint, begin, focus, check, ...attributes }, memory) {
  const { name, type = 'text' } = attributes;
  const error = memory.errors[name];
  const input = h('input', {
    class: type === 'checkbox' ? 'tick' : 'input',
    ...attributes,
    id,
    type: memory.shown[name] ? 'text' : type,
    'aria-invalid': error ? 'true' : null,
    'aria-describedby': error ? `${id}-error` : hint && `${id}-hint`,
    // For the dialog around it, which can give the focus only once it is open.
    autofocus: focus,
    mount(element) {
      if (begin) element.defaultValue = begin;
      // Only what is in the page can have the focus, and that it is when the drawing is done.
      if (focus) queueMicrotask(() => element.focus());
    },
    oninput: error && (() => memory.set({ errors: without(memory.errors, name) })),
  });
  return h('div', { class: 'field', key: id },
    type === 'checkbox' ? h('label', { class: 'choice' }, input, label) : [h('label', { for: id }, label), framed(id, label, input, attributes, memory)],
    // What is wrong now matters more than what was asked for.
    error
      ? h('p', { class: 'error', id: `${id}-error`, key: 'error' }, icon('warning'), h('span', { dir: 'auto' }, error))
      : hint && h('p', { class: 'hint', id: `${id}-hint`, key: 'hint' }, hint));
}

/** Whose password a form is about, for the browser that keeps passwords. Nobody sees it, and it is not sent. @param {string} username */
export function owner(username) {
  return h('input', { key: 'owner', type: 'text', autocomplete: 'username', value: username, readonly: true, hidden: true });
}

/**
 * A password has a button that shows it.
 * @param {string} id
 * @param {string} label
 * @param {any} input
 * @param {Fields} attributes
 * @param {Memory} memory
 */
function framed(id, label, input, { name, type }, memory) {
  return type === 'password' ? h('div', { class: 'password' }, input, reveal(id, label, name, memory)) : input;
}

/** @param {string} id @param {string} label @param {string} name @param {Memory} memory */
function reveal(id, label, name, memory) {
  const shown = memory.shown[name];
  const say = `${shown ? 'Hide' : 'Show'} ${label.toLowerCase()}`;
  return h('button', {
    type: 'button', class: 'reveal', 'aria-label': say, 'aria-controls': id,
    onclick: () => memory.set({ shown: withEntry(memory.shown, name, !shown) }),
  }, shown ? 'Hide' : 'Show');
}

/** @param {string} label @param {string|null|undefined} look @param {Memory} memory */
function submit(label, look = 'primary', memory) {
  return [
    h('div', { role: 'alert', class: 'form-error' },
      memory.errors[''] && h('p', { class: 'error-text' }, icon('warning'), h('span', { dir: 'auto' }, memory.errors['']))),
    // Not disabled while it waits: that would take the focus away.
    h('button', { type: 'submit', class: ['button', look], 'aria-disabled': memory.busy && 'true', 'aria-busy': memory.busy && 'true' }, label),
  ];
}

/** @param {any} element @param {Memory} memory */
async function submitted(element, memory) {
  if (memory.busy) return;
  /** @type {Dict<any>} */
  const values = dict(new FormData(element));
  const errors = dict();
  for (const { name, check } of memory.fields) errors[name] = check?.(values[name], values);
  if (memory.fields.some(({ name }) => errors[name])) return blame(element, memory, errors);
  memory.set({ busy: true, errors: dict() });
  try {
    await memory.send(values);
    memory.set({ busy: false });
  } catch (error) {
    memory.set({ busy: false });
    if (!memory.gone) blame(element, memory, placed(error, memory));
  }
}

/** Says what is wrong and leads to the first field that is. @param {any} element @param {Memory} memory @param {Fields} errors */
function blame(element, memory, errors) {
  memory.set({ errors });
  const first = memory.fields.find(({ name }) => errors[name]);
  if (first) element.elements[first.name]?.focus();
}

/** A refusal beside the field whose fault it is. @param {Refusal} error @param {Memory} memory */
function placed(error, { fields, refusals }) {
  const refused = Object.hasOwn(refusals, error.code) ? refusals[error.code] : wrongField(error);
  const [named, sentence] = [refused].flat();
  const name = fields.some((spec) => spec.name === named) ? named : '';
  return dict([[name, sentence ?? inWords(error)]]);
}

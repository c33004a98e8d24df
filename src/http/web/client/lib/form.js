// Forms: fields with label, hint and error, a submit button that waits for the response, focus on the first invalid field. Values
// remain in the inputs; local state holds only errors and progress.

import { dict, withEntry, without } from './dict.js';
import { h } from './dom.js';
import { focusSoon } from './focus.js';
import { icon } from './icons.js';
import { component, localOf } from './component.js';
import { errorText, invalidField } from './wording.js';

/**
 * A form.
 * @param {Props} props attributes (`key` is required), `send(values)`, called with the values when all are valid, and
 *   `refusals`: error code → the field it belongs to, or `[field, text]`. Other errors are shown above the button.
 * @param {(tools: {field: (field: Field) => any, submit: (label: string, look?: string|null) => any}) => any} draw the children
 */
export function form({ send, refusals = {}, ...props }, draw) {
  return component('form', {
    ...props,
    novalidate: true,
    begin(local) {
      local.errors = dict();
      local.shown = dict();
    },
    onsubmit(event) {
      event.preventDefault();
      submitted(event.currentTarget, localOf(event.currentTarget));
    },
  }, (local) => {
    // The newest arguments of the view count, not those of the first render.
    Object.assign(local, { fields: [], send, refusals });
    return draw({
      field(spec) {
        local.fields.push(spec);
        return field(`${props.key}-${spec.name}`, spec, local);
      },
      submit: (label, look) => submit(label, look, local),
    });
  });
}

/** @param {string} id @param {Fields} options @param {LocalState} local */
function field(id, { label, hint, begin, focus, check, ...attributes }, local) {
  const { name, type = 'text' } = attributes;
  const error = local.errors[name];
  const input = h('input', {
    class: type === 'checkbox' ? 'tick' : 'input',
    ...attributes,
    id,
    type: local.shown[name] ? 'text' : type,
    'aria-invalid': Boolean(error),
    'aria-describedby': error ? `${id}-error` : hint && `${id}-hint`,
    // The surrounding dialog focuses it once it is open.
    autofocus: focus,
    mount(element) {
      if (begin) element.defaultValue = begin;
      if (focus) focusSoon(element);
    },
    oninput: error && (() => local.set({ errors: without(local.errors, name) })),
  });
  return h('div', { class: 'field', key: id },
    type === 'checkbox' ? h('label', { class: 'choice' }, input, label) : [h('label', { for: id }, label), framed(id, label, input, attributes, local)],
    // The error replaces the hint.
    error
      ? h('p', { class: 'error', id: `${id}-error`, key: 'error' }, icon('warning'), h('span', { dir: 'auto' }, error))
      : hint && h('p', { class: 'hint', id: `${id}-hint`, key: 'hint' }, hint));
}

/** The account of a password form, for password managers. Hidden, and not sent. @param {string} username */
export function owner(username) {
  return h('input', { key: 'owner', type: 'text', autocomplete: 'username', value: username, readonly: true, hidden: true });
}

/**
 * A password field has a button that reveals it.
 * @param {string} id
 * @param {string} label
 * @param {any} input
 * @param {Fields} attributes
 * @param {LocalState} local
 */
function framed(id, label, input, { name, type }, local) {
  return type === 'password' ? h('div', { class: 'password' }, input, reveal(id, label, name, local)) : input;
}

/** @param {string} id @param {string} label @param {string} name @param {LocalState} local */
function reveal(id, label, name, local) {
  const shown = local.shown[name];
  const action = `${shown ? 'Hide' : 'Show'} ${label.toLowerCase()}`;
  return h('button', {
    type: 'button', class: 'reveal', 'aria-label': action, 'aria-controls': id,
    onclick: () => local.set({ shown: withEntry(local.shown, name, !shown) }),
  }, shown ? 'Hide' : 'Show');
}

/** @param {string} label @param {string|null|undefined} look @param {LocalState} local */
function submit(label, look = 'primary', local) {
  return [
    h('div', { role: 'alert', class: 'form-error' },
      local.errors[''] && h('p', { class: 'error-text' }, icon('warning'), h('span', { dir: 'auto' }, local.errors['']))),
    // Not `disabled` while it waits, which would drop the focus.
    h('button', { type: 'submit', class: ['button', look], 'aria-disabled': local.busy, 'aria-busy': local.busy }, label),
  ];
}

/** @param {any} element @param {LocalState} local */
async function submitted(element, local) {
  if (local.busy) return;
  /** @type {Dict<any>} */
  const values = dict(new FormData(element));
  const errors = dict();
  for (const { name, check } of local.fields) errors[name] = check?.(values[name], values);
  if (local.fields.some(({ name }) => errors[name])) return blame(element, local, errors);
  local.set({ busy: true, errors: dict() });
  try {
    await local.send(values);
    local.set({ busy: false });
  } catch (error) {
    local.set({ busy: false });
    if (!local.unmounted) blame(element, local, placed(error, local));
  }
}

/** Shows the errors and focuses the first invalid field. @param {any} element @param {LocalState} local @param {Fields} errors */
function blame(element, local, errors) {
  local.set({ errors });
  const first = local.fields.find(({ name }) => errors[name]);
  if (first) element.elements[first.name]?.focus();
}

/** The error of a refusal, beside the field it belongs to. @param {Refusal} error @param {LocalState} local */
function placed(error, { fields, refusals }) {
  const refused = Object.hasOwn(refusals, error.code) ? refusals[error.code] : invalidField(error);
  const [named, sentence] = [refused].flat();
  const name = fields.some((spec) => spec.name === named) ? named : '';
  return dict([[name, sentence ?? errorText(error)]]);
}

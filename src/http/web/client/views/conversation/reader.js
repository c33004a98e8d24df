// Where the reader is in the timeline: which stretch of the messages is on the page, and what must stay in its place
// when the stretch moves, older messages come in above, or the window changes its size.
//
// The rule: a reader at the end stays at the end; anywhere else the uppermost whole message stays where it is, to the
// pixel. The browser's own anchoring is switched off, since it does nothing at the very top and not everywhere.

import { SIZE, stretch } from './rows.js';
import { firstBelow, newestSeen, offset } from './sight.js';

/** How many messages the stretch moves by. */
const STEP = 30;
/** Within this distance of an end, in pixels, more is laid out or asked for. */
const NEAR = 800;
/** How far below the top the first new message stands, so that the line above it is seen. */
const BELOW_TOP = 96;
/** As near to the end counts as at the end. */
const AT_END = 40;

export class Reader {
  /**
   * @param {{draw: () => void, found: (seq: number) => void}} log draws the timeline again; is called with the message that was gone to
   * @param {Actions} act
   */
  constructor(log, act) {
    this.draw = log.draw;
    this.found = log.found;
    this.act = act;
    /** @type {any} */
    this.scroller = null;
    /** @type {any} */
    this.top = null;          // seq of the stretch's first message; null: the stretch ends with the newest
    this.atEnd = true;
    /** @type {any} */
    this.anchor = null;       // {element, offset}: what stays where it is
    this.placed = false;      // whether the first position was found
    /** @type {any} */
    this.target = null;       // where to go once it is here: a seq, or 'end'
    this.size = '';           // of the list when it was last looked at
    this.seen = 0;            // the newest message that was told as seen
    this.asked = new Map();   // 'older' and 'newer': beyond which message more was asked, since the reader last scrolled
    this.watch = new ResizeObserver(() => this.settle());
  }

  /** @param {any} scroller the element that scrolls; its one child holds the rows */
  attach(scroller) {
    this.scroller = scroller;
    // Told for the first time when it is laid out: only then can a first position be found.
    this.watch.observe(scroller);
    this.watch.observe(scroller.firstElementChild);
  }

  end() {
    this.watch.disconnect();
  }

  /**
   * The newest state of the conversation; `written`: how much of mine waits, shown or not; `begins`: the first new text.
   * @returns {{start: number, end: number}} what is to be on the page
   * @param {Fields} options
   */
  show({ session, pending, written, begins, view }) {
    const mine = written > this.written && this.placed;
    // What is new has begun while the reader was away: that is where they go on.
    if (begins !== null && begins !== this.begins && this.atEnd) this.placed = false;
    Object.assign(this, { session, pending, written, begins, view });
    if (view.jump !== this.jump) {
      this.jump = view.jump;
      // A link may name a message that never was. Who has left it goes on to the end, if that is where they were going.
      if (view.jump) this.target = view.jump.seq <= session.seq ? view.jump.seq : null;
      else if (this.target !== 'end') this.target = null;
    }
    // Whoever writes wants to see what they wrote.
    if (mine) this.toEnd();
    const messages = this.messages();
    const count = messages.length + pending.length;
    /** @param {number} seq */
    const at = (seq) => seq - messages[0].seq;
    /** @param {number} seq */
    const reaches = (seq) => Number.isInteger(seq) && messages.length > 0 && seq >= messages[0].seq && seq <= messages.at(-1).seq;
    if (reaches(this.target)) this.top = messages[stretch(at(this.target) - SIZE / 2, count).start].seq;
    else if (!this.placed && reaches(this.line())) this.top = messages[stretch(at(this.line()) - SIZE / 2, count).start].seq;
    else if (this.top !== null && !reaches(this.top)) this.top = this.top < messages[0]?.seq ? messages[0].seq : null;
    /** @type {any} */
    this.shown = stretch(this.top === null ? count : at(this.top), count);
    return this.shown;
  }

  /** @returns {any[]} */
  messages() {
    return this.session.span?.messages ?? [];
  }

  /** The first new message's number, where one begins to read. @returns {any} */
  line() {
    const { line, seq } = this.session;
    return line !== null && line < seq ? this.begins ?? line + 1 : null;
  }

  /** Whether the stretch reaches the newest message of all. */
  isLast() {
    return this.shown.end === this.messages().length + this.pending.length && Boolean(this.session.span?.live);
  }

  /** Goes to the newest message. */
  toEnd() {
    this.target = 'end';
    this.top = null;
    if (this.session.span) this.act.dispatch({ type: 'newest', session: this.session.id });
  }

  /** To be called when the page has been changed: puts everything into its place. */
  settle() {
    const { scroller } = this;
    if (!scroller?.clientHeight || !this.session.span) return;
    if (!this.arrive()) {
      if (this.atEnd && this.isLast()) scroller.scrollTop = this.limit();
      else if (this.anchor?.element.isConnected) scroller.scrollTop += offset(this.anchor.element, scroller) - this.anchor.offset;
    }
    this.look();
  }

  /** How far a reader at the end goes with it: where nobody looks, until the first new message is at the top. */
  limit() {
    const { scroller, begins, view } = this;
    const away = !view.visible || !view.focused;
    const first = away && begins !== null ? scroller.querySelector(`[data-seq="${begins}"]`) : null;
    const room = first ? offset(first, scroller) - BELOW_TOP : -1;
    return room < 0 ? scroller.scrollHeight : Math.min(scroller.scrollHeight, scroller.scrollTop + room);
  }

  /** Goes where the reader is expected to be. @returns {boolean} whether there was such a place */
  arrive() {
    if (this.target === 'end') {
      if (!this.isLast()) return true;
      this.target = null;
      this.atEnd = true;
    }
    const wanted = this.target ?? (this.placed ? null : this.line());
    const element = wanted === null ? null : this.scroller.querySelector(`[data-seq="${wanted}"]`);
    if (!element) {
      this.placed ||= this.isLast();
      return false;
    }
    this.atEnd = false;
    const room = this.scroller.clientHeight - element.offsetHeight;
    const jumped = this.target !== null;
    // What was looked for stands in the middle, the first new message near the top, below its line.
    this.scroller.scrollTop += offset(element, this.scroller) - Math.max(0, jumped ? room / 2 : Math.min(room, BELOW_TOP));
    this.placed = true;
    this.target = null;
    if (jumped) {
      element.focus({ preventScroll: true });
      this.found(Number(element.dataset.seq));
    }
    return true;
  }

  /** To be called when the list says that it was scrolled. */
  scrolled() {
    // The browser itself moves what no longer fits (the field below has grown, the window is smaller): nobody has gone anywhere.
    if (this.size !== this.measure()) {
      this.settle();
      return;
    }
    this.asked.clear();
    this.look();
  }

  measure() {
    const { clientHeight, clientWidth, scrollHeight } = this.scroller;
    return `${clientWidth} ${clientHeight} ${scrollHeight}`;
  }

  /** Remembers the place, lays out more, asks for more, tells what was seen. */
  look() {
    const { scroller } = this;
    if (!scroller?.clientHeight || !this.session.span || this.target === 'end') return;
    this.size = this.measure();
    const above = scroller.scrollTop;
    const below = scroller.scrollHeight - above - scroller.clientHeight;
    const atEnd = below <= AT_END && this.isLast();
    const changed = atEnd !== this.atEnd;
    this.atEnd = atEnd;
    if (atEnd) this.top = null;
    // So that the span lets go of its oldest messages, and not of its end.
    if (atEnd && changed) this.act.dispatch({ type: 'newest', session: this.session.id });
    this.remember();
    if (!this.move(above, below) && changed) this.draw();
    this.see();
  }

  remember() {
    const all = this.elements();
    // The very first may change when something comes in before it.
    const first = firstBelow(all, this.scroller);
    const element = all[Math.min(Math.max(first, 1), all.length - 1)];
    this.anchor = element ? { element, offset: offset(element, this.scroller) } : null;
  }

  /**
   * Moves the stretch where its end comes near, or asks for more where the span ends.
   * @returns {boolean} whether it moved
   * @param {number} above
   * @param {number} below
   */
  move(above, below) {
    const { start, end } = this.shown;
    const messages = this.messages();
    const count = messages.length + this.pending.length;
    const { span } = this.session;
    if (!span || messages.length === 0) return false;
    if (above < NEAR && above <= below && start > 0) return this.go(start - STEP, count);
    if (below < NEAR && below < above && end < count) return this.go(start + STEP, count);
    if (above < NEAR && start === 0 && !span.first) this.ask('older', messages[0].seq);
    if (below < NEAR && end === count && !span.live) this.ask('newer', messages.at(-1).seq);
    return false;
  }

  /** @param {number} start @param {number} count */
  go(start, count) {
    const { start: index } = stretch(start, count);
    if (index === this.shown.start) return false;
    // At the end of a live span the stretch follows what comes.
    // @ts-expect-error: what is shown is of a span.
    this.top = index + SIZE >= count && this.session.span.live ? null : this.messages()[index].seq;
    this.draw();
    return true;
  }

  /**
   * Asks for what lies beyond a message: once, so that a refusal is not answered by the same question.
   * @param {string} type
   * @param {number} seq
   */
  ask(type, seq) {
    if (this.session.wants !== null || this.asked.get(type) === seq) return;
    this.asked.set(type, seq);
    this.act.dispatch({ type, session: this.session.id });
  }

  /** Tells the newest message that was really on the screen, in front of somebody. */
  see() {
    if (!this.view.visible || !this.view.focused) return;
    const seen = newestSeen(this.elements(), this.scroller);
    if (seen <= this.session.read || seen <= this.seen) return;
    this.seen = seen;
    this.act.dispatch({ type: 'seen', session: this.session.id, seq: seen });
  }

  /** What is on the page and has a number, in order. */
  elements() {
    return this.scroller.querySelectorAll('[data-seq]');
  }

  /** Lets a row stay where it is through the next change. @param {any} element */
  hold(element) {
    this.atEnd = false;
    this.anchor = { element, offset: offset(element, this.scroller) };
  }
}

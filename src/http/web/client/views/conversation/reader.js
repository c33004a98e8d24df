// The reader's position in the timeline: which window of the messages is rendered, and what keeps its place when the window
// moves, older messages are inserted above, or the size changes.
//
// The rule: a reader at the end remains at the end; elsewhere the topmost whole message keeps its position, to the pixel. The
// browser's scroll anchoring is off, since it does nothing at the very top and is not supported everywhere.

import { covers } from '../../state/span.js';
import { SIZE, windowFrom } from './rows.js';
import { firstBelow, newestSeen, offset } from './viewport.js';

/** Messages by which the window moves. */
const STEP = 30;
/** Pixels from an end within which more is rendered or requested. */
const NEAR = 800;
/** Pixels from the top to the first new message, so that the line above it is visible. */
const BELOW_TOP = 96;
/** Pixels from the end that count as the end. */
const AT_END = 40;

export class Reader {
  /**
   * @param {{draw: () => void, found: (seq: number) => void}} log renders the timeline; called with the message that was jumped to
   * @param {Actions} act
   */
  constructor(log, act) {
    this.draw = log.draw;
    this.found = log.found;
    this.act = act;
    /** @type {any} */
    this.scroller = null;
    /** @type {any} */
    this.top = null;          // seq of the window's first message; null: the window ends with the newest
    this.atEnd = true;
    /** @type {any} */
    this.anchor = null;       // {element, offset}: keeps its position
    this.placed = false;      // whether the first position is set
    /** @type {any} */
    this.target = null;       // where to scroll once it is loaded: a seq, or 'end'
    this.size = '';           // of the list when it was last measured
    this.seen = 0;            // the newest message that was reported as seen
    this.requested = new Map();   // 'older' and 'newer' → the message beyond which more was requested since the last scroll
    this.watch = new ResizeObserver(() => this.settle());
  }

  /** @param {any} scroller the element that scrolls; its one child holds the rows */
  attach(scroller) {
    this.scroller = scroller;
    // The first callback comes after layout: only then is there a first position.
    this.watch.observe(scroller);
    this.watch.observe(scroller.firstElementChild);
  }

  end() {
    this.watch.disconnect();
  }

  /**
   * The newest state of the conversation; `written`: the number of my pending messages, shown or not; `begins`: the first new
   * text.
   * @returns {{start: number, end: number}} what is to be on the page
   * @param {Fields} options
   */
  show({ session, pending, written, begins, view }) {
    const mine = written > this.written && this.placed;
    // New messages have begun while the reader was away: they continue there.
    if (begins !== null && begins !== this.begins && this.atEnd) this.placed = false;
    Object.assign(this, { session, pending, written, begins, view });
    if (view.jump !== this.jump) {
      this.jump = view.jump;
      // A link may name a message that does not exist. A reader who leaves it continues to the end, if that was the target.
      if (view.jump) this.target = view.jump.seq <= session.seq ? view.jump.seq : null;
      else if (this.target !== 'end') this.target = null;
    }
    // After sending, show the new message.
    if (mine) this.toEnd();
    const messages = this.messages();
    const count = this.count();
    /** @param {number} seq */
    const at = (seq) => seq - messages[0].seq;
    /** @param {number} seq */
    const reaches = (seq) => Number.isInteger(seq) && Boolean(session.span) && covers(session.span, seq);
    const center = reaches(this.target) ? this.target : !this.placed && reaches(this.line()) ? this.line() : null;
    if (center !== null) this.top = messages[windowFrom(at(center) - SIZE / 2, count).start].seq;
    else if (this.top !== null && !reaches(this.top)) this.top = this.top < messages[0]?.seq ? messages[0].seq : null;
    /** @type {any} */
    this.shown = windowFrom(this.top === null ? count : at(this.top), count);
    return this.shown;
  }

  /** @returns {any[]} */
  messages() {
    return this.session.span?.messages ?? [];
  }

  count() {
    return this.messages().length + this.pending.length;
  }

  /** The number of the first new message, where reading starts. @returns {any} */
  line() {
    const { line, seq } = this.session;
    return line !== null && line < seq ? this.begins ?? line + 1 : null;
  }

  /** Whether the window reaches the newest message of all. */
  isLast() {
    return this.shown.end === this.count() && Boolean(this.session.span?.live);
  }

  /** Scrolls to the newest message. */
  toEnd() {
    this.target = 'end';
    this.top = null;
    if (this.session.span) this.act.dispatch({ type: 'newest', session: this.session.id });
  }

  /** Restores the position; to be called after each change of the page. */
  settle() {
    const { scroller } = this;
    if (!scroller?.clientHeight || !this.session.span) return;
    if (!this.arrive()) {
      if (this.atEnd && this.isLast()) scroller.scrollTop = this.limit();
      else if (this.anchor?.element.isConnected) scroller.scrollTop += offset(this.anchor.element, scroller) - this.anchor.offset;
    }
    this.look();
  }

  /** How far to scroll a reader at the end: while the page is not looked at, until the first new message is at the top. */
  limit() {
    const { scroller, begins, view } = this;
    const away = !view.visible || !view.focused;
    const first = away && begins !== null ? scroller.querySelector(`[data-seq="${begins}"]`) : null;
    const room = first ? offset(first, scroller) - BELOW_TOP : -1;
    return room < 0 ? scroller.scrollHeight : Math.min(scroller.scrollHeight, scroller.scrollTop + room);
  }

  /** Scrolls to the target or the first position. @returns {boolean} whether there was such a place */
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
    // A jump target is centred; the first new message is near the top, below its line.
    this.scroller.scrollTop += offset(element, this.scroller) - Math.max(0, jumped ? room / 2 : Math.min(room, BELOW_TOP));
    this.placed = true;
    this.target = null;
    if (jumped) {
      element.focus({ preventScroll: true });
      this.found(Number(element.dataset.seq));
    }
    return true;
  }

  /** To be called on scroll events. */
  scrolled() {
    // A changed size (a higher composer, a smaller window) scrolls, too: the reader has not moved.
    if (this.size !== this.measure()) {
      this.settle();
      return;
    }
    this.requested.clear();
    this.look();
  }

  measure() {
    const { clientHeight, clientWidth, scrollHeight } = this.scroller;
    return `${clientWidth} ${clientHeight} ${scrollHeight}`;
  }

  /** Updates the anchor, renders or requests more, reports what was seen. */
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
    // The span then drops its oldest messages instead of its end.
    if (atEnd && changed) this.act.dispatch({ type: 'newest', session: this.session.id });
    this.remember();
    if (!this.move(above, below) && changed) this.draw();
    this.see();
  }

  remember() {
    const all = this.elements();
    // The first one may change when older messages are inserted.
    const first = firstBelow(all, this.scroller);
    const element = all[Math.min(Math.max(first, 1), all.length - 1)];
    this.anchor = element ? { element, offset: offset(element, this.scroller) } : null;
  }

  /**
   * Moves the window when its end is near, or requests more where the span ends.
   * @returns {boolean} whether it moved
   * @param {number} above
   * @param {number} below
   */
  move(above, below) {
    const { start, end } = this.shown;
    const messages = this.messages();
    const count = this.count();
    const { span } = this.session;
    if (!span || messages.length === 0) return false;
    if (above < NEAR && above <= below && start > 0) return this.go(start - STEP, count);
    if (below < NEAR && below < above && end < count) return this.go(start + STEP, count);
    if (above < NEAR && start === 0 && !span.first) this.request('older', messages[0].seq);
    if (below < NEAR && end === count && !span.live) this.request('newer', messages.at(-1).seq);
    return false;
  }

  /** @param {number} start @param {number} count */
  go(start, count) {
    const { start: index } = windowFrom(start, count);
    if (index === this.shown.start) return false;
    // At the end of a live span the window follows new messages.
    // @ts-expect-error: what is shown is of a span.
    this.top = index + SIZE >= count && this.session.span.live ? null : this.messages()[index].seq;
    this.draw();
    return true;
  }

  /** Requests what is beyond a message: once, so that a refusal does not repeat it. @param {string} type @param {number} seq */
  request(type, seq) {
    if (this.session.wants !== null || this.requested.get(type) === seq) return;
    this.requested.set(type, seq);
    this.act.dispatch({ type, session: this.session.id });
  }

  /** Reports the newest message that was visible while the page was looked at. */
  see() {
    if (!this.view.visible || !this.view.focused) return;
    const seen = newestSeen(this.elements(), this.scroller);
    if (seen <= this.session.read || seen <= this.seen) return;
    this.seen = seen;
    this.act.dispatch({ type: 'seen', session: this.session.id, seq: seen });
  }

  /** Rendered elements with a number, in order. */
  elements() {
    return this.scroller.querySelectorAll('[data-seq]');
  }

  /** Keeps the position of a row through the next change. @param {any} element */
  hold(element) {
    this.atEnd = false;
    this.anchor = { element, offset: offset(element, this.scroller) };
  }
}

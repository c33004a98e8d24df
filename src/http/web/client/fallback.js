// Shows the plain form, which needs no script, with the reason why the client does not run: the browser is too old, or a file did
// not arrive. Old browsers read this file, so it is ES5.
(function () {
  var LATE = 20000;

  var OLD = 'This browser is too old for the full version of Parlor. It runs in Chrome and Edge from 109, Firefox from 115 and Safari from 16. You can use this simple page instead.';
  var BROKEN = 'A part of Parlor could not be loaded. Reload the page to try again, or use this simple page.';
  var SLOW = 'Parlor is taking long to load. Wait a little longer, or use this simple page.';

  /** The client removes the plain page when it starts. @param {string} sentence */
  function show(sentence) {
    var plain = document.getElementById('plain');
    var why = document.getElementById('plain-why');
    if (!plain || !why) return;
    why.textContent = sentence;
    plain.hidden = false;
    plain.removeAttribute('hidden');
  }

  function isOld() {
    return !('noModule' in HTMLScriptElement.prototype) || !Array.prototype.findLast || !Object.hasOwn || !window.reportError
      || !window.ResizeObserver || !window.HTMLDialogElement || !window.AbortSignal || !AbortSignal.timeout;
  }

  if (isOld()) {
    document.documentElement.setAttribute('data-unsupported', '');
    show(OLD);
    return;
  }
  // A script that does not load raises an event at its element, which does not bubble; one that throws raises an event at the
  // window.
  window.addEventListener('error', function (event) {
    /** @type {any} */
    var target = event.target;
    var own = event.filename && event.filename.indexOf(location.origin + '/web/') === 0;
    if ((target === window && own) || (target && target.tagName === 'SCRIPT')) show(BROKEN);
  }, true);
  setTimeout(function () { show(SLOW); }, LATE);
}());

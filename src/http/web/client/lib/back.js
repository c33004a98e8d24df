// Going back in the browser's history takes effect later: an entry that is made or changed in between would be left at once.

let going = false;

/** Goes back by one entry. */
export function goBack() {
  going = true;
  addEventListener('popstate', () => {
    going = false;
  }, { once: true });
  history.back();
}

/** Calls `then` at once, or as soon as going back has taken effect. @param {() => void} then */
export function whenBack(then) {
  if (going) addEventListener('popstate', then, { once: true });
  else then();
}

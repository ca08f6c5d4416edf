/* The desk's one script. Every page works without it; with it there are keys, and a page tells by
 * itself that something waits. It loads nothing but /pulse, and keeps nothing but whether keys are
 * used. What pages say to it stands in their attributes:
 *
 *   data-list, data-item      a list and its things: J and K (or the arrows) go from one to the next
 *   data-keys="drop:KeyX"     a list: the key of all that has this name in its things, said once
 *   data-key="KeyP"           this key presses it (a link, a button, a box) or goes into it (a field);
 *                             inside an item: of the item one is at; at none, it goes to the first
 *   data-key="Shift+KeyP"     with the shift key
 *   data-says="..."           what the list of keys calls it, else its own words
 *   data-go="KeyS"            this key after G follows it, from every page
 *   data-all="pick"           a box that ticks all boxes of this name in its form, or none
 *   data-picked="pick"        shows how many of them are ticked
 *   data-takes="text"         a button: puts where the selected words stand in the element with this
 *                             id into the fields "offset" and "length" of its form (characters)
 *   data-scripted             hidden until there are scripts: without them it does nothing
 *   data-count="lane"         shows the lane's count, as it changes
 *   data-fresh                a button: shown once more waits than when the page was made, where it
 *                             shows counts; loads the page anew
 *   data-filling              not all is there yet: asks sooner, and then offers to load the page anew;
 *                             with "all", where there is nothing to disturb, loads it
 *   data-asks-leave           a box: asks the browser for leave to notify
 *   data-tries-sound          a button: plays the sound
 *
 * Keys are known by their place (KeyboardEvent.code, W3C UI Events), so that they are the same under
 * a Persian or Burmese layout. None does anything while one writes.
 */
"use strict";

(() => {
  const page = document.documentElement;
  const body = document.body;
  const says = (name) => body.dataset[name] || "";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  /* ------------------------------------------------------------ keys */

  const WRITES = "input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select, [contenteditable]";
  let layout = null; // what stands on the keys, where the browser tells
  let going = 0; // until when a key after G is waited for

  const keysAreUsed = () => {
    try {
      return localStorage.getItem("keys") !== "off";
    } catch {
      return true; // nothing may be kept here
    }
  };

  const letter = (key) => {
    const [code, shift] = [key.replace("Shift+", ""), key.startsWith("Shift+")];
    if (key === "Shift+Slash") return "?";
    const names = { Slash: "/", Period: ".", Comma: ",", Enter: "⏎", Escape: "Esc", Space: "␣" };
    const plain = names[code] || code.replace(/^(Key|Digit)/, "");
    const here = layout?.get(code)?.toUpperCase();
    const shown = here && here !== plain && /^(Key|Digit)/.test(code) ? `${plain} ${here}` : plain;
    return (shift ? "⇧" : "") + shown;
  };

  for (const list of all("[data-keys]")) {
    for (const [name, key] of list.dataset.keys.split(" ").map((one) => one.split(":"))) {
      for (const one of all(`[data-item] [name="${CSS.escape(name)}"]`, list)) one.dataset.key = key;
    }
  }

  const items = () => all("[data-list] [data-item]").filter((one) => one.offsetParent !== null);
  const itemHere = () => document.activeElement?.closest("[data-item]");

  const step = (by) => {
    const every = items();
    if (!every.length) return false;
    const at = every.indexOf(itemHere());
    const to = at < 0 ? (by > 0 ? 0 : every.length - 1) : Math.min(Math.max(at + by, 0), every.length - 1);
    every[to].tabIndex = 0;
    every[to].focus();
    every[to].scrollIntoView({ block: "nearest" });
    return true;
  };

  const meant = (key) => {
    const matching = all(`[data-key="${CSS.escape(key)}"]`).filter((one) => !one.disabled && one.offsetParent !== null);
    const here = itemHere();
    const first = matching.find((one) => (here ? here.contains(one) : !one.closest("[data-item]")));
    return first || matching.find((one) => !one.closest("[data-item]")) || (!here && matching[0]) || null;
  };

  const press = (element) => {
    if (element.matches(WRITES)) element.focus();
    else if (element.matches("summary")) element.parentElement.open = !element.parentElement.open;
    else element.click();
  };

  const dialog = document.getElementById("keys");

  const showKeys = () => {
    const listed = dialog.querySelector("dl");
    listed.replaceChildren();
    const add = (keys, words) => {
      const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
      for (const key of keys) {
        const kbd = document.createElement("kbd");
        kbd.textContent = letter(key);
        dt.append(kbd, " ");
      }
      dd.textContent = words;
      listed.append(dt, dd);
    };
    if (items().length) {
      add(["KeyJ"], says("saysNext"));
      add(["KeyK"], says("saysBefore"));
    }
    const seen = new Set();
    for (const one of all("[data-key]")) {
      if (seen.has(one.dataset.key)) continue;
      seen.add(one.dataset.key);
      add([one.dataset.key], nameOf(one));
    }
    for (const one of all("[data-go]")) add(["KeyG", one.dataset.go], nameOf(one));
    add(["Shift+Slash"], says("saysKeys"));
    dialog.querySelector("input").checked = keysAreUsed();
    dialog.showModal();
  };

  const nameOf = (element) => {
    const named = element.dataset.says || element.getAttribute("aria-label");
    if (named) return named;
    const by = document.getElementById(element.getAttribute("aria-labelledby"));
    if (by) return by.textContent;
    const copy = (element.labels?.[0] || element).cloneNode(true);
    for (const kbd of all("kbd, .n", copy)) kbd.remove();
    return copy.textContent.trim() || element.title || element.name || "";
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const writing = event.target instanceof Element && event.target.closest(WRITES);
    if (writing) {
      if (event.code === "Escape") writing.blur();
      return;
    }
    if (dialog?.open) return;
    if (event.key === "?" || event.key === "؟" || (event.code === "Slash" && event.shiftKey)) {
      event.preventDefault();
      return showKeys();
    }
    if (!keysAreUsed()) return;
    const key = (event.shiftKey ? "Shift+" : "") + event.code;
    if (going > Date.now()) {
      going = 0;
      const to = all(`[data-go="${CSS.escape(event.code)}"]`)[0];
      if (to) {
        event.preventDefault();
        return to.click();
      }
    }
    if (key === "KeyG") {
      going = Date.now() + 1500;
      return;
    }
    const by = { KeyJ: 1, KeyK: -1, ArrowDown: 1, ArrowUp: -1 }[key];
    if (by && !(key.startsWith("Arrow") && event.target.matches?.("[role=tab], summary, input")) && step(by)) {
      return event.preventDefault();
    }
    if (event.repeat) return; // a key that is held down goes on in a list, and does nothing twice
    // What is focused answers to Enter and Space by itself.
    if (/^(Enter|Space)$/.test(event.code) && event.target.matches?.("a, button, input, summary, label")) return;
    const element = meant(key);
    if (!element) return;
    event.preventDefault();
    if (element.closest("[data-item]") && !itemHere()) step(1); // nothing is done to what nobody looks at
    else press(element);
  });

  const showLetters = () => {
    for (const one of all("button[data-key], a[data-key]")) {
      if (!keysAreUsed() || one.querySelector("kbd") || one.hasAttribute("data-bare")) continue;
      const kbd = document.createElement("kbd");
      kbd.textContent = letter(one.dataset.key);
      kbd.setAttribute("aria-hidden", "true");
      one.append(" ", kbd);
      one.setAttribute("aria-keyshortcuts", one.dataset.key.replace(/Key|Digit/g, ""));
    }
  };

  if (dialog) {
    const [row, box, label, close] = ["p", "input", "label", "button"].map((name) => document.createElement(name));
    row.className = "tick";
    Object.assign(box, { type: "checkbox", id: "keys-used" });
    Object.assign(label, { htmlFor: "keys-used", textContent: says("saysUse") });
    Object.assign(close, { type: "button", textContent: dialog.dataset.close });
    box.addEventListener("change", () => {
      try {
        localStorage.setItem("keys", box.checked ? "on" : "off");
      } catch {
        box.checked = true;
      }
    });
    close.addEventListener("click", () => dialog.close());
    row.append(box, label);
    dialog.append(row, close);
    for (const one of all("[data-shows-keys]")) {
      one.hidden = false;
      one.addEventListener("click", showKeys);
    }
  }
  const target = document.getElementById(location.hash.slice(1));
  if (target?.matches("[data-item]")) {
    target.tabIndex = 0;
    target.focus(); // after a deed one goes on where one was
  }
  const known = navigator.keyboard?.getLayoutMap?.();
  if (known) known.then((map) => (layout = map)).catch(() => null).finally(showLetters);
  else showLetters();

  /* ------------------------------------------------------------ forms */

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
    setTimeout(ready, 10000); // no answer came: it may be sent again, and is done once all the same
  });
  const ready = () => {
    for (const form of all("form[data-sent]")) {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    }
  };
  window.addEventListener("pageshow", () => {
    ready();
    // Who comes back to what they were writing sees it.
    for (const one of all("details textarea")) if (one.value !== one.defaultValue) one.closest("details").open = true;
    for (const one of all("[data-all], [data-picked]")) count(one);
  });

  for (const one of all("[data-scripted]")) one.hidden = false;
  const boxes = (of) => all(`input[type=checkbox][name="${CSS.escape(of.dataset.all || of.dataset.picked)}"]`, of.form || of.closest("form") || document);
  const count = (of) => {
    const every = boxes(of);
    const picked = every.filter((one) => one.checked).length;
    if (of.hasAttribute("data-picked")) of.textContent = picked.toLocaleString(page.lang);
    else {
      of.checked = picked > 0 && picked === every.length;
      of.indeterminate = picked > 0 && picked < every.length;
    }
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) for (const one of boxes(event.target)) one.checked = event.target.checked;
    for (const one of all("[data-all], [data-picked]")) count(one);
  });

  /* Where in an element's text the selection is, in characters as the core counts them. */
  const chosen = (element) => {
    if (element.matches("textarea")) {
      const upTo = (end) => [...element.value.slice(0, end)].length;
      return [upTo(element.selectionStart), upTo(element.selectionEnd) - upTo(element.selectionStart)];
    }
    const selection = getSelection();
    if (!selection.rangeCount) return [0, 0];
    const range = selection.getRangeAt(0);
    if (!element.contains(range.commonAncestorContainer)) return [0, 0];
    const before = document.createRange();
    before.selectNodeContents(element);
    before.setEnd(range.startContainer, range.startOffset);
    return [[...before.toString()].length, [...range.toString()].length];
  };
  for (const button of all("[data-takes]")) {
    button.hidden = false;
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
    button.addEventListener("click", () => {
      const [offset, length] = chosen(document.getElementById(button.dataset.takes));
      if (!length) return;
      button.form.elements.namedItem("offset").value = offset;
      button.form.elements.namedItem("length").value = length;
    });
  }

  /* ------------------------------------------------------------ what waits */

  const title = document.title;
  let waited = null;
  let filling = all("[data-filling]")[0] || null;

  let sounding = null;
  const sound = () => {
    try {
      sounding ||= new AudioContext();
      for (const [hertz, after] of [[660, 0], [880, 0.13]]) {
        const [tone, loud] = [sounding.createOscillator(), sounding.createGain()];
        const at = sounding.currentTime + after;
        tone.frequency.value = hertz;
        loud.gain.setValueAtTime(0.0001, at);
        loud.gain.exponentialRampToValueAtTime(0.15, at + 0.02);
        loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
        tone.connect(loud).connect(sounding.destination);
        tone.start(at);
        tone.stop(at + 0.32);
      }
    } catch {
      return; // a browser without sound
    }
  };

  /* Of several open pages one sounds. */
  const soundOnce = () => {
    if (!navigator.locks) return sound();
    navigator.locks.request("sound", { ifAvailable: true }, async (lock) => {
      if (!lock) return;
      sound();
      await new Promise((after) => setTimeout(after, 16000));
    });
  };

  const notify = (n) => {
    if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
    new Notification(says("saysDesk"), { body: says("saysWaits").replace("%", n.toLocaleString(page.lang)), tag: "waits", silent: true });
  };

  /* What is the same is left alone: a screen reader would read it again. */
  const put = (element, words) => {
    if (element.textContent !== words) element.textContent = words;
  };

  const show = (told) => {
    const n = told.waits;
    document.title = n ? `(${n.toLocaleString(page.lang)}) ${title}` : title;
    for (const one of all("[data-waits]")) {
      one.hidden = !n;
      put(one, says("saysWaits").replace("%", n.toLocaleString(page.lang)));
      one.dataset.colour = told.colour || "";
    }
    for (const one of all("[data-count]")) {
      if (!(one.dataset.count in told.lanes)) continue;
      put(one, told.lanes[one.dataset.count].toLocaleString(page.lang));
      one.classList.toggle("none", !told.lanes[one.dataset.count]);
    }
    if (waited !== null && n > waited) {
      if (all("[data-count]").length) for (const one of all("[data-fresh]")) one.hidden = false;
      if (body.hasAttribute("data-sound")) soundOnce();
      if (body.hasAttribute("data-notify")) notify(n);
    }
    waited = n;
    if (!filling || (told.filling && !n)) return;
    if (filling.dataset.filling === "all") return leaving || location.reload();
    if (told.filling) return;
    for (const one of all("[data-fresh]")) one.hidden = false;
    filling = null;
  };

  const lost = (words) => {
    for (const one of all("[data-lost]")) {
      one.hidden = !words;
      put(one, words);
    }
  };

  let leaving = false; // to another page: who is on the way there is not brought back
  addEventListener("beforeunload", () => {
    leaving = true;
    setTimeout(() => (leaving = false), 10000); // it was only something to keep
  });

  let active = false; // whether somebody has done something here since the last pulse
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => (active = true), { passive: true });

  const pulse = async () => {
    const asked = body.dataset.pulse + (active ? "?active" : "");
    active = false;
    let next = document.hidden ? 15000 : filling ? 1500 : 5000;
    try {
      const answer = await fetch(asked, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(10000) });
      if (answer.status === 401) return location.replace("/sign-in?to=" + encodeURIComponent(location.pathname) + "&out=1");
      if (!answer.ok) throw new Error();
      const told = await answer.json();
      show(told);
      lost(told.ends_s < 180 ? says("saysEnds") : "");
    } catch {
      lost(says("saysAway"));
      next = 15000;
    }
    setTimeout(pulse, next);
  };

  if (body.dataset.pulse) {
    pulse();
  }
  for (const box of all("[data-asks-leave]")) {
    box.addEventListener("change", () => box.checked && "Notification" in window && Notification.requestPermission());
  }
  for (const button of all("[data-fresh]")) button.addEventListener("click", () => location.reload());
  for (const button of all("[data-tries-sound]")) {
    button.hidden = false;
    button.addEventListener("click", sound);
  }
})();

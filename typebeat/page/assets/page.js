// What the page does in the browser alone: buttons inside drawn HTML, the shelf, copying, the state of the connection.
const typebeat = (() => {
  const SHELF = "typebeat-shelf";
  const MOST_ON_SHELF = 30;
  const PING_MS = 8000;
  let asked = null; // values for the form, of the Vary or Extend that was pressed

  // the page is hidden (colours.css) till its form stands and its fonts are there, so that nothing jumps
  const CALM_MS = 100;
  (function standUp() {
    let calm = 0;
    const watch = new MutationObserver(() => {
      clearTimeout(calm);
      calm = setTimeout(async () => {
        if (!document.getElementById("make")) return;
        watch.disconnect();
        await document.fonts.ready;
        document.body.classList.add("stands");
      }, CALM_MS);
    });
    watch.observe(document.documentElement, { childList: true, subtree: true });
  })();

  // Gradio gives each radio button a name of its own, again and again; with one name the arrow keys walk from card to card
  const LABELS = { style: "style", takes: "takes", "midi-feel": "timing", "cover-style": "style", "cover-size": "size", "cover-variations": "variations" };
  function tidy() {
    for (const [id, label] of Object.entries(LABELS)) {
      document.getElementById(id)?.setAttribute("aria-label", label);
      for (const input of document.querySelectorAll(`#${id} input`)) if (input.name !== id) input.name = id;
    }
    const heard = document.getElementById("heard");
    if (heard && !heard.hasAttribute("aria-live")) { heard.setAttribute("role", "status"); heard.setAttribute("aria-live", "polite"); }
    typebeatRoll.tidy();
    const mark = document.querySelector("#status [data-pack]");
    if (mark && isOpen && mark.dataset.pack !== draft.pack) store({ pack: mark.dataset.pack, link: mark.dataset.link ?? "" });
    for (const id of ["bpm", "seed", "midi-bpm", "cover-bpm", "cover-seed"]) document.querySelector(`#${id} textarea`)?.setAttribute("inputmode", "decimal");
  }

  function atLoad() {
    tidy();
    const what = { subtree: true, childList: true, attributes: true, attributeFilter: ["name"] };
    new MutationObserver(tidy).observe(document.body, what);
    drawShelf();
    setInterval(ping, PING_MS);
  }

  // the stage: beside the form on a desk, below it on a phone
  const show = (stage) => stage.scrollIntoView({ block: matchMedia("(max-width: 760px)").matches ? "start" : "nearest", behavior: "smooth" });

  function beforeMake(values) {
    typebeatPlayer.stop();
    typebeatMixer.pause();
    typebeatRollSound.stop();
    typebeatLive.begin();
    show(document.getElementById("hear"));
    return values;
  }

  // the other tabs: no sound on the way, only the stage in sight
  function beforeRun(values) {
    typebeatPlayer.stop();
    typebeatMixer.pause();
    typebeatRollSound.stop();
    show([...document.querySelectorAll(".hear")].find((stage) => stage.offsetParent));
    return values;
  }

  // the pack on the stage, if it is made around a sound, notes or chords
  const around = () => document.querySelector("#status [data-around]")?.dataset.around ?? "";

  function again(event) {
    const button = event.target.closest("[data-again]");
    if (!button || isBusy() || !typebeatNotes.choose(button.closest(".song"))) return false;
    asked = JSON.parse(button.dataset.again);
    return true;
  }
  // a beat that keeps parts of an earlier one, made from its whole recipe
  const whole = (event) => Boolean(event.target.closest("[data-whole]")) && !isBusy();

  // one job for the stage at a time
  function isBusy() {
    const busy = document.getElementById("make").disabled;
    if (busy) say("Something is being made. Stop it first, or wait for it.");
    return busy;
  }

  // --- words, options and the last pack: kept for a reload and for Back, for each entry of the browser's history ---

  const DRAFT = "typebeat-draft";
  const TYPING_MS = 300; // of rest before the words are read
  let draft = {};
  let isOpen = false; // once the form holds what was kept
  let tell = () => {};
  let waiting = 0;

  function store(news) {
    draft = JSON.parse(JSON.stringify({ ...draft, ...news })); // what Gradio hands over cannot be stored as it is
    try { localStorage.setItem(DRAFT, JSON.stringify(draft)); } catch { /* no room, or not allowed: the history still keeps it */ }
    history.replaceState({ ...history.state, typebeat: draft }, "");
  }
  function kept() {
    const came = performance.getEntriesByType("navigation")[0]?.type;
    let stored = history.state?.typebeat ?? null;
    if (!stored && (came === "reload" || came === "back_forward")) {
      try { stored = JSON.parse(localStorage.getItem(DRAFT)); } catch { stored = null; }
    }
    draft = stored ?? {};
    return stored ? JSON.stringify(stored) : "";
  }
  function opened() {
    isOpen = true;
    tidy();
    tell();
  }
  function typed() {
    clearTimeout(waiting);
    if (isOpen) waiting = setTimeout(() => tell(), TYPING_MS);
  }
  function keep(names, values) {
    store({ options: Object.fromEntries(names.map((name, place) => [name, values[place]])) });
    return values;
  }
  // somebody may reload in the middle of a word
  window.addEventListener("pagehide", () => {
    const words = document.querySelector("#prompt textarea")?.value;
    if (isOpen && words !== undefined) store({ options: { ...draft.options, prompt: words } });
  });

  // a line at the foot of the page, read out
  function say(text) {
    let toast = document.getElementById("toast");
    if (!toast) {
      toast = Object.assign(document.createElement("div"), { id: "toast" });
      toast.setAttribute("role", "status");
      document.querySelector(".gradio-container").append(toast);
    }
    toast.textContent = text;
    toast.classList.add("shown");
    clearTimeout(say.timer);
    say.timer = setTimeout(() => toast.classList.remove("shown"), 4000);
  }

  // --- the shelf: what somebody kept, in this browser alone ---

  const shelf = () => { try { return JSON.parse(localStorage.getItem(SHELF)) || []; } catch { return []; } };
  function putOnShelf(kept) {
    const others = shelf().filter((each) => each.url !== kept.url);
    localStorage.setItem(SHELF, JSON.stringify([kept, ...others].slice(0, MOST_ON_SHELF)));
    drawShelf();
    say(`${kept.title} is on your shelf below`);
  }
  function takeFromShelf(url) {
    localStorage.setItem(SHELF, JSON.stringify(shelf().filter((each) => each.url !== url)));
    drawShelf();
  }
  function drawShelf() {
    const place = document.getElementById("shelf");
    if (!place) return;
    const icon = '<svg viewBox="0 0 24 24" aria-hidden="true"><path class="go" d="M8 5v14l11-7z"/><path class="hold" d="M7 5h4v14H7zm6 0h4v14h-4z"/></svg>';
    place.hidden = shelf().length === 0;
    place.querySelector("ul").replaceChildren(...shelf().map(({ title, url, link }) => {
      const item = document.createElement("li");
      item.innerHTML = `<div class="player sample"><button type="button" class="play">${icon}</button></div><span></span><a class="download">Open recipe</a><button type="button" class="act">Remove</button>`;
      item.querySelector(".player").dataset.src = url;
      item.querySelector(".play").setAttribute("aria-label", `Play ${title}`);
      item.querySelector("span").textContent = title;
      item.querySelector("a").href = link;
      Object.assign(item.querySelector(".act"), { onclick: () => takeFromShelf(url), ariaLabel: `Remove ${title}` });
      return item;
    }));
  }

  async function copy(text) {
    try { await navigator.clipboard.writeText(text); say("Copied"); } catch { say("The browser did not let us copy; select the text below"); }
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-keep], [data-copy], [data-copy-link]");
    if (!button) return;
    if (button.dataset.keep) putOnShelf(JSON.parse(button.dataset.keep));
    else copy(button.dataset.copy || location.origin + location.pathname + button.dataset.copyLink);
  });

  // --- offline: said when it begins, with what to do, and taken back when it is over ---

  async function ping() {
    if (document.hidden) return;
    const reached = await fetch("gradio_api/app_id", { cache: "no-store" }).then((answer) => answer.ok, () => false);
    offline(!reached);
  }
  function offline(is) {
    let banner = document.getElementById("offline");
    if (!is) { if (banner) { banner.remove(); say("Connected again"); } return; }
    if (banner) return;
    banner = Object.assign(document.createElement("div"), { id: "offline" });
    banner.setAttribute("role", "alert");
    banner.innerHTML = "<b>Typebeat cannot be reached.</b> Your words stay here and this page tries again by itself. What was being made is lost: press Make again once it is back. <button type=button>Try now</button>";
    banner.querySelector("button").onclick = ping;
    document.querySelector(".gradio-container").prepend(banner);
  }
  window.addEventListener("offline", () => offline(true));
  window.addEventListener("online", ping);

  return { atLoad, beforeMake, beforeRun, again, around, whole, isBusy, values: () => asked, say, kept, opened, typed, keep, onTyped: (ask) => { tell = ask; } };
})();
window.typebeat = typebeat;

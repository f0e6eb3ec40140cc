/* The page in a frame: tells its height, lets its links out of the sandbox, loads and listens.
 * Without this script everything is there, too; only the height is then the site's own guess. */
"use strict";

const POLL = 60_000;
const TURN = 12_000;
const inFrame = window.parent !== window;
// WordPress appends `#?secret=…` to the frame's address and hears only who repeats it.
const secret = /[?&]secret=([A-Za-z0-9]+)/.exec(location.hash)?.[1];
const main = document.querySelector("main");
const posts = document.querySelector(".posts");

// Alone it has a whole screen to fill, as on a projector; in a frame its height is the frame's.
document.documentElement.classList.toggle("alone", !inFrame);

function tell(message) {
  if (inFrame) window.parent.postMessage(message, "*");
}

function tellHeight() {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  tell({ type: "moocfeed:height", height });
  if (secret) tell({ message: "height", value: height, secret });
}

new ResizeObserver(tellHeight).observe(document.body);
addEventListener("load", tellHeight);
addEventListener("message", ({ source, data }) => {
  // The site's script was loaded after us, and has missed what we said.
  if (source === window.parent && data?.message === "ready" && data.secret === secret) tellHeight();
});

/* WordPress's sandbox opens no tabs. It goes where we ask, if that is on our host: a link in a
 * post's words leads to the post itself there. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented) return;
  if (link.matches(".picture")) {
    event.preventDefault();
    show(link);
  } else if (link.rel === "next") {
    event.preventDefault();
    loadMore(link);
  } else if (inFrame && secret && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    const own = link.closest(".post")?.querySelector("a[href^='/go/']");
    const target = link.host === location.host ? link : own;
    if (!target) return;
    event.preventDefault();
    tell({ message: "link", value: target.href, secret });
  }
});

/* A picture's place is a link to it until it is wanted. */
function show(link) {
  const { alt = "", ...given } = link.dataset;
  const image = Object.assign(new Image(), { alt, ...given, src: link.href, tabIndex: -1 });
  link.replaceWith(image);
  image.focus({ preventScroll: true });
}

async function loaded(address, options) {
  const answer = await fetch(address, { credentials: "omit", headers: { Accept: "text/html" }, ...options });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

const known = () => new Set([...posts.children].map((post) => post.id));

async function loadMore(link) {
  if (link.ariaBusy === "true") return;
  link.ariaBusy = "true";
  let page;
  try {
    page = await loaded(link.href);
  } catch {
    location.href = link.href + location.hash; // then the page itself says what is wrong
    return;
  }
  const seen = known();
  const further = [...page.querySelectorAll(".post")].filter((post) => !seen.has(post.id));
  posts.append(...further);
  const next = page.querySelector("a[rel=next]");
  if (next) link.href = next.getAttribute("href");
  else link.parentNode.remove();
  link.ariaBusy = null;
  focusOn(further[0]);
}

function focusOn(post) {
  if (!post) return;
  post.tabIndex = -1;
  post.focus({ preventScroll: true });
}

/* A sandbox without `allow-forms` lets no form be sent, and does not even say so. */
const form = document.querySelector(".search");
function search(event) {
  event.preventDefault();
  location.href = `${form.action}?${new URLSearchParams(new FormData(form))}${location.hash}`;
}
form?.querySelector("button").addEventListener("click", search);
form?.addEventListener("keydown", (event) => event.key === "Enter" && event.target.id === "q" && search(event));

/* Live: the page is asked for again when the stream tells of something, or now and then. What is
 * new waits behind a button, so that nothing moves under who reads. */
function listen(stream) {
  const [button, says] = document.querySelectorAll(".news > *");
  const plural = new Intl.PluralRules(document.documentElement.lang);
  let fresh = [];
  let timer, source, isAsking;

  function words(count) {
    const kind = plural.select(count);
    const template = document.querySelector(`[data-plural=${kind}]`) ?? document.querySelector("[data-plural=other]");
    return template.innerHTML.replace("{n}", count);
  }

  async function look() {
    if (isAsking) return;
    isAsking = true;
    try {
      const page = await loaded(location.href.split("#")[0], { cache: "no-cache" });
      const seen = known();
      const found = [...page.querySelectorAll(".post")].filter((post) => !seen.has(post.id));
      // What stands behind posts that are known has only moved up.
      const first = [...page.querySelectorAll(".post")].findIndex((post) => seen.has(post.id));
      fresh = first < 0 ? found : found.slice(0, first);
    } catch {
      return; // asked again in a while
    } finally {
      isAsking = false;
    }
    if (!fresh.length) return;
    button.hidden = false;
    if (button.textContent !== words(fresh.length)) says.textContent = button.textContent = words(fresh.length);
  }

  button.addEventListener("click", () => {
    document.querySelector(".empty")?.remove();
    posts.prepend(...fresh);
    button.hidden = true;
    button.textContent = says.textContent = "";
    focusOn(fresh[0]);
    fresh = [];
  });

  function open() {
    source = new EventSource(stream);
    source.addEventListener("post", () => setTimeout(look, 600 + Math.random() * 600));
    // Where the server refuses, the browser gives up: it is asked again with the next poll.
    source.onerror = ({ target }) => target === source && target.readyState === EventSource.CLOSED && (source = null);
  }

  function poll() {
    look();
    if (!source) open();
  }

  function watch() {
    clearInterval(timer);
    source?.close();
    source = null;
    if (document.hidden) return;
    timer = setInterval(poll, POLL * (0.9 + Math.random() / 5));
    open();
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
    watch();
  });
  watch();
}
if (main.dataset.live) listen(main.dataset.live);

/* The wall shows one post at a time, turns by itself, and can be stopped (WCAG 2.2.2). */
function turn(button) {
  let at = 0;
  let timer = null;
  const show = () => [...posts.children].forEach((post, place) => (post.hidden = place !== at));
  const next = () => {
    at = (at + 1) % posts.children.length;
    show();
  };
  const swap = () => ([button.textContent, button.dataset.other] = [button.dataset.other, button.textContent]);
  function toggle() {
    if (timer) clearInterval(timer);
    timer = timer ? null : setInterval(next, TURN);
    swap();
  }
  document.querySelector(".more")?.remove();
  button.hidden = false;
  button.addEventListener("click", toggle);
  show();
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) swap();
  else timer = setInterval(next, TURN);
}
const turning = document.querySelector(".turn button");
if (turning && posts.children.length > 1) turn(turning);
